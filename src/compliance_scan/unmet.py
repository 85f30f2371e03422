"""Promises that judge nothing: the database that a statement speaks of was deleted, and with it every finding.

A rule speaks of what is there. Where a profile says `unmet: fail`, each instance with a `statement` has to judge
something at least, else that statement itself is a finding, at the instance's line in the profile.
"""

import os
from typing import TYPE_CHECKING

from compliance_scan.model.finding import Evidence, Finding, Verdict
from compliance_scan.model.resource import Resource, Span
from compliance_scan.model.value import Unknown
from compliance_scan.shape.identity import fingerprints

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.choice import Choice
    from compliance_scan.errors import Incomplete
    from compliance_scan.model.resource import Origin
    from compliance_scan.model.rule import Instance
    from compliance_scan.model.value import Path
    from compliance_scan.scan import Loaded

JUDGED = frozenset({"pass", "fail", "unknown"})


class _Line:
    """The line of a profile as the source of what is missing."""

    def __init__(self, span: Span) -> None:
        self.span = self.header = span

    def span_of(self, path: "Path") -> Span | None:
        del path
        return None

    def origins_of(self, path: "Path") -> "tuple[Origin, ...]":
        del path
        return ()

    def comments(self) -> tuple[()]:
        return ()

    def text(self, span: Span) -> str:
        del span
        return ""


def unmet(
    choice: "Choice", loaded: "Loaded", findings: "Sequence[Finding]", notes: "Sequence[Incomplete]"
) -> list[Finding]:
    """A finding for each instance that judges nothing though it carries a statement: a fail, or unknown where something
    was not read. The instances join those of the run."""
    profile = choice.profile
    if profile is None or not profile.unmet:
        return []
    read = {resource.plane for resource in loaded.inventory.resources}
    met = {each.instance for each in findings if each.verdict in JUDGED}
    missing = [
        each
        for each in choice.rules_of(loaded.request, None)
        if each.statements and each.name not in met and read & set(each.rule.planes)
    ]
    known = {each.name for each in choice.instances}
    choice.instances = [*choice.instances, *(each for each in missing if each.name not in known)]
    unread = [*loaded.incomplete(), *notes]
    root = loaded.request.root
    return [_finding(each, profile.instance_places.get(each.name), root, _cause(each, unread)) for each in missing]


def _cause(instance: "Instance", unread: "Sequence[Incomplete]") -> Unknown | None:
    """What was not read and may hold it: no chart holds a resource of AWS."""
    charts = instance.rule.provider == "kubernetes"
    may_hold = [each for each in unread if charts or each.kind != "chart_not_rendered"]
    return Unknown("not_collected", f"{may_hold[0].where} was not read") if may_hold else None


def _finding(instance: "Instance", place: tuple[str, int] | None, root: str, cause: Unknown | None) -> Finding:
    scope, kind = instance.scope, instance.rule.resource[0]
    named = [each for each in (scope.address if scope is not None else ()) if not set("*?") & set(each)]
    source = _Line(_span(place, root))
    resource = Resource(named[0] if named else kind, kind, ".", "code", {}, source)
    evidence = Evidence(
        resource,
        "",
        f"nothing is there that {instance.name} could judge, and {', '.join(instance.statements)} speaks of it",
        "unmet",
        ("", "nothing", kind),
        None,
        None,
        source.header,
    )
    verdict: Verdict = "unknown" if cause is not None else "fail"
    own, others = fingerprints(instance.rule.id, instance.name, resource)
    return Finding(instance.rule.id, instance.name, resource, verdict, (evidence,), cause, "", own, others)


def _span(place: tuple[str, int] | None, root: str) -> Span:
    """The instance's line; in no file where the profile lies outside the repository."""
    if place is None:
        return Span("", 1, 1, 1, 1)
    file = os.path.relpath(os.path.realpath(place[0]), os.path.realpath(root)).replace(os.sep, "/")
    return Span("" if file.startswith("..") else file, place[1], 1, place[1], 1)
