"""OSCAL assessment results: one result a framework, one finding a control, one observation a rule.

A control is `satisfied` only where rules decide all of it and it passes; what is unknown, partly decided, without
resources or for a person is `not-satisfied` with the reason `other` and says why. The same input gives the same bytes
but for what the run's time decides. Source: OSCAL assessment results model 1.1.2, NIST.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from compliance_scan.formats._oscal.ids import Names
from compliance_scan.formats._oscal.result import Results, prop, text
from compliance_scan.formats._shared import shown

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, ReportFinding, Verdict
    from compliance_scan.model.report_controls import ControlStatus

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown", "pass")
OSCAL_VERSION = "1.1.2"
NONE = "no-framework-selected"
"""OSCAL wants a control in every result; this one is in no catalog."""
PLAN = "The command line of the run and the rules are the plan; there is no other document."


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes the document; without a framework it has one result that reviews no control."""
    json.dump({"assessment-results": document(report, options)}, out, indent=1, ensure_ascii=True)
    out.write("\n")


def document(report: Report, options: FormatOptions) -> dict[str, Any]:
    """The value of `assessment-results`."""
    names = Names(report)
    by_rule: dict[str, list[ReportFinding]] = {}
    for finding in shown(report, options, VERDICTS):
        by_rule.setdefault(finding["rule"], []).append(finding)
    controls: dict[str, list[ControlStatus]] = {name: [] for name in report["run"]["frameworks"]}
    for entry in report["controls"]:
        controls.setdefault(entry["framework"], []).append(entry)
    made = Results(report, names, by_rule)
    results = [made.result(name, entries) for name, entries in controls.items() if entries]
    run, tool = report["run"], report["tool"]
    return {
        "uuid": names.uuid("document"),
        "metadata": {
            "title": text(f"Controls as {tool['name']} judged them"),
            "last-modified": run["started"],
            "version": text(run["started"]),
            "oscal-version": OSCAL_VERSION,
            "props": [prop("command", run["command"]), prop("rules-digest", tool["rules_digest"])],
        },
        "import-ap": {"href": f"#{names.uuid('plan')}"},
        "results": results or [_without_framework(report, names)],
        "back-matter": {"resources": [{"uuid": names.uuid("plan"), "title": "The plan", "description": PLAN}]},
    }


def _without_framework(report: Report, names: Names) -> dict[str, Any]:
    return {
        "uuid": names.uuid("result"),
        "title": "No framework",
        "description": "No framework was selected, so no control was reviewed.",
        "start": report["run"]["started"],
        "reviewed-controls": {"control-selections": [{"include-controls": [{"control-id": NONE}]}]},
    }
