"""Differences drawn by seed in a seeded account: all that say something are found, none that say nothing."""

import json
from pathlib import Path

import pytest

from compliance_scan.cli import main
from compliance_scan.inputs.aws.standin import StandIn
from tests.drift import planting, seeded
from tests.drift.conftest import Account
from tests.drift.planting import Planting

FEW = (
    "aws_s3_bucket", "aws_s3_bucket_versioning", "aws_s3_bucket_policy", "aws_s3_bucket_public_access_block",
    "aws_iam_role", "aws_iam_role_policy", "aws_iam_policy", "aws_kms_key", "aws_kms_alias", "aws_sqs_queue",
    "aws_sns_topic", "aws_dynamodb_table", "aws_cloudwatch_log_group", "aws_security_group", "aws_vpc",
    "aws_db_instance", "aws_lambda_function", "aws_ecr_repository", "aws_secretsmanager_secret",
)  # fmt: skip


def drift(account: seeded.Account, folder: Path, entries: list[seeded.Entry], *, saved: bool = True) -> list[object]:
    """What the command says of a state with these entries; `saved`: against the inventory, else the account itself."""
    (folder / "terraform.tfstate").write_text(seeded.state_text(entries))
    out, inventory = folder / "report.json", folder / "inventory.jsonl"
    flags = ["--endpoint-url", account.standin.url, "--region", seeded.REGION, "--allow-incomplete", "--quiet"]
    if saved:
        account.write_inventory(str(inventory))
        flags = ["--inventory", str(inventory)]
    main(["drift", "--state", str(folder / "terraform.tfstate"), "-f", f"json={out}", *flags, str(folder)])
    found: list[object] = json.loads(out.read_text())["drift"]
    return found


def check(account: seeded.Account, folder: Path, seed: int, counts: tuple[int, int, int, int]) -> Planting:
    """Plants and looks; `counts`: changed, missing, unmanaged, noise."""
    changed, missing, unmanaged, noise = counts
    made = Planting(account.entries(), seed)
    made.change(changed)
    made.lose(missing)
    made.forget(unmanaged)
    made.whisper(noise)
    kinds = [each.kind for each in made.planted]
    assert [kinds.count(kind) for kind in ("changed", "missing", "unmanaged")] == [changed, missing, unmanaged]
    assert len(made.silent) == noise, made.silent
    told = planting.compare(made.planted, drift(account, folder, made.state()))
    assert told == planting.Told([], []), made.silent
    return made


def test_a_few_types(account: Account, server: StandIn) -> None:
    made = seeded.Account(server, 7, types=FEW, most=1, limit=30)
    assert drift(made, account.folder, made.entries()) == []
    planted = check(made, account.folder, 1, (10, 3, 3, 20))
    assert len({each.type for each in planted.planted}) >= 8
    assert len({each.how for each in planted.silent}) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_of_forty_types(account: Account, server: StandIn, seed: int) -> None:
    made = seeded.Account(server, seed, most=3, limit=700)
    assert drift(made, account.folder, made.entries(), saved=False) == []
    for draw in (seed, seed + 100):
        planted = check(made, account.folder, draw, (140, 30, 30, 200))
        assert len({each.type for each in planted.planted}) >= 40
        assert len({each.type for each in planted.planted if each.kind == "changed"}) >= 40
        assert len({each.how for each in planted.silent}) >= 8
