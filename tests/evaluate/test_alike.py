"""Resources that are alike in what a rule reads get one verdict, and that is the one each would get alone."""

import inspect
import json
import random
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

import compliance_scan.evaluate as evaluating
from compliance_scan import operators
from compliance_scan.evaluate import REPORTED, evaluate
from compliance_scan.evaluate.alike import ALONE, BEYOND, Alike
from compliance_scan.ruleset import Ruleset
from compliance_scan.ruleset.select import select
from compliance_scan.shape.world import World
from tests.planes import sides

INSTANCES = [each for each in select(Ruleset.open(())) if each.rule.provider == "aws"]
HTTPS = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"], "description": "x"}
SSH = {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"], "description": ""}
BY_LIST = {"protocol": "tcp", "from_port": 22, "to_port": 22, "prefix_list_ids": ["pl-1"]}


def policy(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


CHOICES: dict[str, dict[str, list[Any]]] = {
    "aws_security_group": {
        "ingress": [[], [HTTPS], [SSH], [HTTPS, SSH], [BY_LIST], None],
        "egress": [[], [HTTPS]],
        "vpc_id": ["vpc-1", None],
        "description": ["Managed by Terraform", "for all", ""],
    },
    "aws_iam_policy": {"policy": [policy("*"), policy("s3:GetObject"), policy("iam:PassRole"), None, "{"]},
    "aws_s3_bucket": {"acl": ["private", "public-read", None], "versioning": [[], [{"enabled": True}]]},
    "aws_lambda_function": {
        "runtime": ["python3.12", "nodejs12.x"],
        "timeout": [3, 900, True, 1, 1.0],
        "environment": [[], [{"variables": {"PASSWORD": "hunter22222"}}], [{"variables": {"A": "1"}}]],
        "tracing_config": [[], [{"mode": "Active"}], [{"mode": "PassThrough"}]],
    },
    "aws_db_instance": {
        "engine": ["postgres", "mysql"],
        "engine_version": ["9.6.1", "16.3"],
        "storage_encrypted": [True, False, None],
        "kms_key_id": [None, f"arn:aws:kms:eu-west-1:{sides.ACCOUNT}:key/1", f"arn:aws:kms:eu-west-1:{'9' * 12}:key/1"],
        "backup_retention_period": [0, 7, 35],
    },
}


def made(seed: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Resources of few different contents; of some an attribute is not there at all, and buckets have satellites."""
    draw = random.Random(seed)
    for number in range(200):
        kind = draw.choice(list(CHOICES))
        name = f"r{number}"
        values = {key: draw.choice(choices) for key, choices in CHOICES[kind].items() if draw.random() > 0.1}
        key = "bucket" if kind == "aws_s3_bucket" else "id"
        yield kind, name, {"id": name, key: name, **values}
        if kind == "aws_s3_bucket" and draw.random() > 0.6:
            status = draw.choice(["Enabled", "Suspended"])
            attributes = {"id": f"v{name}", "bucket": name, "versioning_configuration": [{"status": status}]}
            yield "aws_s3_bucket_versioning", f"v{name}", attributes
        if kind == "aws_security_group" and draw.random() > 0.6:
            extra = {"id": f"e{name}", "security_group_id": name, "type": "ingress", **SSH}
            yield "aws_security_group_rule", f"e{name}", extra


def worlds(folder: Path) -> Iterator[World]:
    for seed in range(2):
        yield sides.state(folder, *made(seed))
        yield sides.live(*made(seed))


def judged(world: World, detail: Any) -> list[tuple[Any, ...]]:
    """All that a finding says; accounts are made anew each time, and equal nothing but themselves."""
    found = evaluate(INSTANCES, world, detail=detail)
    return [
        (each.instance, each.resource.address, *each[3:4], [fact[1:] for fact in each.evidence], *each[5:])
        for each in found
    ]


@pytest.mark.parametrize("detail", [frozenset(), REPORTED])
def test_what_is_told_of_one_is_told_of_all_that_are_alike(
    detail: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    of = Alike.of

    def noted(self: Alike, key: Any) -> Any:
        asked.append((found := of(self, key)) is not None)
        return found

    monkeypatch.setattr(Alike, "of", noted)
    for world in worlds(tmp_path):
        monkeypatch.setattr(evaluating, "MANY_ALIKE", 10**9)
        alone = judged(world, detail)
        assert not asked
        monkeypatch.setattr(evaluating, "MANY_ALIKE", 2)
        assert judged(world, detail) == alone
        assert sum(asked) > len(alone) / 10, "many are alike here"
        asked.clear()


def test_operators_that_look_around_are_known() -> None:
    """An operator whose text (or that of the helpers it takes from the kit) asks the context for what lies beside."""
    around = ("context.beside(", "context.key_owner(", "context.named(")
    kit = {
        each.name
        for each in iter_modules(import_module("compliance_scan.operators.kit").__path__)
        if any(
            word in inspect.getsource(import_module(f"compliance_scan.operators.kit.{each.name}")) for word in around
        )
    }
    assert kit == {"eol"}
    found = set()
    for each in iter_modules(operators.__path__):
        text = inspect.getsource(import_module(f"compliance_scan.operators.{each.name}"))
        if any(word in text for word in around) or any(
            re.search(rf"kit(\.| import .*\b){name}\b", text) for name in kit
        ):
            found.add(each.name.strip("_"))
    assert found == BEYOND


def test_makers_that_look_at_nothing_else_say_so_by_their_arguments() -> None:
    for name in ALONE - {""}:
        module, _, function = name.partition(".")
        maker = getattr(import_module(f"compliance_scan.shape.makers.{module}"), function)
        world, _base, owner = inspect.signature(maker).parameters
        assert (world, owner) == ("_world", "_owner"), name
