"""Nested blocks of the JSON syntax: one object may stand where the schema has a block, and means a list of one.

The syntax alone cannot tell a block from an argument that holds an object; the provider's schema can.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.values import ObjectVal, TfValue, TupleVal

if TYPE_CHECKING:
    from compliance_scan.shape.catalog import Catalog
    from compliance_scan.shape.nodes import Field, Node

MAX_DEPTH = 40


@lru_cache(maxsize=1)
def _catalog() -> "Catalog":
    from compliance_scan.shape.catalog import Catalog

    return Catalog.open()


def with_blocks(kind: str, mode: str, name: str, value: TfValue) -> TfValue:
    """An argument of a resource of the JSON syntax, with lists where the schema has blocks."""
    facts = _catalog().type(kind) if mode == "managed" else _catalog().data(kind)
    field = facts.hidden.get(name) or facts.root.field(name) if facts is not None else None
    return value if field is None else _of_field(value, field, 0)


def _of_field(value: TfValue, field: "Field", depth: int) -> TfValue:
    node = field.node
    inner = node if node.kind == "object" else node.element
    if inner is None or inner.kind != "object" or depth > MAX_DEPTH:
        return value
    if isinstance(value, TupleVal):
        return TupleVal([_object(item, inner, depth) for item in value.items])
    if not isinstance(value, ObjectVal):
        return value
    made = _object(value, inner, depth)
    return TupleVal([made]) if field.block and (node.single or node.kind in ("list", "set")) else made


def _object(value: TfValue, node: "Node", depth: int) -> TfValue:
    if not isinstance(value, ObjectVal):
        return value
    items = dict(value.items)
    for name, item in items.items():
        field = node.field(name)
        if field is not None:
            items[name] = _of_field(item, field, depth + 1)
    return ObjectVal(items)
