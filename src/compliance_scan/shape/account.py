"""The virtual types `account` and `region`.

On code every root module that uses the AWS provider has one of each, and one more for every provider configuration that
is not certainly of the same account or region. As a subject it is open: a repository
does not declare a whole account, so every collection may hold more and every setting that is not declared is unknown.
Read from another resource (`related: account`) it is closed: what the root does not declare is ABSENT.

A facts file declares their parts as folds whose satellites belong to the account without naming it (`by` is missing
there: the root is the bond).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compliance_scan.model.live import Line, live_resource
from compliance_scan.model.logic import Tri, tri_all
from compliance_scan.model.resource import Comment, Origin, Resource, Source, Span
from compliance_scan.model.value import Path, Unknown
from compliance_scan.model.view import Cursor, Item
from compliance_scan.shape import absence
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.facts import TypeFacts
from compliance_scan.shape.homes import Kind, same_home
from compliance_scan.shape.join import certain
from compliance_scan.shape.made import MadeList, Shaped

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

UNDECLARED = Unknown("not_collected", "a repository does not declare a whole account", symbol=absence.UNDECLARED)
"""Why a collection of an account is open, and a setting unknown, on code."""


class RootSource:
    """The place of something that no file states: the first resource of its root."""

    def __init__(self, first: Source | None, root: str) -> None:
        self._first = first
        self._root = root

    @property
    def span(self) -> Span:
        return self.header

    @property
    def header(self) -> Span:
        if self._first is None:
            return Span(self._root, 1, 1, 1, 1)
        return self._first.header

    def span_of(self, path: Path) -> Span | None:
        del path  # nothing is written there
        return None

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        del path
        return ()

    def comments(self) -> tuple[Comment, ...]:
        return ()

    def text(self, span: Span) -> str:
        return self._first.text(span) if self._first is not None else ""


class HomeFrame(Frame):
    """The frame of an account or region. `open` says whether it may hold what was not read."""

    __slots__ = ("open",)

    def __init__(self, world: "World", resource: Resource, facts: TypeFacts, *, is_open: bool) -> None:
        super().__init__(world, resource, facts)
        self.open = is_open
        self.silent = resource.plane == "live"

    def undeclared(self) -> Unknown | None:
        return UNDECLARED if self.open else None

    def more_parts(self, name: str) -> "Shaped | None":
        """All resources of a type: an account holds every type as a collection."""
        if not self.world.catalog.known(name):
            return None
        items = [Item(self.world.cursor(resource), present) for resource, present in self.members(name)]
        return MadeList(self, (), (name,), items, self.undeclared() or self.world.unlisted(self.resource, name))

    def members(self, kind: str) -> list[tuple[Resource, Tri]]:
        """The resources of a type that live here, each with whether it certainly does and exists."""
        mine = self.resource
        found: list[tuple[Resource, Tri]] = []
        for each in self.world.resources(kind):
            if each.root == mine.root and each.plane == mine.plane:
                present = tri_all([same_home(mine, each, _kind(mine.type)), certain(each)])
                if present is not False:
                    found.append((each, present))
        return found


def accounts(world: "World") -> Sequence[Cursor]:
    """The accounts as subjects: one a root with AWS on code, one a live account."""
    return _homes(world, "account")


def regions(world: "World") -> Sequence[Cursor]:
    """The regions as subjects."""
    return _homes(world, "region")


def account_of(world: "World", subject: Cursor) -> Cursor | None:
    """The account in which a resource lives, closed on code."""
    return _home_of(world, subject, "account")


def region_of(world: "World", subject: Cursor) -> Cursor | None:
    """The region in which a resource lives, closed on code."""
    return _home_of(world, subject, "region")


def _homes(world: "World", kind: Kind) -> Sequence[Cursor]:
    firsts: dict[tuple[object, ...], Resource] = {}
    listed = _listed(world, kind)
    for resource in world.inventory.resources:
        if listed and resource.plane == "live":
            continue
        if resource.type.startswith("aws_") or "aws" in world.inventory.providers.get(resource.root, ()):
            firsts.setdefault(_key(resource, kind), resource)
    if kind == "region":  # what is global, live, lives in no region
        firsts = {key: first for key, first in firsts.items() if first.plane != "live" or first.region}
    # What is no resource of AWS says nothing of accounts: it stands for the root only where nothing else does.
    placed = {(each.root, each.plane) for each in firsts.values() if each.type.startswith("aws_")}
    made: dict[tuple[str, str], list[Resource]] = {}
    for first in firsts.values():
        where = (first.root, first.plane)
        if where in placed and not first.type.startswith("aws_"):
            continue
        others = made.setdefault(where, [])
        if not any(same_home(first, other, kind) is True for other in others):
            others.append(first)
    found = [*listed, *(first for others in made.values() for first in others)]
    return [_frame(world, first, kind, is_open=True).root for first in found]


def _listed(world: "World", kind: Kind) -> list[Resource]:
    """One stand-in for a resource in each live home that was asked, whether it holds anything or not."""
    if world.inventory.coverage is None:
        return []
    coverage = world.inventory.coverage
    source = Line(coverage.file)
    if kind == "account":
        return [
            live_resource(kind, account, {}, account=account, region=None, source=source)
            for account, _ in coverage.homes()
        ]
    return [
        live_resource(kind, region, {}, account=account, region=region, source=source)
        for account, regions in coverage.homes()
        for region in regions
    ]


def _key(resource: Resource, kind: Kind) -> tuple[object, ...]:
    """Resources with one key live in one home; those with several may."""
    account = (resource.root, resource.plane, resource.account, resource.place.account)
    if kind == "account":
        return account
    return (*account, resource.region, resource.place.region)


def _kind(name: str) -> Kind:
    return "account" if name == "account" else "region"


def _home_of(world: "World", subject: Cursor, kind: Kind) -> Cursor | None:
    return _frame(world, subject.resource, kind, is_open=False).root


def _frame(world: "World", first: Resource, kind: Kind, *, is_open: bool) -> HomeFrame:
    key = (*_key(first, kind), kind, is_open)
    found = world.homes.get(key)
    if found is None:
        facts = world.catalog.type(kind)
        assert facts is not None, f"types/aws/{kind}.yaml is part of the program"
        name = _name(first, kind)
        resource = Resource(
            address=name,
            type=kind,
            root=first.root,
            plane=first.plane,
            attributes={},
            source=RootSource(first.source, first.root),
            name=name,
            provider="aws",
            account=first.account,
            region=first.region if kind == "region" else None,
            place=first.place,
        )
        # What was collected of a live account is all there is: nothing is left undeclared.
        found = HomeFrame(world, resource, facts, is_open=is_open and first.plane != "live")
        world.homes[key] = found
    assert isinstance(found, HomeFrame)
    return found


def _name(first: Resource, kind: Kind) -> str:
    """What a home is called: a live account by its number, a region by its name; on code an account by its provider."""
    known = first.region if kind == "region" else first.account if first.plane == "live" else None
    alias = first.place.name
    return known or (f'{kind}["{alias}"]' if alias and not _is_default(first, kind) else kind)


def _is_default(first: Resource, kind: Kind) -> bool:
    """Whether a configuration with an alias says nothing beside the default one."""
    return not first.place.account and (kind == "account" or not first.place.region)
