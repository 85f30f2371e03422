"""The truth table of planes: what the verdicts of one rule on one resource mean together.

A verdict is None where its plane was not read or does not have the resource; `missing` says which. Suppressed fails
count as fails: what somebody accepted is still there. What is not applicable is as good as a pass: nothing is wrong.
"""

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from compliance_scan.model.finding import Verdict
    from compliance_scan.model.report_planes import Meaning

Missing = Literal["", "live", "declared"]
"""Empty: the resource is on both sides. `live`: it is declared and the account, which was read, does not have it.
`declared`: the account has it and no code, plan or state that was read declares it."""


class Told(NamedTuple):
    """A meaning, and why it cannot be told where it cannot."""

    meaning: "Meaning"
    why: str = ""


NO_STATE: Final = (
    "no state was read (terraform state pull > FILE, --state FILE): whether it was changed in the console or never "
    "applied cannot be told"
)
GOOD: Final = frozenset({"pass", "not_applicable"})


def meaning(
    *,
    declared: "Verdict | None",
    state: "Verdict | None",
    live: "Verdict | None",
    missing: Missing = "",
) -> Told:
    """What verdicts mean together. `declared`: of the code, or of the plan that stands for it."""
    if missing == "declared":
        if live == "fail":
            return Told("resource_only_live_bad")
        return (
            Told("cannot_tell", "the account is not known there") if live == "unknown" else Told("resource_only_live")
        )
    if missing == "live":
        return Told("resource_only_in_code")
    wanted = state if declared is None else declared
    if live is None or wanted is None:
        return Told(
            "cannot_tell", "the resource was not found in the account" if live is None else "nothing declares it"
        )
    if "unknown" in (live, wanted):
        side = "the account" if live == "unknown" else "the code" if declared is not None else "the state"
        return Told("cannot_tell", f"{side} does not say")
    if wanted in GOOD and live in GOOD:
        return Told("pass")
    if wanted == "fail" and live == "fail":
        return Told("bad_everywhere")
    return _apart(wanted in GOOD, state, from_state=declared is None)


def _apart(declared_good: bool, state: "Verdict | None", *, from_state: bool) -> Told:
    """Where what is declared and what is live differ: the state, which the last apply left, tells who moved."""
    if state is None:
        return Told("cannot_tell", NO_STATE)
    if state == "unknown":
        return Told("cannot_tell", "the state does not say")
    applied = from_state or (state in GOOD) == declared_good
    if declared_good:
        return Told("changed_in_console" if applied else "fixed_in_code_not_applied")
    return Told("fixed_in_console" if applied else "broken_in_code_not_applied")
