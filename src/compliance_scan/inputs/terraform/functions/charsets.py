"""Character encodings by the names that Terraform knows (IANA's, in any case), as Python's codecs.

Compared byte by byte with what Terraform says of each.
"""

from compliance_scan.inputs.terraform.operators.bigfloat import LimitError
from compliance_scan.inputs.terraform.values import EvalError

_SINGLE = {
    "us-ascii": "ascii",
    "csascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso_8859-1": "latin-1",
    "latin1": "latin-1",
    "l1": "latin-1",
    "iso-8859-9": "iso8859-9",
    "iso_8859-9": "iso8859-9",
    "latin5": "iso8859-9",
    "koi8-r": "koi8-r",
    "cskoi8r": "koi8-r",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "ibm00858": "cp858",
    "ibm01140": "cp1140",
    "windows-874": "cp874",
} | {f"windows-{number}": f"cp{number}" for number in (1250, 1251, 1252, 1253, 1254, 1256, 1257, 1258)}
_SINGLE |= {
    f"{prefix}{number}": f"cp{number}"
    for number in ("037", "437", "850", "852", "855", "860", "862", "863", "865", "866")
    for prefix in ("ibm", "cp")
} | {"csibm037": "cp037", "437": "cp437"}
_UPPER = {f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
_UPPER |= {f"iso_8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 14, 15, 16)}
_UPPER |= {"latin2": "iso8859-2", "latin-9": "iso8859-15", "iso-8859-8-i": "iso8859-8", "iso-8859-6-e": "iso8859-6"}
"""Of these Terraform does not take the control characters 80 to 9F."""
_WIDE = {
    "shift_jis": "shift_jis",
    "ms_kanji": "shift_jis",
    "csshiftjis": "shift_jis",
    "euc-jp": "euc_jp",
    "euc-kr": "euc_kr",
    "gbk": "gbk",
    "cp936": "gbk",
    "gb18030": "gb18030",
    "big5": "big5",
    "iso-2022-jp": "iso2022_jp",
}
_UNICODE = {"utf-8": "utf-8", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
_OTHERS = frozenset({"utf-16", "koi8-u", "windows-1255", "ibm1047", "hz-gb-2312"})
"""What Terraform knows and Python does not, or in another way."""


def encode(text: str, name: str) -> bytes:
    """A text in an encoding; raises `EvalError` as Terraform does, `LimitError` where we do not know what it says."""
    codec = _codec(name)
    low = name.lower()
    if low in _WIDE and any(0x7F < ord(char) < 0x3000 for char in text):
        raise LimitError(f"these characters in {name} are not supported here")
    try:
        if low not in _UPPER or not any(0x7F < ord(char) < 0xA0 for char in text):
            return text.encode(codec)
    except ValueError:
        if low in _WIDE:
            raise LimitError(f"these characters in {name} are not supported here") from None
    raise EvalError(f"the given string contains characters that cannot be represented in {name}")


def decode(data: bytes, name: str) -> str:
    """The text of bytes in an encoding; raises as `encode`."""
    codec = _codec(name)
    low = name.lower()
    try:
        if low not in _UPPER or not any(0x7F < byte < 0xA0 for byte in data):
            return data.decode(codec)
    except ValueError:
        if low in _WIDE:
            raise LimitError(f"these bytes in {name} are not supported here") from None
    raise EvalError(f"the given string contains symbols that are not defined in {name}")


def _codec(name: str) -> str:
    low = name.lower()
    known = _UNICODE.get(low) or _SINGLE.get(low) or _UPPER.get(low) or _WIDE.get(low)
    if known is not None:
        return known
    if low in _OTHERS or low.startswith("cs"):
        raise LimitError(f"encoding {name} is not supported here")
    raise EvalError(f'"{name}" is not a supported IANA encoding name or alias')
