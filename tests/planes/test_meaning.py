"""The whole truth table of planes."""

import itertools
import subprocess
import sys

import pytest

from compliance_scan.planes.meaning import GOOD, meaning

VERDICTS = (None, "pass", "fail", "unknown", "not_applicable")


@pytest.mark.parametrize(
    ("declared", "state", "live", "expected"),
    [
        ("pass", "pass", "pass", "pass"),
        ("pass", "fail", "pass", "pass"),
        ("not_applicable", None, "pass", "pass"),
        ("fail", "fail", "fail", "bad_everywhere"),
        ("fail", None, "fail", "bad_everywhere"),
        (None, "fail", "fail", "bad_everywhere"),
        ("pass", "fail", "fail", "fixed_in_code_not_applied"),
        ("pass", "pass", "fail", "changed_in_console"),
        (None, "pass", "fail", "changed_in_console"),
        ("fail", "pass", "pass", "broken_in_code_not_applied"),
        ("fail", "fail", "pass", "fixed_in_console"),
        (None, "fail", "pass", "fixed_in_console"),
        ("pass", None, "fail", "cannot_tell"),
        ("fail", None, "pass", "cannot_tell"),
        ("unknown", "pass", "fail", "cannot_tell"),
        ("pass", "pass", "unknown", "cannot_tell"),
        ("pass", "unknown", "fail", "cannot_tell"),
        ("pass", "pass", None, "cannot_tell"),
    ],
)
def test_on_both_sides(declared: str | None, state: str | None, live: str | None, expected: str) -> None:
    assert meaning(declared=declared, state=state, live=live).meaning == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("live", "expected"),
    [("pass", "resource_only_live"), ("fail", "resource_only_live_bad"), ("unknown", "cannot_tell")],
)
def test_only_in_the_account(live: str, expected: str) -> None:
    told = meaning(declared=None, state=None, live=live, missing="declared")  # type: ignore[arg-type]
    assert told.meaning == expected


@pytest.mark.parametrize("declared", ["pass", "fail", "unknown", "not_applicable"])
def test_only_declared(declared: str) -> None:
    told = meaning(declared=declared, state=None, live=None, missing="live")  # type: ignore[arg-type]
    assert told.meaning == "resource_only_in_code"


def test_every_state_has_a_meaning_and_what_cannot_be_told_a_reason() -> None:
    for declared, state, live in itertools.product(VERDICTS, repeat=3):
        told = meaning(declared=declared, state=state, live=live)  # type: ignore[arg-type]
        assert bool(told.why) == (told.meaning == "cannot_tell")
        if told.meaning == "pass":
            assert live in GOOD
            assert (declared or state) in GOOD


def test_the_page_shows_the_table_of_today() -> None:
    from tests.conftest import REPOSITORY

    done = subprocess.run([sys.executable, "tools/planes_table.py", "--check"], cwd=REPOSITORY, check=False)
    assert done.returncode == 0, "python tools/planes_table.py"
