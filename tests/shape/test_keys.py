"""Whose a KMS key of a live account is: AWS's own are those to which `alias/aws/…` leads."""

from datetime import date
from typing import Any

import pytest

from compliance_scan.model.coverage import Coverage
from compliance_scan.model.live import live_resource
from compliance_scan.model.logic import Maybe
from compliance_scan.model.resource import Inventory
from compliance_scan.model.value import Unknown
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World

ACCOUNT, REGION = "111122223333", "eu-west-1"
MANAGED, OWN = "11112222-3333-4444-5555-666677778888", "mrk-" + "0" * 32
VOLUME = live_resource("aws_ebs_volume", "vol-1", {}, account=ACCOUNT, region=REGION)


def alias(name: str, key: str) -> Any:
    attributes = {"name": name, "target_key_id": key}
    return live_resource("aws_kms_alias", name, attributes, account=ACCOUNT, region=REGION)


def world(cause: Unknown | None = None, *, listed: bool = True) -> World:
    inventory = Inventory(resources=[VOLUME, alias("alias/aws/ebs", MANAGED), alias("alias/own", OWN)])
    if listed:
        inventory.coverage = Coverage()
        inventory.coverage.add("aws_kms_alias", ACCOUNT, REGION, cause)
    return World(inventory, Catalog.open(), as_of=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("key", "owner"),
    [
        (f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{MANAGED}", "aws_managed"),
        (MANAGED, "aws_managed"),
        (f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{OWN}", "customer"),
        (f"arn:aws:kms:{REGION}:{ACCOUNT}:key/without-alias", "customer"),
        (f"arn:aws:kms:{REGION}:999999999999:key/{MANAGED}", "customer"),
    ],
)
def test_owner(key: str, owner: str) -> None:
    assert world().key_owner(VOLUME, key) == owner


def test_aliases_that_could_not_be_listed_leave_it_open() -> None:
    denied = world(Unknown("denied", "kms:ListAliases"))
    found = denied.key_owner(VOLUME, OWN)
    assert isinstance(found, Maybe)
    assert found.causes[0].cause == "denied"


def test_another_region_was_not_listed() -> None:
    assert isinstance(world().key_owner(VOLUME, f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{OWN}"), Maybe)


def test_without_an_account_nothing_is_said() -> None:
    assert world(listed=False).key_owner(VOLUME, OWN) is None


def test_what_is_no_key_says_nothing() -> None:
    assert world().key_owner(VOLUME, "default_kms_key_id") is None
