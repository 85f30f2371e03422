"""What an object refers to, and whether that was read: names and selectors that resolve, or dangle.

Manifests are closed over their root: what a chart's ingress names should be in the chart. Names that other parties
commonly provide (secrets, config maps, claims) are not looked up.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from compliance_scan.model.logic import Maybe, Tri, tri_any
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import ABSENT, Path, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Item
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.kubernetes_labels import plain_selects, selects
from compliance_scan.shape.kubernetes_pod import TEMPLATES
from compliance_scan.shape.made import Made, MadeList, Maker, Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.kubernetes import Cluster

_SELECTING: Final = {
    "Service": ("selector",),
    "networking.k8s.io/NetworkPolicy": ("podSelector",),
    "policy/PodDisruptionBudget": ("selector",),
}
"""Kinds that select pods, and where below `spec`."""
Found = tuple[str, Path, Value, Value]
"""Kind that is referred to, place, name and whether it was read."""


def references(cluster: "Cluster", frame: Frame) -> MadeList:
    """The references of an object."""
    items = []
    for kind, path, name, found in _of(cluster, frame.resource):
        fields: dict[str, Shaped | Maker] = {
            "kind": spot(frame, path, (), kind),
            "name": spot(frame, path, (), name),
            "resolved": spot(frame, path, (), found),
        }
        items.append(Item(Made(frame, path, (), fields), True))
    return MadeList(frame, (), ("references",), items)


def _of(cluster: "Cluster", resource: Resource) -> Iterator[Found]:
    kind = cluster.world.catalog.canonical(resource.type)
    spec: Any = resolved(resource.attributes["spec"]) if "spec" in resource.attributes else None
    if not isinstance(spec, dict):
        return
    if kind in _SELECTING:
        yield from _selected(cluster, resource, kind, spec)
    elif kind == "networking.k8s.io/Ingress":
        for path, name in _backends(spec):
            yield "Service", path, name, _named(cluster, resource, ("Service",), name)
    elif kind == "autoscaling/HorizontalPodAutoscaler":
        target = resolved(spec.get("scaleTargetRef"))
        kinds = _SCALED.get(str(target.get("kind")), ()) if isinstance(target, dict) else ()
        if isinstance(target, dict) and kinds:
            name = resolved(target.get("name"))
            yield "workload", ("spec", "scaleTargetRef"), name, _named(cluster, resource, kinds, name)
    elif kind in TEMPLATES:
        yield from _of_pod(cluster, resource, kind)


_SCALED: Final = {
    "Deployment": ("apps/Deployment",),
    "ReplicaSet": ("apps/ReplicaSet",),
    "ReplicationController": ("ReplicationController",),
    "StatefulSet": ("apps/StatefulSet",),
}


def _named(cluster: "Cluster", resource: Resource, kinds: tuple[str, ...], name: Value) -> Value:
    if not isinstance(name, str):
        return name if isinstance(name, Unknown) else ABSENT
    return any(cluster.named(kind, *cluster.home(resource), name) is not None for kind in kinds)


def _selected(cluster: "Cluster", resource: Resource, kind: str, spec: dict[str, Any]) -> Iterator[Found]:
    path = _SELECTING[kind]
    selector = resolved(spec.get(path[0]))
    if is_nothing(selector) or selector == {}:
        return  # all pods, or (of a Service) none: nothing is named
    select = plain_selects if kind == "Service" else selects
    verdicts: list[Tri] = [
        select(selector, pod.metadata.step("labels").value) for pod in cluster.pods_in(cluster.home(resource))
    ]
    found = tri_any(verdicts)
    value: Value = found.causes[0] if isinstance(found, Maybe) else found
    yield "pod", ("spec", *path), ABSENT, value


def _backends(spec: dict[str, Any]) -> Iterator[tuple[Path, Value]]:
    places: list[tuple[Path, Any]] = [(("spec", "defaultBackend"), spec.get("defaultBackend"))]
    places.append((("spec", "backend"), spec.get("backend")))
    rules = resolved(spec.get("rules"))
    for number, rule in enumerate(rules if isinstance(rules, list) else ()):
        http = resolved(rule.get("http")) if isinstance(rule, dict) else None
        paths = resolved(http.get("paths")) if isinstance(http, dict) else None
        for index, one in enumerate(paths if isinstance(paths, list) else ()):
            if isinstance(one, dict):
                places.append((("spec", "rules", number, "http", "paths", index, "backend"), one.get("backend")))
    for path, raw in places:
        backend = resolved(raw)
        if isinstance(backend, dict):
            service = resolved(backend.get("service"))
            name = service.get("name") if isinstance(service, dict) else backend.get("serviceName")
            if not is_nothing(name):
                yield path, resolved(name)


def _of_pod(cluster: "Cluster", resource: Resource, kind: str) -> Iterator[Found]:
    value: Any = resource.attributes
    path: tuple[str, ...] = (*TEMPLATES[kind], "spec")
    for step in path:
        value = resolved(value[step]) if step in value else None
        if not isinstance(value, dict):
            return
    name = resolved(value.get("serviceAccountName") or value.get("serviceAccount"))
    if not is_nothing(name) and name != "default":
        yield (
            "ServiceAccount",
            (*path, "serviceAccountName"),
            name,
            _named(cluster, resource, ("ServiceAccount",), name),
        )
