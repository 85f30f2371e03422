"""How many there are of a resource or module: `count` and `for_each`, also where they cannot be known."""

from typing import Final, Literal

from compliance_scan.inputs.terraform.ast import Block, Conditional, Expr, Paren
from compliance_scan.inputs.terraform.ast import Literal as LiteralExpr
from compliance_scan.inputs.terraform.evaluate import evaluate
from compliance_scan.inputs.terraform.module import hidden_key
from compliance_scan.inputs.terraform.scope import Scope
from compliance_scan.inputs.terraform.values import (
    NO_MARKS,
    EvalError,
    ListVal,
    MapVal,
    ObjectVal,
    OpenVal,
    SetVal,
    TfValue,
    TupleVal,
    cause_of,
    is_unknown,
    marked,
    unmarked,
)
from compliance_scan.model.value import Reference, Unknown

ENVIRONMENT = frozenset({"environment"})
"""The mark of what came from the process environment: no report shows it, addresses neither."""
MAX_INSTANCES = 1000
"""Instances of one block; more are one instance with an unknown key."""


SMALLER: Final = "scan what it makes with a smaller number"


class UnknownKey:
    """The key of an instance that stands for all that may exist."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "?"


UNKNOWN_KEY: Final = UnknownKey()
Key = int | str | UnknownKey | None


class Expansion:
    """What instances a block has.

    `instances` maps keys to `each.value` (None for `count` and single blocks); an unknown key comes last and has
    `conditional` for its reason. `perhaps` is true for a count `c ? 1 : 0` that is not known.
    """

    __slots__ = ("conditional", "hint", "instances", "mode", "perhaps")

    def __init__(
        self,
        mode: Literal["single", "count", "for_each"],
        instances: "dict[Key, TfValue | None]",
        conditional: Unknown | None = None,
        *,
        perhaps: bool = False,
        hint: str = "",
    ) -> None:
        """`hint`: what to do where the number is one that Terraform or we refuse."""
        self.mode = mode
        self.instances = instances
        self.conditional = conditional
        self.perhaps = perhaps
        self.hint = hint


SINGLE: Final = Expansion("single", {None: None})


def expansion_of(block: Block, scope: Scope, where: str) -> Expansion:
    """Evaluates a block's `count` or `for_each`; `where` is its address without key, for messages and symbols."""
    attributes = block.body.attributes
    if "count" in attributes:
        return _count(attributes["count"].expr, scope, where)
    if "for_each" in attributes:
        return _for_each(attributes["for_each"].expr, scope, where)
    return SINGLE


def _count(expr: Expr, scope: Scope, where: str) -> Expansion:
    value, _ = _evaluated(expr, scope)
    if value.__class__ is str and isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    if isinstance(value, bool) or not isinstance(value, int):
        return _unknown("count", value, expr, scope, where)
    if value < 0:
        error = Unknown("error", f"count of {where} is negative")
        return Expansion("count", {UNKNOWN_KEY: None}, error, hint="count takes a whole number from 0")
    if value > MAX_INSTANCES:
        reason = Unknown("limit_reached", f"{where} has {value} instances, more than {MAX_INSTANCES}", not_null=True)
        return Expansion("count", {UNKNOWN_KEY: None}, reason, hint=SMALLER)
    return Expansion("count", dict.fromkeys(range(value)))


def _for_each(expr: Expr, scope: Scope, where: str) -> Expansion:
    value, marks = _evaluated(expr, scope)
    instances: dict[Key, TfValue | None] = {}
    more: Unknown | None = None
    if isinstance(value, OpenVal | MapVal | ObjectVal) and isinstance(value.items, dict):
        for name, item in value.items.items():
            key = hidden_key(name, len(instances) + 1) if marks >= ENVIRONMENT else name
            instances[key] = marked(item, marks)
        more = value.more if isinstance(value, OpenVal) else None
    elif isinstance(value, SetVal):
        for item in value.items:
            key, own = unmarked(item)
            while isinstance(key, Reference):
                key, also = unmarked(key.value)  # type: ignore[arg-type]
                own |= also
            if isinstance(key, str):
                key = hidden_key(key, len(instances) + 1) if marks | own >= ENVIRONMENT else key
                instances[key] = marked(str(key), marks | own)
            else:
                more = cause_of(key) if is_unknown(key) else Unknown("error", f"for_each of {where} has a null key")
    else:
        return _unknown("for_each", value, expr, scope, where)
    if len(instances) > MAX_INSTANCES:
        reason = Unknown("limit_reached", f"{where} has more than {MAX_INSTANCES} instances", not_null=True)
        return Expansion("for_each", {UNKNOWN_KEY: None}, reason, hint=SMALLER)
    if more is None:
        return Expansion("for_each", instances)
    unknown = _unknown("for_each", more, expr, scope, where)
    return Expansion("for_each", {**instances, **unknown.instances}, unknown.conditional)


def _unknown(mode: Literal["count", "for_each"], value: TfValue, expr: Expr, scope: Scope, where: str) -> Expansion:
    """One instance with an unknown key; its condition has a symbol, so that equal conditions can be told."""
    if not is_unknown(value):
        listed = mode == "for_each" and isinstance(value, ListVal | TupleVal)
        wrong = "a list; it takes a map or a set of strings" if listed else "not valid"
        reason = Unknown("error", f"{mode} of {where} is {wrong}")
        takes = "count takes a whole number" if mode == "count" else "for_each takes a map or a set of strings"
        return Expansion(mode, {UNKNOWN_KEY: None}, reason, hint="wrap it in toset(...)" if listed else takes)
    cause = cause_of(value)
    perhaps, symbol = _boolean_symbol(expr, scope) if mode == "count" else (False, cause.symbol)
    text = " ".join(expr.file.text[expr.start : expr.end].split())
    symbol = symbol or cause.symbol or f"{scope.root}|{scope.module}|{text}"
    detail = cause.detail or f"{mode} of {where} is not known"
    reason = Unknown(cause.cause, detail, "", True, f"{mode}:{symbol}")
    return Expansion(mode, {UNKNOWN_KEY: None}, reason, perhaps=perhaps)


def _boolean_symbol(expr: Expr, scope: Scope) -> tuple[bool, str]:
    """Whether a count is `c ? 1 : 0` or the reverse, and the symbol of its condition."""
    while isinstance(expr, Paren):
        expr = expr.inner
    if not isinstance(expr, Conditional):
        return False, ""
    then, otherwise = _number(expr.then), _number(expr.otherwise)
    if {then, otherwise} != {0, 1}:
        return False, ""
    condition, _ = _evaluated(expr.condition, scope)
    symbol = cause_of(condition).symbol if is_unknown(condition) else ""
    if not symbol:
        text = " ".join(expr.file.text[expr.condition.start : expr.condition.end].split())
        symbol = f"{scope.root}|{scope.module}|{text}"
    return True, symbol if then == 1 else f"not {symbol}"


def _number(expr: Expr) -> int | None:
    while isinstance(expr, Paren):
        expr = expr.inner
    if isinstance(expr, LiteralExpr) and isinstance(expr.value, int) and not isinstance(expr.value, bool):
        return expr.value
    return None


def _evaluated(expr: Expr, scope: Scope) -> tuple[TfValue, frozenset[str]]:
    """The value without marks and edges, and its marks; an error is an unknown."""
    try:
        value, marks = unmarked(evaluate(expr, scope))
    except EvalError as error:
        return Unknown("error", error.message), NO_MARKS
    while isinstance(value, Reference):
        value, more = unmarked(value.value)  # type: ignore[arg-type]
        marks |= more
    return value, marks
