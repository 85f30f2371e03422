"""What is no drift: the table of each type (`noise` in its facts), and what holds of all types."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.model.value import is_nothing, resolved
from compliance_scan.shape.facts import SPath, spath

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_scan.model.resource import Resource
    from compliance_scan.shape.catalog import Catalog
    from compliance_scan.shape.facts import FoldSource, Mapping_, TypeFacts
    from compliance_scan.shape.world import World

SERVICE_LINKED = "/aws-service-role/"
AWS_TAG = "aws:"
ALWAYS = frozenset({"id", "arn", "tags_all", "timeouts", "lifecycle", "depends_on", "provider", "region"})
"""Names that no drift is: identity, what Terraform computes of others, and its own words."""


class Noise(NamedTuple):
    """One type's table."""

    ignore: frozenset[SPath] = frozenset()
    """Computed, eventually consistent, scaled by others: never compared."""
    ignore_when: tuple[tuple[SPath, Mapping[str, Any]], ...] = ()
    """The same where a condition on the declared resource holds."""
    case: frozenset[SPath] = frozenset()
    """Texts whose letter case says nothing."""
    prefix: frozenset[SPath] = frozenset()
    """Versions of which a declared part stands for all that begin with it: `8.0` is `8.0.35`."""
    equal: Mapping[SPath, tuple[tuple[str, str], ...]] = {}
    """Pairs of values that mean the same; an empty text stands for nothing at all."""
    subset: frozenset[SPath] = frozenset()
    """Lists of which AWS names more than anybody asked for: what is declared must be in them."""
    defaults: Mapping[SPath, Any] = {}
    """What AWS fills in inside documents."""
    made_by_aws: tuple[Mapping[str, Any], ...] = ()
    """Conditions on live resources that AWS makes by itself: nobody has to declare them."""
    aliases: Mapping[str, str] = {}
    """Alias of a KMS key to the id of its key, as the account has them."""

    def without(self, resource: "Resource") -> "Noise":
        """The table for one declared resource: what is conditional is settled."""
        more = [place for place, condition in self.ignore_when if _holds(condition, resource)]
        return self._replace(ignore=self.ignore | frozenset(more)) if more else self


NONE = Noise()


class Noises:
    """The tables of a catalog's types, each read once."""

    def __init__(self, catalog: "Catalog", live: "World | None" = None) -> None:
        """`live`: the account that is compared, whose keys' aliases then are known."""
        self._catalog = catalog
        self._aliases = _aliases(live) if live is not None else {}
        self._read: dict[str, Noise] = {}

    def of(self, kind: str) -> Noise:
        """The table of a type; empty where it has none."""
        found = self._read.get(kind)
        if found is None:
            facts = self._catalog.type(kind)
            record = facts.record.get("noise") if facts is not None else None
            found = (_noise(record) if record else NONE)._replace(aliases=self._aliases)
            if facts is not None and facts.folds:
                found = self._folded(found, facts)
            self._read[kind] = found
        return found

    def _folded(self, noise: Noise, facts: "TypeFacts") -> Noise:
        """An owner's table with what its satellites' tables say of what folds into it."""
        for name, fold in facts.folds.items():
            for source in fold.sources:
                theirs = self._catalog.type(source.type) if source.type else None
                record = theirs.record.get("noise") if theirs is not None else None
                if record and not source.make:
                    noise = _joined(noise, _noise(record), dict(_places(name, source)))
        return noise


def _places(name: str, source: "FoldSource") -> "Iterator[tuple[SPath, SPath]]":
    """A satellite's place to that in its owner's fold."""
    if source.value:
        yield source.value, (name,)
    stack: list[tuple[SPath, Mapping_]] = [((name,), source.map or {})]
    while stack:
        above, mapping = stack.pop()
        for part, target in mapping.items():
            if isinstance(target, dict):
                stack.append(((*above, part), target))
            else:
                yield (*source.each, *target.path), (*above, part)


def _joined(noise: Noise, other: Noise, places: "Mapping[SPath, SPath]") -> Noise:
    def renamed(found: frozenset[SPath]) -> frozenset[SPath]:
        return frozenset(places[place] for place in found if place in places)

    return noise._replace(
        ignore=noise.ignore | renamed(other.ignore),
        case=noise.case | renamed(other.case),
        prefix=noise.prefix | renamed(other.prefix),
        subset=noise.subset | renamed(other.subset),
        equal={**noise.equal, **{places[place]: pairs for place, pairs in other.equal.items() if place in places}},
    )


def _aliases(live: "World") -> dict[str, str]:
    found = {}
    for each in live.resources("aws_kms_alias"):
        given = {key: each.attributes[key] for key in ("target_key_id", "name") if key in each.attributes}
        target, name = given.get("target_key_id"), given.get("name")
        if isinstance(target, str) and isinstance(name, str):
            found[name] = target
    return found


def _noise(record: Mapping[str, Any]) -> Noise:
    def places(key: str) -> frozenset[SPath]:
        return frozenset(map(spath, record.get(key, ())))

    return Noise(
        ignore=places("ignore"),
        ignore_when=tuple((spath(each["path"]), each["when"]) for each in record.get("ignore_when", ())),
        case=places("case"),
        prefix=places("prefix"),
        equal={spath(path): tuple((a, b) for a, b in pairs) for path, pairs in record.get("equal", {}).items()},
        subset=places("subset"),
        defaults={spath(path): value for path, value in record.get("defaults", {}).items()},
        made_by_aws=tuple(record.get("made_by_aws", ())),
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
