"""One cause, one finding: what yields to a rule that says the same more plainly, and what does not."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.cli import main

PLAIN = 'resource "aws_rds_cluster" "c" {\n  engine            = "aurora-mysql"\n  storage_encrypted = false\n}\n'
KEYLESS = PLAIN.replace("false", "true")
ENCRYPTED, OWN_KEY = "aws-rds-cluster-storage-encrypted", "aws-rds-cluster-customer-key"
Told = dict[str, tuple[str, str | None]]


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Told]:
    """Rule to its verdict and the kind of its suppression, of a scan of one file."""

    def scan(code: str, *flags: str) -> Told:
        (tmp_path / "main.tf").write_text(code)
        report = tmp_path / "out.json"
        base = ["scan", str(tmp_path), "--root", str(tmp_path), "--no-config", "--verdicts", "all", "--quiet"]
        with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
            main([*base, *flags, "-f", f"json={report}"])
        findings: list[dict[str, Any]] = json.loads(report.read_text())["findings"]
        return {one["rule"]: (one["verdict"], (one["suppression"] or {}).get("kind")) for one in findings}

    return scan


def test_one_yields_where_the_other_fails_and_keeps_its_verdict(told: Callable[..., Told]) -> None:
    found = told(PLAIN)
    assert found[ENCRYPTED] == ("fail", None)
    assert found[OWN_KEY] == ("fail", "yield")


def test_it_speaks_where_the_other_passes_or_did_not_run(told: Callable[..., Told]) -> None:
    assert told(KEYLESS)[OWN_KEY] == ("fail", None)
    assert told(PLAIN, "--skip-rule", ENCRYPTED)[OWN_KEY] == ("fail", None)


def test_it_speaks_where_a_person_silenced_the_other(told: Callable[..., Told]) -> None:
    mark = f'  # compliance-scan:ignore {ENCRYPTED} reason="a copy of public data"\n'
    found = told(PLAIN.replace("{\n", "{\n" + mark, 1))
    assert found[ENCRYPTED] == ("fail", "inline")
    assert found[OWN_KEY] == ("fail", None)


def test_guilty_items_yield_only_where_the_same_are_guilty(told: Callable[..., Told]) -> None:
    statement = '{{ Effect = "Allow", Action = "{}", Resource = "*" }}'
    policy = 'resource "aws_iam_policy" "p" {{\n  policy = jsonencode({{ Statement = [\n{},\n{}\n] }})\n}}\n'
    everything, users = statement.format("*"), statement.format("iam:CreateAccessKey")
    assert told(policy.format(everything, users))["aws-iam-policy-credentials-exposure"] == ("fail", None)
    assert told(policy.format(everything, everything))["aws-iam-policy-credentials-exposure"] == ("fail", "yield")


def test_what_another_resource_says_of_the_same_place(told: Callable[..., Told]) -> None:
    code = """
    resource "aws_lambda_function" "f" {
      function_name = "f"
      role          = "arn:aws:iam::111122223333:role/f"
    }
    resource "aws_lambda_function_url" "u" {
      function_name      = aws_lambda_function.f.function_name
      authorization_type = "AWS_IAM"
      cors {
        allow_origins = ["*"]
        allow_methods = ["*"]
      }
    }
    """
    found = told(code)
    assert found["aws-lambda-url-cors"] == ("fail", None)
    assert found["aws-lambda-function-cors-not-open"][0] == "fail"
