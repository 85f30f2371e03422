"""Grants of a bucket's access control list, one permission an item, in either spelling."""

from functools import partial
from typing import TYPE_CHECKING

from compliance_scan.model.value import Open, Unknown, Value, resolved
from compliance_scan.model.view import Item, Items
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Made, Shaped, shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

_GRANTEE = ("type", "uri", "id", "email_address")


def grants(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """Grants of an `aws_s3_bucket_acl`."""
    found = base.items()
    items = []
    for item in found.items:
        grant = shaped(item.cursor)
        grantee = grant.step("grantee")
        fields = {"permission": grant.step("permission")} | {name: grantee.step(name) for name in _GRANTEE}
        items.append(Item(Made(grant.frame, grant.path, (), fields), item.present))
    return Items(items, found.more)


def inline_grants(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """Grants of the bucket's own `grant` blocks."""
    found = base.items()
    items: list[Item] = []
    more = found.more
    for item in found.items:
        grant = shaped(item.cursor)
        value = resolved(grant.step("permissions").value)
        if isinstance(value, Open):
            more, value = more or value.more, value.items
        if isinstance(value, Unknown):
            more = more or value
        listed = value if isinstance(value, list) else []
        items += [Item(_grant(grant, permission), item.present) for permission in listed]
    return Items(items, more)


def _grant(grant: Shaped, permission: Value) -> Made:
    place = grant.step("permissions").path
    fields = {"permission": spot(grant.frame, place, (), permission)}
    return Made(grant.frame, grant.path, (), fields | {name: partial(grant.step, name) for name in _GRANTEE[:3]})
