"""Differences that are drawn by seed and planted into the state of a seeded account, and others that say nothing."""

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from compliance_scan.planes.noise import Noises
from compliance_scan.planes.normal import HOLE, known
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.facts import TypeFacts
from compliance_scan.shape.nodes import Node
from tests.drift.seeded import NAMES, Entry, has_hole, same

Steps = tuple[str | int, ...]


class Planted(NamedTuple):
    """One difference that must be found."""

    kind: str
    type: str
    address: str
    path: str
    """The attribute; empty where the whole resource is."""
    declared: Any
    owners: tuple[str, ...]
    """Who may tell of it instead: a part's owners."""


class Silent(NamedTuple):
    """One difference that says nothing."""

    how: str
    type: str
    address: str
    path: str


class Planting:
    """Draws over the entries of a state. One resource gets one difference at most, so that none hides another."""

    def __init__(self, entries: Sequence[Entry], seed: int) -> None:
        self.catalog, self.random = Catalog.open(), random.Random(seed)
        self.noises = Noises(self.catalog)
        self.entries = [each._replace(attributes=copy.deepcopy(each.attributes)) for each in entries]
        self.order = list(range(len(self.entries)))
        self.random.shuffle(self.order)
        self.planted: list[Planted] = []
        self.silent: list[Silent] = []
        self._used: set[int] = set()
        self._places_used: set[tuple[int, Any]] = set()
        self._gone: set[int] = set()
        self._more: list[Entry] = []

    def state(self) -> list[Entry]:
        """The entries with everything that was planted."""
        return [each for index, each in enumerate(self.entries) if index not in self._gone] + self._more

    # What must be found

    def change(self, count: int) -> None:
        """Changed attributes, spread over as many types as there are."""
        for index in self._spread():
            if sum(each.kind == "changed" for each in self.planted) >= count:
                return
            places = list(self._places(self.entries[index]))
            if places:
                steps, value = self.random.choice(places)
                entry = self.entries[index]
                _put(entry.attributes, steps, value)
                self._used.add(index)
                self._places_used.add((index, steps[0]))
                self.planted.append(
                    Planted("changed", entry.type, entry.address, _shown(steps), value, self._tellers(entry))
                )

    def lose(self, count: int) -> None:
        """Declared resources that the account does not have: doubles under names that nobody knows."""
        for index in self._spread():
            if sum(each.kind == "missing" for each in self.planted) >= count:
                return
            entry = self.entries[index]
            if not self._stands_alone(entry):
                continue
            facts = self._facts(entry)
            attributes = copy.deepcopy(entry.attributes)
            for name in {path[0] for path in facts.keys} | {"id", "arn"}:
                if isinstance(attributes.get(name), str):
                    attributes[name] += "-gone"
            double = entry._replace(name=f"{entry.name}_gone{index}", attributes=attributes)
            self._more.append(double)
            self.planted.append(Planted("missing", entry.type, double.address, "", None, ()))

    def forget(self, count: int) -> None:
        """Resources of the account that nothing declares any more."""
        for index in self._spread():
            if sum(each.kind == "unmanaged" for each in self.planted) >= count:
                return
            entry = self.entries[index]
            if self._stands_alone(entry) and not self._is_referred(entry):
                self._gone.add(index)
                self._used.add(index)
                self.planted.append(Planted("unmanaged", entry.type, entry.live.address, "", None, ()))

    # What says nothing

    def whisper(self, count: int) -> None:
        """Differences that are noise, each way of making them in turn."""
        ways: list[tuple[str, Callable[[Entry], Iterator[tuple[Steps, Any]]]]] = [
            (each.__name__.lstrip("_"), each)
            for each in (
                self._order, self._policy, self._case, self._short_name, self._computed,
                self._ignored, self._default_tags, self._empty, self._spelling, self._equal,
            )
        ]  # fmt: skip
        done: set[tuple[int, str]] = set()
        while len(self.silent) < count:
            before = len(self.silent)
            for how, way in ways:
                for index in self._shuffled():
                    if (index, how) in done or index in self._gone:
                        continue
                    done.add((index, how))
                    entry = self.entries[index]
                    found = [each for each in way(entry) if (index, each[0][0]) not in self._places_used]
                    if found:
                        steps, value = self.random.choice(found)
                        _put(entry.attributes, steps, value)
                        self._places_used.add((index, steps[0]))
                        self.silent.append(Silent(how, entry.type, entry.address, _shown(steps)))
                        break
                if len(self.silent) >= count:
                    return
            if len(self.silent) == before:
                return

    def _order(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        for steps, value, _node in self._all(entry):
            if isinstance(value, list) and len(value) > 1:
                turned = value[1:] + value[:1]
                if turned != value:
                    yield steps, turned

    def _policy(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        for steps, value, _node in self._all(entry):
            if isinstance(value, str) and '"Statement"' in value:
                document = json.loads(value)
                statements = document["Statement"]
                statements = statements if isinstance(statements, list) else [statements]
                for each in statements:
                    for name in ("Action", "Resource"):
                        if isinstance(each.get(name), str):
                            each[name] = [each[name]]
                        elif isinstance(each.get(name), list):
                            each[name].reverse()
                document["Statement"] = [dict(reversed(list(each.items()))) for each in reversed(statements)]
                yield steps, json.dumps(document, indent=2)

    def _case(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        places = self.noises.of(entry.type).case
        for steps, value, _node in self._all(entry):
            if isinstance(value, str) and _place(steps) in places and value.swapcase() != value:
                yield steps, value.swapcase()

    def _short_name(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        facts = self._facts(entry)
        for steps, value, _node in self._all(entry):
            if isinstance(value, str) and value.startswith("arn:") and value.count(":") >= 5:
                short = value.split(":", 5)[5].rpartition("/")[2]
                if short and steps[:1] not in facts.keys and steps[0] not in ("id", "arn"):
                    yield steps, short

    def _computed(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        facts = self._facts(entry)
        for name, value in entry.attributes.items():
            field = facts.root.field(name)
            if field is not None and field.mode == "c" and name not in ("id", "arn") and (name,) not in facts.keys:
                if isinstance(value, str) and value:
                    yield (name,), value + "-of-yesterday"
                elif isinstance(value, int) and not isinstance(value, bool):
                    yield (name,), value + 1

    def _ignored(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        for place in self.noises.of(entry.type).ignore:
            value = entry.attributes.get(place[0]) if len(place) == 1 else None
            if isinstance(value, bool | int):
                yield place, (not value if isinstance(value, bool) else value + 3)
            elif isinstance(value, str) and value[:1] not in "{[":
                yield place, value + "-other"

    def _default_tags(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        tags = entry.attributes.get("tags")
        if isinstance(tags, dict) and tags and "tags_all" in entry.attributes:
            entry.attributes["tags_all"] = dict(tags)
            yield ("tags",), {}

    def _empty(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        facts = self._facts(entry)
        for name, value in entry.attributes.items():
            field = facts.root.field(name)
            if field is None or name in ("id", "arn"):
                continue
            if value is None and field.node.kind in ("string", "list", "set", "map", "bool"):
                yield (name,), {"string": "", "map": {}, "bool": False}.get(field.node.kind, [])
            elif value == "" or value is False or (value == [] and not field.nested):
                yield (name,), None

    def _spelling(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        for steps, value, _node in self._all(entry):
            if isinstance(value, bool) or (isinstance(value, int) and len(steps) == 1):
                yield steps, str(value).lower()
            elif isinstance(value, str) and steps[-1] == "description" and value:
                yield steps, value + "\n"

    def _equal(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        for place, pairs in self.noises.of(entry.type).equal.items():
            for steps, value, _node in self._all(entry):
                for one, other in pairs:
                    if _place(steps) == place and str(value) in (one, other):
                        yield steps, other if str(value) == one else one

    # Where

    def _places(self, entry: Entry) -> Iterator[tuple[Steps, Any]]:
        """The attributes that may be changed, with another value for each."""
        facts, noise = self._facts(entry), self.noises.of(entry.type)
        for steps, value, _node in self._all(entry):
            place = _place(steps)
            if any(place[:depth] in noise.ignore for depth in range(1, len(place) + 1)):
                continue
            if place == ("name",) and entry.type in self.catalog.satellites:
                continue  # another name is another part
            if entry.type in self.catalog.satellites and place[0] in self._owners(entry.type):
                continue
            if place in facts.keys or place[:1] in facts.keys or place[0] in ("id", "arn", "tags_all", "region"):
                continue
            field = facts.hidden.get(place[0]) or facts.root.field(place[0])
            if field is None or field.mode == "c" or field.sensitive:
                continue
            if not self._is_kept(entry, steps, value):
                continue
            new = _other(value, len(self.planted))
            if new is not None and not any(str(value) in pair for pair in noise.equal.get(place, ())):
                yield steps, new

    def _is_kept(self, entry: Entry, steps: Steps, value: Any) -> bool:
        """Whether the account says the same at this very place."""
        if steps[0] not in entry.live.attributes:
            return False
        live = known(entry.live.attributes[str(steps[0])])
        for step in steps[1:]:
            if isinstance(live, list) and len(live) == 1 and isinstance(step, str):
                live = live[0]
            try:
                live = live[step]
            except (KeyError, IndexError, TypeError):
                return False
        return live is not HOLE and not has_hole(live) and live not in (None, "", []) and same(value, live)

    def _all(self, entry: Entry) -> Iterator[tuple[Steps, Any, Node]]:
        """Every value of an entry but what stands in lists of several objects."""
        facts = self._facts(entry)
        stack: list[tuple[Steps, Any]] = [((name,), value) for name, value in entry.attributes.items()]
        while stack:
            steps, value = stack.pop()
            yield steps, value, facts.root
            if isinstance(value, dict):
                stack += [((*steps, name), item) for name, item in value.items()]
            elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
                stack.append(((*steps, 0), value[0]))

    def _owners(self, kind: str) -> set[str]:
        """The attributes of a part that name its owner."""
        return {
            source.by[0]
            for owner in self.catalog.satellites[kind]
            if (facts := self.catalog.type(owner)) is not None
            for fold in facts.folds.values()
            for source in fold.sources
            if source.type == kind and source.by
        }

    def _tellers(self, entry: Entry) -> tuple[str, ...]:
        """The addresses of the owners of a part."""
        if entry.type not in self.catalog.satellites:
            return ()
        owners = self.catalog.satellites[entry.type]
        named = {str(entry.attributes.get(name)) for name in self._owners(entry.type)}
        return tuple(
            each.address
            for each in self.entries
            if each.type in owners and named & {str(each.attributes.get(name)) for name in NAMES}
        )

    def _facts(self, entry: Entry) -> TypeFacts:
        facts = self.catalog.type(entry.type)
        assert facts is not None
        return facts

    def _spread(self) -> list[int]:
        """Entries that are left, the types that were used least first."""
        counts: dict[str, int] = {}
        keyed: list[tuple[int, int, int]] = []
        for index in self._shuffled():
            kind = self.entries[index].type
            counts[kind] = counts.get(kind, 0) + 1
            if index not in self._used and index not in self._gone:
                keyed.append((counts[kind], len(keyed), index))
        return [index for _, _, index in sorted(keyed)]

    def _shuffled(self) -> list[int]:
        return self.random.sample(self.order, len(self.order))

    def _stands_alone(self, entry: Entry) -> bool:
        """No part of another, and no setting of the account that is always there."""
        live = entry.live
        return (
            entry.type not in self.catalog.satellites
            and live.name not in (live.account, live.region)
            and (live.arn is not None or bool(live.name))
        )

    def _is_referred(self, entry: Entry) -> bool:
        """Whether another entry names this one: its parts would hang in the air."""
        names = {str(entry.attributes.get(name)) for name in ("id", "arn", "name", "bucket")} - {"None", ""}
        text = [json.dumps(each.attributes) for each in self.entries if each is not entry]
        return any(f'"{name}"' in each for name in names for each in text)


def _place(steps: Steps) -> tuple[str, ...]:
    return tuple(step for step in steps if isinstance(step, str))


def _shown(steps: Steps) -> str:
    return ".".join(_place(steps))


def _get(value: Any, steps: Steps) -> Any:
    for step in steps:
        value = value[step]
    return value


def _put(value: Any, steps: Steps, new: Any) -> None:
    _get(value, steps[:-1])[steps[-1]] = new


def _other(value: Any, number: int) -> Any:
    """Another value of the same kind; None where none is to be had."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 7
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return [*value, f"planted-{number}"]
    if isinstance(value, str) and '"Statement"' in value:
        document = json.loads(value)
        first = document["Statement"][0] if isinstance(document["Statement"], list) else document["Statement"]
        first["Effect"] = "Deny" if first.get("Effect") == "Allow" else "Allow"
        return json.dumps(document)
    if isinstance(value, str) and value and value[0] not in "{[":
        return {"tcp": "udp", "Enabled": "Disabled"}.get(value, f"planted-{number}")
    return None


class Told(NamedTuple):
    """What a report says of what was planted."""

    missed: list[Planted]
    false: list[str]
    """What it tells beyond that."""


def compare(planted: Sequence[Planted], drift: Sequence[Any]) -> Told:
    """Everything planted against everything told; each attribute that is told answers for one that was planted."""
    missed, spent = [], set()
    for each in planted:
        found = next((place for place in _answers(each, drift) if place not in spent), None)
        if found is None:
            missed.append(each)
        else:
            spent.add(found)
    false = []
    for number, entry in enumerate(drift):
        if entry["kind"] != "changed":
            if (number, -1) not in spent:
                false.append(f"{entry['kind']} {entry['address']}")
            continue
        false += [
            f"{entry['address']} {attribute['path']}: {attribute['declared']!r} | {attribute['live']!r}"[:300]
            for index, attribute in enumerate(entry["attributes"])
            if (number, index) not in spent
        ]
    return Told(missed, false)


def _answers(each: Planted, drift: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Where a report tells of what was planted: the resource with the attribute, or an owner in its own words."""
    for number, entry in enumerate(drift):
        if entry["kind"] != each.kind:
            continue
        if each.kind != "changed":
            if entry["address"] == each.address:
                yield number, -1
            continue
        for index, attribute in enumerate(entry["attributes"]):
            path = re.sub(r"\[\d+\]", "", attribute["path"])
            if (entry["address"] == each.address and (each.path + ".").startswith(path + ".")) or (
                entry["address"] in each.owners and _same_end(path, each, attribute["declared"])
            ):
                yield number, index


def _same_end(path: str, each: Planted, declared: Any) -> bool:
    """Whether an owner's attribute has the planted value, or the last name of the planted path."""
    return str(declared) == str(each.declared) or path.rpartition(".")[2] == each.path.rpartition(".")[2]
