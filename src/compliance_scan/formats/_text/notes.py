"""What a person has to know beside the findings: what was hidden, changed, unreadable or not covered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from compliance_scan.formats._text.findings import count, one_line
from compliance_scan.formats._text.style import Page, name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.model.report import Report, ReportFinding
    from compliance_scan.model.report_planes import Comparison

SHOWN = 10


MOST_CONTROLS = 20
"""Changed controls that a comparison lists."""


def suppressed(findings: Sequence[ReportFinding], page: Page, *, verbose: bool) -> list[str]:
    """Findings that a suppression hides: those under review always, accepted ones by number or one by one."""
    if not findings:
        return []
    kinds = Counter(_kind(finding) for finding in findings)
    numbers = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    out = [page.paint(f"Suppressed: {count(len(findings), 'finding')}", "bold") + f" ({numbers})"]
    for finding in findings:
        suppression = finding["suppression"]
        if suppression is None or not (verbose or suppression["status"] == "under_review"):
            continue
        reason = name(suppression["reason"]) or "no reason given"
        owner = f", {name(suppression['owner'])}" if suppression["owner"] else ""
        until = f", until {name(suppression['until'])}" if suppression["until"] else ""
        place = f"{name(suppression['where'])}: " if suppression["where"] else ""
        out += [f"  {one_line(finding)}", f"    {_kind(finding)}, {place}{reason}{owner}{until}"]
    return [*out, ""]


def _kind(finding: ReportFinding) -> str:
    suppression = finding["suppression"]
    if suppression is None:
        return ""
    if suppression["kind"] == "yield":
        return "said by another rule"
    return "under review" if suppression["status"] == "under_review" else suppression["kind"]


def gone(
    findings: Sequence[ReportFinding], page: Page, *, verbose: bool, comparison: Comparison | None = None
) -> list[str]:
    """Findings that are no more: accepted ones, whose baseline can be written anew, or those of an older report."""
    if comparison is None:
        title = f"Gone since the baseline: {count(len(findings), 'finding')}; `baseline --prune` counts it down"
        return _section(title, [one_line(finding) for finding in findings], page, verbose=verbose)
    lines = [f"{one_line(each)}{_by(comparison, each)}" for each in findings]
    return _section(f"Fixed: {count(len(findings), 'finding')}", lines, page, verbose=verbose)


def compared(comparison: Comparison, page: Page) -> list[str]:
    """What a comparison with an older report came to."""
    numbers = [f"{comparison['new']} new", f"{comparison['worsened']} worse", f"{comparison['fixed']} fixed"]
    numbers.append(f"{comparison['unchanged']} still there")
    if comparison["not_looked_at"]:
        numbers.append(f"{comparison['not_looked_at']} not looked at this time")
    since = f"{name(comparison['old']['file'])} of {name(comparison['old']['started'])}"
    out = [f"{page.paint('Compared', 'bold')} with {since}: {', '.join(numbers)}"]
    if comparison["between"]:
        out.append(f"  between {name(comparison['between'])}")
    changed = comparison.get("controls", [])
    ways = {way: sum(one["direction"] == way for one in changed) for way in ("worse", "better", "other")}
    if changed:
        out.append(f"  controls: {', '.join(f'{number} {way}' for way, number in ways.items() if number)}")
    for one in changed[:MOST_CONTROLS]:
        states = f"{one['before']} -> {one['after']}".replace("_", " ")
        fails = (
            "" if one["fail_before"] == one["fail_after"] else f", {one['fail_before']} -> {one['fail_after']} fails"
        )
        out.append(f"    {one['direction']:6} {name(one['framework'])} {name(one['control'])}: {states}{fails}")
    if len(changed) > MOST_CONTROLS:
        out.append(f"    and {len(changed) - MOST_CONTROLS} more in the JSON report")
    return [*out, ""]


def _by(comparison: Comparison, finding: ReportFinding) -> str:
    who = comparison["by"].get(finding["fingerprint"])
    return f" ({name(who)})" if who else ""


def unused(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """Suppressions that met nothing."""
    entries = report["run"]["suppressions_unused"]
    lines = []
    for entry in entries:
        of = f" on {name(entry['resource'])}" if entry["resource"] else ""
        lines.append(f"{name(entry['where'])}: {name(entry['rule'])}{of} hides nothing; remove it")
    return _section(f"Unused: {count(len(entries), 'suppression')}", lines, page, verbose=verbose)


def configured(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """Settings of a configuration file that make the scan weaker (all of them with --verbose)."""
    entries = [entry for entry in report["run"]["config"] if verbose or entry["weakens"]]
    lines = [
        f"{name(entry['file'])}:{entry['line']} sets {name(entry['key'])} to {name(entry['value'])}"
        f"{': the scan reports less' if entry['weakens'] else ''}"
        for entry in entries
    ]
    return _section("Configuration", lines, page, verbose=True)


def incomplete(report: Report, page: Page) -> list[str]:
    """What exists and could not be read, each with what to do; never cut short."""
    entries = report["incomplete"]
    if not entries:
        return []
    out = [page.paint(f"Incomplete: {count(len(entries), 'thing')} could not be read", "warn")]
    for entry in entries:
        told = entry["message"].startswith(entry["where"])
        out.append(f"  {name(entry['message'] if told else entry['where'] + ': ' + entry['message'])}")
        if entry["hint"]:
            out.append(f"    to mend: {name(entry['hint'])}")
    return [*out, ""]


_ODD = ("object without a kind", "repeated key", "template outside a chart", "YAML that does not parse")
"""How the reasons of those skips begin that whoever wrote the file may not expect."""


def not_covered(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """Types that no rule reads."""
    entries = sorted(report["not_covered"], key=lambda entry: (-entry["count"], entry["type"]))
    lines = [f"{entry['count']} {name(entry['type'])}: {name(entry['reason'])}" for entry in entries]
    total = sum(entry["count"] for entry in entries)
    return _section(f"Not covered: {count(total, 'resource')}", lines, page, verbose=verbose)


def skipped(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """Files and folders passed over without loss, told on request; and what may be another's mistake, told always."""
    lines = [
        f"{number} {name(reason)}"
        for reason, number in sorted(report["run"]["skipped"].items())
        if verbose or reason.startswith(_ODD)
    ]
    return _section("Skipped", lines, page, verbose=verbose)


def _section(title: str, lines: Sequence[str], page: Page, *, verbose: bool) -> list[str]:
    if not lines:
        return []
    shown = lines if verbose else lines[:SHOWN]
    more = [f"  and {len(lines) - len(shown)} more (--verbose lists them)"] if len(lines) > len(shown) else []
    return [page.paint(title, "bold"), *(f"  {line}" for line in shown), *more, ""]
