"""Which findings stay silent because another one speaks of the same cause.

A rule's `yields_to` names the rules that say the same thing more plainly: that a bucket has no policy at all, before
what its policy does not say. Both keep their verdict, so that every control is judged as before; the one that yields
is hidden as a suppression would hide it, and says to whom.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from compliance_scan.model.finding import SEVERITIES, Evidence
from compliance_scan.report_finding import Noted

if TYPE_CHECKING:
    from compliance_scan.model.report import Suppression

Key = tuple[str, str, str]


def applied(noted: Sequence[Noted]) -> list[Noted]:
    """The findings, those that yield suppressed. One yields only to a finding that is shown (or accepted in the
    baseline), is no less severe, and has the same resource or the same guilty places."""
    wanted = {rule for each in noted for rule in each.instance.rule.yields_to}
    if not wanted:
        return list(noted)
    speaking: dict[Key, list[Noted]] = defaultdict(list)
    for each in noted:
        if each.finding.rule in wanted and each.finding.verdict == "fail" and _speaks(each):
            speaking[_key(each, each.finding.rule)].append(each)
    return [_yielding(each, speaking) for each in noted]


def _yielding(each: Noted, speaking: dict[Key, list[Noted]]) -> Noted:
    wanted = each.instance.rule.yields_to
    if not wanted or each.finding.verdict != "fail" or each.hidden:
        return each
    for rule in wanted:
        if any(_covers(other, each) for other in speaking.get(_key(each, rule), ())):
            return each._replace(suppression=_told(rule))
    return each


def _key(each: Noted, rule: str) -> Key:
    return each.finding.resource.plane, each.finding.resource.root, rule


def _speaks(each: Noted) -> bool:
    return not each.hidden or (each.suppression is not None and each.suppression["kind"] == "baseline")


def _covers(other: Noted, each: Noted) -> bool:
    if SEVERITIES.index(other.instance.severity) > SEVERITIES.index(each.instance.severity):
        return False
    same = other.finding.resource is each.finding.resource
    guilty = [evidence for evidence in each.finding.evidence if not same or _is_item(evidence, each)]
    if not guilty:
        return same
    places = list(_places(other.finding.evidence))
    return all(
        any(file == there and first <= end and start <= last for there, start, end in places)
        for file, first, last in _places(guilty)
    )


def _is_item(evidence: Evidence, each: Noted) -> bool:
    """Whether it is one of several things that may be guilty, and not the resource as a whole."""
    return "[" in evidence.path or evidence.resource is not each.finding.resource


def _places(evidence: Sequence[Evidence]) -> Iterator[tuple[str, int, int]]:
    for each in evidence:
        yield each.span.file, each.span.line, each.span.end_line


def _told(rule: str) -> "Suppression":
    return cast(
        "Suppression",
        {
            "kind": "yield",
            "reason": f"{rule} speaks of the same cause",
            "owner": None,
            "until": None,
            "where": None,
            "status": "accepted",
        },
    )
