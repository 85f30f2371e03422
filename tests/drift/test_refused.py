"""What `drift` refuses or marks: states and inventories that do not belong together, and what somebody accepted."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.cli import main
from compliance_scan.inputs.aws.lines import UnitLine, Writer
from compliance_scan.model.live import live_resource

ACCOUNT, REGION = "123456789012", "eu-west-1"
QUEUE = "aws_sqs_queue"
ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
CODE = """resource "aws_sqs_queue" "jobs" {
  name                       = "jobs"
  visibility_timeout_seconds = 30
  sqs_managed_sse_enabled    = %s
  %s
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def code(folder: Path, encrypted: str = "true", more: str = "") -> None:
    (folder / "main.tf").write_text(CODE % (encrypted, more))


def inventory(folder: Path, started: str | None = None, *, denied: bool = False, **live: Any) -> None:
    """The account: one queue, whose tags and values are these."""
    head = {"accounts": {ACCOUNT: [REGION]}, "regions_disabled": [], **({"started": started} if started else {})}
    writer = Writer(str(folder / "inventory.jsonl"), head)
    unit = (QUEUE, ACCOUNT, REGION)
    if not denied:
        given = {"name": "jobs", "visibility_timeout_seconds": 30, "sqs_managed_sse_enabled": True, **live}
        writer.resource(live_resource(QUEUE, "https://sqs/jobs", given, account=ACCOUNT, region=REGION, arn=ARN), unit)
    from compliance_scan.model.value import Unknown

    writer.unit(UnitLine(*unit, Unknown("denied", "sqs:ListQueues was denied") if denied else None))
    writer.whole({"operations": []})


def state(folder: Path, file: str = "terraform.tfstate", serial: int = 3, account: str = ACCOUNT, **given: Any) -> Path:
    attributes = {"id": "https://sqs/jobs", "name": "jobs", "arn": ARN.replace(ACCOUNT, account), **given}
    entry = {
        "mode": "managed", "type": QUEUE, "name": "jobs", "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"attributes": attributes}],
    }  # fmt: skip
    path = folder / file
    path.write_text(json.dumps({"version": 4, "serial": serial, "lineage": "one", "resources": [entry]}))
    return path


def drift(*arguments: str) -> tuple[int, dict[str, Any]]:
    flags = (
        "--inventory",
        "inventory.jsonl",
        "-f",
        "json=out.json",
        "--allow-incomplete",
        "--rule",
        "aws-sqs-queue-encrypted",
    )
    done = main(["drift", ".", *flags, *arguments])
    return done, json.loads(Path("out.json").read_text()) if Path("out.json").exists() else {}


def test_an_inventory_older_than_the_state_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code(folder)
    inventory(folder, "2026-01-01T00:00:00Z")
    path = state(folder)
    assert drift("--state", path.name)[0] == 2
    assert "older than terraform.tfstate" in capsys.readouterr().err
    assert drift("--state", path.name, "--force")[0] == 0
    os.utime(path, (time.mktime((2025, 1, 1, 0, 0, 0, 0, 0, 0)),) * 2)
    assert drift("--state", path.name)[0] == 0


def test_a_serial_that_goes_back_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inventory(folder)
    first, second = state(folder, "a.tfstate", 7), state(folder, "b.tfstate", 5)
    assert main(["drift", first.name, second.name, "--inventory", "inventory.jsonl"]) == 2
    told = capsys.readouterr().err
    assert "b.tfstate (serial 5) is an older state of what a.tfstate (serial 7)" in told


def test_an_encrypted_state_names_the_way_to_a_plain_one(folder: Path) -> None:
    code(folder)
    inventory(folder)
    (folder / "e.tfstate").write_text(json.dumps({"serial": 1, "lineage": "x", "encrypted_data": "c2VjcmV0"}))
    done, report = drift("--state", "e.tfstate")
    [note] = report["incomplete"]
    assert (done, "encrypted" in note["message"]) == (0, True)
    assert "terraform state pull" in note["hint"]


def test_half_an_inventory_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code(folder)
    inventory(folder)
    path = folder / "inventory.jsonl"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    assert drift()[0] == 2
    assert "no whole inventory" in capsys.readouterr().err


def test_nothing_is_missing_where_the_list_was_denied(folder: Path) -> None:
    code(folder)
    inventory(folder, denied=True)
    _, report = drift()
    assert report["drift"] == []
    [row] = report["planes"]
    assert (row["meaning"], "denied" in row["why"]) == ("cannot_tell", True)


def test_two_addresses_for_one_resource_are_ambiguous(folder: Path) -> None:
    code(folder)
    (folder / "twice.tf").write_text((folder / "main.tf").read_text().replace('"jobs" {', '"again" {'))
    inventory(folder, visibility_timeout_seconds=60)
    _, report = drift()
    assert report["drift"] == []
    assert {row["meaning"] for row in report["planes"]} == {"cannot_tell"}
    assert all("is the same live resource" in row["why"] for row in report["planes"])


def test_the_account_tells_where_the_code_does_not(folder: Path) -> None:
    code(folder, "var.encrypted")
    (folder / "variables.tf").write_text('variable "encrypted" {\n  type = bool\n}\n')
    inventory(folder, "2026-11-30T10:00:00Z", sqs_managed_sse_enabled=False, kms_master_key_id=None)
    _, report = drift()
    [row] = report["planes"]
    assert (row["code"], row["live"], row["meaning"]) == ("unknown", "fail", "cannot_tell")
    assert row["from_live"] == {"verdict": "fail", "as_of": "2026-11-30T10:00:00Z"}
    assert "from the live account as of 2026-11-30T10:00:00Z: fail" in row["why"]


def test_what_terraform_leaves_alone_is_told_and_accepted(folder: Path) -> None:
    code(folder, more="lifecycle {\n    ignore_changes = [visibility_timeout_seconds]\n  }")
    inventory(folder, visibility_timeout_seconds=60)
    done, report = drift("--fail-on-drift", "any")
    [told] = report["drift"]
    assert (done, told["suppression"]["reason"]) == (0, "lifecycle.ignore_changes names it")
    assert [each["path"] for each in told["ignored"]] == ["visibility_timeout_seconds"]
    assert told["suppression"]["where"].startswith("main.tf:")


@pytest.mark.parametrize(
    ("entry", "accepted"),
    [
        (f'resource: "{ARN}"', True),
        ('resource: "arn:aws:sqs:*:jobs"', True),
        ('resource: "arn:aws:sqs:*:other"', False),
        (f'account: "{ACCOUNT}"', True),
        ('account: "999999999999"', False),
        ('tag: "env=sandbox"', True),
        ('tag: "env=prod*"', False),
        ('tag: "env"', True),
    ],
)
def test_suppressions_name_arns_accounts_and_tags(entry: str, accepted: bool, folder: Path) -> None:
    code(folder)
    inventory(
        folder,
        visibility_timeout_seconds=60,
        sqs_managed_sse_enabled=False,
        kms_master_key_id=None,
        tags={"env": "sandbox"},
    )
    text = f"suppressions:\n  - {{rule: %s, {entry}, reason: it may}}\n"
    (folder / ".compliance-scan.yaml").write_text(text % "drift")
    done, report = drift()
    [told] = report["drift"]
    assert ("suppression" in told, done) == (accepted, 0 if accepted else 1)
    (folder / ".compliance-scan.yaml").write_text(text % "aws-sqs-*")
    main(["audit", "--inventory", "inventory.jsonl", "--rule", "aws-sqs-queue-encrypted", "-f", "json=out.json"])
    [finding] = json.loads((folder / "out.json").read_text())["findings"]
    assert (finding["suppression"] is not None) is accepted
