"""Findings as results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.formats._groups import Group, grouped
from compliance_scan.formats._sarif.messages import cut, plain
from compliance_scan.formats._sarif.places import region
from compliance_scan.formats._sarif.rules import LEVELS
from compliance_scan.formats._sarif.taxonomies import sentence
from compliance_scan.formats.json import dumps, quoted

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
        self._ends: dict[str, tuple[dict[str, list[str]], str]] = {}
        self._heads: dict[tuple[str, str, str, str], str] = {}
        self._words: dict[str, str] = {}
        self._owned: dict[tuple[object, ...], str] = {}
        self._planes = {(row["instance"], row["address"]): row for row in report["planes"]}
        gate = report.get("gate")
        self._newly = {each["fingerprint"] for each in gate["newly_failing"]} if gate is not None else frozenset[str]()
        self._compared = any(finding["baseline"] for finding in report["findings"])

    def lines(self, findings: Sequence[ReportFinding]) -> list[str]:
        """`run.results`, each as JSON already: 25,000 results as objects would cost more than all the rest."""
        groups = grouped(findings) if self._profile.grouped else (Group([finding]) for finding in findings)
        return [self._result(group) for group in groups]

    def _taxa(self, rule: str, controls: dict[str, list[str]]) -> str:
        """The end of a result: its controls, which are the same for all results of a rule."""
        last, told = self._ends.get(rule, (None, ""))
        if last != controls:
            taxa = self._taxonomies.references(controls)
            told = f', "taxa": {dumps(taxa)}}}' if taxa else "}"
            self._ends[rule] = (controls, told)
        return told

    def _result(self, group: Group) -> str:
        """A result as JSON, put together of texts: as objects, 25,000 results would cost twice as much."""
        first = group.first
        message = self._rules.message(first, _affected(group.addresses))
        return (
            f'{{{self._head(first)}, "message": {message}, "locations": [{self._location(group)}], "fingerprints": '
            f'{{"{FINGERPRINT}": {quoted(first["fingerprint"])}}}{self._related(group)}{self._rest(first)}, '
            f'"properties": {self._properties(group)}{self._taxa(first["rule"], group.controls)}'
        )

    def _head(self, finding: ReportFinding) -> str:
        """What results of one rule and verdict begin with."""
        key = (finding["rule"], finding["code"], finding["verdict"], finding["severity"])
        known = self._heads.get(key)
        if known is None:
            kind = KINDS[finding["verdict"]]
            made = {
                "ruleId": finding["code"],
                "ruleIndex": self._rules.index(finding),
                "kind": kind,
                "level": LEVELS[finding["severity"]] if kind == "fail" else "none",
            }
            known = self._heads[key] = dumps(made)[1:-1]
        return known

    def _rest(self, finding: ReportFinding) -> str:
        """What only some results have, each with the comma before it."""
        made = ""
        if finding["line_hash"]:
            made += f', "partialFingerprints": {{"{LINE_HASH}": {quoted(finding["line_hash"])}}}'
        if finding["fix"] and finding["fix"]["edits"]:
            made += f', "fixes": [{dumps(self._fix(finding["fix"]))}]'
        if self._profile.suppressed:
            suppression = finding["suppression"]
            made += f', "suppressions": {dumps([self._suppression(suppression)] if suppression else [])}'
        if self._compared:
            made += f', "baselineState": "{BASELINE[finding["baseline"] or "unchanged"]}"'
        if self._profile.rank:
            made += f', "rank": {RANKS[finding["severity"]]}'
        return made

    def _properties(self, group: Group) -> str:
        """What only our own readers look for; the same for most findings of a rule in one root."""
        first = group.first
        beside = self._beside(first)
        if beside or len(group.findings) > 1:
            return dumps({**_properties(group), **beside})
        resource = first["resource"]
        key = (
            *(first["rule"], first["instance"], first["severity"], resource["root"], resource["conditional"]),
            *(first["unknown_cause"], first["unknown_detail"], *first["statements"]),
        )
        known = self._owned.get(key)
        if known is None:
            known = self._owned[key] = dumps(_properties(group))
        return known

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

    def _location(self, group: Group) -> str:
        first = group.first
        place = first["location"]
        if place is None:
            physical = self._places.fallback(self._report)
        else:
            physical = self._places.physical(place, first["context"], first["snippet"])
        logical = ", ".join([_logical(finding) for finding in group.findings])
        return f'{{"physicalLocation": {physical}, "logicalLocations": [{logical}]}}'

    def _related(self, group: Group) -> str:
        """`relatedLocations` as JSON with the comma before it; nothing where there are none."""
        made: list[str] = []
        for entry in group.related[:MAX_RELATED]:
            place = entry["location"]
            if place is None and self._profile.from_root:
                continue  # a consumer may refuse the whole file for a location without a file
            words = self._words.get(entry["message"])
            if words is None:
                words = self._words[entry["message"]] = quoted(sentence(cut(entry["message"])))
            location = f'{{"id": {len(made) + 1}, "message": {{"text": {words}}}'
            if place is not None:
                location += f', "physicalLocation": {self._places.physical(place, entry.get("context"))}'
            if entry["address"]:
                name = quoted(entry["address"])
                location += f', "logicalLocations": [{{"fullyQualifiedName": {name}, "kind": "resource"}}]'
            made.append(location + "}")
        return f', "relatedLocations": [{", ".join(made)}]' if made else ""

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

    def accepted(self, suppression: Suppression | None, rank: float) -> dict[str, Any]:
        """What a result that is no finding has in common with them: suppressions, baseline and rank, as far as this
        log has any. A baseline holds findings alone, so all else is new beside it."""
        made: dict[str, Any] = {}
        if self._profile.suppressed:
            made["suppressions"] = [self._suppression(suppression)] if suppression else []
        if self._compared:
            made["baselineState"] = "new"
        if self._profile.rank:
            made["rank"] = rank
        return made

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
    if len(addresses) == 1:
        return addresses[0]
    told = ", ".join(addresses[:ADDRESSES_TOLD])
    more = len(addresses) - ADDRESSES_TOLD
    return f"{told} and {more} more" if more > 0 else told


def _logical(finding: ReportFinding) -> str:
    resource = finding["resource"]
    name = quoted(resource["address"])
    whole = quoted(resource["arn"]) if resource["arn"] else name
    return f'{{"name": {name}, "fullyQualifiedName": {whole}, "kind": "resource"}}'


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
