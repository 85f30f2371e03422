"""Functions that encode and decode."""

import base64
import binascii
from typing import Any

from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.operators.symbols import plain_deep
from compliance_scan.inputs.terraform.types_core import object_type
from compliance_scan.inputs.terraform.values import (
    DYNAMIC,
    NULL,
    STRING,
    EvalError,
    ListVal,
    ObjectVal,
    OpenVal,
    TupleVal,
    cause_of,
    is_unknown,
    is_wholly_known,
    nfc,
)
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown


def utf8(text: str) -> bytes:
    """Text as bytes; a lone surrogate, which Go's text cannot have, becomes a question mark."""
    return text.encode("utf-8", "replace")


def utf8_16(text: str) -> bytes:
    """Text as UTF-16, the bigger byte first."""
    return text.encode("utf-16-be", "replace")


def from_utf8(data: bytes, what: str) -> str:
    """Bytes as text; `EvalError` where they are none."""
    try:
        return nfc(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise EvalError(f"{what} is not valid UTF-8") from None


def base64_encode(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode("ascii")


def base64_bytes(text: str) -> bytes:
    """What base64 text stands for, strict as Go is (line ends are passed over)."""
    cleaned = text.replace("\n", "").replace("\r", "")
    try:
        return base64.b64decode(cleaned.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise EvalError("failed to decode base64 data") from None


def _gzip(text: str) -> Unknown:  # noqa: ARG001 - the result depends on Go's compressor
    return Unknown("unsupported_expression", "base64gzip() depends on Go's compressor", STRING, not_null=True)


def _json_encode(value: Any) -> Any:
    from compliance_scan.inputs.terraform.convert import to_model
    from compliance_scan.inputs.terraform.functions.jsontext import encode

    text: str | None = None
    if is_wholly_known(value):
        value = plain_deep(value)
        text = encode(value)
        if type(value) not in _TREES:
            return text
    elif is_unknown(value) and type(value) is not OpenVal:
        cause = cause_of(value)
        if type(value) is Unknown and not value.type:
            return Unknown(cause.cause, cause.detail, STRING, not_null=True)
    return Encoded("json", to_model(value), text)


_TREES = frozenset({ObjectVal, TupleVal, ListVal}) | {OpenVal}


def _json_decode(value: Any) -> Any:
    from compliance_scan.inputs.terraform.functions.jsontext import decode

    if type(value) is str:
        return decode(value)
    if type(value) is Encoded:
        return from_tree(value.tree)
    cause = cause_of(value)
    symbol = f"jsondecode({value.symbol})" if type(value) is Unknown and value.symbol else ""
    return Unknown(cause.cause, cause.detail, symbol=symbol)


def from_tree(tree: Any) -> Any:
    """What decoding gives of a tree with holes."""
    if isinstance(tree, dict):
        return ObjectVal({key: from_tree(tree[key]) for key in sorted(tree)})
    if isinstance(tree, list):
        return TupleVal([from_tree(item) for item in tree])
    if isinstance(tree, Open):
        if isinstance(tree.items, dict):
            return OpenVal("map", {key: from_tree(item) for key, item in sorted(tree.items.items())}, tree.more)
        return OpenVal("list", [from_tree(item) for item in tree.items], tree.more, 0)
    if tree is None:
        return NULL
    if isinstance(tree, Encoded):
        cause = cause_of(tree) if tree.text is None else None
        return tree.text if cause is None else Unknown(cause.cause, cause.detail, STRING, not_null=True)
    if isinstance(tree, float):
        from compliance_scan.inputs.terraform.values import from_plain

        return from_plain(tree)
    if isinstance(tree, Unknown):
        scalar = tree.type if tree.type in ("string", "number", "bool") else ""
        return Unknown(tree.cause, tree.detail, scalar, tree.not_null, tree.symbol)
    if isinstance(tree, Reference):
        # What was any value when it was encoded (a set, say) may be another type when decoded.
        return (
            Reference(tree.address, tree.path, from_tree(tree.value), tree.presence) if tree.value is not None else NULL
        )
    return tree


def _csv_decode(text: str) -> Any:
    rows = _csv_rows(text)
    if not rows:
        raise EvalError("missing header line")
    names = [nfc(name) for name in rows[0]]
    if len(set(names)) < len(names):
        raise EvalError("duplicate column name")
    out: list[Any] = []
    for row in rows[1:]:
        if len(row) != len(names):
            raise EvalError("wrong number of fields")
        pairs = dict(zip(names, [nfc(cell) for cell in row], strict=True))
        out.append(ObjectVal({name: pairs[name] for name in sorted(pairs)}))
    return ListVal(out, object_type(dict.fromkeys(sorted(names), STRING)))


def _csv_rows(text: str) -> list[list[str]]:
    """CSV by Go's rules: empty lines are passed over, quotes only around whole fields."""
    lines = _lines(text)
    rows: list[list[str]] = []
    place = 0
    while place < len(lines):
        if lines[place] == "\n":
            place += 1
            continue
        row, place = _csv_row(lines, place)
        if rows and len(row) != len(rows[0]):
            raise EvalError("invalid CSV: wrong number of fields")
        rows.append(row)
    return rows


def _lines(text: str) -> list[str]:
    text = text.replace("\r\n", "\n").removesuffix("\r")
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()
    return [*lines, last[:-1]] if last != "\n" else lines


def _csv_row(lines: list[str], place: int) -> tuple[list[str], int]:
    """The fields of the record that starts on a line, and the line behind it."""
    row: list[str] = []
    line = lines[place]
    place += 1
    while True:
        if not line.startswith('"'):
            field, comma, line = line.partition(",")
            if '"' in field:
                raise EvalError('invalid CSV: bare " in a field')
            row.append(field.removesuffix("\n"))
            if not comma:
                return row, place
            continue
        field, line = "", line[1:]
        while True:
            before, quote, rest = line.partition('"')
            field += before
            if not quote:
                if place >= len(lines):
                    raise EvalError('invalid CSV: a field without its closing "')
                line = lines[place]
                place += 1
                continue
            if rest.startswith('"'):
                field += '"'
                line = rest[1:]
                continue
            break
        row.append(field)
        if rest in ("", "\n"):
            return row, place
        if not rest.startswith(","):
            raise EvalError('invalid CSV: text behind the closing " of a field')
        line = rest[1:]


def _text_encode(text: str, encoding: str) -> str:
    if encoding.lower() == "utf-16":
        return base64_encode(b"\xfe\xff" + utf8_16(text))
    from compliance_scan.inputs.terraform.functions.charsets import encode

    return base64_encode(encode(text, encoding))


def _text_decode(source: str, encoding: str) -> str:
    from compliance_scan.inputs.terraform.functions.charsets import decode

    return nfc(decode(base64_bytes(source), encoding))


def _url_encode(text: str) -> str:
    from urllib.parse import quote_plus

    return quote_plus(utf8(text), safe="")


_TWO = (STRING, STRING)
FUNCTIONS = {
    "base64encode": Spec(lambda text: base64_encode(utf8(text))),
    "base64decode": Spec(lambda text: from_utf8(base64_bytes(text), "the result of decoding the provided string")),
    "base64gzip": Spec(_gzip),
    "csvdecode": Spec(_csv_decode, returns=DYNAMIC),
    "jsonencode": Spec(_json_encode, (DYNAMIC,), nullable=True, raw=True),
    "jsondecode": Spec(_json_decode, returns=DYNAMIC, raw=True, may_be_null=True),
    "textencodebase64": Spec(_text_encode, _TWO),
    "textdecodebase64": Spec(_text_decode, _TWO),
    "urlencode": Spec(_url_encode),
}
_ = Text
