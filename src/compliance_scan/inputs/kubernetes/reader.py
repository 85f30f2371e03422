"""YAML text to plain values, by libyaml's events: bounded, without recursion, places left for later.

Composing nodes with marks for what is never reported would cost more than the reading itself, so values are built
here and `places` reads a document again where a finding asks for a line.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from compliance_scan.inputs.kubernetes.scalars import key_text, plain, tagged
from compliance_scan.model.value import Scalar, Value

MAX_DEPTH = 256
MAX_ALIASED = 200_000
"""Nodes that aliases may add to one document beyond what is written."""

_SEPARATOR = re.compile(r"^(?:%[^\n]*\n)*---(?=\s|\Z)", re.MULTILINE)


class Chunk(NamedTuple):
    """A part of a file between two `---` lines; in YAML such a line is always a document's border."""

    start: int
    """Offset of its first character in the file's text."""
    text: str


class YamlDocument(NamedTuple):
    """One document of a chunk."""

    number: int
    """Its number within the chunk; nearly always 0."""
    value: Value
    repeated: tuple[tuple[str, int], ...]
    """Keys written twice in one mapping, with the offset of the second in the chunk."""


class BadYaml(Exception):
    """The text is no YAML, or none that Kubernetes takes; `offset` in the chunk, in characters."""

    def __init__(self, message: str, offset: int, *, limit: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.limit = limit
        """True where the text may be valid and only a bound of ours was met."""


def chunks(text: str) -> Iterator[Chunk]:
    """The parts of a file that hold its documents."""
    start = 0
    if "---" in text:
        for match in _SEPARATOR.finditer(text):
            if match.start() > start:
                yield Chunk(start, text[start : match.start()])
            start = match.start()
    if start < len(text):
        yield Chunk(start, text[start:])


class _Frame:
    """A mapping or sequence under construction."""

    __slots__ = ("anchor", "items", "key", "mapping", "merged", "merging", "nodes")

    def __init__(self, items: Any, anchor: str | None) -> None:
        self.items: Any = items
        self.mapping = isinstance(items, dict)
        self.key: str | None = None
        self.merging = False
        self.merged: list[Any] | None = None
        self.anchor = anchor
        self.nodes = 1
        """Nodes in it, with what aliases bring counted each time."""


class _Anchor(NamedTuple):
    value: Any
    nodes: int


class _Builder:
    """The values of one chunk's documents, event by event."""

    def __init__(self, memo: dict[str, Scalar], max_depth: int, max_aliased: int) -> None:
        self.memo = memo
        self.max_depth = max_depth
        self.max_aliased = max_aliased
        self.stack: list[_Frame] = []
        self.anchors: dict[str, _Anchor] = {}
        self.repeated: list[tuple[str, int]] = []
        self.root: Any = None
        self.aliased = 0

    def reset(self) -> None:
        self.stack.clear()
        self.anchors.clear()
        self.repeated = []
        self.root = None
        self.aliased = 0

    def scalar(self, event: Any) -> Any:
        text = event.value
        if event.tag is not None:
            return tagged(event.tag, text)
        if not event.implicit[0]:
            return text
        memo = self.memo
        if text in memo:
            return memo[text]
        value = memo[text] = plain(text)
        return value

    def key(self, frame: _Frame, event: Any, value: Scalar) -> None:
        if value == "<<" and event.implicit[0]:
            frame.merging = True
            frame.key = "<<"
            return
        key = value if isinstance(value, str) else key_text(value)
        if key in frame.items:
            self.repeated.append((key, event.start_mark.index))
        frame.key = key

    def put(self, value: Any, offset: int) -> None:
        """A finished scalar or alias, or a container just begun, goes into the innermost container."""
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        frame.nodes += 1
        if not frame.mapping:
            frame.items.append(value)
        elif frame.merging:
            if not isinstance(value, (dict, list)):
                raise BadYaml("the merge key `<<` takes mappings only", offset)
            frame.merged = frame.merged if frame.merged is not None else []
            frame.merged.append(value)
            frame.merging = False
            frame.key = None
        elif frame.key is None:
            raise BadYaml("a mapping's key must be text", offset)
        else:
            frame.items[frame.key] = value
            frame.key = None

    def begin(self, items: Any, event: Any) -> None:
        if len(self.stack) >= self.max_depth:
            raise BadYaml(f"nested deeper than {self.max_depth} levels", event.start_mark.index, limit=True)
        frame = _Frame(items, event.anchor)
        self.put(items, event.start_mark.index)
        self.stack.append(frame)
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)

    def end(self, offset: int) -> None:
        frame = self.stack.pop()
        if frame.merged is not None:
            _merge(frame.items, frame.merged, offset)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = _Anchor(frame.items, frame.nodes)
        if self.stack:
            self.stack[-1].nodes += frame.nodes

    def alias(self, event: Any) -> None:
        offset = event.start_mark.index
        anchor = self.anchors.get(event.anchor)
        if anchor is None:
            inside = any(frame.anchor == event.anchor for frame in self.stack)
            reason = "stands inside its own anchor" if inside else "names no anchor above it"
            raise BadYaml(f"the alias *{event.anchor} {reason}", offset)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and frame.mapping and frame.key is None:
            self.key(frame, _QUOTED, anchor.value if isinstance(anchor.value, str) else key_text(anchor.value))
            return
        self.aliased += anchor.nodes
        if self.aliased > self.max_aliased:
            raise BadYaml(f"aliases expand to more than {self.max_aliased:,} nodes", offset, limit=True)
        if frame is not None:
            frame.nodes += anchor.nodes
        self.put(anchor.value, offset)


class _Quoted:
    """Stands for the event of a key that cannot be a merge key."""

    implicit = (False, True)

    class start_mark:  # noqa: N801  # the name that libyaml's events have
        index = 0


_QUOTED = _Quoted()


def _merge(target: dict[str, Any], sources: list[Any], offset: int) -> None:
    """Merge keys: what is written in the mapping wins, then the earlier of several sources."""
    for source in sources:
        for mapping in source if isinstance(source, list) else (source,):
            if not isinstance(mapping, dict):
                raise BadYaml("the merge key `<<` takes mappings only", offset)
            for key, value in mapping.items():
                target.setdefault(key, value)


def documents(
    chunk: Chunk, memo: dict[str, Scalar], *, max_depth: int = MAX_DEPTH, max_aliased: int = MAX_ALIASED
) -> Iterator[YamlDocument]:
    """The documents of a chunk; raises `BadYaml` where the text stops being YAML, after those before it.

    `memo` keeps what plain scalars mean over a whole load, which also makes equal texts one object.
    """
    import yaml

    builder = _Builder(memo, max_depth, max_aliased)
    try:
        yield from _documents(chunk.text, builder)
    except yaml.MarkedYAMLError as error:
        offset = error.problem_mark.index if error.problem_mark else 0
        tab = chunk.text[offset : offset + 1] == "\t" and "cannot start" in str(error.problem)
        raise BadYaml("a tab, where YAML takes spaces alone" if tab else _reason(error), offset) from None
    except yaml.reader.ReaderError as error:
        found = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", chunk.text)
        raise BadYaml(str(error.reason), found.start() if found else 0) from None
    except UnicodeEncodeError as error:
        raise BadYaml("half of a surrogate pair", error.start) from None


def _documents(text: str, builder: _Builder) -> Iterator[YamlDocument]:
    from yaml import events
    from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not list it

    scalar, alias, mapping, sequence = (
        events.ScalarEvent,
        events.AliasEvent,
        events.MappingStartEvent,
        events.SequenceStartEvent,
    )
    ends = (events.MappingEndEvent, events.SequenceEndEvent)
    next_event = CParser(text).get_event
    stack = builder.stack
    number = 0
    while True:
        event: Any = next_event()
        kind = type(event)
        if kind is scalar:
            value = builder.scalar(event)
            if event.anchor is not None:
                builder.anchors[event.anchor] = _Anchor(value, 1)
            if stack and stack[-1].mapping and stack[-1].key is None:
                builder.key(stack[-1], event, value)
            else:
                builder.put(value, event.start_mark.index)
        elif kind is mapping:
            builder.begin({}, event)
        elif kind is sequence:
            builder.begin([], event)
        elif kind in ends:
            builder.end(event.start_mark.index)
        elif kind is alias:
            builder.alias(event)
        elif kind is events.DocumentEndEvent:
            yield YamlDocument(number, builder.root, tuple(builder.repeated))
            builder.reset()
            number += 1
        elif kind is events.StreamEndEvent:
            return


def _reason(error: Any) -> str:
    """libyaml's message in one line."""
    parts = [str(part).strip() for part in (error.context, error.problem) if part]
    return ", ".join(parts) or "not YAML"
