"""Identities and fingerprints: stable under what does not matter, different for what does."""

from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.shape.identity import fingerprint, fingerprints, identity_of
from tests.shape.shape_fakes import resource


def test_code_plan_and_state_have_one_identity() -> None:
    same = {identity_of(resource("aws_vpc.v", plane=plane)).canonical for plane in ("code", "plan", "state")}
    assert len(same) == 1
    assert identity_of(resource("aws_vpc.v", root="other")).canonical not in same


def test_moved_addresses_are_aliases() -> None:
    old, new = resource("aws_vpc.old"), resource("aws_vpc.new", aliases=("aws_vpc.old",))
    before, _ = fingerprints("r", "r", old)
    after, aliases = fingerprints("r", "r", new)
    assert before != after
    assert before in aliases


def test_a_live_resource_takes_the_identity_of_its_address() -> None:
    arn = "arn:aws:s3:::logs"
    live = resource(
        "aws_s3_bucket.x", {"id": "logs"}, plane="live", account="1", region="eu-west-1", arn=arn, name="logs"
    )
    declared = resource("aws_s3_bucket.logs")
    alone, joined = identity_of(live), identity_of(live, joined=declared)
    assert alone.canonical == "aws_s3_bucket@1/eu-west-1/logs"
    assert arn in alone.aliases
    assert joined.canonical == identity_of(declared).canonical
    assert alone.canonical in joined.aliases


@given(st.text(), st.text(), st.text())
def test_a_fingerprint_is_short_and_of_a_version(rule: str, instance: str, name: str) -> None:
    found = fingerprint(rule, instance, name)
    assert found.startswith("cs1:")
    assert len(found) == 36
    assert found != fingerprint(rule + "x", instance, name)


def test_a_state_knows_the_arn_that_the_account_will_show() -> None:
    declared = resource("aws_s3_bucket.logs", plane="state", arn="arn:aws:s3:::logs")
    assert "arn:aws:s3:::logs" in identity_of(declared).aliases
