"""What else of an account a change touches: the resources that name what changes.

By id or ARN, alone or inside a document; by name in an attribute that speaks of the type (`role` of an IAM role,
`db_subnet_group_name` of a subnet group), in the same account and region. What is named only so is told only so far as
the attribute's name leaves no doubt, since names repeat.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from compliance_scan.model.value import resolved

if TYPE_CHECKING:
    from compliance_scan.model.resource import Resource
    from compliance_scan.shape.world import World

SHORTEST = 4
"""Characters of an id; what is shorter stands for itself too often."""
_ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:\d*:[^\"'\s,\\\]}]+")
_ENDING = re.compile(r"_(?:name|id|arn|identifier)s?$|s$")


def touched(world: "World", changed: Sequence["Resource"]) -> list[str]:
    """The addresses of what names a changed resource and is none itself, sorted."""
    by_id = {name for each in changed for name in _ids(each)}
    by_name: dict[str, list[Resource]] = {}
    for each in changed:
        for name in _names(each, world):
            by_name.setdefault(name, []).append(each)
    if not by_id and not by_name:
        return []
    mine = set(changed)
    return sorted(
        {
            each.address
            for each in world.inventory.resources
            if each not in mine and _touches(each, by_id, by_name, world)
        }
    )


def _touches(resource: "Resource", ids: set[str], names: dict[str, list["Resource"]], world: "World") -> bool:
    for attribute, text in _texts(resource):
        if text in ids or (len(text) > SHORTEST and "arn:aws" in text and any(arn in ids for arn in _arns(text))):
            return True
        for each in names.get(text, ()):
            if _is_near(resource, each) and _speaks_of(attribute, each.type, resource.type, world):
                return True
    return False


def _ids(resource: "Resource") -> Iterator[str]:
    own = [resource.attributes[name] for name in ("id", "arn") if name in resource.attributes]
    for name in (resource.arn, *own):
        if isinstance(name, str) and len(name) >= SHORTEST:
            yield name


def _names(resource: "Resource", world: "World") -> Iterator[str]:
    """By what a resource is known beside its id and ARN."""
    facts = world.catalog.type(resource.type)
    for path in facts.keys if facts is not None else ():
        value = resolved(resource.attributes[path[0]]) if path[0] in resource.attributes else None
        if isinstance(value, str) and value:
            yield value


def _arns(text: str) -> Iterator[str]:
    """The ARNs inside a text; of what lies below one (`…:bucket/*`, `…:log-group:x:*`) that one too."""
    for found in _ARN.findall(text):
        yield found
        for sign in ("/", ":"):
            head = found.rpartition(sign)[0]
            if head.count(":") >= 5:
                yield head


def _is_near(one: "Resource", other: "Resource") -> bool:
    """Whether a name of the one may mean the other: of one account, and of one region as far as both have any."""
    return one.account == other.account and (not one.region or not other.region or one.region == other.region)


def _speaks_of(attribute: str, kind: str, by: str, world: "World") -> bool:
    """Whether an attribute of a type (`by`) is by its own name about resources of a kind; one word alone only within a
    service, or for IAM's, which all services name."""
    base = _ENDING.sub("", attribute)
    if not base or not kind.endswith("_" + base):
        return False
    if "_" in base or kind.startswith("aws_iam_"):
        return True
    one, other = world.catalog.type(kind), world.catalog.type(by)
    return one is not None and other is not None and one.service == other.service


def _texts(resource: "Resource") -> "Iterable[tuple[str, str]]":
    """Attribute and text of all that a resource says, but for its own id and ARN."""
    stack: list[tuple[str, Any]] = [
        (name, resource.attributes[name]) for name in resource.attributes if name not in ("id", "arn")
    ]
    while stack:
        name, item = stack.pop()
        if isinstance(item, str):
            yield name, item
        elif isinstance(item, list):
            stack += [(name, each) for each in item]
        elif isinstance(item, dict):
            stack += [(str(key), each) for key, each in item.items()]
