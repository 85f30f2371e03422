"""`fix`: what it shows is proven, what it writes is what it showed, and a second run finds nothing."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from compliance_scan.cli import main

CODE = """# The orders' database.
resource "aws_db_instance" "orders" {
  engine            = "postgres" # pinned elsewhere
  storage_encrypted = false
}
"""
MODULE = """variable "encrypted" {
  type    = bool
  default = true
}

resource "aws_db_instance" "this" {
  storage_encrypted = var.encrypted
}
"""
ENCRYPTED = "aws-rds-storage-encrypted"
BACKUPS = "aws-rds-backup-enabled"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(("fix", *arguments))
    out, err = capsys.readouterr()
    return code, out, err


def test_shows_a_diff_and_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.tf").write_text(CODE)
    code, out, err = run("--rule", ENCRYPTED, capsys=capsys)
    assert code == 1
    assert "-  storage_encrypted = false\n+  storage_encrypted = true\n" in out
    assert f"mends {ENCRYPTED} on aws_db_instance.orders: Set storage_encrypted = true" in err
    assert (folder / "main.tf").read_text() == CODE


@pytest.mark.parametrize(
    ("answers", "encrypted", "backups"),
    [("n y", True, False), ("y n", False, True), ("y q", False, True), ("a", True, True), ("n n", False, False)],
)
def test_asks_for_one_change_after_the_other(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    answers: str,
    *,
    encrypted: bool,
    backups: bool,
) -> None:
    (folder / "main.tf").write_text(CODE)
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{each}\n" for each in answers.split())))
    code, out, err = run("--rule", ENCRYPTED, "--rule", BACKUPS, "--ask", capsys=capsys)
    made = (folder / "main.tf").read_text()
    assert code == 0
    assert ("storage_encrypted       = true" in made or "storage_encrypted = true" in made) == encrypted
    assert ("backup_retention_period" in made) == backups
    assert out.count("--- a/main.tf") == len(answers.split())
    assert "change 1 of 2" in err


def test_one_answer_is_about_all_that_one_edit_mends(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "db").mkdir()
    (folder / "db" / "main.tf").write_text(CODE)
    (folder / "main.tf").write_text('module "db" {\n  source = "./db"\n  count  = 3\n}\n')
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    code, _, err = run("--rule", ENCRYPTED, "--ask", capsys=capsys)
    assert (code, "storage_encrypted = true" in (folder / "db" / "main.tf").read_text()) == (0, True)
    assert "change 1 of 1" in err
    assert err.count(f"mends {ENCRYPTED} on module.db[") >= 3


def test_writes_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.tf").write_text(CODE)
    assert run("--rule", ENCRYPTED, "--rule", BACKUPS, "--write", capsys=capsys)[0] == 0
    made = (folder / "main.tf").read_text()
    assert made == CODE.replace("encrypted = false\n", "encrypted = true\n").replace(
        "}\n", "  backup_retention_period = 7\n}\n"
    ).replace("engine            =", "engine                  =").replace(
        "storage_encrypted =", "storage_encrypted       ="
    )
    assert run("--rule", ENCRYPTED, "--rule", BACKUPS, "--write", capsys=capsys) == (
        0,
        "",
        "no finding has a fix that can be made by an edit\n",
    )


def test_the_edit_stands_in_the_call_of_the_module(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "db").mkdir()
    (folder / "db" / "main.tf").write_text(MODULE)
    (folder / "main.tf").write_text('module "db" {\n  source    = "./db"\n  encrypted = false\n}\n')
    assert run("--rule", ENCRYPTED, "--write", capsys=capsys)[0] == 0
    assert "encrypted = true" in (folder / "main.tf").read_text()
    assert (folder / "db" / "main.tf").read_text() == MODULE


def test_what_does_not_mend_its_finding_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'locals {\n  off = length("") > 3\n}\nresource "aws_db_instance" "x" {\n  storage_encrypted = local.off\n}\n'
    (folder / "main.tf").write_text(text)
    code, out, err = run("--rule", ENCRYPTED, "--write", capsys=capsys)
    assert (code, out) == (0, "")
    assert f"left alone: {ENCRYPTED} on aws_db_instance.x: the value is made by an expression" in err
    assert (folder / "main.tf").read_text() == text


def test_two_callers_of_one_module_that_want_different_things(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "db").mkdir()
    (folder / "db" / "main.tf").write_text(MODULE)
    calls = "".join(
        f'module "{name}" {{\n  source    = "./db"\n  encrypted = {value}\n}}\n'
        for name, value in (("a", "false"), ("b", "true"))
    )
    (folder / "main.tf").write_text(calls)
    assert run("--rule", ENCRYPTED, "--write", capsys=capsys)[0] == 0
    assert (folder / "main.tf").read_text() == calls.replace("false", "true")


def test_suppressed_findings_are_not_mended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.tf").write_text(f'# compliance-scan:ignore {ENCRYPTED} reason="going away"\n' + CODE)
    assert run("--rule", ENCRYPTED, capsys=capsys)[:2] == (0, "")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_all_rules_together_leave_formatted_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = CODE + '\nresource "aws_instance" "web" {\n  ami = "ami-1"\n}\n\nresource "aws_sqs_queue" "jobs" {}\n'
    (folder / "main.tf").write_text(code)
    assert run("--write", capsys=capsys)[0] == 0
    assert (folder / "main.tf").read_text() != code
    done = subprocess.run(["terraform", "fmt", "-check", str(folder)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_report_carries_the_proven_edits(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Only where they are asked for: proving means to judge again. Laid over the file they are what `fix` shows."""
    (folder / "main.tf").write_text(CODE)
    scan = ("scan", "--rule", ENCRYPTED, "--rule", "aws-rds-subnet-group", "-f", "json")
    main(scan)
    assert {each["fix"] for each in json.loads(capsys.readouterr().out)["findings"]} == {None}
    assert main((*scan, "--fixes", "-f", "sarif=out.sarif")) == 1
    found = {each["rule"]: each["fix"] for each in json.loads(capsys.readouterr().out)["findings"]}
    assert found["aws-rds-subnet-group"] is None
    (edit,) = found[ENCRYPTED]["edits"]
    assert (found[ENCRYPTED]["safe"], edit["file"], edit["line"], edit["end_line"]) == (True, "main.tf", 4, 4)
    line = CODE.split("\n")[3]
    assert line[: edit["column"] - 1] + edit["text"] + line[edit["end_column"] - 1 :] == "  storage_encrypted = true"
    (run_,) = json.loads((folder / "out.sarif").read_text())["runs"]
    fixes = [each["fixes"] for each in run_["results"] if "fixes" in each]
    assert len(fixes) == 1
    assert fixes[0][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"] == edit["text"]
