"""The items of a list or the keys of a map, open or closed."""

from typing import NamedTuple

from compliance_scan.model.logic import Maybe, maybe
from compliance_scan.model.value import Encoded, Open, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.text import wrong_type


class Members(NamedTuple):
    """What is in a collection."""

    values: "list[Value]"
    more: Maybe | None
    """Set where there may be others."""


def members(value: Value) -> Members | Maybe | None:
    """A collection's items; one text or number counts as a list of one; None for nothing."""
    plain = resolved(value)
    match plain:
        case Unknown():
            return maybe(plain)
        case list():
            return Members(plain, None)
        case dict():
            return Members(list(plain), None)
        case Open(items=items, more=more):
            return Members(list(items), maybe(more))
        case Encoded(tree=(list() | dict()) as tree):
            return Members(list(tree), None)
        case bool():
            return wrong_type(value, "a list or a map")
    return None if is_nothing(plain) else Members([plain], None)
