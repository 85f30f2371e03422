"""One framework as an OSCAL result: its controls as findings, its rules as observations, resources as subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.formats._oscal.ids import PROPERTIES, Names, control_token
from compliance_scan.formats._shared import cut, harmless

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from compliance_scan.model.report import Report, ReportFinding
    from compliance_scan.model.report_controls import ControlStatus

MAX_TEXT = 4000
NAMED = ("address", "root", "type", "plane", "arn", "account", "region")
"""What is said of a resource."""
COUNTED = ("pass", "fail", "unknown", "not_applicable", "suppressed")
MAX_SUBJECTS = 5000
"""Subjects of one observation; its counts are always whole."""


class Results:
    """Makes the results of a report; `by_rule` are the findings that stand as evidence."""

    def __init__(self, report: Report, names: Names, by_rule: Mapping[str, list[ReportFinding]]) -> None:
        self._report = report
        self._names = names
        self._by_rule = by_rule

    def result(self, framework: str, controls: list[ControlStatus]) -> dict[str, Any]:
        """The result of one framework."""
        info = self._report["frameworks"].get(framework)
        title = f"{info['title']} {info['version']}" if info else framework
        reviewed = [{"control-id": control_token(framework, entry["control"])} for entry in controls]
        rules = sorted({rule for entry in controls for rule in entry.get("rules", ())})
        made: dict[str, Any] = {
            "uuid": self._names.uuid("result", framework),
            "title": text(title),
            "description": text(f"What rules decide of {title}; what they do not decide is named for each control."),
            "start": self._report["run"]["started"],
            "props": [prop("framework", framework), prop("as-of", self._report["run"]["as_of"])],
            "reviewed-controls": {"control-selections": [{"include-controls": reviewed}]},
        }
        local = self._local(rules)
        made["local-definitions"] = local
        observations = [self._observation(framework, rule) for rule in rules]
        if observations:
            made["observations"] = observations
        made["findings"] = [self._finding(framework, entry) for entry in controls]
        return made

    def _local(self, rules: Iterable[str]) -> dict[str, Any]:
        """The tool, and every resource that an observation names."""
        tool = self._report["tool"]
        component = self._names.uuid("tool")
        made: dict[str, Any] = {
            "components": [
                {
                    "uuid": component,
                    "type": "software",
                    "title": text(tool["name"]),
                    "description": text(f"{tool['name']} {tool['version']}, which judged the resources by rules."),
                    "props": [prop("version", tool["version"]), prop("rules-digest", tool["rules_digest"])],
                    "status": {"state": "operational"},
                }
            ],
        }
        items: dict[str, dict[str, Any]] = {}
        for rule in rules:
            for finding in self._by_rule.get(rule, [])[:MAX_SUBJECTS]:
                uuid = self._subject(finding)
                items.setdefault(uuid, self._item(uuid, finding))
        if items:
            made["inventory-items"] = list(items.values())
        return made

    def _item(self, uuid: str, finding: ReportFinding) -> dict[str, Any]:
        resource = finding["resource"]
        props = [prop(key, str(resource[key])) for key in NAMED if resource[key]]  # type: ignore[literal-required]
        return {"uuid": uuid, "description": text(f"{resource['type']} {resource['address']}"), "props": props}

    def _subject(self, finding: ReportFinding) -> str:
        resource = finding["resource"]
        return self._names.uuid("resource", resource["plane"], resource["root"], resource["address"])

    def _observation(self, framework: str, rule: str) -> dict[str, Any]:
        """What one rule found."""
        evidence = self._report.get("evidence", {}).get(rule)
        found = dict(evidence or {})
        counts = [(name, str(found[name])) for name in (*COUNTED, "resources") if name in found]
        about = self._report["rules"].get(rule)
        findings = self._by_rule.get(rule, [])
        told = ", ".join(
            f"{number} {name.replace('_', ' ')}" for name, number in counts if name != "resources" and number != "0"
        )
        made: dict[str, Any] = {
            "uuid": self._names.uuid("observation", framework, rule),
            "title": text(about["title"] if about else rule),
            "description": text(f"The rule {rule} was evaluated: {told or 'no verdict'}."),
            "props": [prop("rule", rule), *[prop(name.replace("_", "-"), number) for name, number in counts]],
            "methods": ["TEST-AUTOMATED"],
            "types": ["control-objective"],
            "origins": [{"actors": [{"type": "tool", "actor-uuid": self._names.uuid("tool")}]}],
            "collected": self._report["run"]["started"],
        }
        if findings:
            made["subjects"] = [self._reference(finding) for finding in findings[:MAX_SUBJECTS]]
        if len(findings) > MAX_SUBJECTS:
            made["remarks"] = f"{len(findings) - MAX_SUBJECTS} more subjects stand in the JSON report."
        return made

    def _reference(self, finding: ReportFinding) -> dict[str, Any]:
        place = finding["location"]
        props = [prop("verdict", finding["verdict"])]
        if place is not None:
            props.append(prop("location", f"{place['file']}:{place['line']}"))
        if finding["fingerprint"]:
            props.append(prop("fingerprint", finding["fingerprint"]))
        made: dict[str, Any] = {"subject-uuid": self._subject(finding), "type": "inventory-item", "props": props}
        if finding["message"]:
            made["remarks"] = text(finding["message"])
        return made

    def _finding(self, framework: str, entry: ControlStatus) -> dict[str, Any]:
        """One control: satisfied only where it is wholly decided and passes."""
        passed = entry["status"] == "pass"
        reason = "pass" if passed else "fail" if entry["status"] == "fail" else "other"
        said = entry.get("reason", "") or entry["status"]
        target: dict[str, Any] = {
            "type": "objective-id",
            "target-id": control_token(framework, entry["control"]),
            "title": text(entry["title"]),
            "status": {"state": "satisfied" if passed else "not-satisfied", "reason": reason, "remarks": text(said)},
        }
        if entry.get("exemption"):
            target["implementation-status"] = {"state": "not-applicable", "remarks": text(said)}
        made: dict[str, Any] = {
            "uuid": self._names.uuid("finding", framework, entry["control"]),
            "title": text(f"{entry['control']} {entry['title']}"),
            "description": text(f"{_capital(said)}."),
            "props": [prop(name, entry[name]) for name in ("control", "status", "coverage")] + _shares(entry),
            "target": target,
        }
        observed = [self._names.uuid("observation", framework, rule) for rule in entry.get("rules", ())]
        related = [{"observation-uuid": uuid} for uuid in observed]
        if related:
            made["related-observations"] = related
        if entry["manual"]:
            made["remarks"] = text(entry["manual"])
        return made


def _shares(entry: ControlStatus) -> list[dict[str, str]]:
    """Counts and the share that was evaluated."""
    found = [prop(name, str(entry[name])) for name in ("pass", "fail", "unknown", "suppressed")]
    share = entry.get("evaluated_percent")
    if share is not None:
        found.append(prop("evaluated-percent", f"{share:g}"))
    if entry.get("planes"):
        found.append(prop("planes", " ".join(entry["planes"])))
    return found


def prop(name: str, value: str) -> dict[str, str]:
    """A property of ours; OSCAL wants values without space at their ends."""
    return {"name": name, "ns": PROPERTIES, "value": text(value)}


def text(value: str) -> str:
    """A text on one line that is never empty."""
    return cut(harmless(" ".join(value.split())), MAX_TEXT).strip() or "-"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
