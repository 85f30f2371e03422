"""Who a finding speaks of, in a way that survives moved files, renamed folders within a module and reordered code."""

import hashlib
from dataclasses import replace

from compliance_scan.model.finding import Finding
from compliance_scan.model.resource import Resource

PREFIX = "cs1:"


def fingerprint(rule: str, instance: str, *identity: str) -> str:
    """The fingerprint of a rule instance on one identity."""
    text = "\0".join((rule, instance, *identity))
    return PREFIX + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def identified(finding: Finding) -> Finding:
    """The finding with its fingerprint and those of its resource's other names."""
    resource = finding.resource
    names = [_identity(resource, address) for address in (resource.address, *resource.aliases)]
    first, *others = (fingerprint(finding.rule, finding.instance, *name) for name in names)
    return replace(finding, fingerprint=first, aliases=tuple(dict.fromkeys(each for each in others if each != first)))


def _identity(resource: Resource, address: str) -> tuple[str, ...]:
    return (resource.root, address)
