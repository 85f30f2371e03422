"""The virtual type `node-file`: mode and owner of the files of nodes, from lists that people collect.

Two kinds of objects are read: `NodeFiles` (what `stat` says, one item a file) and the `NodeInfo` of Trivy's node
collector, whose keys name the file. Nothing of the machine that scans is looked at.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import ABSENT, Path, Unknown, Value, resolved
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.kubernetes_part import Part
from compliance_scan.shape.made import Made, Maker, Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.model.view import Cursor
    from compliance_scan.shape.world import World

FILES: Final = "compliance-scan/NodeFiles"
COLLECTED: Final = "NodeInfo"

_PURPOSES: Final = (
    ("apiserver-manifest", r"/manifests/kube-apiserver\.(ya?ml|json|manifest)$"),
    ("controller-manager-manifest", r"/manifests/kube-controller-manager\.(ya?ml|json|manifest)$"),
    ("scheduler-manifest", r"/manifests/kube-scheduler\.(ya?ml|json|manifest)$"),
    ("etcd-manifest", r"/manifests/etcd\.(ya?ml|json|manifest)$"),
    ("cni-configuration", r"/cni/net\.d/[^/]+$"),
    ("etcd-data", r"^/var/lib/etcd/?$|/etcd/data/?$"),
    ("admin-kubeconfig", r"/(super-)?admin\.conf$"),
    ("scheduler-kubeconfig", r"/scheduler\.conf$"),
    ("controller-manager-kubeconfig", r"/controller-manager\.conf$"),
    ("kubelet-service", r"/systemd/system/(kubelet\.service(\.d/.*)?|.*kubeadm\.conf)$"),
    ("proxy-kubeconfig", r"/kube-?proxy(/kubeconfig(\.conf)?|\.conf|\.kubeconfig|-kubeconfig)$"),
    ("kubelet-kubeconfig", r"^/etc/kubernetes/kubelet\.conf$|/kubelet/kubeconfig$"),
    (
        "kubelet-configuration",
        r"/kubelet/(config|kubelet-config|config\.conf)(\.(ya?ml|json))?$|/kubelet-config\.ya?ml$",
    ),
    ("pki-key", r"/pki/(.*/)?[^/]+\.key$"),
    ("client-ca", r"/pki/ca\.(crt|pem)$|/kubelet-ca\.(crt|pem)$"),
    ("pki-certificate", r"/pki/(.*/)?[^/]+\.(crt|pem)$"),
    ("pki-directory", r"/pki/?$"),
)
"""What a file is for, and how its path tells."""

_KEYS: Final = {
    "kubeAPIServerSpecFile": "apiserver-manifest",
    "kubeControllerManagerSpecFile": "controller-manager-manifest",
    "kubeSchedulerSpecFile": "scheduler-manifest",
    "kubeEtcdSpecFile": "etcd-manifest",
    "containerNetworkInterfaceFile": "cni-configuration",
    "etcdDataDirectory": "etcd-data",
    "adminConfigFile": "admin-kubeconfig",
    "schedulerConfFile": "scheduler-kubeconfig",
    "controllerManagerConfFile": "controller-manager-kubeconfig",
    "kubePKIDirectory": "pki-directory",
    "kubernetesPKICertificate": "pki-certificate",
    "kubePKIKeyFile": "pki-key",
    "kubeletServiceFile": "kubelet-service",
    "kubeconfigFileExists": "proxy-kubeconfig",
    "kubeletConfFile": "kubelet-kubeconfig",
    "certificateAuthoritiesFile": "client-ca",
    "kubeletConfigYamlConfigurationFile": "kubelet-configuration",
}
"""How a node collector's keys begin, and what they speak of; they end in `Permissions` or `Ownership`."""
_KEY: Final = re.compile(r"(\w+?)(Permissions?|Ownership)$")


class NodeFile(NamedTuple):
    """One file, as far as it was told."""

    resource: Resource
    at: Path
    node: Value
    path: Value
    purpose: Value
    mode: Value
    owner: Value
    group: Value


def node_files(world: "World") -> "Sequence[Cursor]":
    """The subjects of `node-file`."""
    facts = world.catalog.type("node-file")
    assert facts is not None
    found: list[Cursor] = []
    for kind, read in ((FILES, _listed), (COLLECTED, _collected)):
        for resource in world.resources(kind):
            found += [_subject(Frame(world, _own(resource, one), facts), one) for one in read(resource)]
    return found


def _subject(frame: Frame, one: NodeFile) -> Made:
    fields: dict[str, Shaped | Maker] = {
        name: spot(frame, one.at, (), value) for name, value in one._asdict().items() if name not in ("resource", "at")
    }
    return Made(frame, one.at, (), fields)


def _own(resource: Resource, one: NodeFile) -> Resource:
    """The file as a resource of its own: the list holds many, and each has findings of its own."""
    what = one.path if isinstance(one.path, str) else one.purpose
    node = one.node if isinstance(one.node, str) else "-"
    return Resource(
        address=f"node-file/{node}{what}" if str(what).startswith("/") else f"node-file/{node}/{what}",
        type="node-file",
        root=resource.root,
        plane=resource.plane,
        attributes={},
        source=Part(resource, one.at),
        name=str(what),
    )


def _name(resource: Resource) -> Value:
    return resource.name or "-"


def _listed(resource: Resource) -> Iterator[NodeFile]:
    files: Any = resolved(resource.attributes["files"]) if "files" in resource.attributes else None
    for index, one in enumerate(files if isinstance(files, list) else ()):
        if not isinstance(one, dict):
            continue
        path = one.get("path")
        mode = one.get("mode")
        if isinstance(mode, int):
            mode = Unknown("error", 'the mode is a number, of which nobody can tell whether it is octal: write "600"')
        purpose = one.get("purpose") or (_purpose(path) if isinstance(path, str) else None)
        yield NodeFile(
            resource,
            ("files", index),
            _name(resource),
            path,
            purpose or ABSENT,
            mode,
            one.get("owner"),
            one.get("group"),
        )


def _collected(resource: Resource) -> Iterator[NodeFile]:
    info: Any = resolved(resource.attributes["info"]) if "info" in resource.attributes else None
    for key, told in (info if isinstance(info, dict) else {}).items():
        match = _KEY.fullmatch(key)
        purpose = _KEYS.get(match[1]) if match is not None else None
        values = told.get("values") if isinstance(told, dict) else None
        if match is None or purpose is None or not isinstance(values, list):
            continue
        for index, value in enumerate(values):
            mode: Value = ABSENT
            owner: Value = ABSENT
            group: Value = ABSENT
            if match[2] == "Ownership":
                owner, _, group = str(value).partition(":")
            else:
                mode = str(value)  # of JSON, whose numbers are never octal: 600 is written for rw-------
            yield NodeFile(
                resource, ("info", key, "values", index), _name(resource), ABSENT, purpose, mode, owner, group
            )


def _purpose(path: str) -> str | None:
    return next((purpose for purpose, pattern in _PURPOSES if re.search(pattern, path)), None)
