"""Equality as the language means it: values of different types differ, unknown parts leave it open."""

from typing import Any

from compliance_scan.inputs.terraform.operators.bigfloat import DoubleInt, MinusZero, Number, ShortInt
from compliance_scan.inputs.terraform.values import (
    ListVal,
    MapVal,
    Marked,
    Null,
    ObjectVal,
    SetVal,
    TupleVal,
    is_unknown,
)
from compliance_scan.model.value import Encoded, Reference, Text, Unknown

_KIND: dict[Any, str] = {
    str: "string",
    Text: "string",
    Encoded: "string",
    bool: "bool",
    int: "number",
    ShortInt: "number",
    DoubleInt: "number",
    MinusZero: "number",
    Number: "number",
    ListVal: "list",
    SetVal: "set",
    MapVal: "map",
    TupleVal: "tuple",
    ObjectVal: "object",
}
_TYPED = frozenset({"string", "number", "bool"})


def equal(a: Any, b: Any) -> bool | None:
    """Whether two values (without marks) are equal; None where unknown parts decide."""
    a, b = bare(a), bare(b)
    kind = _KIND.get(type(a))
    if kind in _TYPED and type(a) is type(b) and kind is not None and type(a) not in _SYMBOLIC:
        return a == b  # type: ignore[no-any-return]
    if is_unknown(a) or is_unknown(b):
        return _unknown_equal(a, b)
    if type(a) is Null or type(b) is Null:
        return type(a) is type(b)
    if kind != _KIND.get(type(b)):
        return False
    if kind in _TYPED:
        return bool(a == b)
    return _collections(a, b, kind)


_SYMBOLIC = frozenset({Text, Encoded})


def bare(value: Any) -> Any:
    """A value without marks at its top, without a known edge, without the tree of known text."""
    while True:
        cls = type(value)
        if cls is Marked or (cls is Reference and not is_unknown(value)):
            value = value.value
        elif cls is Encoded and value.text is not None:
            return value.text
        else:
            return value


def _unknown_equal(a: Any, b: Any) -> bool | None:
    from compliance_scan.inputs.terraform.types_core import has_dynamic, type_of

    if type(a) is Unknown and type(b) is Unknown and a.symbol and a.symbol == b.symbol:
        return True
    if type(a) is Reference and type(b) is Reference and (a.address, a.path) == (b.address, b.path):
        return True
    if type(a) is Null or type(b) is Null:
        other = b if type(a) is Null else a
        return False if never_null(other) else None
    left, right = type_of(a), type_of(b)
    if (never_null(a) or never_null(b)) and not has_dynamic(left) and not has_dynamic(right):
        scalar = isinstance(left, str) or isinstance(right, str)
        if scalar and left != right:
            return False
    if (type(a) is Unknown) != (type(b) is Unknown) and left != right:
        unknown, other = (a, b) if type(a) is Unknown else (b, a)
        if unknown.type and not is_unknown(other) and not has_dynamic(left) and not has_dynamic(right):
            return False  # what is there, and of another type, is not even equal to a null
    if type(a) is Text or type(b) is Text:
        return _texts(a, b)
    return None


def never_null(value: Any) -> bool:
    """Whether an unknown value is certainly not null."""
    cls = type(value)
    if cls is Reference or cls is Marked:
        return never_null(value.value)
    return value.not_null if cls is Unknown else cls is not Null


def _texts(a: Any, b: Any) -> bool | None:
    """False where the known beginning or end of partly known text cannot be the other's."""
    first, last = _edges(a)
    other_first, other_last = _edges(b)
    short = min(len(first), len(other_first))
    if first[:short] != other_first[:short]:
        return False
    short = min(len(last), len(other_last))
    if short and last[-short:] != other_last[-short:]:
        return False
    return None


def _edges(value: Any) -> tuple[str, str]:
    if isinstance(value, str):
        return value, value
    if isinstance(value, Text):
        first, last = value.parts[0], value.parts[-1]
        return (first if isinstance(first, str) else ""), (last if isinstance(last, str) else "")
    return "", ""


def _collections(a: Any, b: Any, kind: str | None) -> bool | None:
    from compliance_scan.inputs.terraform.types_core import type_of

    if kind in ("list", "map", "set") and a.element != b.element and not (a.items and b.items and _loose(a, b)):
        return False
    left, right = a.items, b.items
    if len(left) != len(right):
        return False
    pairs: list[tuple[Any, Any]]
    if kind in ("map", "object"):
        if left.keys() != right.keys():
            return False
        pairs = [(left[key], right[key]) for key in left]
    else:
        pairs = list(zip(left, right, strict=True))
    result: bool | None = True
    for x, y in pairs:
        found = equal(x, y)
        if found is False:
            return False if kind != "set" or _known_set(a, b) else None
        if found is None:
            result = None
    if result and kind in ("tuple", "object") and type_of(a) != type_of(b):
        return False
    return result


def _loose(a: Any, b: Any) -> bool:
    from compliance_scan.inputs.terraform.types_core import has_dynamic

    return has_dynamic(a.element) or has_dynamic(b.element)


def _known_set(a: Any, b: Any) -> bool:
    from compliance_scan.inputs.terraform.values import is_wholly_known

    return is_wholly_known(a) and is_wholly_known(b)


def identical(a: Any, b: Any) -> bool:
    """Whether two wholly known values are the same, nulls included."""
    return equal(a, b) is True
