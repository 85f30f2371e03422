"""`rules test`: what it refuses."""

from pathlib import Path

import pytest

from compliance_scan.errors import ScanError, UsageError
from compliance_scan.selftest import Result, load_example, read_inventory, run_folder

HEAD = """\
title: Things are on
code: ORG0001
severity: low
resource: aws_efs_file_system
assert: {assertion}
objectives: [backup]
why: Otherwise they are off.
fix: {{note: Switch them on.}}
examples:
"""
ON = '  - name: on\n    terraform: \'resource "aws_efs_file_system" "a" { encrypted = true }\'\n    pass: [aws_efs_file_system.a]\n'
OFF = '  - name: off\n    terraform: \'resource "aws_efs_file_system" "a" { encrypted = false }\'\n    fail: [aws_efs_file_system.a]\n'
OPEN = (
    '  - name: open\n    terraform: |\n      variable "x" {}\n'
    '      resource "aws_efs_file_system" "a" { encrypted = var.x }\n    unknown: [aws_efs_file_system.a]\n'
)  # fmt: skip
GOOD = "{path: encrypted, equals: true}"


def run(folder: Path, examples: str, assertion: str = GOOD) -> list[str]:
    (folder / "own-rule.yaml").write_text(HEAD.format(assertion=assertion) + examples)
    (result,) = run_folder(str(folder))
    return [problem.message for problem in result.problems]


def test_a_whole_rule_passes(tmp_path: Path) -> None:
    assert run(tmp_path, ON + OFF + OPEN) == []


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        (OFF + OPEN, "has no example with a resource under `pass`"),
        (ON + OPEN, "has no example with a resource under `fail`"),
        (ON + OFF, "has no example with a resource under `unknown`"),
        (ON.replace("true", "false") + OFF + OPEN, "aws_efs_file_system.a is fail (encrypted is false, expected true), expected pass"),
        (ON.replace("pass: [", "pass: [aws_efs_file_system.b, ") + OFF + OPEN, "aws_efs_file_system.b is not judged"),
        (ON.replace("'resource", "'resource \"aws_efs_file_system\" \"b\" { encrypted = true }\n\n      resource") + OFF + OPEN, "aws_efs_file_system.b is pass"),
        (ON.replace("true }", "true") + OFF + OPEN, "cannot be read"),
        (ON.replace("  - name: on\n", "  - name: on\n    with: {days: 3}\n") + OFF + OPEN, "days is no parameter"),
        (ON.replace("terraform:", "plan:") + OFF + OPEN, ""),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, examples: str, message: str) -> None:
    problems = run(tmp_path, examples)
    assert problems
    assert any(message in problem for problem in problems), problems


def test_a_rule_that_passes_by_omission_must_say_so(tmp_path: Path) -> None:
    assertion = "{not: {path: kms_key_id, starts_with: alias/aws}}"
    on = ON.replace("encrypted = true", 'kms_key_id = "alias/own"')
    off = OFF.replace("encrypted = false", 'kms_key_id = "alias/aws/efs"')
    open_ = OPEN.replace("encrypted", "kms_key_id")
    lifecycle = "{none: {in: lifecycle_policy, where: {path: transition_to_ia, exists: true}}}"
    on_, off_ = (
        ON.replace("encrypted = true", ""),
        OFF.replace("encrypted = false", 'lifecycle_policy { transition_to_ia = "AFTER_7_DAYS" }'),
    )
    problems = run(
        tmp_path,
        on_ + off_ + OPEN.replace("encrypted = var.x", "lifecycle_policy { transition_to_ia = var.x }"),
        lifecycle,
    )
    assert len(problems) == 1
    assert "passes although lifecycle_policy is not written" in problems[0]
    said = on_.replace("name: on", "name: none by omission")
    assert (
        run(
            tmp_path,
            said + off_ + OPEN.replace("encrypted = var.x", "lifecycle_policy { transition_to_ia = var.x }"),
            lifecycle,
        )
        == []
    )
    # An optional and computed attribute is unknown where it is not written: nothing passes by omission.
    assert run(tmp_path, on + off + open_, assertion) == []


def test_one_broken_rule_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a-rule.yaml").write_text("title: [\n")
    (tmp_path / "b-rule.yaml").write_text(HEAD.format(assertion=GOOD) + ON + OFF + OPEN)
    (tmp_path / "c-rule.yaml").write_text(HEAD.format(assertion=GOOD) + ON + OFF + OPEN)
    results: list[Result] = list(run_folder(str(tmp_path)))
    assert [(result.rule, bool(result.problems)) for result in results] == [
        ("a-rule", True),
        ("b-rule", False),
        ("c-rule", True),
    ]
    assert results[2].problems[0].message == "the code is taken by b-rule"
    with pytest.raises(UsageError, match="did you mean `b-rule`"):
        list(run_folder(str(tmp_path), ["b-rul"]))


def test_inventories_are_read_line_by_line() -> None:
    inventory = read_inventory(
        '{"address": "arn:x", "type": "aws_vpc", "plane": "live", "attributes": {"a": {"b": null}}, "unknown": {"a.b": "denied"}}\n'
    )
    (resource,) = inventory.resources
    assert str(resource.attributes["a"]) == "{'b': Unknown(denied)}"
    with pytest.raises(ScanError, match="line 2 of the inventory"):
        read_inventory("\n{}")


def test_an_example_may_have_several_files() -> None:
    files = {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n',
        "m/main.tf": 'resource "aws_vpc" "v" {}\n',
    }
    inventory = load_example({"terraform": files})
    assert [resource.address for resource in inventory.resources] == ["module.m.aws_vpc.v"]
