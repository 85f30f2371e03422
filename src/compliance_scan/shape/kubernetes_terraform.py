"""Terraform's `kubernetes_*` resources as the objects that they make, so that the same rules judge both.

The resource keeps its Terraform address, its root and its lines; type and attributes become those of the manifest. What
is no object of its own (`kubernetes_labels`, a `kubernetes_manifest` whose body is not known) stays as it is.
"""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from compliance_scan.model.resource import Attributes, Comment, Inventory, Origin, Resource, Source, Span
from compliance_scan.model.value import Path, Value, is_nothing, resolved
from compliance_scan.shape.kubernetes_names import Shapes
from compliance_scan.shape.nodes import ANY

if TYPE_CHECKING:
    from compliance_scan.shape.catalog import Catalog

PREFIX: Final = "kubernetes_"
MANIFEST: Final = "kubernetes_manifest"
_VERSION: Final = re.compile(r"_v\d+(?:(?:alpha|beta)\d+)?$")
_V1: Final = "v1"
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "api_service": ("apiregistration.k8s.io/v1", "APIService"),
    "certificate_signing_request": ("certificates.k8s.io/v1", "CertificateSigningRequest"),
    "cluster_role": ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    "cluster_role_binding": ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    "config_map": (_V1, "ConfigMap"),
    "cron_job": ("batch/v1", "CronJob"),
    "csi_driver": ("storage.k8s.io/v1", "CSIDriver"),
    "daemon_set": ("apps/v1", "DaemonSet"),
    "daemonset": ("apps/v1", "DaemonSet"),
    "default_service_account": (_V1, "ServiceAccount"),
    "deployment": ("apps/v1", "Deployment"),
    "endpoint_slice": ("discovery.k8s.io/v1", "EndpointSlice"),
    "endpoints": (_V1, "Endpoints"),
    "horizontal_pod_autoscaler": ("autoscaling/v1", "HorizontalPodAutoscaler"),
    "ingress": ("networking.k8s.io/v1", "Ingress"),
    "ingress_class": ("networking.k8s.io/v1", "IngressClass"),
    "job": ("batch/v1", "Job"),
    "limit_range": (_V1, "LimitRange"),
    "mutating_webhook_configuration": ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"),
    "namespace": (_V1, "Namespace"),
    "network_policy": ("networking.k8s.io/v1", "NetworkPolicy"),
    "persistent_volume": (_V1, "PersistentVolume"),
    "persistent_volume_claim": (_V1, "PersistentVolumeClaim"),
    "pod": (_V1, "Pod"),
    "pod_disruption_budget": ("policy/v1", "PodDisruptionBudget"),
    "pod_security_policy": ("policy/v1beta1", "PodSecurityPolicy"),
    "priority_class": ("scheduling.k8s.io/v1", "PriorityClass"),
    "replication_controller": (_V1, "ReplicationController"),
    "resource_quota": (_V1, "ResourceQuota"),
    "role": ("rbac.authorization.k8s.io/v1", "Role"),
    "role_binding": ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    "runtime_class": ("node.k8s.io/v1", "RuntimeClass"),
    "secret": (_V1, "Secret"),
    "service": (_V1, "Service"),
    "service_account": (_V1, "ServiceAccount"),
    "stateful_set": ("apps/v1", "StatefulSet"),
    "storage_class": ("storage.k8s.io/v1", "StorageClass"),
    "validating_webhook_configuration": ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
}
"""The provider's resources, without their version, by apiVersion and kind."""
_VERSIONS: Final = {
    "kubernetes_certificate_signing_request": "certificates.k8s.io/v1beta1",
    "kubernetes_cron_job": "batch/v1beta1",
    "kubernetes_csi_driver": "storage.k8s.io/v1beta1",
    "kubernetes_horizontal_pod_autoscaler_v2": "autoscaling/v2",
    "kubernetes_horizontal_pod_autoscaler_v2beta2": "autoscaling/v2beta2",
    "kubernetes_ingress": "networking.k8s.io/v1beta1",
    "kubernetes_pod_disruption_budget": "policy/v1beta1",
}
"""Resources that call another version of the API than their kind's."""
_OWN: Final[dict[str, dict[str, str]]] = {
    # The provider takes plain text under `data` and encodes it; the API takes that under `stringData`.
    "Secret": {"data": "stringData", "binary_data": "data"},
}
_NO_FIELDS: Final = frozenset({"lifecycle", "timeouts", "provisioner", "connection", "provider", "tags_all"})


def turn(inventory: Inventory, catalog: "Catalog") -> None:
    """Replaces, in an inventory, the resources that make Kubernetes objects by these objects."""
    for index, resource in enumerate(inventory.resources):
        if resource.type.startswith(PREFIX) and resource.mode == "managed":
            made = _manifest(resource) if resource.type == MANIFEST else _object(resource, catalog)
            if made is not None:
                inventory.resources[index] = made


def _object(resource: Resource, catalog: "Catalog") -> Resource | None:
    plain = _VERSION.sub("", resource.type[len(PREFIX) :])
    if plain not in _KINDS:
        return None
    version, kind = _KINDS[plain]
    version = _VERSIONS.get(resource.type, version)
    group = _KINDS[plain][0].rpartition("/")[0]
    name = f"{group}/{kind}" if group else kind
    terraform, kubernetes = catalog.type(resource.type), catalog.type(name)
    shapes = Shapes(
        terraform.root if terraform is not None else ANY,
        kubernetes.root if kubernetes is not None else ANY,
        _OWN.get(kind, {}),
    )
    fixed: dict[str, Value] = {"apiVersion": version, "kind": kind}
    attributes = TurnedAttributes(resource.attributes, shapes, fixed)
    secrets: frozenset[Path] = frozenset({("data",), ("stringData",)} if kind == "Secret" else ())
    return resource._replace(
        type=name,
        attributes=attributes,
        source=TurnedSource(resource.source, attributes.path),
        name=_name(attributes) or ("default" if plain == "default_service_account" else ""),
        sensitive=secrets.union(shapes.made(path) for path in resource.sensitive),
        environment=frozenset(shapes.made(path) for path in resource.environment),
    )


class TurnedAttributes:
    """An object's fields, each turned when it is asked for (`model.resource.Attributes`)."""

    __slots__ = ("_fixed", "_made", "_names", "_shapes", "_written")

    def __init__(self, written: Attributes, shapes: Shapes, fixed: dict[str, Value]) -> None:
        self._written = written
        self._shapes = shapes
        self._fixed = fixed
        self._names: dict[str, list[str]] | None = None
        self._made: dict[str, Value] = {}

    def names(self) -> dict[str, list[str]]:
        """Field to the names of Terraform that give it."""
        if self._names is None:
            self._names = {}
            known = self._shapes.names(self._shapes.kubernetes)
            free = self._shapes.kubernetes is ANY
            for name in self._written:
                field = known.of(name)
                stands = free or self._shapes.kubernetes.field(field) is not None
                if name not in _NO_FIELDS and stands and field not in self._fixed:
                    self._names.setdefault(field, []).append(name)
        return self._names

    def __contains__(self, name: object) -> bool:
        return name in self._fixed or (name in self.names() and not is_nothing(self[str(name)]))

    def __getitem__(self, name: str) -> Value:
        if name in self._fixed:
            return self._fixed[name]
        if name not in self._made:
            self._made[name] = self._value(name)
        return self._made[name]

    def _value(self, name: str) -> Value:
        """The value of the last of the names that say anything: `data` and `data_wo` of a secret are one field."""
        made: Value = None
        for written in self.names()[name]:
            raw: Any = self._written[written]
            of = self._shapes.terraform.field(written)
            to = self._shapes.kubernetes.field(name)
            found = self._shapes.value(raw, of.node if of else ANY, to.node if to else ANY)
            made = found if is_nothing(made) or not is_nothing(found) else made
        return made

    def __iter__(self) -> Iterator[str]:
        return iter([*self._fixed, *(name for name in self.names() if name in self)])

    def path(self, path: Path) -> Path:
        """Where Terraform says what stands at a path of the object; the longest part that is written."""
        if not path or path[0] in self._fixed:
            return ()
        names = self.names().get(str(path[0]), [])
        if not names:
            return ()
        name = next((each for each in reversed(names) if not is_nothing(self._written[each])), names[0])
        return self._shapes.written({name: self._written[name]}, path)

    def configured(self, path: Path) -> bool:
        """Whether a plan's configuration says anything at a path; True where that is not known."""
        inner = getattr(self._written, "configured", None)
        there = self.path(path)
        return True if inner is None or not there else bool(inner(there))


class TurnedSource:
    """The places of a resource, asked for by the paths of the object."""

    __slots__ = ("_path", "_source")

    def __init__(self, source: Source, path: Callable[[Path], Path]) -> None:
        """`path` gives Terraform's path for one of the object."""
        self._source = source
        self._path = path

    @property
    def span(self) -> Span:
        """The whole block."""
        return self._source.span

    @property
    def header(self) -> Span:
        """The block's head."""
        return self._source.header

    def span_of(self, path: Path) -> Span | None:
        """See `Source`."""
        there = self._path(path)
        return self._source.span_of(there) if there else None

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        """See `Source`."""
        there = self._path(path)
        return self._source.origins_of(there) if there else ()

    def comments(self) -> tuple[Comment, ...]:
        """The block's."""
        return self._source.comments()

    def text(self, span: Span) -> str:
        """See `Source`."""
        return self._source.text(span)


def _manifest(resource: Resource) -> Resource | None:
    """The object of a `kubernetes_manifest`; None where its kind is not known."""
    body: Any = resolved(resource.attributes["manifest"]) if "manifest" in resource.attributes else None
    if not isinstance(body, dict):
        return None
    version, kind = resolved(body.get("apiVersion")), resolved(body.get("kind"))
    if not (isinstance(version, str) and isinstance(kind, str) and kind):
        return None
    group = version.rpartition("/")[0]
    return resource._replace(
        type=f"{group}/{kind}" if group else kind,
        attributes=body,
        source=TurnedSource(resource.source, lambda path: ("manifest", *path)),
        name=_name(body),
        sensitive=_below(resource.sensitive, "manifest"),
        environment=_below(resource.environment, "manifest"),
    )


def _below(paths: frozenset[Path], name: str) -> frozenset[Path]:
    return frozenset(path[1:] for path in paths if path[:1] == (name,))


def _name(attributes: Any) -> str:
    """The object's name, by which others refer to it."""
    metadata = resolved(attributes["metadata"]) if "metadata" in attributes else None
    if not isinstance(metadata, dict):
        return ""
    name, prefix = resolved(metadata.get("name")), resolved(metadata.get("generateName"))
    return name if isinstance(name, str) else f"{prefix}*" if isinstance(prefix, str) else ""
