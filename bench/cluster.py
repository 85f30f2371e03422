"""`make bench-kubernetes`: a dump of a cluster, and the YAML files of the large tree, in time and memory.

    python bench/cluster.py [ROUNDS]        # three when nothing is said

The dump is made here, by number: 50 namespaces, 500 deployments with their replica sets, 3,000 pods owned by these, 500
services and 300 network policies. Each command runs as a process of its own, cold. Memory is what it and the processes
that it begins hold together (the kernel's proportional set size), looked at twenty times a second.
"""

import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

LARGE: Final = Path(__file__).resolve().parents[2] / "shared" / "bench" / "large.tar.xz"
NAMESPACES, DEPLOYMENTS, REPLICAS, POLICIES = 50, 500, 6, 300
WAIT: Final = 0.05


class Promise(NamedTuple):
    """What a command may take."""

    name: str
    seconds: float
    megabytes: float


DUMP: Final = Promise("dump of 5,000 objects", 5.0, 300.0)
YAML: Final = Promise("YAML files of large", 6.0, 600.0)


def made(kind: str, version: str, name: str, number: int, **more: Any) -> dict[str, Any]:
    """An object as a cluster holds it."""
    labels = {"app": f"a{number}", "team": f"t{number % 9}"}
    metadata: dict[str, Any] = {
        "name": name,
        "namespace": f"ns{number % NAMESPACES}",
        "uid": f"uid-{kind}-{name}",
        "labels": labels,
    }
    owner = more.pop("owner", None)
    if owner is not None:
        reference = {"kind": owner["kind"], "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
        metadata["ownerReferences"] = [{"apiVersion": "apps/v1", **reference, "controller": True}]
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def container(number: int, which: int) -> dict[str, Any]:
    """A container with what a usual one sets: some of it good, some not."""
    probe = {"httpGet": {"path": "/", "port": 8080}}
    sizes = {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}}
    return {
        "name": f"c{which}",
        "image": f"registry.example.com/app{number}:{which}.0.0",
        "env": [{"name": f"V{each}", "value": f"v{each}"} for each in range(6)],
        "ports": [{"containerPort": 8080}],
        "resources": sizes,
        "livenessProbe": probe,
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }


def workloads(number: int) -> Iterator[dict[str, Any]]:
    """A deployment and all that belongs to it."""
    spec = {
        "containers": [container(number, which) for which in range(2)],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "serviceAccountName": "default",
    }
    chosen = {"matchLabels": {"app": f"a{number}"}}
    template = {"metadata": {"labels": {"app": f"a{number}"}}, "spec": spec}
    body = {"replicas": REPLICAS, "selector": chosen, "template": template}
    deployment = made("Deployment", "apps/v1", f"d{number}", number, spec=body)
    replicas = made("ReplicaSet", "apps/v1", f"d{number}-rs", number, spec=body, owner=deployment)
    yield from (deployment, replicas)
    for each in range(REPLICAS):
        running = {**spec, "nodeName": f"n{each}"}
        name = f"d{number}-rs-{each}"
        yield made("Pod", "v1", name, number, spec=running, owner=replicas, status={"phase": "Running"})
    service = {"selector": {"app": f"a{number}"}, "ports": [{"port": 80, "targetPort": 8080}]}
    yield made("Service", "v1", f"s{number}", number, spec=service)


def policy(number: int) -> dict[str, Any]:
    """One network policy: the next application may reach this one."""
    peers = [{"podSelector": {"matchLabels": {"app": f"a{number + NAMESPACES}"}}}]
    spec = {"podSelector": {"matchLabels": {"app": f"a{number}"}}, "ingress": [{"from": peers}]}
    return made("NetworkPolicy", "networking.k8s.io/v1", f"np{number}", number, spec=spec)


def write_dump(folder: Path) -> int:
    """Write the dump as `kubectl get -o json` does; returns how many objects it holds."""
    items: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"ns{each}"}} for each in range(NAMESPACES)
    ]
    for number in range(DEPLOYMENTS):
        items += workloads(number)
    items += (policy(number) for number in range(POLICIES))
    (folder / "dump.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=4))
    return len(items)


def unpack_yaml(folder: Path) -> int:
    """Unpack the YAML files of the large tree; returns how many there are."""
    with tarfile.open(LARGE) as archive:
        files = [each for each in archive if each.isfile() and each.name.endswith((".yaml", ".yml"))]
        archive.extractall(folder, files, filter="data")
    return len(files)


def held(pid: int) -> float:
    """Megabytes that a process and those it began hold together."""
    total = 0.0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) / 1024
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, ValueError):
        return total
    return total + sum(held(int(each)) for each in below)


def measure(folder: Path) -> tuple[float, float]:
    """Seconds and megabytes of one cold scan of a folder."""
    out = folder.parent / "out.json"
    command = [sys.executable, "-m", "compliance_scan", "scan", ".", "-f", f"json={out}"]
    begun, peak = time.perf_counter(), 0.0
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            code = process.wait(WAIT)
            break
        except subprocess.TimeoutExpired:
            peak = max(peak, held(process.pid))
    taken = time.perf_counter() - begun
    assert code in (0, 1, 4), f"the scan ended with {code}"
    assert json.loads(out.read_text())["findings"], "nothing was judged"
    return taken, peak


def speed() -> float:
    """Seconds that this machine takes at the moment for what never changes: figures of a slow hour can be told so."""
    begun = time.perf_counter()
    total = 0
    for each in range(10_000_000):
        total += each
    return time.perf_counter() - begun


def main() -> int:
    """1 where a promise is not kept."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    good = True
    for promise, write in ((DUMP, write_dump), (YAML, unpack_yaml)):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "repository"
            folder.mkdir()
            count = write(folder)
            (folder / ".git").mkdir()
            runs = [measure(folder) for _ in range(rounds)]
        median, fastest = statistics.median(one for one, _ in runs), min(one for one, _ in runs)
        peak = max(each for _, each in runs)
        kept = fastest <= promise.seconds and peak <= promise.megabytes
        good = good and kept
        limits = f"{promise.seconds:.0f} s, {promise.megabytes:.0f} MB"
        told = f"{median:6.2f} s (fastest {fastest:.2f})  {peak:5.0f} MB"
        print(f"{promise.name:24} {count:>6,}  {told}  promise {limits}: {'kept' if kept else 'BROKEN'}")
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}; {speed():.2f} s for ten million additions")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
