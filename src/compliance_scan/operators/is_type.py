"""The kind of the value."""

from compliance_scan.model.logic import Tri, maybe
from compliance_scan.model.value import Encoded, Open, Text, Unknown, Value, resolved
from compliance_scan.operators.kit.context import Context

ARGUMENT = "'string'|'number'|'bool'|'list'|'map'"
ON = "anything"
MEANS = "the value is of this kind"
EXAMPLE = "{path: principals, is_type: list}"
MESSAGE = "{path} is {actual}, expected {expected}"
NEGATED = "{path} is {actual}, which is not allowed"


def judge(value: Value, argument: str, _context: Context) -> Tri:
    """Whether the value is of the named kind."""
    plain = resolved(value)
    if isinstance(plain, Unknown):
        return maybe(plain)
    return _kind(plain) == argument


def _kind(value: Value) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str() | Text() | Encoded():
            return "string"
        case list():
            return "list"
        case dict():
            return "map"
        case Open(items=items):
            return "list" if isinstance(items, list) else "map"
    return ""
