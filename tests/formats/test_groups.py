"""Grouping joins what says the same, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from compliance_scan.formats._groups import grouped

if TYPE_CHECKING:
    from tests.formats.conftest import FindingMaker


def test_calls_of_one_module_are_one_group(make_finding: FindingMaker) -> None:
    def origin(line: int) -> dict[str, Any]:
        place = {"file": "main.tf", "line": line, "column": 1, "end_line": line, "end_column": 9}
        return {"message": "value comes from here", "address": None, "location": place}

    findings = [make_finding(address=f"module.m[{n}].a.b", related=[origin(7), origin(n)]) for n in range(40)]
    (group,) = grouped(findings)
    assert group.addresses == [f"module.m[{n}].a.b" for n in range(40)]
    assert [entry["location"]["line"] for entry in group.related if entry["location"]] == [
        7,
        *(n for n in range(40) if n != 7),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"instance": "another"},
        {"verdict": "unknown"},
        {"guilty": "sha256:ff"},
        {"baseline": "new"},
        {"severity": "low"},
        {"location": {"file": "modules/db/main.tf", "line": 14, "column": 4, "end_line": 14, "end_column": 36}},
        {"location": None},
    ],
)
def test_what_differs_stays_apart(make_finding: FindingMaker, change: dict[str, Any]) -> None:
    assert len(grouped([make_finding(), make_finding(**change)])) == 2


def test_findings_without_a_place_stay_apart(make_finding: FindingMaker) -> None:
    findings = [make_finding(address=f"arn:{n}", location=None, fingerprint=f"cs1:{n}") for n in range(2)]
    assert len(grouped(findings)) == 2
