"""Secrets of a live account: judged where they are found, and masked before anything else sees them.

In the value's place stands an unknown of the cause `redacted` that tells what `is_secret` said. So a judgement of the
saved inventory says the same, and no report, file or memory holds the secret.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from compliance_scan.model.value import Encoded, Path, Unknown, Value
from compliance_scan.operators.kit.secrets import HARMLESS, SECRET, is_secret_text
from compliance_scan.shape.nodes import Node

MAX_JSON: Final = 1_000_000


class Masker:
    """Masks the attributes of resources; `sensitive` are the schema's own marks, by type."""

    def __init__(self, catalog: Any) -> None:
        self._catalog = catalog
        self._json: dict[str, frozenset[tuple[str, ...]]] = {}

    def attributes(self, kind: str, attributes: Mapping[str, Any]) -> dict[str, Value]:
        """The attributes without secrets."""
        facts = self._catalog.type(kind)
        json_places = facts.json if facts is not None else frozenset()
        root = facts.root if facts is not None else None
        return {
            name: self._mask(value, name, (name,), json_places, _Named.of(root, name))
            for name, value in attributes.items()
        }

    def _mask(self, value: Any, key: str, place: tuple[str, ...], json_places: Any, named: "_Named") -> Any:
        if isinstance(value, str):
            return self._text(value, key, place in json_places, named)
        if isinstance(value, dict):
            return {
                name: self._mask(item, _pair_key(value, name, key), (*place, name), json_places, named.under(name))
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._mask(item, key, place, json_places, named) for item in value]
        return value

    def _text(self, text: str, key: str, as_json: bool, named: "_Named") -> Value:
        if as_json and text[:1] in ("{", "[") and len(text) <= MAX_JSON:
            try:
                tree = json.loads(text)
            except ValueError:
                tree = None
            if tree is not None:
                masked = self._mask(tree, key, (), (), _Named(None, False, named.sensitive))
                return text if masked == tree else Encoded("json", masked)
        # `http_tokens: required`: the provider's own name for a choice, which it does not mark as sensitive
        if is_secret_text(text, "" if named.known and not named.sensitive and _WORD.fullmatch(text) else key):
            return SECRET
        return HARMLESS if named.sensitive and text else text


_WORD: Final = re.compile(r"[A-Za-z]{1,20}(?:[-_ ][A-Za-z]{1,20}){0,5}")


class _Named(NamedTuple):
    """What the schema says of the place where a value stands."""

    node: Node | None
    known: bool
    """Whether the schema gave the place its name, and not whoever wrote the value."""
    sensitive: bool

    @classmethod
    def of(cls, node: Node | None, name: str, *, sensitive: bool = False) -> "_Named":
        field = node.field(name) if node is not None else None
        if field is None:
            return cls(None, False, sensitive)
        return cls(field.node, True, sensitive or field.sensitive)

    def under(self, name: str) -> "_Named":
        node = self.node
        while node is not None and node.kind in ("list", "set"):
            node = node.element
        if node is None or node.kind != "object":
            return _Named(node.element if node is not None else None, False, self.sensitive)
        return _Named.of(node, name, sensitive=self.sensitive)


def _pair_key(entries: Mapping[str, Any], name: str, key: str) -> str:
    """`{name: DB_PASSWORD, value: …}`: the value's key is what `name` says, as `is_secret` reads it."""
    label = entries.get("name", entries.get("Name", entries.get("key")))
    return label if name.lower() == "value" and isinstance(label, str) else name or key


def masked_paths(value: Value, path: Path = ()) -> list[tuple[Path, Unknown]]:
    """Every unknown inside an attribute, with its path."""
    found: list[tuple[Path, Unknown]] = []
    stack: list[tuple[Path, Any]] = [(path, value)]
    while stack:
        place, item = stack.pop()
        if isinstance(item, Unknown):
            found.append((place, item))
        elif isinstance(item, Encoded):
            stack.append((place, item.tree))
        elif isinstance(item, dict):
            stack.extend(((*place, name), below) for name, below in item.items())
        elif isinstance(item, list):
            stack.extend(((*place, index), below) for index, below in enumerate(item))
    return sorted(found, key=lambda pair: str(pair[0]))
