"""Functions on maps and objects."""

from typing import Any

from compliance_scan.inputs.terraform.functions.spec import LIST_OF_STRING, Spec
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.types_convert import convert, friendly
from compliance_scan.inputs.terraform.types_core import type_of, type_text
from compliance_scan.inputs.terraform.values import (
    DYNAMIC,
    MAPPINGS,
    NO_MARKS,
    STRING,
    EvalError,
    ListVal,
    MapVal,
    Null,
    ObjectVal,
    OpenVal,
    SetVal,
    TupleVal,
    cause_of,
    is_null,
    is_unknown,
    marked,
    object_of,
    unmarked,
)
from compliance_scan.model.value import Unknown

_LISTS: Any = ("map", LIST_OF_STRING)


def _unknown(value: Any, of: str = "", *, sure: bool = True) -> Unknown:
    cause = cause_of(value)
    return Unknown(cause.cause, cause.detail, of, sure)


def _mapping(value: Any) -> Any:
    if type(value) not in MAPPINGS:
        raise EvalError(f"a map or an object is required, not {friendly(type_of(value))}")
    return value


def _keys(value: Any) -> Any:
    if type(value) is OpenVal and type(value.items) is dict:
        return OpenVal("list", sorted(value.items), value.more, 0)
    if is_unknown(value):
        return _unknown(value, "")
    names = list(_mapping(value).items)
    return TupleVal(list(names)) if type(value) is ObjectVal else ListVal(list(names), STRING)


def _values(value: Any) -> Any:
    if type(value) is OpenVal and type(value.items) is dict:
        return OpenVal("list", list(value.items.values()), value.more, 0)
    if is_unknown(value):
        return _unknown(value)
    items = list(_mapping(value).items.values())
    return TupleVal(items) if type(value) is ObjectVal else ListVal(items, value.element)


def _lookup(value: Any, key: Any, *default: Any) -> Any:
    if len(default) > 1:
        raise EvalError("lookup() takes two or three arguments")
    if is_unknown(key):
        return _unknown(key, sure=False)
    key = bare(key)
    if type(value) is OpenVal and type(value.items) is dict:
        found = value.items.get(key)
        return found if found is not None else _unknown(value, sure=False)
    if is_unknown(value):
        return _unknown_lookup(value, key, default)
    found = _mapping(value).items.get(key)
    is_map = type(value) is MapVal
    if default and is_map and value.element != DYNAMIC:
        default = (_default(default[0], value.element),)
    if found is not None:
        return found
    if default:
        return default[0]
    raise EvalError(f'lookup failed to find key "{key}"')


def _default(value: Any, of: Any) -> Any:
    if type(value) is Null and isinstance(value.type, str) and isinstance(of, tuple) and value.type != DYNAMIC:
        raise EvalError("the default value must have the same type as the map elements")
    try:
        return convert(value, of)
    except EvalError:
        raise EvalError("the default value must have the same type as the map elements") from None


def _unknown_lookup(value: Any, key: str, default: tuple[Any, ...]) -> Unknown:
    of: Any = type_of(value)
    if isinstance(of, str) and of != DYNAMIC:
        raise EvalError("lookup() requires a map as the first argument")
    element = type_text(of[1]) if isinstance(of, tuple) and of[0] == "map" else ""
    symbol = f"{value.symbol}.{key}" if type(value) is Unknown and value.symbol and not default else ""
    cause = cause_of(value)
    return Unknown(cause.cause, cause.detail, element, symbol=symbol)


def _merge(*values: Any) -> Any:
    if not values:
        return ObjectVal({})
    items: dict[str, Any] = {}
    more: Unknown | None = None
    dynamic = False
    for value in values:
        if is_null(value):
            dynamic = dynamic or type_of(value) == DYNAMIC
            _must_be_mapping(value)
            continue
        given = bare(value)
        if is_unknown(given):
            _must_be_mapping(given)
            more = more or _unknown(given, sure=False)
            items = _overlaid(items, given)
        else:
            items.update(_mapping(given).items)
    items = {name: items[name] for name in sorted(items)}
    if more is not None:
        return OpenVal("map", items, more)
    first: Any = type_of(values[0])
    if not dynamic and first[0] == "map" and all(type_of(value) == first for value in values):
        return MapVal(items, first[1])
    return ObjectVal(items)


def _must_be_mapping(value: Any) -> None:
    of = type_of(value)
    if (of != DYNAMIC and isinstance(of, str)) or (isinstance(of, tuple) and of[0] not in ("map", "object")):
        raise EvalError("arguments must be maps or objects")
    if type(value) is OpenVal and type(value.items) is not dict:
        raise EvalError("arguments must be maps or objects")


def _overlaid(items: dict[str, Any], value: Any) -> dict[str, Any]:
    """What was there before an unknown map came over it: the keys stay, their values may be others."""
    of: Any = type_of(value)
    names = of[1].keys() if isinstance(of, tuple) and of[0] == "object" else None
    cause = cause_of(value)
    out = {
        name: item if names is not None and name not in names else Unknown(cause.cause, cause.detail)
        for name, item in items.items()
    }
    if type(value) is OpenVal:
        items_over: Any = value.items
        out.update(items_over)
    elif names is not None:
        out.update({name: Unknown(cause.cause, cause.detail, type_text(of[1][name])) for name in names})
    return out


def _transpose(value: Any) -> Any:
    out: dict[str, list[str]] = {}
    for key, texts in value.items.items():
        if type(texts) is Null:
            raise EvalError("a list is null")
        for text in texts.items:
            if type(text) is Null:
                raise EvalError("input must not contain null values")
            out.setdefault(text, []).append(key)
    return MapVal({name: ListVal(sorted(out[name]), STRING) for name in sorted(out)}, LIST_OF_STRING)


def _zipmap(keys: Any, values: Any) -> Any:
    if is_unknown(keys) or is_unknown(values):
        return _unknown(keys if is_unknown(keys) else values)
    if type(values) is SetVal or type(values) not in (ListVal, TupleVal):
        raise EvalError("values argument must be a list or tuple value")
    if len(keys.items) != len(values.items):
        raise EvalError("the number of keys does not match the number of values")
    names: list[str] = []
    marks = NO_MARKS
    for key in keys.items:
        found, more = unmarked(key)
        found = bare(found)
        marks |= more
        if is_unknown(found):
            return marked(_unknown(found), marks)
        if type(found) is not str:
            raise EvalError("a key is null")
        names.append(found)
    built = object_of(dict(zip(names, values.items, strict=True)))
    if type(values) is ListVal:
        return marked(MapVal(built.items, values.element), marks)
    return marked(built, marks)


FUNCTIONS = {
    "keys": Spec(_keys, (DYNAMIC,), returns=DYNAMIC, raw=True, shallow=True),
    "values": Spec(_values, (DYNAMIC,), returns=DYNAMIC, raw=True, shallow=True),
    "lookup": Spec(
        _lookup,
        (DYNAMIC, STRING),
        DYNAMIC,
        returns=DYNAMIC,
        raw=True,
        shallow=True,
        nullable_rest=True,
        may_be_null=True,
    ),
    "merge": Spec(_merge, (), DYNAMIC, returns=DYNAMIC, nullable=True, raw=True, shallow=True, open_args=True),
    "transpose": Spec(_transpose, (_LISTS,), returns=_LISTS),
    "zipmap": Spec(_zipmap, (LIST_OF_STRING, DYNAMIC), returns=DYNAMIC, raw=True, shallow=True),
}
