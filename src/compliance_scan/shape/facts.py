"""What is known of one type: its schema, what absence means, what folds into it, what it is known by."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from compliance_scan.shape.nodes import ANY, JSON, YAML, Definitions, Field, Node, Record, type_node

SPath = tuple[str, ...]
"""A path of names alone: where the schema and the facts stand, without indices."""


class AbsentRow(NamedTuple):
    """What an unwritten value means, where its condition holds."""

    value: Any
    when: Record | None
    undeclared: bool
    empty_is_absent: bool
    source: str


class Mapped(NamedTuple):
    """One name of a folded part: a path in what it is folded from, with a translation of its values, or a constant."""

    path: SPath
    values: Mapping[str, Any] | None
    constant: Any = None


Mapping_: TypeAlias = dict[str, "Mapped | Mapping_"]


class FoldSource(NamedTuple):
    """One spelling of a folded part: a satellite type, or an inline spelling of the owner itself."""

    type: str
    """Satellite type; empty for an inline spelling."""
    by: SPath
    owner: tuple[SPath, ...]
    """The owner's attributes that the satellite's may equal; empty: the type's own keys."""
    inline: SPath
    each: SPath
    value: SPath
    map: Mapping_ | None
    make: str
    orphans: bool


class Fold(NamedTuple):
    """A virtual part of an owner."""

    name: str
    shape: Literal["object", "list", "value"]
    sources: tuple[FoldSource, ...]
    attributes: Mapping[str, Any]
    then: str = ""
    """A maker that sees the whole list: what one item means may hang on the others."""


class TypeFacts:
    """Schema and facts of one type. `known` is false for a type that neither has: all that is unwritten is unknown."""

    __slots__ = (
        "absent",
        "data_only",
        "deep",
        "document",
        "empties",
        "folds",
        "hidden",
        "json",
        "keys",
        "known",
        "legacy",
        "name",
        "provider",
        "record",
        "root",
        "scope",
        "service",
        "within",
    )

    def __init__(
        self,
        name: str,
        schema: Record | None,
        facts: Record | None,
        *,
        defs: Definitions | None = None,
        data_only: bool = False,
    ) -> None:
        facts = facts or {}
        schema = schema or {}
        self.name = name
        self.record = facts
        self.known = bool(schema or facts)
        self.provider: str = name.partition("_")[0] if "_" in name else facts.get("provider", "kubernetes")
        self.legacy = bool(schema) and self.provider == "aws" and not schema.get("fw")
        """Of the old plugin SDK, which cannot tell an empty text from one that nobody wrote."""
        self.deep = bool(schema.get("deep"))
        self.service: str = schema.get("svc", "")
        self.data_only = data_only
        self.document = bool(facts.get("document"))
        self.root = Node("object", record=schema, defs=defs) if self.known else ANY
        self.absent: dict[SPath, list[AbsentRow]] = {}
        for row in facts.get("absent", ()):
            self.absent.setdefault(spath(row["path"]), []).append(_row(row))
        self.empties = frozenset(
            place for place, rows in self.absent.items() if any(row.empty_is_absent for row in rows)
        )
        yaml = frozenset(spath(path) for path in facts.get("yaml", ()))
        self.json = yaml.union(spath(path) for path in facts.get("json", ()))
        self.folds = {part: _fold(part, spec) for part, spec in facts.get("folds", {}).items()}
        self.hidden: dict[str, Field | None] = {}
        """Fields of the schema whose name a folded part has taken: its inline spellings."""
        identity = facts.get("identity", {})
        self.keys = _keys(identity, schema.get("imp"))
        self.scope = tuple(spath(path) for path in identity.get("scope", ()))
        self.within = bool(identity.get("within")) or bool(self.scope)
        """Whether its name is one of its own only within another resource."""
        for path, spec in facts.get("attributes", {}).items():
            _declare(self.root, spath(path), declared_field(spec))
        for place in self.json:
            _mark_json(self.root, place, YAML if place in yaml else JSON)


def spath(text: str) -> SPath:
    """`a.b` as steps."""
    return tuple(text.split("."))


def declared_field(spec: Any) -> Field:
    """A field declared in a facts file: a type, or a mapping with it."""
    if isinstance(spec, str):
        return Field(type_node(spec), "c")
    return Field(
        type_node(spec["type"]),
        spec.get("mode", "c"),
        default=spec.get("default"),
        has_default="default" in spec,
        sensitive=bool(spec.get("sensitive")),
    )


def _declare(node: Node, path: SPath, field: Field) -> None:
    for step in path[:-1]:
        inner = node.field(step)
        if inner is None:
            inner = Field(Node("object"), "c")
            node.add(step, inner)
        node = inner.node.element if inner.node.kind in ("list", "set") and inner.node.element else inner.node
    if node is not ANY:
        node.add(path[-1], field)


def _mark_json(node: Node, path: SPath, tree: Node) -> None:
    for depth, step in enumerate(path):
        field = node.field(step)
        if field is None:
            return
        if depth == len(path) - 1:
            many = field.node.kind in ("list", "set")
            field.node = Node(field.node.kind, tree) if many else tree
        node = field.node.element if field.node.kind in ("list", "set") and field.node.element else field.node


def _row(row: Record) -> AbsentRow:
    return AbsentRow(
        row["value"],
        row.get("when"),
        bool(row.get("undeclared")),
        bool(row.get("empty_is_absent")),
        row["source"],
    )


def _keys(identity: Record, imported: Any) -> tuple[SPath, ...]:
    if "keys" in identity:
        return tuple(spath(path) for path in identity["keys"])
    names = [identity.get("arn", "arn"), identity.get("import"), identity.get("name"), "id"]
    if isinstance(imported, str) and imported.isidentifier():
        names.append(imported)
    return tuple(dict.fromkeys(spath(name) for name in names if name))


def _fold(name: str, spec: Record) -> Fold:
    sources = tuple(_source(source) for source in spec["from"])
    return Fold(name, spec["as"], sources, spec.get("attributes", {}), spec.get("then", ""))


def _source(spec: Record) -> FoldSource:
    def path(key: str) -> SPath:
        return spath(spec[key]) if key in spec else ()

    return FoldSource(
        spec.get("type", ""),
        path("by"),
        tuple(spath(item) for item in spec.get("owner", ())),
        path("inline"),
        path("each"),
        path("value"),
        _mapping(spec["map"]) if "map" in spec else None,
        spec.get("make", ""),
        spec.get("orphans", True),
    )


def _mapping(spec: Record) -> Mapping_:
    out: Mapping_ = {}
    for name, target in spec.items():
        place = out
        *above, last = name.split(".")
        for step in above:
            place = place.setdefault(step, {})  # type: ignore[assignment]
        if isinstance(target, str):
            place[last] = Mapped(spath(target), None)
        elif "path" in target:
            place[last] = Mapped(spath(target["path"]), target.get("values"))
        else:
            place[last] = Mapped((), None, target["value"])
    return out
