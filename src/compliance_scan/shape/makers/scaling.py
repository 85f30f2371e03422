"""What an auto-scaling target scales, from its `resource_id`."""

from typing import TYPE_CHECKING

from compliance_scan.model.value import ABSENT, Text, Value, resolved
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

_TABLE = "table/"
_SERVICE = "service/"


def table(_world: "World", base: Shaped, _owner: Frame) -> Shaped:
    """The DynamoDB table of `table/NAME`; absent for anything else, an index included."""
    return spot(base.frame, base.path, (), _after(base.value, _TABLE), standing=base.standing)


def service(_world: "World", base: Shaped, _owner: Frame) -> Shaped:
    """The name of the ECS service of `service/CLUSTER/NAME`; absent for anything else."""
    return spot(base.frame, base.path, (), _last(base.value), standing=base.standing)


def _last(value: Value) -> Value:
    plain = resolved(value) if not isinstance(value, Text) else value
    if isinstance(plain, str):
        parts = plain.split("/")
        return parts[2] if parts[0] == "service" and len(parts) == 3 else ABSENT
    if isinstance(plain, Text):
        first = plain.parts[0]
        if not isinstance(first, str) or not first.startswith(_SERVICE):
            return ABSENT
        slashes = [at for at, part in enumerate(plain.parts) if isinstance(part, str) and "/" in part]
        rest = plain.parts[slashes[-1]]
        tail = [rest.rpartition("/")[2] if isinstance(rest, str) else rest, *plain.parts[slashes[-1] + 1 :]]
        parts_left = tuple(part for part in tail if part != "")
        return parts_left[0] if len(parts_left) == 1 else Text(parts_left)
    return plain


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
