"""The part of the JSON report that speaks of controls (see `model.report`): import it under `TYPE_CHECKING` only."""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias, TypedDict

ControlState: TypeAlias = Literal[
    "pass", "pass_automated_part", "fail", "unknown", "manual", "not_applicable", "no_resources"
]

# `pass` is a keyword, so a key of that name needs the functional form.
Passes = TypedDict("Passes", {"pass": int})


class FrameworkInfo(TypedDict):
    """A selected framework (key of `Report.frameworks`: its id)."""

    title: str
    version: str


class Exemption(TypedDict):
    """The organisation's word that a control does not apply."""

    reason: str
    owner: str | None
    until: str | None
    """ISO date."""
    where: str
    """`file:line`."""


class RuleEvidence(Passes):
    """What one rule said over all its instances and resources."""

    fail: int
    unknown: int
    not_applicable: int
    suppressed: int
    resources: int
    """Resources with a verdict that is not `not_applicable`."""
    planes: list[str]


class ControlStatus(Passes):
    """One control of a selected framework."""

    framework: str
    control: str
    title: str
    status: ControlState
    fail: int
    unknown: int
    suppressed: int
    coverage: Literal["full", "partial", "manual"]
    manual: str
    """What remains for a person; empty where nothing does."""
    section: NotRequired[str]
    """The publisher's own heading."""
    reason: NotRequired[str]
    """Why this status, a sentence without a period."""
    rules: NotRequired[list[str]]
    """The rules whose verdicts decided it: keys of `Report.evidence`."""
    resources: NotRequired[int]
    """Resources with a verdict of these rules that is not `not_applicable`."""
    planes: NotRequired[list[str]]
    """The planes of these resources, sorted."""
    evaluated_percent: NotRequired[float | None]
    """(pass + fail) / (pass + fail + unknown); None where nothing was judged."""
    exemption: NotRequired[Exemption | None]


class ControlChange(TypedDict):
    """A control that stands otherwise than in an older report."""

    framework: str
    control: str
    title: str
    before: ControlState
    after: ControlState
    fail_before: int
    fail_after: int
    direction: str
    """`better`, `worse`, or `other` where one of the two says nothing of how the control stands."""
