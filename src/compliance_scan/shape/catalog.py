"""All types that the program knows, read one by one as they are asked for."""

import os
from typing import Any

from compliance_scan.compiled import Pack, builtin_pack
from compliance_scan.model.value import Path, path_text
from compliance_scan.shape.facts import Fold, Mapped, Mapping_, SPath, TypeFacts, declared_field
from compliance_scan.shape.nodes import ANY, TREES, Field, Node


def _build() -> bytes:
    from compliance_scan.shape.compile import build

    return build()


class Catalog:
    """Types by name, from a pack; schemas and facts are parsed when a type is first asked for."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._aliases: dict[str, str] = pack.meta["aliases"]
        self.virtual = frozenset(pack.meta["virtual"])
        self.satellites: dict[str, list[str]] = pack.meta["satellites"]
        """Satellite type to the types into which it folds."""
        self._types: dict[str, TypeFacts | None] = {}
        self._data: dict[str, TypeFacts | None] = {}
        self._named: dict[tuple[str, str], tuple[SPath, ...]] = {}

    @classmethod
    def open(cls) -> "Catalog":
        """The built-in types; in a checkout their pack is rebuilt when a file of `types/` changed."""
        here = os.path.dirname(os.path.abspath(__file__))
        types = os.path.join(os.path.dirname(here), "types")
        return cls(builtin_pack("types", (types, os.path.join(here, "compile.py")), _build))

    def canonical(self, name: str) -> str:
        """The name under which a type's facts lie (`aws_alb` is `aws_lb`)."""
        return self._aliases.get(name, name)

    def known(self, name: str) -> bool:
        """Whether schema or facts have the type (resources, data sources, virtual types)."""
        name = self.canonical(name)
        return any(f"{mark}:{name}" in self._pack for mark in "sfd")

    def types(self) -> list[str]:
        """All types that rules may name, aliases not among them."""
        names = {name[2:] for name in self._pack.names() if name[:2] in ("s:", "f:")}
        names.update(name for name in (n[2:] for n in self._pack.names() if n[:2] == "d:") if self.documents(name))
        return sorted(names)

    def declarable(self, name: str) -> bool:
        """Whether a provider has resources of the type: some are only met in an account."""
        return f"s:{self.canonical(name)}" in self._pack

    def documents(self, name: str) -> bool:
        """Whether a type is a data source that rules judge (`aws_iam_policy_document`)."""
        return f"d:{name}" in self._pack and f"s:{name}" not in self._pack and f"f:{name}" in self._pack

    def type(self, name: str) -> TypeFacts | None:
        """Schema and facts of a type, None where neither has it."""
        name = self.canonical(name)
        if name in self._types:
            return self._types[name]
        schema = self._pack.get(f"s:{name}")
        facts = self._pack.get(f"f:{name}")
        made: TypeFacts | None = None
        if schema is None and f"d:{name}" in self._pack:
            made = TypeFacts(name, self._pack.get(f"d:{name}"), facts, defs=self._definition, data_only=True)
        elif schema is not None or facts is not None:
            made = TypeFacts(name, schema, facts, defs=self._definition)
        self._types[name] = made
        if made is not None:
            made.hidden.update({part: made.root.field(part) for part in made.folds})
            for fold in made.folds.values():
                made.root.add(fold.name, Field(self._fold_node(made, fold), "o"))
        return made

    def data(self, name: str) -> TypeFacts | None:
        """Schema (and, of a data-only type, facts) of a data source."""
        name = self.canonical(name)
        if name not in self._data:
            schema = self._pack.get(f"d:{name}")
            if schema is None:
                self._data[name] = None
            elif f"s:{name}" in self._pack:
                self._data[name] = TypeFacts(name, schema, None, defs=self._definition, data_only=True)
            else:
                self._data[name] = self.type(name)
        return self._data[name]

    def collectors(self) -> list[str]:
        """The types that can be collected from a live account."""
        return sorted(name[2:] for name in self._pack.names() if name.startswith("c:"))

    def collect(self, name: str) -> Any:
        """How a type is collected (`collect` in its facts file), None where nothing says."""
        return self._pack.get(f"c:{self.canonical(name)}")

    def seed(self, name: str) -> Any:
        """How a type is made in the stand-in (`seed` in its facts file), None where nothing says."""
        return self._pack.get(f"q:{self.canonical(name)}")

    def check_path(self, name: str, path: Path) -> str | None:
        """What is wrong with a rule's path on a type, None where nothing is. A number stands for any item of a list (of
        a map: `{key, value}`)."""
        facts = self.type(name)
        if facts is None:
            return f"unknown type `{name}`"
        node = facts.root
        for depth, step in enumerate(path):
            if depth == 0 and self._holds(facts, step):
                node = Node("list", (self.type(str(step)) or facts).root)
                continue
            if node is ANY or node.kind == "any":
                return None
            if not node.single and isinstance(step, str) and node.kind in ("list", "set"):
                return f"`{path_text(path[:depth])}` of {name} is a list: quantify over it, or name an item"
            error, node = _step(node, step, name, path[:depth])
            if error:
                return error
        return None

    def _holds(self, facts: TypeFacts, step: str | int) -> bool:
        """Whether a step on an account or region names all its resources of a type."""
        home = facts.name in ("account", "region") and isinstance(step, str) and step not in facts.folds
        return home and facts.root.field(str(step)) is None and self.known(str(step))

    def node(self, name: str, path: Path) -> Node:
        """The schema's node at a path that is right, `ANY` where nothing is known of it."""
        facts = self.type(name)
        node = facts.root if facts is not None else ANY
        for step in path:
            if node.kind == "any":
                return ANY
            error, node = _step(node, step, name, ())
            if error:
                return ANY
        return node

    def named(self, name: str, pattern: str) -> tuple[SPath, ...]:
        """The attributes of a type that can be written and whose own name follows a pattern (`*security_group*`)."""
        key = (name, pattern)
        found = self._named.get(key)
        if found is None:
            from compliance_scan.shape.referrers import named

            facts = self.type(name)
            found = self._named[key] = tuple(named(facts.root, pattern)) if facts is not None else ()
        return found

    def _definition(self, name: str) -> Any:
        return self._pack.get(f"r:{name}")

    def _fold_node(self, owner: TypeFacts, fold: Fold) -> Node:
        """The node of a folded part: declared attributes, else those of its first source that has them."""
        if fold.attributes:
            inner = Node("object", fields={name: declared_field(spec) for name, spec in fold.attributes.items()})
        else:
            inner = Node("object")
            for source in reversed(fold.sources):
                if source.make:
                    return Node("list", ANY) if fold.shape == "list" else ANY
                base, at = (source.type, ()) if source.type else (owner.name, source.inline)
                if fold.shape == "value":
                    inner = self._source_node(base, source.value or source.inline, owner)
                    continue
                start = (*at, *source.each)
                if source.map is not None:
                    self._map_node(inner, source.map, base, start, owner)
                else:
                    inner = self._source_node(base, start, owner)
        return Node("list", inner) if fold.shape == "list" else inner

    def _map_node(self, node: Node, mapping: Mapping_, base: str, start: SPath, owner: TypeFacts) -> None:
        for name, target in mapping.items():
            if isinstance(target, Mapped):
                node.add(name, Field(self._source_node(base, (*start, *target.path), owner), "o"))
            else:
                known = node.field(name)
                inner = known.node if known is not None else Node("object")
                node.add(name, Field(inner, "o"))
                self._map_node(inner, target, base, start, owner)

    def _source_node(self, base: str, path: SPath, owner: TypeFacts) -> Node:
        facts = owner if base == owner.name else self.type(base)
        node = facts.root if facts is not None else ANY
        for depth, step in enumerate(path):
            if node.kind in ("list", "set") and node.element is not None:
                node = node.element
            field = node.field(step) if node.kind == "object" else None
            if depth == 0 and facts is owner:
                field = owner.hidden.get(step) or field
            if field is None:
                return ANY
            node = field.node
        return node.element if node.kind in ("list", "set") and node.element and node.element.kind == "object" else node


def _step(node: Node, step: str | int, name: str, above: Path) -> tuple[str, Node]:
    where = f"`{path_text(above)}` of {name}" if above else name
    if isinstance(step, int):
        if node.kind in ("list", "set"):
            return "", node.element or ANY
        if node.kind == "map":
            return "", Node("object", fields={"key": Field(ANY), "value": Field(node.element or ANY)})
        if node.kind == "object":
            return "", node
        if node in TREES:
            return "", ANY
        return f"{where} is no list", ANY
    if node.kind == "map":
        return "", node.element or ANY
    if node in TREES:
        return "", ANY
    if node.kind != "object":
        return f"{where} is a {node.kind}: it has no `{step}`", ANY
    field = node.field(step)
    if field is None:
        from compliance_scan._yaml import nearest

        return f"{where} has no `{step}`{nearest(step, node.names())}", ANY
    return "", field.node
