"""What rules read of each type: the attributes from which an audit works out which operations it has to call.

Folded parts lead to their satellites, relations to the related type, accounts and regions to all the types that they
hold. Attributes are names at the top of a resource; what is below them comes with them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from compliance_scan.model.rule import VALUE_OF, Condition, Instance
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.facts import Fold, FoldSource, TypeFacts
from compliance_scan.shape.keys import ALIASES

HOMES = ("account", "region")


class Reads:
    """Type to attribute to the rules that read it; a type that is only counted has no attributes."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.by_type: dict[str, dict[str, set[str]]] = {}
        self.whole: set[str] = set()
        """Types of which coded folding reads whatever there is."""
        self.joined: set[str] = set()
        """Types that are read from other resources: satellites, relations, the members of an account."""
        self.relating: set[str] = set()
        """Types whose rules look beyond the resource itself."""
        self.inline: dict[tuple[str, str], set[str]] = {}
        """(type, attribute) of inline spellings to the satellites that may say the same."""
        self.rules: dict[str, set[str]] = {}
        """Type to the rules that need it at all."""

    def add(self, instance: Instance) -> None:
        """Takes in what a rule reads."""
        rule = instance.rule
        for kind in map(self.catalog.canonical, rule.resource):
            self._need(kind, rule.id)
            for condition in (rule.when, rule.assertion):
                if condition is not None:
                    self._condition(condition, kind, kind, rule.id)
            if instance.scope is not None:
                self._read(kind, "tags" if instance.scope.tags else "id", rule.id)

    def attributes(self, kind: str) -> set[str] | None:
        """The attributes of a type that are read; None for all of them."""
        return None if kind in self.whole else set(self.by_type.get(kind, ()))

    def types(self) -> list[str]:
        """The types that are needed, virtual ones not among them."""
        return sorted(set(self.rules) - set(HOMES))

    def _need(self, kind: str, rule: str) -> None:
        known = self.rules.setdefault(kind, set())
        if rule not in known:
            known.add(rule)
            facts = self.catalog.type(kind)
            if facts is not None and kind not in HOMES:
                for key in (*facts.keys, *facts.scope):
                    self.by_type.setdefault(kind, {}).setdefault(key[0], set()).add(rule)

    def add_tags(self, kind: str, reader: str) -> None:
        """Takes in that somebody beside the rules reads the tags of a type, where it can have any."""
        facts = self.catalog.type(kind)
        if facts is not None and facts.root.field("tags") is not None:
            self._read(kind, "tags", reader)

    def _read(self, kind: str, name: str, rule: str) -> None:
        """An attribute, a folded part, or (of an account or region) all resources of a type."""
        facts = self.catalog.type(kind)
        if facts is None:
            return
        if name in facts.folds:
            self._fold(facts, facts.folds[name], rule)
            return
        if kind in HOMES and facts.root.field(name) is None:
            member = self.catalog.canonical(name)
            self._need(member, rule)
            self.joined.add(member)
            return
        self.by_type.setdefault(kind, {}).setdefault(name, set()).add(rule)
        if name == "tags_all":  # on a live account the same as `tags`, which is what collectors map
            self.by_type[kind].setdefault("tags", set()).add(rule)

    def _fold(self, facts: TypeFacts, fold: Fold, rule: str) -> None:
        for source in fold.sources:
            if not source.type:
                self.inline.setdefault((facts.name, source.inline[0]), set()).update(
                    self.catalog.canonical(other.type) for other in fold.sources if other.type
                )
                self.by_type.setdefault(facts.name, {}).setdefault(source.inline[0], set()).add(rule)
                continue
            kind = self.catalog.canonical(source.type)
            self._need(kind, rule)
            self.joined.add(kind)
            self.relating.add(facts.name)
            if source.owner:
                for key in source.owner:
                    self.by_type.setdefault(facts.name, {}).setdefault(key[0], set()).add(rule)
            names = set(_fold_names(source))
            if source.by:
                names.add(source.by[0])
            if source.map is None and not source.value and not source.each:
                self.whole.add(kind)
            for name in names:
                self.by_type.setdefault(kind, {}).setdefault(name, set()).add(rule)

    def _condition(self, condition: Condition, item: str | None, root: str, rule: str) -> None:
        """`item`: the type at whose root paths start; None inside an item of a list, where what is read is known."""
        match condition[0]:
            case "all" | "any":
                for each in condition[1]:
                    self._condition(each, item, root, rule)
            case "not":
                self._condition(condition[1], item, root, rule)
            case "leaf":
                self._path(condition[1], item, root, rule)
                if condition[2] == "key_is":
                    self._aliases(rule)
                argument = condition[3]
                if condition[4] and isinstance(argument, dict) and VALUE_OF in argument:
                    self._path(argument[VALUE_OF], item, root, rule)
            case "each":
                below = self._source(condition[2], item, root, rule)
                for each in (condition[3], condition[4]):
                    if each is not None:
                        self._condition(each, below, root, rule)
            case "count":
                below = self._source(condition[1], item, root, rule)
                if condition[2] is not None:
                    self._condition(condition[2], below, root, rule)
                if condition[3] is not None:
                    self._condition(condition[3], below, root, rule)
                for path in _paths(condition[4]):
                    self._path(path, below, root, rule)

    def _aliases(self, rule: str) -> None:
        """What tells AWS's own keys from customers'."""
        self._need(ALIASES, rule)
        self.joined.add(ALIASES)
        for name in ("name", "target_key_id"):
            self._read(ALIASES, name, rule)

    def _path(self, path: Sequence[Any], item: str | None, root: str, rule: str) -> str | None:
        """Notes a path; returns the type on which its end stands, where that is a resource."""
        steps = list(path)
        if steps[:1] == ["^"]:
            item, steps = root, steps[1:]
        if item is None or not steps:
            return item
        name = str(steps[0])
        self._read(item, name, rule)
        facts = self.catalog.type(item)
        if item in HOMES and facts is not None:
            kind = None
            if name in facts.folds:
                sources = facts.folds[name].sources
                kind = sources[0].type if len(sources) == 1 and sources[0].map is None else None
            elif facts.root.field(name) is None:
                kind = self.catalog.canonical(name)
            rest = [step for step in steps[1:] if isinstance(step, str)]
            if kind is not None and rest:
                self._read(kind, rest[0], rule)
                return None
            return kind
        return None

    def _source(self, source: Condition, item: str | None, root: str, rule: str) -> str | None:
        if source[0] in ("path", "statements"):
            return self._path(source[1], item, root, rule)
        if source[2] == "any":
            self._referring(source, root, rule)
            return None
        kind, relation, path = self.catalog.canonical(source[1]), source[2], list(source[3])
        start = item
        if path[:1] == ["^"]:
            start, path = root, path[1:]
        self._need(kind, rule)
        self.joined.add(kind)
        self.relating.add(root)
        if relation == "by" and path:
            self._read(kind, str(path[0]), rule)
            self._scope(kind, start, rule)
        elif path and start is not None:
            self._read(start, str(path[0]), rule)
            self._scope(start, kind, rule)
        return kind

    def _referring(self, source: Condition, root: str, rule: str) -> None:
        """Of resources of any type those that a live account is asked for, with the attributes that may refer."""
        self.relating.add(root)
        for kind in map(self.catalog.canonical, source[5]):
            self._need(kind, rule)
            self.joined.add(kind)
            for path in self.catalog.named(kind, source[3][0]):
                self._read(kind, path[0], rule)

    def _scope(self, kind: str, named: str | None, rule: str) -> None:
        """What one who names a resource of another type says of the place in which names of that type are unique."""
        facts, its = self.catalog.type(kind), self.catalog.type(named) if named is not None else None
        if facts is None or its is None:
            return
        for path in its.scope:
            if facts.root.field(path[0]) is not None:
                self._read(kind, path[0], rule)


def _fold_names(source: FoldSource) -> Iterator[str]:
    if source.value:
        yield source.value[0]
    if source.each:
        yield source.each[0]
    elif source.map is not None:
        yield from _mapped(source.map)


def _mapped(mapping: Any) -> Iterator[str]:
    for target in mapping.values():
        if isinstance(target, dict):
            yield from _mapped(target)
        elif target.path:
            yield target.path[0]


def _paths(distinct: Any) -> Iterator[Sequence[Any]]:
    """The path or paths by which a count tells items apart."""
    if isinstance(distinct, list | tuple):
        if distinct and isinstance(distinct[0], list | tuple):
            yield from distinct
        else:
            yield distinct


def reads_of(instances: Iterable[Instance], catalog: Catalog) -> Reads:
    """What these rule instances read of a live account."""
    reads = Reads(catalog)
    for instance in instances:
        if instance.rule.provider == "aws" and "live" in instance.rule.planes:
            reads.add(instance)
    return reads
