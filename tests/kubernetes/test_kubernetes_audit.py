"""`audit --context` from the command line to the report, against the small API server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.cli import main
from tests.kubernetes.fake_api import FakeApi, pod, serving

pytest.importorskip("kubernetes")


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    made = FakeApi()
    monkeypatch.chdir(tmp_path)
    with serving(made, tmp_path) as path:
        monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path))
        yield made


def audit(tmp_path: Path, *flags: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report."""
    report = tmp_path / "report.json"
    code = main(["audit", "--context", "test", "--no-config", "--verdicts", "all", "-f", f"json={report}", *flags])
    found: dict[str, Any] = json.loads(report.read_text())
    return code, found


def verdicts(report: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {each["resource"]["address"]: (each["verdict"], each["unknown_cause"]) for each in report["findings"]}


def test_a_cluster_is_judged_as_manifests_are(api: FakeApi, tmp_path: Path) -> None:
    api.lists["/api/v1/pods"] = [pod("bad", hostPID=True), pod("good")]
    code, report = audit(tmp_path, "--rule", "k8s-pod-no-host-pid")
    assert code == 1
    assert verdicts(report) == {"Pod/prod/bad": ("fail", None), "Pod/prod/good": ("pass", None)}
    assert report["findings"][0]["location"] is None
    assert report["run"]["targets"] == ["kubernetes:test"]
    assert report["incomplete"] == []
    assert {"operation": "list /api/v1/pods", "account": "test", "region": "", "counts": {"ok": 1}, "failures": []} in (
        report["run"]["operations"]
    )


def test_what_a_controller_owns_is_judged_there(api: FakeApi, tmp_path: Path) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "api", "uid": "u1", "controller": True}
    template = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [], "hostPID": True}}
    api.lists["/apis/apps/v1/replicasets"] = [
        {"metadata": {"name": "api", "namespace": "prod", "uid": "u1"}, "spec": {"template": template}}
    ]
    made = pod("api-x", hostPID=True)
    made["metadata"]["ownerReferences"] = [owner]
    api.lists["/api/v1/pods"] = [made]
    _, report = audit(tmp_path, "--rule", "k8s-pod-no-host-pid")
    assert list(verdicts(report)) == ["apps/ReplicaSet/prod/api"]


def test_a_forbidden_list_leaves_its_rule_unknown_and_the_audit_incomplete(api: FakeApi, tmp_path: Path) -> None:
    api.lists["/api/v1/pods"] = [pod("p")]
    api.refused["/apis/apps/v1/deployments"] = (403, "deployments.apps is forbidden")
    code, report = audit(tmp_path, "--rule", "k8s-pod-no-host-pid")
    assert code == 4
    assert verdicts(report) == {"Pod/prod/p": ("pass", None), "apps/Deployment@test": ("unknown", "denied")}
    assert [(each["kind"], each["where"]) for each in report["incomplete"]] == [
        ("denied", "list /apis/apps/v1/deployments in test")
    ]


def test_without_the_policies_nobody_knows_whether_a_pod_has_one(api: FakeApi, tmp_path: Path) -> None:
    api.lists["/api/v1/pods"] = [pod("p")]
    api.refused["/apis/networking.k8s.io/v1/networkpolicies"] = (403, "no")
    code, report = audit(tmp_path, "--rule", "k8s-pod-network-policy")
    assert code == 4
    assert verdicts(report) == {"Pod/prod/p": ("unknown", "denied")}


def test_without_the_policies_nobody_knows_who_may_talk_to_whom(api: FakeApi, tmp_path: Path) -> None:
    database = pod("p")
    database["spec"]["containers"][0]["ports"] = [{"containerPort": 5432}]
    api.lists["/api/v1/pods"] = [database]
    assert verdicts(audit(tmp_path, "--rule", "k8s-pod-database-not-open")[1]) == {"Pod/prod/p": ("fail", None)}
    api.refused["/apis/networking.k8s.io/v1/networkpolicies"] = (403, "no")
    code, report = audit(tmp_path, "--rule", "k8s-pod-database-not-open")
    assert code == 4
    assert verdicts(report) == {"Pod/prod/p": ("unknown", "denied")}


def test_secrets_of_a_cluster_are_in_no_report(
    api: FakeApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.lists["/api/v1/secrets"] = [
        {"metadata": {"name": "s", "namespace": "default"}, "data": {"password": "aHVudGVyMmh1bnRlcjI="}}
    ]
    audit(tmp_path, "-f", "text")
    shown = capsys.readouterr().out + (tmp_path / "report.json").read_text()
    assert "Secret/default/s" in shown
    assert "aHVudGVyMmh1bnRlcjI" not in shown


def test_flags_of_an_account_do_not_go_with_a_cluster(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--context", "test", "--region", "eu-west-1", "--no-config"]) == 2
    assert "audit them one by one" in capsys.readouterr().err
    assert not api.asked


def test_the_role_of_an_audit_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["permissions", "--kubernetes", "--rule", "k8s-pod-no-account-token", "--no-config"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["kind"] == "ClusterRole"
    core = next(each for each in made["rules"] if each["apiGroups"] == [""])
    assert core == {
        "apiGroups": [""],
        "resources": ["pods", "replicationcontrollers", "serviceaccounts"],
        "verbs": ["list"],
    }
    assert {verb for each in made["rules"] for verb in each["verbs"]} == {"list"}
