"""The committed schema is the one that the tool makes, and its defaults are sound."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.shape.kubernetes_scope import CLUSTER_SCOPED
from tools import compile_kubernetes

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA = REPOSITORY / "src/compliance_scan/types/kubernetes.schema.json.xz"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(lzma.decompress(SCHEMA.read_bytes()))
    return loaded


def test_the_schema_is_current(schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("kubernetes")
    monkeypatch.chdir(REPOSITORY)
    made = json.loads(json.dumps(compile_kubernetes.compile_schema()))
    if made["version"] != schema["version"]:
        pytest.skip(f"made from kubernetes {schema['version']}, installed is {made['version']}")
    assert made == schema


def test_defaults_fit_their_types(schema: dict[str, Any]) -> None:
    kinds = {"string": str, "number": int, "bool": bool}
    for name, record in schema["defs"].items():
        for field, attribute in record["a"].items():
            if "d" in attribute:
                assert type(attribute["d"]) is kinds[attribute["t"]], (name, field)
                assert attribute["m"] == "o", (name, field)


def test_every_reference_is_defined(schema: dict[str, Any]) -> None:
    for record in (*schema["resources"].values(), *schema["defs"].values()):
        for attribute in record["a"].values():
            assert attribute.get("ref", "pod") in schema["defs"]


def test_cluster_scoped_kinds_are_those_of_the_api(schema: dict[str, Any]) -> None:
    resources = schema["resources"]
    assert {kind for kind in CLUSTER_SCOPED if resources.get(kind, {}).get("ns")} == set()
    assert {"Namespace", "Node", "rbac.authorization.k8s.io/ClusterRole"} <= CLUSTER_SCOPED
