"""What is no drift: the table of each type (`noise` in its facts), and what holds of all types."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.model.value import is_nothing, resolved
from compliance_scan.shape.facts import SPath, spath

if TYPE_CHECKING:
    from compliance_scan.model.resource import Resource
    from compliance_scan.shape.catalog import Catalog

SERVICE_LINKED = "/aws-service-role/"
AWS_TAG = "aws:"
ALWAYS = frozenset({"id", "arn", "tags_all", "timeouts", "lifecycle", "depends_on", "provider", "region"})
"""Names that no drift is: identity, what Terraform computes of others, and its own words."""


class Noise(NamedTuple):
    """One type's table."""

    ignore: frozenset[SPath]
    """Computed, eventually consistent, scaled by others: never compared."""
    case: frozenset[SPath]
    """Texts whose letter case says nothing."""
    equal: Mapping[SPath, tuple[tuple[str, str], ...]]
    """Pairs of values that mean the same."""
    made_by_aws: tuple[Mapping[str, Any], ...]
    """Conditions on live resources that AWS makes by itself: nobody has to declare them."""


NONE = Noise(frozenset(), frozenset(), {}, ())


class Noises:
    """The tables of a catalog's types, each read once."""

    def __init__(self, catalog: "Catalog") -> None:
        self._catalog = catalog
        self._read: dict[str, Noise] = {}

    def of(self, kind: str) -> Noise:
        """The table of a type; empty where it has none."""
        found = self._read.get(kind)
        if found is None:
            facts = self._catalog.type(kind)
            record = facts.record.get("noise") if facts is not None else None
            found = self._read[kind] = _noise(record) if record else NONE
        return found


def _noise(record: Mapping[str, Any]) -> Noise:
    return Noise(
        frozenset(map(spath, record.get("ignore", ()))),
        frozenset(map(spath, record.get("case", ()))),
        {spath(path): tuple((a, b) for a, b in pairs) for path, pairs in record.get("equal", {}).items()},
        tuple(record.get("made_by_aws", ())),
    )


def made_by_aws(resource: "Resource", noise: Noise) -> bool:
    """Whether AWS made a live resource by itself: service-linked, a default, its own."""
    if resource.arn and SERVICE_LINKED in resource.arn:
        return True
    if resource.name and resource.name in (resource.account, resource.region):
        return True  # a setting of the account or region: it is there whether or not somebody declares it
    if "tags" in resource.attributes:
        tags = resource.attributes["tags"]
        if isinstance(tags, dict) and any(str(name).startswith(AWS_TAG) for name in tags):
            return True  # CloudFormation, autoscaling, EKS …: another tool's or AWS's own
    return any(_holds(condition, resource) for condition in noise.made_by_aws)


def _holds(condition: Mapping[str, Any], resource: "Resource") -> bool:
    value: Any = resource.attributes
    for step in spath(condition["path"]):
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        value = resolved(value[step]) if hasattr(value, "__contains__") and step in value else None
        if is_nothing(value):
            break
    if "equals" in condition:
        return bool(value == condition["equals"])
    if "in" in condition:
        return value in condition["in"]
    if "starts_with" in condition:
        return isinstance(value, str) and value.startswith(condition["starts_with"])
    return is_nothing(value) is not bool(condition.get("exists"))
