"""Files, regions and locations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes

from compliance_scan.formats._shared import CONFIG
from compliance_scan.formats._shared import from_root as root_relative
from compliance_scan.formats.json import dumps, quoted

if TYPE_CHECKING:
    from compliance_scan.model.report import Context, Edit, Location, Report, Run

ROOT = "SRCROOT"
"""Name of the repository root among the bases of URIs."""
WORK = "WORKDIR"
"""Name of the working directory, where that is below the root."""
NOT_QUOTED = "(not quoted)"
"""Stands for lines that no report repeats: those of plans, states and inventories."""
_REGION = '{"startLine": %d, "startColumn": %d, "endLine": %d, "endColumn": %d'
_CONTEXT = '{"startLine": %d, "endLine": %d, "snippet": {"text": %s}}'
REDACTIONS = (NOT_QUOTED, "(sensitive)", "(environment)")
"""`run.redactionTokens`: what stands in our texts in place of what is kept back."""


class Places:
    """Turns the report's places into SARIF's, for one run.

    `from_root`: whether paths come out relative to the repository root; otherwise they stay as in the report, and the
    base tells where that is.
    """

    def __init__(self, run: Run, *, from_root: bool) -> None:
        self._prefix = run["root_prefix"]
        self._from_root = from_root or not self._prefix
        self._relative = root_relative(run) if self._from_root else str
        self._base = ROOT if self._from_root else WORK
        self._uris: dict[str, str] = {}
        self._artifacts: dict[str, str] = {}

    def bases(self) -> dict[str, Any]:
        """`run.originalUriBaseIds`; the machine's own paths are nobody's business."""
        made: dict[str, Any] = {ROOT: {"description": {"text": "The root of the repository."}}}
        if not self._from_root:
            made[WORK] = {
                "uri": _quoted(self._prefix),
                "uriBaseId": ROOT,
                "description": {"text": "The folder in which the scan ran."},
            }
        return made

    def artifact(self, file: str) -> dict[str, Any]:
        """An `artifactLocation`."""
        uri = self._uris.get(file)
        if uri is None:
            uri = self._uris[file] = _quoted(self._relative(file))
        return {"uri": uri, "uriBaseId": self._base}

    def physical(self, place: Location, context: Context | None = None, snippet: str | None = None) -> str:
        """A `physicalLocation` as JSON."""
        if context is None and snippet is None:
            return self._unquoted(place["file"], region(place))
        if snippet is None and context is not None:
            snippet = _cut_out(place, context)
        told = "" if snippet is None else f', "snippet": {{"text": {quoted(snippet)}}}'
        around = _around(place, context)
        tail = "" if around is None else f', "contextRegion": {around}'
        return (
            f'{{"artifactLocation": {self._artifact_text(place["file"])}, '
            f'"region": {_REGION % _corners(place)}{told}}}{tail}}}'
        )

    def fallback(self, report: Report) -> str:
        """Where a finding sits that has no place in any file: the configuration, since a location must be; as JSON."""
        notes = report["run"]["config"]
        start = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
        return self._unquoted(notes[0]["file"] if notes else CONFIG, start)

    def _unquoted(self, file: str, place: dict[str, Any]) -> str:
        """A place whose lines are kept back says so, with the token that the run declares: a region of no width has
        no text at all, all else is redacted."""
        start, end = (place["startLine"], place["startColumn"]), (place["endLine"], place["endColumn"])
        around = {"startLine": start[0], "endLine": end[0], "snippet": {"text": NOT_QUOTED}}
        place["snippet"] = {"text": "" if start == end else NOT_QUOTED}
        return dumps({"artifactLocation": self.artifact(file), "region": place, "contextRegion": around})

    def _artifact_text(self, file: str) -> str:
        text = self._artifacts.get(file)
        if text is None:
            text = self._artifacts[file] = dumps(self.artifact(file))
        return text


def region(place: Location | Edit) -> dict[str, Any]:
    """A `region`."""
    return dict(zip(("startLine", "startColumn", "endLine", "endColumn"), _corners(place), strict=True))


def _corners(place: Location | Edit) -> tuple[int, int, int, int]:
    """Line and column of the start and of the end; ends that lie before their starts are pulled up, since readers
    refuse the whole file for one."""
    line, column, end_line, end = place["line"], place["column"], place["end_line"], place["end_column"]
    if end_line > line:
        return line, column, end_line, end
    return line, column, line, max(end, column)


def _cut_out(place: Location, context: Context) -> str | None:
    """The text of a place out of the lines around it; None where it reaches beyond them."""
    lines = context["text"].split("\n")
    first, last = place["line"] - context["line"], place["end_line"] - context["line"]
    if not 0 <= first <= last < len(lines):
        return None
    taken = lines[first : last + 1]
    taken[-1] = taken[-1][: place["end_column"] - 1]
    taken[0] = taken[0][place["column"] - 1 :]
    return "\n".join(taken)


def _around(place: Location, context: Context | None) -> str | None:
    """A `contextRegion` as JSON; it must hold the region and more."""
    if context is None:
        return None
    text = context["text"]
    end = context["line"] + text.count("\n")
    if not context["line"] <= place["line"] <= place["end_line"] <= end:
        return None
    return _CONTEXT % (context["line"], end, quoted(text))


def _quoted(path: str) -> str:
    """A relative URI reference; a colon in the first step would read as a scheme."""
    return quote_from_bytes(path.encode("utf-8", "surrogatepass"), safe="/-._~!$&'()*+,;=@")


def web_address(text: str | None) -> str | None:
    """An address of the web as a URI; None for anything else (a remote of a hostile repository, a pack's slip)."""
    if not text or not text.startswith(("https://", "http://")):
        return None
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="/:?#@!$&'()*+,;=%-._~")
