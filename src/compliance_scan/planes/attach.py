"""Findings of the account on the line that declares what they judge.

A live finding of a joined resource has the address, the root and so the fingerprint of what declares it; its place is
the declared attribute's, else the block's. What it was known by before stays among its aliases.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from compliance_scan.model.finding import Evidence, Finding
from compliance_scan.model.resource import Resource, Span
from compliance_scan.ruleset.paths import parse
from compliance_scan.shape.identity import fingerprint, identity_of

if TYPE_CHECKING:
    from compliance_scan.model.value import Path
    from compliance_scan.shape.world import World


def attached(findings: Iterable[Finding], declared: Mapping[Resource, Resource], world: "World") -> Iterator[Finding]:
    """The findings, those of joined live resources on their declaration. `declared`: live resource to the one of
    `world` that declares it."""
    moved: dict[Resource, Resource] = {}
    for finding in findings:
        ours = declared.get(finding.resource)
        if ours is None:
            yield finding
            continue
        live = finding.resource
        resource = moved.get(live)
        if resource is None:
            aliases = tuple(dict.fromkeys((*ours.aliases, *((live.arn,) if live.arn else ()))))
            resource = moved[live] = live._replace(
                address=ours.address, root=ours.root, module=ours.module, source=ours.source, aliases=aliases
            )
        identity = identity_of(live, joined=ours)
        names = tuple(fingerprint(finding.rule, finding.instance, name) for name in identity.aliases)
        yield finding._replace(
            resource=resource,
            evidence=tuple(
                _placed(each, live, resource, ours, declared=declared, world=world) for each in finding.evidence
            ),
            fingerprint=fingerprint(finding.rule, finding.instance, identity.canonical),
            aliases=names,
        )


def _placed(
    evidence: Evidence,
    live: Resource,
    resource: Resource,
    ours: Resource,
    *,
    declared: Mapping[Resource, Resource],
    world: "World",
) -> Evidence:
    """Evidence on the line that declares it: of the resource, or of the satellite that says it in the code."""
    if evidence.resource is not live and evidence.resource.plane != "live":
        return evidence
    owner = ours if evidence.resource is live else declared.get(evidence.resource)
    if owner is None and evidence.path:
        owner = ours
    if owner is None:
        return evidence._replace(resource=resource, span=ours.source.header)
    cursor = world.cursor(ours if evidence.path else owner).get(_path(evidence.path))
    said = cursor.resource
    span = said.source.span_of(cursor.path) or said.source.header
    return evidence._replace(resource=resource if said is ours else said, span=span)


def _path(text: str) -> "Path":
    """The names at the start of a shown path; items of lists stand elsewhere on the other side."""
    names: list[str | int] = []
    for step in parse(text) if text else ():
        if not isinstance(step, str):
            break
        names.append(step)
    return tuple(names)


def line_of(resource: Resource, path: "Path") -> Span:
    """Where a resource says something of a path, else where it begins."""
    return resource.source.span_of(path) or resource.source.header
