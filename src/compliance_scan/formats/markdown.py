"""The comment on a pull request: how bad, what is new first, all else to unfold, within the size that sites take.

Its first line is a mark by which a job finds its own comment again and replaces it. Whatever comes from the scanned
files stands in code spans.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from compliance_scan.formats._groups import is_hidden
from compliance_scan.formats._markdown import sections
from compliance_scan.formats._shared import is_open, shown

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown")
MARK = "<!-- compliance-scan -->"
MAX_BYTES = 65_536
"""GitHub's limit of a comment is so many characters; counted in bytes it holds in every site's counting."""
RESERVE = 200


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes the comment; what does not fit is counted, never dropped in silence."""
    page = sections.Page(report)
    findings = shown(report, options, VERDICTS)
    fails = [finding for finding in findings if is_open(finding)]
    compared = any(finding["baseline"] for finding in report["findings"])
    new = [finding for finding in fails if finding["baseline"] != "unchanged"]
    others = [finding for finding in findings if finding["verdict"] in ("pass", "not_applicable")]
    parts = [
        sections.head(report),
        page.incomplete(),
        page.findings("New findings" if compared else "Findings", new, opened=True),
        page.gate(),
        page.drift(),
        page.planes(),
        page.gone(),
        page.unknown([finding for finding in findings if finding["verdict"] == "unknown"]),
        page.controls(),
        page.suppressed([finding for finding in findings if finding["verdict"] == "fail" and is_hidden(finding)]),
        page.findings("Passing and not applicable", others, opened=False),
        sections.foot(report),
    ]
    text = _within([part for part in parts if part])
    out.write(f"{MARK}\n{text}\n")


def _within(parts: list[list[str]]) -> str:
    """The parts as text, rows taken away from the end of the longest until all fits."""
    room = MAX_BYTES - RESERVE - len(MARK)
    sizes = [sum(len(line.encode()) + 1 for line in part) for part in parts]
    fair = room // max(len(parts), 1)
    spare = room - sum(min(size, fair) for size in sizes)
    kept = []
    for part, size in zip(parts, sizes, strict=True):
        if size > fair:
            allowed = fair + max(spare, 0)
            kept.append(sections.shortened(part, min(allowed, size)))
            spare -= min(allowed, size) - fair
        else:
            kept.append(part)
    return "\n".join("\n".join(part) + "\n" for part in kept)
