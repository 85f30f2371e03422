"""Who refers to a resource, whatever the type: by attributes whose own name follows a pattern.

Of a type that the schema knows, its attributes are searched by their names; of any other one (a newer type, another
provider's), what was written is.
"""

import re
from collections.abc import Iterator
from fnmatch import translate
from functools import cache
from typing import TYPE_CHECKING

from compliance_scan.model.logic import Tri, tri_any
from compliance_scan.model.resource import Attributes, Resource
from compliance_scan.model.value import Encoded, Open, Value
from compliance_scan.model.view import Item, Items, Relation
from compliance_scan.shape.facts import SPath
from compliance_scan.shape.handed import references
from compliance_scan.shape.join import implied
from compliance_scan.shape.nodes import Node

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

DEEPEST = 7
"""How deep blocks are searched; those of dashboards hold one another without end."""


def referring(world: "World", subject: Resource, relation: Relation) -> Items:
    """The resources of any type that refer to a subject."""
    pattern = str(relation.path[0])
    without = set(map(world.catalog.canonical, relation.without))
    facts = world.frame(subject).facts
    found: dict[Resource, Tri] = {}
    more = world.handed(subject)
    for kind in relation.live:
        more = more or world.unlisted(subject, kind, anywhere=True)
    for kind in world.types():
        if kind in without:
            continue
        known = world.catalog.type(kind)
        if known is None or not known.known:
            found |= dict(_of_unknown_type(world, subject, kind, pattern))
            continue
        for path in world.catalog.named(kind, pattern):
            joined = world.joined(kind, path, facts.name, facts.keys)
            more = more or joined.overflow
            for frame, present in joined.members.get(subject, ()):
                found[frame.resource] = tri_any([found.get(frame.resource, False), present])
    return Items([Item(world.cursor(each), present) for each, present in found.items()], more)


def named(root: Node, pattern: str) -> Iterator[SPath]:
    """The attributes below a node that can be written and whose own name follows a pattern."""
    stack: list[tuple[Node, SPath]] = [(root, ())]
    while stack:
        node, above = stack.pop()
        while node.kind in ("list", "set") and node.element is not None:
            node = node.element
        for name in node.names() if node.kind == "object" and len(above) < DEEPEST else ():
            field = node.field(name)
            if field is None or field.mode == "c" or field.node.kind in ("bool", "number"):
                continue
            if _expression(pattern).match(name):
                yield (*above, name)
            else:
                stack.append((field.node, (*above, name)))


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern))


def _of_unknown_type(world: "World", subject: Resource, kind: str, pattern: str) -> Iterator[tuple[Resource, Tri]]:
    table = world.joins.unknown_types.get((kind, pattern))
    if table is None:  # all subjects at once: what was written is searched but once
        table = world.joins.unknown_types[kind, pattern] = _by_target(world, kind, pattern)
    for member in table.get(subject, ()):
        yield member, implied(member, subject)


def _by_target(world: "World", kind: str, pattern: str) -> dict[Resource, dict[Resource, None]]:
    """The resources that the resources of a type refer to by attributes that follow a pattern, to who does."""
    expression = _expression(pattern)
    found: dict[Resource, dict[Resource, None]] = {}
    for member in world.resources(kind):
        for value in _written(member.attributes, expression):
            for reference in references(value):
                for target in world.at(member.root, reference.address):
                    found.setdefault(target, {})[member] = None
    return found


def _written(attributes: Attributes, pattern: re.Pattern[str]) -> Iterator[Value]:
    """All values under a name that follows a pattern, however deep."""
    stack: list[object] = [{name: attributes[name] for name in attributes}]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            for name, value in item.items():
                if pattern.match(str(name)):
                    yield value
                else:
                    stack.append(value)
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, Open):
            stack.append(item.items)
        elif isinstance(item, Encoded):
            stack.append(item.tree)
