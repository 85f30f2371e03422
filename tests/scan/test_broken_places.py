"""What a program's fault in one place does: that file is reported as incomplete, everything else is judged."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.inputs.terraform.provenance import BlockSource
from compliance_scan.scan import Request, scan
from compliance_scan.suppressions import Suppressions

CODE = """
# compliance-scan:ignore aws-sns-topic-encrypted reason="later"
resource "aws_sns_topic" "t" {
}
"""


def judged(folder: Path) -> Any:
    (folder / ".git").mkdir()
    (folder / "main.tf").write_text(CODE)
    (folder / "other.tf").write_text('resource "aws_sqs_queue" "q" {}\n')
    request = Request(
        root=str(folder), targets=["."], folder=str(folder), as_of=date(2026, 11, 21), rules=["aws-sns-topic-encrypted"]
    )
    return scan(request).report


def fault(*_arguments: object) -> Any:
    raise RuntimeError("a fault of ours")


def test_comments_that_cannot_be_read_hide_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BlockSource, "comments", fault)
    report = judged(tmp_path)
    (finding,) = report["findings"]
    assert (finding["verdict"], finding["suppression"]) == ("fail", None)
    (note,) = report["incomplete"]
    assert (note["kind"], note["where"]) == ("error", "main.tf:3")
    assert "RuntimeError" in note["message"]


def test_a_place_that_cannot_be_told_is_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BlockSource, "header", property(fault))
    monkeypatch.setattr(BlockSource, "span_of", fault)
    report = judged(tmp_path)
    assert [(each["verdict"], each["location"]["line"]) for each in report["findings"]] == [("fail", 1)]
    assert {note["kind"] for note in report["incomplete"]} == {"error"}


def test_without_a_fault_nothing_is_incomplete(tmp_path: Path) -> None:
    report = judged(tmp_path)
    (finding,) = report["findings"]
    assert finding["suppression"]["status"] == "accepted"
    assert not report["incomplete"]
    assert not Suppressions(as_of=date(2026, 11, 21)).unread
