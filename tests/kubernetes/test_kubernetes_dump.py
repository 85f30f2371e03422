"""A dump of a whole cluster: 5,000 objects with 300 policies are judged within the bounds that were promised."""

import json
import random
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

OBJECTS, POLICIES, SPACES = 5_000, 300, 40
MEMORY = 300
"""Megabytes."""
SECONDS = 10
"""Of the processor: twice what was promised, for machines that do other things too."""


def metadata(space: str, name: str, **labels: str) -> dict[str, Any]:
    managed = {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:metadata": {"f:labels": {".": {}}}}}
    uid = f"{space}-{name}"
    return {"name": name, "namespace": space, "uid": uid, "labels": labels, "managedFields": [managed]}


def pod_spec(name: str) -> dict[str, Any]:
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": "app",
        "image": f"registry.example.com/{name}:1.4",
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
        "env": [{"name": f"V{number}", "value": str(number)} for number in range(6)],
        "resources": {"limits": {"memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "securityContext": security,
        "livenessProbe": {"httpGet": {"path": "/", "port": 8080}},
    }
    return {"serviceAccountName": name, "securityContext": {"runAsNonRoot": True}, "containers": [container]}


def policy(chance: random.Random, space: str, number: int) -> dict[str, Any]:
    tier = {"matchLabels": {"tier": chance.choice(["web", "api", "db"])}}
    spec = {
        "podSelector": tier,
        "ingress": [{"from": [{"podSelector": tier}, {"namespaceSelector": tier}], "ports": [{"port": "http"}]}],
    }
    meta = metadata(space, f"policy-{number}")
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}


def dump() -> dict[str, Any]:
    """A `List` as `kubectl get -A -o json` prints it: workloads with what their controllers made."""
    chance = random.Random(6)
    spaces = [f"team-{number}" for number in range(SPACES)]
    items: list[dict[str, Any]] = [policy(chance, chance.choice(spaces), number) for number in range(POLICIES)]
    number = 0
    while len(items) < OBJECTS:
        space, name = chance.choice(spaces), f"app-{number}"
        number += 1
        labels = {"app": name, "tier": chance.choice(["web", "api", "db"])}
        template = {"metadata": {"labels": labels}, "spec": pod_spec(name)}
        spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
        meta = metadata(space, name, **labels)
        items.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec})
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "uid": meta["uid"], "controller": True}
        for index in range(3):
            made = {**metadata(space, f"{name}-{index}", **labels), "ownerReferences": [owner]}
            items.append({"apiVersion": "v1", "kind": "Pod", "metadata": made, "spec": pod_spec(name)})
        service = {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": "http"}]}
        items.append({"apiVersion": "v1", "kind": "Service", "metadata": metadata(space, name), "spec": service})
        items += [{"apiVersion": "v1", "kind": kind, "metadata": metadata(space, name)} for kind in KINDS]
    return {"apiVersion": "v1", "kind": "List", "items": items}


KINDS = ("ServiceAccount", "ConfigMap")


@pytest.mark.slow
@pytest.mark.parametrize("indent", [4, None])
def test_a_dump_of_a_cluster_is_judged_in_little_time_and_memory(tmp_path: Path, indent: int | None) -> None:
    (tmp_path / "cluster.json").write_text(json.dumps(dump(), indent=indent))
    report = tmp_path / "report"
    command = [sys.executable, "-m", "compliance_scan", "scan", "cluster.json", "--format", "json", "--quiet"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with report.open("wb") as out:
        done = subprocess.run(command, cwd=tmp_path, stdout=out, check=False)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 1
    summary = json.loads(report.read_text())["summary"]
    assert summary["resources"] >= OBJECTS
    assert summary["pass"] > 10_000
    assert used.ru_maxrss / 1024 <= MEMORY  # of the biggest child so far
    assert used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime <= SECONDS
