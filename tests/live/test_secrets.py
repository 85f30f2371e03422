"""What is masked of a live account, and what is not."""

import pytest

from compliance_scan.inputs.aws.secrets import Masker
from compliance_scan.operators.kit.secrets import HARMLESS, SECRET
from compliance_scan.shape.catalog import Catalog


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
