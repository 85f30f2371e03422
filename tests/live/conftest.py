"""The stand-in as a real process over HTTP, filled with a small account, and audits of it by the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("moto", reason="the stand-in needs moto[server]")

from compliance_scan.inputs.aws.seed import Seeder
from compliance_scan.inputs.aws.standin import CREDENTIALS, StandIn
from compliance_scan.selftest import load_example
from compliance_scan.shape.catalog import Catalog

REGION = "eu-west-1"
ACCOUNT = "123456789012"
SMALL = """
resource "aws_s3_bucket" "logs" { bucket = "the-logs" }
resource "aws_s3_bucket" "data" { bucket = "the-data" }
resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_db_instance" "open" {
  identifier          = "orders"
  engine              = "postgres"
  publicly_accessible = true
  storage_encrypted   = false
}
resource "aws_db_instance" "closed" {
  identifier        = "ledger"
  engine            = "postgres"
  storage_encrypted = true
}
resource "aws_ecs_cluster" "main" {
  name = "main"
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }]
  })
}
"""
RULES = (
    "aws-s3-bucket-versioning",
    "aws-rds-not-public",
    "aws-rds-storage-encrypted",
    "aws-ecs-container-insights",
    "aws-iam-role-trust-not-public",
    "aws-iam-password-policy-length",
)
"""Over a folded part, a plain listing, a batch, a global service and a setting of the account."""


class Done(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> Any:
        """The JSON report on standard output."""
        return json.loads(self.out)

    def verdicts(self) -> dict[tuple[str, str], str]:
        """Rule and address to verdict."""
        return {(each["rule"], each["resource"]["address"]): each["verdict"] for each in self.report["findings"]}


class Audits:
    """Runs the command line as a process of its own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def environment(self, **more: str) -> dict[str, str]:
        """A clean environment: no credentials but the stand-in's."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "COMPLIANCE_SCAN_"))}
        return {**kept, **CREDENTIALS, "HOME": str(self.folder), "AWS_MAX_ATTEMPTS": "", **more}

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        """A command that runs on by itself."""
        return subprocess.Popen(
            [sys.executable, "-m", "compliance_scan", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env=self.environment(**more),
        )

    def run(self, *arguments: str, **more: str) -> Done:
        """A command to its end."""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=240)
        return Done(process.returncode, out, err)

    def audit(self, url: str, *arguments: str, rules: Sequence[str] = RULES, **more: str) -> Done:
        """An audit of the stand-in in one region, with all verdicts as JSON."""
        chosen = [word for rule in rules for word in ("--rule", rule)]
        return self.run(
            "audit",
            "--endpoint-url",
            url,
            "--region",
            REGION,
            *chosen,
            "-f",
            "json",
            "--verdicts",
            "all",
            *arguments,
            **more,
        )


@pytest.fixture(scope="session")
def standin() -> Iterator[StandIn]:
    """An empty stand-in."""
    with StandIn(environment={"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}) as running:
        yield running


@pytest.fixture
def account(standin: StandIn) -> StandIn:
    """The stand-in with a small account."""
    standin.reset()
    seeder = Seeder(standin.clients(REGION), Catalog.open(), region=REGION)
    assert seeder.seed(load_example({"terraform": SMALL}).resources) == {}
    return standin


@pytest.fixture
def audits(tmp_path: Path) -> Audits:
    """Audits in a folder of their own."""
    return Audits(tmp_path)
