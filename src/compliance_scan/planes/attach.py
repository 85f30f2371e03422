"""Findings of the account on the line that declares what they judge.

A live finding of a joined resource has the address, the root and so the fingerprint of what declares it; its place is
the declared attribute's, else the block's. What it was known by before stays among its aliases.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from compliance_scan.model.finding import Evidence, Finding
from compliance_scan.model.resource import Resource, Span
from compliance_scan.shape.identity import fingerprint, identity_of

if TYPE_CHECKING:
    from compliance_scan.model.value import Path


def attached(findings: Iterable[Finding], declared: Mapping[Resource, Resource]) -> Iterator[Finding]:
    """The findings, those of joined live resources on their declaration. `declared`: live resource to declared one."""
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
            resource = moved[live] = replace(
                live, address=ours.address, root=ours.root, module=ours.module, source=ours.source, aliases=aliases
            )
        identity = identity_of(live, joined=ours)
        names = tuple(fingerprint(finding.rule, finding.instance, name) for name in identity.aliases)
        yield replace(
            finding,
            resource=resource,
            evidence=tuple(_placed(each, live, resource, ours) for each in finding.evidence),
            fingerprint=fingerprint(finding.rule, finding.instance, identity.canonical),
            aliases=names,
        )


def _placed(evidence: Evidence, live: Resource, resource: Resource, ours: Resource) -> Evidence:
    if evidence.resource is not live:
        return evidence
    span = ours.source.span_of(_path(evidence.path)) or ours.source.header
    return replace(evidence, resource=resource, span=span)


def _path(text: str) -> "Path":
    """The first name of a shown path: enough for the line that says it."""
    name = text.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
    return (name,) if name else ()


def line_of(resource: Resource, path: "Path") -> Span:
    """Where a resource says something of a path, else where it begins."""
    return resource.source.span_of(path) or resource.source.header
