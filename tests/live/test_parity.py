"""A sample of `tools/parity.py`; the whole is slow and has its own mark."""

from collections.abc import Iterator

import pytest

from compliance_scan.inputs.aws.standin import StandIn
from tests.conftest import REPOSITORY
from tests.live.parity import Outcome, Parity

SAMPLE = (
    "aws-cloudtrail-multi-region",
    "aws-ecs-container-insights",
    "aws-kms-key-rotation",
    "aws-rds-not-public",
    "aws-s3-bucket-versioning",
    "aws-vpc-security-group-ssh",
)


@pytest.fixture(scope="module")
def parity() -> Iterator[Parity]:
    with StandIn() as standin:
        yield Parity(standin)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_rule_says_the_same_of_the_account_as_of_the_code(parity: Parity, name: str) -> None:
    outcomes = [each for each in parity.run(parity.ruleset.rule(name)) if not _is_beyond_the_standin(each)]
    assert len(outcomes) >= 2
    for outcome in outcomes:
        assert (outcome.state, outcome.reason) == ("same", ""), outcome.example


def _is_beyond_the_standin(outcome: Outcome) -> bool:
    """Whether the stand-in itself refuses to hold what an example has."""
    return outcome.state == "cannot" and outcome.reason.startswith("cannot be made: ")


@pytest.mark.slow
def test_no_rule_says_otherwise_of_the_account_but_those_that_are_listed(parity: Parity) -> None:
    outcomes = [
        each for rule in parity.rules() if not parity.needs_managed_policies(rule) for each in parity.run(rule, most=1)
    ]
    listed = (REPOSITORY / "docs" / "parity.md").read_text().partition("## Rules that do\n")[0]
    assert [each for each in outcomes if each.state == "differs" and f"`{each.rule}`" not in listed] == []
    good = {each.rule for each in outcomes if each.state == "same"}
    assert len(good - {each.rule for each in outcomes if each.state != "same"}) >= 250
