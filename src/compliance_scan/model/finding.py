"""Findings: one a rule instance and resource."""

from typing import Literal, NamedTuple

from compliance_scan.model.resource import Origin, Resource, Span
from compliance_scan.model.value import Unknown, Value

Verdict = Literal["pass", "fail", "unknown", "not_applicable"]
Severity = Literal["critical", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "info")


class Evidence(NamedTuple):
    """One condition that decided a verdict."""

    resource: Resource
    """Where the value was read: the judged resource, or a satellite or relation that decided."""
    path: str
    """`ingress[0].cidr_blocks`; empty for the resource itself."""
    message: str
    """`storage_encrypted is false, expected true`."""
    message_id: str
    """The operator's name; the template's key in SARIF."""
    arguments: tuple[str, ...]
    """path, actual, expected as text, masked."""
    expected: Value
    actual: Value
    """Masked where sensitive."""
    span: Span
    origins: tuple[Origin, ...] = ()
    undeclared: bool = False


class Finding(NamedTuple):
    """What one rule instance says of one resource."""

    rule: str
    instance: str
    resource: Resource
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    """The deciding conditions in rule order; the first is the primary one. Empty for what passes or is not applicable,
    unless asked for (`explain`)."""
    cause: Unknown | None = None
    """Of an unknown verdict, the first cause."""
    guilty: str = ""
    """Digest of the guilty items by content, for a fail."""
    fingerprint: str = ""
    aliases: tuple[str, ...] = ()


# Each is one of a kind: told apart by identity, and hashed by it at no cost.
for _class in (Evidence, Finding):
    _class.__eq__ = object.__eq__  # type: ignore[method-assign]
    _class.__hash__ = object.__hash__  # type: ignore[method-assign]
