"""What an auto-scaling target scales, from its `resource_id`."""

from typing import TYPE_CHECKING

from compliance_scan.model.value import ABSENT, Text, Value, resolved
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

_TABLE = "table/"


def table(_world: "World", base: Shaped, _owner: Frame) -> Shaped:
    """The DynamoDB table of `table/NAME`; absent for anything else, an index included."""
    return spot(base.frame, base.path, (), _after(base.value, _TABLE), standing=base.standing)


def _after(value: Value, prefix: str) -> Value:
    plain = resolved(value) if not isinstance(value, Text) else value
    if isinstance(plain, str):
        rest = plain.removeprefix(prefix)
        return ABSENT if rest == plain or "/" in rest else rest
    if isinstance(plain, Text):
        first, *others = plain.parts
        if not isinstance(first, str) or not first.startswith(prefix):
            return ABSENT
        parts = [part for part in (first.removeprefix(prefix), *others) if part != ""]
        if any(isinstance(part, str) and "/" in part for part in parts):
            return ABSENT
        return parts[0] if len(parts) == 1 else Text(tuple(parts))
    return plain
