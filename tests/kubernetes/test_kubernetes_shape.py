"""Pods, namespaces and selectors as rules see them."""

from collections.abc import Callable
from typing import Any

import pytest

from compliance_scan.model.logic import Maybe
from compliance_scan.model.value import Open, Text, Unknown
from compliance_scan.model.view import Cursor, Relation
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.kubernetes_labels import plain_selects, selects
from compliance_scan.shape.kubernetes_pod import TEMPLATES
from compliance_scan.shape.world import World

Make = Callable[[Any], World]

API = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: prod}
spec:
  template:
    metadata:
      labels: {app: api}
      annotations: {container.apparmor.security.beta.kubernetes.io/app: unconfined}
    spec:
      serviceAccountName: robot
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        windowsOptions: {hostProcess: true, runAsUserName: pod}
      initContainers:
        - {name: first, image: "busybox:1", securityContext: {runAsNonRoot: false}}
      containers:
        - name: app
          image: example/app
          securityContext:
            windowsOptions: {runAsUserName: own}
"""
ACCOUNT = """---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: prod}
automountServiceAccountToken: false
"""


def pods(world: World) -> list[Cursor]:
    return list(world.subjects(["pod"]))


def value(cursor: Cursor, path: str) -> object:
    return cursor.get(tuple(path.split("."))).value


def containers(pod: Cursor) -> list[Cursor]:
    return [item.cursor for item in pod.get(("containers",)).items().items]


def line(cursor: Cursor) -> int:
    span = cursor.resource.source.span_of(cursor.path)
    assert span is not None
    return span.line


def names(cursor: Cursor, path: str) -> list[str]:
    return [item.cursor.resource.address for item in cursor.get((path,)).items().items]


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
def test_every_workload_is_a_pod(world: Make, kind: str) -> None:
    group, _, name = kind.rpartition("/")
    inner = "spec: {hostNetwork: true, containers: [{name: c, image: i}]}"
    for step in reversed(TEMPLATES[kind]):
        inner = f"{step}: {{{inner}}}"
    made = world(f"apiVersion: {group + '/' if group else ''}v1\nkind: {name}\nmetadata: {{name: w}}\n{inner}\n")
    (pod,) = pods(made)
    assert value(pod, "hostNetwork") is True
    assert value(pod, "workload") == kind
    assert value(containers(pod)[0], "image") == "i"
    assert value(containers(pod)[0], "securityContext.allowPrivilegeEscalation") is True


def test_old_groups_are_the_same_kinds(world: Make) -> None:
    (pod,) = pods(
        world(
            "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: w}\nspec: {template: {spec: {hostPID: true}}}\n"
        )
    )
    assert value(pod, "hostPID") is True


def test_effective_values_lead_to_where_they_were_written(world: Make) -> None:
    (pod,) = pods(world(API + ACCOUNT))
    app, first = containers(pod)
    assert (value(app, "kind"), value(first, "kind")) == ("main", "init")
    assert (app.shown, first.shown) == ("containers[0]", "initContainers[0]")
    assert (value(app, "securityContext.runAsNonRoot"), value(first, "securityContext.runAsNonRoot")) == (True, False)
    assert line(app.get(("securityContext", "runAsNonRoot"))) == 12
    assert line(first.get(("securityContext", "runAsNonRoot"))) == 16
    assert value(app, "securityContext.runAsUser") == 1000
    assert value(app, "securityContext.windowsOptions.hostProcess") is True
    assert value(app, "securityContext.windowsOptions.runAsUserName") == "own"
    assert value(app, "securityContext.appArmorProfile.type") == "Unconfined"
    assert line(app.get(("securityContext", "appArmorProfile", "type"))) == 8
    assert value(first, "securityContext.appArmorProfile.type") is not None
    assert value(pod, "labels.app") == "api"
    assert value(pod, "namespace") == "prod"


def test_defaults_and_what_the_cluster_decides(world: Make) -> None:
    (pod,) = pods(world("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: i}]}\n"))
    (container,) = containers(pod)
    for path, default in {
        "hostNetwork": False,
        "serviceAccountName": "default",
        "automountServiceAccountToken": True,
        "restartPolicy": "Always",
    }.items():
        assert value(pod, path) == default
        assert pod.get((path,)).standing == "default"
    for path, default in {"privileged": False, "readOnlyRootFilesystem": False, "procMount": "Default"}.items():
        assert value(container, f"securityContext.{path}") == default
    profile = container.get(("securityContext", "seccompProfile", "type"))
    assert (profile.value, profile.standing) == ("Unconfined", "undeclared")
    for path in ("livenessProbe.periodSeconds", "resources.limits.memory", "securityContext"):
        assert not value(container, path)


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("app", "Always"),
        ("app:latest", "Always"),
        ("app:1", "IfNotPresent"),
        ("host:5000/app", "Always"),
        ("host:5000/app:1", "IfNotPresent"),
        ("app:latest@sha256:00", "IfNotPresent"),
    ],
)
def test_pull_policy_by_tag(world: Make, image: str, policy: str) -> None:
    (pod,) = pods(
        world(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{image: '{image}'}}]}}\n")
    )
    assert value(containers(pod)[0], "imagePullPolicy") == policy


def test_the_account_decides_where_the_pod_says_nothing(world: Make) -> None:
    (pod,) = pods(world(API + ACCOUNT))
    cursor = pod.get(("automountServiceAccountToken",))
    assert cursor.value is False
    assert cursor.resource.address == "ServiceAccount/prod/robot"
    (pod,) = pods(world(API + ACCOUNT.replace("prod", "other")))
    assert value(pod, "automountServiceAccountToken") is True
    (pod,) = pods(
        world(
            API.replace("serviceAccountName", "automountServiceAccountToken: true\n      serviceAccountName") + ACCOUNT
        )
    )
    assert value(pod, "automountServiceAccountToken") is True


@pytest.mark.parametrize(
    "spec",
    [
        "null",
        "text",
        "[]",
        "{containers: null}",
        "{containers: text}",
        "{containers: [null, text, [1]]}",
        "{securityContext: text, containers: [{securityContext: 5}]}",
    ],
)
def test_malformed_pods_do_not_raise(world: Make, spec: str) -> None:
    (pod,) = pods(world(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {spec}\n"))
    for container in containers(pod):
        container.get(("securityContext", "seccompProfile", "type"))
    pod.get(("networkPolicies",)).items()
    assert pod.value is not None


OWNED = """apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: rs, uid: u1}
spec: {template: {spec: {containers: []}}}
---
apiVersion: v1
kind: Pod
metadata: {name: p, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: rs, uid: %s}]}
spec: {}
"""


def test_what_a_controller_makes_is_judged_there(world: Make) -> None:
    assert [pod.resource.name for pod in pods(world(OWNED % "u1"))] == ["rs"]


def test_a_manifest_cannot_talk_itself_out(world: Make) -> None:
    assert [pod.resource.name for pod in pods(world(OWNED % "other"))] == ["rs", "p"]
    assert [pod.resource.name for pod in pods(world((OWNED % '""').replace("uid: u1", "uid: ''")))] == ["rs", "p"]
    own = "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: a, uid: u, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: u}]}\n"
    assert [pod.resource.name for pod in pods(world(own))] == ["a"]


def test_namespaces_declared_and_used(world: Make) -> None:
    made = world(
        API
        + """---
apiVersion: v1
kind: Namespace
metadata: {name: idle, labels: {team: a}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: prod}
spec: {podSelector: {}, egress: []}
---
apiVersion: v1
kind: Pod
metadata: {name: loose}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
"""
    )
    spaces = {str(value(space, "name")): space for space in world_spaces(made)}
    assert sorted(spaces) == ["default", "idle", "prod"]
    assert [value(spaces[name], "declared") for name in ("default", "idle", "prod")] == [False, True, False]
    assert names(spaces["prod"], "pods") == ["apps/Deployment/prod/api"]
    assert names(spaces["prod"], "networkPolicies") == ["networking.k8s.io/NetworkPolicy/prod/deny"]
    assert value(spaces["idle"], "labels.team") == "a"
    assert spaces["prod"].resource.address == "Namespace/-/prod"
    assert spaces["prod"].resource.source.header.line == 3
    assert value(spaces["prod"].get(("networkPolicies", 0)), "spec.policyTypes") == ["Ingress"]
    home = Relation("namespace", "home", ())
    (item,) = made.related(pods(made)[0], home).items
    assert value(item.cursor, "name") == "prod"
    role = made.subjects(["rbac.authorization.k8s.io/ClusterRole"])[0]
    assert not made.related(role, home).items


def world_spaces(made: World) -> list[Cursor]:
    return list(made.subjects(["namespace"]))


def test_roots_are_apart(world: Make) -> None:
    policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np, namespace: prod}\nspec: {podSelector: {}}\n"
    made = world({"a/api.yaml": API, "b/policy.yaml": policy})
    assert names(pods(made)[0], "networkPolicies") == []
    made = world({"a/api.yaml": API, "a/policy.yaml": policy})
    assert names(pods(made)[0], "networkPolicies") == ["networking.k8s.io/NetworkPolicy/prod/np"]


def test_selects_from_the_selecting_side(world: Make) -> None:
    made = world(
        API
        + """---
apiVersion: v1
kind: Service
metadata: {name: s, namespace: prod}
spec: {selector: {app: api}}
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: prod}
spec: {}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: b, namespace: prod}
spec: {selector: {matchExpressions: [{key: app, operator: NotIn, values: [api]}]}}
"""
    )
    service, headless = made.subjects(["Service"])
    budget = made.subjects(["policy/PodDisruptionBudget"])[0]
    relation = Relation("pod", "selects", ("spec", "selector"))
    assert [item.cursor.resource.name for item in made.related(service, relation).items] == ["api"]
    assert not made.related(headless, relation).items
    assert not made.related(budget, relation).items
    assert names(pods(made)[0], "services") == ["Service/prod/s"]


LABELS: dict[str, Any] = {"app": "api", "tier": "web", "port": 8080}


@pytest.mark.parametrize(
    ("selector", "holds"),
    [
        ({}, True),
        (None, False),
        ({"app": "api"}, True),
        ({"app": "db"}, False),
        ({"port": "8080"}, True),
        ({"matchLabels": {"app": "api"}, "matchExpressions": []}, True),
        ({"matchLabels": {"app": "api", "tier": "db"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["a", "api"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["a", "api"]}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "none", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "Near"}]}, False),
        ("text", False),
    ],
)
def test_selectors(selector: Any, holds: bool) -> None:
    assert selects(selector, LABELS) is holds


def test_selectors_over_what_is_not_known() -> None:
    cause = Unknown("variable_without_value", "var.app")
    assert isinstance(selects({"app": cause}, LABELS), Maybe)
    assert selects({"app": cause, "tier": "db"}, LABELS) is False
    assert isinstance(selects({"app": "api"}, cause), Maybe)
    assert isinstance(selects({"new": "x"}, Open({"app": "api"}, cause)), Maybe)
    assert selects({"app": "api"}, Open({"app": "api"}, cause)) is True
    assert isinstance(selects(cause, LABELS), Maybe)
    assert plain_selects({}, LABELS) is False
    unsure: Any
    for unsure in (
        {"matchLabels": Open({}, cause)},
        {"matchExpressions": Open([], cause)},
        {"matchExpressions": [cause]},
        {"matchExpressions": [{"key": "app", "operator": "In", "values": [cause]}]},
        {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": Open(["b"], cause)}]},
        {"matchLabels": {"app": Text(("a", cause))}},
    ):
        assert isinstance(selects(unsure, LABELS), Maybe), unsure
    assert selects({"matchLabels": Open({"app": "other"}, cause)}, LABELS) is False
    assert selects({"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", cause]}]}, LABELS) is True


@pytest.mark.parametrize(
    ("kind", "path", "right"),
    [
        ("pod", ("containers", 0, "securityContext", "privileged"), True),
        ("pod", ("containers", 0, "securityContext", "privilged"), False),
        ("pod", ("initContainers",), False),
        ("pod", ("networkPolicies", 0, "spec", "policyTypes"), True),
        ("namespace", ("pods", 0, "containers", 0, "image"), True),
        ("apps/Deployment", ("spec", "template", "spec", "hostNetwork"), True),
        ("extensions/Deployment", ("spec", "replicas"), True),
        ("Service", ("spec", "externalIps"), False),
        ("autoscaling/HorizontalPodAutoscaler", ("spec", "metrics", 0, "type"), True),
        ("autoscaling/HorizontalPodAutoscaler", ("spec", "targetCPUUtilizationPercentage"), True),
    ],
)
def test_paths_are_linted(catalog: Catalog, kind: str, path: tuple[str | int, ...], right: bool) -> None:
    assert (catalog.check_path(kind, path) is None) is right
