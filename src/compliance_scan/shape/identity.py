"""What a resource is known by over time and over planes, and the fingerprint of a finding.

On code, plan and state a resource is its root module and its address, after `moved`; a live one is its type, account,
region and import id, or the address that a state or a name joined it to. No line, path or index is part of it.
"""

from typing import NamedTuple

from compliance_scan.digest import sha256_hex
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import resolved

VERSION = "cs1"


class Identity(NamedTuple):
    """The canonical identity and the other known ones."""

    canonical: str
    aliases: tuple[str, ...]


def identity_of(resource: Resource, *, joined: Resource | None = None) -> Identity:
    """A resource's identity; `joined` is the declared resource that a live one was found to be."""
    if joined is not None:
        declared = identity_of(joined)
        own = identity_of(resource)
        return Identity(declared.canonical, _distinct((*declared.aliases, own.canonical, *own.aliases)))
    if resource.plane == "live" and resource.type.startswith("aws_"):
        canonical = _live(resource)
        return Identity(canonical, _distinct((resource.arn,) if resource.arn else ()))
    canonical = _declared(resource.root, resource.address)
    others = [_declared(resource.root, alias) for alias in resource.aliases]
    if resource.arn:
        others.append(resource.arn)
    return Identity(canonical, _distinct(tuple(others)))


def _declared(root: str, address: str) -> str:
    return f"{root}\0{address}"


def _live(resource: Resource) -> str:
    place = f"{resource.account or ''}/{resource.region or ''}"
    name: object = resource.name
    if not name and "id" in resource.attributes:
        name = resolved(resource.attributes["id"])
    return f"{resource.type}@{place}/{name or resource.arn or resource.address}"


def _distinct(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def fingerprint(rule: str, instance: str, identity: str) -> str:
    """`cs1:` and 32 hexadecimal digits that stand for a rule instance on a resource."""
    digest = sha256_hex(f"{rule}\0{instance}\0{identity}".encode("utf-8", "surrogatepass"))
    return f"{VERSION}:{digest[:32]}"


def fingerprints(rule: str, instance: str, resource: Resource) -> tuple[str, tuple[str, ...]]:
    """A finding's fingerprint and its aliases: baseline, history and suppressions match any of them."""
    identity = identity_of(resource)
    aliases = (fingerprint(rule, instance, alias) for alias in identity.aliases)
    return fingerprint(rule, instance, identity.canonical), tuple(aliases)
