"""Whose KMS keys those of a live account are: AWS names its own by aliases that begin with `alias/aws/`."""

import re
from typing import TYPE_CHECKING, Final

from compliance_scan.model.coverage import NOT_COLLECTED
from compliance_scan.model.logic import Maybe, maybe
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Unknown

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

ALIASES: Final = "aws_kms_alias"
_RESERVED: Final = "alias/aws/"
_ID: Final = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")
_ARN: Final = 6
"""Parts of an ARN."""
Aliases = dict[tuple[str | None, str | None], dict[str, str]]


def owner(world: "World", resource: Resource, key: str) -> "str | Maybe | None":
    """`customer` or `aws_managed` for the id or ARN of a key that a live resource names, or why it cannot be told; None
    where no account was listed."""
    coverage = world.inventory.coverage
    if coverage is None or resource.plane != "live":
        return None
    parts = key.split(":")
    if len(parts) < _ARN and not _ID.match(key):
        return None
    account, region = resource.account, resource.region
    if len(parts) >= _ARN:
        account, region = parts[4], parts[3]
        if account != resource.account:
            return "customer"  # a key that AWS manages serves its own account alone
    nobody = Unknown(NOT_COLLECTED, f"{ALIASES} in {region} is not collected")
    cause = coverage.states.get((ALIASES, account or "", region or ""), nobody)
    if cause is not None:
        return maybe(cause)
    if world.aliases is None:
        world.aliases = _by_place(world)
    alias = world.aliases.get((account, region), {}).get(parts[-1].rpartition("/")[2])
    return "aws_managed" if alias is not None and alias.startswith(_RESERVED) else "customer"


def _by_place(world: "World") -> Aliases:
    """The keys to which aliases lead, by account and region."""
    found: Aliases = {}
    for alias in world.resources(ALIASES):
        if alias.plane != "live" or "target_key_id" not in alias.attributes:
            continue
        name, target = alias.attributes["name"], alias.attributes["target_key_id"]
        if isinstance(name, str) and isinstance(target, str):
            known = found.setdefault((alias.account, alias.region), {})
            if name.startswith(_RESERVED) or target not in known:
                known[target] = name
    return found
