"""Values of the environment never leave: a pull request must not be able to print what `TF_VAR_…` holds."""

import base64
import json
from pathlib import Path

import pytest
from e2e_support import Command

SECRET = "Zq7-hidden-Value"
CODE = """
variable "tok" {}
variable "obj" { type = object({ a = string }) }
variable "ports" { type = list(string) }
variable "flag" {}
resource "aws_s3_bucket" "b" {
  bucket = "x-${var.tok}"
  tags   = { (var.tok) = "v", b = upper(var.tok), c = base64encode(var.tok), d = substr(var.tok, 0, 10) }
}
resource "aws_s3_bucket" "each" {
  for_each = toset([var.tok])
  bucket   = each.key
}
resource "aws_s3_bucket" "map" {
  for_each = { (var.tok) = var.tok }
  bucket   = each.value
}
resource "aws_security_group" "g" {
  name = var.obj.a
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
      description = var.tok
    }
  }
}
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = ["*", var.tok], Sid = var.tok }] })
}
resource "aws_iam_role_policy" "q" {
  role   = "r"
  policy = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  statement {
    sid       = var.tok
    actions   = ["*"]
    resources = ["*", var.tok]
  }
}
data "template_file" "t" {
  template = "$${x}"
  vars     = { x = var.tok }
}
module "m" {
  source = "git::${var.tok}"
}
module "child" {
  source = "./child"
  given  = var.tok
}
locals { bad = file(var.tok) }
resource "aws_sqs_queue" "u" { name = local.bad }
resource "aws_sqs_queue" "v" { name = data.template_file.t.rendered }
resource "aws_db_instance" "x" {
  storage_encrypted = var.flag
  engine            = regex("^(a)", var.tok)
  instance_class    = tonumber(var.tok)
  kms_key_id        = lookup({}, var.tok)
  username          = [1, 2][var.tok]
}
output "o" { value = var.tok }
"""
CHILD = """
variable "given" {
  validation {
    condition     = var.given == "x"
    error_message = "no: ${var.given}"
  }
}
resource "aws_sqs_queue" "q" { name = var.given }
"""
ENVIRONMENT = {
    "TF_VAR_tok": SECRET,
    "TF_VAR_obj": json.dumps({"a": SECRET}),
    "TF_VAR_ports": json.dumps(["0.0.0.0/0", SECRET]),
    "TF_VAR_flag": SECRET,
}
FORMS = [SECRET, SECRET.upper(), SECRET.lower(), SECRET[:10], base64.b64encode(SECRET.encode()).decode()]
SCANS = [
    ["scan", "--verdicts", "all", "-f", "text", "--verbose"],
    ["scan", "--verdicts", "all", "-f", "json"],
    ["scan", "--verdicts", "all", "-f", "sarif", "--sarif-profile", "full"],
    ["scan", "--verdicts", "all", "-f", "sarif"],
    ["inventory"],
    ["inventory", "--graph", "mermaid"],
    ["inventory", "--graph", "dot"],
    ["explain", "aws_s3_bucket.b"],
    ["explain", "aws_security_group.g", "-f", "json"],
    ["explain", "aws_iam_role_policy.q"],
    ["explain", "aws_iam_policy.p"],
    ["explain", "aws_db_instance.x"],
    ["explain", "module.child.aws_sqs_queue.q"],
]


@pytest.mark.parametrize("arguments", SCANS, ids=" ".join)
def test_no_form_of_it_is_printed(scan_folder: Path, command: Command, arguments: list[str]) -> None:
    (scan_folder / "child").mkdir()
    (scan_folder / "main.tf").write_text(CODE)
    (scan_folder / "child" / "main.tf").write_text(CHILD)
    done = command(*arguments, **ENVIRONMENT)
    assert done.code in (0, 1, 4), done.err
    assert done.out
    for text in FORMS:
        assert text not in done.out
        assert text not in done.err


def test_what_is_decided_by_it_is_decided_all_the_same(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(CODE.replace("engine            = regex", "# ").partition("module")[0])
    done = command("inventory", **ENVIRONMENT)
    records = {each["address"]: each for each in map(json.loads, done.out.splitlines())}
    assert 'aws_s3_bucket.each["(environment)"]' in records
    assert records['aws_s3_bucket.each["(environment)"]']["attributes"]["bucket"] == "(environment)"
    assert records["aws_s3_bucket.b"]["attributes"]["tags"] == "(environment)"
    found = command("scan", "--rule", "aws-vpc-security-group-ssh", "-f", "json", **ENVIRONMENT)
    (finding,) = json.loads(found.out)["findings"]
    assert finding["verdict"] == "fail"
    assert SECRET not in found.out


def test_short_words_are_hidden_as_words_only(scan_folder: Path, command: Command) -> None:
    text = 'variable "stage" {}\nresource "aws_sqs_queue" "device" {\n  name = "device-${var.stage}"\n  tags = { a = "device dev" }\n}\n'
    (scan_folder / "main.tf").write_text(text)
    done = command("inventory", TF_VAR_stage="dev")
    (record,) = map(json.loads, done.out.splitlines())
    assert record["address"] == "aws_sqs_queue.device"
    assert record["attributes"]["name"] == "(environment)"
    assert record["attributes"]["tags"] == {"a": "device (environment)"}
