"""OCSF 1.5 events of class Compliance Finding (2003), a list with one event a line, for lakes and SIEMs.

What a rule passes is an event too: such a consumer keeps the evidence, and an event that ends an earlier failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from compliance_scan.formats._groups import is_hidden
from compliance_scan.formats._shared import cut, harmless, milliseconds, shown, subject, words
from compliance_scan.formats.json import dumps

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, ReportFinding, ReportRule, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown", "pass")
VERSION = "1.5.0"
SEVERITIES = {
    "critical": (5, "Critical"),
    "high": (4, "High"),
    "medium": (3, "Medium"),
    "low": (2, "Low"),
    "info": (1, "Informational"),
}
STATUSES = {
    "pass": (1, "Pass"),
    "unknown": (2, "Warning"),
    "fail": (3, "Fail"),
    "not_applicable": (99, "Not applicable"),
}
MAX_TEXT = 4000


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes the events."""
    metadata = _metadata(report)
    time = milliseconds(report["run"])
    lines = [dumps(_event(report, finding, metadata, time)) for finding in shown(report, options, VERDICTS)]
    out.write("[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n")


def _metadata(report: Report) -> dict[str, Any]:
    tool = report["tool"]
    product = {
        "name": tool["name"],
        "vendor_name": tool["name"],
        "version": tool["version"],
        "url_string": tool["information_uri"],
        "lang": "en",
    }
    return {"version": VERSION, "product": product, "profiles": ["cloud", "datetime"]}


def _event(report: Report, finding: ReportFinding, metadata: dict[str, Any], time: int) -> dict[str, Any]:
    rule = report["rules"][finding["rule"]]
    severity, severity_name = SEVERITIES[finding["severity"]]
    status, status_name = _status(finding)
    compliance, compliance_name = STATUSES[finding["verdict"]]
    message = _clean(words(finding))
    made: dict[str, Any] = {
        "metadata": {**metadata, "event_code": finding["code"], "uid": finding["fingerprint"]},
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200301,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity,
        "severity": severity_name,
        "status_id": status,
        "status": status_name,
        "status_code": compliance_name.upper(),
        "status_detail": message,
        "message": message,
        "finding_info": {
            "uid": finding["fingerprint"] or f"{finding['instance']}:{_clean(subject(finding))}",
            "title": _clean(rule["title"]),
            "desc": _clean(rule["why"]) or _clean(rule["title"]),
            "created_time": time,
            "types": list(rule["objectives"]),
            "src_url": rule["help_uri"],
            "analytic": {"name": finding["instance"], "uid": finding["rule"], "type_id": 1, "type": "Rule"},
        },
        "compliance": _compliance(finding, rule, compliance),
        "resources": [_resource(finding)],
        "unmapped": _unmapped(finding),
    }
    if rule["fix"].strip():
        made["remediation"] = {"desc": _clean(rule["fix"]), "references": [rule["help_uri"]]}
    return made | _cloud(report, finding)


def _status(finding: ReportFinding) -> tuple[int, str]:
    if finding["verdict"] == "pass":
        return 4, "Resolved"
    if is_hidden(finding):
        return 3, "Suppressed"
    return (2, "In Progress") if finding["baseline"] == "unchanged" else (1, "New")


def _compliance(finding: ReportFinding, rule: ReportRule, status: int) -> dict[str, Any]:
    controls = finding["controls"]
    return {
        "control": finding["instance"],
        "desc": _clean(rule["title"]),
        "standards": list(controls),
        "requirements": [f"{framework} {one}" for framework, ids in controls.items() for one in ids],
        "status_id": status,
        "status": STATUSES[finding["verdict"]][1],
    }


def _resource(finding: ReportFinding) -> dict[str, Any]:
    resource, place = finding["resource"], finding["location"]
    data: dict[str, Any] = {"plane": resource["plane"], "root": _clean(resource["root"])}
    if place:
        data["location"] = {**place, "file": _clean(place["file"])}
    made: dict[str, Any] = {
        "uid": _clean(subject(finding)),
        "name": _clean(resource["address"]),
        "type": resource["type"],
        "data": data,
    }
    if resource["region"]:
        made["region"] = resource["region"]
    if resource["arn"]:
        made["cloud_partition"] = resource["arn"].split(":")[1] if resource["arn"].count(":") > 1 else "aws"
    return made


def _cloud(report: Report, finding: ReportFinding) -> dict[str, Any]:
    """The profile `cloud`, where an account is known."""
    resource = finding["resource"]
    account = resource["account"] or (report["run"]["account"] if resource["plane"] == "live" else None)
    if not account:
        return {}
    made: dict[str, Any] = {
        "provider": "AWS",
        "account": {"uid": account, "name": account, "type": "AWS Account", "type_id": 10},
    }
    return {"cloud": made | ({"region": resource["region"]} if resource["region"] else {})}


def _unmapped(finding: ReportFinding) -> dict[str, Any]:
    """What the class has no attribute for."""
    made: dict[str, Any] = {"rule": finding["rule"], "verdict": finding["verdict"], "path": _clean(finding["path"])}
    if finding["unknown_cause"]:
        made["unknown_cause"] = finding["unknown_cause"]
    if finding["baseline"]:
        made["baseline"] = finding["baseline"]
    if finding["suppression"]:
        made["suppression"] = {
            key: _clean(value) if isinstance(value, str) else value for key, value in finding["suppression"].items()
        }
    if finding["statements"]:
        made["statements"] = [_clean(one) for one in finding["statements"]]
    return made


def _clean(text: str) -> str:
    return harmless(cut(text.strip(), MAX_TEXT), lines=True)
