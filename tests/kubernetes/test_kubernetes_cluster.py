"""A live cluster through the official client, against a small API server over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance_scan.errors import UsageError
from compliance_scan.inputs.kubernetes.cluster import Collected, _why, collect, connect
from compliance_scan.inputs.kubernetes.wanted import needs, plural, role
from compliance_scan.model.rule import instance_of
from compliance_scan.ruleset import Ruleset
from compliance_scan.shape.catalog import Catalog
from tests.kubernetes.fake_api import FakeApi, kubeconfig, pod, serving

pytest.importorskip("kubernetes")


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    made = FakeApi()
    with serving(made, tmp_path) as path:
        monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        yield made


def read(*types: str) -> Collected:
    return collect(connect("test"), types)


def test_lists_come_in_pages_and_items_get_their_kind(api: FakeApi) -> None:
    api.lists["/api/v1/pods"] = [pod(f"p{number}") for number in range(5)]
    found = read("Pod", "apps/Deployment")
    assert [each.address for each in found.resources] == [f"Pod/prod/p{number}" for number in range(5)]
    assert {(each.plane, each.account, each.type) for each in found.resources} == {("live", "test", "Pod")}
    assert found.resources[0].attributes["kind"] == "Pod"
    assert "managedFields" not in found.resources[0].attributes["metadata"]  # type: ignore[operator]
    assert [query.get("continue") for path, query in api.asked if path == "/api/v1/pods"] == [None, "2", "4"]
    assert (found.incomplete, found.failed) == ([], {})


def test_only_what_is_wanted_is_listed(api: FakeApi) -> None:
    read("apps/Deployment")
    assert [path for path, _ in api.asked] == ["/apis", "/apis/apps/v1", "/apis/apps/v1/deployments"]


def test_a_forbidden_list_is_told_from_an_empty_one(api: FakeApi) -> None:
    api.lists["/api/v1/pods"] = [pod("p")]
    api.refused["/api/v1/secrets"] = (403, 'secrets is forbidden: User "u" cannot list resource "secrets"')
    found = read("Pod", "Secret", "Service", "cilium.io/CiliumNetworkPolicy")
    assert [each.name for each in found.resources] == ["p"]
    assert {kind: cause.cause for kind, cause in found.failed.items()} == {"Secret": "denied"}
    (note,) = found.incomplete
    assert (note.kind, note.where) == ("denied", "list /api/v1/secrets in test")
    assert "cannot list resource" in note.message
    assert "permissions --kubernetes" in note.hint


@pytest.mark.parametrize(("status", "cause"), [(429, "throttled"), (500, "error"), (403, "denied")])
def test_what_discovery_refuses_is_said_of_every_kind(api: FakeApi, status: int, cause: str) -> None:
    api.refused["/apis"] = (status, "no")
    found = read("apps/Deployment", "networking.k8s.io/NetworkPolicy", "Pod")
    assert {kind: each.cause for kind, each in found.failed.items()} == {
        "apps/Deployment": cause,
        "networking.k8s.io/NetworkPolicy": cause,
    }


def test_a_list_that_expires_on_the_way_is_begun_again(api: FakeApi) -> None:
    api.lists["/api/v1/pods"] = [pod(f"p{number}") for number in range(5)]
    api.expire_once.add("/api/v1/pods")
    found = read("Pod")
    assert [each.name for each in found.resources] == [f"p{number}" for number in range(5)]
    assert not found.incomplete


def test_a_wrong_token_is_no_empty_cluster(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.kubernetes.fake_api.TOKEN", "another")
    with pytest.raises(UsageError, match="does not know who asks"):
        read("Pod")
    assert not api.asked


def test_a_cluster_that_does_not_answer_is_the_users_to_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kubeconfig(tmp_path, "http://127.0.0.1:9")
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    with pytest.raises(UsageError, match=r"cannot be reached: http://127\.0\.0\.1:9: connection refused"):
        read("Pod")


def test_what_is_no_api_server_has_no_empty_cluster(api: FakeApi) -> None:
    api.kinds.clear()
    api.lists["/api/v1"] = [pod("p")]
    with pytest.raises(UsageError, match="not that of an API server"):
        read("Pod")
    api.refused["/apis"] = (404, "not found")
    with pytest.raises(UsageError, match="not that of an API server"):
        read("apps/Deployment")


def test_a_list_that_goes_round_in_a_circle_is_not_whole(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeApi, "_page", lambda *_: (200, {"metadata": {"continue": "2"}, "items": [pod("p")]}))
    found = read("Pod")
    assert "circle" in found.failed["Pod"].detail
    assert [note.kind for note in found.incomplete] == ["error"]


def test_an_answer_that_is_no_list_is_not_an_empty_one(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeApi, "_page", lambda *_: (200, {"items": {"p": pod("p")}}))
    assert read("Pod").failed["Pod"].cause == "error"
    monkeypatch.setattr(FakeApi, "_page", lambda *_: (200, {"items": None}))
    assert not read("Pod").failed


def test_a_certificate_that_nobody_signed_is_said_to_be_one() -> None:
    raw = "HTTPSConnectionPool: (SSLCertVerificationError(1, '[SSL: X] certificate verify failed: self-signed (_ssl.c:1)'))"
    assert _why(raw) == "its certificate is not trusted: self-signed"


def test_a_kubeconfig_that_is_no_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config"
    path.write_text("a: [\n")
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
    with pytest.raises(UsageError, match="expected the node content"):
        connect("test")


def test_a_context_that_is_not_there(api: FakeApi) -> None:
    with pytest.raises(UsageError, match="no cluster by the context gone"):
        connect("gone")
    assert not api.asked


def test_rules_say_which_lists_they_need() -> None:
    catalog, rules = Catalog.open(), Ruleset.open()

    def types(name: str) -> tuple[set[str], set[str]]:
        found = needs(instance_of(rules.rule(name)), catalog)
        return set(found.subjects), set(found.others)

    assert types("k8s-no-plain-secrets")[1] == set()
    subjects, others = types("k8s-pod-network-policy")
    assert {"apps/Deployment", "Pod"} <= subjects
    assert others == {"networking.k8s.io/NetworkPolicy"}
    assert types("k8s-pod-no-account-token")[1] == {"ServiceAccount"}
    assert types("k8s-account-role-pinned") == ({"ServiceAccount"}, set())
    ways = types("k8s-pod-database-not-open")[1]
    assert {"networking.k8s.io/NetworkPolicy", "Namespace", "cilium.io/CiliumNetworkPolicy", "apps/Deployment"} <= ways


def test_no_list_is_asked_for_of_what_no_cluster_serves() -> None:
    """Resources of Terraform and files of nodes are judged by the same rules."""
    catalog, rules = Catalog.open(), Ruleset.open()
    found: set[str] = set()
    for rule in rules.all():
        if rule.provider == "kubernetes":
            found.update(*needs(instance_of(rule), catalog))
    assert "Pod" in found
    assert not [each for each in found if "_" in each or ".config.k8s.io" in each or each.startswith("audit.")]


def test_the_role_lists_and_does_nothing_else() -> None:
    made = role({"Pod", "Secret", "networking.k8s.io/NetworkPolicy", "apps/Deployment"})
    assert made["rules"] == [
        {"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["list"]},
        {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list"]},
        {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["list"]},
    ]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Endpoints", "endpoints"),
        ("Ingress", "ingresses"),
        ("IngressClass", "ingressclasses"),
        ("NetworkPolicy", "networkpolicies"),
        ("Gateway", "gateways"),
        ("Pod", "pods"),
    ],
)
def test_plurals(kind: str, name: str) -> None:
    assert plural(kind) == name
