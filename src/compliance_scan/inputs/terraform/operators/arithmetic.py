"""Operators of expressions on values: arithmetic, comparison, logic."""

from collections.abc import Callable
from typing import Any

from compliance_scan.inputs.terraform.operators import bigfloat
from compliance_scan.inputs.terraform.operators.bigfloat import NaNError
from compliance_scan.inputs.terraform.operators.equality import bare, equal
from compliance_scan.inputs.terraform.operators.symbols import symbol_of
from compliance_scan.inputs.terraform.types_convert import convert
from compliance_scan.inputs.terraform.values import (
    BOOL,
    NO_MARKS,
    NUMBER,
    EvalError,
    Null,
    Type,
    cause_of,
    is_unknown,
    marked,
    unmarked,
    unmarked_deep,
)
from compliance_scan.model.value import Unknown


def operand(value: Any, of: Type) -> tuple[Any, frozenset[str]]:
    """An operand as a bare value of this type, and its marks; raises `EvalError` for null and misfits."""
    value, marks = unmarked(value)
    value = bare(convert(value, of))
    if type(value) is Null:
        raise EvalError("argument must not be null")
    return value, marks


def _unknown(operator: str, of: str, a: Any, b: Any) -> Unknown:
    cause = cause_of(a if is_unknown(a) else b)
    left, right = symbol_of(a), symbol_of(b)
    symbol = f"({left} {operator} {right})" if left and right else ""
    return Unknown(cause.cause, cause.detail, of, not_null=True, symbol=symbol)


def _numeric(operator: str, compute: Callable[[Any, Any], Any], of: str = "number") -> Callable[[Any, Any], Any]:
    def apply(a: Any, b: Any) -> Any:
        left, marks = operand(a, NUMBER)
        right, more = operand(b, NUMBER)
        if is_unknown(left) or is_unknown(right):
            result: Any = _unknown(operator, of, left, right)
        else:
            try:
                result = compute(left, right)
            except NaNError:
                raise EvalError("can't divide zero by zero or infinity by infinity") from None
        return marked(result, marks | more) if marks or more else result

    return apply


_add_any = _numeric("+", bigfloat.add)
_subtract_any = _numeric("-", bigfloat.subtract)


def _add(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int and -_SMALL < a < _SMALL and -_SMALL < b < _SMALL:
        return a + b
    return _add_any(a, b)


def _subtract(a: Any, b: Any) -> Any:
    if type(a) is int and type(b) is int and -_SMALL < a < _SMALL and -_SMALL < b < _SMALL:
        return a - b
    return _subtract_any(a, b)


_SMALL = 1 << 62


def _equality(negated: bool) -> Callable[[Any, Any], Any]:
    sign = "!=" if negated else "=="

    def apply(a: Any, b: Any) -> Any:
        if type(a) is str and type(b) is str:
            return (a == b) is not negated
        left, marks = unmarked_deep(a)
        right, more = unmarked_deep(b)
        found = equal(left, right)
        if found is None:
            unknown = left if not _known(left) else right
            cause = cause_of(unknown)
            one, other = symbol_of(left), symbol_of(right)
            symbol = f"({one} {sign} {other})" if one and other else ""
            result: Any = Unknown(cause.cause, cause.detail, BOOL, not_null=True, symbol=symbol)
        else:
            result = found is not negated
        return marked(result, marks | more) if marks or more else result

    return apply


def _known(value: Any) -> bool:
    from compliance_scan.inputs.terraform.values import is_wholly_known

    return is_wholly_known(value)


def _logic(operator: str, decisive: bool) -> Callable[[Any, Any], Any]:
    def apply(a: Any, b: Any) -> Any:
        if type(a) is bool and type(b) is bool:
            return (a or b) if decisive else (a and b)
        left, marks = operand(a, BOOL)
        right, more = operand(b, BOOL)
        if left is decisive or right is decisive:
            result: Any = decisive
        elif is_unknown(left) or is_unknown(right):
            result = _unknown(operator, BOOL, left, right)
            if left is (not decisive) or right is (not decisive):
                # `true && x` is x itself.
                rest = right if left is (not decisive) else left
                cause = cause_of(rest)
                result = Unknown(cause.cause, cause.detail, BOOL, not_null=True, symbol=symbol_of(rest))
        else:
            result = not decisive
        return marked(result, marks | more) if marks or more else result

    return apply


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": _subtract,
    "*": _numeric("*", bigfloat.multiply),
    "/": _numeric("/", bigfloat.divide),
    "%": _numeric("%", bigfloat.modulo),
    "<": _numeric("<", lambda a, b: bigfloat.compare(a, b) < 0, BOOL),
    ">": _numeric(">", lambda a, b: bigfloat.compare(a, b) > 0, BOOL),
    "<=": _numeric("<=", lambda a, b: bigfloat.compare(a, b) <= 0, BOOL),
    ">=": _numeric(">=", lambda a, b: bigfloat.compare(a, b) >= 0, BOOL),
    "==": _equality(negated=False),
    "!=": _equality(negated=True),
    "&&": _logic("&&", decisive=False),
    "||": _logic("||", decisive=True),
}


def negative(value: Any) -> Any:
    """`-x`."""
    if type(value) is int and value:
        return -value
    number, marks = operand(value, NUMBER)
    if is_unknown(number):
        return marked(_single("-", NUMBER, number), marks)
    return marked(bigfloat.negate(number), marks)


def inverse(value: Any) -> Any:
    """`!x`."""
    if type(value) is bool:
        return not value
    truth, marks = operand(value, BOOL)
    if is_unknown(truth):
        return marked(_single("!", BOOL, truth), marks)
    return marked(not truth, marks)


def _single(operator: str, of: str, value: Any) -> Unknown:
    cause = cause_of(value)
    symbol = symbol_of(value)
    return Unknown(cause.cause, cause.detail, of, not_null=True, symbol=f"{operator}{symbol}" if symbol else "")


UNARY: dict[str, Callable[[Any], Any]] = {"-": negative, "!": inverse}

__all__ = ["BINARY", "NO_MARKS", "UNARY", "operand"]
