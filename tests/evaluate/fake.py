"""A small world of plain values, for tests of conditions without inputs and shapes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from compliance_scan.model.logic import Maybe, Tri
from compliance_scan.model.resource import Comment, Inventory, Origin, Resource, Span
from compliance_scan.model.rule import Instance, Rule, Scope
from compliance_scan.model.value import ABSENT, Open, Path, Reference, Unknown, Value, path_text, resolved
from compliance_scan.model.view import Item, Items, Relation, Standing

UNKNOWN = Unknown("variable_without_value", "var.x has no value")


class FakeSource:
    """A source whose attributes stand on lines of their own, in order of their names."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self.span = Span("main.tf", 1, 1, len(names) + 2, 2)
        self.header = Span("main.tf", 1, 1, 1, 20)

    def span_of(self, path: Path) -> Span | None:
        if path and path[0] in self.names:
            line = self.names.index(str(path[0])) + 2
            return Span("main.tf", line, 3, line, 30)
        return None

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        return ()

    def comments(self) -> tuple[Comment, ...]:
        return ()

    def text(self, span: Span) -> str:
        return ""


class FakeCursor:
    """A cursor over plain values; `standings` by first name, `undeclared` and `sensitive` names."""

    def __init__(
        self, resource: Resource, value: Value, path: Path = (), standings: Mapping[str, Standing] | None = None
    ) -> None:
        self.resource = resource
        self.value = value
        self.path = path
        self.standings = standings or {}

    @property
    def shown(self) -> str:
        return path_text(self.path)

    @property
    def standing(self) -> Standing:
        first = str(self.path[0]) if self.path else ""
        nothing = self.value is None or self.value is ABSENT
        return self.standings.get(first, "nothing" if nothing else "written")

    @property
    def sensitive(self) -> bool:
        return any(self.path[: len(path)] == path for path in self.resource.sensitive)

    def get(self, path: Path) -> "FakeCursor":
        value: Value = self.value
        for step in path:
            plain = resolved(value)
            if isinstance(plain, Unknown):
                value = plain
            elif isinstance(plain, Open):
                value = plain.items[step] if _has(plain.items, step) else plain.more  # type: ignore[index]
            else:
                value = plain[step] if _has(plain, step) else ABSENT  # type: ignore[index]
        return FakeCursor(self.resource, value, (*self.path, *path), self.standings)

    def items(self) -> Items:
        plain = resolved(self.value)
        more = None
        if isinstance(plain, Open):
            more, plain = plain.more, plain.items
        if isinstance(plain, Unknown):
            return Items([], plain)
        if plain is None or plain is ABSENT:
            return Items([], None)
        if isinstance(plain, list):
            return Items([Item(self.get((index,)), _presence(item)) for index, item in enumerate(plain)], more)
        if isinstance(plain, dict) and "items" in plain:
            pairs: list[Value] = [{"key": key, "value": value} for key, value in plain.items()]
            return Items([Item(FakeCursor(self.resource, pair, self.path), True) for pair in pairs], more)
        return Items([Item(self, True)], more)


def _has(value: Any, step: Any) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, dict) and step in value


def _presence(item: Value) -> Tri:
    if isinstance(item, dict) and isinstance(item.get("__maybe__"), Unknown):
        return Maybe((item["__maybe__"],))  # type: ignore[arg-type]
    return True


class FakeWorld:
    """A world of given resources; `relations` by (address, type)."""

    def __init__(self, resources: Sequence[Resource], relations: Mapping[tuple[str, str], Any] | None = None) -> None:
        self.resources = list(resources)
        self.inventory = Inventory(resources=self.resources)
        self.relations = relations or {}
        self.as_of = date(2026, 11, 21)
        self.standings: dict[str, Standing] = {}

    def cursor(self, one: Resource) -> FakeCursor:
        return FakeCursor(one, dict(one.attributes), (), self.standings)  # type: ignore[arg-type]

    def subjects(self, types: Sequence[str]) -> Sequence[FakeCursor]:
        return [self.cursor(one) for one in self.resources if one.type in types]

    def related(self, subject: Any, relation: Relation) -> Items:
        found = self.relations.get((subject.resource.address, relation.type), [])
        more = found.more if isinstance(found, Open) else None
        listed: Any = found.items if isinstance(found, Open) else found
        return Items([Item(self.cursor(one), True) for one in listed], more)

    def targets(self, reference: Reference, root: str) -> Sequence[Resource]:
        return [one for one in self.resources if one.address == reference.address and one.root == root]

    def certainly_named(self, value: Value, by: Resource, kind: str) -> Sequence[Resource]:
        return []

    def presence(self, reference: Reference, root: str | None = None) -> Tri:
        return Maybe((UNKNOWN,)) if reference.presence is None else reference.presence

    def key_owner(self, resource: Resource, key: str) -> None:
        return None


def resource(address: str = "aws_x.a", **attributes: Any) -> Resource:
    """A resource on code with these attributes; options begin with an underscore: `_plane`, `_sensitive`."""
    options = {name[1:]: attributes.pop(name) for name in [n for n in attributes if n.startswith("_")]}
    kind = options.pop("type", address.split(".")[-2] if "." in address else address)
    return Resource(
        address=address,
        type=kind,
        root=".",
        plane=options.pop("plane", "code"),
        attributes=attributes,
        source=FakeSource(list(attributes)),
        name=address.rsplit(".", 1)[-1],
        **options,
    )


def rule(assertion: Any, when: Any = None, **extra: Any) -> Rule:
    """A rule over `aws_x` with compiled conditions read from their written form."""
    from compliance_scan._yaml import Document
    from compliance_scan.ruleset.conditions import Reader, read_parameters
    from compliance_scan.ruleset.lookup import SharedConditions

    document = Document("rule.yaml", {}, {})
    parameters = read_parameters(document, (), extra.pop("parameters", {}))
    reader = Reader(document, parameters, SharedConditions({}))
    record: dict[str, Any] = {
        "id": "aws-x-rule",
        "code": "CMP1000",
        "title": "x",
        "severity": "high",
        "status": "stable",
        "planes": ["code", "plan", "state", "live"],
        "resource": ["aws_x"],
        "when": None if when is None else reader.read(when, ("when",)),
        "assert": reader.read(assertion, ("assert",)),
        "parameters": {p.name: [p.type, p.default, ""] for p in parameters.values()},
        "objectives": [],
        "equivalents": {},
        **extra,
    }
    return Rule(record)


def instance(one: Rule, scope: Scope | None = None, **parameters: Any) -> Instance:
    """An instance with its defaults and these parameters."""
    values = {p.name: p.default for p in one.parameters.values()}
    return Instance(one, one.id, {**values, **parameters}, one.severity, scope)
