"""What is masked of a live account, and what is not."""

from typing import Any

import pytest

from compliance_scan.evaluate import evaluate
from compliance_scan.inputs.aws.secrets import Masker
from compliance_scan.model.live import live_resource
from compliance_scan.model.resource import Inventory
from compliance_scan.model.rule import instance_of
from compliance_scan.operators.kit.secrets import HARMLESS, SECRET
from compliance_scan.ruleset import Ruleset
from compliance_scan.selftest import AS_OF
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World


@pytest.fixture(scope="module")
def masker() -> Masker:
    return Masker(Catalog.open())


@pytest.mark.parametrize("choice", ["required", "optional"])
def test_a_choice_is_no_secret_though_its_name_speaks_of_tokens(masker: Masker, choice: str) -> None:
    given = {"metadata_options": [{"http_tokens": choice}]}
    assert masker.attributes("aws_instance", given) == given


def test_a_telling_name_that_people_chose_hides_any_word(masker: Masker) -> None:
    given = {"environment": [{"variables": {"DB_PASSWORD": "correct-horse-battery", "MODE": "plain"}}]}
    assert masker.attributes("aws_lambda_function", given) == {
        "environment": [{"variables": {"DB_PASSWORD": SECRET, "MODE": "plain"}}]
    }


def test_what_the_schema_marks_is_masked_whatever_it_looks_like(masker: Masker) -> None:
    assert masker.attributes("aws_db_instance", {"password": "required", "username": "admin"}) == {
        "password": SECRET,
        "username": "admin",
    }
    assert masker.attributes("aws_db_instance", {"password": "changeme"}) == {"password": HARMLESS}


def test_a_known_form_is_masked_wherever_it_stands(masker: Masker) -> None:
    given = {"metadata_options": [{"http_tokens": "AKIA" + "Q" * 16}]}
    assert masker.attributes("aws_instance", given) == {"metadata_options": [{"http_tokens": SECRET}]}


@pytest.mark.parametrize(
    ("rule", "kind", "given", "verdict"),
    [
        ("aws-ec2-user-data-no-secrets", "aws_instance", {"user_data": f"export K={'AKIA' + 'Q' * 16}"}, "fail"),
        ("aws-ec2-user-data-no-secrets", "aws_instance", {"user_data": "echo ready"}, "pass"),
        (
            "aws-elasticache-authentication",
            "aws_elasticache_replication_group",
            {"transit_encryption_enabled": True, "auth_token": "********", "user_group_ids": []},
            "pass",
        ),
    ],
)
def test_what_is_masked_is_judged_as_what_it_was(
    masker: Masker, rule: str, kind: str, given: dict[str, Any], verdict: str
) -> None:
    attributes = masker.attributes(kind, {"user_data_base64": None, **given})
    resource = live_resource(kind, "x", attributes, account="123456789012", region="eu-west-1", arn=None)
    world = World(Inventory(resources=[resource]), Catalog.open(), as_of=AS_OF)
    [finding] = evaluate([instance_of(Ruleset.open().rule(rule))], world, detail=("pass", "fail", "unknown"))
    assert (finding.verdict, finding.cause) == (verdict, None)
