"""The JSON syntax says the same as the language's own, block by block."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.terraform_load.conftest import Loader

HCL = """
resource "aws_s3_bucket" "b" {
  bucket = "b"
  tags = { name = "n" }
  versioning { enabled = true }
  lifecycle_rule {
    enabled = true
    expiration { days = 3 }
    noncurrent_version_expiration { days = 4 }
  }
}
resource "aws_security_group" "g" {
  ingress {
    from_port = 1
    to_port = 2
    protocol = "tcp"
  }
}
resource "aws_instance" "i" {
  user_data = aws_s3_bucket.b.versioning[0].enabled
  root_block_device { encrypted = true }
  ebs_block_device { device_name = "x" }
  ebs_block_device { device_name = "y" }
}
"""
JSON = {
    "resource": {
        "aws_s3_bucket": {
            "b": {
                "bucket": "b",
                "tags": {"name": "n"},
                "versioning": {"enabled": True},
                "lifecycle_rule": {
                    "enabled": True,
                    "expiration": {"days": 3},
                    "noncurrent_version_expiration": [{"days": 4}],
                },
            }
        },
        "aws_security_group": {"g": {"ingress": {"from_port": 1, "to_port": 2, "protocol": "tcp"}}},
        "aws_instance": {
            "i": {
                "user_data": "${aws_s3_bucket.b.versioning[0].enabled}",
                "root_block_device": {"encrypted": True},
                "ebs_block_device": [{"device_name": "x"}, {"device_name": "y"}],
            }
        },
    }
}


def values(found: Any) -> dict[str, dict[str, Any]]:
    return {
        each.address: {name: each.attributes[name] for name in sorted(each.attributes)}
        for each in found.inventory.resources
    }


def test_one_object_for_a_block_is_a_list_of_one(loaded: "Loader") -> None:
    ours = values(loaded({"j/main.tf.json": json.dumps(JSON)}))
    theirs = values(loaded({"h/main.tf": HCL}))
    assert repr(ours).replace("j|", "h|") == repr(theirs)
    assert ours["aws_s3_bucket.b"]["versioning"] == [{"enabled": True}]
    assert ours["aws_s3_bucket.b"]["tags"] == {"name": "n"}
    assert ours["aws_security_group.g"]["ingress"] == [{"from_port": 1, "protocol": "tcp", "to_port": 2}]


def test_flags_in_the_order_of_the_command_line(loaded: "Loader") -> None:
    text = 'variable "v" {}\nresource "aws_sqs_queue" "q" {\n  name = var.v\n}\n'
    files = {"main.tf": text, "x.tfvars": 'v = "file"\n'}
    for settings, expected in (
        ([("v", "flag"), ("x.tfvars", None)], "file"),
        ([("x.tfvars", None), ("v", "flag")], "flag"),
        ([("v", "one"), ("x.tfvars", None), ("v", "two")], "two"),
    ):
        assert loaded(files, settings=settings).value("aws_sqs_queue.q", "name") == expected
