"""Where each path of a document stands in the text, in offsets; made only for files of which something is reported.

Nodes lie in arrays in the order of writing (a key before its value), some twenty bytes each, so that a dump of a whole
cluster, a million nodes, can be led back to its lines too.
"""

from array import array
from typing import Any, NamedTuple

from compliance_scan.inputs.kubernetes.scalars import key_text, plain
from compliance_scan.model.value import Path

_SCALAR, _MAPPING, _SEQUENCE, _ALIAS = range(4)
_LONGEST_KEY = 4096


class Place(NamedTuple):
    """Offsets in the file's text; `start` is that of the key where there is one."""

    start: int
    end: int
    used_at: tuple[tuple[int, int], ...] = ()
    """Where aliases on the way were used, outermost first; the text itself stands at the anchor."""


class Places:
    """The nodes of one document."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = array("I")
        self.ends = array("I")
        self.after = array("I")
        """Number of the first node that is not inside this one."""
        self.kinds = array("b")
        self.keys: list[str | None] = []
        """Text of a scalar that is a key."""
        self.targets: dict[int, int] = {}
        """Alias to anchored node."""
        self._names: dict[str, str] = {}
        self._items: dict[int, array[int]] = {}

    def key(self, event: Any) -> str | None:
        """A scalar's text as a key, one object for equal texts; None where it is too long to be one."""
        if len(event.value) > _LONGEST_KEY:
            return None
        text = key_text(plain(event.value) if event.implicit[0] else event.value)
        return self._names.setdefault(text, text)

    def add(self, kind: int, start: int, end: int, key: str | None = None) -> int:
        """Appends a node and gives its number; a container's end and `after` are set when it closes."""
        number = len(self.kinds)
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        self.after.append(number + 1)
        self.keys.append(key)
        return number

    def close(self, number: int, end: int | None) -> None:
        """Ends a container at an offset, or (None, block style) where its last node ends."""
        last = len(self.kinds)
        self.after[number] = last
        if end is None:
            end = self.ends[number]
            child = number + 1
            while child < last:
                end = max(end, self.ends[child])
                child = self.after[child]
        self.ends[number] = end

    def find(self, path: Path) -> Place | None:
        """The place of a path, of its longest written part where the rest is not written; None where nothing is."""
        if not self.kinds:
            return None
        node, place = 0, Place(self.starts[0], self.ends[0])
        for count, step in enumerate(path):
            node, used = self._target(node, place)
            found = self._step(node, step)
            if found is None:
                return place if count else None
            key, node = found
            start = self.starts[node] if key is None else self.starts[key]
            end = max(self.ends[node], start if key is None else self.ends[key])
            place = Place(start, end, used)
        return place

    def scalars(self) -> list[tuple[int, int]]:
        """The ranges of all scalars, in order: a `#` within one is no comment."""
        return [(self.starts[n], self.ends[n]) for n, kind in enumerate(self.kinds) if kind == _SCALAR]

    def _target(self, node: int, place: Place) -> tuple[int, tuple[tuple[int, int], ...]]:
        if self.kinds[node] != _ALIAS or node not in self.targets:
            return node, place.used_at
        return self.targets[node], (*place.used_at, (place.start, place.end))

    def _step(self, node: int, step: str | int) -> tuple[int | None, int] | None:
        if self.kinds[node] == _SEQUENCE and isinstance(step, int):
            items = self._items.get(node)
            if items is None:  # kept: the items of a cluster's dump are asked for one by one
                items = self._items[node] = array("I", self._children(node))
            return (None, items[step]) if 0 <= step < len(items) else None
        if self.kinds[node] != _MAPPING or not isinstance(step, str):
            return None
        return self._entry(node, step)

    def _entry(self, node: int, name: str) -> tuple[int, int] | None:
        """Key and value of a mapping's entry: the last one written there, else the first merged in by `<<`."""
        found, merges = self._written(node, name)
        if found is not None or not merges:
            return found
        queue, seen = list(reversed(merges)), {node, *merges}
        while queue:
            found, merges = self._written(queue.pop(), name)
            if found is not None:
                return found
            fresh = [source for source in dict.fromkeys(merges) if source not in seen]
            seen.update(fresh)
            queue.extend(reversed(fresh))
        return None

    def _written(self, node: int, name: str) -> tuple[tuple[int, int] | None, list[int]]:
        """The entry as written in a mapping itself, and the mappings that it merges."""
        after, keys, kinds = self.after, self.keys, self.kinds
        found: tuple[int, int] | None = None
        merges: list[int] = []
        key, last = node + 1, after[node]
        while key < last:
            value = after[key]
            text = keys[key] if kinds[key] == _SCALAR else keys[self.targets.get(key, key)]
            if text == name:
                found = (key, value)
            elif text == "<<":
                merges += self._sources(value)
            key = after[value]
        return found, merges

    def _children(self, node: int) -> list[int]:
        children = []
        child, last = node + 1, self.after[node]
        while child < last:
            children.append(child)
            child = self.after[child]
        return children

    def _sources(self, node: int) -> list[int]:
        """The mappings that one `<<` merges."""
        node = self.targets.get(node, node)
        found = self._children(node) if self.kinds[node] == _SEQUENCE else [node]
        found = [self.targets.get(source, source) for source in found]
        return [source for source in found if self.kinds[source] == _MAPPING]


def yaml_places(text: str, offset: int, chunk: str, wanted: int) -> Places:
    """The places of the document `wanted` of a chunk that starts at `offset` of the file's `text`."""
    from yaml import YAMLError, events
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not list it

    places = Places(text)
    next_event = CParser(chunk).get_event
    number = 0
    stack: list[tuple[int, bool]] = []
    anchors: dict[str, int] = {}
    while number <= wanted:
        try:
            event: Any = next_event()
        except YAMLError:  # the text was read once before; what follows the wanted document may be broken
            break
        kind = type(event)
        if kind is events.DocumentEndEvent:
            number += 1
        elif kind is events.StreamEndEvent:
            break
        elif number < wanted or kind in (events.StreamStartEvent, events.DocumentStartEvent):
            continue
        elif kind in (events.MappingEndEvent, events.SequenceEndEvent):
            node, flow = stack.pop()
            places.close(node, event.end_mark.index + offset if flow else None)
        else:
            _node(places, event, offset, stack, anchors)
    return places


def _node(places: Places, event: Any, offset: int, stack: list[tuple[int, bool]], anchors: dict[str, int]) -> None:
    from yaml import events

    start, end = event.start_mark.index + offset, event.end_mark.index + offset
    if isinstance(event, events.ScalarEvent):
        node = places.add(_SCALAR, start, _trimmed(places.text, start, end), places.key(event))
    elif isinstance(event, events.AliasEvent):
        node = places.add(_ALIAS, start, end)
        if event.anchor in anchors:
            places.targets[node] = anchors[event.anchor]
        return
    else:
        kind = _MAPPING if isinstance(event, events.MappingStartEvent) else _SEQUENCE
        node = places.add(kind, start, end)
        stack.append((node, bool(event.flow_style)))
    if event.anchor is not None:
        anchors[event.anchor] = node


def _trimmed(text: str, start: int, end: int) -> int:
    """The end of a scalar without the white space that block scalars take in after their last line."""
    while end > start and text[end - 1] in " \t\r\n\x85\u2028\u2029":
        end -= 1
    return end
