"""Which live resource is which declared one: by ARN and id, by import id and names, by tags, last by the graph.

One live resource belongs to at most one declared one. What two could be is said to be ambiguous, never guessed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Reference, Value, resolved
from compliance_scan.shape.homes import is_unique

if TYPE_CHECKING:
    from compliance_scan.shape.catalog import Catalog
    from compliance_scan.shape.world import World

By = Literal["arn", "id", "import_id", "name", "tags", "graph"]
NAME_TAG = "Name"


class Pair(NamedTuple):
    """A declared resource and the live one that it is."""

    declared: Resource
    live: Resource
    by: By


class Ambiguous(NamedTuple):
    """A declared resource that several live ones could be, or a live one that several addresses claim."""

    declared: Resource
    candidates: tuple[Resource, ...]
    why: str


class Joined(NamedTuple):
    """All declared and live resources, sorted out."""

    pairs: tuple[Pair, ...]
    missing: tuple[Resource, ...]
    """Declared, and no live resource of its type fits."""
    unmanaged: tuple[Resource, ...]
    """Live, and nothing declares it."""
    ambiguous: tuple[Ambiguous, ...]


def join(declared: "World", live: "World") -> Joined:
    """Joins the managed resources of two worlds; those of `live` are all of the live plane.

    A state knows its resources by id. So where there is one it is joined first, and what the code declares at the same
    address is the same resource.
    """
    ours = [each for each in declared.inventory.resources if each.mode == "managed" and each.type.startswith("aws_")]
    made = _Join(declared, live)
    made.take([each for each in ours if each.plane == "state"])
    twins = state_twins(ours)
    for resource, state in twins.items():
        if state in made.pairs:
            pair = made.pairs[state]
            made.pairs[resource] = Pair(resource, pair.live, pair.by)
        elif state in made.ambiguous:
            found = made.ambiguous[state]
            made.ambiguous[resource] = Ambiguous(resource, found.candidates, found.why)
    made.take([each for each in ours if each.plane != "state" and each not in twins])
    return made.joined(ours)


def state_twins(resources: Sequence[Resource]) -> dict[Resource, Resource]:
    """What code or a plan declares, to the same address in a state: of the root that declares most of the state."""
    states: dict[str, dict[str, Resource]] = {}
    for each in resources:
        if each.plane == "state":
            states.setdefault(each.root, {})[each.address] = each
    declared: dict[str, list[Resource]] = {}
    for each in resources:
        if each.plane != "state":
            declared.setdefault(each.root, []).append(each)
    found: dict[Resource, Resource] = {}
    for table in states.values():
        best: list[tuple[Resource, Resource]] = []
        for root in sorted(declared):
            twins = [(each, twin) for each in declared[root] if (twin := _at(table, each)) is not None]
            best = max(best, twins, key=len)
        found.update(best)
    return found


def _at(table: dict[str, Resource], resource: Resource) -> Resource | None:
    return next((table[name] for name in (resource.address, *resource.aliases) if name in table), None)


class _Join:
    def __init__(self, declared: "World", live: "World") -> None:
        self.declared, self.live = declared, live
        self.catalog: Catalog = declared.catalog
        self.pairs: dict[Resource, Pair] = {}
        self.taken: set[Resource] = set()
        self.ambiguous: dict[Resource, Ambiguous] = {}
        self.open: dict[str, list[Resource]] = {}

    def take(self, resources: Sequence[Resource]) -> None:
        """Joins these, as far as that goes."""
        self.open = {}
        for resource in resources:
            self.open.setdefault(self.catalog.canonical(resource.type), []).append(resource)
        self._all()

    def joined(self, ours: Sequence[Resource]) -> Joined:
        """Everything sorted out."""
        left = [each for each in ours if each not in self.pairs]
        missing = [each for each in left if each not in self.ambiguous]
        claimed = {other for each in self.ambiguous.values() for other in each.candidates}
        unmanaged = [each for each in self.live.inventory.resources if each not in self.taken and each not in claimed]
        pairs = tuple(self.pairs.values())
        return Joined(pairs, tuple(missing), tuple(unmanaged), tuple(self.ambiguous.values()))

    def _all(self) -> None:
        for kind, ours in self.open.items():
            theirs = list(self.live.resources(kind))
            self._by_keys(ours, _Index(self.live, theirs, _arns), _arns, "arn")
            self._by_keys(ours, _Index(self.live, theirs, _ids), _ids, "id")
            facts = self.catalog.type(kind)
            if facts is None or not facts.within:  # else the graph finds it: what it lies in has to be the same too
                self._by_keys(ours, _Index(self.live, theirs, _ids), _names, "import_id")
                self._by_keys(ours, _Index(self.live, theirs, _names), _names, "name")
            self._by_keys(ours, _Index(self.live, theirs, _name_tags), _name_tags, "tags")
        self._by_graph()

    def _by_keys(self, ours: Sequence[Resource], index: "_Index", keys: "_Keys", by: By) -> None:
        """Joins what fits one by one; where several declared ones fit one live, or the other way round, nobody."""
        wanted: dict[Resource, list[Resource]] = {}
        for resource in ours:
            if resource not in self.pairs:
                found = index.find(resource, keys(self.declared, resource))
                found = [each for each in found if each not in self.taken]
                if found:
                    wanted[resource] = found
        claims: dict[Resource, list[Resource]] = {}
        for resource, found in wanted.items():
            for each in found:
                claims.setdefault(each, []).append(resource)
        for resource, found in wanted.items():
            if len(found) == 1 and len(claims[found[0]]) == 1:
                self._take(resource, found[0], by)
            elif by != "tags":  # equal tags are no claim
                self._doubt(resource, found, claims)

    def _take(self, declared: Resource, live: Resource, by: By) -> None:
        self.pairs[declared] = Pair(declared, live, by)
        self.taken.add(live)
        self.ambiguous.pop(declared, None)

    def _doubt(self, resource: Resource, found: list[Resource], claims: dict[Resource, list[Resource]]) -> None:
        if len(found) > 1:
            why = f"{len(found)} live resources go by its name"
        else:
            others = sorted(each.address for each in claims[found[0]] if each is not resource)
            why = f"{', '.join(others[:3])} is the same live resource"
        self.ambiguous.setdefault(resource, Ambiguous(resource, tuple(found), why))

    def _by_graph(self) -> None:
        """What is left: the one live resource whose relations lead to what its relations lead to, and that differs in
        nothing that cannot be changed."""
        progress = True
        while progress:
            progress = False
            for kind, ours in self.open.items():
                rest = {each: edges for each in ours if each not in self.pairs and (edges := self._edges(each))}
                if rest and self._graph_of(kind, rest):
                    progress = True

    def _graph_of(self, kind: str, rest: "dict[Resource, dict[str, set[str]]]") -> bool:
        names = {name for edges in rest.values() for name in edges}
        table: dict[tuple[str, str], list[Resource]] = {}
        for live in self.live.resources(kind):
            if live in self.taken:
                continue
            cursor = self.live.cursor(live)
            for name in names:
                value = cursor.step(name).value
                if isinstance(value, str):
                    table.setdefault((name, value), []).append(live)
        fits: dict[Resource, list[Resource]] = {}
        rivals: dict[Resource, int] = {}
        for resource, edges in rest.items():
            name, targets = next(iter(edges.items()))
            found = [live for target in targets for live in table.get((name, target), ())]
            fits[resource] = [live for live in dict.fromkeys(found) if self._alike(resource, live, edges)]
            for live in fits[resource]:
                rivals[live] = rivals.get(live, 0) + 1
        joined = [(each, found[0]) for each, found in fits.items() if len(found) == 1 and rivals[found[0]] == 1]
        for resource, live in joined:
            self._take(resource, live, "graph")
        return bool(joined)

    def _edges(self, declared: Resource) -> dict[str, set[str]]:
        """Attributes that lead to joined resources, with all names of those."""
        cursor = self.declared.cursor(declared)
        found: dict[str, set[str]] = {}
        for name in declared.attributes:
            if name in DEPLOYED:
                continue
            target = self._target(declared, cursor.step(name).value)
            if target is not None:
                found[name] = _all_names(self.live, target)
        return found

    def _alike(self, declared: Resource, live: Resource, edges: dict[str, set[str]]) -> bool:
        """Whether no relation and no fixed attribute differs."""
        ours, theirs = self.declared.cursor(declared), self.live.cursor(live)
        for name, targets in edges.items():
            other = theirs.step(name).value
            if isinstance(other, str) and other not in targets:
                return False
        return _same_place(declared, live) and all(
            _agree(ours.step(name).value, theirs.step(name).value) for name in FIXED if name in declared.attributes
        )

    def _target(self, by: Resource, value: Value) -> Resource | None:
        """The live resource that a reference of a declared one leads to, where that was joined."""
        if not isinstance(value, Reference):
            return None
        targets = self.declared.at(by.root, value.address)
        pair = self.pairs.get(targets[0]) if len(targets) == 1 else None
        return pair.live if pair is not None else None


FIXED = (
    "cidr_block", "availability_zone", "from_port", "to_port", "port", "protocol", "type", "rule_number", "egress",
    "policy_name", "destination_cidr_block", "engine", "name", "node_group_name", "stage_name",
)  # fmt: skip
"""What tells apart two resources with the same relations; a change of it makes another resource."""
DEPLOYED = frozenset({"task_definition"})
"""Relations that every deployment moves on: they tell nothing of which resource it is."""


def _agree(ours: Value, theirs: Value) -> bool:
    known = resolved(ours)
    if not isinstance(known, str | int | float | bool) or not isinstance(theirs, str | int | float | bool):
        return True
    return str(known) == str(theirs)


class _Keys:
    """How a resource is called, by one way of naming."""

    def __call__(self, world: "World", resource: Resource) -> list[str]:
        raise NotImplementedError


def _plain(value: Value) -> Iterator[str]:
    known = resolved(value)
    if isinstance(known, str) and known:
        yield known
    elif isinstance(known, int) and not isinstance(known, bool):
        yield str(known)


class _Arns(_Keys):
    def __call__(self, world: "World", resource: Resource) -> list[str]:
        del world
        if resource.arn:
            return [resource.arn]
        return list(_plain(resource.attributes["arn"])) if "arn" in resource.attributes else []


class _Ids(_Keys):
    def __call__(self, world: "World", resource: Resource) -> list[str]:
        del world
        found = list(_plain(resource.attributes["id"])) if "id" in resource.attributes else []
        if resource.plane == "live" and resource.name and resource.name not in found:
            found.append(resource.name)  # what imports it: some providers give another id
        return found


class _Names(_Keys):
    def __call__(self, world: "World", resource: Resource) -> list[str]:
        kind = world.catalog.type(resource.type)
        if kind is None:
            return []
        root = world.cursor(resource)
        found: list[str] = []
        for path in kind.keys:
            if path[0] in resource.attributes and path not in (("id",), ("arn",)):
                found += _plain(root.get(path).value)
        return list(dict.fromkeys(found))


class _NameTags(_Keys):
    def __call__(self, world: "World", resource: Resource) -> list[str]:
        if "tags" not in resource.attributes:
            return []
        return list(_plain(world.cursor(resource).get(("tags", NAME_TAG)).value))


_arns, _ids, _names, _name_tags = _Arns(), _Ids(), _Names(), _NameTags()


class _Index:
    """Live resources of one type by their names."""

    def __init__(self, world: "World", resources: Iterable[Resource], keys: _Keys) -> None:
        self._table: dict[str, list[Resource]] = {}
        for resource in resources:
            for key in keys(world, resource):
                self._table.setdefault(key, []).append(resource)

    def find(self, resource: Resource, names: Iterable[str]) -> list[Resource]:
        """The live resources by any of these names that may live where a declared one does."""
        found: dict[Resource, None] = {}
        for name in names:
            for each in self._table.get(name, ()):
                if is_unique(name, each.type) or _same_place(resource, each):
                    found[each] = None
        return list(found)


def _same_place(declared: Resource, live: Resource) -> bool:
    """Whether nothing says that they live in different accounts or regions."""
    for ours, theirs in ((declared.account, live.account), (declared.region, live.region)):
        if ours is not None and theirs is not None and ours != theirs:
            return False
    return True


def _all_names(world: "World", resource: Resource) -> set[str]:
    names = {*_arns(world, resource), *_ids(world, resource), *_names(world, resource)}
    if resource.arn:
        names.add(resource.arn)
    return names
