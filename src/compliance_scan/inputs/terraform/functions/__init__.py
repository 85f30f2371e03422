"""Terraform's built-in functions: how they are found, what is done to their arguments, and calls in expressions.

Each family is a module of its own with a table `FUNCTIONS`, imported when one of its functions is first called.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from compliance_scan.inputs.terraform import ast
from compliance_scan.inputs.terraform.evaluate import value_of
from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.functions.table import FAMILIES
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError, NaNError
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.operators.symbols import plain_deep, spread, symbol_of
from compliance_scan.inputs.terraform.types_convert import convert
from compliance_scan.inputs.terraform.types_core import type_text
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    NO_MARKS,
    NUMBER,
    PLAIN,
    SEQUENCES,
    STRING,
    EvalError,
    Null,
    OpenVal,
    Type,
    cause_of,
    is_null,
    is_unknown,
    is_wholly_known,
    marked,
    unmarked,
    unmarked_deep,
)
from compliance_scan.model.value import Reference, Unknown

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.scope import Scope

_SPECS: dict[str, Spec] = {}
_BY_NAME = frozenset({"templatestring", "core::templatestring"})
"""Functions whose first argument must be a reference: Terraform has them read what the reference names."""
_LAZY = {"try": "try_", "can": "can", "core::try": "try_", "core::can": "can"}
_FAST: dict[Any, str] = {str: STRING, int: NUMBER, bool: BOOL}


def call(expr: ast.Call, scope: "Scope") -> Any:
    """A call in an expression."""
    name = expr.name
    if name in _LAZY:
        from compliance_scan.inputs.terraform.functions import attempts

        return getattr(attempts, _LAZY[name])(expr, scope)
    if name.startswith("provider::"):
        return Unknown("unsupported_expression", f"{name}() is a provider's function")
    spec = _SPECS.get(name) or find(name, expr)
    if name in _BY_NAME and expr.args and not _is_reference(expr.args[0]):
        raise EvalError(f"{name} takes a reference to its template, such as local.page", expr.args[0])
    args = [value_of(arg, scope) for arg in expr.args]
    try:
        if expr.expand:
            expanded = _expand(args, spec)
            if type(expanded) is not list:
                return expanded
            args = expanded
        return apply_spec(name, spec, args, scope)
    except EvalError as error:
        error.expr = error.expr or expr
        raise


def _is_reference(expr: ast.Expr) -> bool:
    """Whether an expression is a name with steps below it that are written out."""
    while True:
        if type(expr) is ast.Variable:
            return True
        if type(expr) is not ast.GetAttr and not (type(expr) is ast.Index and type(expr.key) is ast.Literal):
            return False
        expr = expr.of


def find(name: str, expr: ast.Expr | None = None) -> Spec:
    """The function of this name; raises `EvalError` where there is none."""
    plain = name.removeprefix("core::")
    family = FAMILIES.get(plain)
    if family is None:
        raise EvalError(f'there is no function named "{name}"', expr)
    table: dict[str, Spec] = import_module(f"{__name__}.{family}").FUNCTIONS
    for key, spec in table.items():
        _SPECS[key] = spec
        _SPECS["core::" + key] = spec
    return table[plain]


def apply(name: str, args: list[Any], scope: "Scope") -> Any:
    """The function of this name applied to values."""
    return apply_spec(name, _SPECS.get(name) or find(name), args, scope)


def _expand(args: list[Any], spec: Spec) -> Any:
    """The arguments with the last one spread; an unknown result where it is not known how many there are."""
    last, marks = unmarked(args[-1])
    last = bare(last)
    if type(last) is Null:
        raise EvalError("the expanding argument must not be null")
    if is_unknown(last):
        items: Any = last.items if type(last) is OpenVal else None
        cause = cause_of(last)
        if type(items) is list and spec.open_args:
            more = Unknown(cause.cause, cause.detail)
            return [marked(arg, marks) for arg in [*args[:-1], *items[: last.sure], more, *items[last.sure :], more]]
        if type(last) is OpenVal and type(items) is dict:
            raise EvalError("the expanding argument must be a list, a tuple or a set")
        if spec.open_args and type(last) is Unknown and args[:-1]:
            return [*args[:-1], marked(Unknown(cause.cause, cause.detail), marks)]
        return marked(Unknown(cause.cause, cause.detail, type_text(spec.returns)), marks)
    if type(last) not in SEQUENCES:
        raise EvalError("the expanding argument must be a list, a tuple or a set")
    return [*args[:-1], *[marked(item, marks) for item in last.items]]


def apply_spec(name: str, spec: Spec, args: list[Any], scope: "Scope") -> Any:
    """Converts the arguments, answers unknown for unknown ones, calls, and marks the result."""
    params = spec.params
    count = len(params)
    if len(args) < count:
        raise EvalError(f"not enough arguments: {name} expects {count}")
    if len(args) > count and spec.variadic is None:
        raise EvalError(f"too many arguments: {name} expects only {count}")
    ready: list[Any] = []
    marks = NO_MARKS
    unknown: Any = None
    for index, arg in enumerate(args):
        of = params[index] if index < count else spec.variadic
        if _FAST.get(type(arg)) == of:
            ready.append(arg)
            continue
        value, found = _argument(arg, of, spec, nullable=spec.nullable or (spec.nullable_rest and index >= count))
        marks |= found
        if not spec.raw and unknown is None and type(value) not in PLAIN and not is_wholly_known(value):
            unknown = value
        ready.append(value)
    if unknown is not None:
        return marked(_unknown_result(name, spec, ready, unknown), marks)
    try:
        result = spec.run(*ready, scope) if spec.scoped else spec.run(*ready)
    except (LimitError, OverflowError) as error:
        result = Unknown("limit_reached", str(error))
    except NaNError:
        raise EvalError("the result is not a number") from None
    return marked(result, marks) if marks else result


def _argument(arg: Any, of: Type | None, spec: Spec, *, nullable: bool) -> tuple[Any, frozenset[str]]:
    if spec.own_marks:
        return arg, NO_MARKS
    value: Any
    value, marks = unmarked(arg) if spec.shallow else unmarked_deep(arg)
    if of != DYNAMIC and of is not None:
        value = convert(value, of)
        if spec.shallow:
            value, more = unmarked(value)
            marks |= more
    if not spec.edges:
        value = bare(value)
        if type(value) is Reference and isinstance(value.value, OpenVal):
            value = spread(value)
    if not nullable and is_null(value):
        raise EvalError("argument must not be null")
    return (value if spec.raw else plain_deep(value)), marks


def _unknown_result(name: str, spec: Spec, args: list[Any], unknown: Any) -> Unknown:
    cause = cause_of(unknown)
    symbols = [symbol_of(arg) for arg in args]
    symbol = f"{name}({','.join(symbols)})" if all(symbols) else ""
    return Unknown(cause.cause, cause.detail, type_text(spec.returns), not spec.may_be_null, symbol)
