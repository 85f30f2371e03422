"""Audits of the stand-in: what comes out, what is called, what a disturbed account does."""

import json
import operator
import random
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance_scan.inputs.aws.standin import StandIn
from tests.live.conftest import ACCOUNT, REGION, RULES, Audits
from tests.live.proxy import Answer, Call, Decide, Proxy, error

ORDERS = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders"
LEDGER = f"arn:aws:rds:{REGION}:{ACCOUNT}:db:ledger"
EXPECTED = {
    ("aws-s3-bucket-versioning", "arn:aws:s3:::the-logs"): "fail",
    ("aws-s3-bucket-versioning", "arn:aws:s3:::the-data"): "pass",
    ("aws-rds-not-public", ORDERS): "fail",
    ("aws-rds-not-public", LEDGER): "pass",
    ("aws-rds-storage-encrypted", ORDERS): "fail",
    ("aws-rds-storage-encrypted", LEDGER): "pass",
    ("aws-ecs-container-insights", f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/main"): "pass",
    ("aws-iam-role-trust-not-public", f"arn:aws:iam::{ACCOUNT}:role/app"): "fail",
}


def known(verdicts: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Those of the small account; others may judge what the account is itself."""
    return {key: verdict for key, verdict in verdicts.items() if key in EXPECTED}


def test_the_account_is_judged_by_the_rules_of_the_code(account: StandIn, audits: Audits) -> None:
    done = audits.audit(account.url)
    assert known(done.verdicts()) == EXPECTED
    report = done.report
    assert (report["run"]["account"], report["run"]["regions"]) == (ACCOUNT, [REGION])
    assert report["incomplete"] == []
    assert done.code == 1
    assert done.err == ""
    for finding in report["findings"]:
        assert finding["resource"]["plane"] == "live"
        assert finding["resource"]["account"] == ACCOUNT
        assert finding["location"] is None


def test_only_what_the_rules_read_is_called(account: StandIn, audits: Audits) -> None:
    with Proxy(account.url, lambda _call: None) as proxy:
        done = audits.audit(proxy.url, rules=["aws-rds-storage-encrypted"])
    called = {f"{call.service}:{call.operation}" for call in proxy.calls}
    assert called == {"sts:GetCallerIdentity", "ec2:DescribeRegions", "rds:DescribeDBInstances"}
    named = {row["operation"]: row["counts"] for row in done.report["run"]["operations"]}
    assert named == {"ec2:DescribeRegions": {"ok": 1}, "rds:DescribeDBInstances": {"ok": 1}}


def test_satellites_share_the_listing_of_their_owner(account: StandIn, audits: Audits) -> None:
    with Proxy(account.url, lambda _call: None) as proxy:
        audits.audit(proxy.url, rules=["aws-s3-bucket-versioning"])
    paths = [call.path.partition("?")[0] for call in proxy.calls if call.service == "s3"]
    assert paths.count("/") == 1


def denies(*operations: str) -> Decide:
    def decide(call: Call) -> Answer | None:
        return error(call, 403, "AccessDenied") if call.operation in operations else None

    return decide


def test_a_denied_listing_is_unknown_and_never_a_verdict(account: StandIn, audits: Audits) -> None:
    with Proxy(account.url, denies("DescribeDBInstances")) as proxy:
        done = audits.audit(proxy.url)
    place = f"aws_db_instance@{ACCOUNT}/{REGION}"
    mine = {key: verdict for key, verdict in done.verdicts().items() if key[0].startswith("aws-rds-")}
    assert mine[("aws-rds-storage-encrypted", place)] == "unknown"
    assert mine[("aws-rds-not-public", place)] == "unknown"
    assert "pass" not in mine.values()
    assert "fail" not in mine.values()
    (noted,) = [each for each in done.report["incomplete"] if "RDS" in each["where"].upper()]
    assert noted["kind"] == "denied"
    assert noted["where"].startswith("rds:DescribeDBInstances")
    assert {e["unknown_cause"] for e in done.report["findings"] if e["resource"]["address"] == place} == {"denied"}
    assert done.code == 4
    others = {key: verdict for key, verdict in known(done.verdicts()).items() if not key[0].startswith("aws-rds-")}
    assert others == {key: verdict for key, verdict in EXPECTED.items() if not key[0].startswith("aws-rds-")}


def test_a_denied_question_makes_unknown_what_hangs_on_it(account: StandIn, audits: Audits) -> None:
    def decide(call: Call) -> Answer | None:
        return error(call, 403, "AccessDenied") if call.path.startswith("/the-data?versioning") else None

    with Proxy(account.url, decide) as proxy:
        verdicts = known(audits.audit(proxy.url).verdicts())
    assert verdicts == EXPECTED | {("aws-s3-bucket-versioning", "arn:aws:s3:::the-data"): "unknown"}


def test_throttling_alone_loses_nothing(account: StandIn, audits: Audits) -> None:
    dice = random.Random(7)

    def decide(call: Call) -> Answer | None:
        return error(call, 400, "Throttling") if dice.random() < 0.3 else None

    with Proxy(account.url, decide) as proxy:
        done = audits.audit(proxy.url)
    assert known(done.verdicts()) == EXPECTED
    assert done.report["incomplete"] == []


def test_dropped_connections_change_no_verdict_but_to_unknown(account: StandIn, audits: Audits) -> None:
    dice = random.Random(11)

    def decide(_call: Call) -> Answer | None:
        return Answer(0, b"") if dice.random() < 0.05 else None

    with Proxy(account.url, decide) as proxy:
        verdicts = known(audits.audit(proxy.url).verdicts())
    for key, verdict in verdicts.items():
        assert verdict in (EXPECTED[key], "unknown"), key


def test_what_the_endpoint_does_not_implement_is_asked_once(account: StandIn, audits: Audits) -> None:
    def decide(call: Call) -> Answer | None:
        if call.operation != "DescribeDBInstances":
            return None
        return Answer(500, b"NotImplementedError: The describe_db_instances action has not been implemented")

    with Proxy(account.url, decide) as proxy:
        done = audits.audit(proxy.url, rules=["aws-rds-not-public"])
    assert [call.operation for call in proxy.calls].count("DescribeDBInstances") == 1
    assert {each["kind"] for each in done.report["incomplete"]} == {"unsupported"}
    assert done.code == 4


@pytest.mark.parametrize(
    "body", [b"<DescribeDBInstancesResponse><unclosed>", b"\x00\xff", b"<html>proxy login</html>", b""]
)
def test_an_answer_that_does_not_parse_is_unknown(account: StandIn, audits: Audits, body: bytes) -> None:
    def decide(call: Call) -> Answer | None:
        return Answer(200, body, (("Content-Type", "text/xml"),)) if call.operation == "DescribeDBInstances" else None

    with Proxy(account.url, decide) as proxy:
        done = audits.audit(proxy.url, rules=["aws-rds-not-public"])
    assert "pass" not in done.verdicts().values()
    assert done.code == 4, done.out


def test_the_inventory_repeats_the_judgement(account: StandIn, audits: Audits) -> None:
    first = audits.audit(account.url, "--inventory-out", "account.jsonl")
    file = audits.folder / "account.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    chosen = [word for rule in RULES for word in ("--rule", rule)]
    again = audits.run("audit", "--inventory", "account.jsonl", *chosen, "-f", "json", "--verdicts", "all")
    assert again.report["findings"] == first.report["findings"]
    assert (again.code, again.report["summary"]) == (first.code, first.report["summary"])
    place = next(e for e in first.report["findings"] if e["resource"]["address"] == ORDERS)["location"]
    line = json.loads(file.read_text().splitlines()[place["line"] - 1])
    assert (place["file"], line["address"]) == ("account.jsonl", ORDERS)


def test_a_killed_audit_goes_on_where_it_stopped(account: StandIn, audits: Audits) -> None:
    whole = audits.audit(account.url, "--inventory-out", "whole.jsonl")

    def slow(call: Call) -> Answer | None:
        if call.service == "iam":
            time.sleep(30)
        return None

    words = ["audit", "--endpoint-url", "", "--region", REGION, "-f", "json", "--verdicts", "all"]
    words += [word for rule in RULES for word in ("--rule", rule)]
    with Proxy(account.url, slow) as proxy:
        words[2] = proxy.url
        process = audits.start(*words, "--inventory-out", "killed.jsonl")
        aside = audits.folder / "killed.jsonl.partial"
        wait_for(lambda: aside.exists() and '"aws_db_instance"' in aside.read_text() and "unit" in aside.read_text())
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert not (audits.folder / "killed.jsonl").exists()
    with aside.open("a") as handle:
        handle.write('{"address": "cut off in the mid')
    with Proxy(account.url, lambda _call: None) as proxy:
        words[2] = proxy.url
        done = audits.run(*words, "--inventory-out", "killed.jsonl", "--resume")
        assert "rds" not in {call.service for call in proxy.calls}
    resumed, undisturbed = done.report, whole.report
    for each in (*resumed["findings"], *undisturbed["findings"]):
        each.pop("location")
        each.pop("related")
    key = operator.itemgetter("rule", "fingerprint")
    assert sorted(resumed["findings"], key=key) == sorted(undisturbed["findings"], key=key)
    assert resumed["summary"] == undisturbed["summary"]
    assert (audits.folder / "killed.jsonl").exists()


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def test_an_inventory_that_is_none_or_not_whole_says_so(audits: Audits) -> None:
    cases = {
        "": "is empty",
        "{}\n": "no inventory",
        '{"inventory":1,"accounts":{}}\n': "not whole",
        '{"inventory":1,"accounts":{}}\n{"type":': "no line of an inventory",
    }
    for text, told in cases.items():
        Path(audits.folder / "bad.jsonl").write_text(text)
        done = audits.run("audit", "--inventory", "bad.jsonl")
        assert done.code == 2, text
        assert told in done.err or told == "not whole", done.err
        assert "Traceback" not in done.err
