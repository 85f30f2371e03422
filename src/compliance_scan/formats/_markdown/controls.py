"""The control report in Markdown: how each framework stands, what fails and why, what is for a person, what the
organisation declared not applicable."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from compliance_scan.formats._markdown.words import code, prose

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compliance_scan.model.report import Report
    from compliance_scan.model.report_controls import ControlStatus

MAX_PERSON = 200


def controls(
    report: Report, states: Mapping[str, str], table: Callable[[str, list[str], list[str]], list[str]]
) -> list[str]:
    """The sections, each a table that `table(title, columns, rows)` folds; nothing where no framework was selected."""
    entries = report["controls"]
    lines: list[str] = []
    for framework in dict.fromkeys(entry["framework"] for entry in entries):
        mine = [entry for entry in entries if entry["framework"] == framework]
        counts: Counter[str] = Counter(entry["status"] for entry in mine)
        told = " · ".join(f"{counts[key]} {text}" for key, text in states.items() if counts[key])
        lines.append(f"| **{prose(framework)}** | {told} | |")
        lines += [_open(entry, states) for entry in mine if entry["status"] in ("fail", "unknown")]
    out = table("Controls", ["Control", "Status", "Why"], lines)
    exempt = [entry for entry in entries if entry.get("exemption")]
    out += table(
        f"Statement of applicability: {len(exempt)} controls do not apply",
        ["Control", "Reason", "Owner", "Until"],
        [_exempt(entry) for entry in exempt],
    )
    person = [entry for entry in entries if entry["manual"] and not entry.get("exemption")]
    rows = [f"| {_named(entry)} | {prose(entry['manual'], 600)} |" for entry in person[:MAX_PERSON]]
    if len(person) > MAX_PERSON:
        rows.append(f"| | {len(person) - MAX_PERSON} more stand in the JSON report |")
    return out + table(f"For a person ({len(person)})", ["Control", "What to ask and collect"], rows)


def _named(entry: ControlStatus) -> str:
    return f"{prose(entry['framework'])} {code(entry['control'])} {prose(entry['title'])}"


def _open(entry: ControlStatus, states: Mapping[str, str]) -> str:
    why = entry.get("reason") or f"{entry['fail']} fail, {entry['unknown']} unknown"
    seen = entry.get("resources")
    told = f"; {seen} resources judged on {', '.join(entry['planes'])}" if seen else ""
    share = entry.get("evaluated_percent")
    told += f", {share:g} % evaluated" if share is not None else ""
    return f"| {code(entry['control'])} {prose(entry['title'])} | {states[entry['status']]} | {prose(why)}{told} |"


def _exempt(entry: ControlStatus) -> str:
    exemption = entry.get("exemption")
    if exemption is None:
        return ""
    owner, until = exemption["owner"] or "", exemption["until"] or ""
    found = f" ({entry['fail']} verdicts fail all the same)" if entry["fail"] else ""
    return f"| {_named(entry)} | {prose(exemption['reason'])}{found} | {prose(owner)} | {prose(until)} |"
