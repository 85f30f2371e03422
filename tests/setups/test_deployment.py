"""What we ship for pipelines and clusters: its own steps run, and our own scan passes it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import REPOSITORY

OPEN = 'resource "aws_db_instance" "x" {\n  storage_encrypted = false\n}\n'


@pytest.fixture
def job(tmp_path: Path) -> dict[str, str]:
    """The environment of a step of the action, with this checkout's program on the path."""
    binaries = tmp_path / "bin"
    binaries.mkdir()
    program = binaries / "compliance-scan"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m compliance_scan "$@"\n')
    program.chmod(0o755)
    (binaries / "python").symlink_to(sys.executable)
    return {
        **os.environ,
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "SARIF_FILE": str(tmp_path / "out.sarif"),
        "PYTHONPATH": str(REPOSITORY / "src"),
        "ARGUMENTS": "--rule\naws-rds-storage-encrypted",
    }


def scan(job: dict[str, str], folder: Path, **inputs: str) -> dict[str, str]:
    done = subprocess.run(
        ["bash", str(REPOSITORY / "deploy/github/scan.sh")],
        cwd=folder, env={**job, **inputs}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in Path(job["GITHUB_OUTPUT"]).read_text().splitlines())


def test_the_action_scans_and_tells(job: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "main.tf").write_text(OPEN)
    outputs = scan(job, folder, PATHS=".")
    assert (outputs["exit-code"], outputs["findings"]) == ("1", "1")
    assert json.loads(Path(outputs["sarif-file"]).read_text())["runs"][0]["results"]
    assert "aws-rds-storage-encrypted" in Path(job["GITHUB_STEP_SUMMARY"]).read_text()


def test_inputs_are_never_code(job: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "main.tf").write_text(OPEN)
    outputs = scan(job, folder, PATHS=".", FRAMEWORK='$(touch "$RUNNER_TEMP/owned")', DIFF="; touch owned")
    assert outputs["exit-code"] == "2"
    assert not (tmp_path / "owned").exists()
    assert not (folder / "owned").exists()


def test_the_action_pins_what_it_uses_and_passes_inputs_by_environment() -> None:
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    for step in action["runs"]["steps"]:
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
        else:
            assert "${{" not in step["run"]
    assert set(action["outputs"]) == {"sarif-file", "findings", "exit-code"}


def test_the_gitlab_component_names_its_inputs() -> None:
    spec, jobs = yaml.safe_load_all((REPOSITORY / "templates/scan.yml").read_text())
    used = set(re.findall(r"\$\[\[ inputs\.([\w-]+) \]\]", json.dumps(jobs)))
    assert used == set(spec["spec"]["inputs"])


def test_our_own_scan_passes_what_we_deploy() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compliance_scan", "scan", "deploy", "--quiet"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (REPOSITORY / "Dockerfile").read_text().splitlines()
    assert lines[[line.startswith("ENTRYPOINT") for line in lines].index(True) - 2] == "USER 10001:10001"
    assert not any(re.match(r"FROM \S+(:latest)?$", line) and ":" not in line for line in lines)


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_the_scheduled_task_is_formatted() -> None:
    done = subprocess.run(
        ["terraform", "fmt", "-check", "-recursive", "deploy"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
