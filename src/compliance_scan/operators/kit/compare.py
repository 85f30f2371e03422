"""Equality over the closed union: what `equals`, `in`, `contains` and their kin mean by "the same"."""

from compliance_scan.model.logic import Tri, maybe, tri_all, tri_any
from compliance_scan.model.value import (
    ABSENT,
    Encoded,
    Open,
    Reference,
    Scalar,
    Text,
    Unknown,
    Value,
    is_nothing,
    resolved,
)
from compliance_scan.operators.kit.text import causes_of, could_equal, first_hole, pieces_of


def same(value: Value, expected: "Value") -> Tri:
    """Whether a value is the expected plain one. Text and numbers or bools that Terraform would convert are the same
    (`"true"` and true, `"3"` and 3); the order of lists does not matter, for many are sets."""
    if is_nothing(expected):
        return nothing(value)
    if is_nothing(value):
        return False
    match value:
        case Unknown():
            return maybe(value)
        case Reference():
            inner = resolved(value)
            return maybe(inner) if isinstance(inner, Unknown) else same(inner, expected)
        case Encoded():
            if isinstance(expected, (dict, list)):
                return same(value.tree, expected)
            return _same_text(value, expected)
        case Text():
            return _same_text(value, expected)
        case Open():
            return _same_open(value, expected)
        case list():
            return _same_list(value, expected) if isinstance(expected, list) else False
        case dict():
            return _same_map(value, expected) if isinstance(expected, dict) else False
    return same_scalar(value, expected) if not isinstance(expected, (list, dict)) else False


def nothing(value: Value) -> Tri:
    """Whether a value is null or absent."""
    match value:
        case None:
            return True
        case Unknown():
            return False if value.not_null else maybe(value)
        case Reference():
            if value.presence is not None and isinstance(value.value, Unknown):
                return not value.presence
            return nothing(value.value)
    return value is ABSENT


def same_scalar(value: object, expected: object) -> bool:
    """Equality of two scalars, with Terraform's conversions."""
    if isinstance(value, bool) or isinstance(expected, bool):
        if isinstance(value, bool) and isinstance(expected, bool):
            return value is expected
        text = expected if isinstance(value, bool) else value
        flag = value if isinstance(value, bool) else expected
        return isinstance(text, str) and text == ("true" if flag else "false")
    if isinstance(value, str) and isinstance(expected, str):
        return value == expected
    if isinstance(value, (int, float)) and isinstance(expected, (int, float)):
        return value == expected
    return number_text(value) is not None and number_text(value) == number_text(expected)


def number_text(value: object) -> float | None:
    """A number, or the number that a text says."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value and set(value) <= set("0123456789.-+eE"):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _same_text(value: Value, expected: Value) -> Tri:
    if isinstance(expected, (list, dict)):
        return False
    pieces = pieces_of(value)
    wanted = pieces_of(expected)
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    assert pieces is not None
    if isinstance(pieces, str):
        return same_scalar(pieces, _scalar(expected))
    if not isinstance(wanted, str) or could_equal(pieces, wanted):
        return causes_of(pieces)
    # `"${x}0"` may be the number 3.0 beside an expected 3: only texts are told apart by their spelling.
    return False if isinstance(expected, (str, bool)) else causes_of(pieces)


def _scalar(value: Value) -> Scalar:
    return value if isinstance(value, (bool, int, float, str)) else None


def _same_list(value: "list[Value]", expected: "list[Value]") -> Tri:
    if len(value) != len(expected):
        return False
    in_order = tri_all(same(item, wanted) for item, wanted in zip(value, expected, strict=True))
    if in_order is True:
        return True
    both = tri_all(
        [
            *(tri_any(same(item, wanted) for wanted in expected) for item in value),
            *(tri_any(same(item, wanted) for item in value) for wanted in expected),
        ]
    )
    if both is False:
        return False
    # Each side has its match in the other; with repeats or unknowns the counts may still differ.
    known = [_frozen(item) for item in value]
    if None not in known and both is True:
        return sorted(map(str, known)) == sorted(str(_frozen(item)) for item in expected)
    return both if both is not True else first_hole(list(value))


def _frozen(value: Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, str)):
        number = number_text(value)
        return str(value) if number is None else f"{float(number)}"
    return None if not isinstance(value, (list, dict)) or _has_hole(value) else repr(value)


def _has_hole(value: Value) -> bool:
    stack: list[Value] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
        elif not isinstance(item, (bool, int, float, str)) and not is_nothing(item):
            return True
    return False


def _same_map(value: "dict[str, Value]", expected: "dict[str, Value]") -> Tri:
    names = dict.fromkeys([*value, *expected])
    return tri_all(same(value.get(name), expected.get(name)) for name in names)


def _same_open(value: Open, expected: Value) -> Tri:
    if isinstance(value.items, list):
        if not isinstance(expected, list) or len(value.items) > len(expected):
            return False
        fits = tri_all(tri_any(same(item, wanted) for wanted in expected) for item in value.items)
        return False if fits is False else maybe(value.more)
    if not isinstance(expected, dict):
        return False
    fits = tri_all(same(item, expected.get(name)) for name, item in value.items.items())
    return False if fits is False else maybe(value.more)
