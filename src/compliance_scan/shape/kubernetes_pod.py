"""The virtual type `pod`: every workload by its pod template, containers with what takes effect in them.

To see another kind as a workload (a custom controller's, or Terraform's `kubernetes_deployment` once it is turned into
a manifest), name the path of its template in `TEMPLATES`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Open, Path, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Item
from compliance_scan.shape.cursor import Frame, Spot
from compliance_scan.shape.facts import SPath
from compliance_scan.shape.kubernetes_container import worked_out
from compliance_scan.shape.made import Made, MadeList, Maker, Shaped, Subject, spot
from compliance_scan.shape.nodes import ANY, Node

if TYPE_CHECKING:
    from compliance_scan.shape.kubernetes import Cluster

TEMPLATES: Final[dict[str, SPath]] = {
    "Pod": (),
    "ReplicationController": ("spec", "template"),
    "apps/DaemonSet": ("spec", "template"),
    "apps/Deployment": ("spec", "template"),
    "apps/ReplicaSet": ("spec", "template"),
    "apps/StatefulSet": ("spec", "template"),
    "apps.openshift.io/DeploymentConfig": ("spec", "template"),
    "argoproj.io/Rollout": ("spec", "template"),
    "batch/CronJob": ("spec", "jobTemplate", "spec", "template"),
    "batch/Job": ("spec", "template"),
}
"""Type to the path of its pod template."""

_LISTS = (("main", "containers"), ("init", "initContainers"), ("ephemeral", "ephemeralContainers"))
_INHERITED = (
    "runAsNonRoot",
    "runAsUser",
    "runAsGroup",
    "seccompProfile",
    "seLinuxOptions",
    "appArmorProfile",
    "windowsOptions",
)
"""Fields of a pod's security context that hold in containers which do not say otherwise."""
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


class Containers(MadeList):
    """A pod's containers, each shown under the name of the list it is written in."""

    __slots__ = ()

    def shown_as(self, _shown: Path) -> "Containers":
        """The same: its items keep their names."""
        return self


class Container(Made):
    """One container. As a whole its value is what is written of it: effective values are for those who name a field."""

    __slots__ = ("written",)

    def __init__(self, own: Spot, shown: Path, fields: "dict[str, Shaped | Maker]", written: dict[str, Value]) -> None:
        super().__init__(own.frame, own.path, shown, fields, missing=own.step)
        self.written = written

    @property
    def value(self) -> Value:
        return self.written


class PodView:
    """One workload's pod."""

    def __init__(self, cluster: "Cluster", resource: Resource) -> None:
        facts = cluster.world.catalog.type("pod")
        assert facts is not None
        self.cluster = cluster
        self.resource = resource
        self.frame = Frame(cluster.world, resource, facts)
        self.template = TEMPLATES[cluster.world.catalog.canonical(resource.type)]
        self.spec = self._written((*self.template, "spec"), (), facts.root)
        metadata = facts.root.field("metadata")
        node = metadata.node if metadata is not None else ANY
        self.metadata = self._written((*self.template, "metadata"), ("metadata",), node)
        self.own_metadata = self._written(("metadata",), ("metadata",), node)

    def cursor(self) -> Subject:
        """The subject that rules judge."""
        return Subject(self.frame, self._fields, missing=self.spec.step)

    def _fields(self) -> "dict[str, Shaped | Maker]":
        for written in (self.spec, self.metadata, self.own_metadata):
            written.forget()
        return {
            "containers": self._containers,
            "workload": spot(self.frame, ("kind",), (), self.resource.type),
            "name": lambda: self.own_metadata.step("name"),
            "namespace": lambda: self.own_metadata.step("namespace"),
            "labels": lambda: self.metadata.step("labels"),
            "annotations": lambda: self.metadata.step("annotations"),
            "metadata": self.metadata,
            "serviceAccountName": self._account_name,
            "automountServiceAccountToken": self._automount,
            "awsRoles": self._aws_roles,
            "networkPolicies": lambda: self.cluster.selecting(self, "networking.k8s.io/NetworkPolicy"),
            "autoscalers": lambda: self.cluster.scaling(self),
            "services": lambda: self.cluster.selecting(self, "Service"),
            "podDisruptionBudgets": lambda: self.cluster.selecting(self, "policy/PodDisruptionBudget"),
            "ingressFrom": lambda: self._reach("ingressFrom"),
            "egressTo": lambda: self._reach("egressTo"),
            "openPorts": lambda: self._reach("openPorts"),
        }

    def _written(self, path: SPath, shown: SPath, node: Node) -> Spot:
        """The cursor at an object of the manifest, an empty one where it is not there or no object."""
        value: Any = self.resource.attributes
        for step in path:
            value = resolved(value)
            if isinstance(value, Open):
                value = value.items[step] if isinstance(value.items, dict) and step in value.items else value.more
                continue
            if isinstance(value, Unknown):
                break
            if value is not self.resource.attributes and not isinstance(value, dict):
                value = None
                break
            value = value[step] if step in value else None  # noqa: SIM401  # attributes are not a dict only
            if value is None:
                break
        value = resolved(value)
        if not isinstance(value, dict | Unknown | Open):
            value = {}
        above = value if isinstance(value, Unknown) else None
        return Spot(self.frame, path, shown, shown, node, value, above=above)

    def _reach(self, name: str) -> Shaped:
        """Who may talk with the pod: worked out for rules that ask."""
        from compliance_scan.shape.kubernetes_flows import PARTS

        return PARTS[name](self)

    def _account_name(self) -> Shaped:
        name = self.spec.step("serviceAccountName")
        old = self.spec.step("serviceAccount")
        return old if _unsaid(name) and not _unsaid(old) else name

    def _automount(self) -> Shaped:
        """The pod's own word, else its service account's where that was read, else what the API does."""
        own = self.spec.step("automountServiceAccountToken")
        if not _unsaid(own):
            return own
        account = self.cluster.account(self.resource, self._account_name().value)
        if account is None:
            return own
        said = self.cluster.world.cursor(account).step("automountServiceAccountToken")
        return own if _unsaid(said) else said

    def _aws_roles(self) -> Shaped:
        """What the pod may be in AWS: its service account's roles, where that was read."""
        named = self._account_name().value
        account = self.cluster.account(self.resource, "default" if is_nothing(named) else named)
        if account is None:
            return MadeList(self.frame, self.spec.path, (), [])
        return self.cluster.world.cursor(account).step("awsRoles")

    def _containers(self) -> Containers:
        items: list[Item] = []
        more: Unknown | None = None
        field = self.frame.facts.root.field("containers")
        node = (field.node.element if field is not None else None) or ANY
        for kind, name in _LISTS:
            raw: Any = self._list(name)
            if isinstance(raw, Open):
                raw, more = raw.items, raw.more
            if isinstance(raw, Unknown):
                more = raw
            if isinstance(raw, list):
                path = (*self.spec.path, name)
                for index, one in enumerate(raw):
                    if isinstance(resolved(one), dict):
                        own = Spot(self.frame, (*path, index), ("containers",), (name, index), node, resolved(one))
                        items.append(Item(self._container(own, kind, (name, index)), True))
        return Containers(self.frame, (*self.spec.path, "containers"), ("containers",), items, more)

    def _list(self, name: str) -> Any:
        """What is written under the name of a list of containers."""
        if self.spec.above is not None:
            return self.spec.above
        found = self.spec.step(name)
        return resolved(found.raw) if isinstance(found, Spot) and found.standing == "written" else None

    def _container(self, own: Spot, kind: str, shown: Path) -> Made:
        fields: dict[str, Shaped | Maker] = {name: _later(own, name) for name in own.raw}
        fields["kind"] = spot(self.frame, own.path, (), kind)
        fields |= worked_out(own, self.spec)
        fields["securityContext"] = lambda: self._security(own)
        fields["imagePullPolicy"] = lambda: self._pull_policy(own)
        return Container(own, shown, fields, {**own.raw, "kind": kind})

    def _security(self, own: Spot) -> Shaped:
        mine, pods = own.step("securityContext"), self.spec.step("securityContext")
        assert isinstance(mine, Spot)
        said: dict[str, Shaped | Maker] = {}
        for name in _INHERITED:
            if not _unsaid(pods.step(name)):
                if _unsaid(mine.step(name)):
                    said[name] = pods.step(name)
                elif name == "windowsOptions":  # the one field whose parts are inherited one by one
                    said[name] = _over(pods.step(name), mine.step(name))
        profile = self._apparmor(own) if _unsaid(mine.step("appArmorProfile")) else None
        if profile is not None:
            said["appArmorProfile"] = profile
        if not said:
            return mine
        raw = resolved(mine.raw)
        written = raw if isinstance(raw, dict) else {}
        fields: dict[str, Shaped | Maker] = {name: _later(mine, name) for name in written}
        return Made(self.frame, mine.path, (*own._shown, "securityContext"), fields | said, missing=mine.step)  # noqa: SLF001

    def _apparmor(self, own: Spot) -> Shaped | None:
        """The profile that the annotation of old gives a container, as the field that took its place."""
        name = own.step("name").value
        annotations = self.metadata.step("annotations")
        if not isinstance(name, str) or not isinstance(annotations, Spot):
            return None
        said = annotations.step(_APPARMOR + name)
        if not isinstance(said.value, str):
            return None
        kinds = {"runtime/default": "RuntimeDefault", "unconfined": "Unconfined"}
        kind = "Localhost" if said.value.startswith("localhost/") else kinds.get(said.value, said.value)
        return Made(self.frame, said.path, (), {"type": spot(self.frame, said.path, (), kind)})

    def _pull_policy(self, own: Spot) -> Shaped:
        said = own.step("imagePullPolicy")
        if not _unsaid(said):
            return said
        image = resolved(own.step("image").value)
        if isinstance(image, Unknown):
            return spot(self.frame, said.path, (), image)
        if not isinstance(image, str):
            return said
        return spot(self.frame, said.path, (), _default_policy(image), standing="default")


def pods(cluster: "Cluster", resources: Sequence[Resource]) -> list[PodView]:
    """The pods of workloads; those that a controller among them makes are judged there."""
    return [PodView(cluster, resource) for resource in resources if not cluster.owned(resource)]


def _default_policy(image: str) -> str:
    """What the API server writes where nobody does: by the image's tag when the object is made."""
    name, at, _ = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return "IfNotPresent" if at or tag not in ("", "latest") else "Always"


def _unsaid(cursor: Shaped) -> bool:
    return cursor.standing != "written" or is_nothing(cursor.value if not isinstance(cursor, Spot) else cursor.raw)


def _over(pods: Shaped, mine: Shaped) -> Shaped:
    """An object of the container over one of the pod, field by field."""
    if not (isinstance(pods, Spot) and isinstance(mine, Spot) and isinstance(pods.raw, dict)):
        return mine
    left: dict[str, Shaped | Maker] = {name: _later(pods, name) for name in pods.raw if _unsaid(mine.step(name))}
    return Made(mine.frame, mine.path, (), left, missing=mine.step)


def _later(own: Spot, name: str) -> Maker:
    return lambda: own.step(name)
