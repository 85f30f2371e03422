"""`gate`: a plan over its own prior state, and over a seeded stand-in."""

import json
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.cli import main
from tests.drift.conftest import Account

VERSIONING = "aws-s3-bucket-versioning"
ENCRYPTED = "aws-rds-storage-encrypted"
NAME = "logs-of-ours"


def change(kind: str, actions: list[str], before: Any, after: Any) -> dict[str, Any]:
    return {
        "address": f"{kind}.logs", "mode": "managed", "type": kind, "name": "logs",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {},
                   "before_sensitive": {}, "after_sensitive": {}},
    }  # fmt: skip


def bucket() -> dict[str, Any]:
    return {"id": NAME, "bucket": NAME, "arn": f"arn:aws:s3:::{NAME}"}


def versioned(status: str) -> dict[str, Any]:
    return {"id": NAME, "bucket": NAME, "versioning_configuration": [{"status": status}]}


def plan(folder: Path, *changes: dict[str, Any]) -> str:
    """A plan file with these changes, and what was there before as its prior state."""
    resources = [
        {**{key: each[key] for key in ("address", "mode", "type", "name")}, "values": each["change"]["before"],
         "provider_name": each["provider_name"], "sensitive_values": {}}
        for each in changes if each["change"]["before"] is not None
    ]  # fmt: skip
    made = {
        "format_version": "1.2", "terraform_version": "1.11.0", "complete": True,
        "resource_changes": list(changes), "planned_values": {"root_module": {}}, "configuration": {"root_module": {}},
        "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": resources}}},
    }  # fmt: skip
    path = folder / "plan.json"
    path.write_text(json.dumps(made))
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["gate", *arguments, "-f", "json", "--rule", VERSIONING, "--framework", "soc2", "--allow-incomplete"])
    out, err = capsys.readouterr()
    assert out, err
    return code, json.loads(out)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after", "code", "newly", "fixed"),
    [
        ("Enabled", "Suspended", 1, [VERSIONING], []),
        ("Suspended", "Enabled", 0, [], [VERSIONING]),
        ("Suspended", "Suspended", 0, [], []),
        ("Enabled", "Enabled", 0, [], []),
    ],
)
def test_over_the_prior_state(
    before: str, after: str, code: int, newly: list[str], fixed: list[str],
    folder: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    actions = ["no-op"] if before == after else ["update"]
    path = plan(
        folder,
        change("aws_s3_bucket", ["no-op"], bucket(), bucket()),
        change("aws_s3_bucket_versioning", actions, versioned(before), versioned(after)),
    )
    got, report = run(capsys, path)
    assert got == code
    assert [each["rule"] for each in report["gate"]["newly_failing"]] == newly
    assert [each["rule"] for each in report["gate"]["fixed"]] == fixed
    statuses = {(each["before"] == "fail", each["after"] == "fail") for each in report["gate"]["controls"]}
    assert statuses == ({(False, True)} if newly else {(True, False)} if fixed else set())


def test_without_the_ratchet_what_fails_already_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = plan(
        folder,
        change("aws_s3_bucket", ["no-op"], bucket(), bucket()),
        change("aws_s3_bucket_versioning", ["no-op"], versioned("Suspended"), versioned("Suspended")),
    )
    assert run(capsys, path)[0] == 0
    assert run(capsys, path, "--no-ratchet")[0] == 1


def test_a_new_bucket_without_versioning_breaks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = plan(folder, change("aws_s3_bucket", ["create"], None, {"bucket": NAME}))
    code, report = run(capsys, path)
    assert code == 1
    assert [each["resource"]["address"] for each in report["gate"]["newly_failing"]] == ["aws_s3_bucket.logs"]


def test_over_the_account(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.bucket(NAME, "Enabled")
    account.bucket("other", "Suspended")
    path = plan(
        account.folder,
        change("aws_s3_bucket", ["no-op"], bucket(), bucket()),
        change("aws_s3_bucket_versioning", ["update"], versioned("Enabled"), versioned("Suspended")),
    )
    code, report = run(capsys, path, *account.flags())
    assert code == 1
    [broken] = report["gate"]["newly_failing"]
    assert broken["resource"]["address"] == "aws_s3_bucket.logs"
    assert {each["resource"]["address"] for each in report["findings"] if each["verdict"] == "fail"} == {
        "aws_s3_bucket.logs",
        "arn:aws:s3:::other",
    }


def test_what_is_no_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x.json").write_text("{}")
    assert main(["gate", "x.json"]) == 3
    assert "has no format_version" in capsys.readouterr().err
