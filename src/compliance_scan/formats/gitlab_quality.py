"""GitLab's code quality report: the merge request's widget for projects without the security dashboard.

GitLab compares fingerprints between branches, so ours, which survive moved lines, tell what is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from compliance_scan.formats._groups import is_hidden
from compliance_scan.formats._shared import cut, fingerprints_once, from_root, harmless, place_of, shown, subject, words
from compliance_scan.formats.json import dumps

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail",)
SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}
MAX_TEXT = 2000


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes a list, an entry a line; it has no place for what was not read."""
    findings = [each for each in fingerprints_once(shown(report, options, VERDICTS)) if not is_hidden(each)]
    relative = from_root(report["run"])
    lines = []
    for finding in findings:
        place = place_of(finding)
        file = harmless(relative(place["file"]))
        title = report["rules"][finding["rule"]]["title"]
        entry = {
            "description": harmless(cut(f"{title}: {words(finding)} ({subject(finding)})", MAX_TEXT)),
            "check_name": finding["instance"],
            "fingerprint": finding["fingerprint"] or f"{finding['instance']}:{file}:{place['line']}",
            "severity": SEVERITIES[finding["severity"]],
            "location": {"path": file, "lines": {"begin": place["line"], "end": max(place["end_line"], place["line"])}},
        }
        lines.append(dumps(entry))
    out.write("[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n")
