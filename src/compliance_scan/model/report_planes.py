"""What the JSON report says of code, plan, state and account beside one another, and of now beside then; see
`model.report`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NotRequired, TypeAlias, TypedDict

if TYPE_CHECKING:
    from compliance_scan.model.report import Json, Location, Suppression, Verdict, VersionControl
    from compliance_scan.model.report_controls import ControlChange

Meaning: TypeAlias = Literal[
    "pass",
    "bad_everywhere",
    "fixed_in_code_not_applied",
    "broken_in_code_not_applied",
    "changed_in_console",
    "fixed_in_console",
    "resource_only_in_code",
    "resource_only_live_bad",
    "resource_only_live",
    "cannot_tell",
]


class DriftAttribute(TypedDict):
    """One attribute whose live value is not the declared one."""

    path: str
    declared: Json
    live: Json
    location: Location | None


class DriftRule(TypedDict):
    """A rule whose verdict differs."""

    rule: str
    declared: Verdict
    live: Verdict


class Remedy(TypedDict):
    """How to bring both sides together again."""

    code: str | None
    account: str | None


class Drift(TypedDict):
    """One resource that differs between what is declared and what is live."""

    kind: Literal["changed", "missing", "unmanaged"]
    address: str
    type: str
    arn: str | None
    account: str | None
    region: str | None
    attributes: list[DriftAttribute]
    rules: list[DriftRule]
    controls: dict[str, list[str]]
    joined_by: str | None
    actor: str | None
    remedy: Remedy
    fingerprint: str
    location: NotRequired[Location | None]
    """Where it is declared, as a whole; an unmanaged one's line in the inventory, where there is one."""
    ignored: NotRequired[list[DriftAttribute]]
    """What `lifecycle.ignore_changes` leaves alone."""
    suppression: NotRequired[Suppression]
    """Why it is left alone."""


class FromLive(TypedDict):
    """A verdict of the account that stands in for one that nobody knows."""

    verdict: Verdict
    as_of: str | None
    """When the account was asked; null where the inventory does not say."""


class PlaneRow(TypedDict):
    """The verdicts of one rule instance and resource on all planes."""

    rule: str
    instance: str
    address: str
    arn: str | None
    code: Verdict | None
    plan: Verdict | None
    state: Verdict | None
    live: Verdict | None
    meaning: Meaning
    why: NotRequired[str]
    """Why it cannot be told."""
    from_live: NotRequired[FromLive]
    """What the account tells where what is declared does not."""


class ComparedWith(TypedDict):
    """The older report of a comparison."""

    file: str
    started: str
    vcs: VersionControl | None


class Comparison(TypedDict):
    """What `report --compare` found; the findings have it as `baseline`, fixed ones as `absent`."""

    old: ComparedWith
    new: int
    worsened: int
    unchanged: int
    fixed: int
    not_looked_at: int
    """Findings of the older report that the newer run was not about: neither fixed nor still there."""
    between: str | None
    """The two revisions, `a1b2c3d4e5f6 (main) .. 0f9e8d7c6b5a (fix)`."""
    by: dict[str, str]
    """Fingerprint to whoever is known to stand behind a finding."""
    controls: NotRequired[list[ControlChange]]
    """Controls that stand otherwise than in the older report."""
