"""The accepted findings."""

import json
from pathlib import Path
from typing import Any

import pytest

from compliance_scan import baseline
from compliance_scan.baseline import Accepted, Baseline
from compliance_scan.errors import ConfigError, UsageError

ONE = Accepted("cs1:1", ("cs1:9",), "sha256:a", "fail", "r", "r", "high", "t", "t.a", ".", "main.tf", "no")
TWO = ONE._replace(fingerprint="cs1:2", aliases=(), verdict="unknown", guilty="", address="t.b", file="sub/x.tf")


@pytest.mark.parametrize(
    ("names", "verdict", "guilty", "state"),
    [
        (("cs1:1",), "fail", "sha256:a", "unchanged"),
        (("cs1:7", "cs1:9"), "fail", "sha256:a", "unchanged"),
        (("cs1:1",), "fail", "sha256:b", "worsened"),
        (("cs1:1",), "unknown", "", "unchanged"),
        (("cs1:2",), "unknown", "", "unchanged"),
        (("cs1:2",), "fail", "sha256:c", "worsened"),
        (("cs1:3",), "fail", "sha256:a", "new"),
    ],
)
def test_states(names: tuple[str, ...], verdict: str, guilty: str, state: str) -> None:
    assert Baseline([ONE, TWO], "b.json").compare("r", names, verdict, guilty) == state


def test_another_instance_is_another_finding() -> None:
    assert Baseline([ONE], "b.json").compare("other", ("cs1:1",), "fail", "sha256:a") == "new"


def test_absent_and_others() -> None:
    made = Baseline([ONE, TWO], "b.json")
    assert made.absent(["r"], lambda _: True) == [ONE, TWO]
    made.compare("r", ("cs1:1",), "fail", "sha256:a")
    assert made.absent(["r"], lambda _: True) == [TWO]
    assert made.absent(["q"], lambda _: True) == []
    assert made.absent(["r"], lambda file: file == "main.tf") == []
    assert made.others(["r"], lambda file: file == "main.tf") == [TWO]
    assert made.others([], lambda _: True) == [ONE, TWO]


def test_round_trip_is_stable(tmp_path: Path) -> None:
    text, count = baseline.render([], lambda path: path, [TWO, ONE])
    assert (text, count) == baseline.render([], lambda path: path, [ONE, TWO])
    assert count == 2
    (tmp_path / "b.json").write_text(text)
    again = baseline.read(str(tmp_path / "b.json"), "b.json")
    assert sorted(again.others([], lambda _: True)) == [ONE, TWO]


def _finding(**more: Any) -> Any:
    return {
        "rule": "r",
        "instance": "r",
        "verdict": "fail",
        "severity": "high",
        "message": "no",
        "guilty": "sha256:a",
        "fingerprint": "cs1:1",
        "aliases": ["cs1:9"],
        "baseline": None,
        "suppression": None,
        "location": {"file": "main.tf"},
        "resource": {"address": "t.a", "root": ".", "type": "t"},
        **more,
    }


def test_what_is_accepted() -> None:
    hidden = {"kind": "inline", "status": "accepted"}
    findings = [
        _finding(),
        _finding(fingerprint="cs1:2", verdict="pass"),
        _finding(fingerprint="cs1:3", suppression=hidden),
        _finding(fingerprint="cs1:4", suppression={**hidden, "status": "expired"}),
        _finding(fingerprint="cs1:5", suppression={**hidden, "kind": "baseline"}),
        _finding(fingerprint="cs1:6", baseline="absent"),
    ]
    text, count = baseline.render(findings, lambda path: f"sub/{path}")
    entries = json.loads(text)["findings"]
    assert [entry["fingerprint"] for entry in entries] == ["cs1:1", "cs1:4", "cs1:5"]
    assert count == 3
    assert entries[0]["file"] == "sub/main.tf"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"schema_version": 1}', '{"schema_version": 1, "findings": [{"rule": 1}]}', "[" * 100_000]
)
def test_no_baseline(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_text(text)
    with pytest.raises(ConfigError, match=r"b\.json:1: not a baseline"):
        baseline.read(str(tmp_path / "b.json"), "b.json")


def test_other_version_and_missing(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"schema_version": 2, "findings": []}')
    with pytest.raises(ConfigError, match="of version 2"):
        baseline.read(str(tmp_path / "b.json"), "b.json")
    with pytest.raises(UsageError, match="cannot be read"):
        baseline.read(str(tmp_path / "none.json"), "none.json")
