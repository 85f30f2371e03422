"""SARIF 2.1.0 of any tool: each run's results under its driver's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from compliance_scan.bridges import Foreign, Imported, at, items, number, odd, relative, severity, text, type_of

if TYPE_CHECKING:
    from compliance_scan.model.report import IncompleteEntry, Severity, Verdict

NAME = "SARIF"
KINDS: dict[str, Verdict] = {
    "fail": "fail",
    "pass": "pass",
    "open": "unknown",
    "review": "unknown",
    "notApplicable": "not_applicable",
}
OURS = "compliance-scan"


def recognises(document: Any) -> bool:
    """By `runs` and a version 2."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("runs"), list)
        and text(document, "version").startswith("2")
    )


def read(document: Any) -> list[Imported]:
    """All results of all runs."""
    return [_run(run) for run in items(document, "runs")]


def _run(run: Any) -> Imported:
    driver = at(run, "tool", "driver")
    name = text(driver, "name") or "sarif"
    rules = {text(rule, "id"): rule for rule in items(driver, "rules")}
    found: list[Foreign] = []
    strange = 0
    for result in items(run, "results"):
        made = _finding(result, rules, items(driver, "rules"), ours=name == OURS)
        if made is None:
            strange += 1
        else:
            found.append(made)
    version = text(driver, "semanticVersion") or text(driver, "version")
    incomplete: list[IncompleteEntry] = [
        {"kind": "error", "where": name, "message": text(note, "message", "text"), "hint": ""}
        for invocation in items(run, "invocations")
        for note in items(invocation, "toolExecutionNotifications")
        if text(note, "level") == "error" and text(note, "message", "text")
    ]
    return Imported(name.lower(), version, found, incomplete + odd(name, strange))


def _finding(result: Any, rules: dict[str, Any], by_index: list[Any], *, ours: bool) -> Foreign | None:
    identity = text(result, "ruleId") or text(result, "rule", "id")
    index = at(result, "ruleIndex")
    rule = rules.get(identity)
    if rule is None and isinstance(index, int) and 0 <= index < len(by_index):
        rule = by_index[index]
        identity = identity or text(rule, "id")
    verdict = KINDS.get(text(result, "kind") or "fail")
    if not identity or verdict is None:
        return None
    place = at(result, "locations", 0, "physicalLocation")
    logical = at(result, "locations", 0, "logicalLocations", 0)
    address = text(logical, "name") or text(logical, "fullyQualifiedName")
    full = text(logical, "fullyQualifiedName")
    suppressions = items(result, "suppressions")
    accepted = next((one for one in suppressions if text(one, "status") not in ("rejected", "underReview")), None)
    message = text(result, "message", "text") or text(result, "message", "markdown")
    return Foreign(
        text(result, "properties", "rule") or identity if ours else identity,
        text(rule, "shortDescription", "text") or text(rule, "name") or identity,
        verdict,
        message=message,
        severity=_severity(result, rule),
        address=address,
        type=type_of(address),
        file=relative(unquote(text(place, "artifactLocation", "uri"))),
        line=number(place, "region", "startLine"),
        end_line=number(place, "region", "endLine") or number(place, "region", "startLine"),
        arn=full if full.startswith("arn:") else "",
        live=full.startswith("arn:"),
        help_uri=text(rule, "helpUri"),
        suppressed=text(accepted, "justification") if accepted is not None else None,
    )


def _severity(result: Any, rule: Any) -> Severity | None:
    """The tool's own word, else its security severity, else its level."""
    named = severity(text(result, "properties", "severity"))
    if named is not None:
        return named
    try:
        score = float(at(rule, "properties", "security-severity"))
    except (TypeError, ValueError):
        score = 0.0
    if score:
        return "critical" if score > 9.0 else "high" if score >= 7.0 else "medium" if score >= 4.0 else "low"
    return severity(text(result, "level") or text(rule, "defaultConfiguration", "level") or "warning")
