"""What a change touches: whoever names what changes, and nobody else."""

import datetime as dt
import json
from typing import Any

import pytest

from compliance_scan.model.live import live_resource
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.planes.touched import touched
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World

ACCOUNT, REGION = "123456789012", "eu-west-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
BUCKET = "arn:aws:s3:::logs-of-ours"


def live(kind: str, known: str, region: str = REGION, /, **given: Any) -> Resource:
    arn = given.get("arn")
    return live_resource(kind, known, given, account=ACCOUNT, region=region, arn=arn)


ROLE = live("aws_iam_role", "app", "", name="app", arn=ROLE_ARN)
GROUP = live("aws_db_subnet_group", "inner", name="inner")
CLUSTER = live("aws_ecs_cluster", "prod", name="prod", arn=f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod")
STORE = live("aws_s3_bucket", "logs-of-ours", bucket="logs-of-ours", arn=BUCKET)
KMS = live("aws_kms_key", KEY, id=KEY, key_id=KEY, arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY}")
POLICY = json.dumps({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": [f"{BUCKET}/*"]}]})


@pytest.mark.parametrize(
    ("changed", "other", "is_touched"),
    [
        (KMS, live("aws_kms_alias", "alias/x", name="alias/x", target_key_id=KEY), True),
        (ROLE, live("aws_lambda_function", "f", function_name="f", role=ROLE_ARN), True),
        (ROLE, live("aws_iam_role_policy_attachment", "app/p", "", role="app", policy_arn="arn:aws:iam::aws:policy/X"), True),
        (ROLE, live("aws_iam_role_policy_attachment", "b/p", "", role="b", policy_arn="arn:aws:iam::aws:policy/X"), False),
        (ROLE, live("aws_sqs_queue", "app", name="app"), False),
        (GROUP, live("aws_db_instance", "db", identifier="db", db_subnet_group_name="inner"), True),
        (GROUP, live("aws_db_instance", "db", "us-east-1", identifier="db", db_subnet_group_name="inner"), False),
        (CLUSTER, live("aws_ecs_service", "web", name="web", cluster="prod"), True),
        (CLUSTER, live("aws_eks_addon", "prod:dns", cluster_name="prod"), False),
        (STORE, live("aws_iam_policy", "reads", "", name="reads", policy=POLICY), True),
        (STORE, live("aws_iam_policy", "else", "", name="else", policy=POLICY.replace("of-ours", "of-theirs")), False),
    ],
)  # fmt: skip
def test_who_names_what_changes(changed: Resource, other: Resource, is_touched: bool) -> None:
    world = World(Inventory(resources=[changed, other], files=1), Catalog.open(), as_of=dt.date(2026, 11, 21))
    assert touched(world, [changed]) == ([other.address] if is_touched else [])
