"""Code, plan, state and account beside one another: what drifted, what each plane says, what a plan would do."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Literal

from compliance_scan.formats._text.findings import controls, count, where
from compliance_scan.formats._text.style import Page, cut, name, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.model.report import Json, Report, ReportFinding
    from compliance_scan.model.report_planes import Drift, PlaneRow

SHOWN = 20
MAX_VALUE = 60
MEANINGS = {
    "pass": "holds everywhere",
    "bad_everywhere": "bad everywhere: mend the code and apply",
    "fixed_in_code_not_applied": "mended in the code, not applied",
    "broken_in_code_not_applied": "broken in the code, not applied yet",
    "changed_in_console": "changed by hand in the account",
    "fixed_in_console": "mended by hand in the account: the next apply breaks it again",
    "resource_only_in_code": "only in the code",
    "resource_only_live_bad": "in no code, and bad",
    "resource_only_live": "in no code",
    "cannot_tell": "cannot be told",
}
_VERDICTS = {"pass": "pass", "fail": "FAIL", "unknown": "?", "not_applicable": "n/a", None: "-"}
_STYLES = {"pass": "good", "fail": "bad", "unknown": "warn", "not_applicable": "dim", None: "dim"}


def drift(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """Each resource that differs, with what was declared, what is, and which rules flip."""
    entries = report["drift"]
    if not entries:
        return []
    kinds = Counter(entry["kind"] for entry in entries)
    flipped = sum(bool(entry["rules"]) for entry in entries)
    numbers = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
    head = f"Drift: {count(len(entries), 'resource')}"
    out = [page.paint(head, "bold") + f" ({numbers}; {flipped} flip a rule)"]
    for entry in entries if verbose else entries[:SHOWN]:
        out += _drifted(entry, page, verbose=verbose)
    if len(entries) > SHOWN and not verbose:
        out.append(f"  and {len(entries) - SHOWN} more (--verbose lists them)")
    out += [f"  who changed what is not all known: {name(each)}" for each in report["run"].get("actors_unread", ())]
    return [*out, ""]


def _drifted(entry: Drift, page: Page, *, verbose: bool) -> list[str]:
    style = "bad" if entry["rules"] else "warn"
    of = f" ({name(entry['arn'])})" if entry["arn"] and entry["arn"] != entry["address"] else ""
    by = f", by {name(entry['actor'])}" if entry["actor"] else ""
    out = [f"  {page.paint(entry['kind'], style)} {page.paint(name(entry['address']), 'bold')}{of}{by}"]
    for each in entry["attributes"]:
        at = f" at {where(each['location'])}" if each["location"] else ""
        out.append(f"    {name(each['path'])}: declared {_value(each['declared'])}, live {_value(each['live'])}{at}")
    for flip in entry["rules"]:
        before, after = flip["declared"].replace("_", " "), flip["live"].replace("_", " ")
        out.append(f"    = {name(flip['rule'])}: {before} -> {page.paint(after, _STYLES[flip['live']])}")
    if entry["controls"]:
        out.append(f"    = controls: {controls(entry['controls'])}")
    if verbose and entry["joined_by"]:
        out.append(f"    = joined by {name(entry['joined_by'])}")
    for label in ("code", "account"):
        told = entry["remedy"]["code" if label == "code" else "account"]
        if told:
            lines = told.strip().split("\n") if verbose else told.strip().split("\n")[:1]
            more = " (--verbose shows the rest)" if not verbose and "\n" in told.strip() else ""
            out.append(f"    = to mend in the {label}: {name(lines[0])}{more}")
            out += [f"        {name(line)}" for line in lines[1:]]
    return out


def _value(value: Json) -> str:
    return cut(name(json.dumps(value, ensure_ascii=False)), MAX_VALUE) if value is not None else "nothing"


def planes(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """What each plane says of a rule and resource, where they do not all agree that it holds."""
    rows = report["planes"]
    if not rows:
        return []
    told = [row for row in rows if verbose or row["meaning"] not in ("pass", "resource_only_live")]
    out = [page.paint(f"Planes: {count(len(rows), 'verdict')} side by side", "bold")]
    for meaning, number in Counter(row["meaning"] for row in rows).most_common():
        out.append(f"  {number} {MEANINGS[meaning]}")
    shown = told if verbose else told[:SHOWN]
    if shown:
        out += _table(shown, page)
    if len(told) > len(shown):
        out.append(f"  and {len(told) - len(shown)} more (--verbose lists them)")
    return [*out, ""]


def _table(rows: Sequence[PlaneRow], page: Page) -> list[str]:
    columns: tuple[Literal["code", "plan", "state", "live"], ...] = ("code", "plan", "state", "live")
    used = [column for column in columns if any(row[column] is not None for row in rows)]
    heads = "".join(f"{column:>6}" for column in used)
    out = [page.paint(f"  {heads}  rule and resource", "dim")]
    for row in rows:
        cells = ""
        for column in used:
            verdict = row[column]
            text = _VERDICTS[verdict]
            cells += " " * (6 - width(text)) + page.paint(text, _STYLES[verdict])
        out.append(f"  {cells}  {name(row['instance'])} {name(row['address'])}: {MEANINGS[row['meaning']]}")
    return out


def gate(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """What a plan would do to the controls, and which findings come and go."""
    made = report.get("gate")
    if made is None:
        return []
    out = [page.paint(f"Gate: the plan touches {count(len(made['touched']), 'resource')}", "bold")]
    for entry in made["controls"]:
        before, after = entry["before"].replace("_", " "), entry["after"].replace("_", " ")
        style = "bad" if entry["after"] == "fail" else "good" if entry["after"].startswith("pass") else "warn"
        out.append(f"  {name(entry['framework'])} {name(entry['control'])}: {before} -> {page.paint(after, style)}")
    if not made["controls"]:
        out.append("  no control changes its status")
    out += _changes("newly failing", made["newly_failing"], "bad", page, verbose=verbose)
    out += _changes("mended", made["fixed"], "good", page, verbose=verbose)
    return [*out, ""]


def _changes(label: str, findings: Sequence[ReportFinding], style: str, page: Page, *, verbose: bool) -> list[str]:
    out = []
    for finding in findings if verbose else findings[:SHOWN]:
        place = finding["location"]
        at = f" at {where(place)}" if place else ""
        told = f": {name(finding['message'])}" if finding["message"] else ""
        subject = f"{finding['severity']} {name(finding['instance'])} {name(finding['resource']['address'])}"
        out.append(f"  {page.paint(label, style)} {subject}{at}{told}")
    if len(findings) > SHOWN and not verbose:
        out.append(f"  and {len(findings) - SHOWN} more {label} (--verbose lists them)")
    return out
