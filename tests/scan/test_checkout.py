"""What is checked out, read without git."""

import subprocess
from pathlib import Path

import pytest

from compliance_scan.vcs import Checkout, checkout, web_address


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        ("https://github.com/acme/infra.git", "https://github.com/acme/infra"),
        ("https://user:secret@github.com/acme/infra.git", "https://github.com/acme/infra"),
        ("git@github.com:acme/infra.git", "https://github.com/acme/infra"),
        ("github.com:acme/infra", "https://github.com/acme/infra"),
        ("ssh://git@git.example.com:2222/acme/infra", "https://git.example.com/acme/infra"),
        ("/srv/git/infra.git", None),
        ("file:///srv/git/infra.git", None),
        ("", None),
    ],
)
def test_addresses_hold_no_credentials(remote: str, address: str | None) -> None:
    assert web_address(remote) == address


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_real_repository(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q", "-b", "main")
    assert checkout(str(tmp_path)) == Checkout(None, None, "main")
    _git(tmp_path, "-c", "user.email=a@b", "-c", "user.name=A", "commit", "-q", "--allow-empty", "-m", "x")
    _git(tmp_path, "remote", "add", "origin", "https://token@example.com/a/b.git")
    revision = _git(tmp_path, "rev-parse", "HEAD")
    expected = Checkout("https://example.com/a/b", revision, "main")
    assert checkout(str(tmp_path)) == expected
    _git(tmp_path, "pack-refs", "--all")
    assert checkout(str(tmp_path)) == expected
    _git(tmp_path, "worktree", "add", "-q", "-b", "feature/x", str(tmp_path / "tree"))
    assert checkout(str(tmp_path / "tree")) == expected._replace(branch="feature/x")
    _git(tmp_path, "checkout", "-q", "--detach")
    assert checkout(str(tmp_path)) == expected._replace(branch=None)


def test_none(tmp_path: Path) -> None:
    assert checkout(str(tmp_path)) is None
    (tmp_path / ".git").write_text("gitdir: /nowhere\n")
    assert checkout(str(tmp_path)) is None


def test_a_head_that_leads_elsewhere(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: ../../secret\n")
    (tmp_path / "secret").write_text("a" * 40)
    found = checkout(str(tmp_path / "."))
    assert found is not None
    assert found.revision is None
