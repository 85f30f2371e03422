"""Rules made from answers: each is whole, and its examples hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from compliance_scan import selftest
from compliance_scan.errors import UsageError
from compliance_scan.ruleset.draft import Draft, choices, read, steps, text_of
from compliance_scan.shape.catalog import Catalog

if TYPE_CHECKING:
    from pathlib import Path

CATALOG = Catalog.open()
ASKED: list[tuple[str, str, str, Any, Any, Any]] = [
    ("aws_db_instance", "storage_encrypted", "true", None, True, False),
    ("aws_db_instance", "publicly_accessible", "false", None, False, True),
    ("aws_db_instance", "backup_retention_period", "at-least", 7, 7, 6),
    ("aws_cloudwatch_log_group", "retention_in_days", "at-most", 400, 400, 401),
    ("aws_instance", "metadata_options.http_tokens", "value", "required", "required", "optional"),
    ("aws_eks_cluster", "vpc_config.endpoint_public_access", "false", None, False, True),
    ("aws_lb_listener", "ssl_policy", "one-of", ["new", "newer"], "new", "old"),
    ("aws_sns_topic", "kms_master_key_id", "set", None, "example", None),
    ("aws_ecs_service", "network_configuration.assign_public_ip", "false", None, False, True),
    ("aws_msk_cluster", "encryption_info.encryption_in_transit.client_broker", "value", "TLS", "TLS", "PLAINTEXT"),
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda each: f"{each[0]}.{each[1]}")
def test_a_drafted_rule_passes_its_own_examples(tmp_path: Path, asked: tuple[str, str, str, Any, Any, Any]) -> None:
    kind, path, operator, argument, wanted, bad = asked
    assert operator in choices(steps(CATALOG, kind, path)[-1])
    answers = ("What holds: it is right", "high", "encryption-at-rest", 'Because it\'s "bad".', "Set it: now.")
    draft = Draft(kind, tuple(path.split(".")), operator, argument, wanted, bad, *answers)
    (tmp_path / "aws").mkdir()
    (tmp_path / "aws" / "org-rule.yaml").write_text(text_of(draft, "ORG0001", CATALOG))
    (result,) = selftest.run_folder(str(tmp_path))
    assert [problem.message for problem in result.problems] == []
    assert result.examples == 3


@pytest.mark.parametrize(
    ("kind", "path", "said"),
    [
        ("aws_db_instance", "storage_encrypt", "did you mean `storage_encrypted`"),
        ("aws_db_instance", "arn", "is computed"),
        ("aws_db_instance", "engine.name", "has no attributes below it"),
        ("Pod", "spec", "no Terraform type"),
        ("aws_nothing", "x", "no Terraform type"),
    ],
)
def test_what_cannot_be_asked_is_refused(kind: str, path: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        steps(CATALOG, kind, path)


def test_values_are_read_by_the_attributes_kind() -> None:
    assert read(steps(CATALOG, "aws_db_instance", "backup_retention_period")[-1], "7") == 7
    assert read(steps(CATALOG, "aws_db_instance", "storage_encrypted")[-1], "true") is True
    with pytest.raises(UsageError, match="no number"):
        read(steps(CATALOG, "aws_db_instance", "backup_retention_period")[-1], "week")
