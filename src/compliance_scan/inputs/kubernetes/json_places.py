"""Where each path of a JSON text stands, found by walking to it: what lies beside the way is skipped in one go.

A dump of a whole cluster has a million nodes, of which a report names a few thousand; a table of all would take longer
to make than all else.
"""

import json
import re
from typing import Any, Final

from compliance_scan.inputs.kubernetes.places import Place
from compliance_scan.model.value import Path

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_COLON: Final = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_COMMA: Final = re.compile(r"[ \t\n\r]*(?:,[ \t\n\r]*)?")

Child = tuple[int, int, int]
"""Start of the key (of an item: of itself), start and end of the value."""


class JsonPlaces:
    """The places of a JSON text that was read before."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._scan: Any = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]  # of the C scanner
        self._children: dict[int, dict[str | int, Child]] = {}
        start = self._blank(0)
        self._whole = Place(start, len(text.rstrip()))

    def find(self, path: Path) -> Place | None:
        """The place of a path, of its longest written part where the rest is not written; None where nothing is."""
        whole, known = self._whole, self._children
        if not path:
            return whole
        key, start, end = -1, whole.start, whole.end
        for step in path:
            child = (known.get(start) or self._inside(start)).get(step)
            if child is None:
                break
            key, start, end = child
        return Place(key, end) if key >= 0 else None

    def _inside(self, start: int) -> "dict[str | int, Child]":
        """The entries or items of the value at an offset; of equal keys the last. Kept: items are asked for one
        by one."""
        found = self._children.get(start)
        if found is None:
            mark = self.text[start : start + 1]
            found = self._entries(start) if mark == "{" else self._items(start) if mark == "[" else {}
            self._children[start] = found
        return found

    def _entries(self, start: int) -> "dict[str | int, Child]":
        found: dict[str | int, Child] = {}
        text, scan = self.text, self._scan
        at = self._blank(start + 1)
        while text[at] != "}":
            name, colon = scan(text, at)
            value = self._past(_COLON, colon)
            end = scan(text, value)[1]
            found[name] = (at, value, end)
            at = self._past(_COMMA, end)
        return found

    def _items(self, start: int) -> "dict[str | int, Child]":
        found: dict[str | int, Child] = {}
        text, scan = self.text, self._scan
        at = self._blank(start + 1)
        while text[at] != "]":
            end = scan(text, at)[1]
            found[len(found)] = (at, at, end)
            at = self._past(_COMMA, end)
        return found

    def _blank(self, at: int) -> int:
        return self._past(_SPACE, at)

    def _past(self, pattern: "re.Pattern[str]", at: int) -> int:
        found = pattern.match(self.text, at)
        return found.end() if found is not None else at
