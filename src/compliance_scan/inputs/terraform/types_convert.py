"""Conversion of values between types, as cty does it (unsafe conversions included)."""

from typing import Any, Final

from compliance_scan.inputs.terraform.operators.bigfloat import LimitError, Number, parse_number
from compliance_scan.inputs.terraform.operators.decimaltext import text
from compliance_scan.inputs.terraform.operators.setorder import set_of
from compliance_scan.inputs.terraform.types_core import has_dynamic, type_of, type_text, without_optional
from compliance_scan.inputs.terraform.types_unify import convertible, distinct_types, unify
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    PLAIN,
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
    is_unknown,
    rebuilt,
)
from compliance_scan.model.value import Encoded, Reference, Text, Unknown

_FRIENDLY = {"string": "string", "number": "number", "bool": "bool", "dynamic": "any type"}
_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def convert(value: Any, want: Type) -> Any:
    """The value as this type; `EvalError` where Terraform has no conversion or this value does not fit."""
    if want == DYNAMIC:
        return value
    cls = type(value)
    if cls in PLAIN:
        return _scalar(value, cls, want)
    if cls is Null:
        return _null(value, want)
    if cls is Marked:
        return Marked(convert(value.value, want), value.marks)
    if cls is Reference:
        if is_unknown(value.value):
            inner = convert(value.value, want)
            return value if inner is value.value else Reference(value.address, value.path, inner, value.presence)
        inner = convert(value.value, want)
        return value if inner is value.value else inner
    if cls is Unknown:
        return _unknown(value, want)
    if cls is OpenVal:
        return _open(value, want)
    if cls is Text or cls is Encoded:
        return _text(value, want)
    return _collection(value, cls, want)


def _null(value: Null, want: Type) -> Null:
    if value.type == want:
        return value
    if not convertible(value.type, want):
        raise EvalError(f"{friendly(want)} required, but this is {friendly(value.type)}")
    return Null(without_optional(want))


def _scalar(value: Any, cls: Any, want: Type) -> Any:
    if want == STRING:
        if cls is str:
            return value
        if cls is bool:
            return "true" if value else "false"
        return text(value)
    if want == NUMBER:
        if cls is str:
            return to_number(value)
        if cls is not bool:
            return value
    elif want == BOOL:
        if cls is bool:
            return value
        if cls is str and value in _BOOLS:
            return _BOOLS[value]
    raise EvalError(f"{friendly(want)} required, but this is {friendly(type_of(value))}")


def to_number(value: str) -> int | Number:
    """Text as a number; `EvalError` where it is none."""
    if value.isdigit() and value.isascii() and len(value) < 100:
        return int(value)
    number = parse_number(value)
    if number is None:
        raise EvalError("a number is required")
    return number


def _unknown(value: Unknown, want: Type) -> Unknown:
    given = type_of(value)
    if given == want:
        return value
    if given != DYNAMIC and isinstance(given, str) and isinstance(want, str):
        if STRING not in (want, given):
            raise EvalError(f"{friendly(want)} required, but this is {friendly(given)}")
    elif given != DYNAMIC and isinstance(given, str) != isinstance(want, str):
        raise EvalError(f"{friendly(want)} required, but this is {friendly(given)}")
    try:
        options = tuple([convert(each, want) for each in value.options])
    except EvalError:
        options = ()
    return Unknown(value.cause, value.detail, type_text(want), value.not_null, value.symbol, options=options)


def _text(value: Any, want: Type) -> Any:
    if want == STRING:
        return value
    if type(value) is Encoded and value.text is not None:
        return _scalar(value.text, str, want)
    if isinstance(want, tuple):
        raise EvalError(f"{friendly(want)} required, but this is string")
    return Unknown("computed", "text with unknown parts", type_text(want), not_null=True)


def _open(value: OpenVal, want: Type) -> Any:
    if isinstance(want, str):
        raise EvalError(f"{friendly(want)} required, but this is a collection")
    kind = want[0]
    items: Any = value.items
    if kind == "map" and type(items) is dict:
        return OpenVal("map", {key: _item(item, want[1], value.more) for key, item in items.items()}, value.more)
    if kind == "list" and type(items) is list:
        converted = [_item(item, want[1], value.more) for item in items]
        return OpenVal("list", converted, value.more, value.sure, value.most)
    if kind == "set" and type(items) is list:
        return OpenVal("set", [_item(item, want[1], value.more) for item in items], value.more)
    if kind == "object" and type(items) is dict:
        return ObjectVal(
            {
                name: convert(items[name], of)
                if name in items
                else Unknown(value.more.cause, value.more.detail, type_text(of))
                for name, of in sorted(want[1].items())
            }
        )
    if kind == "tuple" and type(items) is list:
        return Unknown(value.more.cause, value.more.detail, type_text(want))
    raise EvalError(f"{friendly(want)} required, but this is a collection of another kind")


def _item(value: Any, want: Type, more: Unknown) -> Any:
    """An item of an open collection: with `any`, the other items decide the type, so that it is not known."""
    found = convert(value, want)
    return of_open_type(found, more) if has_dynamic(want) else found


def _collection(value: Any, cls: Any, want: Type) -> Any:
    if isinstance(want, str):
        raise EvalError(f"{friendly(want)} required, but this is {friendly(type_of(value))}")
    kind = want[0]
    if kind == "list":
        if cls is ListVal and value.element == want[1]:
            return value
        if cls is ListVal or cls is TupleVal or cls is SetVal:
            items, element = _items(value, cls, want[1])
            return ListVal(items, element)
    elif kind == "set":
        if cls is SetVal and value.element == want[1]:
            return value
        if cls is ListVal or cls is TupleVal or cls is SetVal:
            items, element = _items(value, cls, want[1])
            return set_of(items, element)
    elif kind == "map":
        if cls is MapVal and value.element == want[1]:
            return value
        if cls is MapVal or cls is ObjectVal:
            items, element = _items(value, cls, want[1])
            return MapVal(dict(zip(value.items, items, strict=True)), element)
    elif kind == "object":
        if cls is ObjectVal or cls is MapVal:
            return _object(value, want)
    elif cls is TupleVal and len(value.items) == len(want[1]):
        return TupleVal([convert(item, of) for item, of in zip(value.items, want[1], strict=True)])
    raise EvalError(f"{friendly(want)} required, but this is {friendly(type_of(value))}")


def _items(value: Any, cls: Any, want: Type) -> tuple[list[Any], Type]:
    """The items converted, and their type."""
    items = list(value.items.values()) if cls is MapVal or cls is ObjectVal else value.items
    if not items and cls is not TupleVal and cls is not ObjectVal and not convertible(value.element, want):
        raise EvalError(f"{friendly(want)} required as the type of items, not {friendly(value.element)}")
    if has_dynamic(want):
        loose = [item for item in items if is_of_open_type(item)]
        if loose and len(items) > 1:
            # The unknown's type decides about the others' type, too.
            cause = cause_of(loose[0])
            return [of_open_type(convert(item, want), cause) for item in items], DYNAMIC
    if not has_dynamic(want):
        return [convert(item, want) for item in items], without_optional(want)
    element = _element_type(value, cls, want)
    converted = [convert(item, element) for item in items]
    if converted and has_dynamic(element):
        types = distinct_types([type_of(item) for item in converted])
        if len(types) == 2 and DYNAMIC in types and cls is ObjectVal:
            types.remove(DYNAMIC)
        unified = types[0] if len(types) == 1 else _of_scalars(types) if element != DYNAMIC else None
        if unified is None:
            raise EvalError("all items must have the same type")
        element = unified
        converted = [convert(item, element) for item in converted]
    return converted, element


def _of_scalars(types: list[Type]) -> Type | None:
    """The one type of collections of scalars, with empty ones of no known type; Terraform brings no others together."""
    return unify(types) if all(isinstance(each, tuple) and isinstance(each[1], str) for each in types) else None


def _element_type(value: Any, cls: Any, want: Type) -> Type:
    """The type that the items take: the wanted one, or for `any` the one that unifies them."""
    items = value.items.values() if cls is MapVal or cls is ObjectVal else value.items
    typed = cls is ListVal or cls is MapVal or cls is SetVal
    types = [value.element] if typed else [type_of(item) for item in items]
    if want == DYNAMIC:
        element = unify(types) if types else DYNAMIC
    else:
        element = unify([type_of(convert(item, want)) for item in items]) if items else without_optional(want)
    if element is None:
        raise EvalError("all items must have the same type")
    return element


def of_open_type(value: Any, cause: Unknown) -> Any:
    """A value beside one whose type is not known: text stays text, but a number or bool may become text."""
    cls = type(value)
    if cls is str or cls is Null or cls is Text or cls is Encoded:
        return value
    if cls in PLAIN:
        return Unknown(cause.cause, cause.detail, not_null=True)
    if cls is Unknown:
        if not value.type or value.type == STRING:
            return value
        return Unknown(value.cause, value.detail, "", value.not_null, value.symbol)
    if cls is Marked:
        return Marked(of_open_type(value.value, cause), value.marks)
    if cls is Reference:
        return Reference(value.address, value.path, of_open_type(value.value, cause), value.presence)
    items = value.items
    if type(items) is dict:
        return rebuilt(value, {key: of_open_type(item, cause) for key, item in items.items()})
    return rebuilt(value, [of_open_type(item, cause) for item in items])


class _Loose(str):
    """`dynamic` as the element type of a collection whose own type hangs on something unknown."""

    __slots__ = ()


LOOSE: Final = _Loose(DYNAMIC)


def is_of_open_type(value: Any) -> bool:
    """Whether the type of the value, or of something in it, hangs on something unknown."""
    cls = type(value)
    if cls in PLAIN or cls is Null or cls is Text or cls is Encoded:
        return False
    if cls is Unknown:
        return has_dynamic(type_of(value))
    if cls is Marked or cls is Reference:
        return is_of_open_type(value.value)
    if cls is OpenVal:
        return True
    items = value.items
    if getattr(value, "element", None) is LOOSE:
        return True
    return any(is_of_open_type(item) for item in (items.values() if type(items) is dict else items))


def _object(value: Any, want: Type) -> ObjectVal:
    items = value.items
    optional: Any = want[2]
    out: dict[str, Any] = {}
    attributes: Any = want[1]
    for name in sorted(attributes):
        of = attributes[name]
        if name in items:
            out[name] = convert(items[name], of)
        elif name in optional:
            out[name] = Null(without_optional(of))
        else:
            raise EvalError(f'attribute "{name}" is required')
    return ObjectVal(out)


def friendly(of: Type) -> str:
    """A type's name for a message."""
    return (
        _FRIENDLY[of] if isinstance(of, str) else (of[0] if of[0] in ("object", "tuple") else f"{of[0]} of {_of(of)}")
    )


def _of(of: Type) -> str:
    return friendly(of[1]) if isinstance(of[1], str) else str(of[1][0])


def to_bool(value: Any) -> Any:
    """Shorthand for `convert(value, "bool")`."""
    return value if type(value) is bool else convert(value, BOOL)


__all__ = ["LimitError", "convert", "friendly", "to_bool", "to_number"]
