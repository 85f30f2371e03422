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
