"""Attributes and indexes of values."""

from typing import Any, Final

from compliance_scan.inputs.terraform.operators.bigfloat import DoubleInt, MinusZero, Number, ShortInt
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.types_convert import convert, friendly
from compliance_scan.inputs.terraform.types_core import type_of, type_text
from compliance_scan.inputs.terraform.values import (
    DYNAMIC,
    NUMBER,
    STRING,
    EvalError,
    ListVal,
    MapVal,
    Marked,
    Null,
    ObjectVal,
    OpenVal,
    SetVal,
    TupleVal,
    Type,
    cause_of,
    derived,
    is_unknown,
    marked,
    unmarked,
)
from compliance_scan.model.value import Encoded, Reference, Text, Unknown


def get_attr(value: Any, name: str) -> Any:
    """`value.name`; raises `EvalError`."""
    cls = type(value)
    if cls is ObjectVal or cls is MapVal:
        found = value.items.get(name)
        if found is None:
            raise EvalError(f'this object does not have an attribute named "{name}"')
        return found
    if cls is Unknown:
        return _unknown_step(value, name, f".{name}")
    if cls is Reference:
        path = f"{value.path}.{name}" if value.path else name
        return Reference(value.address, path, get_attr(value.value, name), value.presence)
    if cls is OpenVal:
        if type(value.items) is not dict:
            raise EvalError("this value is a list: its items have attributes, not the list")
        found = value.items.get(name)
        return found if found is not None else _beyond(value.more, f".{name}")
    if cls is Marked:
        return marked(get_attr(value.value, name), value.marks)
    if cls is Null:
        raise EvalError("this value is null, so it does not have any attributes")
    if cls is Encoded and value.text is None:
        raise EvalError("text does not have attributes")
    raise EvalError(f"this value ({friendly(type_of(value))}) does not have any attributes")


def _beyond(more: Unknown, written: str) -> Unknown:
    """What stands behind a step to an item of an open collection that is not among the known ones."""
    return Unknown(more.cause, more.detail, symbol=more.symbol + written if more.symbol else "")


def _unknown_step(value: Unknown, key: "str | int", written: str) -> Unknown:
    """What stands behind a step into an unknown value."""
    of: Type = DYNAMIC
    if value.type:
        of = _step_type(type_of(value), key)
    symbol = value.symbol + written if value.symbol else ""
    return Unknown(value.cause, value.detail, type_text(of), not_null=False, symbol=symbol)


def _step_type(of: Type, key: "str | int") -> Type:
    if isinstance(of, str):
        if of == DYNAMIC:
            return DYNAMIC
        raise EvalError(f"this value ({friendly(of)}) does not have any attributes or items")
    kind: Any = of[0]
    inner: Any = of[1]
    if kind == "object":
        if key not in inner:
            raise EvalError(f'this object does not have an attribute named "{key}"')
        return inner[key]  # type: ignore[no-any-return]
    if kind == "tuple":
        if isinstance(key, str) or not 0 <= key < len(inner):
            raise EvalError("the given key does not identify an element of this tuple")
        return inner[key]  # type: ignore[no-any-return]
    if kind == "set":
        raise EvalError("items of a set have no place and no name")
    if kind == "list" and isinstance(key, str):
        raise EvalError("this value is a list: its items have attributes, not the list")
    return inner  # type: ignore[no-any-return]


def get_index(value: Any, key: Any) -> Any:
    """`value[key]`; raises `EvalError`."""
    cls = type(value)
    if cls is Marked:
        return marked(get_index(value.value, key), value.marks)
    key, marks = unmarked(key)
    if marks:
        return marked(get_index(value, key), marks)
    key = bare(key)
    if type(key) is Null:
        raise EvalError("the key is null")
    if cls is TupleVal or cls is ListVal:
        return _sequence_item(value, key)
    if cls is ObjectVal or cls is MapVal:
        return _mapping_item(value, key)
    if cls is Unknown:
        return _unknown_index(value, key)
    if cls is Reference:
        path = f"{value.path}{_written(key)}"
        return Reference(value.address, path, get_index(value.value, key), value.presence)
    if cls is OpenVal:
        return _open_item(value, key)
    if cls is Null:
        raise EvalError("this value is null, so it does not have any indices")
    if cls is SetVal:
        raise EvalError("items of a set cannot be taken by index")
    raise EvalError(f"this value ({friendly(type_of(value))}) does not have any indices")


def _sequence_item(value: Any, key: Any) -> Any:
    if type(key) is not int:
        key = convert(key, NUMBER)
        if is_unknown(key):
            of = value.element if type(value) is ListVal else DYNAMIC
            return derived(key, type_text(of))
        key = whole_index(key)
    if key < 0 or key >= len(value.items):
        raise EvalError("the given index is outside of the collection")
    return value.items[key]


_WORD: Final = 1 << 63


def whole_index(key: Any) -> int:
    """A known number as an index; `EvalError` where it is not whole or has more than 64 bits."""
    index = whole_number(key)
    if not -_WORD <= index < _WORD:
        raise EvalError("a whole number of 64 bits is required")
    return index


def whole_number(key: Any) -> int:
    """A known number as it is; `EvalError` where it is not whole."""
    if isinstance(key, Number):
        raise EvalError("a whole number is required as an index")
    return int(key)


def _mapping_item(value: Any, key: Any) -> Any:
    name = key if type(key) is str else convert(key, STRING)
    if type(name) is not str:
        name = bare(name)
    if type(name) is not str:
        of = value.element if type(value) is MapVal else DYNAMIC
        return derived(name, type_text(of))
    found = value.items.get(name)
    if found is None:
        raise EvalError("the given key does not identify an element in this collection")
    return found


def _unknown_index(value: Unknown, key: Any) -> Unknown:
    if is_unknown(key):
        of = type_of(value) if value.type else DYNAMIC
        if isinstance(of, tuple) and of[0] in ("list", "map"):
            return Unknown(value.cause, value.detail, type_text(of[1]))
        return Unknown(value.cause, value.detail)
    if type(key) in (int, ShortInt, DoubleInt, MinusZero):
        return _unknown_step(value, int(key), f"[{int(key)}]")
    name = convert(key, STRING)
    of = type_of(value) if value.type else DYNAMIC
    if isinstance(of, tuple) and of[0] in ("list", "tuple"):
        return _unknown_step(value, whole_index(convert(key, NUMBER)), f"[{name}]")
    return _unknown_step(value, name, f".{name}" if name.isidentifier() else _written(name))


def _open_item(value: OpenVal, key: Any) -> Any:
    items: Any = value.items
    if is_unknown(key):
        return Unknown(value.more.cause, value.more.detail)
    if type(items) is dict:
        name = bare(convert(key, STRING))
        found = items.get(name)
        return found if found is not None else _beyond(value.more, f".{name}")
    if value.kind == "set":
        raise EvalError("items of a set cannot be taken by index")
    index = whole_index(convert(key, NUMBER))
    if index < 0:
        raise EvalError("the given index is outside of the collection")
    if value.most and index >= value.most:
        raise EvalError("the given index is outside of the collection")
    return items[index] if index < value.sure else Unknown(value.more.cause, value.more.detail)


def _written(key: Any) -> str:
    if is_unknown(key):
        return "[?]"
    if type(key) is str:
        quoted = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'["{quoted}"]'
    return f"[{convert(key, STRING)}]"


__all__ = ["Text", "cause_of", "get_attr", "get_index", "whole_index"]
