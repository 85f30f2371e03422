"""YAML as Terraform's encoder writes it: quoted strings folded at 80 columns, literal blocks for several lines."""

from typing import Any

from compliance_scan.inputs.terraform.operators.bigfloat import LimitError
from compliance_scan.inputs.terraform.operators.decimaltext import text
from compliance_scan.inputs.terraform.values import Null

_WIDTH = 80
_ESCAPES = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
    '"': '"', "\\": "\\", "\x85": "N", "\u2028": "L", "\u2029": "P",
}  # fmt: skip


def write(value: Any) -> str:
    """A wholly known value as a document."""
    if _is_block(value):
        return _collection(value, 0)
    shown = _scalar(value, 2, 0)
    return shown if shown[0] in '"|[{' else shown + "...\n"


def _is_block(value: Any) -> bool:
    items = getattr(value, "items", None)
    return bool(items) and not callable(items)


def _collection(value: Any, indent: int) -> str:
    """Lines of a collection; the first one goes where the cursor stands, at column `indent`."""
    items = value.items
    lead, out = "", []
    if type(items) is not dict:
        for item in items:
            out.append(lead + "- " + _nested(item, indent + 2))
            lead = " " * indent
        return "".join(out)
    for key, item in items.items():
        if "\n" in key or len(key.encode("utf-8", "replace")) > 128:
            out.append(f"{lead}? {_text(key, indent + 2, indent + 2)}")
            lead = " " * indent
            out.append(f"{lead}: {_nested(item, indent + 2)}")
            continue
        shown = _quoted(key, indent + 2, 0, fold=False)
        out.append(f"{lead}{shown}:")
        lead = " " * indent
        if not _is_block(item):
            out.append(" " + _scalar(item, indent + 2, indent + len(shown) + 2))
        else:
            inner = indent + 2 if type(item.items) is dict else indent
            out.append("\n" + " " * inner + _collection(item, inner))
    return "".join(out)


def _nested(item: Any, indent: int) -> str:
    return _collection(item, indent) if _is_block(item) else _scalar(item, indent, indent)


def _scalar(value: Any, indent: int, column: int) -> str:
    if type(value) is str:
        return _text(value, indent, column)
    if type(value) is bool:
        return "true\n" if value else "false\n"
    if type(value) is Null:
        return "null\n"
    items = getattr(value, "items", None)
    if items is not None and not callable(items):
        return "{}\n" if type(items) is dict else "[]\n"
    return text(value) + "\n"


def _printable(char: str) -> bool:
    code = ord(char)
    return char == "\n" or 0x20 <= code <= 0x7E or (0xA0 <= code <= 0xFFFD and code != 0xFEFF)


def _text(value: str, indent: int, column: int) -> str:
    if "\n" in value and _literal_allowed(value):
        return _literal(value, indent)
    return _quoted(value, indent, column, fold=True) + "\n"


def _literal_allowed(value: str) -> bool:
    if "\u2028" in value or "\u2029" in value:
        raise LimitError("yamlencode() of a text with Unicode's own line ends")
    return " \n" not in value and not value.endswith(" ") and all(_printable(char) for char in value)


def _literal(value: str, indent: int) -> str:
    hints = "2" if value[0] in " \n" else ""
    if not value.endswith("\n"):
        hints += "-"
    elif value == "\n" or value.endswith("\n\n"):
        hints += "+"
    body = value.removesuffix("\n")
    pad = " " * indent
    return f"|{hints}\n" + "".join([(pad + line if line else "") + "\n" for line in body.split("\n")])


def _quoted(value: str, indent: int, column: int, *, fold: bool) -> str:
    out = ['"']
    column += 1
    spaces = False
    last = len(value) - 1
    for place, char in enumerate(value):
        if char == " ":
            if fold and not spaces and column > _WIDTH and 0 < place < last:
                out.append("\n" + " " * indent)
                column = indent
                if value[place + 1] == " ":
                    out.append("\\")
                    column += 1
            else:
                out.append(" ")
                column += 1
            spaces = True
            continue
        shown = char if _printable(char) and char not in '"\\\n\u2028\u2029' else _escape(char)
        out.append(shown)
        column += len(shown)
        spaces = False
    out.append('"')
    return "".join(out)


def _escape(char: str) -> str:
    known = _ESCAPES.get(char)
    if known is not None:
        return "\\" + known
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
