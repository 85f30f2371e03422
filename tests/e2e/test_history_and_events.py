"""Scans that are remembered, as a user runs them."""

import json
import sqlite3
from pathlib import Path

from e2e_support import CLOSED_GROUP, OPEN_GROUP, Command

SSH = "aws-vpc-security-group-ssh"


def test_two_runs_and_what_changed(scan_folder: Path, command: Command, tmp_path: Path) -> None:
    store, events = tmp_path / "history.db", tmp_path / "events.jsonl"
    (scan_folder / "main.tf").write_text(OPEN_GROUP)
    remembering = ("--rule", SSH, "--store", str(store), "--events", str(events))
    assert command("scan", *remembering).code == 1
    (scan_folder / "main.tf").write_text(CLOSED_GROUP)
    assert command("scan", *remembering).code == 0

    listed = command("history", "--store", str(store))
    assert listed.code == 0
    assert [line.split()[2] for line in listed.out.splitlines()[1:]] == ["0", "1"]
    told = command("history", "changes", "--store", str(store), "-f", "json")
    changed = json.loads(told.out)["changes"]
    assert [(each["kind"], each["rule"]) for each in changed] == [("resolved", SSH)]
    life = command("history", "show", changed[0]["fingerprint"], "--store", str(store))
    assert "resolved 20" in life.out
    kinds = [json.loads(line)["type"].removeprefix("dev.compliance-scan.") for line in events.read_text().splitlines()]
    assert kinds == ["finding.new", "run.finished", "finding.resolved", "run.finished"]


def test_a_report_shows_the_runs_that_led_to_it(scan_folder: Path, command: Command, tmp_path: Path) -> None:
    store, page = tmp_path / "history.db", tmp_path / "report.html"
    (scan_folder / "main.tf").write_text(OPEN_GROUP)
    scan = ("scan", "--rule", SSH, "--store", str(store), "-f", "json", "-f", f"html={page}")
    assert json.loads(command(*scan).out)["run"]["trend"] == []
    assert command("scan", "--rule", SSH, "--store", str(store), "-q", "other.tf", "main.tf").code == 2
    (scan_folder / "main.tf").write_text(CLOSED_GROUP)
    (before,) = json.loads(command(*scan).out)["run"]["trend"]
    assert sum(before["open_by_severity"].values()) == 1
    assert '"trend": [{"started": ' in page.read_text()


def test_only_what_the_format_shows_leaves_but_all_is_remembered(
    scan_folder: Path, command: Command, tmp_path: Path
) -> None:
    (scan_folder / "main.tf").write_text(OPEN_GROUP)
    store = tmp_path / "history.db"
    done = command("scan", "--rule", SSH, "--store", str(store), "--verdicts", "pass", "-f", "json")
    assert json.loads(done.out)["findings"] == []
    with sqlite3.connect(store) as connection:
        assert connection.execute("SELECT rule, verdict FROM findings").fetchall() == [(SSH, "fail")]


def test_a_history_that_cannot_be_written_says_so_after_the_report(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(CLOSED_GROUP)
    done = command("scan", "--rule", SSH, "--store", str(scan_folder))
    assert done.code == 2
    assert "is a folder" in done.err
    assert "exit 0" in done.out


def test_an_empty_history(command: Command, tmp_path: Path) -> None:
    done = command("history", "--store", str(tmp_path / "none.db"))
    assert done.code == 2
    assert "there is no history" in done.err
