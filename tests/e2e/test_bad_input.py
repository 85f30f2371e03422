"""Everything hostile or broken ends in one clear message and the right exit code, the other files still judged."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from e2e_support import ADMIN, OPEN_GROUP, POD, Command


def _beside(folder: Path) -> None:
    """A good file whose finding must survive whatever stands beside it."""
    (folder / "good").mkdir()
    (folder / "good" / "main.tf").write_text(OPEN_GROUP)


def _judged(out: str) -> bool:
    return f"{ADMIN}" in out and "good/main.tf" in out


def test_a_broken_file(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    (scan_folder / "broken.tf").write_text('resource "aws_s3_bucket" "a" {\n  bucket = \n}\n')
    done = command("scan", "--rule", ADMIN)
    assert done.code == 4
    assert "broken.tf:2" in done.out
    assert _judged(done.out)
    assert done.out.rstrip().splitlines()[-1].startswith("exit 4: 1 thing could not be read")


def test_a_broken_manifest(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    (scan_folder / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: [}\n")
    done = command("scan")
    assert done.code == 4
    assert "broken.yaml:3" in done.out
    assert _judged(done.out)


def test_allow_incomplete(scan_folder: Path, command: Command) -> None:
    (scan_folder / "broken.tf").write_text('resource "aws_s3_bucket" "a" {\n  bucket = \n}\n')
    assert command("scan", "--allow-incomplete", "--rule", ADMIN).code == 0
    _beside(scan_folder)
    done = command("scan", "--allow-incomplete", "--quiet")
    assert done.code == 1
    assert "1 thing could not be read, first broken.tf:2" in done.err


def test_an_empty_folder(scan_folder: Path, command: Command) -> None:
    done = command("scan")
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        "error: nothing to scan in .\n  hint: name a folder with Terraform files or Kubernetes manifests\n"
    )


def test_a_folder_of_other_files(scan_folder: Path, command: Command) -> None:
    (scan_folder / "README.md").write_text("# hello\n")
    (scan_folder / "ci.yaml").write_text("on: push\n")
    (scan_folder / "package.json").write_text('{"name": "x"}\n')
    assert command("scan").code == 3


def test_a_binary_file_with_a_terraform_name(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    (scan_folder / "binary.tf").write_bytes(bytes(range(256)) * 64)
    done = command("scan")
    assert done.code == 4
    assert "binary.tf" in done.out
    assert _judged(done.out)


def test_byte_order_mark_and_line_ends(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_bytes(b"\xef\xbb\xbf" + OPEN_GROUP.replace("\n", "\r\n").encode())
    done = command("scan", "--rule", ADMIN)
    assert done.code == 1
    assert "main.tf:3:5" in done.out


def test_latin_1(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_bytes(b"# caf\xe9\n" + OPEN_GROUP.encode())
    done = command("scan", "--rule", ADMIN)
    assert ADMIN in done.out
    assert "main.tf:4:5" in done.out
    assert done.code in (1, 4)


def test_a_large_dump(scan_folder: Path, command: Command) -> None:
    """All objects of a cluster in one file may be much larger than anything that a person writes."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"hostNetwork": True}}
    filler = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "big"}, "data": {"text": "x" * 22_000_000}}
    (scan_folder / "dump.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [filler, pod]}))
    done = command("scan", "--rule", "k8s-pod-no-host-network")
    assert done.code == 1
    assert "dump.json:1" in done.out


def test_a_large_file(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    with open(scan_folder / "large.tf", "wb") as handle:
        handle.truncate(50 * 1024 * 1024)
    done = command("scan")
    assert done.code == 4
    assert "large.tf is larger than 20 MiB" in done.out
    assert _judged(done.out)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("brackets.tf", "locals {\n  a = " + "[" * 10_000 + "]" * 10_000 + "\n}\n"),
        ("blocks.tf", "a {\n" * 10_000 + "}\n" * 10_000),
        ("parentheses.tf", "locals {\n  a = " + "(" * 10_000 + "1" + ")" * 10_000 + "\n}\n"),
        ("open.tf", "locals {\n  a = " + "[" * 10_000),
        ("deep.yaml", "apiVersion: v1\nkind: Pod\nmetadata: " + "[" * 10_000 + "]" * 10_000 + "\n"),
        ("deep.json", '{"apiVersion": "v1", "kind": "Pod", "metadata": ' + "[" * 10_000 + "]" * 10_000 + "}"),
        ("deep.tf.json", '{"locals": {"a": ' + "[" * 10_000 + "]" * 10_000 + "}}"),
    ],
)
def test_ten_thousand_levels(scan_folder: Path, command: Command, name: str, text: str) -> None:
    _beside(scan_folder)
    (scan_folder / name).write_text(text)
    done = command("scan")
    assert done.code in (1, 4), done.err
    assert _judged(done.out)
    if done.code == 4:
        assert name in done.out


def test_an_alias_bomb(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    lines = ["apiVersion: v1", "kind: ConfigMap", "metadata: {name: x}", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    (scan_folder / "bomb.yaml").write_text("\n".join(lines) + "\n")
    done = command("scan")
    assert done.code == 4
    assert "bomb.yaml" in done.out
    assert _judged(done.out)


def test_links(scan_folder: Path, command: Command, tmp_path: Path) -> None:
    _beside(scan_folder)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.tf").write_text('locals {\n  password = "hunter2-hunter2"\n}\n')
    (scan_folder / "loop").symlink_to(scan_folder / "loop")
    (scan_folder / "loop.tf").symlink_to(scan_folder / "loop.tf")
    (scan_folder / "up").symlink_to(scan_folder)
    (scan_folder / "away").symlink_to(tmp_path / "outside")
    (scan_folder / "away.tf").symlink_to(tmp_path / "outside" / "secret.tf")
    done = command("scan")
    assert done.code == 4
    assert "away.tf is a link that leads outside the root" in done.out
    assert "away is a link that leads outside the root" in done.out
    assert "loop.tf" in done.out
    assert "hunter2" not in done.out
    assert _judged(done.out)


def test_reading_through_a_link_to_the_outside(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text('resource "aws_s3_bucket" "b" {\n  bucket = file("/etc/passwd")\n}\n')
    done = command("inventory")
    assert "root:" not in done.out
    assert '"bucket":"outside_root"' in done.out


def test_a_pipe_where_a_file_should_be(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    os.mkfifo(scan_folder / "pipe.tf")
    done = command("scan", timeout=20)
    assert done.code == 4
    assert "pipe.tf cannot be read: not a regular file" in done.out
    assert _judged(done.out)


def test_a_folder_without_permission(scan_folder: Path) -> None:
    drop: list[str] = []
    if os.geteuid() == 0:  # the superuser reads every folder, unless that power is taken away
        if shutil.which("setpriv") is None:
            pytest.skip("the superuser may read every folder, and setpriv is not there to take that away")
        drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    _beside(scan_folder)
    closed = scan_folder / "closed"
    closed.mkdir(mode=0)
    (scan_folder / "closed.tf").write_text(OPEN_GROUP)
    (scan_folder / "closed.tf").chmod(0)
    command = [*drop, sys.executable, "-m", "compliance_scan", "scan"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    closed.chmod(0o755)
    assert done.returncode == 4, done.stderr
    assert "folder closed cannot be read: Permission denied" in done.stdout
    assert "closed.tf cannot be read: Permission denied" in done.stdout
    assert _judged(done.stdout)


def test_a_missing_path(scan_folder: Path, command: Command) -> None:
    done = command("scan", "nowhere")
    assert (done.code, done.out, done.err) == (2, "", "error: there is no file or folder nowhere\n")


def test_an_unknown_flag(scan_folder: Path, command: Command) -> None:
    done = command("scan", "--fial-on", "high")
    assert done.code == 2
    assert "--fail-on" in done.err


def test_an_unknown_command(command: Command) -> None:
    done = command("scna")
    assert done.code == 2
    assert done.err == "error: there is no command 'scna', did you mean 'scan'?\n  hint: see 'compliance-scan --help'\n"


@pytest.mark.parametrize("flag", ["--rule", "--skip-rule"])
def test_an_unknown_rule(scan_folder: Path, command: Command, flag: str) -> None:
    _beside(scan_folder)
    done = command("scan", flag, "aws-rds-storage-encryptd")
    assert done.code == 2
    assert "aws-rds-storage-encrypted" in done.err


def test_an_unknown_framework(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    done = command("scan", "--framework", "soc3")
    assert done.code == 2
    assert "soc2" in done.err


def test_an_invalid_rule_file(scan_folder: Path, command: Command, tmp_path: Path) -> None:
    _beside(scan_folder)
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "org-wrong.yaml").write_text("title: Wrong\ncode: ORG0001\nseverity: terrible\n")
    done = command("scan", "--rules", str(pack), XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert done.code == 2
    assert "org-wrong.yaml:" in done.err


def test_an_invalid_configuration(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    (scan_folder / ".compliance-scan.yaml").write_text("severity: low\nfial_on: high\n")
    done = command("scan")
    assert done.code == 2
    assert done.err.startswith("error: .compliance-scan.yaml:2: unknown key `fial_on`, did you mean `fail_on`?")


def test_a_configuration_that_is_no_yaml(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    (scan_folder / ".compliance-scan.yaml").write_text("severity: [low\n")
    done = command("scan")
    assert done.code == 2
    assert ".compliance-scan.yaml:" in done.err


def test_a_closed_output_pipe(scan_folder: Path) -> None:
    for number in range(200):
        (scan_folder / f"g{number}.tf").write_text(OPEN_GROUP.replace('"web"', f'"web{number}"'))
    reader = "import sys; sys.stdin.buffer.read(10); sys.stdin.close()"
    scan = subprocess.Popen(
        [sys.executable, "-m", "compliance_scan", "scan", "-f", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    head = subprocess.Popen([sys.executable, "-c", reader], stdin=scan.stdout)
    assert scan.stdout is not None
    assert scan.stderr is not None
    scan.stdout.close()
    head.wait(30)
    err = scan.stderr.read()
    scan.stderr.close()
    assert scan.wait(60) == 1
    assert err == b""


def test_interrupt(scan_folder: Path) -> None:
    os.mkfifo(scan_folder / "slow.json")
    report = scan_folder / "report.json"
    scan = subprocess.Popen(
        [sys.executable, "-m", "compliance_scan", "scan", "-", "--stdin-filename", "main.tf", "-f", f"json={report}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    time.sleep(1.0)  # it waits for its input by now
    scan.send_signal(signal.SIGINT)
    out, err = scan.communicate(timeout=30)
    assert scan.returncode == 130
    assert out == b""
    assert err == b"error: interrupted; nothing was written\n"
    assert not report.exists()
    assert [path.name for path in scan_folder.iterdir() if ".tmp" in path.name] == []


def test_no_partial_report_when_the_disk_refuses(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    done = command("scan", "-f", "json=/proc/report.json")
    assert done.code == 2
    assert "/proc/report.json cannot be written" in done.err


def test_a_plan_and_a_state_in_the_tree(scan_folder: Path, command: Command) -> None:
    _beside(scan_folder)
    (scan_folder / "plan.json").write_text(
        '{"format_version": "2.0", "planned_values": {}, "kind": "x", "apiVersion": 1}'
    )
    (scan_folder / "terraform.tfstate").write_text('{"version": 4, "serial": 1, "lineage": "x", "resources": []}')
    done = command("scan")
    assert done.code == 4
    assert "plan.json has format version 2.0, which is newer than this program" in done.out
    assert "1 Terraform state: holds secrets in plain text; read where it is named, or by --state" in done.out
    assert "aws-terraform-state-not-in-tree" not in done.out  # there is nothing in it
    (scan_folder / "terraform.tfstate").write_text('{"version": 4, "serial": 1, "lineage": "x", "resources": [')
    done = command("scan", "terraform.tfstate")
    assert done.code == 4
    assert "terraform.tfstate:1: no JSON: the file ends in the middle of a value" in done.out


def test_a_state_in_the_tree_is_a_finding_and_no_line_of_it_is_shown(scan_folder: Path, command: Command) -> None:
    state = '{"version": 4, "serial": 1, "lineage": "x", "resources": [{"type": "a", "password": "hunter2hunter2"}]}'
    (scan_folder / "env").mkdir()
    (scan_folder / "env" / "old.tfstate.backup").write_text(state)
    done = command("scan")
    assert done.code == 1
    assert "aws-terraform-state-not-in-tree" in done.out
    assert "env/old.tfstate.backup:1" in done.out
    assert "hunter2" not in done.out + done.err
    found = command("inventory")
    assert found.code == 0
    assert "hunter2" not in found.out
    named = command("scan", "env/old.tfstate.backup")
    assert "aws-terraform-state-not-in-tree" not in named.out


def test_escape_sequences_do_not_reach_the_terminal(scan_folder: Path, command: Command) -> None:
    (scan_folder / "pod.yaml").write_text(POD.replace("name: web", 'name: "we\\e[2Jb"'))
    done = command("scan", "pod.yaml")
    assert "\x1b" not in done.out + done.err
    done = command("explain", "--no-color", "Pod/prod/we\x1b[2Jb")
    assert "\x1b" not in done.out + done.err
