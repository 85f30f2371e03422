"""Whether two resources live in one account or region: what provider configurations say of it.

On code most accounts have no number. Two resources are in one account where their configurations sign in alike, in
different ones where both numbers are known and differ; else nobody can tell, and what one account declares counts for
the other only perhaps.
"""

import re
from typing import Literal

from compliance_scan.model.logic import Tri, maybe, tri_all
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Unknown

Kind = Literal["account", "region"]

_UNIQUE = re.compile(r"arn:.*|[a-z]+-[0-9a-f]{8,17}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.DOTALL)
"""ARNs and ids: no two accounts have the same one."""
_UNIQUE_NAMES = frozenset({"aws_s3_bucket"})
"""Types whose names are unique over all accounts."""


def is_unique(text: str, kind: str) -> bool:
    """Whether a text names one resource of a type, whichever account and region it is read in."""
    return kind in _UNIQUE_NAMES or _UNIQUE.fullmatch(text) is not None


def same_home(a: Resource, b: Resource, kind: Kind) -> Tri:
    """Whether two resources of one root and plane live in one account (and region)."""
    if a.plane == "live":
        return a.account == b.account and (kind == "account" or a.region == b.region)
    account = _same(a, b, "account")
    if kind == "account" or account is False:
        return account
    return tri_all([account, _same(a, b, "region")])


def _same(a: Resource, b: Resource, kind: Kind) -> Tri:
    known, other = (a.account, b.account) if kind == "account" else (a.region, b.region)
    if known is not None and other is not None:
        return known == other
    key, its_key = (a.place.account, b.place.account) if kind == "account" else (a.place.region, b.place.region)
    if key == its_key:
        return True
    ours, theirs = (each.place.name or "the default provider" for each in (a, b))
    return maybe(Unknown("not_collected", f"whether {ours} and {theirs} are one {kind} is not written"))
