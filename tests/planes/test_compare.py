"""Which attributes differ, and what only reads differently."""

from pathlib import Path
from typing import Any

import pytest

from compliance_scan.model.value import path_text
from compliance_scan.planes.compare import differences
from compliance_scan.planes.noise import Noises
from tests.planes.sides import code, live, one, state

DOCUMENT = '{"Version":"2012-10-17","Statement":[%s]}'
READ = '{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Principal":{"AWS":"123456789012"}}'
READ_AGAIN = '{"Resource":["*"],"Principal":{"AWS":["arn:aws:iam::123456789012:root"]},"Action":["s3:GetObject"],"Effect":"Allow"}'
LIST = '{"Effect":"Deny","Action":["s3:*"],"Resource":"*","Principal":"*"}'


def told(kind: str, declared: dict[str, Any], found: dict[str, Any], folder: Path) -> dict[str, tuple[Any, Any]]:
    ours, theirs = state(folder, (kind, "x", {"id": "x", **declared})), live((kind, "x", found))
    pair = (ours, one(ours, kind)), (theirs, one(theirs, kind))
    made = differences(*pair, Noises(ours.catalog).of(kind))
    return {path_text(each.path): (each.declared, each.live) for each in made}


def written(text: str, kind: str, found: dict[str, Any], folder: Path) -> dict[str, tuple[Any, Any]]:
    ours, theirs = code(text, folder), live((kind, "x", found))
    made = differences((ours, one(ours, kind)), (theirs, one(theirs, kind)), Noises(ours.catalog).of(kind))
    return {path_text(each.path): (each.declared, each.live) for each in made}


@pytest.mark.parametrize(
    ("kind", "declared", "found"),
    [
        ("aws_db_instance", {"multi_az": False}, {"multi_az": None}),
        ("aws_db_instance", {"parameter_group_name": ""}, {"parameter_group_name": None}),
        ("aws_db_instance", {"vpc_security_group_ids": ["sg-1", "sg-2"]}, {"vpc_security_group_ids": ["sg-2", "sg-1"]}),
        ("aws_db_instance", {"allocated_storage": "20"}, {"allocated_storage": 20}),
        (
            "aws_db_instance",
            {"kms_key_id": "1234-ab"},
            {"kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/1234-ab"},
        ),
        ("aws_db_instance", {"endpoint": "a"}, {"endpoint": "b"}),
        ("aws_sqs_queue", {"policy": DOCUMENT % f"{READ},{LIST}"}, {"policy": DOCUMENT % f"{LIST}, {READ_AGAIN}"}),
        (
            "aws_sqs_queue",
            {"tags": {"a": "1"}, "tags_all": {"a": "1", "team": "x"}},
            {"tags": {"team": "x", "a": "1", "aws:cloudformation:stack-name": "s"}},
        ),
        ("aws_vpc", {"instance_tenancy": "default"}, {}),
    ],
)
def test_noise(kind: str, declared: dict[str, Any], found: dict[str, Any], tmp_path: Path) -> None:
    assert told(kind, declared, found, tmp_path) == {}


@pytest.mark.parametrize(
    ("kind", "declared", "found", "difference"),
    [
        ("aws_db_instance", {"multi_az": True}, {"multi_az": False}, {"multi_az": (True, False)}),
        (
            "aws_db_instance",
            {"backup_retention_period": 7},
            {"backup_retention_period": 0},
            {"backup_retention_period": (7, 0)},
        ),
        (
            "aws_db_instance",
            {"vpc_security_group_ids": ["sg-1"]},
            {"vpc_security_group_ids": ["sg-1", "sg-2"]},
            {"vpc_security_group_ids": (["sg-1"], ["sg-1", "sg-2"])},
        ),
        (
            "aws_db_instance",
            {"kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/a"},
            {"kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/b"},
            {"kms_key_id": ("arn:aws:kms:eu-west-1:123456789012:key/a", "arn:aws:kms:eu-west-1:123456789012:key/b")},
        ),
        (
            "aws_sqs_queue",
            {"tags": {"a": "1", "b": "2"}},
            {"tags": {"a": "3"}},
            {"tags.a": ("1", "3"), "tags.b": ("2", None)},
        ),
        ("aws_sqs_queue", {"tags": None}, {"tags": {"x": "1"}}, {"tags": (None, {"x": "1"})}),
    ],
)
def test_differences(
    kind: str, declared: dict[str, Any], found: dict[str, Any], difference: dict[str, Any], tmp_path: Path
) -> None:
    assert told(kind, declared, found, tmp_path) == difference


def test_a_policy_with_another_statement(tmp_path: Path) -> None:
    assert list(told("aws_sqs_queue", {"policy": DOCUMENT % READ}, {"policy": DOCUMENT % LIST}, tmp_path)) == ["policy"]


def test_what_the_code_leaves_to_aws_is_not_declared(tmp_path: Path) -> None:
    text = 'resource "aws_db_instance" "x" {\n  identifier = "x"\n  multi_az = true\n}\n'
    found = {"identifier": "x", "multi_az": False, "availability_zone": "eu-west-1a", "engine_version": "16.1"}
    assert written(text, "aws_db_instance", found, tmp_path) == {"multi_az": (True, False)}


def test_what_is_not_known_is_no_difference(tmp_path: Path) -> None:
    text = 'variable "x" {}\nresource "aws_db_instance" "x" {\n  identifier = "x"\n  multi_az = var.x\n}\n'
    assert written(text, "aws_db_instance", {"multi_az": False}, tmp_path) == {}


def test_ignored_changes(tmp_path: Path) -> None:
    text = """resource "aws_db_instance" "x" {
  multi_az = true
  tags     = { a = "1", b = "1" }
  lifecycle { ignore_changes = [multi_az, tags["a"]] }
}
"""
    found = {"multi_az": False, "tags": {"a": "2", "b": "2"}}
    assert written(text, "aws_db_instance", found, tmp_path) == {"tags.b": ("1", "2")}
    assert written(text.replace('[multi_az, tags["a"]]', "all"), "aws_db_instance", found, tmp_path) == {}


def test_rules_of_a_group_in_whatever_spelling(tmp_path: Path) -> None:
    text = """resource "aws_security_group" "x" {
  name = "x"
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
"""
    one_rule = {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}
    assert written(text, "aws_security_group", {"ingress": [one_rule], "egress": []}, tmp_path) == {}
    opened = {**one_rule, "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]}
    assert list(written(text, "aws_security_group", {"ingress": [one_rule, opened], "egress": []}, tmp_path)) == [
        "ingress"
    ]
