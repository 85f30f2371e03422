"""The control report in text: each control that is not simply passing, with why and by what evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance_scan.formats._text.style import Page, name

if TYPE_CHECKING:
    from compliance_scan.model.report import Report
    from compliance_scan.model.report_controls import ControlStatus

OPEN = ("fail", "unknown")
MOST = 10
"""Controls of a framework that are listed where nobody asked for all (`--verbose`)."""
STYLES = {"fail": "bad", "unknown": "warn", "pass": "good", "pass_automated_part": "good"}


def controls(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """The controls of each selected framework: failing and unknown ones; with `verbose` all, with what is left for a
    person. Nothing where no framework was selected."""
    out: list[str] = []
    for framework in dict.fromkeys(entry["framework"] for entry in report["controls"]):
        entries = [entry for entry in report["controls"] if entry["framework"] == framework]
        listed = entries if verbose else [entry for entry in entries if entry["status"] in OPEN]
        listed = sorted(listed, key=lambda entry: entry["status"] != "fail") if not verbose else listed
        if not listed:
            continue
        info = report["frameworks"].get(framework)
        title = f"{info['title']} {info['version']}" if info else framework
        out.append(f"{page.paint('Controls', 'bold')} of {name(title)}")
        for entry in listed if verbose else listed[:MOST]:
            out += _control(entry, page, verbose=verbose)
        if len(listed) > MOST and not verbose:
            out.append(f"  and {len(listed) - MOST} more, see --verbose")
        out.append("")
    return out


def _control(entry: ControlStatus, page: Page, *, verbose: bool) -> list[str]:
    state = page.paint(entry["status"].replace("_", " "), STYLES.get(entry["status"], "dim"))
    out = [f"  {name(entry['control'])}  {state}  {name(entry['title'])}"]
    if entry.get("reason") and entry["status"] != "manual":
        out.append(f"      {name(entry['reason'])}")
    if verbose and entry.get("resources"):
        share = entry.get("evaluated_percent")
        told = f", {share:g} % evaluated" if share is not None else ""
        seen = f"{entry['resources']} resources on {', '.join(entry['planes'])}{told}"
        out.append(f"      evidence: {seen}")
    if verbose and entry["manual"]:
        out.append(f"      for a person: {name(entry['manual'])}")
    return out
