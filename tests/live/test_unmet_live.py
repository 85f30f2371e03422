"""A promise of the profile for which the account holds nothing is a finding, as it is in a scan."""

from typing import Any

import pytest

from compliance_scan.inputs.aws.standin import StandIn
from tests.live.conftest import ACCOUNT, REGION, Audits
from tests.live.proxy import Answer, Call, Proxy, error

PROFILE = """\
title: Shop
unmet: fail
others: skip
rules:
  - {rule: aws-rds-storage-encrypted, as: orders-encrypted, statement: P-1}
  - {rule: aws-dynamodb-point-in-time-recovery, as: tables-recover, statement: P-2}
  - {rule: aws-s3-bucket-versioning, as: told-by-no-promise, only: {name: nowhere}}
"""
CODE = """
resource "aws_db_instance" "orders" {
  identifier = "orders"
  engine     = "postgres"
}
resource "aws_db_instance" "gone" {
  identifier = "gone"
  engine     = "postgres"
}
resource "aws_db_instance" "somewhere" {
  engine = "postgres"
}
"""


def audit(audits: Audits, account: StandIn, profile: str, *more: str) -> dict[str, Any]:
    """Findings without those of resources, by instance."""
    (audits.folder / "profile.yaml").write_text(profile)
    done = audits.audit(account.url, "--profile", "profile.yaml", *more, rules=())
    assert done.code in (0, 1), done.err
    return {each["instance"]: each for each in done.report["findings"] if each["message_id"] == "unmet"}


def test_what_the_account_lacks_breaks_the_promise_at_the_profiles_line(audits: Audits, account: StandIn) -> None:
    found = audit(audits, account, PROFILE)
    assert set(found) == {"tables-recover"}
    told = found["tables-recover"]
    assert (told["verdict"], told["statements"]) == ("fail", ["P-2"])
    assert (told["location"]["file"], told["location"]["line"]) == ("profile.yaml", 6)
    assert (told["resource"]["plane"], told["resource"]["account"]) == ("live", ACCOUNT)
    assert f"{ACCOUNT} ({REGION})" in told["message"]


def test_without_the_word_nothing_is_said(audits: Audits, account: StandIn) -> None:
    assert not audit(audits, account, PROFILE.replace("unmet: fail\n", ""))


@pytest.mark.parametrize(
    ("address", "alone", "beside"),
    [
        ("aws_db_instance.orders", "unknown", None),
        ("aws_db_instance.gone", "unknown", "fail"),
        ("*.nowhere", "unknown", "fail"),
        ("*.somewhere", "unknown", "unknown"),
    ],
)
def test_only_code_tells_what_an_address_means(
    audits: Audits, account: StandIn, address: str, alone: str, beside: str | None
) -> None:
    profile = PROFILE.replace("as: orders-encrypted,", f'as: orders-encrypted, only: {{address: "{address}"}},')
    (audits.folder / "code").mkdir()
    (audits.folder / "code" / "main.tf").write_text(CODE)
    told = audit(audits, account, profile).get("orders-encrypted")
    assert told is not None
    assert (told["verdict"], told["unknown_cause"]) == (alone, "not_collected")
    told = audit(audits, account, profile, "--code", "code", "--allow-incomplete").get("orders-encrypted")
    assert (told and told["verdict"]) == beside


def test_what_could_not_be_listed_is_unknown_and_not_missed(audits: Audits, account: StandIn) -> None:
    def decide(call: Call) -> Answer | None:
        return error(call, 400, "AccessDeniedException") if "ListTables" in call.operation else None

    (audits.folder / "profile.yaml").write_text(PROFILE)
    with Proxy(account.url, decide) as proxy:
        done = audits.audit(proxy.url, "--profile", "profile.yaml", rules=())
    told = [each for each in done.report["findings"] if each["instance"] == "tables-recover"]
    assert [(each["verdict"], each["unknown_cause"]) for each in told] == [("unknown", "denied")]
