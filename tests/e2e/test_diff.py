"""`--diff REV`: only findings on resources that differ from a revision, read without running what it could plant."""

import json
import subprocess
from pathlib import Path

import pytest
from e2e_support import ADMIN, CLOSED_GROUP, OPEN_GROUP, POD, Command


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _commit() -> str:
    _git("add", "-A")
    _git("-c", "user.email=a@example.com", "-c", "user.name=A", "commit", "-qm", "x")
    return _git("rev-parse", "HEAD")


@pytest.fixture
def repository(scan_folder: Path) -> Path:
    (scan_folder / ".git").rmdir()
    _git("init", "-q", "-b", "main")
    return scan_folder


def _found(command: Command, *arguments: str) -> list[str]:
    done = command("scan", "-f", "json", "--diff", "HEAD", *arguments)
    assert done.code in (0, 1), done.err
    return [finding["resource"]["address"] for finding in json.loads(done.out)["findings"]]


def test_only_what_differs(repository: Path, command: Command) -> None:
    (repository / "main.tf").write_text(OPEN_GROUP)
    (repository / "pod.yaml").write_text(POD)
    _commit()
    assert _found(command, "--rule", ADMIN) == []
    (repository / "main.tf").write_text("# moved down\n\n" + OPEN_GROUP)
    assert _found(command, "--rule", ADMIN) == [], "lines are not resources"
    (repository / "more.tf").write_text(OPEN_GROUP.replace('"web"', '"more"'))
    assert _found(command, "--rule", ADMIN) == ["aws_security_group.more"]
    (repository / "main.tf").write_text(
        OPEN_GROUP.replace("= 22", "= 2222").replace("from_port   = 2222", "from_port   = 1")
    )
    assert _found(command, "--rule", ADMIN) == ["aws_security_group.web", "aws_security_group.more"]


def test_a_value_from_afar(repository: Path, command: Command) -> None:
    module = repository / "modules" / "web"
    module.mkdir(parents=True)
    (repository / "main.tf").write_text(
        'variable "from" {}\nmodule "web" {\n  source = "./modules/web"\n  from   = var.from\n}\n'
    )
    (repository / "terraform.tfvars").write_text('from = "10.0.0.0/8"\n')
    (module / "main.tf").write_text('variable "from" {}\n' + OPEN_GROUP.replace('["0.0.0.0/0"]', "[var.from]"))
    _commit()
    assert _found(command, "--rule", ADMIN) == []
    (repository / "terraform.tfvars").write_text('from = "0.0.0.0/0"\n')
    assert _found(command, "--rule", ADMIN) == ["module.web.aws_security_group.web"]


def test_a_satellite_that_is_gone(repository: Path, command: Command) -> None:
    bucket = 'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    versioning = (
        'resource "aws_s3_bucket_versioning" "b" {\n  bucket = aws_s3_bucket.b.id\n'
        '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
    )
    (repository / "bucket.tf").write_text(bucket)
    (repository / "versioning.tf").write_text(versioning)
    _commit()
    assert _found(command) == []
    (repository / "versioning.tf").unlink()
    assert set(_found(command)) == {"aws_s3_bucket.b"}


def test_manifests(repository: Path, command: Command) -> None:
    (repository / "pod.yaml").write_text(POD.replace("true", "false"))
    _commit()
    assert _found(command) == []
    (repository / "pod.yaml").write_text(POD)
    assert set(_found(command)) == {"Pod/prod/web"}


def test_nothing_of_the_repository_is_run(repository: Path, command: Command, tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    script = repository / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {witness}\ncat\n")
    script.chmod(0o755)
    (repository / "main.tf").write_text(CLOSED_GROUP)
    _commit()
    (repository / ".gitattributes").write_text("*.tf filter=evil diff=evil\n")
    for key in (
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.evil.textconv",
        "diff.evil.command",
    ):
        _git("config", key, str(script))
    _git("config", "core.fsmonitor", str(script))
    _git("config", "core.pager", str(script))
    _git("config", "core.hooksPath", str(repository))
    (repository / "main.tf").write_text(OPEN_GROUP)
    assert _found(command, "--rule", ADMIN) == ["aws_security_group.web"]
    assert not witness.exists()


@pytest.mark.parametrize("revision", ["nowhere", "--output=/tmp/x", "-h", "HEAD^{tree}x"])
def test_a_revision_that_is_none(repository: Path, command: Command, revision: str) -> None:
    (repository / "main.tf").write_text(OPEN_GROUP)
    _commit()
    done = command("scan", f"--diff={revision}")
    assert done.code == 2
    assert f"git knows no revision {revision!r} here" in done.err


def test_no_repository(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(OPEN_GROUP)
    done = command("scan", "--diff", "HEAD")
    assert done.code == 2
    assert "--diff needs a git repository" in done.err
