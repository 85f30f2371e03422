"""`init`: shows first, writes when told, and what it writes is what the tools read."""

from pathlib import Path

import pytest
import yaml

from compliance_scan.cli import main
from compliance_scan.cli.commands.init import names
from compliance_scan.setups import pre_commit
from tests.conftest import REPOSITORY

OTHERS = """# ours
repos:
- repo: https://example.com/other
  rev: v1
  hooks:
  - id: other
ci:
  skip: [other]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".github").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_writes_nothing_without_consent(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    assert main(["init"]) == 0
    out, err = capsys.readouterr()
    assert "+++ b/.github/workflows/compliance-scan.yml" in out
    assert "+      - id: compliance-scan" in out
    assert "nothing was written" in err
    assert not (folder / ".pre-commit-config.yaml").exists()
    assert not (folder / ".github" / "workflows").exists()


@pytest.mark.parametrize("name", names())
def test_writes_yaml_and_a_second_time_nothing(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", name, "--yes"]) == 0
    written = {path: path.read_text() for path in folder.rglob("*.y*ml")}
    assert len(written) == 1
    assert all(isinstance(yaml.safe_load(text), dict) for text in written.values())
    capsys.readouterr()
    assert main(["init", name, "--yes"]) == 0
    assert "has it already" in capsys.readouterr().err
    assert {path: path.read_text() for path in folder.rglob("*.y*ml")} == written


def test_joins_a_configuration_that_is_there() -> None:
    made = pre_commit.content(OTHERS)
    assert made.startswith(OTHERS[: OTHERS.index("ci:")])
    assert made.endswith(OTHERS[OTHERS.index("ci:") :])
    assert [repo["hooks"][0]["id"] for repo in yaml.safe_load(made)["repos"]] == ["other", "compliance-scan"]
    assert pre_commit.content(made) == made
    assert yaml.safe_load(pre_commit.content("repos: []\n"))["repos"][0]["hooks"] == [{"id": "compliance-scan"}]


def test_the_hook_is_one_that_we_offer() -> None:
    offered = {hook["id"] for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())}
    assert yaml.safe_load(pre_commit.content(None))["repos"][0]["hooks"][0]["id"] in offered


def test_an_unknown_set_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "githup"]) == 2
    assert "did you mean 'github'?" in capsys.readouterr().err


def test_a_link_that_leads_out_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (folder / ".gitlab").symlink_to(outside)
    assert main(["init", "gitlab", "--yes"]) == 2
    assert list(outside.iterdir()) == []
