"""The end of the text report: how bad, where, what first, and the exit code."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from compliance_scan.formats._groups import grouped
from compliance_scan.formats._text.findings import count, where
from compliance_scan.formats._text.style import Page, name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.model.report import Report, ReportFinding

SEVERITIES = ("critical", "high", "medium", "low", "info")
WORST = 5
_STATES = (
    ("fail", "failing"),
    ("unknown", "unknown"),
    ("pass", "passing"),
    ("pass_automated_part", "passing as far as machines can tell"),
    ("manual", "for a person to judge"),
    ("no_resources", "without resources"),
    ("not_applicable", "not applicable"),
)


def summary(report: Report, failing: Sequence[ReportFinding], page: Page, *, verbose: bool) -> list[str]:
    """Counts, frameworks, the worst rules and the next step."""
    made = report["summary"]
    scope = f"{count(made['resources'], 'resource')} in {count(made['files'], 'file')}, {count(made['rules'], 'rule')}"
    out = [page.paint("Summary", "bold") + f": {scope}", f"  {_severities(report, page)}"]
    numbers = f"{made['pass']} passed, {made['unknown']} unknown, {made['not_applicable']} not applicable"
    if made["suppressed"]:
        numbers += f", {made['suppressed']} suppressed"
    if made["under_review"]:
        numbers += f" ({made['under_review']} under review)"
    out.append(f"  {numbers}")
    if made["evaluated_percent"] is not None and made["compliance_percent"] is not None:
        out.append(f"  {made['compliance_percent']:g} % compliant, {made['evaluated_percent']:g} % evaluated")
    out += _frameworks(report, page)
    out += _worst(failing, page, verbose=verbose)
    return [*out, ""]


def _severities(report: Report, page: Page) -> str:
    by_severity = report["summary"]["open_by_severity"]
    numbers = {severity: int(by_severity[severity]) for severity in SEVERITIES}  # type: ignore[literal-required]
    total = sum(numbers.values())
    if not total:
        return page.paint("no open findings", "good")
    parts = [page.paint(f"{number} {severity}", severity) for severity, number in numbers.items() if number]
    return f"{count(total, 'open finding')}: {', '.join(parts)}"


def _frameworks(report: Report, page: Page) -> list[str]:
    out = []
    for framework in dict.fromkeys(entry["framework"] for entry in report["controls"]):
        states: Counter[str] = Counter(
            entry["status"] for entry in report["controls"] if entry["framework"] == framework
        )
        parts = [f"{states[state]} {words}" for state, words in _STATES if states[state]]
        out.append(f"  {page.paint(name(framework), 'bold')}: {', '.join(parts)} of {count(states.total(), 'control')}")
    return out


def _worst(failing: Sequence[ReportFinding], page: Page, *, verbose: bool) -> list[str]:
    """The rules to mend first: by severity, then by how many resources."""
    groups: dict[tuple[int, str], list[ReportFinding]] = {}
    for finding in failing:
        groups.setdefault((SEVERITIES.index(finding["severity"]), finding["instance"]), []).append(finding)
    ranked = sorted(groups.items(), key=lambda entry: (entry[0][0], -len(entry[1]), entry[0][1]))
    if not ranked:
        return []
    out = ["  What to mend first"]
    for (rank, instance), findings in ranked if verbose else ranked[:WORST]:
        severity = SEVERITIES[rank]
        places = len(grouped(findings))
        first = findings[0]["location"]
        at = f", {'first ' if places > 1 else ''}{where(first)}" if first else ""
        resources = count(len({finding["fingerprint"] for finding in findings}), "resource")
        out.append(f"    {page.paint(severity, severity)} {name(instance)}: {resources}{at}")
    if len(ranked) > WORST and not verbose:
        out.append(f"    and {len(ranked) - WORST} more rules")
    return [*out, f"  Why a verdict came out so: compliance-scan explain {name(ranked[0][1][0]['fingerprint'])}"]


def exit_line(report: Report, page: Page) -> str:
    """The last line: which exit code, and why."""
    code = report["run"]["exit_code"]
    style = {0: "good", 1: "bad"}.get(code, "warn")
    return f"{page.paint(f'exit {code}', style)}: {name(report['run']['exit_reason'])}"
