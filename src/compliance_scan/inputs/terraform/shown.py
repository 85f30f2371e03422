"""Terraform's own JSON, as `terraform show -json` and state files have it: read with a note for what is wrong, and the
places of things in it worked out when a report asks.

Such files hold secrets in plain text, so that no line of them may be shown: they are opaque to excerpts.
"""

import json
import re
from bisect import bisect_right
from typing import Any, NamedTuple

from compliance_scan.model.resource import Comment, Origin, Span
from compliance_scan.model.value import Path
from compliance_scan.workspace import Workspace

MAX_BYTES = 256 * 1024 * 1024
SHOW = "terraform show -json PLAN > FILE"

_ADDRESS = re.compile(r'"address"\s*:\s*("(?:[^"\\]|\\.)*")')
_CHANGES = re.compile(r'"resource_changes"\s*:\s*\[')
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()
_STREAM = re.compile(r'\s*\{[^\n]*"@level"')


class Document(NamedTuple):
    """A file that was read."""

    path: str
    text: str
    data: dict[str, Any]


def read(workspace: Workspace, path: str) -> Document | None:
    """A file as the JSON object that it is; None, with a note that says what to do, where it is none."""
    workspace.opaque.add(path)
    raw = workspace.read(path, MAX_BYTES)
    if raw is None:
        return None
    if raw.startswith(b"PK"):
        message = f"{path} is a plan in Terraform's own binary form, which only Terraform reads"
        workspace.note("unsupported", path, message, SHOW)
        return None
    try:
        text = raw.decode(json.detect_encoding(raw))  # PowerShell writes UTF-16
        data = json.loads(text)
    except UnicodeDecodeError:
        workspace.note("syntax_error", path, f"{path} is no text", f"write it again: {SHOW}")
        return None
    except RecursionError:
        workspace.note("limit_reached", path, f"{path} is nested too deeply", f"write it again: {SHOW}")
        return None
    except ValueError as error:
        _broken(workspace, path, text, error)
        return None
    if not isinstance(data, dict):
        workspace.note("syntax_error", f"{path}:1", f"{path}:1: expected a JSON object", f"write it again: {SHOW}")
        return None
    return Document(path, text, data)


def _broken(workspace: Workspace, path: str, text: str, error: ValueError) -> None:
    line = getattr(error, "lineno", 1)
    if _STREAM.match(text):
        message = f"{path}:{line}: this is the event stream of terraform plan -json"
        workspace.note("unsupported", f"{path}:{line}", message, f"write the plan itself: {SHOW}")
        return
    at_end = getattr(error, "pos", 0) >= len(text.rstrip())
    what = "the file ends in the middle of a value" if at_end else str(getattr(error, "msg", error))
    workspace.note("syntax_error", f"{path}:{line}", f"{path}:{line}: no JSON: {what}", f"write it again: {SHOW}")


def is_readable(workspace: Workspace, document: Document) -> bool:
    """Whether the `format_version` is one that this program knows; a note says so where it is not."""
    version = document.data.get("format_version")
    major = str(version).partition(".")[0]
    if isinstance(version, str) and major in {"0", "1"}:
        return True
    path = document.path
    if isinstance(version, str) and major.isdigit():
        message = f"{path} has format version {version[:20]}, which is newer than this program (it reads 1.x)"
        workspace.note("unsupported", path, message, "use a newer compliance-scan")
    else:
        workspace.note("syntax_error", path, f"{path} has no format_version", f"write it again: {SHOW}")
    return False


class Places:
    """Where things stand in a document. Nothing is worked out before somebody asks."""

    __slots__ = ("_addresses", "_items", "_lines", "_starts", "document")

    def __init__(self, document: Document) -> None:
        self.document = document
        self._lines: list[int] | None = None
        self._addresses: dict[str, tuple[int, int]] | None = None
        self._items: dict[int, list[int]] = {}
        self._starts: dict[Path, int | None] = {}

    def span(self, start: int, end: int) -> Span:
        """Lines and columns of two offsets."""
        if self._lines is None:
            self._lines = [0, *(match.end() for match in re.finditer("\n", self.document.text))]
        first, last = (bisect_right(self._lines, offset) - 1 for offset in (start, end))
        path = self.document.path
        return Span(path, first + 1, start - self._lines[first] + 1, last + 1, end - self._lines[last] + 1)

    def of_address(self, address: str) -> tuple[int, int] | None:
        """Where an address stands: of a plan among its changes, of a state among its values."""
        if self._addresses is None:
            text = self.document.text
            changes = _CHANGES.search(text)
            found: dict[str, tuple[int, int]] = {}
            for match in _ADDRESS.finditer(text, changes.end() if changes is not None else 0):
                found.setdefault(json.loads(match[1]), match.span())
            self._addresses = found
        return self._addresses.get(address)

    def member(self, start: int, path: Path) -> tuple[int, int, int] | None:
        """Of the longest part of a path that is written in the value at `start`: where it starts (with its key) and
        ends, and how many steps of the path it is."""
        found: tuple[int, int, int] | None = None
        for depth, step in enumerate(path, 1):
            entry = self._key(start, step) if isinstance(step, str) else self._item(start, step)
            if entry is None:
                break
            begin, start = entry
            found = (begin, _DECODER.raw_decode(self.document.text, start)[1], depth)
        return found

    def value(self, path: Path) -> int | None:
        """Where the value at a path of the whole document starts."""
        if not path:
            return 0
        if path not in self._starts:
            above = self.value(path[:-1])
            step, entry = path[-1], None
            if above is not None:
                entry = self._key(above, step) if isinstance(step, str) else self._item(above, step)
            self._starts[path] = None if entry is None else entry[1]
        return self._starts[path]

    def _key(self, start: int, key: str) -> tuple[int, int] | None:
        """Where a key of an object starts, and where its value does."""
        text = self.document.text
        position = _skip(text, start)
        if text[position : position + 1] != "{":
            return None
        position = _skip(text, position + 1)
        while text[position : position + 1] == '"':
            begin = position
            name, position = _DECODER.raw_decode(text, position)
            position = _skip(text, _skip(text, position) + 1)
            if name == key:
                return begin, position
            position = _after(text, position)
        return None

    def _item(self, start: int, index: int) -> tuple[int, int] | None:
        """Where an item of a list starts, twice."""
        text = self.document.text
        position = _skip(text, start)
        if text[position : position + 1] != "[":
            return None
        starts = self._items.get(position)
        if starts is None:
            starts = self._items[position] = []
            at = _skip(text, position + 1)
            while text[at : at + 1] not in ("]", ""):
                starts.append(at)
                at = _after(text, at)
        return (starts[index], starts[index]) if 0 <= index < len(starts) else None


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    assert match is not None
    return match.end()


def _after(text: str, position: int) -> int:
    """Where the next member starts, or the bracket that closes."""
    position = _skip(text, _DECODER.raw_decode(text, position)[1])
    return _skip(text, position + 1) if text[position : position + 1] == "," else position


class _Entry:
    """What the sources of plans and states have in common."""

    __slots__ = ("_places",)

    def __init__(self, places: Places) -> None:
        self._places = places

    def origins_of(self, path: Path) -> tuple[Origin, ...]:  # noqa: ARG002 - the protocol's
        """None: it is told what values are, not where they came from."""
        return ()

    def comments(self) -> tuple[Comment, ...]:
        """None: JSON has no comments."""
        return ()

    def text(self, span: Span) -> str:  # noqa: ARG002 - the protocol's
        """Nothing: the file holds secrets in plain text."""
        return ""

    def _within(self, start: int, path: Path) -> Span | None:
        found = self._places.member(start, path)
        return None if found is None else self._places.span(found[0], found[1])


class AddressSource(_Entry):
    """The `Source` of what `terraform show -json` tells under its address."""

    __slots__ = ("_address", "_values")

    def __init__(self, places: Places, address: str, values: str) -> None:
        """`values`: the key under which the attributes stand."""
        super().__init__(places)
        self._address = address
        self._values = values

    @property
    def header(self) -> Span:
        """The address."""
        return self._places.span(*(self._places.of_address(self._address) or (0, 1)))

    @property
    def span(self) -> Span:
        """The address too: what belongs to it is spread over the file."""
        return self.header

    def span_of(self, path: Path) -> Span | None:
        """See `Source`."""
        place = self._places.of_address(self._address)
        if place is None:
            return None
        key = re.compile(rf'"{self._values}"\s*:').search(self._places.document.text, place[1])
        return None if key is None else self._within(key.end(), path)


class EntrySource(_Entry):
    """The `Source` of an instance in a state file, which has no addresses."""

    __slots__ = ("_header", "_index")

    def __init__(self, places: Places, index: tuple[int, int]) -> None:
        """`index`: which resource, and which instance of it."""
        super().__init__(places)
        self._index = index
        self._header: Span | None = None

    @property
    def header(self) -> Span:
        """The name of the resource, with several the instance's index."""
        if self._header is None:
            self._header = self._found()
        return self._header

    def _found(self) -> Span:
        entry: Path = ("resources", self._index[0])
        instance = self._places.value((*entry, "instances", self._index[1]))
        start = self._places.value(entry)
        found = None if instance is None else self._places.member(instance, ("index_key",))
        if found is None and start is not None:
            found = self._places.member(start, ("name",))
        return self._places.span(0, 1) if found is None else self._places.span(found[0], found[1])

    @property
    def span(self) -> Span:
        """The whole instance."""
        start = self._places.value(("resources", self._index[0], "instances", self._index[1]))
        if start is None:
            return self.header
        return self._places.span(start, _DECODER.raw_decode(self._places.document.text, start)[1])

    def span_of(self, path: Path) -> Span | None:
        """See `Source`."""
        start = self._places.value(("resources", self._index[0], "instances", self._index[1], "attributes"))
        return None if start is None else self._within(start, path)
