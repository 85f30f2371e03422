"""Drift in SARIF: a live finding on its Terraform line, its ARN as logical location, the planes' verdicts beside it."""

import json
from pathlib import Path

import pytest

from tests.drift.test_refused import ARN, code, drift, inventory, state


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_control_that_flipped(folder: Path) -> None:
    code(folder)
    state(folder, sqs_managed_sse_enabled=True, kms_master_key_id=None)
    inventory(folder, sqs_managed_sse_enabled=False, kms_master_key_id=None)
    assert drift("--state", "terraform.tfstate", "-f", "sarif=out.sarif")[0] == 1
    [run] = json.loads((folder / "out.sarif").read_text())["runs"]
    [result] = run["results"]
    [location] = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "main.tf"
    assert location["physicalLocation"]["region"]["startLine"] == 4
    assert [each["fullyQualifiedName"] for each in location["logicalLocations"]] == [ARN]
    planes = result["properties"]["planes"]
    assert planes == {"code": "pass", "state": "pass", "live": "fail", "meaning": "changed_in_console"}


def results(*more: str) -> list[tuple[str, str, int]]:
    """Rule, file and line of each result."""
    drift("-f", "sarif=out.sarif", *more)
    [run] = json.loads(Path("out.sarif").read_text())["runs"]
    rules = [each["id"] for each in run["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in run["results"]] == [each["ruleId"] for each in run["results"]]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    return [
        (each["ruleId"], place["artifactLocation"]["uri"], place["region"]["startLine"])
        for each, place in zip(run["results"], places, strict=True)
    ]


def test_drift_that_flips_nothing_has_results_of_its_own(folder: Path) -> None:
    code(folder)
    inventory(folder, visibility_timeout_seconds=60)
    assert results() == [("CSD0001", "main.tf", 3)]
    code(folder, more="lifecycle {\n    ignore_changes = [visibility_timeout_seconds]\n  }")
    assert results() == []
    assert results("--sarif-profile", "full", "--verdicts", "fail") == [("CSD0001", "main.tf", 3)]


def test_missing_sits_on_its_declaration_and_unmanaged_on_its_line_of_the_inventory(folder: Path) -> None:
    (folder / "main.tf").write_text('resource "aws_sqs_queue" "other" {\n  name = "other"\n}\n')
    inventory(folder)
    assert sorted(results()) == [("CSD0002", "main.tf", 1), ("CSD0003", "inventory.jsonl", 2)]


def test_a_flip_is_told_once(folder: Path) -> None:
    code(folder)
    inventory(folder, sqs_managed_sse_enabled=False, kms_master_key_id=None, visibility_timeout_seconds=60)
    [(rule, _, _)] = results()
    assert rule.startswith("CMP")
