"""Terraform that Terraform refuses, or that means to wear the reader out: an unknown with its reason, or a note; the
rest is still judged, within bounded time and memory."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from e2e_support import ADMIN, OPEN_GROUP, Done

SECONDS = 30
MEMORY = 1 << 30

CYCLE = "locals {\n  a = local.b\n  b = local.a\n}\n"
DOUBLING = "".join(f'  l{n} = "${{local.l{n - 1}}}${{local.l{n - 1}}}"\n' for n in range(1, 60))
LISTS = "".join(f"  l{n} = [local.l{n - 1}, local.l{n - 1}]\n" for n in range(1, 60))
CHOICES = "".join(f"  l{n} = var.u ? [local.l{n - 1}, local.l{n - 1}] : [local.l{n - 1}]\n" for n in range(1, 60))


def bounded(*arguments: str) -> Done:
    """The command, killed where it takes too much memory or time."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    command = [sys.executable, "-m", "compliance_scan", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=SECONDS, preexec_fn=limit
    )  # the child is single-threaded here
    return Done(done.returncode, done.stdout, done.stderr)


def judged(folder: Path, text: str, value: str) -> tuple[Done, dict[str, str]]:
    """A scan of a group with this description beside a group that is judged in any case, and what is unknown of it."""
    (folder / "good").mkdir()
    (folder / "good" / "main.tf").write_text(OPEN_GROUP)
    (folder / "main.tf").write_text(f'{text}\nresource "aws_security_group" "odd" {{\n  description = {value}\n}}\n')
    done = bounded("scan", "--rule", ADMIN)
    assert "good/main.tf" in done.out, done.err
    assert done.code in (1, 4)
    listed = [json.loads(line) for line in bounded("inventory").out.splitlines()]
    (odd,) = [each for each in listed if each["address"] == "aws_security_group.odd"]
    assert len(json.dumps(odd)) < 1 << 20
    unknown: dict[str, str] = odd["unknown"]
    return done, unknown


@pytest.mark.parametrize(
    ("text", "value", "cause"),
    [
        (CYCLE, "local.a", "error"),
        ("", "1 / 0", "error"),
        ("", "10 % 0", ""),
        ("", '"a" + 1', "error"),
        ("", "[1]", "error"),
        ("", "nosuch(1)", "error"),
        ("", "local.nope", "error"),
        ("", "var.nope", "error"),
        ("", 'tonumber("x")', "error"),
        ("", "range(0, 1e9)", "error"),
        ("", 'join("", [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]])', "limit_reached"),
        ("", 'regex("(a+)+$", join("", [for x in range(200) : "a${x == 199 ? "!" : ""}"]))', "error"),
        ("", 'replace(join("", [for x in range(1000) : "aaaaaaaaaa"]), "/(a*)*b/", "")', ""),
        (f'locals {{\n  l0 = "x"\n{DOUBLING}}}\n', "local.l59", ""),
        (f"locals {{\n  l0 = [1]\n{LISTS}}}\n", "jsonencode(local.l59)", ""),
        (f'variable "u" {{}}\nlocals {{\n  l0 = [1]\n{CHOICES}}}\n', "jsonencode(local.l59)", "variable_without_value"),
        ("", 'file("/etc/passwd")', "outside_root"),
        ("", 'file("../../../../../../etc/passwd")', "outside_root"),
        ("", 'templatefile("/etc/passwd", {})', "outside_root"),
        ("", 'filebase64("/proc/self/environ")', "outside_root"),
        ("", 'join("", fileset("/etc", "*"))', "outside_root"),
        ("", 'format("%999999999d", 1)', "limit_reached"),
        ("", 'indent(999999999999, "a\\nb")', "limit_reached"),
        ("", "pow(10, pow(10, 10))", "error"),
        ("", 'base64decode("$$$")', "error"),
        ("", 'jsondecode("{")', "error"),
        ("", 'yamldecode("a: &a [*a, *a]")', "error"),
        ("", 'cidrsubnets("10.0.0.0/8", [for x in range(1000) : 8]...)', "error"),
    ],
)
def test_a_value_that_has_no_answer(scan_folder: Path, text: str, value: str, cause: str) -> None:
    _done, unknown = judged(scan_folder, text, value)
    assert unknown.get("description", "") == cause


def test_a_cycle_of_locals_is_told_at_its_line(scan_folder: Path) -> None:
    judged(scan_folder, CYCLE, "local.a")
    done = bounded("scan")
    assert done.code == 4
    assert "main.tf:2" in done.out


@pytest.mark.parametrize("open_text", ['"${', '"${var.x', '"%{ if true }', "<<E\n${\nE", '"a', "{", "(1", "[1,"])
def test_what_never_closes(scan_folder: Path, open_text: str) -> None:
    (scan_folder / "good").mkdir()
    (scan_folder / "good" / "main.tf").write_text(OPEN_GROUP)
    (scan_folder / "main.tf").write_text(f'resource "aws_sqs_queue" "q" {{\n  name = {open_text}\n}}\n')
    done = bounded("scan", "--rule", ADMIN)
    assert done.code == 4
    assert "main.tf:" in done.out.partition("good/main.tf")[2] + done.out
    assert "good/main.tf" in done.out


def test_a_module_that_calls_itself_and_modules_in_a_circle(scan_folder: Path) -> None:
    for name, other in (("self", "."), ("one", "../two"), ("two", "../one")):
        (scan_folder / name).mkdir()
        (scan_folder / name / "main.tf").write_text(f'module "again" {{\n  source = "./{other}"\n}}\n{OPEN_GROUP}')
    (scan_folder / "main.tf").write_text('module "a" {\n  source = "./self"\n}\nmodule "b" {\n  source = "./one"\n}\n')
    done = bounded("scan", "--rule", ADMIN)
    assert done.code == 4
    assert "module again calls itself, through ./." in done.out
    assert "module again calls itself, through ./../one" in done.out
    assert "module.b.module.again.aws_security_group.web" in done.out


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ('for_each = ["a", "b"]', "for_each of aws_security_group.web is a list"),
        ("for_each = 5", "for_each of aws_security_group.web is not valid"),
        ('count = "many"', "count of aws_security_group.web is not valid"),
        ("count = -1", "count of aws_security_group.web is negative"),
        ("count = 1000000000", "aws_security_group.web has 1000000000 instances"),
        ("for_each = toset([for x in range(1000) : toset([1])])", ""),
        ("for_each = null", "for_each of aws_security_group.web is not valid"),
    ],
)
def test_a_number_of_instances_that_cannot_be(scan_folder: Path, argument: str, reason: str) -> None:
    (scan_folder / "main.tf").write_text(OPEN_GROUP.replace("{\n", f"{{\n  {argument}\n", 1))
    done = bounded("scan", "--rule", ADMIN)
    assert done.code in (1, 4), done.err  # judged once, by what is written
    assert 'aws_security_group.web["?"]' in done.out
    (line,) = [json.loads(line) for line in bounded("inventory").out.splitlines()]
    assert line["conditional"] is True
    if reason:
        assert done.code == 4
        assert f"main.tf:1: {reason}" in done.out


def test_modules_that_double_at_every_level(scan_folder: Path) -> None:
    for level in range(25):
        (scan_folder / f"m{level}").mkdir()
        calls = "".join(f'module "{name}" {{\n  source = "../m{level + 1}"\n}}\n' for name in "ab")
        (scan_folder / f"m{level}" / "main.tf").write_text(calls)
    (scan_folder / "m25").mkdir()
    (scan_folder / "m25" / "main.tf").write_text(OPEN_GROUP)
    done = bounded("scan", "--rule", ADMIN)
    assert done.code == 4
    assert "more than 5000 module instances" in done.out
