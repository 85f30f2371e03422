"""Findings as results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.formats._groups import Group, grouped
from compliance_scan.formats._sarif.messages import cut, plain
from compliance_scan.formats._sarif.places import region
from compliance_scan.formats._sarif.rules import LEVELS
from compliance_scan.formats._sarif.taxonomies import sentence
from compliance_scan.formats.json import dumps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.formats._sarif.places import Places
    from compliance_scan.formats._sarif.profiles import Profile
    from compliance_scan.formats._sarif.rules import Rules
    from compliance_scan.formats._sarif.taxonomies import Taxonomies
    from compliance_scan.model.report import Fix, Report, ReportFinding, Suppression

KINDS = {"fail": "fail", "pass": "pass", "not_applicable": "notApplicable", "unknown": "open"}
BASELINE = {"new": "new", "unchanged": "unchanged", "worsened": "updated", "absent": "absent"}
RANKS = {"critical": 95.0, "high": 80.0, "medium": 55.0, "low": 20.0, "info": 5.0}
STATUS = {"accepted": "accepted", "under_review": "underReview", "expired": "rejected"}
IN_SOURCE = ("inline", "foreign")
ADDRESSES_TOLD = 10
MAX_RELATED = 100
FINGERPRINT = "complianceScan/v1"
PLANES = ("code", "plan", "state", "live")
LINE_HASH = "primaryLocationLineHash"


class Results:
    """Makes results for one profile."""

    def __init__(self, report: Report, profile: Profile, places: Places, rules: Rules, taxonomies: Taxonomies) -> None:
        self._report = report
        self._profile = profile
        self._places = places
        self._rules = rules
        self._taxonomies = taxonomies
        self._ends: dict[str, str] = {}
        self._planes = {(row["instance"], row["address"]): row for row in report["planes"]}
        gate = report.get("gate")
        self._newly = {each["fingerprint"] for each in gate["newly_failing"]} if gate is not None else frozenset[str]()
        self._compared = any(finding["baseline"] for finding in report["findings"])

    def lines(self, findings: Sequence[ReportFinding]) -> list[str]:
        """`run.results`, each as JSON already: 25,000 results as objects would cost more than all the rest."""
        groups = grouped(findings) if self._profile.grouped else (Group([finding]) for finding in findings)
        return [dumps(self._result(group))[:-1] + self._taxa(group.controls) for group in groups]

    def _taxa(self, controls: dict[str, list[str]]) -> str:
        """The end of a result: its controls, which are the same for all results of a rule."""
        key = repr(controls)
        known = self._ends.get(key)
        if known is None:
            taxa = self._taxonomies.references(controls)
            known = self._ends[key] = f', "taxa": {dumps(taxa)}}}' if taxa else "}"
        return known

    def _result(self, group: Group) -> dict[str, Any]:
        first = group.first
        kind = KINDS[first["verdict"]]
        made: dict[str, Any] = {
            "ruleId": first["code"],
            "ruleIndex": self._rules.index(first),
            "kind": kind,
            "level": LEVELS[first["severity"]] if kind == "fail" else "none",
            "message": self._rules.message(first, _affected(group.addresses)),
            "locations": [self._location(group)],
            "fingerprints": {FINGERPRINT: first["fingerprint"]},
        }
        if first["line_hash"]:
            made["partialFingerprints"] = {LINE_HASH: first["line_hash"]}
        related = self._related(group)
        if related:
            made["relatedLocations"] = related
        if first["fix"] and first["fix"]["edits"]:
            made["fixes"] = [self._fix(first["fix"])]
        if self._profile.suppressed:
            made["suppressions"] = [self._suppression(first["suppression"])] if first["suppression"] else []
        if self._compared:
            made["baselineState"] = BASELINE[first["baseline"] or "unchanged"]
        if self._profile.rank:
            made["rank"] = RANKS[first["severity"]]
        made["properties"] = {**_properties(group), **self._beside(first)}
        return made

    def _beside(self, finding: ReportFinding) -> dict[str, Any]:
        """What the other planes say of the same, and whether a plan breaks it."""
        made: dict[str, Any] = {}
        row = self._planes.get((finding["instance"], finding["resource"]["address"]))
        if row is not None:
            told = {plane: row[plane] for plane in PLANES if row[plane] is not None}  # type: ignore[literal-required]
            made["planes"] = {**told, "meaning": row["meaning"]}
            if "why" in row:
                made["planes"]["why"] = plain(cut(row["why"]))
            if "from_live" in row:
                made["planes"]["fromLive"] = row["from_live"]
        if finding["fingerprint"] in self._newly:
            made["gate"] = "newlyFailing"
        return made

    def _location(self, group: Group) -> dict[str, Any]:
        first = group.first
        place = first["location"]
        if place is None:
            physical = self._places.fallback(self._report)
        else:
            physical = self._places.physical(place, first["context"], first["snippet"])
        return {
            "physicalLocation": physical,
            "logicalLocations": [_logical(finding) for finding in group.findings],
        }

    def _related(self, group: Group) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for entry in group.related[:MAX_RELATED]:
            place = entry["location"]
            if place is None and self._profile.from_root:
                continue  # a consumer may refuse the whole file for a location without a file
            location: dict[str, Any] = {
                "id": len(made) + 1,
                "message": {"text": sentence(cut(entry["message"]))},
            }
            if place is not None:
                location["physicalLocation"] = self._places.physical(place, entry.get("context"))
            if entry["address"]:
                name = entry["address"]
                location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "resource"}]
            made.append(location)
        return made

    def _fix(self, fix: Fix) -> dict[str, Any]:
        changes: dict[str, list[dict[str, Any]]] = {}
        for edit in fix["edits"]:
            replacement = {"deletedRegion": region(edit), "insertedContent": {"text": edit["text"]}}
            changes.setdefault(edit["file"], []).append(replacement)
        return {
            "description": {"text": sentence(cut(fix["description"] or "Change the source"))},
            "artifactChanges": [
                {"artifactLocation": self._places.artifact(file), "replacements": replacements}
                for file, replacements in changes.items()
            ],
        }

    def _suppression(self, suppression: Suppression) -> dict[str, Any]:
        made: dict[str, Any] = {
            "kind": "inSource" if suppression["kind"] in IN_SOURCE else "external",
            "status": STATUS[suppression["status"]],
            "justification": cut(suppression["reason"]) or "No reason was given.",
            "properties": {key: suppression[key] for key in ("kind", "owner", "until", "where") if suppression[key]},
        }
        file, _, line = (suppression["where"] or "").rpartition(":")
        if file and line.isdecimal():
            made["location"] = {
                "physicalLocation": {
                    "artifactLocation": self._places.artifact(file),
                    "region": {"startLine": max(int(line), 1)},
                }
            }
        return made


def _affected(addresses: list[str]) -> str:
    told = ", ".join(addresses[:ADDRESSES_TOLD])
    more = len(addresses) - ADDRESSES_TOLD
    return f"{told} and {more} more" if more > 0 else told


def _logical(finding: ReportFinding) -> dict[str, Any]:
    resource = finding["resource"]
    return {
        "name": resource["address"],
        "fullyQualifiedName": resource["arn"] or resource["address"],
        "kind": "resource",
    }


def _properties(group: Group) -> dict[str, Any]:
    """What only our own readers look for."""
    first = group.first
    resource = first["resource"]
    made: dict[str, Any] = {"rule": first["rule"], "severity": first["severity"], "root": resource["root"]}
    if first["instance"] != first["rule"]:
        made["instance"] = first["instance"]
    if len(group.findings) > 1:
        made["otherFingerprints"] = [finding["fingerprint"] for finding in group.findings[1:]]
    if resource["conditional"]:
        made["conditional"] = True
    if first["unknown_cause"]:
        made["unknownCause"] = first["unknown_cause"]
        if first["unknown_detail"]:
            made["unknownDetail"] = plain(cut(first["unknown_detail"]))
    if first["statements"]:
        made["statements"] = first["statements"]
    return made
