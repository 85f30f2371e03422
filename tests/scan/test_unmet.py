"""A promise that finds nothing to judge is a finding of its own, where the profile says so."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.scan import Request, scan

DATABASE = 'resource "aws_db_instance" "d" {\n  engine            = "postgres"\n  storage_encrypted = true\n}\n'
BUCKET = 'resource "aws_s3_bucket" "b" {}\n'
PROFILE = """\
title: Shop
unmet: fail
others: skip
rules:
  - rule: aws-rds-storage-encrypted
    as: ledger-encrypted
    statement: P-1
  - {rule: aws-s3-bucket-versioning, as: told-by-no-promise, only: {address: "*.nowhere"}}
"""


def findings(folder: Path, code: str, profile: str = PROFILE, **more: Any) -> list[dict[str, Any]]:
    (folder / "main.tf").write_text(code)
    (folder / "profile.yaml").write_text(profile)
    request = Request(str(folder), ["."], str(folder), date(2026, 11, 21), profile=str(folder / "profile.yaml"), **more)
    return [dict(each) for each in scan(request).report["findings"]]


def test_a_deleted_resource_breaks_the_promise_at_the_profiles_line(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, BUCKET)
    assert (found["verdict"], found["instance"], found["statements"]) == ("fail", "ledger-encrypted", ["P-1"])
    assert (found["location"]["file"], found["location"]["line"]) == ("profile.yaml", 5)
    assert found["resource"]["type"] == "aws_db_instance"
    assert "ledger-encrypted" in found["message"]


def test_a_promise_that_judges_something_is_met(tmp_path: Path) -> None:
    assert findings(tmp_path, DATABASE) == []


@pytest.mark.parametrize(
    "profile", [PROFILE.replace("unmet: fail\n", ""), PROFILE.replace("fail", "ignore")], ids=["left out", "ignore"]
)
def test_without_the_word_nothing_is_said(tmp_path: Path, profile: str) -> None:
    assert findings(tmp_path, BUCKET, profile) == []


def test_what_was_not_read_may_hold_it(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, BUCKET + 'module "m" {\n  source = "example/elsewhere/aws"\n}\n')
    assert (found["verdict"], found["unknown_cause"]) == ("unknown", "not_collected")


def test_a_promise_that_forbids_something_is_kept_by_nothing(tmp_path: Path) -> None:
    assert (
        findings(tmp_path, BUCKET, PROFILE.replace("    statement: P-1", "    statement: P-1\n    unmet: ignore")) == []
    )


@pytest.mark.parametrize("more", [{"include": ["*.tf"]}, {"skip": ["aws-rds-storage-encrypted"]}])
def test_a_part_of_the_repository_shows_no_lack(tmp_path: Path, more: dict[str, Any]) -> None:
    assert findings(tmp_path, BUCKET, **more) == []


def test_a_promise_on_the_account_alone_is_not_looked_for_in_code(tmp_path: Path) -> None:
    profile = PROFILE.replace("aws-rds-storage-encrypted", "aws-iam-root-mfa")
    assert findings(tmp_path, BUCKET, profile) == []


def test_the_fingerprint_is_the_same_on_each_run(tmp_path: Path) -> None:
    one, two = findings(tmp_path, BUCKET), findings(tmp_path, "\n\n" + BUCKET)
    assert one[0]["fingerprint"] == two[0]["fingerprint"]
