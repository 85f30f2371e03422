"""`drift` and `audit --code` against a stand-in over HTTP, as a user runs them."""

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from compliance_scan.cli import main
from tests.drift.conftest import Account
from tests.live.proxy import Answer, Call, Proxy, error

VERSIONING = "aws-s3-bucket-versioning"
CODE = """resource "aws_s3_bucket" "logs" {
  bucket = "logs-of-ours"
}

resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration {
    status = "Enabled"
  }
}
"""


def run(account: Account, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main([*arguments, *account.flags("--rule", VERSIONING, "-f", "json", "--framework", "soc2")])
    out, err = capsys.readouterr()
    assert out, err
    return code, json.loads(out)


def state(account: Account, status: str) -> str:
    """A state as Terraform would have left it."""
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    resources = [
        {
            "mode": "managed", "type": kind, "name": "logs", "provider": provider,
            "instances": [{"attributes": attributes}],
        }
        for kind, attributes in (
            ("aws_s3_bucket", {"id": "logs-of-ours", "bucket": "logs-of-ours", "arn": "arn:aws:s3:::logs-of-ours"}),
            (
                "aws_s3_bucket_versioning",
                {"id": "logs-of-ours", "bucket": "logs-of-ours", "versioning_configuration": [{"status": status}]},
            ),
        )
    ]  # fmt: skip
    path = account.folder / "terraform.tfstate"
    path.write_text(json.dumps({"version": 4, "serial": 3, "lineage": "x", "resources": resources}))
    return str(path)


def test_no_drift(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Enabled")
    (account.folder / "main.tf").write_text(CODE)
    code, report = run(account, capsys, "drift")
    assert (code, report["drift"]) == (0, [])
    assert [(row["address"], row["meaning"]) for row in report["planes"]] == [("aws_s3_bucket.logs", "pass")]


def test_a_control_flipped(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Suspended")
    (account.folder / "main.tf").write_text(CODE)
    code, report = run(account, capsys, "drift")
    assert code == 1
    [drift] = report["drift"]
    assert (drift["kind"], drift["address"], drift["arn"]) == (
        "changed",
        "aws_s3_bucket.logs",
        "arn:aws:s3:::logs-of-ours",
    )
    assert drift["attributes"] == [
        {
            "path": "versioning.status",
            "declared": "Enabled",
            "live": "Suspended",
            "location": {"file": "main.tf", "line": 8, "column": 5, "end_line": 8, "end_column": 23},
        }
    ]
    assert drift["rules"] == [{"rule": VERSIONING, "declared": "pass", "live": "fail"}]
    assert "A1.2" in drift["controls"]["soc2-2017"]
    [finding] = report["findings"]
    assert finding["resource"]["address"] == "aws_s3_bucket.logs"
    assert finding["resource"]["arn"] == "arn:aws:s3:::logs-of-ours"
    assert (finding["location"]["file"], finding["location"]["line"]) == ("main.tf", 8)


def test_both_ways_back_end_the_drift(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Suspended")
    path = account.folder / "main.tf"
    path.write_text(CODE)
    remedy = run(account, capsys, "drift")[1]["drift"][0]["remedy"]
    assert remedy["account"] == "terraform apply -target=aws_s3_bucket.logs"
    patched = subprocess.run(
        ["patch", "-p1", "--quiet"], cwd=account.folder, input=remedy["code"], text=True, check=False
    )
    assert patched.returncode == 0
    assert path.read_text() == CODE.replace('"Enabled"', '"Suspended"')
    assert run(account, capsys, "drift")[1]["drift"] == []

    path.write_text(CODE)
    account.versioning("logs-of-ours", "Enabled")
    assert run(account, capsys, "drift")[1]["drift"] == []


def test_the_state_tells_who_moved(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Suspended")
    (account.folder / "main.tf").write_text(CODE)
    for applied, meaning in (("Enabled", "changed_in_console"), ("Suspended", "fixed_in_code_not_applied")):
        report = run(account, capsys, "drift", ".", "--state", state(account, applied))[1]
        assert [row["meaning"] for row in report["planes"]] == [meaning]
        [drift] = report["drift"]
        assert drift["joined_by"] == "arn"
        assert drift["attributes"][0]["location"]["file"] == "main.tf"


def test_missing_and_unmanaged(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("stray")
    (account.folder / "main.tf").write_text(CODE)
    code, report = run(account, capsys, "drift")
    assert code == 1
    assert [(each["kind"], each["type"], each["arn"]) for each in report["drift"]] == [
        ("unmanaged", "aws_s3_bucket", "arn:aws:s3:::stray"),
        ("missing", "aws_s3_bucket", None),
    ]
    assert {row["meaning"] for row in report["planes"]} == {"resource_only_in_code", "resource_only_live_bad"}


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_the_import_block_is_formatted_and_ends_the_drift(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("stray")
    (account.folder / "main.tf").write_text('resource "null_resource" "x" {}\n')
    [drift] = run(account, capsys, "drift")[1]["drift"]
    text = drift["remedy"]["code"]
    assert re.match(r'import \{\n  to = aws_s3_bucket.stray\n  id = "stray"\n\}\n', text)
    (account.folder / "imports.tf").write_text(text)
    done = subprocess.run(
        ["terraform", "fmt", "-check", str(account.folder)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert run(account, capsys, "drift")[1]["drift"] == []


def test_driftignore_marks_and_does_not_hide(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Suspended")
    (account.folder / "main.tf").write_text(CODE)
    (account.folder / ".driftignore").write_text("# known\naws_s3_bucket.logs\n")
    code, report = run(account, capsys, "drift")
    assert code == 0
    assert report["drift"][0]["suppression"]["where"] == ".driftignore:2"


def test_the_state_of_another_account_is_refused(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Enabled")
    path = state(account, "Enabled")
    text = (account.folder / "terraform.tfstate").read_text()
    (account.folder / "terraform.tfstate").write_text(
        text.replace("arn:aws:s3:::logs-of-ours", "arn:aws:s3:eu-west-1:999999999999:x")
    )
    assert main(["drift", path, *account.flags("--rule", VERSIONING)]) == 2
    assert "account 999999999999" in capsys.readouterr().err
    assert main(["drift", path, *account.flags("--rule", VERSIONING, "--force")]) in (0, 1)


def test_an_audit_beside_the_code(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Suspended")
    account.bucket("stray")
    (account.folder / "main.tf").write_text(CODE)
    scanned = main(["scan", "--rule", VERSIONING, "--verdicts", "all", "-f", "json"])
    assert scanned == 0
    [declared] = json.loads(capsys.readouterr().out)["findings"]
    code, report = run(account, capsys, "audit", "--code", ".")
    assert code == 1
    found = {each["resource"]["address"]: each for each in report["findings"]}
    assert found["aws_s3_bucket.logs"]["fingerprint"] == declared["fingerprint"]
    assert found["aws_s3_bucket.logs"]["location"]["line"] == 8
    assert found["arn:aws:s3:::stray"]["location"] is None or found["arn:aws:s3:::stray"]["location"]["file"] == ""
    assert report["drift"]


def test_a_comparison_is_kept_as_evidence(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Suspended")
    (account.folder / "main.tf").write_text(CODE)
    archive = account.folder / "archive"
    code, report = run(account, capsys, "drift", "--evidence", str(archive))
    assert (code, report["drift"][0]["kind"]) == (1, "changed")
    (kept,) = [one for one in archive.iterdir() if one.is_dir()]
    assert json.loads((kept / "report.json").read_text())["drift"] == report["drift"]
    assert "logs-of-ours" in (kept / "inventory.jsonl").read_text()
    assert main(["verify", str(archive)]) == 0


def test_who_changed_it_and_when(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Suspended")
    (account.folder / "main.tf").write_text(CODE)
    eve = "arn:aws:iam::123456789012:user/eve"
    event = {
        "EventName": "PutBucketVersioning", "EventTime": 1_764_000_000, "ReadOnly": "false",
        "CloudTrailEvent": json.dumps({"userIdentity": {"arn": eve}}),
    }  # fmt: skip

    def events(call: Call) -> Answer | None:
        if call.service != "cloudtrail" or "LookupEvents" not in call.operation:
            return None
        return Answer(200, json.dumps({"Events": [event]}).encode(), (("Content-Type", "application/x-amz-json-1.1"),))

    with Proxy(account.url, events) as proxy:
        account.url = proxy.url
        _, report = run(account, capsys, "drift")
        asked = [call for call in proxy.calls if "LookupEvents" in call.operation]
    [drift] = report["drift"]
    assert drift["actor"] == f"{eve}, PutBucketVersioning at 2025-11-24T16:00:00Z"
    assert len(asked) == 1
    assert "actors_unread" not in report["run"]


def test_history_that_may_not_be_read_is_a_note(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket("logs-of-ours", "Suspended")
    (account.folder / "main.tf").write_text(CODE)

    def deny(call: Call) -> Answer | None:
        return error(call, 400, "AccessDeniedException") if "LookupEvents" in call.operation else None

    with Proxy(account.url, deny) as proxy:
        account.url = proxy.url
        code, report = run(account, capsys, "drift")
    assert (code, report["drift"][0]["actor"]) == (1, None)
    [told] = report["run"]["actors_unread"]
    assert "LookupEvents" in told
    assert "denied" in told
    assert not any("cloudtrail" in each["where"] + each["message"] for each in report["incomplete"])
