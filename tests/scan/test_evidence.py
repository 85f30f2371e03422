"""Archives of evidence: written by a scan, checked by `verify`."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from compliance_scan import evidence
from compliance_scan.cli.app import run

MAIN = """\
resource "aws_db_instance" "main" {
  storage_encrypted = false
  password          = "correct-horse-battery"
}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "main.tf").write_text(MAIN)
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path


def archived(folder: Path, times: int = 1) -> list[Path]:
    for _ in range(times):
        assert run(["scan", ".", "--framework", "cis-aws", "--evidence", str(folder), "-f", "json=../r.json"]) == 1
    return sorted(folder.iterdir())


def manifest(folder: Path) -> Any:
    return json.loads((folder / evidence.MANIFEST).read_text())


def test_a_run_is_kept_whole_with_what_it_judged(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (only,) = archived(repository / "archive")
    told = manifest(only)
    report = json.loads((only / "report.json").read_text())
    assert {finding["verdict"] for finding in report["findings"]} == {"fail", "pass", "not_applicable"}
    assert told["tool"]["rules_digest"] == report["tool"]["rules_digest"]
    assert (told["run"], told["previous"], told["frameworks"]) == (1, None, ["cis-aws-7.0"])
    (resource,) = [json.loads(line) for line in (only / "inventory.jsonl").read_text().splitlines()]
    assert resource["address"] == "aws_db_instance.main"
    assert "correct-horse" not in (only / "inventory.jsonl").read_text() + (only / "report.json").read_text()
    found = evidence.verify(str(repository / "archive"))
    assert (found.runs, found.problems) == (1, ())
    assert f"sha256:{found.head}" in capfd.readouterr().err
    shown = json.loads((repository / "r.json").read_text())
    assert {finding["verdict"] for finding in shown["findings"]} <= {"fail", "unknown"}


def test_what_was_tampered_with_is_told(repository: Path) -> None:
    first, second, _ = archived(repository / "archive", 3)
    archive = str(repository / "archive")
    head = evidence.verify(archive).head
    assert evidence.verify(archive, f"sha256:{head}").problems == ()
    assert evidence.verify(str(second)).problems == ()

    report = first / "report.json"
    text = report.read_text()
    report.write_text(text.replace('"fail"', '"pass"', 1))
    assert evidence.verify(archive).problems == (f"{first.name}/report.json was changed",)

    told = manifest(first)
    told["files"][0] = {"name": "report.json", "bytes": report.stat().st_size, "sha256": evidence._hash(str(report))}
    (first / evidence.MANIFEST).write_text(json.dumps(told))
    assert evidence.verify(archive).problems == (f"{second.name} does not follow the run before it",)
    report.write_text(text)

    (second / "note.txt").write_text("x")
    assert f"{second.name}/note.txt is in no manifest" in evidence.verify(archive).problems
    (second / "report.json").unlink()
    assert f"{second.name}/report.json is missing" in evidence.verify(archive).problems


def test_a_run_that_was_taken_away_is_missed(repository: Path) -> None:
    _, second, third = archived(repository / "archive", 3)
    archive = str(repository / "archive")
    head = evidence.verify(archive).head
    shutil.rmtree(second)
    assert evidence.verify(archive).problems == ("run 2 is missing", f"{third.name} does not follow the run before it")
    shutil.rmtree(third)
    assert evidence.verify(archive).problems == ()
    assert evidence.verify(archive, head).problems == (f"no run has the hash {head}: runs were taken away or changed",)


def test_the_command_tells_an_archive_from_a_history(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (only,) = archived(repository / "archive")
    capfd.readouterr()
    assert run(["verify", str(repository / "archive")]) == 0
    assert "archive: 1 run, whole; head " in capfd.readouterr().out
    (only / "inventory.jsonl").write_text("")
    assert run(["verify", str(repository / "archive"), "-f", "json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert (told["kind"], told["problems"]) == ("evidence", [f"{only.name}/inventory.jsonl was changed"])

    store = repository / "history.db"
    assert run(["scan", ".", "--store", str(store), "-f", "json=../r.json"]) == 1
    assert run(["verify", str(store)]) == 0
    assert "history.db: 1 entry, whole; head " in capfd.readouterr().out
    assert run(["verify", str(repository / "repo")]) == 2
    assert "is neither an evidence archive nor a history" in capfd.readouterr().err


def test_a_folder_that_cannot_be_written_is_said(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (repository / "file").write_text("")
    assert run(["scan", ".", "--evidence", str(repository / "file" / "x")]) == 2
    assert "the evidence cannot be written to" in capfd.readouterr().err


INVENTORY = """\
{"inventory": 1, "accounts": {"123456789012": ["eu-west-1"]}}
{"address": "aws_efs_file_system@123456789012/eu-west-1/fs-1", "root": ".", "type": "aws_efs_file_system", \
"plane": "live", "account": "123456789012", "region": "eu-west-1", "arn": null, "id": "fs-1", \
"attributes": {"encrypted": false}, "unknown": {}, "unit": "eu-west-1"}
{"unit": {"type": "aws_efs_file_system", "account": "123456789012", "region": "eu-west-1", "unknown": null}}
{"whole": true}
"""


def test_an_audit_keeps_the_resources_of_its_inventory(repository: Path) -> None:
    (repository / "inventory.jsonl").write_text(INVENTORY)
    flags = ["--inventory", "../inventory.jsonl", "--framework", "cis-aws", "-f", "json=../r.json"]
    assert run(["audit", *flags, "--evidence", "../archive", "--allow-incomplete"]) == 1
    (only,) = sorted((repository / "archive").iterdir())
    assert manifest(only)["command"] == "audit"
    (resource,) = [json.loads(line) for line in (only / "inventory.jsonl").read_text().splitlines()]
    assert resource["id"] == "fs-1"
    controls = {one["control"]: one for one in json.loads((only / "report.json").read_text())["controls"]}
    assert (controls["3.3.1"]["status"], controls["3.3.1"]["planes"]) == ("fail", ["live"])
    assert controls["2.4"]["status"] == "unknown"
    assert evidence.verify(str(repository / "archive")).problems == ()
