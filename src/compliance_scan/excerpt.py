"""Source text for reports: the lines around a place, with every secret in them masked.

A line is masked where a sensitive attribute stands on it and where it looks like a secret by itself; masking keeps the
number of lines, and of a line all up to the value.
"""

import os
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from compliance_scan.model.line_table import LineTable
from compliance_scan.model.resource import header_of
from compliance_scan.model.value import Path
from compliance_scan.operators.kit.secrets import has_known_form, is_secret_text, may_be_secret

if TYPE_CHECKING:
    from compliance_scan.model.line_hash import LineHasher
    from compliance_scan.model.report import Context, Location
    from compliance_scan.model.resource import Resource, Span
    from compliance_scan.shape.catalog import Catalog
    from compliance_scan.shape.nodes import Node
    from compliance_scan.workspace import Workspace

AROUND = 3
MAX_LINE = 400
MAX_KEPT = 20_000
LONGEST = 20_000
"""Of a longer line no more is looked at: a whole dump of a cluster may stand in one."""
MAX_LINES = 200
MASK = "(sensitive)"
_PAIR = re.compile(r"""^(\s*-?\s*(?:"([^"]+)"|'([^']+)'|([\w.@/-]+))\s*[=:]\s*)(\S.*)$""")
_NAME = re.compile(r"""(?:^|[{,\s-])["']?(?:name|Name|key)["']?\s*[:=]\s*["']?([\w.-]+)""")


class Excerpts:
    """Lines, contexts and line hashes of the files of one workspace."""

    def __init__(self, workspace: "Workspace", catalog: "Catalog", folder: str) -> None:
        """`folder`: the working directory, to which the report's paths are relative."""
        self._workspace = workspace
        self._catalog = catalog
        self._folder = os.path.realpath(folder)
        self._lines: dict[str, LineTable | None] = {}
        """None for a file whose text is not at hand."""
        self._hashers: dict[str, LineHasher] = {}
        self._expected: dict[str, set[int]] = {}
        self._shown: dict[str, str] = {}
        self._sensitive: dict[str, list[Path]] = {}
        self._hidden: dict[str, set[int]] = {}
        self._known: set[int] = set()
        self._keep: list[Resource] = []
        self._contexts: dict[Span, str] = {}
        self._snippets: dict[Span, str] = {}
        """What was shown of places: many findings stand on one line."""
        self._plain: dict[str, str] = {}
        self._cut: dict[tuple[str, int, int], list[str]] = {}
        """Very long lines as they may be shown."""

    def path(self, file: str) -> str:
        """A root-relative path relative to the working directory."""
        found = self._shown.get(file)
        if found is None:
            absolute = os.path.join(self._workspace.root, file)
            found = self._shown[file] = os.path.relpath(absolute, self._folder).replace(os.sep, "/")
        return found

    def location(self, span: "Span") -> "Location | None":
        """A span as the report writes it; None for what stands in no file."""
        if not span.file:
            return None
        return {
            "file": self.path(span.file),
            "line": span.line,
            "column": span.column,
            "end_line": span.end_line,
            "end_column": span.end_column,
        }

    def expect(self, spans: "Iterable[Span]") -> None:
        """Says of which places `line_hash` will be asked: many of one file are then found in one go."""
        for span in spans:
            self._expected.setdefault(span.file, set()).add(span.line)

    def hide(self, span: "Span") -> None:
        """Masks a place from now on."""
        hidden = self._hidden.setdefault(span.file, set())
        for shown in (self._contexts, self._snippets, self._cut):
            shown.clear()
        hidden.update(range(span.line, min(span.end_line, span.line + 100_000) + 1))

    def hide_sensitive(self, resource: "Resource") -> None:
        """Masks the lines of a resource's sensitive attributes."""
        if id(resource) in self._known:
            return
        self._known.add(id(resource))
        self._keep.append(resource)
        for path in (*self.sensitive_paths(resource.type), *resource.sensitive):
            try:
                self._hide_written(resource, path)
            except Exception:  # noqa: BLE001 - the boundary of one place: where a secret may stand nothing is shown
                self.hide(header_of(resource)._replace(line=1, end_line=100_000))

    def _hide_written(self, resource: "Resource", path: "Path") -> None:
        if path and path[0] in resource.attributes:
            span = resource.source.span_of(path)
            if span is not None:
                self.hide(span)
                for origin in resource.source.origins_of(path):
                    self.hide(origin.span)

    def context(self, span: "Span") -> "Context | None":
        """The lines around a place; None where its file's text is not at hand."""
        if not span.file:
            return None
        lines = self._lines_of(span.file)
        if lines is None or not lines.has(span.line):
            return None
        first = max(1, span.line - AROUND)
        text = self._contexts.get(span)
        if text is None:
            last = min(span.end_line + AROUND, span.line + MAX_LINES)
            text = "\n".join(line[:MAX_LINE] for line in self._masked(span.file, first, last))
            self._contexts[span] = text
        return {"line": first, "text": text}

    def snippet(self, span: "Span") -> str | None:
        """The text of a place alone."""
        if not span.file:
            return None
        lines = self._lines_of(span.file)
        if lines is None or not lines.has(span.line):
            return None
        found = self._snippets.get(span)
        if found is None:
            found = self._snippets[span] = self._snippet(span, lines)
        return found

    def _snippet(self, span: "Span", lines: LineTable) -> str:
        if span.column > LONGEST:
            return self._far(span, lines)
        plain = lines.lines(span.line, min(span.end_line, span.line + MAX_LINES), LONGEST)
        last = span.line + len(plain) - 1
        chosen = self._masked(span.file, span.line, last)
        if last == span.end_line and chosen[-1] == plain[-1]:
            chosen[-1] = chosen[-1][: span.end_column - 1]
        if chosen[0] == plain[0] or span.line == last or len(chosen[0]) >= span.column:
            chosen[0] = chosen[0][span.column - 1 :]
        return "\n".join(line[:MAX_LINE] for line in chosen)

    def _far(self, span: "Span", lines: LineTable) -> str:
        """The beginning of a place far along a very long line."""
        start = (lines.start(span.line) or 0) + span.column - 1
        end = start + min(span.end_column - span.column, MAX_LINE) if span.end_line == span.line else start + MAX_LINE
        text = lines.text[start:end].partition("\n")[0]
        return mask(text) if span.line in self._hidden.get(span.file, ()) else mask_secret(text, "")

    def line_hash(self, span: "Span") -> str | None:
        """GitHub's hash of the place's first line."""
        if not span.file:
            return None
        hasher = self._hashers.get(span.file)
        if hasher is None:
            from compliance_scan.model.line_hash import LineHasher

            lines = self._lines_of(span.file)
            text = "" if lines is None else lines.text
            hasher = self._hashers[span.file] = LineHasher(text, self._expected.get(span.file, ()))
        return hasher.of(span.line)

    def _lines_of(self, file: str) -> LineTable | None:
        if file not in self._lines:
            from compliance_scan.workspace import decode

            data = None if file in self._workspace.opaque else self._workspace.read(file)
            text = None if data is None else decode(data)[0].replace("\r\n", "\n").replace("\r", "\n")
            self._lines[file] = None if text is None else LineTable(text)
        return self._lines[file]

    def _masked(self, file: str, first: int, last: int) -> list[str]:
        """The lines `first` to `last`, as far as there are such, as they may be shown."""
        known = self._cut.get((file, first, last))
        if known is not None:
            return list(known)
        hidden = self._hidden.get(file, ())
        table = self._lines_of(file)
        lines = [] if table is None else table.lines(max(first - 1, 1), last, LONGEST)
        may_hide = bool(hidden) or may_be_secret("\n".join(lines))
        above = lines.pop(0) if first > 1 and lines else ""
        found = lines if not may_hide else []
        for number, line in enumerate(lines if may_hide else (), first):
            found.append(mask(line) if number in hidden else self._shown_line(line, above))
            above = line
        if any(len(line) == LONGEST for line in lines):  # all that a dump in one line reports stands there
            self._cut[file, first, last] = list(found)
        return found

    def _shown_line(self, line: str, above: str) -> str:
        """The line as it may be shown; remembered by its text, for manifests repeat their lines."""
        shown = self._plain.get(line)
        if shown is None:
            if "value" in line.casefold():  # the line above may say of what
                return mask_secret(line, above)
            shown = mask_secret(line, "") if may_be_secret(line) else line
            if len(self._plain) < MAX_KEPT:
                self._plain[line] = shown
        return shown

    def sensitive_paths(self, kind: str) -> list[Path]:
        """Paths that the schema of a type marks as sensitive; in lists of blocks those of the first items."""
        found = self._sensitive.get(kind)
        if found is None:
            facts = self._catalog.type(kind)
            found = [] if facts is None else list(_sensitive(facts.root, ()))
            self._sensitive[kind] = found
        return found


def _sensitive(node: "Node", above: Path) -> Iterator[Path]:
    """Paths that a schema marks; in a list of blocks the first two items are looked at."""
    if len(above) > 6:
        return
    for name in node.names():
        field = node.field(name)
        if field is None:
            continue
        path = (*above, name)
        if field.sensitive:
            yield path
        elif field.block:
            inner = field.node
            if inner.kind == "object":
                yield from _sensitive(inner, path)
            elif inner.element is not None and inner.element.kind == "object":
                for index in range(2):
                    yield from _sensitive(inner.element, (*path, index))


def mask(line: str) -> str:
    """A line of a sensitive value: its name stays, the rest goes."""
    found = _PAIR.match(line)
    if found is not None:
        return found[1] + MASK
    indent = line[: len(line) - len(line.lstrip())]
    return indent + MASK if line.strip() not in ("", "}", "]", ")", "{", "[", "EOF", "EOT") else line


def mask_secret(line: str, above: str) -> str:
    """The line, masked where it looks like a secret; `above` is the line before it, which may hold the value's name."""
    text = line[:4096]
    found = _PAIR.match(text)
    if found is not None:
        key = found[2] or found[3] or found[4]
        value = found[5].strip().rstrip(",").strip("\"'")
        if key.lower() == "value":
            named = _NAME.search(text) or _NAME.search(above[:4096])
            key = named[1] if named is not None else key
        if _is_literal(found[5]) and is_secret_text(value, key):
            return found[1] + MASK
        return mask(line) if has_known_form(line) else line
    # A script's `export DB_PASSWORD=…` stands in the text of a value.
    return mask(line) if is_secret_text(line, "") else line


def _is_literal(value: str) -> bool:
    """Whether a value is written here rather than referred to (`var.password`, `data.x.y`, `{`)."""
    value = value.strip()
    return bool(value) and (value[0] in "\"'" or not re.match(r"(?:[a-z_][\w-]*[.\[(]|[\[{(<|>&*!]|$)", value))
