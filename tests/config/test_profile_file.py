"""Profiles: rules, parameters and scopes of an organisation."""

from pathlib import Path

import pytest

from compliance_scan import _yaml, profile
from compliance_scan.errors import ConfigError, UsageError
from compliance_scan.ruleset import Ruleset

TEXT = """\
title: Trading engine
framework: [soc2-2017]
fail_on: medium
severity: low
others: skip
skip_rule: [aws-s3-bucket-versioning]
rules:
  - aws-rds-storage-encrypted
  - rule: aws-rds-storage-encrypted
    as: audit-databases
    only: {name: "audit-*"}
    statement: C-10
    severity: critical
suppressions:
  - {rule: aws-rds-storage-encrypted, reason: test, resource: "*.test"}
"""


@pytest.fixture(scope="module")
def ruleset() -> Ruleset:
    return Ruleset.open()


def read(text: str, ruleset: Ruleset) -> profile.Profile:
    return profile.parse(_yaml.read(text, "p.yaml"), ruleset)


def test_whole(ruleset: Ruleset) -> None:
    made = read(TEXT, ruleset)
    assert (made.title, made.framework, made.fail_on, made.severity) == (
        "Trading engine",
        ("soc2-2017",),
        "medium",
        "low",
    )
    assert made.only_named
    assert made.skip == ("aws-s3-bucket-versioning",)
    assert [(each.name, each.severity, each.statements) for each in made.instances] == [
        ("aws-rds-storage-encrypted", "high", ()),
        ("audit-databases", "critical", ("C-10",)),
    ]
    assert made.suppressions[0].line == 15


def test_empty(ruleset: Ruleset) -> None:
    assert read("", ruleset) == profile.Profile("p.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tilte: x", "p.yaml:1: unknown key `tilte`, did you mean `title`?"),
        ("unmet: yes", "p.yaml:1: `unmet` is 'yes'"),
        (
            "rules: [{rule: aws-rds-storage-encrypted, only: {type: aws_db_instanc}}]",
            "p.yaml:1: the rule does not judge `aws_db_instanc`, did you mean `aws_db_instance`?",
        ),
        ("rules: [aws-rds-storage-encryptd]", "p.yaml:1: unknown rule `aws-rds-storage-encryptd`, did you mean"),
        ("skip_rule:\n  - nothing-like-it", "p.yaml:2: unknown rule `nothing-like-it`"),
        ("framework: soc2", "p.yaml:1: `framework` must be a list"),
        ("others: ignore", "p.yaml:1: `others` is 'ignore'"),
        ("fail_on: hgih", "p.yaml:1: `fail_on` is 'hgih'"),
        ("suppressions:\n  - rule: a", "p.yaml:2: `suppressions.0` lacks the suppression key `reason`"),
        ("rules:\n  - rule: aws-rds-storage-encrypted\n    with: {x: 1}", "p.yaml:3: unknown parameter `x`"),
    ],
)
def test_wrong(ruleset: Ruleset, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(text, ruleset)
    assert raised.value.message.startswith(message)


def test_found_by_path_or_name(tmp_path: Path) -> None:
    assert profile.find("org/p.yaml") == "org/p.yaml"
    with pytest.raises(UsageError, match="no profile 'nobody'"):
        profile.find("nobody")
    with pytest.raises(UsageError, match="cannot be read"):
        profile.read(str(tmp_path / "none.yaml"), Ruleset.open())
