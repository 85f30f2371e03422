"""Running the command as a user does: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from e2e_support import Command, Done


@pytest.fixture
def scan_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository (a folder with `.git`), which is the working directory."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def command() -> Command:
    """Runs `compliance-scan`; a traceback on standard error or a hang is a failure by itself."""

    def run(*arguments: str, stdin: bytes = b"", timeout: float = 60, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "compliance_scan", *arguments],
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
            env={**os.environ, **environment},
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err, err
        return Done(done.returncode, out, err)

    return run
