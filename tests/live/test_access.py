"""What keeps an audit out of an account: one clear message each, and exit code 2."""

import pytest

from compliance_scan.inputs.aws.standin import StandIn
from tests.live.conftest import ACCOUNT, REGION, Audits
from tests.live.proxy import Answer, Call, Proxy, error

ONE = ("--rule", "aws-rds-not-public")


def test_no_credentials(standin: StandIn, audits: Audits) -> None:
    done = audits.run("audit", "--endpoint-url", standin.url, *ONE, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert (done.code, done.out) == (2, "")
    assert "there are no credentials for AWS" in done.err


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (400, "ExpiredToken", "have expired"),
        (403, "InvalidClientTokenId", "refuses the credentials"),
        (403, "SignatureDoesNotMatch", "clock"),
        (403, "RequestTimeTooSkewed", "clock"),
        (403, "AccessDenied", "refuses the credentials"),
    ],
)
def test_who_is_not_let_in_hears_why(standin: StandIn, audits: Audits, status: int, code: str, told: str) -> None:
    with Proxy(standin.url, lambda call: error(call, status, code, "so it is")) as proxy:
        done = audits.run("audit", "--endpoint-url", proxy.url, *ONE)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"not even that", b"{}", b""])
@pytest.mark.parametrize("status", [200, 404])
def test_an_endpoint_that_is_no_aws(standin: StandIn, audits: Audits, status: int, body: bytes) -> None:
    with Proxy(standin.url, lambda _call: Answer(status, body)) as proxy:
        done = audits.run("audit", "--endpoint-url", proxy.url, *ONE)
    assert (done.code, done.out) == (2, "")
    assert "is --endpoint-url an endpoint of AWS?" in done.err


def test_an_endpoint_that_is_not_there(audits: Audits) -> None:
    done = audits.run("audit", "--endpoint-url", "http://127.0.0.1:9", *ONE)
    assert (done.code, done.out) == (2, "")
    assert "cannot be reached" in done.err


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", ""])
def test_an_endpoint_that_is_no_address(audits: Audits, url: str) -> None:
    done = audits.run("audit", "--endpoint-url", url, *ONE)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_a_region_that_is_none(standin: StandIn, audits: Audits) -> None:
    done = audits.run("audit", "--endpoint-url", standin.url, "--region", "eu-wset-1", *ONE)
    assert done.code == 2
    assert "'eu-wset-1' is no region, did you mean `eu-west-1`?" in done.err


def test_a_region_that_is_not_enabled_is_named_and_complete(standin: StandIn, audits: Audits) -> None:
    standin.reset()
    done = audits.run(
        "audit", "--endpoint-url", standin.url, "--region", "ap-east-1", "--region", REGION, *ONE, "-f", "json"
    )
    run = done.report["run"]
    assert (run["regions"], run["regions_disabled"]) == ([REGION], ["ap-east-1"])
    assert done.report["incomplete"] == []


def test_a_profile_that_is_not_there(standin: StandIn, audits: Audits) -> None:
    done = audits.run("audit", "--endpoint-url", standin.url, "--aws-profile", "nobody", *ONE)
    assert done.code == 2
    assert "nobody" in done.err


def test_a_role_that_may_not_be_assumed(standin: StandIn, audits: Audits) -> None:
    def decide(call: Call) -> Answer | None:
        return error(call, 403, "AccessDenied", "not you") if call.operation == "AssumeRole" else None

    role = f"arn:aws:iam::{ACCOUNT}:role/audit"
    with Proxy(standin.url, decide) as proxy:
        done = audits.run("audit", "--endpoint-url", proxy.url, "--role-arn", role, *ONE)
    assert done.code == 2
    assert f"the role {role} cannot be assumed" in done.err


def test_a_role_is_assumed_with_its_external_id(standin: StandIn, audits: Audits) -> None:
    standin.reset()
    role = "arn:aws:iam::210987654321:role/audit"
    with Proxy(standin.url, lambda _call: None) as proxy:
        done = audits.run(
            "audit", "--endpoint-url", proxy.url, "--role-arn", role, "--external-id", "x-1",
            "--region", REGION, *ONE, "-f", "json",
        )  # fmt: skip
    assert done.report["run"]["account"] == "210987654321"
    assert [call.operation for call in proxy.calls].count("AssumeRole") == 1


def test_an_empty_account_says_so(standin: StandIn, audits: Audits) -> None:
    standin.reset()
    done = audits.audit(standin.url, rules=["aws-rds-storage-encrypted"])
    assert done.code == 0
    assert f"account {ACCOUNT} has no resources" in done.err
    assert done.report["findings"] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--resume"], "--resume needs the --inventory-out"),
        (["--inventory", "none.jsonl"], "there is no inventory none.jsonl"),
        (["--external-id", "x"], "--external-id belongs to --role-arn"),
        (["--offline"], "--offline allows no calls"),
        (["--inventory-out", "nowhere/x.jsonl"], "there is no such folder"),
    ],
)
def test_flags_that_contradict_one_another(audits: Audits, arguments: list[str], told: str) -> None:
    done = audits.run("audit", *arguments)
    assert (done.code, done.out) == (2, "")
    assert told in done.err


@pytest.mark.parametrize("body", [b"<!doctype html><title>500</title>", b"Internal Server Error"])
def test_a_page_instead_of_an_error_is_asked_for_once(standin: StandIn, audits: Audits, body: bytes) -> None:
    def decide(call: Call) -> Answer | None:
        return Answer(500, body) if call.operation == "DescribeDBInstances" else None

    with Proxy(standin.url, decide) as proxy:
        done = audits.audit(proxy.url, rules=["aws-rds-not-public"])
    assert [call.operation for call in proxy.calls].count("DescribeDBInstances") == 1
    assert {each["verdict"] for each in done.report["findings"]} == {"unknown"}


def test_a_name_before_the_host_is_left_out_where_the_host_is_an_address(standin: StandIn, audits: Audits) -> None:
    standin.reset()
    with Proxy(standin.url, lambda _call: None) as proxy:
        done = audits.audit(proxy.url, rules=["aws-s3-account-public-access-block"])
    assert any("/configuration/publicAccessBlock" in call.path for call in proxy.calls)
    assert {each["verdict"] for each in done.report["findings"]} <= {"pass", "fail"}
