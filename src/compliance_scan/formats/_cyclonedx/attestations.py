"""Frameworks as CycloneDX standards, what a run says of their controls as attestations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.formats._shared import cut, harmless

if TYPE_CHECKING:
    from compliance_scan.model.report import Report
    from compliance_scan.model.report_controls import ControlStatus

MAX_TEXT = 2000
TARGET = "organization"
ASSESSOR = "assessor"


def parts(report: Report) -> dict[str, Any]:
    """`definitions` and `declarations`; nothing where no framework was selected."""
    by_framework: dict[str, list[ControlStatus]] = {}
    for entry in report["controls"]:
        by_framework.setdefault(entry["framework"], []).append(entry)
    if not by_framework:
        return {}
    claims: list[dict[str, Any]] = []
    made = [_attestation(framework, entries, claims) for framework, entries in by_framework.items()]
    declarations: dict[str, Any] = {
        "assessors": [{"bom-ref": ASSESSOR, "thirdParty": False, "organization": {"name": report["tool"]["name"]}}],
        "attestations": made,
        "targets": {"organizations": [{"bom-ref": TARGET, "name": "what was scanned"}]},
    }
    if claims:
        declarations["claims"] = claims
    standards = [_standard(report, framework, entries) for framework, entries in by_framework.items()]
    return {"definitions": {"standards": standards}, "declarations": declarations}


def _standard(report: Report, framework: str, entries: list[ControlStatus]) -> dict[str, Any]:
    info = report["frameworks"].get(framework)
    made: dict[str, Any] = {"bom-ref": f"standard/{framework}", "name": _clean(info["title"] if info else framework)}
    if info:
        made["version"] = info["version"]
    made["requirements"] = [
        {
            "bom-ref": _requirement(entry),
            "identifier": entry["control"],
            "title": _clean(entry["title"]) or entry["control"],
        }
        for entry in entries
    ]
    return made


def _attestation(framework: str, entries: list[ControlStatus], claims: list[dict[str, Any]]) -> dict[str, Any]:
    mapped = []
    for entry in entries:
        conformance = _conformance(entry)
        item: dict[str, Any] = {"requirement": _requirement(entry)}
        if conformance is not None:
            item["conformance"] = conformance
        if entry["status"] in ("pass", "pass_automated_part", "fail"):
            reference = f"claim/{framework}/{entry['control']}"
            failed = entry["status"] == "fail"
            item["counterClaims" if failed else "claims"] = [reference]
            claims.append({"bom-ref": reference, "target": TARGET, "predicate": _predicate(entry)})
        mapped.append(item)
    return {"summary": f"What rules decide of {framework}.", "assessor": ASSESSOR, "map": mapped}


def _predicate(entry: ControlStatus) -> str:
    told = f"{entry['fail']} findings contradict" if entry["status"] == "fail" else f"{entry['pass']} verdicts support"
    more = f" {entry['manual']}" if entry["manual"] else ""
    return _clean(f"{told} {entry['framework']} {entry['control']}.{more}")


def _conformance(entry: ControlStatus) -> dict[str, Any] | None:
    """How much of what was judged holds; None where nothing was."""
    judged = entry["pass"] + entry["fail"] + entry["unknown"]
    if not judged or entry["status"] == "manual":
        return None
    told = f"Status: {entry['status'].replace('_', ' ')}; coverage by rules: {entry['coverage']}. {entry['manual']}"
    return {"score": round(entry["pass"] / judged, 4), "rationale": _clean(told)}


def _requirement(entry: ControlStatus) -> str:
    return f"requirement/{entry['framework']}/{entry['control']}"


def _clean(text: str) -> str:
    return harmless(cut(text.strip(), MAX_TEXT))
