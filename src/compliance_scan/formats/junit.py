"""JUnit XML, as build servers show it among the tests: a suite a rule, a case a resource.

A failing finding is a failure; what cannot be known or is suppressed is skipped with its reason; what could not be read
is an error, in a suite of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TextIO

from compliance_scan.formats._groups import is_hidden
from compliance_scan.formats._shared import cut, harmless, is_open, shown, stamp, subject, words

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import IncompleteEntry, Report, ReportFinding, ReportRule, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown", "pass")
MAX_TEXT = 2000
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


class Suite(NamedTuple):
    """The cases of a rule instance."""

    name: str
    cases: list[str]
    failures: int
    errors: int
    skipped: int

    def xml(self, when: str) -> str:
        """The element."""
        counts = f'tests="{len(self.cases)}" failures="{self.failures}" errors="{self.errors}" skipped="{self.skipped}"'
        head = f'  <testsuite name="{_text(self.name)}" {counts} time="0" timestamp="{when}" hostname="localhost">'
        return "\n".join([head, *self.cases, "  </testsuite>"])


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes one document."""
    by_rule: dict[str, list[ReportFinding]] = {}
    for finding in shown(report, options, VERDICTS):
        by_rule.setdefault(finding["instance"], []).append(finding)
    suites = [_suite(report, name, members) for name, members in sorted(by_rule.items())]
    entries = report["incomplete"]
    if entries:
        suites.append(Suite("could not be read", [_unread(entry) for entry in entries], 0, len(entries), 0))
    run = report["run"]
    tests = sum(len(suite.cases) for suite in suites)
    failures, skipped = sum(suite.failures for suite in suites), sum(suite.skipped for suite in suites)
    counts = f'tests="{tests}" failures="{failures}" errors="{len(entries)}" skipped="{skipped}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="compliance-scan {_text(run["command"])}" {counts} time="{run["seconds"]}">')
    lines += [suite.xml(stamp(run)) for suite in suites]
    out.write("\n".join([*lines, "</testsuites>"]) + "\n")


def _suite(report: Report, name: str, findings: list[ReportFinding]) -> Suite:
    cases = [_case(finding, report["rules"][finding["rule"]]) for finding in findings]
    failures = sum(map(is_open, findings))
    skipped = sum(finding["verdict"] != "pass" for finding in findings) - failures
    return Suite(name, cases, failures, 0, skipped)


def _case(finding: ReportFinding, rule: ReportRule) -> str:
    place = finding["location"]
    at = f' file="{_text(place["file"])}" line="{place["line"]}"' if place else ""
    root = finding["resource"]["root"]
    name = f"{root}: {subject(finding)}" if root not in ("", ".") else subject(finding)
    head = f'    <testcase classname="{_text(finding["instance"])}" name="{_text(name)}"{at} time="0"'
    inner = _outcome(finding, rule)
    return f"{head}>{inner}</testcase>" if inner else head + "/>"


def _outcome(finding: ReportFinding, rule: ReportRule) -> str:
    if finding["verdict"] == "pass":
        return ""
    if is_open(finding):
        body = _text("\n".join(_details(finding, rule)), lines=True)
        return f'<failure message="{_text(words(finding))}" type="{finding["severity"]}">{body}</failure>'
    suppression = finding["suppression"]
    if finding["verdict"] == "fail" and suppression and is_hidden(finding):
        why = f"suppressed ({suppression['kind']}, {suppression['status']}): {suppression['reason'] or 'no reason'}"
    else:
        why = f"{finding['verdict'].replace('_', ' ')}: {words(finding)}"
    return f'<skipped message="{_text(why)}"/>'


def _details(finding: ReportFinding, rule: ReportRule) -> list[str]:
    place = finding["location"]
    lines = [rule["title"], words(finding)]
    if place:
        lines.append(f"at {place['file']}:{place['line']}:{place['column']}")
    lines += [f"{framework}: {', '.join(ids)}" for framework, ids in finding["controls"].items()]
    lines += [f"fix: {rule['fix'].strip()}"] if rule["fix"].strip() else []
    return [*lines, rule["help_uri"], finding["fingerprint"]]


def _unread(entry: IncompleteEntry) -> str:
    told = _text(f"{entry['message']}. {entry['hint']}".strip())
    head = f'<testcase classname="incomplete" name="{_text(entry["where"])}" time="0">'
    return f'    {head}<error message="{told}" type="{entry["kind"]}"/></testcase>'


def _text(text: str, *, lines: bool = False) -> str:
    """Text of an attribute or element; XML knows no control characters, not even as references."""
    return harmless(cut(text, MAX_TEXT), lines=lines).translate(_ENTITIES)
