"""`try` and `can`: what fails for certain is passed over, what might fail leaves the result open."""

from typing import TYPE_CHECKING, Any

from compliance_scan.inputs.terraform import ast
from compliance_scan.inputs.terraform.evaluate import value_of
from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.operators.symbols import MAX_SYMBOL, is_conditional
from compliance_scan.inputs.terraform.values import (
    BOOL,
    SEQUENCES,
    EvalError,
    OpenVal,
    cause_of,
    is_unknown,
    is_wholly_known,
    marked,
    unmarked,
)
from compliance_scan.model.value import Reference, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_scan.inputs.terraform.scope import Scope

FUNCTIONS: dict[str, Spec] = {}
_STEPS = frozenset({ast.GetAttr, ast.Index})
_PATHS = _STEPS | {ast.Variable}
_LOOPS = frozenset({ast.ForTuple, ast.ForObject, ast.TemplateFor})


def try_(expr: ast.Call, scope: "Scope") -> Any:
    """The first argument that has a value; unknown where one before it might have one."""
    args = expr.args
    if not args:
        raise EvalError("at least one argument is required", expr)
    spread: Any = []
    if expr.expand:
        spread = _spread(args[-1], scope)  # before all others, and what fails there is not caught
        args = args[:-1]
    for arg in args:
        try:
            value = value_of(arg, scope)
        except EvalError:
            continue
        last = arg is args[-1] and not expr.expand
        return value if _certain(arg, value, scope) else _perhaps(value, arg, last=last)
    if type(spread) is not list:
        return spread
    if spread:
        return spread[0]
    raise EvalError("no expression succeeded" if args else "at least one argument is required", expr)


def _spread(expr: ast.Expr, scope: "Scope") -> Any:
    """The items of a spread argument; an unknown where they are not known."""
    value, marks = unmarked(value_of(expr, scope))
    value = bare(value)
    if is_unknown(value):
        cause = cause_of(value)
        return marked(Unknown(cause.cause, cause.detail), marks)
    if type(value) not in SEQUENCES:
        raise EvalError("the expanding argument must be a list, a tuple or a set", expr)
    return [marked(item, marks) for item in value.items]


def can(expr: ast.Call, scope: "Scope") -> Any:
    """Whether the argument has a value."""
    if expr.expand and len(expr.args) == 1:
        spread = _spread(expr.args[0], scope)
        if type(spread) is not list:
            return spread
        if len(spread) == 1:
            return True
    if len(expr.args) != 1 or expr.expand:
        raise EvalError("can expects one argument", expr)
    try:
        value = value_of(expr.args[0], scope)
    except EvalError:
        return False
    if _certain(expr.args[0], value, scope):
        return True
    cause = cause_of(value) if not is_wholly_known(value) else _first_unknown(expr.args[0], scope)
    return Unknown(cause.cause, cause.detail, BOOL, not_null=True)


def _certain(expr: ast.Expr, value: Any, scope: "Scope") -> bool:
    """Whether the evaluation cannot fail, however its unknowns turn out."""
    if is_conditional(value):
        return False
    if is_wholly_known(value):
        return _is_path(expr) or _first_unknown_or_none(expr, scope) is None
    return _structural(expr, scope)


def _is_path(expr: Any) -> bool:
    """Whether the expression is a name with steps by fixed keys."""
    while type(expr) is ast.GetAttr or (type(expr) is ast.Index and type(expr.key) is ast.Literal):
        expr = expr.of
    return type(expr) is ast.Variable


def _structural(expr: ast.Expr, scope: "Scope") -> bool:
    """Whether the expression only puts together what certainly exists."""
    kind = type(expr)
    if kind is ast.Paren:
        return _structural(expr.inner, scope)  # type: ignore[attr-defined]
    if kind is ast.TupleCons:
        return all(_structural(item, scope) for item in expr.items)  # type: ignore[attr-defined]
    if kind is ast.ObjectCons:
        return all(type(key) is ast.Literal and _structural(item, scope) for key, item in expr.items)  # type: ignore[attr-defined]
    if kind is ast.Literal:
        return True
    if _is_path(expr):
        value, _ = unmarked(value_of(expr, scope))
        if type(value) is Reference:
            return not is_conditional(value)
        # A name that is declared always has a value; a step into an unknown value may fail.
        return is_wholly_known(value) or _declared(expr, scope)
    return False


def _declared(expr: ast.Expr, scope: "Scope") -> bool:
    from compliance_scan.inputs.terraform.evaluate import EVALUATORS
    from compliance_scan.inputs.terraform.values import VALUE_CLASSES

    if isinstance(expr, ast.Variable):
        return True
    if isinstance(expr, ast.GetAttr):
        of = EVALUATORS[type(expr.of)](expr.of, scope)
        return type(of) not in VALUE_CLASSES or type(unmarked(of)[0]) not in (Unknown, OpenVal, Reference)
    return False


def _perhaps(value: Any, expr: ast.Expr, *, last: bool) -> Any:
    """What is left of a value that may turn out to be another argument's."""
    bare, marks = unmarked(value)
    if type(bare) is Reference:
        # The edge stays: with what it leads to, its value is there.
        cause = cause_of(bare) if not is_wholly_known(bare) else Unknown("computed", f"{bare.address} may not exist")
        unknown = Unknown(cause.cause, cause.detail, cause.type, symbol=cause.symbol)
        return marked(Reference(bare.address, bare.path, unknown, bare.presence), marks)
    if is_wholly_known(bare):
        return Unknown("computed", "whether the expression has a value depends on what is not known")
    if last:
        # Nothing follows: in a plan that succeeds, this argument has the value.
        return value
    cause = cause_of(bare)
    symbol = bare.symbol if type(bare) is Unknown else ""
    text = f"try({symbol},{expr.file.text[expr.start : expr.end]})" if symbol else ""
    return marked(Unknown(cause.cause, cause.detail, symbol=text if len(text) < MAX_SYMBOL else ""), marks)


def _first_unknown(expr: ast.Expr, scope: "Scope") -> Unknown:
    return _first_unknown_or_none(expr, scope) or Unknown("computed")


def _first_unknown_or_none(expr: ast.Expr, scope: "Scope") -> Unknown | None:
    """Why one of the names in the expression is unknown; None where all are known, if not all that is in them."""
    for path in _paths(expr):
        try:
            value = value_of(path, scope)
        except EvalError:
            continue
        if is_unknown(value):
            return cause_of(value)
    return None


def _paths(expr: ast.Expr) -> "Iterator[ast.Expr]":
    """The longest traversals within an expression that start at a name of the scope around it."""
    bound: set[str | None] = set()
    found: list[Any] = []
    stack: list[Any] = [expr]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind in _LOOPS:
            bound |= {node.key, node.value}
        if kind not in _PATHS:
            stack.extend(_children(node))
            continue
        path = node
        while kind in _STEPS:
            if kind is ast.Index:
                stack.append(node.key)
            node = node.of
            kind = type(node)
        if kind is ast.Variable:
            found.append((node.name, path))
        else:
            stack.append(node)
    return iter([path for name, path in found if name not in bound])


def _children(node: Any) -> list[Any]:
    out: list[Any] = []
    for cls in type(node).__mro__[:-2]:
        for slot in getattr(cls, "__slots__", ()):
            value = getattr(node, slot)
            if isinstance(value, ast.Expr):
                out.append(value)
            elif isinstance(value, list):
                for item in value:
                    out.extend(
                        part for part in (item if isinstance(item, tuple) else (item,)) if isinstance(part, ast.Expr)
                    )
    return out
