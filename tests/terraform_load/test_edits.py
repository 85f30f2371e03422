"""Edits of Terraform files: the right place, nothing else touched, and `terraform fmt` has nothing to say."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.inputs.terraform.edits import TAKE_AWAY, CannotEdit, TextEdit
from compliance_scan.inputs.terraform.load import TerraformOptions, load
from compliance_scan.inputs.terraform.provenance import BlockSource
from compliance_scan.workspace import Workspace

BLOCKS = {("metadata_options",), ("root_block_device",), ("outer",), ("outer", "inner")}


def edited(files: dict[str, str], path: tuple[str | int, ...], value: Any, address: str = "") -> dict[str, str]:
    """The files after the edit that gives a resource's attribute a value."""
    workspace = Workspace("/nowhere")
    for name, text in files.items():
        workspace.put(name, text.encode())
    found = load(workspace, sorted(files), TerraformOptions()).resources
    resource = next(each for each in found if each.mode == "managed" and (not address or each.address == address))
    assert isinstance(resource.source, BlockSource)
    made = resource.source.edits(path, value, lambda names: names in BLOCKS)
    return apply(files, made)


def apply(files: dict[str, str], edits: list[TextEdit]) -> dict[str, str]:
    out = dict(files)
    for span, text, _ in sorted(edits, key=lambda edit: edit.span, reverse=True):
        lines = out[span.file].split("\n")
        start = sum(len(line) + 1 for line in lines[: span.line - 1]) + span.column - 1
        end = sum(len(line) + 1 for line in lines[: span.end_line - 1]) + span.end_column - 1
        out[span.file] = out[span.file][:start] + text + out[span.file][end:]
    return out


def one(text: str, path: tuple[str | int, ...], value: Any) -> str:
    return edited({"main.tf": text}, path, value)["main.tf"]


INSTANCE = """resource "aws_instance" "a" {
  ami           = "ami-1" # the old one
  instance_type = "t3.micro"

  tags = {
    Name = "a"
  }
}
"""


def test_a_literal_is_replaced_where_it_stands() -> None:
    assert one(INSTANCE, ("ami",), "ami-2") == INSTANCE.replace('"ami-1"', '"ami-2"')


def test_a_new_attribute_joins_the_run_of_its_neighbours() -> None:
    expected = INSTANCE.replace('"t3.micro"\n', '"t3.micro"\n  monitoring    = true\n')
    assert one(INSTANCE, ("monitoring",), value=True) == expected


def test_a_longer_name_moves_the_run() -> None:
    made = one(INSTANCE, ("disable_api_termination",), value=True)
    assert '  ami                     = "ami-1" # the old one\n' in made
    assert "  disable_api_termination = true\n" in made


def test_missing_blocks_are_made_at_the_end() -> None:
    made = one(INSTANCE, ("metadata_options", "http_tokens"), "required")
    assert made.endswith('  }\n\n  metadata_options {\n    http_tokens = "required"\n  }\n}\n')


def test_a_block_that_is_there_is_used() -> None:
    text = 'resource "aws_instance" "a" {\n  metadata_options {\n    http_endpoint = "enabled"\n  }\n}\n'
    made = one(text, ("metadata_options", "http_tokens"), "required")
    assert made == text.replace('"enabled"\n', '"enabled"\n    http_tokens   = "required"\n')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('resource "aws_instance" "a" {}\n', 'resource "aws_instance" "a" {\n  monitoring = true\n}\n'),
        (
            'resource "aws_instance" "a" { ami = "x" }\n',
            'resource "aws_instance" "a" {\n  ami        = "x"\n  monitoring = true\n}\n',
        ),
        (
            'resource "aws_instance" "a" {\n  tags = {\n    a = "1"\n  }\n}\n',
            'resource "aws_instance" "a" {\n  monitoring = true\n\n  tags = {\n    a = "1"\n  }\n}\n',
        ),
    ],
)
def test_short_blocks(text: str, expected: str) -> None:
    assert one(text, ("monitoring",), value=True) == expected


def test_a_tag_is_added_and_changed() -> None:
    assert one(INSTANCE, ("tags", "Name"), "b") == INSTANCE.replace('Name = "a"', 'Name = "b"')
    assert '    Name = "a"\n    Owner = "x"\n' in one(INSTANCE, ("tags", "Owner"), "x")


def test_the_value_is_changed_behind_the_variable_in_the_call_of_the_module() -> None:
    files = {
        "main.tf": 'module "db" {\n  source    = "./db"\n  encrypted = false\n}\n',
        "db/main.tf": (
            'variable "encrypted" {\n  default = true\n}\n'
            'resource "aws_db_instance" "x" {\n  storage_encrypted = var.encrypted\n}\n'
        ),
    }
    made = edited(files, ("storage_encrypted",), value=True)
    assert made == {**files, "main.tf": files["main.tf"].replace("encrypted = false", "encrypted = true")}


def test_an_attribute_is_taken_away_with_its_line() -> None:
    assert one(INSTANCE, ("instance_type",), TAKE_AWAY) == INSTANCE.replace('  instance_type = "t3.micro"\n', "")


def test_what_an_expression_makes_in_the_block_itself_is_said_plainly() -> None:
    text = 'resource "aws_instance" "a" {\n  monitoring = 1 == 2\n}\n'
    assert one(text, ("monitoring",), value=True) == text.replace("1 == 2", "true")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('resource "aws_instance" "a" {\n  outer {\n  }\n  outer {\n  }\n}\n', ("outer", "x")),
        ('locals {\n  x = 1 == 2\n}\nresource "aws_instance" "a" {\n  monitoring = local.x\n}\n', ("monitoring",)),
        ('resource "aws_instance" "a" {\n}\n', ("nothing", "known")),
        ('resource "aws_instance" "a" {\n}\n', ("outer", 3, "x")),
    ],
)
def test_what_cannot_be_proven_is_refused(text: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(CannotEdit):
        one(text, path, value=True)


def test_texts_are_escaped() -> None:
    made = one('resource "aws_instance" "a" {\n  ami = "x"\n}\n', ("ami",), 'a"${b}\n%{c}')
    assert '  ami = "a\\"$${b}\\n%%{c}"\n' in made


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("ami",), "ami-2"),
        (("monitoring",), True),
        (("disable_api_termination",), True),
        (("metadata_options", "http_tokens"), "required"),
        (("outer", "inner", "x"), 3),
        (("security_groups",), ["a", "b"]),
        (("ephemeral",), {"a": 1, "long_name": {"b": "c"}}),
    ],
)
def test_terraform_fmt_changes_nothing(path: tuple[str, ...], value: Any, tmp_path: Path) -> None:
    made = one(INSTANCE, path, value)
    (tmp_path / "main.tf").write_text(made)
    done = subprocess.run(["terraform", "fmt", "-diff", str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_whole_block_is_no_attribute_to_edit() -> None:
    with pytest.raises(CannotEdit, match="whole block"):
        one(INSTANCE, (), {"a": 1})
