"""The virtual types `account` and `region`.

On code there is one of each for every root module that uses the AWS provider. As a subject it is open: a repository
does not declare a whole account, so every collection may hold more and every setting that is not declared is unknown.
Read from another resource (`related: account`) it is closed: what the root does not declare is ABSENT.

A facts file declares their parts as folds whose satellites belong to the account without naming it (`by` is missing
there: the root is the bond).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compliance_scan.model.resource import Comment, Origin, Plane, Resource, Source, Span
from compliance_scan.model.value import Path, Unknown
from compliance_scan.model.view import Cursor, Item
from compliance_scan.shape import absence
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.facts import TypeFacts
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
        items = [Item(self.world.cursor(resource), certain(resource)) for resource in self.members(name)]
        return MadeList(self, (), (name,), items, self.undeclared())

    def members(self, kind: str) -> list[Resource]:
        """The resources of a type that live here."""
        mine = _key(self.resource, self.resource.type)
        return [found for found in self.world.resources(kind) if _key(found, self.resource.type) == mine]


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


def _homes(world: "World", kind: str) -> Sequence[Cursor]:
    firsts: dict[tuple[str, Plane, str | None, str | None], Resource] = {}
    for resource in world.inventory.resources:
        if resource.type.startswith("aws_") or "aws" in world.inventory.providers.get(resource.root, ()):
            firsts.setdefault(_key(resource, kind), resource)
    if kind == "region":  # what is global, live, lives in no region
        firsts = {key: first for key, first in firsts.items() if key[1] != "live" or key[3]}
    return [_frame(world, first, kind, is_open=True).root for first in firsts.values()]


def _key(resource: Resource, kind: str) -> tuple[str, Plane, str | None, str | None]:
    live = resource.plane == "live"
    return (
        resource.root,
        resource.plane,
        resource.account if live else None,
        resource.region if live and kind == "region" else None,
    )


def _home_of(world: "World", subject: Cursor, kind: str) -> Cursor | None:
    return _frame(world, subject.resource, kind, is_open=False).root


def _frame(world: "World", first: Resource, kind: str, *, is_open: bool) -> HomeFrame:
    key = (*_key(first, kind), kind, is_open)
    found = world.homes.get(key)
    if found is None:
        facts = world.catalog.type(kind)
        assert facts is not None, f"types/aws/{kind}.yaml is part of the program"
        name = first.account or kind if kind == "account" else first.region or kind
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
        )
        # What was collected of a live account is all there is: nothing is left undeclared.
        found = HomeFrame(world, resource, facts, is_open=is_open and first.plane != "live")
        world.homes[key] = found
    assert isinstance(found, HomeFrame)
    return found
