"""Parts: satellites that fold into an owner. Who tells of their drift, the owner or they themselves?

What a satellite says in the owner's words (a bucket's versioning) is told by the owner, on whom the rules stand. What
is folded whole or only worked out (an instance of a cluster, a role's policies) is told by itself, with its own
address, as far as it is collected by itself; so is whatever of it the owner's words leave out.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from compliance_scan.shape.facts import FoldSource, Mapped, Mapping_, SPath

if TYPE_CHECKING:
    from compliance_scan.model.resource import Resource
    from compliance_scan.shape.catalog import Catalog
    from compliance_scan.shape.facts import Fold
    from compliance_scan.shape.world import World


class Parts:
    """The satellites of one world, and what their owners say of them."""

    def __init__(self, world: "World", other: "World | None" = None) -> None:
        """`other`: the world that this one is compared with."""
        self._world = world
        self._worlds = [world] if other is None else [world, other]
        self._peopled: dict[tuple[str, ...], bool] = {}
        self._catalog: Catalog = world.catalog
        self._owned: dict[Resource, bool] = {}
        self._told: dict[str, frozenset[SPath] | None] = {}

    def is_told(self, resource: "Resource") -> bool:
        """Whether the owner of a satellite was read and tells of it."""
        if self.told(resource.type) is None:
            return False
        if resource not in self._owned:
            self._owned[resource] = resource.mode == "managed" and self._world.has_owner(resource)
        return self._owned[resource]

    def told(self, kind: str) -> frozenset[SPath] | None:
        """The attributes of a satellite type of which the owner tells; None where it tells of none, or is no owner."""
        kind = self._catalog.canonical(kind)
        if kind not in self._told:
            sources = [
                source
                for owner in self._catalog.satellites.get(kind, ())
                if (facts := self._catalog.type(owner)) is not None
                for fold in facts.folds.values()
                for source in fold.sources
                if source.type and self._catalog.canonical(source.type) == kind
            ]
            places = {place for source in sources for place in _told(source)}
            alone = not sources or (not places and tells_itself(sources, self._catalog))
            self._told[kind] = None if alone else frozenset(places | {source.by for source in sources})
        return self._told[kind]

    def has_satellites(self, fold: "Fold") -> bool:
        """Whether either side has any satellite that folds so."""
        kinds = tuple(source.type for source in fold.sources if source.type)
        if kinds not in self._peopled:
            self._peopled[kinds] = any(any(world.resources(kind)) for world in self._worlds for kind in kinds)
        return self._peopled[kinds]

    def is_silent(self, fold: "Fold") -> bool:
        """Whether all satellites of a fold tell of themselves, so that their owner need not."""
        sources = [source for source in fold.sources if source.type]
        there = [each for each in sources if self._catalog.collect(each.type) or any(self._world.resources(each.type))]
        return bool(there) and tells_itself(there, self._catalog)


def tells_itself(sources: Iterable[FoldSource], catalog: "Catalog") -> bool:
    """Whether what satellites say stands in no words of their owner's, and they are collected by themselves."""
    return all(not list(_told(source)) and catalog.collect(source.type) is not None for source in sources)


def _told(source: FoldSource) -> Iterable[SPath]:
    """Of which attributes of a satellite the owner has its own words."""
    if source.make:
        return ()
    if source.value:
        return (source.value,)
    return [(*source.each, *place) for place in _mapped(source.map or {})]


def _mapped(mapping: Mapping_) -> Iterable[SPath]:
    for target in mapping.values():
        if isinstance(target, Mapped):
            yield target.path
        else:
            yield from _mapped(target)


def covers(told: frozenset[SPath], place: SPath) -> bool:
    """Whether the owner tells of a place, or of something around it."""
    return any(place[: len(each)] == each for each in told)
