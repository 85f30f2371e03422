"""What rule evaluation asks of the shaped world, as protocols: `shape` implements them, `evaluate` uses them.

A `Cursor` stands at one value of one resource, as rules see it: absence resolved by schema and facts, satellites folded
in, text converted to the schema's types, blocks of at most one item read as one object. It knows where it stands, so
that evidence, spans and provenance need no wrapping of values.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple, Protocol

from compliance_scan.model.logic import Maybe, Tri
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import Path, Reference, Unknown, Value

Standing = Literal["written", "default", "fact", "undeclared", "nothing"]
"""written: somebody wrote it (or the account says so). default: the provider's default. fact: a fact file says what
absence means. undeclared: the weakest value where an account setting decides; evidence reads "not declared". nothing:
absent or null and nothing says more."""


class Cursor(Protocol):
    """One value at one place."""

    @property
    def resource(self) -> Resource:
        """Where the value lies: the judged resource, or the satellite or relation that said it."""
        ...

    @property
    def path(self) -> Path:
        """Path within `resource.attributes`, as written there (what `resource.source.span_of` takes)."""
        ...

    @property
    def shown(self) -> str:
        """The path as the rule's reader knows it: `versioning.status`, `entries[0].ports`."""
        ...

    @property
    def value(self) -> Value:
        """The value with absence resolved; ABSENT or None where nothing is there."""
        ...

    @property
    def standing(self) -> Standing: ...

    @property
    def sensitive(self) -> bool:
        """Whether the value must be masked in reports."""
        ...

    def get(self, path: Path) -> "Cursor":
        """The cursor at a path below; never raises: what is not there is ABSENT, below an unknown is that unknown."""
        ...

    def items(self) -> "Items":
        """The items of a list, set or map (a map's items are `{key, value}` objects; one object or block where a list
        is possible is a list of one; null and ABSENT are empty and closed; an unknown is empty and open)."""
        ...


class Item(NamedTuple):
    """A member of a quantified collection."""

    cursor: Cursor
    present: Tri
    """`Maybe` for an item that may not exist (a resource with unknown count, a dynamic block over unknowns)."""


class Items(NamedTuple):
    """A collection as quantifiers see it."""

    items: Sequence[Item]
    more: Unknown | None
    """Set where there may be other items."""


def surely(found: Items) -> Items:
    """The items that are certainly there, for who asks no further; those that may be there leave it open."""
    sure = [item for item in found.items if item.present is True]
    more = found.more
    for item in found.items:
        if more is None and isinstance(item.present, Maybe):
            more = item.present.causes[0]
    return Items(sure, more)


class Relation(NamedTuple):
    """`related: {type, by | to | selects}`, `{any, except}` or `account | region | namespace`."""

    type: str
    """A resource type, `account`, `region`, `namespace`, or `*` for `any`."""
    kind: Literal["by", "to", "selects", "any", "home"]
    path: Path
    """The attribute that refers (of the other for `by`, ours for `to` and `selects`); for `any` a pattern of its name;
    empty for `home`."""
    without: tuple[str, ...] = ()
    """Types that do not count, for `any`."""
    live: tuple[str, ...] = ()
    """Types of which a live account is asked, for `any`: together they tell there who refers."""


class World(Protocol):
    """All resources of a run, shaped and joined."""

    as_of: date
    inventory: Inventory

    def subjects(self, types: Sequence[str]) -> Sequence[Cursor]:
        """A cursor at the root of each resource of these types (aliases, virtual types and partial owners of orphaned
        satellites included), in stable order."""
        ...

    def related(self, subject: Cursor, relation: Relation) -> Items:
        """The resources in a relation to the one on which `subject` stands."""
        ...

    def targets(self, reference: Reference, root: str) -> Sequence[Resource]:
        """What was read at the address of a reference in a root; all its instances where no single one is named."""
        ...

    def certainly_named(self, value: Value, by: Resource, kind: str) -> Sequence[Resource]:
        """The resources of a type that a value written in `by` certainly names."""
        ...

    def presence(self, reference: Reference, root: str | None = None) -> Tri:
        """Whether what a reference points at certainly exists (target read, and the attribute required, written or
        computed there). `root`: the root module in which the reference stands."""
        ...

    def key_owner(self, resource: Resource, key: str) -> "str | Maybe | None":
        """Whose the KMS key is that a live resource names by id or ARN: `customer`, `aws_managed`, or why it cannot be
        told; None where no account was listed."""
        ...
