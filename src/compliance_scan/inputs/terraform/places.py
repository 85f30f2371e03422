"""Where a path of a block is written: through nested and `dynamic` blocks, object literals and `jsonencode`."""

from typing import NamedTuple

from compliance_scan.inputs.terraform.ast import Block, Body, Call, Expr, Literal, ObjectCons, Paren, TupleCons
from compliance_scan.inputs.terraform.blocks import any_item, block_kind, dynamic_items
from compliance_scan.inputs.terraform.scope import Scope
from compliance_scan.inputs.terraform.syntax import SourceFile
from compliance_scan.model.resource import Span
from compliance_scan.model.value import Path

MAX_STEPS = 200


class Place(NamedTuple):
    """What was found of a path."""

    file: SourceFile
    start: int
    end: int
    expr: Expr | None
    """The expression that gives the value; None for a block."""
    scope: Scope
    rest: Path
    """Steps into the value of `expr` (or into the block) that are not written there."""

    @property
    def span(self) -> Span:
        """Lines and columns."""
        return self.file.span(self.start, self.end)


def place_in(body: Body, scope: Scope, path: Path) -> Place | None:
    """The longest part of a path that is written in a body; None where nothing of it is."""
    found: Place | None = None
    while path:
        name = path[0]
        attribute = body.attributes.get(name) if isinstance(name, str) else None
        if attribute is not None:
            place = Place(attribute.file, attribute.start, attribute.end, attribute.expr, scope, path[1:])
            return descend(place)
        entries = block_entries(body, scope, name) if isinstance(name, str) else []
        if not entries:
            return found
        index, rest = (path[1], path[2:]) if len(path) > 1 and isinstance(path[1], int) else (0, path[1:])
        assert isinstance(index, int)
        block, inner, scope = entries[min(index, len(entries) - 1)]
        found = Place(block.file, block.start, block.header_end, None, scope, rest)
        body, path = inner, rest
    return found


def block_entries(body: Body, scope: Scope, name: str) -> list[tuple[Block, Body, Scope]]:
    """The nested blocks of a name as they are counted in values: block, what is in it, and its scope.

    A `dynamic` block that makes others than are known stands for one of them, behind all that are known.
    """
    entries: list[tuple[Block, Body, Scope]] = []
    perhaps: list[tuple[Block, Body, Scope]] = []
    for block in body.blocks:
        if block_kind(block) != name:
            continue
        if block.type != "dynamic":
            entries.append((block, block.body, scope))
            continue
        content = next((inner.body for inner in block.body.blocks if inner.type == "content"), block.body)
        scopes, more = dynamic_items(block, scope)
        entries.extend((block, content, inner) for inner in scopes)
        if more is not None:
            perhaps.append((block, content, any_item(block, scope, more)))
    return entries + perhaps


def descend(place: Place) -> Place:
    """Goes into literals as far as the path is written in them."""
    for _ in range(MAX_STEPS):
        expr, rest = place.expr, place.rest
        if isinstance(expr, Paren):
            place = place._replace(expr=expr.inner)
        elif isinstance(expr, Call) and expr.name in {"jsonencode", "yamlencode"} and len(expr.args) == 1:
            place = place._replace(expr=expr.args[0])
        elif isinstance(expr, ObjectCons) and rest:
            item = object_item(expr, rest[0])
            if item is None:
                return place
            key, value = item
            place = Place(key.file, key.start, value.end, value, place.scope, rest[1:])
        elif isinstance(expr, TupleCons) and rest:
            index = rest[0]
            if not isinstance(index, int) or index >= len(expr.items):
                # A list of one item may be read as that item.
                if isinstance(index, int) or len(expr.items) != 1 or not isinstance(expr.items[0], ObjectCons):
                    return place
                value = expr.items[0]
                place = place._replace(expr=value)
                continue
            value = expr.items[index]
            place = Place(value.file, value.start, value.end, value, place.scope, rest[1:])
        else:
            return place
    return place


def object_item(expr: ObjectCons, name: str | int) -> tuple[Expr, Expr] | None:
    """The last pair of an object literal with a literal key of that name."""
    found: tuple[Expr, Expr] | None = None
    for key, value in expr.items:
        if isinstance(key, Literal) and str(key.value) == str(name):
            found = (key, value)
    return found
