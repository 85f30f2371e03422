"""What several formats need: the findings to show, harmless words, paths from the repository root."""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING

from compliance_scan.formats import selected
from compliance_scan.formats._groups import is_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Location, Report, ReportFinding, Run, Severity, Verdict

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")
CONFIG = ".compliance-scan.yaml"
"""Where readers that must have a file find what has none."""
_SILENT = {
    "pass": "the rule holds",
    "not_applicable": "the rule does not concern this resource",
    "unknown": "the rule cannot be decided",
    "fail": "the rule does not hold",
}


def shown(report: Report, options: FormatOptions, default: Iterable[Verdict]) -> list[ReportFinding]:
    """The findings that the user asks for, in the order of the report, without those that are gone."""
    wanted = frozenset(default) if options.verdicts is None else options.verdicts
    return [finding for finding in selected(report, wanted) if finding["baseline"] != "absent"]


def is_open(finding: ReportFinding) -> bool:
    """Whether it is a failing finding that nothing hides."""
    return finding["verdict"] == "fail" and not is_hidden(finding) and finding["baseline"] != "absent"


def by_severity(findings: Iterable[ReportFinding]) -> list[ReportFinding]:
    """The most severe first, otherwise in their order."""
    return sorted(findings, key=lambda finding: SEVERITIES.index(finding["severity"]))


def harmless(text: str, *, lines: bool = False) -> str:
    """The text with everything that a reader could obey shown as an escape: control characters, line ends (not with
    `lines`), marks that turn the reading direction, invisible characters, broken surrogates, and the brackets that
    build servers look for anywhere in a log (`##[`, `##vso[`)."""
    if not text.isprintable():
        kept = "\n\t" if lines else ""
        text = "".join([one if one.isprintable() or one in kept else escaped(one) for one in text])
    return text.replace("##", "#\\x23") if "##" in text else text


def escaped(character: str) -> str:
    """A character as an escape of plain letters."""
    return character.encode("unicode_escape").decode("ascii")


def cut(text: str, length: int) -> str:
    """The text, ended with an ellipsis where it is longer."""
    return text if len(text) <= length else text[: length - 1] + "…"


def cut_bytes(text: str, most: int) -> str:
    """The same by its length in UTF-8."""
    data = text.encode("utf-8", "backslashreplace")
    return data.decode() if len(data) <= most else data[: most - 3].decode("utf-8", "ignore") + "…"


def words(finding: ReportFinding) -> str:
    """What the finding says, never empty; not yet harmless."""
    return finding["message"] or _SILENT[finding["verdict"]]


def subject(finding: ReportFinding) -> str:
    """The resource as people look it up: its ARN where it is live, else its address; not yet harmless."""
    resource = finding["resource"]
    return resource["arn"] if resource["plane"] == "live" and resource["arn"] else resource["address"]


def from_root(run: Run) -> Callable[[str], str]:
    """Turns paths of the report into paths relative to the repository root."""
    root, prefix = run["root"], run["root_prefix"]
    outside = root + "/"

    def relative(file: str) -> str:
        if root != "." and file.startswith(outside):
            return file[len(outside) :]
        return normpath(prefix + file)

    return relative


def place_of(finding: ReportFinding) -> Location:
    """Where the finding lies, and where readers that refuse what has no file look for it: the configuration."""
    return finding["location"] or {"file": CONFIG, "line": 1, "column": 1, "end_line": 1, "end_column": 1}


def fingerprints_once(findings: Iterable[ReportFinding]) -> list[ReportFinding]:
    """Each finding once, by its identity."""
    known: dict[tuple[str, str, str], ReportFinding] = {}
    for finding in findings:
        key = (finding["fingerprint"], finding["instance"], finding["verdict"])
        known.setdefault(key if finding["fingerprint"] else (str(id(finding)), "", ""), finding)
    return list(known.values())


def milliseconds(run: Run) -> int:
    """When the run began, in milliseconds since 1970."""
    return int(_started(run) * 1000)


def stamp(run: Run, after: float = 0.0) -> str:
    """When the run began, or so many seconds later, as `2026-11-21T10:00:00` in UTC."""
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(_started(run) + after))


def _started(run: Run) -> float:
    from datetime import datetime

    try:
        return datetime.fromisoformat(run["started"]).timestamp()
    except ValueError:
        return 0.0
