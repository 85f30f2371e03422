"""Where in a chart's template, or in its values, a rendered path was written; as far as the text tells.

A template is no YAML, so its lines are followed by their keys: each step of a path is looked for below the line of the
step before it. Where a line takes its value from `.Values`, the values files are asked for the same value.
"""

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from compliance_scan.inputs.kubernetes.objects import Found
from compliance_scan.inputs.kubernetes.rendered import Files
from compliance_scan.inputs.kubernetes.source import ManifestFile
from compliance_scan.model.resource import Comment, Origin, Span
from compliance_scan.model.value import Path

_REFERENCE = re.compile(r"\.Values((?:\.[A-Za-z_]\w*)+)")
_COMMENT = re.compile(r"^\s*(?:#+|\{\{-?\s*/\*)(.*?)(?:\*/\s*-?\}\})?\s*$")
_NEAR = 3
"""Lines below a key within which its block's values may be named (`{{- with … }}`, `{{- toYaml … }}`)."""


class Values:
    """The values files of a release, those that win first."""

    def __init__(self, files: Files, chart: str, name: str, given: Sequence[str]) -> None:
        """`chart`: its folder; `name`: its name; `given`: files of whoever installs it, the last wins."""
        self._files = files
        self._chart = "" if chart == "." else chart
        self._name = name
        self._given = list(reversed(given))

    def find(self, template: str, path: Path, value: Any) -> Span | None:
        """Where the values say that a path of `.Values`, as a template sees it, is `value`."""
        for file, inside in self._places(template, path):
            for document in self._files.documents(file)[:1]:
                written: Any = document.value
                for step in inside:
                    known = written.get(step) if isinstance(written, dict) else None
                    if isinstance(step, int) and isinstance(written, list) and step < len(written):
                        known = written[step]
                    written = known
                if written is not None and (written == value or str(written) == str(value)):
                    return self._files.place(file, document, inside)
        return None

    def _places(self, template: str, path: Path) -> Iterator[tuple[str, Path]]:
        """Files and paths in them, in the order in which helm lets them win: a chart above sets those of one below."""
        relative = template[len(self._chart) :].strip("/")
        subcharts = re.findall(r"(?:^|/)charts/([^/]+)/", relative)
        for file in self._given:
            yield file, (*subcharts, *path)
        for depth in range(len(subcharts) + 1):
            folder = posixpath.join(self._chart, *(f"charts/{each}" for each in subcharts[:depth]))
            yield posixpath.join(folder, "values.yaml"), (*subcharts[depth:], *path)


class Hit(NamedTuple):
    """The line of a path's longest part that was found."""

    line: int
    """From 0."""
    rest: Path
    """Steps that no line has."""


class Template:
    """The source of one object of a template (`model.resource.Source`)."""

    def __init__(self, file: ManifestFile, found: Found, number: int, values: Values) -> None:
        """`number`: how many objects of the same kind the template gave before this one."""
        self._file = file
        self._object = found.attributes
        self._values = values
        self._lines = file.text.split("\n")
        self._first, self._kind, self._last = self._region(str(found.attributes.get("kind")), number)

    def _region(self, kind: str, number: int) -> tuple[int, int, int]:
        """The lines of the object: from the border above its `kind` to the one below."""
        pattern = re.compile(rf"""^\s*["']?kind["']?\s*:\s*["']?{re.escape(kind)}["']?\s*(?:#.*)?$""")
        hits = [index for index, line in enumerate(self._lines) if pattern.match(line) and not line[:1].isspace()]
        hits = hits or [index for index, line in enumerate(self._lines) if pattern.match(line)]
        if not hits:
            return 0, 0, len(self._lines)
        at = hits[min(number, len(hits) - 1)]
        borders = [index for index, line in enumerate(self._lines) if line.startswith("---")]
        first = max((border + 1 for border in borders if border <= at), default=0)
        return first, at, min((border for border in borders if border > at), default=len(self._lines))

    @property
    def span(self) -> Span:
        """All lines of the object."""
        last = max(self._last - 1, self._first)
        return Span(self._file.path, self._first + 1, 1, last + 1, len(self._lines[last]) + 1)

    @property
    def header(self) -> Span:
        """The line that says the kind."""
        return self._span(self._kind)

    def _span(self, line: int) -> Span:
        text = self._lines[line].rstrip()
        start = len(text) - len(text.lstrip())
        return Span(self._file.path, line + 1, start + 1, line + 1, len(text) + 1)

    def span_of(self, path: Path) -> Span | None:
        """The line of the values that gives a path its value, else that of the template."""
        hit = self._hit(path)
        if hit is None:
            return None
        return self._valued(path, hit) or self._span(hit.line)

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        """The template's line, where the values have the value."""
        hit = self._hit(path)
        if hit is None or self._valued(path, hit) is None:
            return ()
        return (Origin("used here by the template", self._span(hit.line)),)

    def comments(self) -> tuple[Comment, ...]:
        """Comments among the object's lines."""
        found = []
        for index in range(self._first, self._last):
            match = _COMMENT.match(self._lines[index])
            if match and match[1].strip():
                found.append(Comment(match[1].strip(), index + 1, self._file.path, index > self._kind))
        return tuple(found)

    def text(self, span: Span) -> str:
        """Whole lines of the template."""
        return "\n".join(self._lines[span.line - 1 : span.end_line])

    def _hit(self, path: Path) -> Hit | None:
        at = self._first - 1
        found: int | None = None
        value: Any = self._object
        for depth, step in enumerate(path):
            value = value[step] if _has(value, step) else None
            line = self._item(at, value) if isinstance(step, int) else self._key(at, step)
            if line is None and isinstance(step, int):
                continue
            if line is None:
                return None if found is None else Hit(found, path[depth:])
            at = found = line
        return None if found is None else Hit(found, ())

    def _key(self, after: int, name: str) -> int | None:
        pattern = re.compile(rf"""^\s*(?:-\s+)?["']?{re.escape(name)}["']?\s*:""")
        # An item's first key stands on the very line of its dash.
        start = after if after >= 0 and self._lines[after].lstrip().startswith("- ") else after + 1
        return next((index for index in range(max(start, 0), self._last) if pattern.match(self._lines[index])), None)

    def _item(self, after: int, item: Any) -> int | None:
        """The line of a list's item that is told by its name."""
        name = item.get("name") if isinstance(item, dict) else item
        if not isinstance(name, str | int):
            return None
        pattern = re.compile(rf"""^\s*-\s+(?:["']?name["']?\s*:\s*)?["']?{re.escape(str(name))}["']?\s*$""")
        return next((index for index in range(after + 1, self._last) if pattern.match(self._lines[index])), None)

    def _valued(self, path: Path, hit: Hit) -> Span | None:
        """The values' line, where the value is theirs and nothing else's."""
        value: Any = self._object
        for step in path:
            if not _has(value, step):
                return None
            value = value[step]
        lines = self._lines[hit.line : hit.line + (_NEAR if hit.rest else 1)]
        for reference in _REFERENCE.findall("\n".join(lines)):
            inside: Path = (*reference[1:].split("."), *hit.rest)
            found = self._values.find(self._file.path, inside, value)
            if found is not None:
                return found
        return None


def _has(value: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(value, list) and 0 <= step < len(value)
    return isinstance(value, dict) and step in value
