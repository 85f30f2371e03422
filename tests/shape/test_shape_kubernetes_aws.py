"""Service accounts and their roles in AWS, over roots and inputs."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.inputs.kubernetes.load import load as load_kubernetes
from compliance_scan.inputs.terraform.load import TerraformOptions
from compliance_scan.inputs.terraform.load import load as load_terraform
from compliance_scan.model.value import Unknown
from compliance_scan.shape.kubernetes_aws import may_do
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace
from tests.shape.shape_fakes import catalog

PROVIDER = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE"
ACCOUNT = """apiVersion: v1
kind: ServiceAccount
metadata:
  name: robot
  namespace: prod
  annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::111122223333:role/team/robot"}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: prod}
spec: {serviceAccountName: robot, containers: []}
"""
World_ = Callable[..., World]


@pytest.fixture
def made(tmp_path: Path) -> World_:
    """A world of Terraform in `aws/` and manifests in `deploy/`."""

    def make(terraform: str, manifest: str = ACCOUNT) -> World:
        workspace = Workspace(str(tmp_path))
        workspace.put("aws/main.tf", terraform.encode())
        workspace.put("deploy/app.yaml", manifest.encode())
        inventory = load_terraform(workspace, ["aws/main.tf"], TerraformOptions())
        inventory.add(load_kubernetes(workspace, ["deploy/app.yaml"]))
        return World(inventory, catalog(), as_of=date(2026, 1, 1))

    return make


def role(operator: str, subject: Any, name: str = "robot", key: str = f"{PROVIDER}:sub") -> str:
    """A role with a condition on the subject, and one right."""
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{PROVIDER}"},
        "Condition": {operator: {key: subject}},
    }
    right = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::data/*"}
    return f"""
    resource "aws_iam_role" "{name}" {{
      name               = "robot"
      assume_role_policy = jsonencode({json.dumps({"Statement": [trust]})})
    }}
    resource "aws_iam_role_policy" "{name}" {{
      role   = aws_iam_role.{name}.name
      policy = jsonencode({json.dumps({"Statement": [right]})})
    }}
    """


def verdicts(world: World) -> list[tuple[object, object]]:
    """Pinned and trusted of the account's roles."""
    (account,) = world.subjects(["ServiceAccount"])
    items = account.get(("awsRoles",)).items().items
    return [(item.cursor.get(("pinned",)).value, item.cursor.get(("trusted",)).value) for item in items]


OWN = "system:serviceaccount:prod:robot"


@pytest.mark.parametrize(
    ("operator", "subject", "expected"),
    [
        ("StringEquals", OWN, (True, True)),
        ("StringLike", OWN, (True, True)),
        ("ForAnyValue:StringEquals", [OWN, "system:serviceaccount:test:robot"], (True, True)),
        ("StringEquals", "system:serviceaccount:test:robot", (True, False)),
        ("StringLike", "system:serviceaccount:prod:*", (False, True)),
        ("StringLike", "system:serviceaccount:*:other", (False, False)),
        ("StringEquals", "system:serviceaccount:prod:*", (True, False)),
        ("StringEqualsIfExists", OWN, (False, True)),
        ("StringNotEquals", OWN, (False, True)),
    ],
)
def test_a_trust_by_its_subjects(made: World_, operator: str, subject: Any, expected: tuple[bool, bool]) -> None:
    assert verdicts(made(role(operator, subject))) == [expected]


def test_a_trust_without_a_subject_lets_everybody_in(made: World_) -> None:
    assert verdicts(made(role("StringEquals", "sts.amazonaws.com", key=f"{PROVIDER}:aud"))) == [(False, True)]


@pytest.mark.parametrize(("operator", "pinned"), [("StringEquals", True), ("StringLike", None)])
def test_a_subject_that_is_not_known(made: World_, operator: str, pinned: bool | None) -> None:
    text = 'variable "subject" {}\n' + role(operator, "X").replace('"X"', "var.subject")
    ((known, trusted),) = verdicts(made(text))
    assert known is True if pinned else isinstance(known, Unknown)
    assert isinstance(trusted, Unknown)


def test_a_role_that_was_not_read_is_not_judged(made: World_) -> None:
    ((pinned, trusted),) = verdicts(made('resource "aws_iam_role" "other" { name = "other" }'))
    assert (pinned, trusted) == (Unknown("not_collected", "the role was not read"),) * 2


def test_roles_of_one_name_are_no_certain_one(made: World_) -> None:
    world = made(role("StringEquals", OWN) + role("StringEquals", OWN, "twin"))
    (account,) = world.subjects(["ServiceAccount"])
    assert [item.present is True for item in account.get(("awsRoles",)).items().items] == [False, False]


def test_a_role_of_another_account_is_another(made: World_) -> None:
    world = made(role("StringEquals", OWN))
    resources = world.inventory.resources
    for index, each in enumerate(resources):
        if each.type == "aws_iam_role":
            resources[index] = each._replace(account="999999999999")
    again = World(world.inventory, catalog(), as_of=date(2026, 1, 1))
    ((pinned, _),) = verdicts(again)
    assert isinstance(pinned, Unknown)


def test_a_pod_identity_association_gives_a_role(made: World_) -> None:
    text = (
        role("StringEquals", OWN)
        + """
    resource "aws_eks_pod_identity_association" "a" {
      cluster_name    = "c"
      namespace       = "prod"
      service_account = "robot"
      role_arn        = aws_iam_role.robot.arn
    }
    resource "aws_eks_pod_identity_association" "b" {
      cluster_name    = "c"
      namespace       = "prod"
      service_account = "other"
      role_arn        = aws_iam_role.robot.arn
    }
    """
    )
    manifest = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot, namespace: prod}\n"
    world = made(text, manifest)
    (account,) = world.subjects(["ServiceAccount"])
    (item,) = account.get(("awsRoles",)).items().items
    assert item.cursor.get(("through",)).value == "pod_identity"
    assert item.cursor.get(("role",)).value == "aws_iam_role.robot"


def test_what_a_pod_may_do_in_aws_is_said(made: World_) -> None:
    world = made(role("StringEquals", OWN))
    pod = next(each for each in world.inventory.resources if each.type == "Pod")
    (rights,) = may_do(world, pod)
    assert (rights.role, rights.through, rights.unknown) == ("aws_iam_role.robot", "annotation", None)
    assert rights.says == ["Allow s3:GetObject, s3:PutObject on arn:aws:s3:::data/*"]
    assert rights.where is not None
    assert (rights.where.file, rights.where.line) == ("deploy/app.yaml", 6)


def test_what_a_role_that_was_not_read_allows_is_not_known(made: World_) -> None:
    world = made("")
    pod = next(each for each in world.inventory.resources if each.type == "Pod")
    (rights,) = may_do(world, pod)
    assert (rights.role, rights.says) == ("arn:aws:iam::111122223333:role/team/robot", [])
    assert rights.unknown == "the role was not read"
