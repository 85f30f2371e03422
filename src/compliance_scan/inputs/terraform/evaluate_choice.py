"""The conditional `c ? a : b`, whose arms are brought to one type."""

from typing import TYPE_CHECKING, Any, Final

from compliance_scan.inputs.terraform import ast
from compliance_scan.inputs.terraform.evaluate import value_of
from compliance_scan.inputs.terraform.operators.equality import bare, equal, never_null
from compliance_scan.inputs.terraform.operators.setorder import set_of
from compliance_scan.inputs.terraform.operators.symbols import symbol_of
from compliance_scan.inputs.terraform.types_convert import LOOSE, convert, is_of_open_type, of_open_type
from compliance_scan.inputs.terraform.types_core import type_of, type_text
from compliance_scan.inputs.terraform.types_unify import distinct_types, unify
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    MAPPINGS,
    PLAIN,
    SEQUENCES,
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
    is_null,
    is_wholly_known,
    marked,
    object_of,
    unmarked,
    unmarked_deep,
)
from compliance_scan.model.value import Reference, Unknown

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.scope import Scope


_UNEVEN: Final = (("map", DYNAMIC), ("list", DYNAMIC))
"""What a structure and an empty collection of no known type are brought to, when the items of the structure are no
scalars. Terraform does not convert them to one type then: they have to have one."""
_STRUCTURES: Final = ("object", "tuple")
INCONSISTENT: Final = "the true and false result expressions must have consistent types"


MAX_OPTIONS: Final = 8
"""Values that one unknown may certainly be one of."""
MAX_ITEMS: Final = 64
"""Items of a collection that is such a value."""


class _Failed:
    """An arm that Terraform rejects: harmless unless it is chosen, but the type of what is left of it still counts."""

    __slots__ = ("error", "rest", "sure")

    def __init__(self, error: EvalError, rest: Any = None, *, sure: bool = True) -> None:
        """`rest` is what Terraform goes on with; `sure` is false where we cannot tell its type."""
        self.error = error
        self.rest = rest if rest is not None else Unknown("error")
        self.sure = sure


def conditional(expr: ast.Conditional, scope: "Scope") -> Any:
    """`c ? a : b`. Both arms are evaluated, since the type of the one not taken decides the result's type, too."""
    links: list[ast.Conditional] = [expr]
    while type(links[-1].otherwise) is ast.Conditional:
        links.append(links[-1].otherwise)
    result = _arm(links[-1].otherwise, scope)
    simple = _simple(links[-1].otherwise)
    for link in reversed(links):
        try:
            result = _choose(link, scope, result, simple=simple)
        except EvalError as error:
            error.expr = error.expr or link
            result = _Failed(error, sure=error.message == INCONSISTENT)
        simple = simple and _simple(link.then)
    if type(result) is _Failed:
        raise result.error
    return result


def _simple(expr: ast.Expr) -> bool:
    """Whether the expression is text by its very form."""
    if type(expr) is ast.Template:
        return len(expr.parts) > 1 or expr.heredoc
    return type(expr) is ast.Literal and type(expr.value) is str


def _arm(expr: ast.Expr, scope: "Scope") -> Any:
    try:
        return value_of(expr, scope)
    except EvalError as error:
        error.expr = error.expr or expr
        rest = error.rest if error.rest is not None and error.expr is expr else _rest(expr, scope)
        return _Failed(error, rest, sure=rest is not None)


_TEXT, _TRUTH, _SOME = (Unknown("error", type=of) for of in ("string", "bool", "number"))
_UNTYPED = frozenset({ast.Call, ast.Variable, ast.GetAttr, ast.Index})


def _rest(expr: ast.Expr, scope: "Scope") -> Any:
    """What Terraform goes on with after an error in an expression; None where we do not know its type."""
    try:
        return value_of(expr, scope)
    except EvalError as error:
        if error.message == INCONSISTENT:
            return Unknown("error")
        if error.rest is not None and error.expr is expr:
            return error.rest
    kind = type(expr)
    if kind in _UNTYPED:
        return Unknown("error")
    if kind is ast.Template and _simple(expr):
        return _TEXT
    if isinstance(expr, ast.Binary):
        return _SOME if expr.operator in ("+", "-", "*", "/", "%") else _TRUTH
    if isinstance(expr, ast.Unary):
        return _SOME if expr.operator == "-" else _TRUTH
    if isinstance(expr, ast.Paren):
        return _rest(expr.inner, scope)
    if isinstance(expr, ast.Splat):
        return _rest_of_splat(expr, scope)
    if isinstance(expr, ast.ForTuple | ast.ForObject):
        source = _rest(expr.collection, scope)
        source = None if source is None else bare(unmarked(source)[0])
        return Unknown("error") if type(source) in PLAIN or source == Unknown("error") else None
    if isinstance(expr, ast.TupleCons):
        items = [_rest(item, scope) for item in expr.items]
        return None if None in items else TupleVal(items)
    if isinstance(expr, ast.ObjectCons):
        pairs: dict[str, Any] = {}
        for key, item in expr.items:
            if not isinstance(key, ast.Literal) or type(key.value) is not str:
                return None
            pairs[key.value] = _rest(item, scope)
            if pairs[key.value] is None:
                return None
        return object_of(pairs)
    return None


def _rest_of_splat(expr: ast.Splat, scope: "Scope") -> Any:
    """Of a splat over one thing or a tuple as many items of any type as it has."""
    try:
        source = bare(unmarked(value_of(expr.of, scope))[0])
    except EvalError:
        return Unknown("error")
    if not is_wholly_known(source) or type(source) in (ListVal, SetVal):
        return None
    count = len(source.items) if type(source) is TupleVal else 1
    return Unknown("error", type=type_text(("tuple", (DYNAMIC,) * count)))


def _choose(expr: ast.Conditional, scope: "Scope", otherwise: Any, *, simple: bool) -> Any:
    condition, marks = unmarked(value_of(expr.condition, scope))
    condition = bare(condition)
    if type(condition) is not bool:
        if type(condition) is Null:
            raise EvalError("the condition is null", expr.condition)
        condition = bare(convert(condition, BOOL))
    if condition is True and simple and type(expr.then) is ast.Literal and type(expr.then.value) is str:
        return marked(value_of(expr.then, scope), marks)
    if condition is False and type(otherwise) is str and _simple(expr.then):
        return marked(otherwise, marks)
    then = _arm(expr.then, scope)
    if type(condition) is bool:
        chosen, other = (then, otherwise) if condition else (otherwise, then)
        if type(chosen) is _Failed:
            raise chosen.error
        if type(other) is Marked:
            # Terraform gives the result the marks of both arms.
            marks |= other.marks
        return marked(_typed(chosen, other), marks)
    return _undecided(condition, marks, then, otherwise)


def _typed(chosen: Any, other: Any) -> Any:
    """The chosen arm in the type that both arms share."""
    if type(chosen) is type(other) and type(chosen) in PLAIN:
        return chosen
    if _untyped_null(other):
        return chosen
    failed = type(other) is _Failed
    if failed:
        if not other.sure:
            return of_open_type(chosen, other.rest)
        other = other.rest
    mine, theirs = type_of(chosen), type_of(other)
    if _untyped_null(chosen):
        return Null(theirs)
    if mine == theirs:
        return chosen
    unified = unify([mine, theirs])
    uneven = unified in _UNEVEN and mine[0] in _STRUCTURES and theirs[0] not in _STRUCTURES
    if uneven and len(distinct_types(_parts(mine))) > 1:
        raise EvalError(INCONSISTENT)
    if unified is None and not failed and not (is_wholly_known(other) and is_wholly_known(chosen)):
        return _beside(chosen, other)
    if unified is None:
        raise EvalError(INCONSISTENT)
    if failed and unified == DYNAMIC:
        return chosen
    if not failed and (is_of_open_type(other) or is_of_open_type(chosen)):
        return _beside(chosen, other)
    return convert(chosen, unified)


def _parts(structure: Any) -> list[Type]:
    """The types of the items of a tuple or an object, but for that of a mere null, which takes any."""
    return [each for each in (structure[1].values() if structure[0] == "object" else structure[1]) if each != DYNAMIC]


def _beside(chosen: Any, other: Any) -> Any:
    """The chosen arm, where types are not all known: attributes that both have are brought together one by one."""
    one, two = type(chosen), type(other)
    if one is ObjectVal and two is ObjectVal and chosen.items.keys() == other.items.keys():
        return ObjectVal({name: _typed(item, other.items[name]) for name, item in chosen.items.items()})
    if one is TupleVal and two is TupleVal and len(chosen.items) == len(other.items):
        return TupleVal([_typed(item, beside) for item, beside in zip(chosen.items, other.items, strict=True)])
    if one in PLAIN and not is_of_open_type(other):
        return convert(chosen, unify([type_of(chosen), type_of(other)]) or DYNAMIC)
    cause = cause_of(other) if not is_wholly_known(other) else cause_of(chosen)
    if one in (ListVal, TupleVal) and (two is SetVal or (two is OpenVal and other.kind == "set")):
        return set_of([of_open_type(item, cause) for item in chosen.items], DYNAMIC)
    if one in MAPPINGS and not chosen.items:
        return MapVal({}, LOOSE)
    if one in SEQUENCES:
        # It may become a set or a list: its items have no certain keys.
        return ListVal([of_open_type(item, cause) for item in chosen.items], LOOSE)
    return of_open_type(chosen, cause)


def _untyped_null(value: Any) -> bool:
    return type(value) is Null and value.type == DYNAMIC


def _undecided(condition: Any, marks: frozenset[str], then: Any, otherwise: Any) -> Any:
    if type(then) is _Failed or type(otherwise) is _Failed:
        # The arm that fails cannot be the one: in a plan that succeeds, the other was chosen.
        sound = otherwise if type(then) is _Failed else then
        if type(sound) is _Failed:
            raise sound.error
        cause = cause_of(condition)
        return marked(Unknown(cause.cause, cause.detail), marks)
    then, more = unmarked_deep(then)
    otherwise, others = unmarked_deep(otherwise)
    marks = marks | more | others
    unified = _shared_type(then, otherwise)
    loose = is_of_open_type(then) or is_of_open_type(otherwise)
    if unified is None:
        if is_wholly_known(then) and is_wholly_known(otherwise):
            raise EvalError(INCONSISTENT)
        unified = DYNAMIC
    if is_wholly_known(then) and is_wholly_known(otherwise) and unified != DYNAMIC:
        one = _same(then, otherwise, unified)
        if one is not None:
            return marked(one, marks)
    elif (type(then) is Unknown and then.symbol and then == otherwise) or (
        type(then) is Reference and then == otherwise
    ):
        return marked(then, marks)
    cause = cause_of(condition)
    symbols = [symbol_of(condition), symbol_of(then), symbol_of(otherwise)]
    symbol = f"({symbols[0]} ? {symbols[1]} : {symbols[2]})" if all(symbols) else ""
    sure = _sure(then) and _sure(otherwise)
    of = "" if loose and unified != STRING else type_text(unified)
    options = () if loose else _options(then, unified) + _options(otherwise, unified)
    if len(options) > MAX_OPTIONS or None in options:
        options = ()
    return marked(Unknown(cause.cause, cause.detail, of, sure, symbol, options=options), marks)


def _options(arm: Any, of: Type) -> tuple[Any, ...]:
    """What an arm may turn out to be, in the type of both; `None` among it where that is too much to remember."""
    if type(arm) is Unknown and arm.options:
        return tuple([each for option in arm.options for each in _options(option, of)])
    items = getattr(arm, "items", ())
    flat = items.values() if type(items) is dict else items
    if len(items) > MAX_ITEMS or any(_holds_more(item) for item in flat):
        return (None,)  # choices within choices would double without end
    try:
        return (convert(arm, of),)
    except EvalError:
        return (None,)


def _holds_more(item: Any) -> bool:
    """Whether an item is a collection or a choice itself."""
    while type(item) is Reference or type(item) is Marked:
        item = item.value
    return type(item) not in PLAIN and bool(getattr(item, "items", ()) or getattr(item, "options", ()))


def _same(then: Any, otherwise: Any, unified: Type) -> Any:
    """The value that both arms have; None where they differ."""
    try:
        one, two = convert(then, unified), convert(otherwise, unified)
    except EvalError:
        return None
    return one if equal(one, two) is True else None


def _sure(value: Any) -> bool:
    return not is_null(value) and never_null(value)


def _shared_type(then: Any, otherwise: Any) -> Type | None:
    if _untyped_null(then):
        return type_of(otherwise)
    if _untyped_null(otherwise):
        return type_of(then)
    return unify([type_of(then), type_of(otherwise)])


_ = STRING
