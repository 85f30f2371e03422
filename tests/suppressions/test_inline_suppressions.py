"""Our own comment's grammar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.suppressions.inline import parse


def read(text: str) -> list[tuple[str, str, str | None, str | None, str]]:
    return [(each.rule, each.reason, each.owner, each.until, each.problem) for each in parse(text, "main.tf", 3)]


def test_whole() -> None:
    text = 'compliance-scan:ignore aws-a, aws-b until=2027-01-31 owner=storage reason="logs of \\"tests\\" only"'
    reason = 'logs of "tests" only'
    assert read(text) == [
        ("aws-a", reason, "storage", "2027-01-31", ""),
        ("aws-b", reason, "storage", "2027-01-31", ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "compliance-scan:ignore aws-a reason='why'",
        "compliance-scan:ignore aws-a reason=why",
        "compliance-scan:ignore reason=why aws-a",
        "compliance-scan:ignore: aws-a reason=why",
        "  blah compliance-scan:ignore aws-a reason=why */",
    ],
)
def test_spellings(text: str) -> None:
    assert read(text) == [("aws-a", "why", None, None, "")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("compliance-scan:ignore aws-a", 'it has no reason, so it hides nothing: add reason="..."'),
        ('compliance-scan:ignore aws-a reason="  "', 'it has no reason, so it hides nothing: add reason="..."'),
        ("compliance-scan:ignore", "it names no rule"),
        (
            "compliance-scan:ignore aws-a reason=x until=31.1.2027",
            "until=31.1.2027 is no date, so it hides nothing: write until=YYYY-MM-DD",
        ),
        ("compliance-scan:ignore aws-a reson=x", "it has no setting 'reson', only reason, owner, until"),
        ('compliance-scan:ignore aws-a reason="never closed', "it cannot be read from"),
    ],
)
def test_what_is_wrong_hides_nothing_and_says_so(text: str, problem: str) -> None:
    (only,) = read(text)
    assert only[4].startswith(problem)


def test_several_lines_and_where_they_stand() -> None:
    text = "about\ncompliance-scan:ignore aws-a reason=x\ncompliance-scan:ignore aws-b reason=y"
    assert [(each.rule, each.line) for each in parse(text, "main.tf", 3)] == [("aws-a", 4), ("aws-b", 5)]


@given(st.text(max_size=300))
def test_anything_can_be_read(text: str) -> None:
    for each in parse(f"compliance-scan:ignore {text}", "main.tf", 1):
        assert each.rule
        assert each.problem or each.reason
