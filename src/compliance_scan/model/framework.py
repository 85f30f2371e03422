"""Frameworks as a run sees them: controls, what serves them, and what became of them."""

from typing import Literal, NamedTuple

Coverage = Literal["full", "partial", "manual"]
ControlState = Literal["pass", "pass_automated_part", "fail", "unknown", "manual", "not_applicable", "no_resources"]


class Control(NamedTuple):
    """One control of a framework, with the rules that serve it here and now."""

    id: str
    title: str
    objectives: tuple[str, ...]
    rules: tuple[str, ...]
    """Ids of the existing rules that serve it, by name or by objective, sorted."""
    coverage: Coverage
    """What the existing rules can decide; never more than the framework's file says."""
    manual: str
    """What an auditor still has to ask and collect; empty for full coverage."""
    planned: tuple[str, ...] = ()
    """Rules that the file names and that do not exist yet."""
    section: str = ""
    level: int | None = None


class CoverageCount(NamedTuple):
    """How many controls of a framework are decided, partly decided and not decided by rules."""

    id: str
    controls: int
    full: int
    partial: int
    manual: int


class Tally(NamedTuple):
    """What one rule said over all its instances and resources. All zero: it ran and found nothing to judge."""

    passed: int = 0
    failed: int = 0
    """Suppressed ones included."""
    unknown: int = 0
    not_applicable: int = 0
    suppressed: int = 0


class Exemption(NamedTuple):
    """The organisation's word that a control does not apply: an entry of a statement of applicability."""

    reason: str
    owner: str | None
    until: str | None
    """ISO date, the last day on which it holds."""
    where: str
    """`file:line`."""


class ControlStatus(NamedTuple):
    """What a run says of one control: an entry of the report's `controls`."""

    framework: str
    control: str
    status: ControlState
    passed: int
    failed: int
    unknown: int
    suppressed: int
    coverage: Coverage
    """What was decided in this run: partial, too, where a rule that serves the control brought no evidence."""
    manual: str
    reason: str
    """Why this status, a sentence without a period."""
    rules: tuple[str, ...] = ()
    """The rules whose verdicts decided it."""
    exemption: Exemption | None = None
