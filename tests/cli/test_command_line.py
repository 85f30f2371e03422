"""Flags, environment, configuration, messages and exit codes, as a user meets them."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from inline_snapshot import snapshot

from compliance_scan import __version__
from compliance_scan.cli import app, main
from compliance_scan.cli.app import COMMANDS, application
from compliance_scan.config import KEYS, environment_name
from compliance_scan.errors import ScanError

GROUP = """resource "aws_security_group" "web" {
  description = "web"
  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
SSH = "aws-vpc-security-group-ssh"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one finding, which is the working directory."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "main.tf").write_text(GROUP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def found(out: str) -> list[str]:
    return [finding["rule"] for finding in json.loads(out)["findings"]]


@pytest.mark.parametrize("arguments", [["--version"], ["--no-color", "--version"][1:]])
def test_version(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments, capsys=capsys) == (0, f"compliance-scan {__version__}\n", "")


def test_help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, err = run("--help", capsys=capsys)
    assert (code, err) == (0, "")
    assert out == snapshot("""\
Usage: compliance-scan [OPTIONS] COMMAND [ARGS]...

  One rule judges Terraform, Kubernetes and the live AWS account.

Options:
  --version   Show the version and exit.
  -h, --help  Show this message and exit.

Commands:
  scan         Judge Terraform and Kubernetes files.
  audit        Collect a live AWS account or cluster and judge it.
  drift        Compare code, plan or state with a live account.
  gate         Show what a plan would do to the controls.
  permissions  Print the least-privilege policy that an audit needs.
  inventory    Print the resources as the rules see them.
  explain      Show why a verdict came out so.
  report       Render, merge and compare saved results.
  baseline     Accept today's findings, so that only new ones fail.
  rules        List, show, test and start rules.
  frameworks   List and show frameworks and what serves each control.
  fix          Show, or make, the safe edits.
  lsp          Serve an editor over standard input and output.
  demo         Show all of it on a reference estate, with a stand-in for AWS.
  init         Set up the hook or the pipeline of a repository.
  history      Show past runs, trends and what changed.
  verify       Check an evidence archive or the history's hash chain.

  Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 nothing to
  scan, 4 incomplete.
""")


def test_nothing_given(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys=capsys)
    assert code == 2
    assert "Commands:" in out + err


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_there_and_says_the_same_of_itself(name: str) -> None:
    command = application.get_command(click.Context(application), name)
    assert command is not None
    assert command.get_short_help_str(200).rstrip(".") == COMMANDS[name].rstrip(".")


def test_every_key_of_the_configuration_is_a_flag() -> None:
    command = application.get_command(click.Context(application), "scan")
    assert command is not None
    flags = {parameter.name: parameter for parameter in command.params}
    only_in_files = {"inline_suppressions", "foreign_suppressions", "suppressions"}
    assert set(KEYS) - set(flags) == only_in_files
    for key in set(KEYS) - only_in_files:
        assert flags[key].envvar == environment_name(f"--{key.replace('_', '-')}")


LOADED = """
import sys
from compliance_scan.cli import main
code = main(sys.argv[1:])
sys.stderr.write(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""
HEAVY = {"boto3", "botocore", "sqlalchemy", "jsonschema", "yaml", "hcl2", "kubernetes", "lark", "requests", "asyncio"}


@pytest.mark.parametrize("arguments", [["--help"], ["scan", "--help"], ["scan", "main.tf"], ["rules", "list"]])
def test_a_start_loads_little(folder: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-c", LOADED, *arguments]
    subprocess.run(command, capture_output=True, check=True, timeout=120)  # a checkout compiles what changed, once
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert HEAVY & set(done.stderr.split()) == set()


def test_version_loads_not_even_click() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED, "--version"], capture_output=True, text=True, check=True)
    assert "click" not in done.stderr.split()


def test_scan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("scan", "--rule", SSH, "-f", "json", capsys=capsys)
    assert (code, err) == (1, "")
    report = json.loads(out)
    assert report["run"]["exit_reason"] == "1 finding at or above low"
    assert report["run"]["targets"] == ["."]
    assert report["summary"]["fail"] == 1
    (finding,) = report["findings"]
    assert finding["rule"] == finding["instance"] == SSH
    assert finding["resource"]["address"] == "aws_security_group.web"
    assert finding["location"]["file"] == "main.tf"
    assert finding["snippet"]
    assert finding["fingerprint"].startswith("cs1:")


def test_same_bytes_but_for_the_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reports = []
    for _ in range(2):
        report = json.loads(run("scan", "-f", "json", "--verdicts", "all", capsys=capsys)[1])
        report.pop("run")
        reports.append(json.dumps(report))
    assert reports[0] == reports[1]


def test_formats_and_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run("scan", "--rule", SSH, "-f", "text", "-f", "json=a.json", "-f", "sarif=b.sarif", capsys=capsys)
    assert code == 1
    assert out.endswith("exit 1: 1 finding at or above low\n")
    assert found((folder / "a.json").read_text()) == [SSH]
    assert json.loads((folder / "b.sarif").read_text())["version"] == "2.1.0"
    assert sorted(path.name for path in folder.iterdir()) == [".git", "a.json", "b.sarif", "main.tf"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "text", "-f", "json"], "only one format can go to standard output"),
        (["-f", "jsn"], "'jsn' is no format"),
        (["-f", "json="], "-f json= names no file"),
        (["-f", "json=nowhere/a.json"], "there is no folder nowhere"),
        (["-f", "json=.git"], ".git is a folder"),
        (["-f", "json=a", "-f", "sarif=./a"], "two formats would write the same file"),
        (["--verdicts", "fail,maybe"], "'maybe' is no verdict"),
        (["--as-of", "tomorrow"], "--as-of tomorrow is no date"),
        (["--var", "name"], "--var name is not NAME=VALUE"),
        (["--var-file", "none.tfvars"], "there is no variables file none.tfvars"),
        (["--root", "none"], "the root none is no folder"),
        (["--root", ".git", "main.tf"], "main.tf lies outside the repository root .git"),
        (["-"], "standard input needs a name"),
        (["--stdin-filename", "x.tf"], "standard input needs a name"),
        (["--changed"], "--changed needs the changed files as PATHs"),
        (["--changed", "--diff", "HEAD", "main.tf"], "--changed and --diff cannot be combined"),
        (["--severity", "hihg"], "Invalid value for '--severity'"),
        (["--profile", "nobody"], "there is no profile 'nobody'"),
        (["--baseline", "none.json"], "the baseline none.json cannot be read"),
        (["--config", "none.yaml"], "none.yaml cannot be read"),
        (["--rules", "none"], "no folder of rules at none"),
    ],
)
def test_usage(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    code, out, err = run("scan", *arguments, capsys=capsys)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("error: ")


def test_standard_input(folder: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "compliance_scan",
            "scan",
            "-",
            "--stdin-filename",
            "new.tf",
            "-f",
            "json",
            "--rule",
            SSH,
        ],
        input=GROUP.replace("web", "new").encode(),
        capture_output=True,
        check=False,
    )
    report = json.loads(done.stdout)
    assert [each["resource"]["address"] for each in report["findings"]] == ["aws_security_group.new"]
    assert report["findings"][0]["location"]["file"] == "new.tf"
    assert "from_port" in report["findings"][0]["context"]["text"]


def test_fail_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("scan", "--rule", SSH, "--fail-on", "high", capsys=capsys)[0] == 1
    code, out, _ = run("scan", "--rule", SSH, "--fail-on", "critical", capsys=capsys)
    assert code == 0
    assert out.endswith("exit 0: no finding at or above critical\n")


def test_precedence(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".compliance-scan.yaml").write_text(f"fail_on: critical\nrule: {SSH}\n")
    assert run("scan", capsys=capsys)[0] == 0
    monkeypatch.setenv("COMPLIANCE_SCAN_FAIL_ON", "high")
    assert run("scan", capsys=capsys)[0] == 1
    assert run("scan", "--fail-on", "critical", capsys=capsys)[0] == 0
    monkeypatch.delenv("COMPLIANCE_SCAN_FAIL_ON")
    assert run("scan", "--no-config", "--fail-on", "high", capsys=capsys)[0] == 1


def test_what_a_configuration_weakens_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / ".compliance-scan.yaml").write_text("fail_on: critical\n")
    report = json.loads(run("scan", "-f", "json", capsys=capsys)[1])
    note = {"key": "fail_on", "value": "critical", "file": ".compliance-scan.yaml", "line": 1, "weakens": True}
    assert report["run"]["config"] == [note]
    assert ".compliance-scan.yaml:1 sets fail_on to critical" in run("scan", capsys=capsys)[1]


def test_a_policy_locks_it(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    policy = tmp_path_factory.mktemp("policy") / "policy.yaml"
    policy.write_text("fail_on: low\n")
    (folder / ".compliance-scan.yaml").write_text(f"fail_on: critical\nskip_rule: [{SSH}]\n")
    code, out, _ = run("scan", "-f", "json", "--policy", str(policy), capsys=capsys)
    assert code == 1
    assert SSH in found(out)
    assert [note["weakens"] for note in json.loads(out)["run"]["config"]] == [False, False, False]


def test_verdicts_filter_findings_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    every = json.loads(run("scan", "-f", "json", "--verdicts", "all", capsys=capsys)[1])
    fails = json.loads(run("scan", "-f", "json", "--verdicts", "fail", capsys=capsys)[1])
    assert {finding["verdict"] for finding in fails["findings"]} == {"fail"}
    assert len(every["findings"]) > len(fails["findings"])
    assert every["summary"] == fails["summary"]


def test_framework(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(run("scan", "-f", "json", "--framework", "cis-aws", capsys=capsys)[1])
    assert report["run"]["frameworks"] == ["cis-aws-7.0"]
    assert report["controls"]
    assert all(finding["controls"]["cis-aws-7.0"] for finding in report["findings"])


def test_suppressions_leave_their_trace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.tf").write_text(f'# compliance-scan:ignore {SSH} reason="a bastion" until=2030-01-01\n{GROUP}')
    code, out, _ = run("scan", "-f", "json", "--rule", SSH, capsys=capsys)
    report = json.loads(out)
    assert code == 0
    assert (report["summary"]["fail"], report["summary"]["suppressed"]) == (1, 1)
    assert report["findings"][0]["suppression"] == {
        "kind": "inline",
        "reason": "a bastion",
        "owner": None,
        "until": "2030-01-01",
        "where": "main.tf:1",
        "status": "accepted",
    }
    code, out, _ = run("scan", "-f", "json", "--rule", SSH, "--as-of", "2030-01-02", capsys=capsys)
    assert code == 1
    assert json.loads(out)["findings"][0]["suppression"]["status"] == "expired"


def test_a_suppression_without_reason_hides_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.tf").write_text(f"# compliance-scan:ignore {SSH}\n{GROUP}")
    code, _, err = run("scan", "--rule", SSH, capsys=capsys)
    assert code == 1
    assert "main.tf:1: the suppression of aws-vpc-security-group-ssh hides nothing: it has no reason" in err


def test_unused_suppressions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = f"suppressions:\n  - {{rule: {SSH}, resource: aws_security_group.gone, reason: was needed}}\n"
    (folder / ".compliance-scan.yaml").write_text(entries)
    report = json.loads(run("scan", "-f", "json", capsys=capsys)[1])
    (unused,) = report["run"]["suppressions_unused"]
    assert (unused["kind"], unused["rule"], unused["where"]) == ("config", SSH, ".compliance-scan.yaml:2")
    report = json.loads(run("scan", "main.tf", "-f", "json", capsys=capsys)[1])
    assert report["run"]["suppressions_unused"] == [], "a part of the repository tells nothing of the rest"


def test_baseline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run("baseline", "--rule", SSH, capsys=capsys)
    assert (code, out) == (0, "")
    assert err == "accepted 1 findings in .compliance-scan-baseline.json\n"
    file = ".compliance-scan-baseline.json"
    code, out, _ = run("scan", "--rule", SSH, "--baseline", file, "-f", "json", capsys=capsys)
    (finding,) = json.loads(out)["findings"]
    assert (code, finding["baseline"], finding["suppression"]["kind"]) == (0, "unchanged", "baseline")
    (folder / "main.tf").write_text(GROUP.replace('["0.0.0.0/0"]', '["0.0.0.0/0", "::/0"]'))
    code, out, _ = run("scan", "--rule", SSH, "--baseline", file, "-f", "json", capsys=capsys)
    assert (code, json.loads(out)["findings"][0]["baseline"]) == (1, "worsened")
    (folder / "main.tf").write_text(GROUP.replace("web", "other"))
    code, out, _ = run("scan", "--rule", SSH, "--baseline", file, "-f", "json", capsys=capsys)
    states = {each["resource"]["address"]: each["baseline"] for each in json.loads(out)["findings"]}
    assert states == {"aws_security_group.other": "new", "aws_security_group.web": "absent"}
    assert code == 1


def test_a_baseline_of_a_part_keeps_the_rest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "main.tf").write_text(GROUP.replace("web", "sub"))
    run("baseline", "--rule", SSH, capsys=capsys)
    before = (folder / ".compliance-scan-baseline.json").read_bytes()
    assert run("baseline", "sub", "--rule", SSH, capsys=capsys)[0] == 0
    assert (folder / ".compliance-scan-baseline.json").read_bytes() == before


def test_faults_of_ours(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such thing")

    monkeypatch.setattr("compliance_scan.scan.scan", broken)
    code, out, err = run("scan", capsys=capsys)
    assert (code, out) == (app.BROKEN, "")
    assert err == snapshot("""\
error: a fault of compliance-scan itself: ValueError: no such thing
  hint: please report it; --verbose shows the traceback to send
""")
    assert "Traceback" in run("scan", "--verbose", capsys=capsys)[2]


def test_interrupt(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("compliance_scan.scan.scan", interrupted)
    assert run("scan", capsys=capsys) == (130, "", "error: interrupted; nothing was written\n")


def test_errors_are_one_line(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise ScanError("a\x1b[31m name\nof two lines", "mend it")

    monkeypatch.setattr("compliance_scan.scan.scan", wrong)
    assert run("scan", capsys=capsys) == (2, "", "error: a[31m name of two lines\n  hint: mend it\n")
