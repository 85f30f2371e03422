"""`for` expressions and splats."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from compliance_scan.inputs.terraform import ast
from compliance_scan.inputs.terraform.evaluate import EVALUATORS, object_key, value_of, whole
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError, ShortInt
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.operators.weight import bounded
from compliance_scan.inputs.terraform.types_convert import LOOSE, convert, friendly
from compliance_scan.inputs.terraform.types_core import type_of, type_text
from compliance_scan.inputs.terraform.types_unify import distinct_types
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    MAPPINGS,
    NO_MARKS,
    SEQUENCES,
    VALUE_CLASSES,
    EvalError,
    ListVal,
    Null,
    ObjectVal,
    OpenVal,
    SetVal,
    TupleVal,
    cause_of,
    derived,
    is_unknown,
    marked,
    unmarked,
)
from compliance_scan.model.value import Reference, Unknown

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.scope import Scope

MAX_STEPS = 200_000
"""Rounds of all loops within one loop; more is beyond what a configuration means."""


class LoopScope:
    """A scope with a few names more."""

    __slots__ = ("folder", "module", "names", "parent", "root", "steps")

    def __init__(self, parent: Any, names: dict[str, Any]) -> None:
        self.parent = parent
        self.names = names
        self.root = parent.root
        self.module = parent.module
        self.folder = parent.folder
        self.steps: list[int] = parent.steps if type(parent) is LoopScope else [0]

    def name(self, name: str) -> Any:
        """A loop's name, else what the scope around says."""
        found = self.names.get(name)
        return found if found is not None else self.parent.name(name)

    def read_file(self, path: str) -> bytes | None:
        """What the scope around reads."""
        return self.parent.read_file(path)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.parent, name)


class Collection:
    """What a loop goes through: pairs of key and item, whether there may be more, and marks."""

    __slots__ = ("marks", "more", "pairs", "sure")

    def __init__(self, pairs: Any, marks: frozenset[str], more: Unknown | None = None, sure: int = -1) -> None:
        self.pairs = pairs
        self.marks = marks
        self.more = more
        self.sure = sure


def collection(expr: ast.Expr, scope: "Scope") -> "Collection | Unknown | Any":
    """What to go through; an unknown where nothing of it is known."""
    found_name = EVALUATORS[type(expr)](expr, scope)
    if type(found_name) not in VALUE_CLASSES:
        maybe = perhaps_one(found_name)
        if maybe is not None:
            return Collection(iter([(0, maybe.items[0])]), NO_MARKS, maybe.more, 1)
        found_name = whole(found_name)
    value, marks = unmarked(found_name)
    if type(value) is Reference:
        inner: Any = value.value
        inner, found = unmarked(inner)
        marks |= found
        if type(inner) is Unknown:
            value = derived(inner, inner.type)
        else:
            # Items keep the edge to the resource that they come from.
            more = _bare_cause(inner.more) if type(inner) is OpenVal else None
            return Collection(_pairs_of_reference(value, inner, expr), marks, more)
    value = bare(value)
    cls = type(value)
    if cls is OpenVal:
        return Collection(_pairs(value), marks, _bare_cause(value.more), value.sure)
    if is_unknown(value):
        of = type_of(value)
        if isinstance(of, str) and of != DYNAMIC:
            raise EvalError(f"a {friendly(of)} cannot be gone through", expr)
        return marked(value, marks)
    if cls is Null:
        raise EvalError("a null value cannot be gone through", expr)
    if cls not in SEQUENCES and cls not in MAPPINGS:
        raise EvalError(f"a {friendly(type_of(value))} cannot be gone through", expr)
    return Collection(_pairs(value), marks)


def _bare_cause(more: Unknown) -> Unknown:
    """Why a result is open: without the symbol, which names the source and not the result."""
    return Unknown(more.cause, more.detail) if more.symbol or more.type else more


def perhaps_one(namespace: Any) -> OpenVal | None:
    """The instances of a resource whose count is `c ? 1 : 0` with an unknown condition: the one there may be."""
    ask = getattr(namespace, "perhaps", None)
    found = ask() if ask is not None else None
    if found is None:
        return None
    item = found if type(found) in VALUE_CLASSES else whole(found)
    return OpenVal("list", [item], Unknown("computed", "whether there is an instance is not known"), 1, 1)


def _pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items
    if type(items) is dict:
        return iter(items.items())
    if type(value) is SetVal or (type(value) is OpenVal and value.kind == "set"):
        return iter([(item, item) for item in items])
    if type(value) is OpenVal:
        cause = value.more
        place = Unknown(cause.cause, cause.detail, "number", not_null=True)
        return iter([(ShortInt(i) if i < value.sure else place, item) for i, item in enumerate(items)])
    if type(value) is ListVal and value.element is LOOSE:
        return iter([(Unknown("computed", "whether this is a list or a set is not known"), item) for item in items])
    return iter([(ShortInt(i), item) for i, item in enumerate(items)])


def _pairs_of_reference(reference: Reference, inner: Any, expr: ast.Expr) -> Iterator[tuple[Any, Any]]:
    cls = type(inner)
    if cls is not OpenVal and cls not in SEQUENCES and cls not in MAPPINGS:
        raise EvalError(f"a {friendly(type_of(inner))} cannot be gone through", expr)
    for key, item in _pairs(inner):
        step = f'["{key}"]' if type(key) is str else f"[{int(key)}]" if isinstance(key, int) else "[?]"
        kept = Reference(reference.address, reference.path + step, item, reference.presence)
        yield (kept if key is item else key), kept


def step(scope: LoopScope) -> None:
    scope.steps[0] += 1
    if scope.steps[0] > MAX_STEPS:
        raise LimitError(f"more than {MAX_STEPS} rounds of loops in one expression")


def _included(expr: Any, scope: "Scope") -> tuple[Any, frozenset[str]]:
    """What the loop's `if` says of one item: a bool, or an unknown."""
    value, marks = unmarked(value_of(expr.condition, scope))
    value = bare(value)
    if type(value) is bool:
        return value, marks
    if type(value) is Null:
        raise EvalError("the condition of a for expression is null", expr.condition)
    return bare(convert(value, BOOL)), marks


def for_tuple(expr: ast.ForTuple, scope: "Scope") -> Any:
    """`[for k, v in x : e if c]`."""
    source = collection(expr.collection, scope)
    if type(source) is not Collection:
        return _nothing_known(source)
    inner = LoopScope(scope, {})
    marks, more, sure = source.marks, source.more, -1
    if expr.condition is not None:
        _check_condition(expr, inner)
    out: list[Any] = []
    place = 0
    for key, item in source.pairs:
        step(inner)
        inner.names = {expr.value: item} if expr.key is None else {expr.key: key, expr.value: item}
        if more is not None and sure < 0 and 0 <= source.sure <= place:
            sure = len(out)
        place += 1
        if expr.condition is not None:
            wanted, found = _included(expr, inner)
            marks |= found
            if wanted is False:
                continue
            if wanted is not True:
                sure = len(out) if sure < 0 else sure
                more = more or derived(wanted)
                continue
        out.append(bounded(value_of(expr.item, inner)))
    result: Any = TupleVal(out)
    if more is not None:
        if source.sure < 0 and source.more is not None:
            sure = 0
        result = OpenVal("list", out, more, len(out) if sure < 0 else sure)
    return marked(result, marks) if marks else result


def _nothing_known(value: Any) -> Any:
    value, marks = unmarked(value)
    cause = cause_of(value)
    return marked(Unknown(cause.cause, cause.detail, not_null=True), marks)


def for_object(expr: ast.ForObject, scope: "Scope") -> Any:
    """`{for k, v in x : ke => ve if c}`, grouped with a final `...`."""
    source = collection(expr.collection, scope)
    if type(source) is not Collection:
        return _nothing_known(source)
    inner = LoopScope(scope, {})
    marks, more = source.marks, source.more
    if expr.condition is not None:
        _check_condition(expr, inner)
    out: dict[str, Any] = {}
    twice = ""
    for key, item in source.pairs:
        step(inner)
        inner.names = {expr.value: item} if expr.key is None else {expr.key: key, expr.value: item}
        if expr.condition is not None:
            wanted, found = _included(expr, inner)
            marks |= found
            if wanted is False:
                continue
            if wanted is not True:
                more = more or derived(wanted)
                continue
        name, found = object_key(value_of(expr.item_key, inner), expr.item_key)
        marks |= found
        value = bounded(value_of(expr.item, inner))
        if type(name) is not str:
            more = more or derived(name)
        elif expr.group:
            out.setdefault(name, []).append(value)
        elif name in out:
            twice = twice or name
        else:
            out[name] = value
    names = sorted(out)
    items = {name: _group(out[name], more) if expr.group else out[name] for name in names}
    result: Any = ObjectVal(items) if more is None else OpenVal("map", items, more)
    if twice:
        # The type of an object with the first items still counts, where this is the arm of a conditional.
        raise EvalError(f'two different items produced the key "{twice}" in this for expression', expr, result)
    return marked(result, marks) if marks else result


def _group(items: list[Any], more: Unknown | None) -> Any:
    return TupleVal(items) if more is None else OpenVal("list", items, more, 0)


def splat(expr: ast.Splat, scope: "Scope") -> Any:
    """`x[*].a` and `x.*.a`: over a list its items, over null nothing, over anything else that one thing."""
    source = EVALUATORS[type(expr.of)](expr.of, scope)
    if type(source) not in VALUE_CLASSES:
        source = perhaps_one(source) or whole(source)
    value: Any
    value, marks = unmarked(source)
    edge = value if type(value) is Reference else None
    value = bare(value.value) if edge is not None else bare(value)
    cls = type(value)
    if cls is Null:
        of = value.type
        if isinstance(of, tuple) and of[0] in ("list", "set", "tuple"):
            raise EvalError("splat expressions cannot be applied to null sequences", expr)
        return marked(TupleVal([]), marks)
    more: Unknown | None = None
    sure = most = 0
    if cls is ListVal or cls is TupleVal or cls is SetVal or (cls is OpenVal and type(value.items) is list):
        items = value.items
        if edge is not None:
            items = [Reference(edge.address, f"{edge.path}[{i}]", item, edge.presence) for i, item in enumerate(items)]
        if cls is OpenVal:
            more, sure, most = value.more, value.sure, value.most
    elif type(value) is Unknown:
        return marked(_unknown_splat(expr, value, edge, scope), marks)
    else:
        items = [edge if edge is not None else value]
    inner = LoopScope(scope, {})
    out: list[Any] = []
    for item in items:
        step(inner)
        inner.names = {"*": item}
        out.append(value_of(expr.each, inner))
    result: Any
    if more is not None:
        result = OpenVal("list", out, more, sure, most)
    elif cls is ListVal or cls is SetVal:
        result = _list_of(out, expr, value, inner)
    else:
        result = TupleVal(out)
    return marked(result, marks) if marks else result


def _list_of(items: list[Any], expr: ast.Splat, source: Any, inner: LoopScope) -> Any:
    """A splat over a list is a list, where its items have one type."""
    if not items:
        inner.names = {"*": Unknown("computed", type=type_text(source.element))}
        return ListVal([], type_of(value_of(expr.each, inner)))
    types = distinct_types([type_of(item) for item in items])
    return ListVal(items, types[0]) if len(types) == 1 else TupleVal(items)


def _check_condition(expr: Any, inner: LoopScope) -> None:
    """Terraform looks at the condition once before it starts, even where there is nothing to go through."""
    unknown = Unknown("computed")
    inner.names = {expr.value: unknown} if expr.key is None else {expr.key: unknown, expr.value: unknown}
    _included(expr, inner)


def _unknown_splat(expr: ast.Splat, value: Unknown, edge: Reference | None, scope: "Scope") -> Any:
    """Over an unknown: nothing is known of the result, not even how many; a single resource is one item."""
    of = type_of(value) if value.type else DYNAMIC
    single = of != DYNAMIC and (isinstance(of, str) or of[0] in ("map", "object"))
    if (single and value.not_null) or (edge is not None and not edge.path):
        inner = LoopScope(scope, {"*": edge if edge is not None else value})
        return TupleVal([value_of(expr.each, inner)])
    return Unknown(value.cause, value.detail, not_null=True, symbol=f"{value.symbol}[*]" if value.symbol else "")


_ = NO_MARKS
