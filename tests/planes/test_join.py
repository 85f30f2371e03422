"""Which live resource is which declared one."""

from pathlib import Path
from typing import Any

from compliance_scan.planes.join import join, state_twins
from tests.planes.sides import ACCOUNT, REGION, both, code, live, state


def names(folder: Path, text: str, *entries: tuple[str, str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    made = join(code(text, folder), live(*entries))
    return {pair.declared.address: (pair.live.name or pair.live.address, pair.by) for pair in made.pairs}


def test_by_arn_and_by_id(tmp_path: Path) -> None:
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    declared = state(
        tmp_path,
        ("aws_sqs_queue", "jobs", {"arn": arn, "id": "https://x/jobs", "name": "jobs"}),
        ("aws_vpc", "main", {"id": "vpc-1"}),
    )
    made = join(declared, live(("aws_sqs_queue", "https://y/jobs", {"arn": arn}), ("aws_vpc", "vpc-1", {})))
    assert {(pair.declared.address, pair.by) for pair in made.pairs} == {
        ("aws_sqs_queue.jobs", "arn"),
        ("aws_vpc.main", "id"),
    }
    assert (made.missing, made.unmanaged, made.ambiguous) == ((), (), ())


def test_by_name_where_the_code_writes_one(tmp_path: Path) -> None:
    found = names(
        tmp_path,
        'resource "aws_s3_bucket" "logs" {\n  bucket = "logs"\n}\n',
        ("aws_s3_bucket", "logs", {"bucket": "logs"}),
        ("aws_s3_bucket", "other", {"bucket": "other"}),
    )
    assert found == {"aws_s3_bucket.logs": ("aws_s3_bucket@123456789012/eu-west-1/logs", "import_id")}


def test_by_name_tags_only_where_one_fits_one(tmp_path: Path) -> None:
    text = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n  tags = { Name = "main" }\n}\n'
    assert [by for _, by in names(tmp_path, text, ("aws_vpc", "vpc-1", {"tags": {"Name": "main"}})).values()] == [
        "tags"
    ]
    twice: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("aws_vpc", "vpc-1", {"tags": {"Name": "main"}}),
        ("aws_vpc", "vpc-2", {"tags": {"Name": "main"}}),
    )
    assert names(tmp_path, text, *twice) == {}


def test_by_the_graph_last(tmp_path: Path) -> None:
    text = """
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "main" }
}
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_subnet" "b" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.2.0/24"
}
"""
    found = names(
        tmp_path,
        text,
        ("aws_vpc", "vpc-1", {"tags": {"Name": "main"}}),
        ("aws_vpc", "vpc-2", {"tags": {}}),
        ("aws_subnet", "subnet-1", {"vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24"}),
        ("aws_subnet", "subnet-2", {"vpc_id": "vpc-1", "cidr_block": "10.0.2.0/24"}),
        ("aws_subnet", "subnet-3", {"vpc_id": "vpc-2", "cidr_block": "10.0.1.0/24"}),
    )
    assert {address: (name.rpartition("/")[2], by) for address, (name, by) in found.items()} == {
        "aws_vpc.main": ("vpc-1", "tags"),
        "aws_subnet.a": ("subnet-1", "graph"),
        "aws_subnet.b": ("subnet-2", "graph"),
    }


def test_two_addresses_for_one_resource_are_ambiguous(tmp_path: Path) -> None:
    declared = state(tmp_path, ("aws_vpc", "a", {"id": "vpc-1"}), ("aws_vpc", "b", {"id": "vpc-1"}))
    made = join(declared, live(("aws_vpc", "vpc-1", {})))
    assert made.pairs == ()
    assert {each.declared.address: each.why for each in made.ambiguous} == {
        "aws_vpc.a": "aws_vpc.b is the same live resource",
        "aws_vpc.b": "aws_vpc.a is the same live resource",
    }
    assert made.unmanaged == ()


def test_another_region_is_another_resource(tmp_path: Path) -> None:
    text = 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_sqs_queue" "q" {\n  name = "jobs"\n}\n'
    assert names(tmp_path, text, ("aws_sqs_queue", "https://x/jobs", {"name": "jobs"})) == {}


def test_the_state_leads_from_the_code_to_the_account(tmp_path: Path) -> None:
    declared = both(
        code('resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n', tmp_path),
        state(tmp_path, ("aws_vpc", "main", {"id": "vpc-1"})),
    )
    made = join(declared, live(("aws_vpc", "vpc-1", {})))
    assert [(pair.declared.plane, pair.live.attributes["id"], pair.by) for pair in made.pairs] == [
        ("state", "vpc-1", "id"),
        ("code", "vpc-1", "id"),
    ]
    assert len(state_twins(declared.inventory.resources)) == 1
    assert (made.missing, made.unmanaged) == ((), ())


def test_what_is_nowhere(tmp_path: Path) -> None:
    declared = state(tmp_path, ("aws_vpc", "gone", {"id": "vpc-9"}))
    made = join(declared, live(("aws_vpc", "vpc-1", {})))
    assert [each.address for each in made.missing] == ["aws_vpc.gone"]
    assert [each.attributes["id"] for each in made.unmanaged] == ["vpc-1"]
