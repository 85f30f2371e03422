"""One finding as the report writes it: places, source text, related places, and what the run says beside it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from compliance_scan.model.finding import Finding
from compliance_scan.model.resource import header_of

if TYPE_CHECKING:
    from compliance_scan.baseline import Accepted
    from compliance_scan.excerpt import Excerpts
    from compliance_scan.frameworks import Frameworks
    from compliance_scan.model.report import Related, ReportFinding, Severity, Verdict
    from compliance_scan.model.report import Suppression as ReportSuppression
    from compliance_scan.model.report_controls import FrameworkInfo
    from compliance_scan.model.resource import Origin, Span
    from compliance_scan.model.rule import Instance, Rule

MAX_RELATED = 50
HOMES = ("account", "region")
MAX_TEXT = 2000


class Noted(NamedTuple):
    """A finding with what the run says beside it."""

    finding: Finding
    instance: "Instance"
    suppression: "ReportSuppression | None"
    baseline: str | None

    @property
    def hidden(self) -> bool:
        return self.suppression is not None and self.suppression["status"] != "expired"


class Controls(NamedTuple):
    """Which controls a rule serves in the selected frameworks."""

    frameworks: "Frameworks | None"
    """None where no framework was selected."""
    selected: Sequence[str]

    def of(self, rule: "Rule") -> dict[str, list[str]]:
        """Framework to controls."""
        if self.frameworks is None:
            return {}
        return self.frameworks.controls_for(rule.id, rule.objectives, self.selected)

    def described(self) -> "dict[str, FrameworkInfo]":
        """The selected frameworks as the report names them."""
        if self.frameworks is None:
            return {}
        return {
            name: {"title": self.frameworks.title(name), "version": self.frameworks.version(name)}
            for name in self.selected
        }


def shown_at(finding: Finding) -> "Span":
    """The place that a finding points at."""
    return finding.evidence[0].span if finding.evidence else header_of(finding.resource)


def written(each: Noted, excerpts: "Excerpts", controls: Controls) -> "ReportFinding":
    """The finding of this run as JSON."""
    finding, instance = each.finding, each.instance
    resource, rule = finding.resource, each.instance.rule
    first = finding.evidence[0] if finding.evidence else None
    span = shown_at(finding)
    return {
        "rule": finding.rule,
        "instance": finding.instance,
        "code": rule.code,
        "severity": instance.severity,
        "verdict": finding.verdict,
        "message": first.message if first is not None else "",
        "message_id": first.message_id if first is not None else "",
        "message_arguments": list(first.arguments) if first is not None else [],
        "resource": {
            "address": resource.address,
            "root": resource.root,
            "type": resource.type,
            "plane": resource.plane,
            "arn": resource.arn,
            "account": resource.account,
            "region": resource.region,
            "conditional": resource.conditional is not None,
        },
        "path": first.path if first is not None else "",
        "expected": _short(first.expected) if first is not None else None,
        "actual": _short(first.actual) if first is not None else None,
        "guilty": finding.guilty,
        "location": excerpts.location(span),
        "context": excerpts.context(span),
        "snippet": excerpts.snippet(span),
        "line_hash": excerpts.line_hash(span),
        "related": _related(finding, excerpts),
        "unknown_cause": finding.cause.cause if finding.cause is not None else None,
        "unknown_detail": finding.cause.detail or None if finding.cause is not None else None,
        "suppression": each.suppression,
        "baseline": cast("Any", each.baseline),
        "fix": None,
        "fingerprint": finding.fingerprint,
        "aliases": list(finding.aliases),
        "controls": controls.of(rule),
        "statements": list(instance.statements),
    }


def _related(finding: Finding, excerpts: "Excerpts") -> list["Related"]:
    """Satellites that decided, where values came from, and further guilty items, each place once."""
    found: list[Related] = []
    seen: set[tuple[str, Span | None, str | None]] = set()

    def add(message: str, address: str | None, span: "Span | None") -> None:
        if (message, span, address) in seen or len(found) >= MAX_RELATED:
            return
        seen.add((message, span, address))
        place = excerpts.location(span) if span is not None else None
        found.append(
            {
                "message": message,
                "address": address,
                "location": place,
                "context": excerpts.context(span) if span is not None else None,
            }
        )

    for index, evidence in enumerate(finding.evidence):
        other = evidence.resource.address if evidence.resource is not finding.resource else None
        # What a whole account or region lacks stands nowhere, least of all in the first resource of its root.
        span = None if other is not None and evidence.resource.type in HOMES else evidence.span
        if index:
            add(evidence.message, other, span)
        elif other is not None:
            add(f"decided by {other}", other, span)
        for origin in evidence.origins:
            _add_origin(add, origin)
    return found


def _add_origin(add: Callable[[str, str | None, "Span | None"], None], origin: "Origin") -> None:
    add(origin.message, origin.address, origin.span)


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_TEXT:
        return value[: MAX_TEXT - 1] + "…"
    if isinstance(value, list):
        return [_short(item) for item in value[:100]]
    if isinstance(value, dict):
        return {key: _short(item) for key, item in list(value.items())[:100]}
    return value


def gone(each: "Accepted", rule: "Rule", excerpts: "Excerpts", controls: Controls) -> "ReportFinding":
    """An accepted finding that is no more, as the baseline remembers it."""
    place = {"file": excerpts.path(each.file), "line": 1, "column": 1, "end_line": 1, "end_column": 1}
    return {
        "rule": each.rule,
        "instance": each.instance,
        "code": rule.code,
        "severity": cast("Severity", each.severity),
        "verdict": cast("Verdict", each.verdict),
        "message": each.message,
        "message_id": "",
        "message_arguments": [],
        "resource": {
            "address": each.address,
            "root": each.root,
            "type": each.type,
            "plane": "code",
            "arn": None,
            "account": None,
            "region": None,
            "conditional": False,
        },
        "path": "",
        "expected": None,
        "actual": None,
        "guilty": each.guilty,
        "location": cast("Any", place) if each.file else None,
        "context": None,
        "snippet": None,
        "line_hash": None,
        "related": [],
        "unknown_cause": None,
        "unknown_detail": None,
        "suppression": None,
        "baseline": "absent",
        "fix": None,
        "fingerprint": each.fingerprint,
        "aliases": list(each.aliases),
        "controls": controls.of(rule),
        "statements": [],
    }
