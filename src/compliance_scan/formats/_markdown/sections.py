"""The sections of the comment, each a list of lines with its table's rows marked by their leading bar."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from compliance_scan.formats._groups import grouped
from compliance_scan.formats._markdown.words import code, linker, prose
from compliance_scan.formats._shared import SEVERITIES, by_severity, from_root, subject, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compliance_scan.model.report import Report, ReportFinding

ICONS = {"critical": "🟥", "high": "🟧", "medium": "🟨", "low": "🟦", "info": "⬜"}
MAX_ROWS = 400
STATES = (
    ("fail", "❌ failing"),
    ("unknown", "❔ unknown"),
    ("pass", "✅ passing"),
    ("pass_automated_part", "☑️ passing as far as rules decide"),
    ("manual", "👤 manual"),
    ("no_resources", "without resources"),
    ("not_applicable", "not applicable"),
)


def head(report: Report) -> list[str]:
    """How bad it is, in two lines."""
    run, summary = report["run"], report["summary"]
    severities = summary["open_by_severity"]
    icon = {0: "✅", 1: "❌"}.get(run["exit_code"], "⚠️")
    named = [f"{ICONS[one]} {severities[one]} {one}" for one in SEVERITIES if severities[one]]
    lines = [f"## {icon} compliance-scan {prose(run['command'])}: {prose(run['exit_reason'])}", ""]
    lines.append(" · ".join(named) if named else "No open findings.")
    percent = summary["compliance_percent"]
    told = [f"{summary['resources']} resources", f"{summary['rules']} rules", f"{summary['pass']} passed"]
    told += [f"{summary[key]} {key}" for key in ("unknown", "suppressed") if summary[key]]
    told += [f"{percent:g} % compliant"] if percent is not None else []
    lines += ["", ", ".join(told) + "."]
    comparison = report.get("comparison")
    if comparison:
        numbers = [f"{comparison['new']} new", f"{comparison['worsened']} worse", f"{comparison['fixed']} fixed"]
        numbers.append(f"{comparison['unchanged']} still there")
        between = f" ({prose(comparison['between'])})" if comparison["between"] else ""
        lines += ["", f"Compared with {code(comparison['old']['file'])}: {', '.join(numbers)}{between}."]
    return lines


def foot(report: Report) -> list[str]:
    """Who says so."""
    tool, vcs = report["tool"], report["run"]["vcs"]
    at = f" at {code(vcs['revision'][:12])}" if vcs and vcs["revision"] else ""
    return [
        f"<sub>{prose(tool['name'])} {prose(tool['version'])}{at}, judged as of {prose(report['run']['as_of'])}</sub>"
    ]


class Page:
    """Makes the sections of one report; an empty list where there is nothing to say."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._relative = from_root(report["run"])
        self._link = linker(report["run"], self._relative)

    def findings(self, title: str, findings: Sequence[ReportFinding], *, opened: bool) -> list[str]:
        """A table, the most severe first; calls of one module are one row."""
        rows = []
        for group in grouped(by_severity(findings))[:MAX_ROWS]:
            first = group.first
            rule = self._report["rules"][first["rule"]]
            mark = " **worse**" if first["baseline"] == "worsened" else ""
            more = f" and {len(group.addresses) - 1} more" if len(group.addresses) > 1 else ""
            rows.append(
                f"| {ICONS[first['severity']]} {first['severity']}{mark} | {prose(rule['title'])}<br>"
                f"{code(first['instance'])} | {self._where(first)}<br>{code(subject(first))}{more} "
                f"| {code(words(first), 300)} |"
            )
        return _folded(f"{title} ({len(findings)})", ["Severity", "Rule", "Where", "What"], rows, opened=opened)

    def unknown(self, findings: Sequence[ReportFinding]) -> list[str]:
        """What could not be judged, by cause."""
        causes = Counter((one["unknown_cause"] or "", one["unknown_detail"] or "") for one in findings)
        rows = [
            f"| {number} | {prose(cause.replace('_', ' '))} | {_optional(detail)} |"
            for (cause, detail), number in causes.most_common(MAX_ROWS)
        ]
        return _folded(f"Not decidable from what was read ({len(findings)})", ["Verdicts", "Cause", "What"], rows)

    def suppressed(self, findings: Sequence[ReportFinding]) -> list[str]:
        """What a suppression or the baseline hides."""
        rows = []
        for finding in by_severity(findings)[:MAX_ROWS]:
            made = finding["suppression"]
            kind = f"{made['kind']}, {made['status'].replace('_', ' ')}" if made else ""
            who = " · ".join(filter(None, (made["reason"], made["owner"], made["until"]))) if made else ""
            rows.append(
                f"| {finding['severity']} | {code(finding['instance'])} | {code(subject(finding))} | {prose(kind)} "
                f"| {_optional(who)} |"
            )
        columns = ["Severity", "Rule", "Resource", "How", "Why, who, until"]
        return _folded(f"Suppressed or accepted ({len(findings)})", columns, rows)

    def gone(self) -> list[str]:
        """Accepted findings that are no more."""
        gone = [finding for finding in self._report["findings"] if finding["baseline"] == "absent"]
        by = self._report["comparison"]["by"] if "comparison" in self._report else {}
        rows = [
            f"| {code(one['instance'])} | {code(subject(one))} | {_optional(by.get(one['fingerprint']))} |"
            for one in gone[:MAX_ROWS]
        ]
        return _folded(f"🎉 Fixed ({len(gone)})", ["Rule", "Resource", "Who"], rows)

    def incomplete(self) -> list[str]:
        """What was not read."""
        entries = self._report["incomplete"]
        rows = [
            f"| {code(entry['where'])} | {code(entry['message'], 300)} | {_optional(entry['hint'])} |"
            for entry in entries[:MAX_ROWS]
        ]
        return _folded(f"⚠️ Could not be read ({len(entries)})", ["Where", "What", "To mend"], rows, opened=True)

    def controls(self) -> list[str]:
        """The control report."""
        if not self._report["controls"]:
            return []
        from compliance_scan.formats._markdown.controls import controls

        return controls(self._report, dict(STATES), _folded)

    def drift(self) -> list[str]:
        """What the account has otherwise than the code says."""
        entries = self._report["drift"]
        rows = []
        for entry in entries[:MAX_ROWS]:
            attributes = ", ".join(code(one["path"]) for one in entry["attributes"][:5])
            flips = ", ".join(
                f"{code(one['rule'])} {one['declared'].replace('_', ' ')} → {one['live'].replace('_', ' ')}"
                for one in entry["rules"][:5]
            )
            rows.append(
                f"| {entry['kind']} | {code(entry['address'])} | {attributes} | {flips} | {_optional(entry['actor'])} |"
            )
        columns = ["Kind", "Resource", "Attributes", "Rules", "Who"]
        return _folded(f"Drift ({len(entries)})", columns, rows, opened=any(entry["rules"] for entry in entries))

    def planes(self) -> list[str]:
        """Where code, plan, state and account differ in their verdicts."""
        entries = [row for row in self._report["planes"] if row["meaning"] != "pass"]
        rows = [
            f"| {code(row['rule'])} | {code(row['address'])} | {row['code'] or '-'} | {row['plan'] or '-'} "
            f"| {row['state'] or '-'} | {row['live'] or '-'} | {prose(row['meaning'].replace('_', ' '))} |"
            for row in entries[:MAX_ROWS]
        ]
        columns = ["Rule", "Resource", "Code", "Plan", "State", "Live", "Meaning"]
        return _folded(f"Across the planes ({len(entries)})", columns, rows)

    def gate(self) -> list[str]:
        """What a plan would do to the controls."""
        gate = self._report.get("gate")
        if gate is None:
            return []
        rows = [
            f"| {code(one['framework'])} | {code(one['control'])} | {prose(one['before'].replace('_', ' '))} "
            f"| {prose(one['after'].replace('_', ' '))} |"
            for one in gate["controls"][:MAX_ROWS]
        ]
        made = _folded(
            f"Controls after apply ({len(gate['controls'])})",
            ["Framework", "Control", "Before", "After"],
            rows,
            opened=True,
        )
        made += self.findings("Newly failing after apply", gate["newly_failing"], opened=True)
        return made + self.findings("Fixed by apply", gate["fixed"], opened=False)

    def _where(self, finding: ReportFinding) -> str:
        return self._link(finding["location"]) if finding["location"] else finding["resource"]["plane"]


def _optional(text: str | None) -> str:
    return code(text) if text else ""


def _folded(title: str, columns: Iterable[str], rows: Sequence[str], *, opened: bool = False) -> list[str]:
    """A table that unfolds."""
    if not rows:
        return []
    names = list(columns)
    table = [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}", *rows]
    return [f"<details{' open' if opened else ''}><summary><b>{title}</b></summary>", "", *table, "", "</details>", ""]


def shortened(lines: list[str], most: int) -> list[str]:
    """The section with rows taken from its end until it takes so many bytes, and their number told."""
    kept = list(lines)
    size = sum(len(line.encode()) + 1 for line in kept)
    taken = 0
    while size > most - 60:
        index = next((at for at in range(len(kept) - 1, -1, -1) if kept[at].startswith("| ")), None)
        if index is None or index == 0:
            break
        size -= len(kept.pop(index).encode()) + 1
        taken += 1
    if taken:
        kept.append(f"_{taken} more rows are left out here; the JSON report has them._")
    return kept
