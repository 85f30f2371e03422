"""How heavy a value is: values share their parts, so that a few lines can name more items than any memory holds."""

from typing import Any, Final

from compliance_scan.inputs.terraform.operators.bigfloat import LimitError
from compliance_scan.inputs.terraform.values import PLAIN, ListVal, MapVal, Marked, ObjectVal, OpenVal, SetVal, TupleVal
from compliance_scan.model.value import Reference

MAX_WEIGHT: Final = 1_000_000
"""Items of one value, shared ones counted wherever they stand; a long text counts for more."""
_COLLECTIONS: Final = frozenset({ListVal, MapVal, ObjectVal, OpenVal, SetVal, TupleVal})


def bounded(value: Any) -> Any:
    """The value; raises `LimitError` where it is too heavy."""
    if type(value) in PLAIN:
        return value
    if weight(value) > MAX_WEIGHT:
        raise LimitError(f"a value of more than {MAX_WEIGHT} items")
    return value


def weight(value: Any) -> int:
    """Items in a value, itself included; worked out once for each collection."""
    cls = type(value)
    if cls is str:
        return 1 + (len(value) >> 6)
    if cls in _COLLECTIONS:
        try:
            return value.weight  # type: ignore[no-any-return]
        except AttributeError:
            items = value.items
            total = 1 + sum([weight(item) for item in (items.values() if type(items) is dict else items)])
            value.weight = total
            return total
    if cls is Marked or cls is Reference:
        return weight(value.value)
    return 1
