"""How many items or characters."""

from typing import Any

from compliance_scan.model.logic import Tri, maybe
from compliance_scan.model.value import Encoded, Open, Text, Unknown, Value, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, pieces_of, wrong_type

ARGUMENT = "number|map"
ON = "lists, maps, text"
MEANS = "it has this many items or characters, or `{at_least: n, at_most: m}`"
EXAMPLE = "{path: subnet_ids, length: {at_least: 2}}"
MESSAGE = "{path} has a length of {actual}, expected {expected}"
NEGATED = "{path} has a length of {actual}, which is not allowed"


def check(argument: "float | dict[str, Any]") -> str:
    """What is wrong with the argument, else empty."""
    if isinstance(argument, dict):
        if not argument or set(argument) - {"at_least", "at_most"}:
            return "expected a number, or at_least and at_most"
        if not all(isinstance(limit, int) for limit in argument.values()):
            return "at_least and at_most must be whole numbers"
    return ""


def judge(value: Value, argument: "float | dict[str, Any]", _context: Context) -> Tri:
    """Whether the number of items or characters is within the limits; nothing has no length."""
    low, high = (
        (argument.get("at_least", 0), argument.get("at_most", float("inf")))
        if isinstance(argument, dict)
        else (argument, argument)
    )
    plain = resolved(value)
    match plain:
        case Unknown():
            return maybe(plain)
        case Encoded(tree=(list() | dict()) as tree):
            return low <= len(tree) <= high
        case str() | list() | dict():
            return low <= len(plain) <= high
        case Open(items=items, more=more):
            return False if len(items) > high else _at_least(len(items), low, high, maybe(more))
        case Text():
            pieces = pieces_of(plain)
            assert pieces is not None
            assert not isinstance(pieces, Unknown)
            known = sum(len(piece) for piece in pieces if isinstance(piece, str))
            if isinstance(pieces, str):
                return low <= known <= high
            return False if known > high else _at_least(known, low, high, causes_of(pieces))
        case bool() | int() | float():
            return wrong_type(value, "a list, a map or text")
    return False


def _at_least(count: int, low: float, high: float, else_: Tri) -> Tri:
    return True if count >= low and high == float("inf") else else_
