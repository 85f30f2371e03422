"""The virtual types of Kubernetes and its joins by label: pods, namespaces, selectors.

Manifests are closed over their root: a Service of one chart selects no pod of another. Within a root, objects without a
namespace are together, and with those of `default`, where `kubectl` puts them unless it is told otherwise.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from compliance_scan.model.logic import Tri
from compliance_scan.model.resource import Resource, Span
from compliance_scan.model.value import Path, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Cursor, Item, Items, Relation
from compliance_scan.shape.cursor import EMPTY, Frame, Spot
from compliance_scan.shape.kubernetes_labels import plain_selects, selects
from compliance_scan.shape.kubernetes_pod import TEMPLATES, PodView
from compliance_scan.shape.kubernetes_pod import pods as pod_views
from compliance_scan.shape.kubernetes_scope import CLUSTER_SCOPED, DEFAULT, SOMEWHERE
from compliance_scan.shape.made import Made, MadeList, Maker, Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.kubernetes_flags import Program
    from compliance_scan.shape.kubernetes_rbac import Access
    from compliance_scan.shape.world import World

Home = tuple[str, str]
"""Root and namespace; the namespace is `default` where none is written, empty for what lives in none."""

_SELECTORS: Final[dict[str, tuple[Path, bool]]] = {
    "Service": (("spec", "selector"), True),
    "ReplicationController": (("spec", "selector"), True),
    "networking.k8s.io/NetworkPolicy": (("spec", "podSelector"), False),
    "policy/PodDisruptionBudget": (("spec", "selector"), False),
}
"""Type to the path of its pod selector, and whether that is a plain map of labels."""
_PARTS: Final = {
    "networkPolicies": "networking.k8s.io/NetworkPolicy",
    "resourceQuotas": "ResourceQuota",
    "limitRanges": "LimitRange",
    "services": "Service",
    "serviceAccounts": "ServiceAccount",
    "authorizationPolicies": "security.istio.io/AuthorizationPolicy",
    "peerAuthentications": "security.istio.io/PeerAuthentication",
}
"""Collections of a namespace by their type."""


class Cluster:
    """What was read of Kubernetes in one world, by root and namespace."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._homes: dict[Resource, Home] = {}
        self._by_home: dict[tuple[str, Home], list[Resource]] = {}
        self._workloads: list[Resource] = []
        self._names: dict[tuple[str, str, str, str], Resource] = {}
        self._spaces: dict[Home, Made] | None = None
        self._pods: list[PodView] | None = None
        self._access: Access | None = None
        self._programs: dict[str, list[Program]] | None = None
        self._pods_by_home: dict[Home, list[PodView]] = {}
        self._subjects: dict[PodView, Made] = {}
        canonical = world.catalog.canonical
        for resource in world.inventory.resources:
            if resource.mode != "managed" or "_" in resource.type.rpartition("/")[2]:
                continue
            kind = canonical(resource.type)
            home = self._homes[resource] = home_of(resource)
            self._by_home.setdefault((kind, home), []).append(resource)
            self._names.setdefault((kind, *home, resource.name), resource)
            if kind in TEMPLATES:
                self._workloads.append(resource)

    @staticmethod
    def of(world: "World") -> "Cluster":
        """The cluster of a world, made once."""
        found = _CLUSTERS.get(world)
        if found is None:
            found = _CLUSTERS[world] = Cluster(world)
        return found

    @property
    def all(self) -> list[Resource]:
        """Every object, in the order of reading."""
        return list(self._homes)

    @property
    def pods(self) -> list[PodView]:
        """Every workload's pod, in the order of reading."""
        if self._pods is None:
            self._pods = pod_views(self, self._workloads)
            for pod in self._pods:
                self._pods_by_home.setdefault(self.home(pod.resource), []).append(pod)
        return self._pods

    @property
    def programs(self) -> "dict[str, list[Program]]":
        """The programs of a cluster that containers start, by name."""
        if self._programs is None:
            from compliance_scan.shape.kubernetes_flags import programs

            self._programs = programs(self.world)
        return self._programs

    @property
    def access(self) -> "Access":
        """Bindings and roles."""
        if self._access is None:
            from compliance_scan.shape.kubernetes_rbac import Access

            self._access = Access(self)
        return self._access

    def named(self, kind: str, root: str, namespace: str, name: str) -> Resource | None:
        """The object of a name."""
        return self._names.get((kind, root, namespace, name))

    def pods_in(self, home: Home) -> list[PodView]:
        """The pods of a namespace."""
        return self._pods_by_home.get(home, []) if self.pods else []

    def home(self, resource: Resource) -> Home:
        """Root and namespace of an object."""
        found = self._homes.get(resource)
        return home_of(resource) if found is None else found

    def subject(self, pod: PodView) -> Made:
        """The cursor of a pod, one for all rules."""
        found = self._subjects.get(pod)
        if found is None:
            found = self._subjects[pod] = pod.cursor()
        return found

    def objects(self, kind: str, home: Home) -> list[Resource]:
        """Objects of a type in a namespace."""
        return self._by_home.get((self.world.catalog.canonical(kind), home), [])

    def account(self, resource: Resource, name: Value) -> Resource | None:
        """The service account of a name in an object's namespace."""
        name = resolved(name)
        return self._names.get(("ServiceAccount", *self.home(resource), name)) if isinstance(name, str) else None

    def owned(self, resource: Resource) -> bool:
        """Whether a controller that was read makes this object: it is judged there. Only what a cluster wrote counts
        (both sides know the owner's uid), so that a manifest cannot talk itself out of being judged."""
        seen = {resource}
        owner = self._owner(resource)
        while owner is not None and owner not in seen:
            seen.add(owner)
            above = self._owner(owner)
            if above is None:
                return True
            owner = above
        return False

    def _owner(self, resource: Resource) -> Resource | None:
        owners = _metadata(resource).get("ownerReferences")
        for owner in owners if isinstance(owners, list) else ():
            if not isinstance(owner, dict) or not isinstance(owner.get("apiVersion"), str) or not owner.get("uid"):
                continue
            group = owner["apiVersion"].rpartition("/")[0]
            kind = self.world.catalog.canonical(f"{group}/{owner.get('kind')}" if group else str(owner.get("kind")))
            found = self._names.get((kind, *self.home(resource), str(owner.get("name"))))
            if found is not None and kind in TEMPLATES and _metadata(found).get("uid") == owner["uid"]:
                return found
        return None

    def selecting(self, pod: PodView, kind: str) -> MadeList:
        """The objects of a type in a pod's namespace whose selector selects it."""
        path, plain = _SELECTORS[kind]
        labels = pod.metadata.step("labels").value
        items = []
        for resource in self.objects(kind, self.home(pod.resource)):
            cursor = self.world.cursor(resource)
            holds = _selects(cursor.get(path).value, labels, kind=kind, plain=plain)
            if holds is not False:
                items.append(Item(cursor, holds))
        return MadeList(pod.frame, (), (), items)

    def scaling(self, pod: PodView) -> MadeList:
        """The autoscalers that set the number of a workload's pods."""
        kind, name = pod.resource.type.rpartition("/")[2], pod.resource.name
        items = []
        for resource in self.objects("autoscaling/HorizontalPodAutoscaler", self.home(pod.resource)):
            cursor = self.world.cursor(resource)
            target = cursor.get(("spec", "scaleTargetRef"))
            if target.step("kind").value == kind and target.step("name").value == name:
                items.append(Item(cursor, True))
        return MadeList(pod.frame, (), (), items)

    @property
    def spaces(self) -> dict[Home, Made]:
        """All namespaces: declared ones, and those that objects are in."""
        if self._spaces is None:
            declared: dict[Home, Resource] = {}
            for resource in self.world.resources("Namespace"):
                declared.setdefault((resource.root, resource.name), resource)
            homes = dict.fromkeys(declared)
            homes |= dict.fromkeys(
                home for one, home in self._homes.items() if home[1] and _metadata(one).get("namespace")
            )
            homes |= dict.fromkeys(self.home(pod.resource) for pod in self.pods)
            self._spaces = {home: self._space(home, declared.get(home)) for home in homes}
        return self._spaces

    def _space(self, home: Home, declared: Resource | None) -> Made:
        frame = self.world.frame(declared) if declared is not None else self._undeclared(home)
        fields: dict[str, Shaped | Maker] = {
            "name": spot(frame, ("metadata", "name"), (), home[1]),
            "declared": spot(frame, (), (), declared is not None),
            "labels": lambda: frame.root.get(("metadata", "labels")),
            "annotations": lambda: frame.root.get(("metadata", "annotations")),
            "pods": lambda: self._pods_in(frame, home),
        }
        for part, kind in _PARTS.items():
            fields[part] = self._part(frame, kind, home)
        return Made(frame, (), (), fields, missing=frame.root.step)

    def _part(self, frame: Frame, kind: str, home: Home) -> Maker:
        def make() -> MadeList:
            items = [Item(self.world.cursor(resource), True) for resource in self.objects(kind, home)]
            return MadeList(frame, (), (), items)

        return make

    def _pods_in(self, frame: Frame, home: Home) -> MadeList:
        items = [Item(self.subject(pod), True) for pod in self.pods_in(home)]
        return MadeList(frame, (), (), items)

    def _undeclared(self, home: Home) -> Frame:
        first = next(one for one, where in self._homes.items() if where == home)
        resource = Resource(
            address=f"Namespace/-/{home[1]}",
            type="Namespace",
            root=home[0],
            plane=first.plane,
            attributes={},
            source=_UsedBy(first),
            name=home[1],
        )
        facts = self.world.catalog.type("namespace")
        assert facts is not None
        return Frame(self.world, resource, facts)


_CLUSTERS: "WeakKeyDictionary[World, Cluster]" = WeakKeyDictionary()


class _UsedBy:
    """The source of a namespace that nothing declares: where the first object in it names it."""

    def __init__(self, resource: Resource) -> None:
        self._source = resource.source

    @property
    def span(self) -> Span:
        """The place that names the namespace, else the object's head."""
        return self._source.span_of(("metadata", "namespace")) or self._source.header

    @property
    def header(self) -> Span:
        """The same."""
        return self.span

    def span_of(self, path: Path) -> Span | None:
        """Nothing of a namespace is written there but its name."""
        return self.span if path in ((), ("metadata", "name")) else None

    def origins_of(self, _path: Path) -> tuple[()]:
        """None."""
        return ()

    def comments(self) -> tuple[()]:
        """None: a comment there is the object's."""
        return ()

    def text(self, span: Span) -> str:
        """Whole lines of the object's file."""
        return self._source.text(span)


def home_of(resource: Resource) -> Home:
    """Root and namespace of an object."""
    namespace = resolved(_metadata(resource).get("namespace"))
    if resource.type in CLUSTER_SCOPED:
        return resource.root, ""
    if isinstance(namespace, Unknown):
        return resource.root, SOMEWHERE
    return resource.root, DEFAULT if is_nothing(namespace) else str(namespace)


def _metadata(resource: Resource) -> Any:
    attributes = resource.attributes
    metadata = resolved(attributes["metadata"]) if "metadata" in attributes else None
    return metadata if isinstance(metadata, dict) else {}


def pods(world: "World") -> Sequence[Cursor]:
    """The subjects of `pod`."""
    cluster = Cluster.of(world)
    return [cluster.subject(pod) for pod in cluster.pods]


def namespaces(world: "World") -> Sequence[Cursor]:
    """The subjects of `namespace`."""
    return list(Cluster.of(world).spaces.values())


def namespace_of(world: "World", subject: Cursor) -> Cursor | None:
    """The namespace that an object lives in; None for what lives in none."""
    cluster = Cluster.of(world)
    return cluster.spaces.get(cluster.home(subject.resource))


def selected(world: "World", subject: Cursor, relation: Relation) -> Items:
    """The objects of a type in the subject's namespace that its selector selects."""
    cluster = Cluster.of(world)
    resource = subject.resource
    home = cluster.home(resource)
    kind = world.catalog.canonical(resource.type)
    plain = _SELECTORS.get(kind, ((), False))[1]
    selector = subject.get(relation.path).value
    candidates: list[tuple[Shaped, Value]]
    if relation.type == "pod":
        here = cluster.pods_in(home)
        candidates = [(cluster.subject(pod), pod.metadata.step("labels").value) for pod in here]
    else:
        spots: list[Spot] = [world.cursor(one) for one in cluster.objects(relation.type, home)]
        candidates = [(cursor, cursor.get(("metadata", "labels")).value) for cursor in spots]
    items = []
    for cursor, labels in candidates:
        holds = _selects(selector, labels, kind=kind, plain=plain)
        if holds is not False:
            items.append(Item(cursor, holds))
    return Items(items, None) if items else EMPTY


def _selects(selector: Value, labels: Value, *, kind: str, plain: bool) -> Tri:
    if plain:
        return plain_selects(selector, labels)
    # The API server reads a NetworkPolicy without a selector as one with an empty one.
    return selects(selector, labels, absent=kind == "networking.k8s.io/NetworkPolicy")
