"""Type constraints of variables: reading them, filling in defaults of optional attributes, converting values."""

from typing import Any

from compliance_scan.inputs.terraform.ast import Call, Expr, Literal, ObjectCons, TupleCons, Variable
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError
from compliance_scan.inputs.terraform.types_convert import convert, friendly
from compliance_scan.inputs.terraform.types_core import type_from_text, type_of, type_text, without_optional
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    MAPPINGS,
    NUMBER,
    SEQUENCES,
    STRING,
    EvalError,
    MapVal,
    Marked,
    ObjectVal,
    OpenVal,
    TfValue,
    Type,
    is_null,
    is_unknown,
)
from compliance_scan.model.value import Reference, Unknown


class Defaults:
    """Defaults of optional attributes at one level of a type, and those of its children (`""` for every element)."""

    __slots__ = ("children", "type", "values")

    def __init__(self, of: Type, values: "dict[str, Any]", children: "dict[str | int, Defaults]") -> None:
        self.type = of
        self.values = values
        self.children = children


class Constraint:
    """What a variable accepts: its type (optional attributes marked) and their defaults."""

    __slots__ = ("defaults", "type")

    def __init__(self, of: Type = DYNAMIC, defaults: Defaults | None = None) -> None:
        self.type = of
        self.defaults = defaults

    def __repr__(self) -> str:
        return f"Constraint({type_text(self.type) or 'any'})"


ANY = Constraint()
_SCALARS = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}


def parse_type(expr: Expr) -> Constraint:
    """The constraint that `type = …` writes; raises `EvalError` for what is no type. Takes the old quoted forms too."""
    of, defaults = _parse(expr)
    return Constraint(of, defaults)


def _parse(expr: Expr) -> tuple[Type, Defaults | None]:
    if isinstance(expr, Variable):
        if expr.name in _SCALARS:
            return _SCALARS[expr.name], None
        if expr.name in ("list", "map", "set"):
            return (expr.name, DYNAMIC), None
    elif isinstance(expr, Literal) and expr.value in ("string", "list", "map"):
        old: Type = STRING if expr.value == "string" else (str(expr.value), STRING)
        return old, None
    elif isinstance(expr, Call) and not expr.expand and len(expr.args) == 1:
        if expr.name in ("list", "set", "map"):
            element, inner = _parse(expr.args[0])
            of: Type = (expr.name, element)
            return of, Defaults(of, {}, {"": inner}) if inner is not None else None
        if expr.name == "object" and isinstance(expr.args[0], ObjectCons):
            return _parse_object(expr.args[0])
        if expr.name == "tuple" and isinstance(expr.args[0], TupleCons):
            parsed = [_parse(item) for item in expr.args[0].items]
            of = ("tuple", tuple([item for item, _ in parsed]))
            children: dict[str | int, Defaults] = {i: found for i, (_, found) in enumerate(parsed) if found is not None}
            return of, Defaults(of, {}, children) if children else None
    raise EvalError("this is no type constraint", expr)


def _parse_object(expr: ObjectCons) -> tuple[Type, Defaults | None]:
    attributes: dict[str, Type] = {}
    optional: set[str] = set()
    values: dict[str, Any] = {}
    children: dict[str | int, Defaults] = {}
    for key, written in expr.items:
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            raise EvalError("an attribute's name is required", key)
        name, item = key.value, written
        default: Expr | None = None
        if isinstance(written, Call) and written.name == "optional":
            if not 1 <= len(written.args) <= 2:
                raise EvalError("optional takes a type and perhaps a default", written)
            optional.add(name)
            item = written.args[0]
            default = written.args[1] if len(written.args) == 2 else None
        attributes[name], inner = _parse(item)
        if inner is not None:
            children[name] = inner
        if default is not None:
            values[name] = _default(default, attributes[name])
    of: Type = ("object", attributes, frozenset(optional))
    return of, Defaults(of, values, children) if values or children else None


def _default(expr: Expr, of: Type) -> Any:
    from compliance_scan.inputs.terraform.evaluate import evaluate

    return convert(evaluate(expr, _Constant()), of)


class _Constant:
    """The scope of a default: functions, but no names."""

    root = module = folder = ""

    def name(self, name: str) -> Any:
        raise EvalError(f"{name} may not be used in a default of an optional attribute")

    def read_file(self, path: str) -> bytes | None:  # noqa: ARG002 - the protocol's name
        return None


def convert_to(value: TfValue, wanted: "Constraint | Type") -> TfValue:
    """The value as the type wants it, defaults of optional attributes filled in first; raises `EvalError`.

    An unknown value gets the type's text; what exceeds our bounds becomes unknown (`limit_reached`).
    """
    constraint = wanted if isinstance(wanted, Constraint) else Constraint(wanted)
    try:
        if constraint.defaults is not None:
            value = _apply(value, constraint.defaults)
        return convert(value, constraint.type)  # type: ignore[no-any-return]
    except (LimitError, RecursionError) as error:
        return Unknown("limit_reached", str(error)[:200], type_text(constraint.type))


def _apply(value: Any, defaults: Defaults) -> Any:
    """Fills in the defaults of absent and null attributes, before conversion."""
    cls = type(value)
    if cls is Marked:
        return Marked(_apply(value.value, defaults), value.marks)
    if cls is Reference and not is_unknown(value):
        return _apply(value.value, defaults)
    if cls is OpenVal:
        return _apply_open(value, defaults)
    if cls in MAPPINGS and isinstance(defaults.type, tuple):
        if defaults.type[0] == "object":
            return _apply_object(value, defaults)
        child = defaults.children.get("")
        if child is not None:
            items = {key: _apply(item, child) for key, item in value.items.items()}
            return ObjectVal(items)
        return value
    if cls in SEQUENCES and isinstance(defaults.type, tuple):
        child = defaults.children.get("")
        children = defaults.children
        listed = [
            _apply(item, found) if (found := child or children.get(index)) is not None else item
            for index, item in enumerate(value.items)
        ]
        from compliance_scan.inputs.terraform.values import TupleVal

        return TupleVal(listed)
    return value


def _apply_open(value: OpenVal, defaults: Defaults) -> Any:
    items: Any = value.items
    child = defaults.children.get("")
    if child is None:
        return value
    if type(items) is dict:
        return OpenVal(value.kind, {key: _apply(item, child) for key, item in items.items()}, value.more, value.sure)
    return OpenVal(value.kind, [_apply(item, child) for item in items], value.more, value.sure)


def _apply_object(value: Any, defaults: Defaults) -> Any:
    items = dict(value.items)
    for name, default in defaults.values.items():
        if name not in items or is_null(items[name]):
            items[name] = default
        elif is_unknown(items[name]):
            # Null would give the default: what is unknown may be null.
            items[name] = _maybe_default(items[name])
    for key, child in defaults.children.items():
        if isinstance(key, str) and key in items:
            items[key] = _apply(items[key], child)
    return ObjectVal({name: items[name] for name in sorted(items)}) if type(value) is ObjectVal else _merged(items)


def _merged(items: "dict[str, Any]") -> Any:
    return ObjectVal({name: items[name] for name in sorted(items)})


def _maybe_default(value: Any) -> Any:
    if type(value) is not Unknown or value.not_null:
        return value
    return Unknown(value.cause, value.detail, value.type, not_null=True)


__all__ = [
    "ANY",
    "Constraint",
    "Defaults",
    "MapVal",
    "convert",
    "convert_to",
    "friendly",
    "parse_type",
    "type_from_text",
    "type_of",
    "type_text",
    "without_optional",
]
