"""The image's own steps, without an engine: what the Dockerfile copies and runs, in a clean place, as its ordinary user."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

OPT = "/opt/compliance-scan"
USER = 10001
PYTHON = "/usr/bin/python3"
"""An interpreter that every user may run; the one of the tests may lie in somebody's home."""
OPEN = 'resource "aws_db_instance" "x" {\n  storage_encrypted = false\n}\n'


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (REPOSITORY / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def test_what_is_copied_is_all_that_the_build_needs() -> None:
    copied = [rest.split() for name, rest in instructions() if name == "COPY" and not rest.startswith("--from")]
    for *sources, _ in copied:
        assert [source for source in sources if not (REPOSITORY / source).exists()] == []
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    names = {source for *sources, _ in copied for source in sources}
    assert {one for one in included if not any(one == each or one.startswith(each + "/") for each in names)} == set()


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed")
def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    done = subprocess.run(["hadolint", str(REPOSITORY / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as the image's user")
@pytest.mark.skipif(not Path(PYTHON).exists(), reason=f"there is no {PYTHON}")
def test_its_steps_make_a_program_that_an_ordinary_user_runs(tmp_path: Path) -> None:
    source, opt = tmp_path / "source", tmp_path / "opt"
    source.mkdir()
    tmp_path.chmod(0o755)
    stages = iter(instructions())
    for name, rest in stages:
        if name == "COPY":
            *sources, target = rest.split()
            for each in sources:
                place = source / target
                if (REPOSITORY / each).is_dir():
                    shutil.copytree(REPOSITORY / each, place, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(REPOSITORY / each, place)
        if name == "RUN":
            step = rest.replace(OPT, str(opt)).replace("python -m venv", f"{PYTHON} -m venv", 1)
            made = subprocess.run(["sh", "-ec", step], cwd=source, capture_output=True, text=True, check=False)
            assert made.returncode == 0, made.stderr[-2000:]
            break
    shutil.rmtree(source)  # the second stage has only what the first installed

    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text(OPEN)
    settings = dict(pair for name, rest in stages if name == "ENV" for pair in re.findall(r"(\w+)=(\S+)", rest))
    words = re.findall(r'"([^"]+)"', dict(instructions())["ENTRYPOINT"] + dict(instructions())["CMD"])
    environment = {**settings, "PATH": f"{opt}/bin:/usr/bin:/bin", "HOME": "/nonexistent"}
    for path in (tmp_path, *tmp_path.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/") and path != Path("/tmp"):
            path.chmod(path.stat().st_mode | 0o011)
    done = subprocess.run(
        words, cwd=work, env=environment, user=USER, group=USER, extra_groups=[], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "aws-rds-storage-encrypted" in done.stdout
    assert sorted(path.name for path in work.iterdir()) == ["main.tf"], "a scan writes nothing where it looks"
