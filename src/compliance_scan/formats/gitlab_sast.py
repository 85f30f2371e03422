"""GitLab's security report of kind SAST (schema 15): failing findings for the merge request and the dashboard.

Suppressed findings are left out, since GitLab has its own way to dismiss one; what could not be read stands among the
scan's messages, and the scan then says that it failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from compliance_scan.formats._groups import is_hidden
from compliance_scan.formats._sarif.places import web_address
from compliance_scan.formats._shared import cut, fingerprints_once, from_root, harmless, place_of, shown, stamp, subject
from compliance_scan.formats._shared import words as said
from compliance_scan.formats.json import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, ReportFinding, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail",)
VERSION = "15.1.4"
SEVERITIES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low", "info": "Info"}
MAX_NAME = 255
MAX_SOLUTION = 7000
MAX_IDENTIFIERS = 20
MAX_TEXT = 10_000


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes one document, a vulnerability a line."""
    findings = [each for each in fingerprints_once(shown(report, options, VERDICTS)) if not is_hidden(each)]
    relative = from_root(report["run"])
    lines = [dumps(_vulnerability(report, finding, relative)) for finding in findings]
    inner = "\n" + ",\n".join(lines) + "\n" if lines else ""
    out.write(f'{{"version": "{VERSION}",\n"scan": {dumps(_scan(report))},\n"vulnerabilities": [{inner}]}}\n')


def _scan(report: Report) -> dict[str, Any]:
    tool, run = report["tool"], report["run"]
    name = {"id": tool["name"], "name": tool["name"], "version": tool["version"], "vendor": {"name": tool["name"]}}
    address = web_address(tool["information_uri"])
    if address:
        name["url"] = address
    made: dict[str, Any] = {
        "analyzer": name,
        "scanner": name,
        "type": "sast",
        "start_time": stamp(run),
        "end_time": stamp(run, run["seconds"]),
        "status": "failure" if report["incomplete"] else "success",
    }
    if report["incomplete"]:
        made["messages"] = [
            {"level": "warn", "value": harmless(cut(f"{entry['where']}: {entry['message']}", MAX_TEXT)) or "unknown"}
            for entry in report["incomplete"]
        ]
    return made


def _vulnerability(report: Report, finding: ReportFinding, relative: Callable[[str], str]) -> dict[str, Any]:
    rule, place = report["rules"][finding["rule"]], place_of(finding)
    file = harmless(relative(place["file"]))
    start, end = place["line"], max(place["end_line"], place["line"])
    controls = [f"{framework}: {', '.join(ids)}" for framework, ids in finding["controls"].items()]
    about = "\n\n".join([f"{said(finding)} ({subject(finding)})", rule["why"].strip(), *controls]).strip()
    made: dict[str, Any] = {
        "id": finding["fingerprint"] or f"{finding['instance']}:{file}:{start}",
        "name": harmless(cut(rule["title"], MAX_NAME)),
        "description": harmless(cut(about, MAX_TEXT), lines=True),
        "severity": SEVERITIES[finding["severity"]],
        "identifiers": _identifiers(report, finding),
        "location": {
            "file": file,
            "start_line": start,
            "end_line": end,
            "class": harmless(cut(subject(finding), MAX_NAME)),
        },
        "tracking": {
            "type": "source",
            "items": [
                {
                    "file": file,
                    "start_line": start,
                    "end_line": end,
                    "signatures": [{"algorithm": "hash", "value": finding["fingerprint"] or "-"}],
                }
            ],
        },
    }
    if rule["fix"].strip():
        made["solution"] = harmless(cut(rule["fix"].strip(), MAX_SOLUTION), lines=True)
    address = web_address(rule["help_uri"])
    if address:
        made["links"] = [{"name": "Rule", "url": address}]
    return made


def _identifiers(report: Report, finding: ReportFinding) -> list[dict[str, str]]:
    """Our rule first (GitLab compares by it), then the same rule of peers and the controls."""
    rule = report["rules"][finding["rule"]]
    made = [{"type": "compliance_scan_rule", "name": cut(finding["instance"], MAX_NAME), "value": finding["code"]}]
    address = web_address(rule["help_uri"])
    if address:
        made[0]["url"] = address
    made += [
        {"type": f"{peer}_id", "name": cut(one, MAX_NAME), "value": cut(one, MAX_NAME)}
        for peer, ids in rule["equivalents"].items()
        for one in ids["same"]
    ]
    made += [
        {"type": cut(framework, MAX_NAME), "name": cut(f"{framework} {one}", MAX_NAME), "value": cut(one, MAX_NAME)}
        for framework, ids in finding["controls"].items()
        for one in ids
    ]
    return made[:MAX_IDENTIFIERS]
