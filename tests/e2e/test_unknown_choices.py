"""What is true of all that a value may be is true, though nobody knows which it is."""

import json
from pathlib import Path
from typing import Any

import pytest
from e2e_support import Command

RETENTION = "aws-rds-backup-retention"
SSH = "aws-vpc-security-group-ssh"
DESCRIBED = "aws-vpc-security-group-rules-described"


def verdicts(command: Command, rule: str) -> dict[str, str]:
    """What a rule says of each resource, passes included."""
    found: dict[str, Any] = json.loads(command("scan", "--rule", rule, "-f", "json", "--verdicts", "all").out)
    return {each["resource"]["address"]: each["verdict"] for each in found["findings"]}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("var.prod ? 30 : 7", "pass"),
        ("var.prod ? 30 : 0", "unknown"),
        ("var.prod ? 3 : 4", "fail"),
        ("var.prod ? 3 : var.days", "unknown"),
        ("var.prod ? 30 : var.env == 1 ? 14 : 8", "pass"),
        ("var.prod ? 30 : var.env == 1 ? 14 : 2", "unknown"),
        ("local.days", "pass"),
        ("local.list[0]", "pass"),
        ("local.map.days", "pass"),
        ('tonumber(var.prod ? "30" : "8")', "pass"),
        ("(var.prod ? 30 : 8) - 5", "unknown"),
        ("coalesce(var.prod ? null : 3, 30)", "unknown"),
        ("try(var.prod ? 30 : 8, 0)", "unknown"),
        ("var.one[0]", "unknown"),
    ],
)
def test_a_choice_that_nobody_knows(scan_folder: Path, command: Command, days: str, expected: str) -> None:
    (scan_folder / "main.tf").write_text(
        f"""
variable "prod" {{ type = bool }}
variable "env" {{}}
variable "days" {{}}
variable "one" {{ type = list(number) }}
locals {{
  days = var.prod ? 30 : 7
  list = [var.prod ? 30 : 9]
  map  = {{ days = var.prod ? 30 : 9 }}
}}
resource "aws_db_instance" "db" {{
  backup_retention_period = {days}
}}
"""
    )
    assert verdicts(command, RETENTION) == {"aws_db_instance.db": expected}


@pytest.mark.parametrize(
    ("argument", "variable", "expected"),
    [
        ("var.prod ? 30 : 9", "type = number", "pass"),
        ("var.prod ? null : 30", "type = number\n  default = 9\n  nullable = false", "pass"),
        ("var.prod ? null : 30", "type = number\n  default = 2\n  nullable = false", "unknown"),
        ("var.prod ? null : 30", "type = number\n  default = 9", "unknown"),
    ],
)
def test_a_choice_through_a_module(
    scan_folder: Path, command: Command, argument: str, variable: str, expected: str
) -> None:
    (scan_folder / "m").mkdir()
    (scan_folder / "main.tf").write_text(
        f'variable "prod" {{}}\nmodule "m" {{\n  source = "./m"\n  days = {argument}\n}}\n'
    )
    (scan_folder / "m" / "m.tf").write_text(
        f'variable "days" {{\n  {variable}\n}}\n'
        'resource "aws_db_instance" "db" {\n  backup_retention_period = var.days\n}\n'
    )
    assert verdicts(command, RETENTION) == {"module.m.aws_db_instance.db": expected}


def test_a_choice_is_shown_as_what_it_may_be(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(
        'variable "prod" {}\nresource "aws_db_instance" "db" {\n  storage_encrypted = var.prod ? false : null\n}\n'
    )
    done = command("scan", "--rule", "aws-rds-storage-encrypted")
    assert done.code == 1
    assert "storage_encrypted is false, expected true" in done.out


def test_explain_lists_what_a_value_may_be_but_no_secret(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(
        'variable "q" {}\nvariable "secret" {\n  sensitive = true\n  default   = "hunter2hunter2"\n}\n'
        'resource "terraform_data" "t" {\n  input = var.q ? "a" : null\n  triggers_replace = var.q ? var.secret : "x"\n}\n'
    )
    done = command("explain", "terraform_data.t")
    assert 'input = null (not known: input variable_without_value; one of "a", null), main.tf:7' in done.out
    assert 'triggers_replace = "(sensitive)", main.tf:8' in done.out
    assert "hunter2" not in done.out


GROUP = """
variable "rules" {{}}
variable "ports" {{}}
resource "aws_security_group" "web" {{
  dynamic "ingress" {{
    for_each = var.rules
    content {{
      description = "{description}"
      from_port   = {port}
      to_port     = {port}
      protocol    = "tcp"
      cidr_blocks = {peers}
    }}
  }}
{more}
}}
"""
ANY = '["0.0.0.0/0"]'
OFFICE = '["10.0.0.0/8"]'


@pytest.mark.parametrize(
    ("port", "peers", "expected"),
    [
        ("443", ANY, "pass"),
        ("22", OFFICE, "pass"),
        ("22", ANY, "unknown"),
        ("ingress.value.port", OFFICE, "pass"),
        ("ingress.value.port", ANY, "unknown"),
        ("443", "ingress.value.peers", "pass"),
        ("22", "ingress.value.peers", "unknown"),
        ("22", '[var.ports == 1 ? "10.0.0.0/8" : "172.16.0.0/12"]', "pass"),
        ("22", '[var.ports == 1 ? "10.0.0.0/8" : "0.0.0.0/0"]', "unknown"),
    ],
)
def test_blocks_of_which_nobody_knows_the_number(
    scan_folder: Path, command: Command, port: str, peers: str, expected: str
) -> None:
    text = GROUP.format(description="d", port=port, peers=peers, more="")
    (scan_folder / "main.tf").write_text(text)
    assert verdicts(command, SSH) == {"aws_security_group.web": expected}


def test_a_block_that_is_certainly_there_decides_beside_one_that_may_be(scan_folder: Path, command: Command) -> None:
    more = '  ingress {\n    from_port = 22\n    to_port = 22\n    protocol = "tcp"\n    cidr_blocks = ' + ANY + "\n  }"
    (scan_folder / "main.tf").write_text(GROUP.format(description="d", port="443", peers=ANY, more=more))
    assert verdicts(command, SSH) == {"aws_security_group.web": "fail"}
    done = command("scan", "--rule", SSH)
    assert "main.tf:16:5" in done.out  # the lines of the block that is there, though it is written behind the other


def test_an_unknown_finding_points_into_the_block_that_may_be_there(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(GROUP.format(description="", port="22", peers=ANY, more=""))
    done = json.loads(command("scan", "--rule", DESCRIBED, "-f", "json").out)
    (finding,) = done["findings"]
    assert finding["verdict"] == "unknown"
    assert finding["location"]["line"] in (5, 8)


@pytest.mark.parametrize(("enabled", "expected"), [("true", "unknown"), ("false", "fail")])
def test_a_single_block_that_may_be_there(scan_folder: Path, command: Command, enabled: str, expected: str) -> None:
    (scan_folder / "main.tf").write_text(
        f"""
variable "on" {{}}
resource "aws_elasticsearch_domain" "d" {{
  dynamic "node_to_node_encryption" {{
    for_each = var.on ? [1] : []
    content {{
      enabled = {enabled}
    }}
  }}
}}
"""
    )
    found = verdicts(command, "aws-opensearch-node-to-node-encryption")
    assert found == {"aws_elasticsearch_domain.d": expected}


def test_secrets_in_what_may_be_there_stay_hidden(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(
        """
variable "rules" {}
variable "name" {
  sensitive = true
  default   = "hunter2hunter2"
}
resource "aws_security_group" "web" {
  description = var.rules == 1 ? var.name : "hunter2hunter2x"
  dynamic "ingress" {
    for_each = var.rules
    content {
      description = var.name
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
"""
    )
    for arguments in (("scan",), ("scan", "-f", "json"), ("inventory",), ("explain", "aws_security_group.web")):
        done = command(*arguments)
        assert done.code in (0, 1), done.err
        assert "hunter2" not in done.out + done.err
