"""Promises that judge nothing: the database that a statement speaks of was deleted, and with it every finding.

A rule speaks of what is there. Where a profile says `unmet: fail`, each instance with a `statement` has to judge
something at least, else that statement itself is a finding, at the instance's line in the profile. In an audit the
account (or cluster) has to hold it; whether it does is unknown where only code could tell which resource is meant.
"""

import os
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.model.finding import Evidence, Finding, Verdict
from compliance_scan.model.resource import Plane, Resource, Span
from compliance_scan.model.value import Unknown
from compliance_scan.shape.identity import fingerprints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from compliance_scan.choice import Choice
    from compliance_scan.errors import Incomplete
    from compliance_scan.model.resource import Origin
    from compliance_scan.model.rule import Instance
    from compliance_scan.model.value import Path
    from compliance_scan.scan import Loaded

JUDGED = frozenset({"pass", "fail", "unknown"})
FEW = 4
"""Regions that a message names."""


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
    if choice.profile is None or not choice.profile.unmet:
        return []
    read = {resource.plane for resource in loaded.inventory.resources}
    instances = [each for each in choice.rules_of(loaded.request, None) if read & set(each.rule.planes)]
    missing = _missing(instances, findings)
    known = {each.name for each in choice.instances}
    choice.instances = [*choice.instances, *(each for each in missing if each.name not in known)]
    unread = [*loaded.incomplete(), *notes]
    at = _At(choice, loaded.request.root, "code", "", "")
    return [_finding(each, at, _cause(each, unread)) for each in missing]


def unmet_live(
    choice: "Choice",
    root: str,
    findings: "Sequence[Finding]",
    places: "Mapping[str, Sequence[str]]",
    cause: "Callable[[Instance], Unknown | None]",
) -> list[Finding]:
    """The same of an account or cluster, of the instances that judge it. `places`: account to the regions that were
    asked; `cause`: why what an instance speaks of may be there all the same."""
    if choice.profile is None or not choice.profile.unmet:
        return []
    names = [name + (f" ({', '.join(asked)})" if 0 < len(asked) <= FEW else "") for name, asked in places.items()]
    account = next(iter(places)) if len(places) == 1 else ""
    at = _At(choice, root, "live", account, f" in {' and '.join(names)}")
    missing = _missing(choice.instances, findings)
    return [_finding(each, at, cause(each)) for each in missing]


def needs_code(instance: "Instance") -> Unknown | None:
    """Why an account alone does not tell what an instance speaks of: its scope names addresses of the code."""
    scope = instance.scope
    if scope is None or not scope.address or any(each.startswith("arn:") for each in scope.address):
        return None
    return Unknown("not_collected", f"no code tells which resource {scope.address[0]} is: give --code or --state")


def _missing(instances: "Sequence[Instance]", findings: "Sequence[Finding]") -> "list[Instance]":
    met = {each.instance for each in findings if each.verdict in JUDGED}
    return [each for each in instances if each.statements and not each.forbids and each.name not in met]


def _cause(instance: "Instance", unread: "Sequence[Incomplete]") -> Unknown | None:
    """What was not read and may hold it: no chart holds a resource of AWS."""
    charts = instance.rule.provider == "kubernetes"
    may_hold = [each for each in unread if charts or each.kind != "chart_not_rendered"]
    return Unknown("not_collected", f"{may_hold[0].where} was not read") if may_hold else None


class _At(NamedTuple):
    """Where something was missed."""

    choice: "Choice"
    root: str
    plane: Plane
    account: str
    where: str


def _finding(instance: "Instance", at: _At, cause: Unknown | None) -> Finding:
    scope, kind = instance.scope, instance.rule.resource[0]
    named = [each for each in (scope.address if scope is not None else ()) if not set("*?") & set(each)]
    profile = at.choice.profile
    place = profile.instance_places.get(instance.name) if profile is not None else None
    source = _Line(_span(place, at.root))
    address = named[0] if named else kind
    resource = Resource(address, kind, ".", at.plane, {}, source, account=at.account or None)
    evidence = Evidence(
        resource,
        "",
        f"nothing is there{at.where} that {instance.name} could judge, and {', '.join(instance.statements)} "
        "speaks of it",
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
