"""From the language's values to the model's, which rules see."""

from collections.abc import Callable
from typing import Any

from compliance_scan.inputs.terraform.operators.bigfloat import DoubleInt, MinusZero, Number, ShortInt, is_infinite
from compliance_scan.inputs.terraform.values import (
    MAPPINGS,
    PLAIN,
    ListVal,
    MapVal,
    Marked,
    Null,
    ObjectVal,
    OpenVal,
    SetVal,
    TfValue,
    TupleVal,
)
from compliance_scan.model.value import Encoded, Open, Path, Reference, Text, Unknown, Value


def to_model(value: TfValue) -> Value:
    """The value as rules see it: plain scalars, `list` and `dict` (`Open` where there may be more), no marks.

    Whole numbers are `int`, others `float`; sets are lists in Terraform's order. What is nested too deeply is unknown.
    """
    try:
        return _CONVERT[type(value)](value)  # type: ignore[no-any-return]
    except RecursionError:
        return Unknown("limit_reached", "the value is nested too deeply")


def _convert(value: Any) -> Any:
    return _CONVERT[type(value)](value)


def _same(value: Any) -> Any:
    return value


def _number(value: Number) -> Any:
    # No provider takes an infinite number, and JSON has none.
    return (
        Unknown("error", "an infinite number, from a division by zero or beyond all bounds")
        if is_infinite(value)
        else float(value)
    )


def _mapping(value: Any) -> Any:
    return {key: _CONVERT[type(item)](item) for key, item in value.items.items()}


def _sequence(value: Any) -> Any:
    return [_CONVERT[type(item)](item) for item in value.items]


def _open(value: OpenVal) -> Any:
    items = _mapping(value) if type(value.items) is dict else _sequence(value)
    return Open(items, value.more, tuple([_CONVERT[type(item)](item) for item in value.each]))


def _marked(value: Marked) -> Any:
    return _convert(value.value)


def _reference(value: Reference) -> Any:
    return Reference(value.address, value.path, _convert(value.value), value.presence)


def _unknown(value: Unknown) -> Any:
    if not value.options:
        return value
    options = tuple([_convert(each) for each in value.options])
    return Unknown(value.cause, value.detail, value.type, value.not_null, value.symbol, options=options)


def _text(value: Text) -> Any:
    return Text(tuple([_convert(part) for part in value.parts]))


_CONVERT: dict[type, Callable[[Any], Any]] = {
    str: _same,
    bool: _same,
    int: _same,
    ShortInt: int,
    DoubleInt: int,
    MinusZero: int,
    Number: _number,
    Null: lambda _: None,
    ListVal: _sequence,
    SetVal: _sequence,
    TupleVal: _sequence,
    MapVal: _mapping,
    ObjectVal: _mapping,
    OpenVal: _open,
    Marked: _marked,
    Unknown: _unknown,
    Reference: _reference,
    Text: _text,
    Encoded: _same,
}


def sensitive_paths(value: TfValue) -> list[Path]:
    """Paths (steps from the value itself) of everything that is sensitive or ephemeral; `[()]` for the whole."""
    found: list[Path] = []
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, item = stack.pop()
        cls = type(item)
        if cls in PLAIN:
            continue
        if cls is Marked:
            found.append(path)
        elif cls is Reference:
            stack.append((path, item.value))
        elif cls in MAPPINGS or (cls is OpenVal and type(item.items) is dict):
            stack.extend(((*path, key), inner) for key, inner in item.items.items())
        elif cls is ListVal or cls is TupleVal or cls is SetVal or cls is OpenVal:
            listed = item.items if cls is not OpenVal else [*item.items, *item.each]
            stack.extend(((*path, index), inner) for index, inner in enumerate(listed))
    return sorted(found, key=str)
