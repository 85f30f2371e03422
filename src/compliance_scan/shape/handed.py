"""What was handed to modules that were not read, and the references inside values."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

MODULE = "terraform_module"
"""The type under which a call of a module that was not read stands among the resources."""


def handed_over(world: "World") -> Iterator[tuple[Resource, Unknown]]:
    """The resources to which a reference was handed into a module that was not read, with the cause."""
    for root, address in sorted(world.inventory.handed):
        for target in world.at(root, address):
            yield target, Unknown("module_not_fetched", f"{address} was handed to a module that was not read")
    for call in world.resources(MODULE):
        cause = Unknown("module_not_fetched", f"{call.address} was not read and may add to what is handed to it")
        for name in call.attributes:
            for reference in references(call.attributes[name]):
                for target in world.at(call.root, reference.address):
                    yield target, cause


def references(value: Value) -> Iterator[Reference]:
    """All references inside a value, without recursion."""
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Reference):
            yield item
            stack.append(item.value)
        elif isinstance(item, Text | list):
            stack.extend(item.parts if isinstance(item, Text) else item)
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, Encoded):
            stack.append(item.tree)
        elif isinstance(item, Open):
            stack.append(item.items)
