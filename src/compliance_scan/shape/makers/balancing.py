"""To which target groups the actions of a listener or of one of its rules hand on."""

from typing import TYPE_CHECKING

from compliance_scan.model.logic import tri_all
from compliance_scan.model.value import Unknown, is_nothing
from compliance_scan.model.view import Item, Items
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Made, Shaped, shaped

if TYPE_CHECKING:
    from compliance_scan.shape.world import World


def targets(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """An item `{arn}` for each target group of each action, whether it is the only one or one of several."""
    actions = base.items()
    items: list[Item] = []
    more: Unknown | None = actions.more
    for action in actions.items:
        cursor = shaped(action.cursor)
        only = cursor.step("target_group_arn")
        if not is_nothing(only.value):
            items.append(Item(_target(only), action.present))
        several = cursor.get(("forward", "target_group")).items()
        more = more or several.more
        items.extend(
            Item(_target(shaped(item.cursor).step("arn")), tri_all([action.present, item.present]))
            for item in several.items
        )
    return Items(items, more)


def _target(arn: Shaped) -> Made:
    return Made(arn.frame, arn.path, (), {"arn": arn})
