"""Where an object was written: spans, comments and text of a manifest, worked out only when they are asked for."""

import re

from compliance_scan.inputs.kubernetes.json_places import JsonPlaces
from compliance_scan.inputs.kubernetes.places import Place, Places, yaml_places
from compliance_scan.inputs.kubernetes.reader import Chunk
from compliance_scan.model.line_table import LineTable
from compliance_scan.model.resource import Comment, Origin, Span
from compliance_scan.model.value import Path

# Patterns are compiled when they are first used: most scans need none of them.
_COMMENT = r"(?m)(?:^|(?<=[ \t\n]))#([^\n]*)"
_ABOVE = r"^[ \t]*#(.*)$"


class ManifestFile:
    """One file that was read, and the places of its documents once they are needed."""

    __slots__ = ("_lines", "_places", "_spans", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._lines: LineTable | None = None
        self._spans: dict[tuple[int, int], Span] = {}
        self._places: dict[tuple[int, int], Places | JsonPlaces] = {}

    @property
    def lines(self) -> LineTable:
        """The file's line table."""
        if self._lines is None:
            self._lines = LineTable(self.text)
        return self._lines

    def line(self, offset: int) -> int:
        """The line of an offset, from 1."""
        return self.lines.at(offset)[0]

    def places(self, chunk: Chunk | None, number: int) -> Places | JsonPlaces:
        """The places of a document of a chunk; of a JSON file where there is no chunk."""
        key = (-1 if chunk is None else chunk.start, number)
        if key not in self._places:
            if chunk is None:
                self._places[key] = JsonPlaces(self.text)
            else:
                self._places[key] = yaml_places(self.text, chunk.start, chunk.text, number)
        return self._places[key]

    def span(self, start: int, end: int) -> Span:
        """The span of a range of offsets."""
        found = self._spans.get((start, end))
        if found is None:  # what lacks many things is named many times
            found = self._spans[start, end] = Span(self.path, *self.lines.at(start), *self.lines.at(end))
        return found


class ManifestSource:
    """The source of one object: a document of a file, or an item of a `List` in it."""

    __slots__ = ("_chunk", "_file", "_number", "_own", "_prefix")

    def __init__(self, file: ManifestFile, chunk: Chunk | None, number: int, prefix: Path) -> None:
        self._file = file
        self._chunk = chunk
        self._number = number
        self._prefix = prefix
        self._own: Place | None = None
        """The whole object."""

    @property
    def file(self) -> str:
        """The file's root-relative path."""
        return self._file.path

    @property
    def span(self) -> Span:
        """The whole object."""
        place = self._place(())
        return self._file.span(place.start, place.end)

    @property
    def header(self) -> Span:
        """The line that says the kind; the object's first line where a `List` says it for its items."""
        span = self.span_of(("kind",))
        if span is not None:
            return span
        whole = self._place(())
        end = self._file.text.find("\n", whole.start)
        return self._file.span(whole.start, min(whole.end, end if end >= 0 else whole.end))

    def span_of(self, path: Path) -> Span | None:
        """Key and value of a path; an alias's value stands at its anchor."""
        place = self._places().find(self._prefix + path)
        if place is None or (path and self._is_whole(place)):
            return None
        return self._file.span(place.start, place.end)

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        """Where an anchor's text is used, for what was written by alias."""
        places = self._places()
        place = None if isinstance(places, JsonPlaces) else places.find(self._prefix + path)
        if place is None:  # JSON has no aliases
            return ()
        return tuple(Origin("used here through an alias", self._file.span(*used)) for used in place.used_at)

    def comments(self) -> tuple[Comment, ...]:
        """Comments directly above the object and within it."""
        places = self._places()
        if isinstance(places, JsonPlaces):
            return ()  # JSON has none
        place = self._place(())
        scalars = iter(places.scalars())
        start, end = next(scalars, (0, 0))
        found = self._above(place.start)
        stop = self._file.text.find("\n", place.end)
        for match in re.compile(_COMMENT).finditer(
            self._file.text, place.start, stop if stop >= 0 else len(self._file.text)
        ):
            while end <= match.start() and (following := next(scalars, None)) is not None:
                start, end = following
            if not start <= match.start() < end:
                line = self._file.line(match.start())
                found.append(Comment(match[1].strip(), line, self._file.path, True))
        return tuple(found)

    def text(self, span: Span) -> str:
        """Whole lines of the file."""
        lines = self._file.lines
        return self._file.text[lines.start(span.line) : lines.start(span.end_line + 1)].rstrip("\r\n")

    def _above(self, start: int) -> list[Comment]:
        file = self._file
        found: list[Comment] = []
        first = line = file.line(start)
        while line > 1:
            line -= 1
            above = file.text[file.lines.start(line) : file.lines.start(line + 1)].rstrip("\r\n")
            match = re.match(_ABOVE, above)
            if match:
                found.append(Comment(match[1].strip("# \t"), line, file.path, False))
            elif not (above.startswith("---") and line == first - 1 and self._nothing_before(line)):
                break
        return found[::-1]

    def _nothing_before(self, line: int) -> bool:
        """Whether only comments stand above a `---` line: then they speak of the document below it."""
        head = self._file.text[: self._file.lines.start(line)]
        return all(not text.strip() or text.lstrip().startswith("#") for text in head.splitlines())

    def _places(self) -> Places | JsonPlaces:
        return self._file.places(self._chunk, self._number)

    def _place(self, path: Path) -> Place:
        return self._places().find(self._prefix + path) or Place(0, 0)

    def _is_whole(self, place: Place) -> bool:
        if not self._prefix:
            return False
        if self._own is None:
            self._own = self._place(())
        return place[:2] == self._own[:2]
