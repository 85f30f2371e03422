"""Findings for a person: what fails, file by file, and what could not be judged, cause by cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance_scan.formats._groups import Group, grouped
from compliance_scan.formats._text.excerpt import excerpt, line_of
from compliance_scan.formats._text.style import Page, name, prose, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.model.report import Location, Report, ReportFinding, ReportRule

ADDRESSES = 3
PLACES = 3
UNKNOWNS = 5

CAUSES = {
    "variable_without_value": ("a variable has no value here", "give it with --var or --var-file"),
    "computed": ("known only after apply", "the plan or the account can tell, the code cannot"),
    "module_not_fetched": ("a module is not fetched", "run terraform init, then scan again"),
    "unsupported_expression": ("an expression that is not evaluated", "the plan can tell"),
    "impure": ("the value differs from run to run", "the plan can tell"),
    "outside_root": ("the value lies outside the repository root", "scan a root that holds it: --root DIR"),
    "limit_reached": ("too large to evaluate", "scan its parts one by one"),
    "denied": ("a permission was denied", "grant what the notes below name"),
    "throttled": ("the service refused for too many calls", "run again later"),
    "region_disabled": ("the region is disabled", ""),
    "unsupported": ("the service does not offer this here", ""),
    "not_collected": ("not collected", ""),
    "ambiguous_join": ("two declarations contradict each other", "keep one of them"),
    "redacted": ("the value was removed before the scan", ""),
    "error": ("the value is not of the type that the rule expects, or the rule failed", "see the notes below"),
}


def failing(findings: Sequence[ReportFinding], report: Report, page: Page, *, verbose: bool) -> list[str]:
    """What fails, grouped by file, most pressing things of a file not torn from their lines."""
    out: list[str] = []
    file = None
    for group in grouped(findings):
        place = group.first["location"]
        here = place["file"] if place else ""
        if here != file:
            file = here
            out += [page.paint(name(here) or "(no place in a file)", "bold"), ""]
        out += [*_finding(group, report["rules"][group.first["rule"]], page, verbose=verbose), ""]
    return out


def _finding(group: Group, rule: ReportRule, page: Page, *, verbose: bool) -> list[str]:
    first = group.first
    severity = page.paint(first["severity"], first["severity"])
    out = [f"  {severity} {page.paint(name(first['instance']), 'bold')}: {name(rule['title'])}{_marks(first, rule)}"]
    place = first["location"]
    at = f"at {page.paint(where(place), 'bold')}, in " if place else "in "
    out += [
        f"    {at}{line}" if index == 0 else f"      {line}"
        for index, line in enumerate(_addresses(group, verbose=verbose))
    ]
    if place:
        out += excerpt(place, first["context"], name(first["message"]), first["severity"], page)
    else:
        out.append(f"     = {page.paint(name(first['message']), first['severity'])}")
    out += _related(group, page, verbose=verbose)
    for label, text in _notes(group, rule, verbose=verbose):
        lines = wrapped(text, page.columns - 9 - len(label))
        out.append(f"     = {page.paint(label, 'dim')}: {lines[0]}")
        out += [f"       {' ' * len(label)}  {line}" for line in lines[1:]]
    return out


def _marks(finding: ReportFinding, rule: ReportRule) -> str:
    marks = []
    if finding["baseline"] in ("new", "worsened"):
        marks.append(str(finding["baseline"]))
    if rule["status"] == "preview":
        marks.append("preview")
    return f" ({', '.join(marks)})" if marks else ""


def _addresses(group: Group, *, verbose: bool) -> list[str]:
    addresses = group.addresses
    if len(addresses) == 1:
        resource = group.first["resource"]
        condition = " (if it exists)" if resource["conditional"] else ""
        root = f", root {name(resource['root'])}" if resource["root"] not in ("", ".") else ""
        return [f"{name(addresses[0])}{condition}{root}"]
    shown = addresses if verbose else addresses[:ADDRESSES]
    more = len(addresses) - len(shown)
    rest = [f"and {more} more (--verbose lists them)"] if more else []
    return [f"{len(addresses)} resources:", *map(name, shown), *rest]


def _related(group: Group, page: Page, *, verbose: bool) -> list[str]:
    out = []
    entries = group.related
    for entry in entries if verbose else entries[:PLACES]:
        place = entry["location"]
        at = f": {where(place)}" if place else ""
        of = f" ({name(entry['address'])})" if entry["address"] else ""
        out.append(f"     = {page.paint(name(entry['message']), 'dim')}{at}{of}")
        if place and (line := line_of(place, entry.get("context"), page)):
            out.append(line)
    if len(entries) > PLACES and not verbose:
        out.append(f"     = and {len(entries) - PLACES} more places (--verbose lists them)")
    return out


def _notes(group: Group, rule: ReportRule, *, verbose: bool) -> list[tuple[str, str]]:
    first = group.first
    notes = []
    suppression = first["suppression"]
    if suppression and suppression["status"] == "expired":
        since = f" on {name(suppression['until'])}" if suppression["until"] else ""
        notes.append(("suppression expired" + since, f"{name(suppression['reason'])}{_at(suppression['where'])}"))
    fix = first["fix"]
    if fix:
        notes.append(("safe fix" if fix["safe"] else "fix", name(fix["description"])))
    if rule["fix"].strip() and (verbose or not fix):
        notes.append(("fix" if not fix else "remedy", prose(rule["fix"])))
    if first["controls"]:
        notes.append(("controls", controls(first["controls"])))
    if first["statements"]:
        notes.append(("statements", ", ".join(map(name, first["statements"]))))
    if verbose:
        notes.append(("why", prose(rule["why"])))
        if rule["help_uri"]:
            notes.append(("help", name(rule["help_uri"])))
        notes += [("fingerprint", name(finding["fingerprint"])) for finding in group.findings]
    return notes


def controls(named: dict[str, list[str]]) -> str:
    """`pci-dss-4.0.1 3.5.1; soc2-2017 CC6.1, CC6.7`."""
    return "; ".join(f"{name(framework)} {', '.join(map(name, ids))}" for framework, ids in named.items())


def where(place: Location) -> str:
    """`main.tf:7:3`, as editors and terminals open it."""
    return f"{name(place['file'])}:{place['line']}:{place['column']}"


def _at(source: str | None) -> str:
    return f" ({name(source)})" if source else ""


def unknown(findings: Sequence[ReportFinding], page: Page, *, verbose: bool) -> list[str]:
    """What could not be judged, by cause and by what exactly is missing."""
    if not findings:
        return []
    out = [page.paint(f"Unknown: {count(len(findings), 'verdict')} that cannot be decided from what was read", "bold")]
    for cause, members in _by(findings, "unknown_cause").items():
        words, hint = CAUSES.get(cause, (cause.replace("_", " "), ""))
        out.append(f"  {name(words)} ({len(members)}){': ' + hint if hint else ''}")
        for detail, alike in _by(members, "unknown_detail").items():
            out.append(f"    {name(detail) or 'no detail'}")
            shown = alike if verbose else alike[:UNKNOWNS]
            out += [f"      {line}" for line in map(one_line, shown)]
            if len(alike) > len(shown):
                out.append(f"      and {len(alike) - len(shown)} more (--verbose lists them)")
    return [*out, ""]


def _by(findings: Sequence[ReportFinding], key: str) -> dict[str, list[ReportFinding]]:
    found: dict[str, list[ReportFinding]] = {}
    for finding in findings:
        found.setdefault(str(finding.get(key) or ""), []).append(finding)
    return dict(sorted(found.items(), key=lambda entry: -len(entry[1])))


def one_line(finding: ReportFinding) -> str:
    """`high aws-rds-storage-encrypted main.tf:14:3 aws_db_instance.main`."""
    place = finding["location"]
    parts = [
        finding["severity"],
        name(finding["instance"]),
        where(place) if place else "",
        name(finding["resource"]["address"]),
    ]
    return " ".join(part for part in parts if part)


def others(findings: Sequence[ReportFinding], page: Page) -> list[str]:
    """Passes and what does not apply, where asked for: one line each."""
    if not findings:
        return []
    words = {"pass": page.paint("pass", "good"), "not_applicable": page.paint("not applicable", "dim")}
    return [*(f"{words[finding['verdict']]} {one_line(finding)}" for finding in findings), ""]


def terse(findings: Sequence[ReportFinding], page: Page) -> list[str]:
    """One line a finding, as compilers write it."""
    out = []
    for group in grouped(findings):
        first, place = group.first, group.first["location"]
        more = f" and {len(group.addresses) - 1} more" if len(group.addresses) > 1 else ""
        at = f"{where(place)}: " if place else ""
        label = first["severity"] if first["verdict"] == "fail" else first["verdict"].replace("_", " ")
        out.append(
            f"{at}{page.paint(label, first['severity'])} {name(first['instance'])}: "
            f"{name(first['message']) or 'holds'} [{name(group.addresses[0])}{more}]"
        )
    return out


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
