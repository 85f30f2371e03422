"""The virtual type `kubelet`: a node's agent by its configuration file, its command line, or both.

The shape is that of `KubeletConfiguration`; flags are read into its fields and win over the file. A command line that
names a file which was not read leaves all that it does not say unknown.
"""

from typing import TYPE_CHECKING, Any, Final

from compliance_scan.model.value import Open, Unknown
from compliance_scan.shape.cursor import Frame, Spot
from compliance_scan.shape.kubernetes_flags import Flag, Program, typed
from compliance_scan.shape.made import Made, Maker, Shaped, spot
from compliance_scan.shape.nodes import ANY, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.model.view import Cursor
    from compliance_scan.shape.facts import SPath
    from compliance_scan.shape.world import World

CONFIGURATION: Final = "kubelet.config.k8s.io/KubeletConfiguration"
_FIELDS: "Final[dict[str, SPath]]" = {
    "anonymous-auth": ("authentication", "anonymous", "enabled"),
    "authentication-token-webhook": ("authentication", "webhook", "enabled"),
    "authorization-mode": ("authorization", "mode"),
    "client-ca-file": ("authentication", "x509", "clientCAFile"),
    "config": ("config",),
    "event-qps": ("eventRecordQPS",),
    "feature-gates": ("featureGates",),
    "hostname-override": ("hostnameOverride",),
    "make-iptables-util-chains": ("makeIPTablesUtilChains",),
    "pod-max-pids": ("podPidsLimit",),
    "protect-kernel-defaults": ("protectKernelDefaults",),
    "read-only-port": ("readOnlyPort",),
    "rotate-certificates": ("rotateCertificates",),
    "rotate-server-certificates": ("serverTLSBootstrap",),
    "seccomp-default": ("seccompDefault",),
    "streaming-connection-idle-timeout": ("streamingConnectionIdleTimeout",),
    "tls-cert-file": ("tlsCertFile",),
    "tls-cipher-suites": ("tlsCipherSuites",),
    "tls-min-version": ("tlsMinVersion",),
    "tls-private-key-file": ("tlsPrivateKeyFile",),
}
"""Flag to the field that it stands for."""
Tree = dict[str, "Tree | Spot"]


def kubelets(world: "World") -> "Sequence[Cursor]":
    """The subjects of `kubelet`."""
    from compliance_scan.shape.kubernetes import Cluster

    files = list(world.resources(CONFIGURATION))
    facts = world.catalog.type("kubelet")
    assert facts is not None
    found: list[Cursor] = [Frame(world, resource, facts).root for resource in files]
    for program in Cluster.of(world).programs.get("kubelet", ()):
        beside = [resource for resource in files if resource.root == program.pod.resource.root]
        base = Frame(world, beside[0], facts).root if len(beside) == 1 else None
        found.append(_by_flags(program, base))
    return found


def _by_flags(program: Program, base: Spot | None) -> Made:
    frame, root = program.frame, program.frame.facts.root
    written = list(program.written(lambda name: _node(root, _FIELDS.get(name, ("",)))).values())
    given = next((flag for flag in written if flag.name == "config"), None)
    unknown = program.line.more
    if given is not None and base is None:
        unknown = unknown or Unknown("not_collected", f"the kubelet's configuration {given.text} was not read")
    if base is None or given is None:
        raw: Any = {} if unknown is None else Open({}, Unknown(unknown.cause, unknown.detail))
        base = Spot(frame, program.line.path, (), (), root, raw)
    tree: Tree = {}
    for flag in written:
        path = _FIELDS.get(flag.name)
        if path is not None:
            place = tree
            for step in path[:-1]:
                place = place.setdefault(step, {})  # type: ignore[assignment]
            place[path[-1]] = _spot(frame, root, path, flag)
    made = _over(frame, base, tree, ())
    made.fields["name"] = spot(frame, (), (), program.container.step("name").value)
    made.fields["kind"] = spot(frame, ("kind",), (), "Pod")
    made.fields["image"] = spot(frame, program.container.path, (), program.container.step("image").value)
    return made


def _node(root: Node, path: "SPath") -> Node:
    node = root
    for step in path:
        field = node.field(step)
        node = field.node if field is not None else ANY
    return node


def _spot(frame: Frame, root: Node, path: "SPath", flag: Flag) -> Spot:
    node = _node(root, path)
    value = typed(flag.text, node)
    return Spot(frame, flag.path, path, path, node, value, above=value if isinstance(value, Unknown) else None)


def _over(frame: Frame, base: Shaped, tree: Tree, shown: "SPath") -> Made:
    """An object of which some fields are given by flags, and the rest by what lies below."""
    fields: dict[str, Shaped | Maker] = {}
    for name, below in tree.items():
        inner = base.step(name)
        fields[name] = below if isinstance(below, Spot) else _over(frame, inner, below, (*shown, name))
    return Made(frame, base.path, shown, fields, missing=base.step)
