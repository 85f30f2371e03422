"""The policy that `permissions` prints: enough, and nothing to spare."""

import json

import pytest

from compliance_scan.inputs.aws.permissions import permissions
from compliance_scan.inputs.aws.standin import StandIn
from tests.live.conftest import RULES, Audits
from tests.live.proxy import Answer, Call, Proxy, error

CHOSEN = [word for rule in RULES for word in ("--rule", rule)]
# How the requests of services without an operation in them read, and the action that each needs.
S3 = {"": "s3:ListAllMyBuckets", "location": "s3:GetBucketLocation", "versioning": "s3:GetBucketVersioning"}


def action_of(call: Call) -> str:
    """The action by which AWS allows a request."""
    if call.service != "s3":
        return f"{call.service}:{call.operation}"
    path, _, query = call.path.partition("?")
    return S3["" if path == "/" else query.partition("=")[0].partition("&")[0]]


def enforcing(account: StandIn, allowed: set[str]) -> Proxy:
    """A stand-in that denies what a policy does not allow."""

    def decide(call: Call) -> Answer | None:
        if call.operation == "GetCallerIdentity" or action_of(call) in allowed:
            return None
        return error(call, 403, "AccessDenied", f"not authorized to perform: {action_of(call)}")

    return Proxy(account.url, decide)


def actions(audits: Audits) -> list[str]:
    """What `permissions` prints for the rules."""
    done = audits.run("permissions", *CHOSEN)
    assert (done.code, done.err) == (0, "")
    (statement,) = json.loads(done.out)["Statement"]
    assert (statement["Effect"], statement["Resource"]) == ("Allow", "*")
    named: list[str] = statement["Action"]
    return named


def test_exactly_that_policy_is_enough_and_one_action_less_is_said(account: StandIn, audits: Audits) -> None:
    allowed = actions(audits)
    assert all(":" in action and "*" not in action for action in allowed)
    with enforcing(account, set(allowed)) as proxy:
        done = audits.audit(proxy.url)
        used = {action_of(call) for call in proxy.calls} - {"sts:GetCallerIdentity"}
    assert done.report["incomplete"] == []
    assert used <= set(allowed)
    for missing in ("rds:DescribeDBInstances", "s3:GetBucketVersioning"):
        with enforcing(account, set(allowed) - {missing}) as proxy:
            lacking = audits.audit(proxy.url)
        assert lacking.code == 4
        assert any(missing in each["message"] for each in lacking.report["incomplete"]), missing


def test_fewer_rules_need_fewer_actions(audits: Audits) -> None:
    one = audits.run("permissions", "--rule", "aws-rds-storage-encrypted")
    assert json.loads(one.out)["Statement"][0]["Action"] == ["ec2:DescribeRegions", "rds:DescribeDBInstances"]


@pytest.mark.parametrize("operation", [("nobody", "describe_things"), ("s3", "describe_things")])
def test_an_operation_without_a_known_action_is_named(operation: tuple[str, str]) -> None:
    assert permissions([operation]).unresolved == [".".join(operation)]
