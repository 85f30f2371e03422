"""The virtual type `object`: every object of a cluster, for rules that hold of all kinds."""

from typing import TYPE_CHECKING, Any

from compliance_scan.model.value import ABSENT, resolved
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Maker, Shaped, Subject, spot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.model.resource import Resource
    from compliance_scan.model.view import Cursor
    from compliance_scan.shape.world import World


def objects(world: "World") -> "Sequence[Cursor]":
    """The subjects of `object`, those left out that a controller made of one that was read."""
    from compliance_scan.shape.kubernetes import Cluster

    cluster = Cluster.of(world)
    facts = world.catalog.type("object")
    assert facts is not None
    return [_object(Frame(world, resource, facts)) for resource in cluster.all if not cluster.owned(resource)]


def constraints(world: "World") -> "Sequence[Cursor]":
    """The subjects of `gatekeeper-constraint`: each template makes a kind of its own."""
    from compliance_scan.shape.kubernetes import Cluster

    facts = world.catalog.type("gatekeeper-constraint")
    assert facts is not None
    found = (each for each in Cluster.of(world).all if each.type.startswith("constraints.gatekeeper.sh/"))
    return [Frame(world, resource, facts).root for resource in found]


def _object(frame: Frame) -> Subject:
    return Subject(frame, lambda: _fields(frame))


def _fields(frame: Frame) -> "dict[str, Shaped | Maker]":
    resource = frame.resource
    version, kind = _text(resource, "apiVersion"), _text(resource, "kind")
    root = frame.world.cursor(resource)
    return {
        "api": lambda: spot(frame, ("apiVersion",), (), f"{version} {kind}"),
        "apiVersion": lambda: spot(frame, ("apiVersion",), (), version),
        "kind": lambda: spot(frame, ("kind",), (), kind),
        "group": lambda: spot(frame, ("apiVersion",), (), version.rpartition("/")[0]),
        "name": lambda: spot(frame, ("metadata", "name"), (), resource.name or ABSENT),
        "namespace": lambda: root.get(("metadata", "namespace")),
        "labels": lambda: root.get(("metadata", "labels")),
        "annotations": lambda: root.get(("metadata", "annotations")),
        "references": lambda: _references(frame),
    }


def _references(frame: Frame) -> Shaped:
    from compliance_scan.shape.kubernetes import Cluster
    from compliance_scan.shape.kubernetes_references import references

    return references(Cluster.of(frame.world), frame)


def _text(resource: "Resource", name: str) -> str:
    value: Any = resolved(resource.attributes[name]) if name in resource.attributes else ""
    return value if isinstance(value, str) else ""
