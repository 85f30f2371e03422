"""A second engine beside ours: its recorded results join, nothing of it lies in the repository, and a real run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from compliance_scan.cli import main
from compliance_scan.engines import checkov

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED = Path(__file__).resolve().parents[1] / "bridges/recorded"
ESTATE = RECORDED / "estate"
ENCRYPTED = "aws-rds-storage-encrypted"


@pytest.fixture
def scan(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, Any, str]]:
    def scans(*arguments: str) -> tuple[int, Any, str]:
        monkeypatch.chdir(ESTATE)
        code = main(["scan", ".", "--root", ".", "--no-config", "-f", "json", *arguments])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return scans


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What Checkov really printed for the estate stands for a run of it."""
    document = json.loads((RECORDED / "checkov.json").read_text())
    monkeypatch.setattr(checkov, "environment", lambda *_, **__: str(tmp_path))
    monkeypatch.setattr(checkov, "_results", lambda *_: document)


@pytest.mark.usefixtures("recorded")
def test_results_join_ours(scan: Any) -> None:
    _, alone, _ = scan()
    code, both, _ = scan("--engine", "checkov")
    assert code == 1
    told = [each for each in both["findings"] if each["rule"] == ENCRYPTED]
    assert [[one["message"] for one in each["related"]] for each in told] == [
        ["reported by checkov 3.3.30 as CKV_AWS_16"]
    ]
    keys = [(each["rule"], each["resource"]["address"]) for each in both["findings"]]
    assert len(keys) == len(set(keys))
    ours = {each["fingerprint"] for each in alone["findings"]}
    assert ours <= {each["fingerprint"] for each in both["findings"]}
    assert both["run"]["command"] == "scan"
    assert both["run"]["targets"] == alone["run"]["targets"]


@pytest.mark.usefixtures("recorded")
def test_a_choice_of_rules_holds_for_the_engine_too(scan: Any) -> None:
    _, both, _ = scan("--engine", "checkov", "--rule", ENCRYPTED)
    assert {each["rule"] for each in both["findings"]} == {ENCRYPTED}
    _, both, _ = scan("--engine", "checkov", "--severity", "high")
    assert {each["severity"] for each in both["findings"]} <= {"critical", "high"}


def test_an_engine_that_fails_leaves_the_report_incomplete(
    scan: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checkov, "environment", lambda *_, **__: str(tmp_path))
    monkeypatch.setattr(checkov, "_results", lambda *_: "Checkov ended with code 1 and no results")
    code, report, _ = scan("--engine", "checkov")
    assert code == 4
    assert [each["message"] for each in report["incomplete"]] == ["Checkov ended with code 1 and no results"]


def test_offline_installs_nothing(scan: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    code, _, err = scan("--engine", "checkov", "--offline")
    assert code == 2
    assert "is not installed" in err
    assert "run once without --offline" in err
    assert not list(tmp_path.glob("**/checkov*"))


def test_no_environment_inside_the_repository(scan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(ESTATE / "cache"))
    code, _, err = scan("--engine", "checkov")
    assert code == 2
    assert "lies inside what is scanned" in err
    assert not (ESTATE / "cache").exists()


@pytest.mark.slow
def test_a_real_run_obeys_no_configuration_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Installs Checkov from the package index once; a check of the repository's own would leave a file behind."""
    estate, trace = tmp_path / "estate", tmp_path / "trace"
    (estate / "evil").mkdir(parents=True)
    (estate / "main.tf").write_text((ESTATE / "main.tf").read_text())
    (estate / "evil/__init__.py").write_text(f"import pathlib\npathlib.Path({str(trace)!r}).write_text('x')\n")
    (estate / ".checkov.yaml").write_text("external-checks-dir:\n  - evil\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(estate)
    arguments = ["scan", ".", "--root", ".", "-f", "json", "--allow-incomplete", "--engine", "checkov"]
    main(arguments)
    report = json.loads(capsys.readouterr().out)
    (finding,) = [each for each in report["findings"] if each["rule"] == ENCRYPTED]
    assert [each["message"] for each in finding["related"]] == [f"reported by checkov {checkov.VERSION} as CKV_AWS_16"]
    assert not trace.exists()
    assert main([*arguments, "--offline"]) == 1
