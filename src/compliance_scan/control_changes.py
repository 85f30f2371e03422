"""What became of controls since an older report: the answer to an auditor's first question."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.model.report_controls import ControlChange, ControlState, ControlStatus

RANK: dict[ControlState, int] = {"fail": 0, "unknown": 1, "pass_automated_part": 2, "pass": 3}
"""How much is shown; a status that says nothing of the control (nothing there, for a person) has no rank."""


def control_changes(new: Sequence[ControlStatus], old: Sequence[ControlStatus]) -> list[ControlChange]:
    """The controls whose status, or whose number of fails, is another than in the older report, in the newer one's
    order; controls that only one of them speaks of are left out."""
    before = {(entry["framework"], entry["control"]): entry for entry in old}
    found: list[ControlChange] = []
    for entry in new:
        then = before.get((entry["framework"], entry["control"]))
        if then is None or (then["status"], then["fail"]) == (entry["status"], entry["fail"]):
            continue
        found.append(
            {
                "framework": entry["framework"],
                "control": entry["control"],
                "title": entry["title"],
                "before": then["status"],
                "after": entry["status"],
                "fail_before": then["fail"],
                "fail_after": entry["fail"],
                "direction": _direction(then, entry),
            }
        )
    return found


def _direction(then: ControlStatus, now: ControlStatus) -> str:
    """`better`, `worse`, or `other` where one of the two says nothing of how the control stands."""
    ranks = RANK.get(then["status"]), RANK.get(now["status"])
    if ranks[0] is None or ranks[1] is None:
        return "other"
    if ranks[0] == ranks[1]:
        return "better" if now["fail"] < then["fail"] else "worse"
    return "better" if ranks[1] > ranks[0] else "worse"
