"""What stands in a block, as values: arguments, nested blocks in order of writing, `dynamic` blocks."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from compliance_scan.inputs.terraform.ast import Block, Body, Expr, Variable
from compliance_scan.inputs.terraform.evaluate import evaluate
from compliance_scan.inputs.terraform.scope import Result, Scope
from compliance_scan.inputs.terraform.values import (
    NULL,
    EvalError,
    ListVal,
    MapVal,
    ObjectVal,
    OpenVal,
    SetVal,
    TfValue,
    TupleVal,
    cause_of,
    is_null,
    is_unknown,
    marked,
    unmarked,
)
from compliance_scan.model.value import Reference, Unknown

META_ARGUMENTS = frozenset({"count", "for_each", "provider", "depends_on"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})
MAX_DEPTH = 40
"""Levels of blocks within one another that are evaluated."""
MAX_ITEMS = 2000
"""Blocks that one `dynamic` block makes."""


class Origin(NamedTuple):
    """Where the items of a repetition come from: its `for_each`, where that is evaluated, and the item's key."""

    expr: Expr
    scope: Scope
    key: str | int


class Members:
    """A namespace of plain values: `each`, `count`, the iterator of a `dynamic` block."""

    __slots__ = ("_name", "_values", "origin")

    def __init__(self, name: str, values: dict[str, TfValue], origin: "Origin | None" = None) -> None:
        """`origin`: the collection that `value` is an item of."""
        self._name = name
        self._values = values
        self.origin = origin

    def member(self, name: str) -> Result:
        """A value by name; raises `EvalError` for any other name."""
        if name not in self._values:
            raise EvalError(f"{self._name} has no attribute {name}")
        return self._values[name]


class BlockScope:
    """A scope with a few names before those of another."""

    __slots__ = ("_names", "folder", "module", "outer", "root")

    def __init__(self, outer: Scope, names: dict[str, Result]) -> None:
        self.outer = outer
        self._names = names
        self.root = outer.root
        self.module = outer.module
        self.folder = outer.folder

    def name(self, name: str) -> Result:
        """See `Scope`."""
        found = self._names.get(name)
        return self.outer.name(name) if found is None else found

    def read_file(self, path: str) -> bytes | None:
        """See `Scope`."""
        return self.outer.read_file(path)

    def __getattr__(self, name: str) -> Any:
        """What the scope around offers beyond the contract: `file_exists`, `list_files`."""
        return getattr(self.outer, name)


def attribute_names(body: Body) -> list[str]:
    """Names of the arguments and nested blocks of a resource, in order of writing, without the meta-arguments."""
    names = [(attribute.start, name) for name, attribute in body.attributes.items() if name not in META_ARGUMENTS]
    for block in body.blocks:
        kind = block_kind(block)
        if kind and kind not in META_BLOCKS:
            names.append((block.start, kind))
    return list(dict.fromkeys(name for _, name in sorted(names)))


def block_kind(block: Block) -> str:
    """The name of the nested block that this one writes: its own, or the label of a `dynamic` block."""
    if block.type == "dynamic":
        return block.labels[0] if block.labels else ""
    return block.type


def value_of(body: Body, name: str, scope: Scope, depth: int = 0) -> TfValue | None:
    """What a body says for a name: an argument's value, or a tuple of objects for nested blocks; None for nothing.

    An argument that Terraform would refuse is unknown, with the reason.
    """
    attribute = body.attributes.get(name)
    if attribute is not None:
        try:
            return evaluate(attribute.expr, scope)
        except EvalError as error:
            return Unknown("error", f"{name}: {error.message}")
    items: list[TfValue] = []
    each: list[TfValue] | None = []
    more: Unknown | None = None
    found = False
    for block in body.blocks:
        if block_kind(block) != name:
            continue
        found = True
        if block.type != "dynamic":
            items.append(object_of_body(block.body, scope, depth + 1))
            continue
        made, rest, like = _dynamic(block, scope, depth)
        items.extend(made)
        more = more or rest
        if rest is not None:
            each = None if like is None or each is None else [*each, like]
    if not found:
        return None
    return TupleVal(items) if more is None else OpenVal("list", items, more, each=tuple(each or ()))


def object_of_body(body: Body, scope: Scope, depth: int) -> TfValue:
    """A nested block as an object of what is written in it."""
    if depth > MAX_DEPTH:
        return Unknown("limit_reached", f"blocks nested more than {MAX_DEPTH} deep")
    names = set(body.attributes)
    names.update(block_kind(block) for block in body.blocks)
    values = {name: value_of(body, name, scope, depth) for name in sorted(names) if name}
    return ObjectVal({name: value for name, value in values.items() if value is not None})


def dynamic_items(block: Block, scope: Scope) -> tuple[list[Scope], Unknown | None]:
    """The scopes of the blocks that a `dynamic` block makes, and why there may be others."""
    attribute = block.body.attributes.get("for_each")
    if attribute is None:
        return [], Unknown("error", f"dynamic block {block_kind(block)} has no for_each")
    try:
        value, marks = unmarked(evaluate(attribute.expr, scope))
    except EvalError as error:
        return [], Unknown("error", error.message)
    while isinstance(value, Reference):
        value, more_marks = unmarked(value.value)  # type: ignore[arg-type]
        marks |= more_marks
    iterator = _iterator(block)
    pairs, more = _pairs(value)
    if len(pairs) > MAX_ITEMS:
        return [], Unknown("limit_reached", f"more than {MAX_ITEMS} blocks of {block_kind(block)}")
    scopes: list[Scope] = []
    for index, (key, item) in enumerate(pairs):
        origin = Origin(attribute.expr, scope, key if isinstance(key, str) else index)
        each: dict[str, TfValue] = {"key": marked(key, marks), "value": marked(item, marks)}
        scopes.append(BlockScope(scope, {iterator: Members(iterator, each, origin)}))
    return scopes, more


def _dynamic(block: Block, scope: Scope, depth: int) -> tuple[list[TfValue], Unknown | None, TfValue | None]:
    """The blocks that a `dynamic` block makes, why there may be others, and what every one of these is like."""
    content = next((inner for inner in block.body.blocks if inner.type == "content"), None)
    if content is None:
        return [], Unknown("error", f"dynamic block {block_kind(block)} has no content"), None
    if depth > MAX_DEPTH:
        return [], Unknown("limit_reached", f"blocks nested more than {MAX_DEPTH} deep"), None
    scopes, more = dynamic_items(block, scope)
    like = None if more is None else object_of_body(content.body, any_item(block, scope, more), depth + 1)
    return [object_of_body(content.body, inner, depth + 1) for inner in scopes], more, like


def any_item(block: Block, scope: Scope, why: Unknown) -> Scope:
    """The scope of a block that a `dynamic` block makes of an item of which nothing is known."""
    iterator = _iterator(block)
    item = Unknown(why.cause, why.detail or f"what {block_kind(block)} is made of is not known")
    return BlockScope(scope, {iterator: Members(iterator, {"key": item, "value": item})})


def _iterator(block: Block) -> str:
    attribute = block.body.attributes.get("iterator")
    if attribute is not None and isinstance(attribute.expr, Variable):
        return attribute.expr.name
    return block_kind(block)


def _pairs(value: TfValue) -> tuple[list[tuple[TfValue, TfValue]], Unknown | None]:
    """Key and value of each item of a collection, and why there may be others."""
    more: Unknown | None = None
    if isinstance(value, OpenVal):
        more = value.more
    elif is_null(value):
        return [], Unknown("error", "for_each of a dynamic block is null")
    elif is_unknown(value):
        return [], cause_of(value)
    if isinstance(value, OpenVal | MapVal | ObjectVal) and isinstance(value.items, dict):
        return list(value.items.items()), more
    if isinstance(value, SetVal) or (isinstance(value, OpenVal) and value.kind == "set"):
        return [(item, item) for item in value.items], more
    if isinstance(value, ListVal | TupleVal | OpenVal):
        return [(index, item) for index, item in enumerate(value.items)], more
    return [], Unknown("error", "for_each of a dynamic block is no collection")


def opened(value: TfValue, more: Unknown) -> TfValue:
    """Nested blocks as another resource sees them: what is not written in them is not known, and not absent."""
    if isinstance(value, ObjectVal):
        return OpenVal("map", {name: opened(item, _below(more, name)) for name, item in value.items.items()}, more)
    if isinstance(value, TupleVal):
        return TupleVal([opened(item, _below(more, index)) for index, item in enumerate(value.items)])
    if isinstance(value, OpenVal) and isinstance(value.items, list):
        return OpenVal(value.kind, [opened(item, more) for item in value.items], value.more, value.sure)
    return computed(value, more)


def computed(value: TfValue, unknown: Unknown) -> TfValue:
    """What a written argument is to others: null leaves the choice to the provider."""
    if type(value) is Unknown and any(is_null(each) for each in value.options):
        return Unknown(value.cause, value.detail, value.type, value.not_null, value.symbol)
    return unknown if is_null(value) else value


def _below(more: Unknown, step: str | int) -> Unknown:
    symbol = f"{more.symbol}.{step}" if more.symbol else ""
    return Unknown(more.cause, more.detail, "", more.not_null, symbol)


def literal_texts(body: Body, name: str) -> Iterator[str]:
    """The traversals of a list argument as text: `ignore_changes = [tags, "size"]`, `depends_on`."""
    from compliance_scan.inputs.terraform.ast import Literal, TupleCons
    from compliance_scan.inputs.terraform.module import traversal_text

    attribute = body.attributes.get(name)
    if attribute is None:
        return
    expr = attribute.expr
    for item in expr.items if isinstance(expr, TupleCons) else [expr]:
        if isinstance(item, Literal) and isinstance(item.value, str):
            yield item.value
        elif text := traversal_text(item):
            yield text


def lifecycle_of(body: Body, scope: Scope) -> TfValue:
    """A `lifecycle` block: its switches as values, what it ignores or is replaced by as texts."""
    values: dict[str, TfValue] = {}
    for name in sorted(body.attributes):
        if name in {"ignore_changes", "replace_triggered_by"}:
            values[name] = TupleVal(list(literal_texts(body, name)))
        else:
            values[name] = value_of(body, name, scope) or NULL
    return ObjectVal(values)
