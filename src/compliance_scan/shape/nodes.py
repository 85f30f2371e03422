"""What a schema says of one place: its kind, its fields, its defaults. Built from records as they are asked for."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

Kind = Literal["object", "list", "set", "map", "string", "number", "bool", "any"]
Mode = Literal["r", "o", "oc", "c"]
Record = Mapping[str, Any]
Definitions = Callable[[str], Record | None]


class Field:
    """An attribute or block of an object."""

    __slots__ = ("block", "default", "has_default", "mode", "nested", "node", "sensitive", "zero")

    def __init__(
        self,
        node: "Node",
        mode: str = "o",
        *,
        default: Any = None,
        has_default: bool = False,
        zero: bool = False,
        sensitive: bool = False,
        block: bool = False,
        nested: bool = False,
    ) -> None:
        self.node = node
        self.mode = mode
        self.default = default
        self.has_default = has_default
        self.zero = zero
        """An optional bool of the old plugin SDK that reads as false when unset."""
        self.sensitive = sensitive
        self.block = block
        self.nested = nested
        """A block and no attribute: none of them is nothing at all, not an empty list."""


class Node:
    """The type of a value. `single` marks a block of at most one item, which reads as one object."""

    __slots__ = ("_defs", "_fields", "_record", "element", "kind", "single")

    def __init__(
        self,
        kind: Kind,
        element: "Node | None" = None,
        *,
        record: Record | None = None,
        defs: Definitions | None = None,
        fields: "dict[str, Field] | None" = None,
        single: bool = False,
    ) -> None:
        self.kind = kind
        self.element = element
        self.single = single
        self._record = record
        self._defs = defs
        self._fields: dict[str, Field | None] = dict(fields or {})

    def field(self, name: str) -> Field | None:
        """The field of an object, None where it has none of that name."""
        if name in self._fields:
            return self._fields[name]
        found = self._make(name)
        self._fields[name] = found
        return found

    def names(self) -> list[str]:
        """All field names of an object."""
        names = dict.fromkeys(name for name, field in self._fields.items() if field is not None)
        if self._record is not None:
            names |= dict.fromkeys(self._record.get("a", ()))
            names |= dict.fromkeys(self._record.get("b", ()))
        return list(names)

    def add(self, name: str, field: Field) -> None:
        """Declares a field that the schema does not have (virtual and live-only attributes, folded parts)."""
        self._fields[name] = field

    def _make(self, name: str) -> Field | None:
        record = self._record
        if record is None:
            return None
        attribute = record.get("a", {}).get(name)
        if attribute is not None:
            return attribute_field(attribute, self._defs)
        block = record.get("b", {}).get(name)
        return block_field(block, self._defs) if block is not None else None


ANY = Node("any")
STRING = Node("string")
NUMBER = Node("number")
BOOL = Node("bool")
JSON = Node("string")
"""Text that holds JSON: rules step into its tree."""
YAML = Node("string")
"""A text that holds JSON or YAML: documents of SSM and templates are taken in both."""
TREES = (JSON, YAML)
_SCALARS: dict[str, Node] = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": ANY, "dynamic": ANY}


def attribute_field(record: Record, defs: Definitions | None) -> Field:
    """The field of an attribute's record."""
    return Field(
        _attribute_node(record, defs),
        record.get("m", "o"),
        default=record.get("d"),
        has_default="d" in record,
        zero=bool(record.get("z")),
        sensitive=bool(record.get("s")),
        block="sub" in record or "ref" in record,
    )


def _attribute_node(record: Record, defs: Definitions | None) -> Node:
    if "ref" in record and defs is not None:
        target = defs(record["ref"])
        inner = Node("object", record=target, defs=defs) if target is not None else ANY
        kind = record.get("t", "object")
        return inner if kind == "object" else Node(kind, inner)
    if "nt" in record:
        return _SCALARS[record["nt"]]
    node = type_node(record.get("t", "any"))
    if "sub" in record and node.element is not None:
        element = node.element
        fields = {}
        for name in element.names():
            plain = element.field(name)
            sub = record["sub"].get(name, {})
            if plain is not None:
                fields[name] = Field(
                    plain.node, sub.get("m", "o"), default=sub.get("d"), has_default="d" in sub, zero=False
                )
        return Node(node.kind, Node("object", fields=fields))
    return node


def block_field(record: Record, defs: Definitions | None) -> Field:
    """The field of a block's record."""
    if record.get("tr"):
        inner = ANY
        return Field(Node("list", inner), record.get("m", "o"), block=True, nested=True)
    if record.get("n") == "single" or record.get("mx") == 1:
        node = Node("object", record=record, defs=defs, single=True)
        return Field(node, record.get("m", "o"), block=True, nested=True)
    kind: Kind = "map" if record.get("n") == "map" else "set" if record.get("n") == "set" else "list"
    node = Node(kind, Node("object", record=record, defs=defs))
    return Field(node, record.get("m", "o"), block=True, nested=True)


@lru_cache(maxsize=4096)
def type_node(text: str) -> Node:
    """The node of a Terraform type: `list(object({a=string}))`. Schemas and facts are ours and trusted."""
    node, rest = _parse(text.replace(" ", ""))
    if rest:
        raise ValueError(f"unknown type {text!r}")
    return node


def _parse(text: str) -> tuple[Node, str]:
    for name, node in _SCALARS.items():
        if text.startswith(name):
            return node, text[len(name) :]
    for kind in ("list", "set", "map"):
        if text.startswith(kind + "("):
            element, rest = _parse(text[len(kind) + 1 :])
            if not rest.startswith(")"):
                raise ValueError(f"unclosed type {text!r}")
            return Node(kind, element), rest[1:]
    if text.startswith("object({"):
        return _parse_object(text[len("object({") :])
    raise ValueError(f"unknown type {text!r}")


def _parse_object(text: str) -> tuple[Node, str]:
    fields: dict[str, Field] = {}
    while not text.startswith("}"):
        name, _, text = text.partition("=")
        node, text = _parse(text)
        fields[name] = Field(node)
        text = text.removeprefix(",")
    return Node("object", fields=fields), text[2:]
