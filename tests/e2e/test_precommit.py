"""The hooks in the real pre-commit, in a real repository."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from e2e_support import CLOSED_GROUP, OPEN_GROUP

REPOSITORY = Path(__file__).resolve().parents[2]


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"PRE_COMMIT_HOME": str(folder.parent / "pre-commit"), "PYTHONPATH": str(REPOSITORY / "src")}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(params=["compliance-scan", "compliance-scan-all"])
def hooked(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A repository with one of our hooks, run from this checkout instead of an environment of its own."""
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    hook = next(hook for hook in hooks if hook["id"] == request.param)
    assert hook["entry"].startswith("compliance-scan ")
    hook = {**hook, "language": "system", "entry": f"{sys.executable} -m {hook['entry'].replace('-', '_', 1)}"}
    folder = tmp_path / "repository"
    folder.mkdir()
    _run(folder, "git", "init", "-q", "-b", "main")
    _run(folder, "git", "config", "user.email", "a@example.com")
    _run(folder, "git", "config", "user.name", "A")
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (folder / ".compliance-scan.yaml").write_text("rule: [aws-vpc-security-group-ssh]\n")
    installed = _run(folder, sys.executable, "-m", "pre_commit", "install")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return folder


def test_a_bad_commit_is_refused_and_a_good_one_passes(hooked: Path) -> None:
    module = hooked / "modules" / "web"
    module.mkdir(parents=True)
    (hooked / "main.tf").write_text('module "web" {\n  source = "./modules/web"\n  from   = "0.0.0.0/0"\n}\n')
    (module / "main.tf").write_text(
        'variable "from" {}\n' + OPEN_GROUP.replace('["0.0.0.0/0"]', "[var.from]"),
    )
    _run(hooked, "git", "add", "-A")
    refused = _run(hooked, "git", "commit", "-m", "open")
    told = refused.stdout + refused.stderr
    assert refused.returncode == 1, told
    assert "modules/web/main.tf:4:5: high aws-vpc-security-group-ssh:" in told
    assert "[module.web.aws_security_group.web]" in told
    assert "exit 1: 1 finding at or above low" in told
    (hooked / "main.tf").write_text('module "web" {\n  source = "./modules/web"\n  from   = "10.0.0.0/8"\n}\n')
    _run(hooked, "git", "add", "-A")
    passed = _run(hooked, "git", "commit", "-m", "closed")
    assert passed.returncode == 0, passed.stdout + passed.stderr


def test_other_yaml_does_not_refuse_a_commit(hooked: Path) -> None:
    (hooked / "main.tf").write_text(CLOSED_GROUP)
    _run(hooked, "git", "add", "-A")
    first = _run(hooked, "git", "commit", "-m", "closed")
    assert first.returncode == 0, first.stdout
    (hooked / "workflow.yaml").write_text("on: push\n")
    _run(hooked, "git", "add", "-A")
    done = _run(hooked, "git", "commit", "-m", "workflow")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_could_not_be_read_is_one_line(hooked: Path) -> None:
    (hooked / "main.tf").write_text(CLOSED_GROUP)
    (hooked / "broken.tf").write_text("locals {\n  a = \n}\n")
    _run(hooked, "git", "add", "-A")
    done = _run(hooked, "git", "commit", "-m", "broken")
    assert done.returncode == 0, done.stdout + done.stderr
    shown = _run(hooked, sys.executable, "-m", "pre_commit", "run", "--all-files", "--verbose")
    assert "1 thing could not be read, first broken.tf:2" in shown.stdout


def test_fingerprints_are_those_of_the_whole_scan(hooked: Path) -> None:
    module = hooked / "modules" / "web"
    module.mkdir(parents=True)
    (hooked / "main.tf").write_text('module "web" {\n  source = "./modules/web"\n}\n')
    (module / "main.tf").write_text(OPEN_GROUP)
    scan = (sys.executable, "-m", "compliance_scan", "scan", "-f", "json")
    whole = json.loads(_run(hooked, *scan).stdout)["findings"]
    changed = json.loads(_run(hooked, *scan, "--changed", "modules/web/main.tf").stdout)["findings"]
    assert [finding["fingerprint"] for finding in changed] == [finding["fingerprint"] for finding in whole] != []
