"""CycloneDX 1.6: what was judged as services, findings as their vulnerabilities, controls as attestations.

The standard has a place for each of the three: resources are services that an organisation runs, a failing rule is a
weakness of one that has no public name, and the standards with what supports or contradicts each requirement are its
attestations (CDXA), which an auditor's tools read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from compliance_scan.formats._cyclonedx import attestations
from compliance_scan.formats._groups import is_hidden
from compliance_scan.formats._sarif.places import web_address
from compliance_scan.formats._shared import cut, harmless, shown, stamp, subject, words
from compliance_scan.formats.json import dumps

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, ReportFinding, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail",)
SEVERITIES = {"critical": "critical", "high": "high", "medium": "medium", "low": "low", "info": "info"}
MAX_TEXT = 2000


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes one document; `serialNumber` is left out so that equal runs give equal files."""
    findings = shown(report, options, VERDICTS)
    services: dict[str, dict[str, Any]] = {}
    for finding in findings:
        services.setdefault(_ref(finding), _service(finding))
    made: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": _metadata(report),
        "services": list(services.values()),
        "vulnerabilities": _vulnerabilities(report, findings),
        **attestations.parts(report),
    }
    parts = [f"{dumps(key)}: {_lines(value)}" for key, value in made.items() if value]
    out.write("{" + ",\n".join(parts) + "}\n")


def _lines(value: Any) -> str:
    return "[\n" + ",\n".join(map(dumps, value)) + "]" if isinstance(value, list) else dumps(value)


def _metadata(report: Report) -> dict[str, Any]:
    tool, run = report["tool"], report["run"]
    named: dict[str, Any] = {"type": "application", "name": tool["name"], "version": tool["version"]}
    address = web_address(tool["information_uri"])
    if address:
        named["externalReferences"] = [{"type": "website", "url": address}]
    properties = {"exit": f"{run['exit_code']}: {run['exit_reason']}", "command": run["command"], "as-of": run["as_of"]}
    entries = [{"name": f"compliance-scan:{key}", "value": _clean(value)} for key, value in properties.items()]
    entries += [
        {"name": "compliance-scan:incomplete", "value": _clean(f"{each['kind']} {each['where']}: {each['message']}")}
        for each in report["incomplete"]
    ]
    return {"timestamp": stamp(run) + "Z", "tools": {"components": [named]}, "properties": entries}


def _ref(finding: ReportFinding) -> str:
    resource = finding["resource"]
    return _clean(f"{resource['plane']}:{resource['root']}:{subject(finding)}")


def _service(finding: ReportFinding) -> dict[str, Any]:
    resource = finding["resource"]
    known = {key: resource[key] for key in ("type", "plane", "root", "arn", "account", "region") if resource[key]}
    return {
        "bom-ref": _ref(finding),
        "name": _clean(resource["address"]) or "-",
        "properties": [{"name": f"compliance-scan:{key}", "value": _clean(str(value))} for key, value in known.items()],
    }


def _vulnerabilities(report: Report, findings: list[ReportFinding]) -> list[dict[str, Any]]:
    """One a rule instance and state of its analysis, with all services that it affects."""
    made: dict[tuple[str, str, str], dict[str, Any]] = {}
    for finding in findings:
        analysis = _analysis(finding)
        key = (finding["instance"], finding["severity"], dumps(analysis))
        entry = made.get(key)
        if entry is None:
            entry = made[key] = _vulnerability(report, finding, analysis, len(made))
        reference = {"ref": _ref(finding)}
        if reference not in entry["affects"][-1:]:
            entry["affects"].append(reference)
        entry["properties"].append({"name": "compliance-scan:finding", "value": _told(finding)})
    return list(made.values())


def _vulnerability(report: Report, finding: ReportFinding, analysis: dict[str, Any], number: int) -> dict[str, Any]:
    rule, tool = report["rules"][finding["rule"]], report["tool"]
    source = {"name": tool["name"]}
    address = web_address(rule["help_uri"])
    if address:
        source["url"] = address
    return {
        "bom-ref": f"finding-{number}-{finding['code']}",
        "id": finding["code"],
        "source": source,
        "ratings": [{"source": {"name": tool["name"]}, "severity": SEVERITIES[finding["severity"]], "method": "other"}],
        "description": _clean(rule["title"]),
        "detail": _clean(rule["why"]) or _clean(rule["title"]),
        "recommendation": _clean(rule["fix"]) or "See the rule's page.",
        "analysis": analysis,
        "affects": [],
        "properties": [{"name": "compliance-scan:rule", "value": finding["instance"]}],
    }


def _analysis(finding: ReportFinding) -> dict[str, Any]:
    suppression = finding["suppression"]
    if suppression is None or not is_hidden(finding):
        return {"state": "exploitable" if finding["verdict"] == "fail" else "in_triage"}
    told = " ".join(filter(None, (suppression["reason"], suppression["owner"], suppression["until"])))
    if suppression["status"] == "under_review":
        return {"state": "in_triage", "detail": _clean(told) or "no reason was given"}
    return {"state": "exploitable", "response": ["will_not_fix"], "detail": _clean(told) or "accepted"}


def _told(finding: ReportFinding) -> str:
    place = finding["location"]
    at = f" at {place['file']}:{place['line']}" if place else ""
    return _clean(f"{finding['fingerprint']} {finding['resource']['address']}{at}: {words(finding)}")


def _clean(text: str) -> str:
    return harmless(cut(text.strip(), MAX_TEXT))
