"""JSON as Go's encoder writes it and as Terraform's decoder reads it."""

import json
import re
from typing import Any

from compliance_scan.inputs.terraform.operators.bigfloat import LimitError, Number, is_infinite, parse_number
from compliance_scan.inputs.terraform.operators.decimaltext import text
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.values import NULL, EvalError, Null, ObjectVal, TupleVal, nfc

_SPECIAL = re.compile(r'[\x00-\x1f"\\<>&\u2028\u2029\ufffd\ud800-\udfff]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def quote(value: str) -> str:
    """A JSON string with Go's escapes for HTML."""
    if _SPECIAL.search(value) is None:
        return f'"{value}"'
    return '"' + _SPECIAL.sub(_escape, value) + '"'


def _escape(match: "re.Match[str]") -> str:
    char = match[0]
    if char == "\ufffd":
        return char
    return _ESCAPES.get(char) or f"\\u{ord(char):04x}"


def encode(value: Any) -> str:
    """A wholly known value as JSON."""
    value = bare(value)
    cls = type(value)
    if cls is str:
        return quote(value)
    if cls is bool:
        return "true" if value else "false"
    if cls is Null:
        return "null"
    if isinstance(value, int | Number):
        if is_infinite(value):
            raise EvalError("an infinite number cannot be JSON")
        return text(value)
    items = value.items
    if type(items) is dict:
        return "{" + ",".join([f"{quote(key)}:{encode(items[key])}" for key in sorted(items)]) + "}"
    return "[" + ",".join([encode(item) for item in items]) + "]"


class _Number(str):
    __slots__ = ()


def decode(source: str) -> Any:
    """A value of the language; lists become tuples. Raises `EvalError` for what is no JSON."""
    try:
        tree = json.loads(source, parse_int=_Number, parse_float=_Number, parse_constant=_constant)
        return _value(tree)
    except ValueError as error:
        raise EvalError(f"invalid JSON: {error}") from None
    except RecursionError:
        raise LimitError("JSON is nested too deeply") from None


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _value(tree: Any) -> Any:
    if type(tree) is _Number:
        return parse_number(tree)
    if type(tree) is str:
        return nfc(_SURROGATE.sub("\ufffd", tree))
    if tree is None:
        return NULL
    if type(tree) is dict:
        pairs = {nfc(key): _value(item) for key, item in tree.items()}
        return ObjectVal({key: pairs[key] for key in sorted(pairs)})
    if type(tree) is list:
        return TupleVal([_value(item) for item in tree])
    return tree
