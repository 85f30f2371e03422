"""What became of controls since an older report."""

from typing import Any, cast

import pytest

from compliance_scan.control_changes import control_changes
from compliance_scan.model.report_controls import ControlStatus


def control(name: str, status: str, fail: int = 0) -> ControlStatus:
    made: dict[str, Any] = {"framework": "soc2-2017", "control": name, "title": "t", "status": status, "fail": fail}
    return cast("ControlStatus", made)


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (("fail", 2), ("pass", 0), "better"),
        (("pass", 0), ("fail", 1), "worse"),
        (("pass", 0), ("unknown", 0), "worse"),
        (("pass_automated_part", 0), ("pass", 0), "better"),
        (("fail", 3), ("fail", 1), "better"),
        (("fail", 1), ("fail", 3), "worse"),
        (("fail", 1), ("not_applicable", 1), "other"),
        (("manual", 0), ("pass_automated_part", 0), "other"),
    ],
)
def test_a_change_has_a_direction(before: tuple[str, int], after: tuple[str, int], direction: str) -> None:
    (found,) = control_changes([control("A", *after)], [control("A", *before)])
    assert (found["direction"], found["before"], found["after"]) == (direction, before[0], after[0])


def test_what_stayed_or_is_told_by_one_report_only_is_no_change() -> None:
    new = [control("A", "pass"), control("B", "fail", 1), control("C", "fail", 1)]
    old = [control("A", "pass"), control("B", "fail", 1), control("D", "fail", 1)]
    assert control_changes(new, old) == []
