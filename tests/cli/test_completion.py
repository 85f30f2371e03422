"""Completion in shells: the scripts that the documentation names, asked as the shells ask them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """The environment of a user who has the program on the path."""
    program = tmp_path / "compliance-scan"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m compliance_scan "$@"\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY / "src")}


def asked(shell: dict[str, str], kind: str, *words: str) -> str:
    """What the program answers to one of its own scripts, for the last of the words."""
    environment = {
        **shell,
        "_COMPLIANCE_SCAN_COMPLETE": f"{kind}_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": words[-1] if kind == "fish" else str(len(words) - 1),
    }
    return subprocess.run(
        ["compliance-scan"], env=environment, capture_output=True, text=True, check=True, shell=False
    ).stdout


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("words", "offered", "not_offered"),
    [
        (("compliance-scan", "dr"), "drift", "audit"),
        (("compliance-scan", "scan", "--sarif-p"), "--sarif-profile", "--format"),
        (("compliance-scan", "scan", "--sarif-profile", "git"), "gitlab", "azure"),
        (("compliance-scan", "rules", "sh"), "show", "list"),
    ],
)
def test_what_is_offered(
    shell: dict[str, str], kind: str, words: tuple[str, ...], offered: str, not_offered: str
) -> None:
    answer = asked(shell, kind, *words)
    assert offered in answer
    assert not_offered not in answer


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_the_documented_line_works_in_bash(shell: dict[str, str]) -> None:
    page = (REPOSITORY / "docs/commands.md").read_text()
    line = next(part for part in page.split("`") if "bash_source" in part)
    script = f"""
        {line}
        COMP_WORDS=(compliance-scan scan --sarif-profile git) COMP_CWORD=3
        _compliance_scan_completion compliance-scan git --sarif-profile
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], env=shell, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["github", "gitlab"], done.stderr
