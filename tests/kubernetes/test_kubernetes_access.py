"""What bindings and subjects may do, and what objects refer to."""

from pathlib import Path
from typing import Any

import pytest

from compliance_scan.model.value import Open, Unknown
from compliance_scan.model.view import Cursor
from compliance_scan.shape.kubernetes_container import image_parts
from compliance_scan.shape.world import World
from tests.kubernetes.test_kubernetes_programs import world

RBAC = "apiVersion: rbac.authorization.k8s.io/v1\n"


def role(name: str, rules: str, *, kind: str = "ClusterRole", more: str = "") -> str:
    return f"{RBAC}kind: {kind}\nmetadata: {{name: {name}{more}}}\nrules: [{rules}]\n---\n"


def binding(name: str, role: str, subject: str, *, more: str = "", kind: str = "ClusterRoleBinding") -> str:
    return (
        f"{RBAC}kind: {kind}\nmetadata: {{name: {name}{more}}}\n"
        f"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}\nsubjects: [{subject}]\n---\n"
    )


SECRETS = "{apiGroups: [''], resources: [secrets], verbs: [list]}"
PODS = "{apiGroups: [''], resources: [pods], verbs: [get]}"
ACCOUNT = "{kind: ServiceAccount, name: api, namespace: prod}"


def subject(made: World, name: str) -> Cursor:
    (found,) = [one for one in made.subjects(("subject",)) if one.get(("name",)).value == name]
    return found


def rights(cursor: Cursor) -> set[tuple[str, str]]:
    """Resource and scope of all rules, where they are wholly known."""
    found = set()
    for item in cursor.get(("rules",)).items().items:
        resources = item.cursor.get(("resources",)).value
        scope = item.cursor.get(("scope",)).value
        found |= {(str(one), str(scope)) for one in (resources if isinstance(resources, list) else ())}
    return found


def test_a_subject_has_the_sum_of_its_bindings(tmp_path: Path) -> None:
    text = role("s", SECRETS) + role("p", PODS) + binding("a", "s", ACCOUNT)
    text += binding("b", "p", ACCOUNT, kind="RoleBinding", more=", namespace: prod")
    found = subject(world(tmp_path, a=text), "api")
    assert rights(found) == {("secrets", "cluster"), ("pods", "namespace")}
    assert found.resource.address == "ServiceAccount/prod/api"


def test_a_role_that_sums_up_others_has_their_rules(tmp_path: Path) -> None:
    text = f"{RBAC}kind: ClusterRole\nmetadata: {{name: sum}}\naggregationRule:\n"
    text += "  clusterRoleSelectors: [{matchLabels: {part: 'yes'}}]\n---\n"
    text += role("s", SECRETS, more=", labels: {part: 'yes'}") + role("p", PODS, more=", labels: {part: 'no'}")
    found = subject(world(tmp_path, a=text + binding("a", "sum", ACCOUNT)), "api")
    assert rights(found) == {("secrets", "cluster")}


SUM = f"{RBAC}kind: ClusterRole\nmetadata: {{name: sum}}\naggregationRule: "
HOLE = Unknown("variable_without_value", "var.x")


@pytest.mark.parametrize(
    ("part", "hole"),
    [
        ("one", {"rules": HOLE}),
        ("one", {"rules": [HOLE]}),
        ("sum", {"aggregationRule": HOLE}),
        ("sum", {"aggregationRule": {"clusterRoleSelectors": HOLE}}),
    ],
)
def test_what_is_not_known_of_a_role_that_is_summed_up_leaves_rights_open(
    tmp_path: Path, part: str, hole: dict[str, Any]
) -> None:
    text = SUM + "{clusterRoleSelectors: [{matchLabels: {part: 'yes'}}]}\n---\n"
    text += role("one", PODS, more=", labels: {part: 'yes'}") + binding("a", "sum", ACCOUNT)
    made = world(tmp_path, a=text)
    (resource,) = [
        each for each in made.resources(f"{RBAC.split()[1].partition('/')[0]}/ClusterRole") if each.name == part
    ]
    assert isinstance(resource.attributes, dict)
    resource.attributes.update(hole)
    assert isinstance(subject(made, "api").get(("rules",)).value, Open)


def test_an_account_that_is_called_by_its_user_name_is_that_account(tmp_path: Path) -> None:
    user = "{kind: User, name: 'system:serviceaccount:prod:api', apiGroup: rbac.authorization.k8s.io}"
    text = role("s", SECRETS) + role("p", PODS) + binding("a", "s", user) + binding("b", "p", ACCOUNT)
    found = subject(world(tmp_path, a=text), "api")
    assert found.resource.address == "ServiceAccount/prod/api"
    assert rights(found) == {("secrets", "cluster"), ("pods", "cluster")}


def test_a_rule_points_at_its_role(tmp_path: Path) -> None:
    made = world(tmp_path, a=role("s", SECRETS), b=binding("a", "s", ACCOUNT))
    (rule,) = subject(made, "api").get(("rules",)).items().items
    assert rule.cursor.resource.address == "rbac.authorization.k8s.io/ClusterRole/-/s"
    span = rule.cursor.resource.source.span_of(rule.cursor.path)
    assert span is not None
    assert span.file == "a.yaml"


def test_a_role_that_was_not_read_leaves_rights_open(tmp_path: Path) -> None:
    value = subject(world(tmp_path, a=binding("a", "other", ACCOUNT)), "api").get(("rules",)).value
    assert isinstance(value, Open)
    assert isinstance(value.more, Unknown)


@pytest.mark.parametrize(("name", "secret"), [("view", False), ("edit", True), ("cluster-admin", False)])
def test_roles_that_clusters_come_with_are_known(tmp_path: Path, name: str, secret: bool) -> None:
    found = rights(subject(world(tmp_path, a=binding("a", name, ACCOUNT)), "api"))
    assert (("secrets", "cluster") in found) == secret
    assert (("*", "cluster") in found) == (name == "cluster-admin")


def test_any_role_may_add_to_those_by_its_label(tmp_path: Path) -> None:
    more = ", labels: {rbac.authorization.k8s.io/aggregate-to-view: 'true'}"
    rule = "{apiGroups: [example.com], resources: [keys], verbs: [get]}"
    found = rights(subject(world(tmp_path, a=role("x", rule, more=more) + binding("a", "view", ACCOUNT)), "api"))
    assert ("keys", "cluster") in found


def test_roles_of_another_root_are_none(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "here").mkdir()
    made = world(tmp_path, **{"other/a": role("s", SECRETS), "here/a": binding("a", "s", ACCOUNT)})
    assert isinstance(subject(made, "api").get(("rules",)).value, Open)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("nginx", ("docker.io", "library/nginx", "latest", None, None)),
        ("example/app:1.2.3-alpine", ("docker.io", "example/app", "1.2.3-alpine", None, "1.2.3")),
        ("localhost:5000/a/b", ("localhost:5000", "a/b", "latest", None, None)),
        ("quay.io/a/b@sha256:0", ("quay.io", "a/b", None, "sha256:0", None)),
        ("quay.io/a/b:v2.0@sha256:0", ("quay.io", "a/b", "v2.0", "sha256:0", "2.0")),
    ],
)
def test_the_parts_of_an_image(image: str, expected: tuple[str | None, ...]) -> None:
    parts = image_parts(image)
    names = ("registry", "repository", "tag", "digest", "version")
    assert tuple(part if isinstance(part := parts[name], str) else None for name in names) == expected


def test_an_object_says_what_it_refers_to(tmp_path: Path) -> None:
    text = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: prod}
spec:
  template:
    metadata: {labels: {app: api}}
    spec: {serviceAccountName: api, containers: []}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: prod}
spec: {selector: {app: api}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: prod}
spec: {selector: {app: web}}
"""
    found = {}
    for one in world(tmp_path, a=text).subjects(("object",)):
        for item in one.get(("references",)).items().items:
            key = (one.resource.address.rpartition("/")[2], item.cursor.get(("kind",)).value)
            found[key] = item.cursor.get(("resolved",)).value
    assert found == {("api", "ServiceAccount"): False, ("api", "pod"): True, ("web", "pod"): False}
