"""What a run says of the controls of the selected frameworks, with the evidence behind each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from compliance_scan.frameworks.status import NO_LIMITS, Limits, status_of, tally
from compliance_scan.model.framework import Exemption, Tally

if TYPE_CHECKING:
    from compliance_scan.errors import Incomplete
    from compliance_scan.frameworks import Frameworks
    from compliance_scan.model.framework import Control
    from compliance_scan.model.report_controls import ControlStatus, RuleEvidence
    from compliance_scan.model.rule import Instance
    from compliance_scan.report_finding import Noted
    from compliance_scan.ruleset import Ruleset

TOLD_ELSEWHERE = ("denied", "throttled")
"""Kinds of `incomplete` whose rules have an unknown finding of their own: the loss has a place already."""


class Question(NamedTuple):
    """What to say of which controls."""

    frameworks: "Frameworks"
    selected: Sequence[str]
    limits: Limits = NO_LIMITS
    idle: frozenset[str] = frozenset()
    """Rules that were wanted and found no resource of their types: they ran, and said nothing."""
    exemptions: Mapping[tuple[str, str], Exemption] = {}
    """(framework, control) to the organisation's word that it does not apply."""


class Seen(NamedTuple):
    """What the run found, by rule."""

    limits: Limits
    results: Mapping[str, Tally]
    judged: Mapping[str, Mapping[tuple[str, str], str]]
    """The resources (root, address) with a verdict that says something, each with its plane."""


class Answer(NamedTuple):
    """The report's `controls` and `evidence`."""

    controls: "list[ControlStatus]"
    evidence: "dict[str, RuleEvidence]"


def answer(
    question: Question,
    noted: "Sequence[Noted]",
    instances: "Sequence[Instance]",
    ruleset: "Ruleset",
    incomplete: "Iterable[Incomplete]",
) -> Answer:
    """The statuses of all controls of the selected frameworks, by what the run found."""
    unread = sum(each.kind not in TOLD_ELSEWHERE for each in incomplete)
    limits = question.limits._replace(unread=question.limits.unread + unread)
    ran = {instance.rule.id for instance in instances} | question.idle
    results = tally(
        ((each.finding.rule, each.finding.verdict, each.hidden) for each in noted), ran - limits.left_out.keys()
    )
    seen = Seen(limits, results, _resources(noted))
    rules = {rule.id: rule.objectives for rule in ruleset.all() if not rule.deprecated}
    controls = [
        _entry(framework, control, question.exemptions.get((framework, control.id)), seen)
        for framework in question.selected
        for control in question.frameworks.show(framework, rules)
    ]
    return Answer(
        controls, {rule: _evidence(counts, seen.judged.get(rule, {})) for rule, counts in sorted(results.items())}
    )


def _entry(framework: str, control: "Control", exemption: Exemption | None, seen: Seen) -> "ControlStatus":
    status = status_of(framework, control, seen.results, seen.limits, exemption)
    resources: dict[tuple[str, str], str] = {}
    for rule in status.rules:
        resources.update(seen.judged.get(rule, {}))
    decided = status.passed + status.failed
    whole = decided + status.unknown
    found: dict[str, Any] = {
        "framework": framework,
        "control": control.id,
        "title": control.title,
        "section": control.section,
        "status": status.status,
        "reason": status.reason,
        "pass": status.passed,
        "fail": status.failed,
        "unknown": status.unknown,
        "suppressed": status.suppressed,
        "coverage": status.coverage,
        "manual": status.manual,
        "rules": list(status.rules),
        "resources": len(resources),
        "planes": sorted(set(resources.values())),
        "evaluated_percent": round(100 * decided / whole, 1) if whole else None,
        "exemption": None if exemption is None else exemption._asdict(),
    }
    return cast("ControlStatus", found)


def _resources(noted: "Iterable[Noted]") -> dict[str, dict[tuple[str, str], str]]:
    """Rule to the resources that it judged, each with its plane."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for each in noted:
        if each.finding.verdict != "not_applicable":
            resource = each.finding.resource
            found.setdefault(each.finding.rule, {})[resource.root, resource.address] = resource.plane
    return found


def _evidence(counts: Tally, judged: Mapping[tuple[str, str], str]) -> "RuleEvidence":
    return cast(
        "RuleEvidence",
        {
            "pass": counts.passed,
            "fail": counts.failed,
            "unknown": counts.unknown,
            "not_applicable": counts.not_applicable,
            "suppressed": counts.suppressed,
            "resources": len(judged),
            "planes": sorted(set(judged.values())),
        },
    )
