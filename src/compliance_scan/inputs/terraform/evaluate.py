"""Evaluates expressions as Terraform 1.11 does; what cannot be known is unknown, with its cause."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from compliance_scan.inputs.terraform import ast
from compliance_scan.inputs.terraform.evaluate_access import get_attr, get_index
from compliance_scan.inputs.terraform.operators.arithmetic import BINARY, UNARY
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError, make, parse_number
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.operators.weight import bounded
from compliance_scan.inputs.terraform.types_convert import convert
from compliance_scan.inputs.terraform.values import (
    NULL,
    STRING,
    VALUE_CLASSES,
    EvalError,
    MapVal,
    Null,
    ObjectVal,
    OpenVal,
    TfValue,
    TupleVal,
    Type,
    cause_of,
    derived,
    is_unknown,
    marked,
    nfc,
    unmarked,
)
from compliance_scan.model.value import Unknown

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.scope import Namespace, Scope

__all__ = ["EvalError", "Type", "call_value", "evaluate", "value_of"]


def evaluate(expr: ast.Expr, scope: "Scope") -> TfValue:
    """The expression's value; raises `EvalError` for what Terraform rejects, and nothing else.

    What would take too long, too much memory or too deep a recursion is unknown (`limit_reached`).
    """
    try:
        return bounded(value_of(expr, scope))  # type: ignore[no-any-return]
    except EvalError as error:
        if error.expr is None:
            error.expr = expr
        raise
    except LimitError as error:
        return Unknown("limit_reached", str(error))
    except RecursionError:
        return Unknown("limit_reached", "the expression is nested too deeply")


def value_of(expr: ast.Expr, scope: "Scope") -> Any:
    """`evaluate` for use within an evaluation: limits are the outermost call's business."""
    found = EVALUATORS[type(expr)](expr, scope)
    return found if type(found) in VALUE_CLASSES else whole(found)


def whole(namespace: "Namespace") -> Any:
    """A namespace taken as a value (a resource as a whole); most have no such meaning."""
    as_value = getattr(namespace, "whole", None)
    if as_value is None:
        raise EvalError("a reference to a whole namespace is no value: an attribute of it is required")
    return as_value()


def _literal(expr: ast.Literal, scope: "Scope") -> Any:  # noqa: ARG001 - one signature for all
    value = expr.value
    cls = type(value)
    if cls is str:
        return nfc(value)  # type: ignore[arg-type]
    if cls is bool:
        return value
    if cls is int:
        return value if -_BIG < value < _BIG else make(value, 0)  # type: ignore[operator, arg-type]
    return NULL if value is None else parse_number(str(value))


_BIG = 1 << 512


def _variable(expr: ast.Variable, scope: "Scope") -> Any:
    return scope.name(expr.name)


def _get_attr(expr: ast.GetAttr, scope: "Scope") -> Any:
    of = EVALUATORS[type(expr.of)](expr.of, scope)
    if type(of) not in VALUE_CLASSES:
        return of.member(expr.name)
    try:
        return get_attr(of, expr.name)
    except EvalError as error:
        error.expr = error.expr or expr
        raise


def _index(expr: ast.Index, scope: "Scope") -> Any:
    of = EVALUATORS[type(expr.of)](expr.of, scope)
    key = value_of(expr.key, scope)
    try:
        if type(of) not in VALUE_CLASSES:
            item = getattr(of, "item", None)
            if item is not None:
                return item(key)
            if type(bare(key)) is str and not hasattr(of, "whole"):
                return of.member(bare(key))
            of = whole(of)
        return get_index(of, key)
    except EvalError as error:
        error.expr = error.expr or expr
        raise


def _paren(expr: ast.Paren, scope: "Scope") -> Any:
    return value_of(expr.inner, scope)


def _tuple(expr: ast.TupleCons, scope: "Scope") -> Any:
    return TupleVal([value_of(item, scope) for item in expr.items])


def _object(expr: ast.ObjectCons, scope: "Scope") -> Any:
    items: dict[str, Any] = {}
    marks: frozenset[str] = frozenset()
    more: Unknown | None = None
    for key_expr, value_expr in expr.items:
        if type(key_expr) is ast.Literal and type(key_expr.value) is str:
            items[nfc(key_expr.value)] = value_of(value_expr, scope)
            continue
        key, found = object_key(value_of(key_expr, scope), key_expr)
        marks |= found
        value = value_of(value_expr, scope)
        if type(key) is str:
            items[key] = value
        else:
            # The key may be one of those before it, whose value it then replaces.
            more = derived(key)
            items = {name: Unknown(more.cause, more.detail) for name in items}
    result: Any
    if more is not None:
        result = OpenVal("map", items, more)
    else:
        result = ObjectVal({name: items[name] for name in sorted(items)} if len(items) > 1 else items)
    return marked(result, marks) if marks else result


def object_key(key: Any, expr: ast.Expr | None) -> tuple[Any, frozenset[str]]:
    """An object's key as text (or an unknown) and its marks."""
    if type(key) is str:
        return key, frozenset()
    key, marks = unmarked(key)
    key = bare(key)
    if type(key) is Null:
        raise EvalError("a key must not be null", expr)
    try:
        return bare(convert(key, STRING)), marks
    except EvalError:
        raise EvalError("a key must be a string", expr) from None


def _unary(expr: ast.Unary, scope: "Scope") -> Any:
    return UNARY[expr.operator](value_of(expr.operand, scope))


def _binary(expr: ast.Binary, scope: "Scope") -> Any:
    # Chains lean to the left and may be long: no recursion for them.
    chain = [expr]
    left = expr.left
    while type(left) is ast.Binary:
        chain.append(left)
        left = left.left
    value = value_of(left, scope)
    while chain:
        link = chain.pop()
        try:
            value = BINARY[link.operator](value, value_of(link.right, scope))
        except EvalError as error:
            error.expr = error.expr or link
            raise
    return value


def _conditional(expr: ast.Conditional, scope: "Scope") -> Any:
    from compliance_scan.inputs.terraform.evaluate_choice import conditional

    return conditional(expr, scope)


def _loop(name: str) -> Callable[[Any, Any], Any]:
    def late(expr: ast.Expr, scope: "Scope") -> Any:
        from compliance_scan.inputs.terraform import evaluate_loops

        EVALUATORS[ast.ForTuple] = evaluate_loops.for_tuple
        EVALUATORS[ast.ForObject] = evaluate_loops.for_object
        EVALUATORS[ast.Splat] = evaluate_loops.splat
        return getattr(evaluate_loops, name)(expr, scope)

    return late


def _splat_item(expr: ast.SplatItem, scope: "Scope") -> Any:  # noqa: ARG001 - one signature for all
    return scope.name("*")


def _template(expr: ast.Template, scope: "Scope") -> Any:
    from compliance_scan.inputs.terraform.templates import template

    EVALUATORS[ast.Template] = template
    return template(expr, scope)


def _call(expr: ast.Call, scope: "Scope") -> Any:
    from compliance_scan.inputs.terraform.functions import call

    EVALUATORS[ast.Call] = call
    return call(expr, scope)


def _broken(expr: ast.Broken, scope: "Scope") -> Any:  # noqa: ARG001 - one signature for all
    return Unknown("unsupported_expression", expr.reason)


def call_value(name: str, args: "list[TfValue]", scope: "Scope") -> TfValue:
    """A built-in function applied to values; raises `EvalError`."""
    from compliance_scan.inputs.terraform.functions import apply

    return apply(name, args, scope)  # type: ignore[no-any-return]


EVALUATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Literal: _literal,
    ast.Variable: _variable,
    ast.GetAttr: _get_attr,
    ast.Index: _index,
    ast.Paren: _paren,
    ast.TupleCons: _tuple,
    ast.ObjectCons: _object,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.Conditional: _conditional,
    ast.ForTuple: _loop("for_tuple"),
    ast.ForObject: _loop("for_object"),
    ast.Splat: _loop("splat"),
    ast.SplatItem: _splat_item,
    ast.Template: _template,
    ast.Call: _call,
    ast.Broken: _broken,
}

_ = (MapVal, cause_of, is_unknown)
