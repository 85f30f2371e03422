"""Terraform's spelling of Kubernetes objects and the API's own, both ways.

The provider writes `host_pid` for `hostPID`, `container` for `containers`, and a list of one block for an object. The
API's names come from its schema: acronyms and plurals need no table, what the two call differently stands below.
"""

from typing import Any, Final

from compliance_scan.model.value import Open, Path, Reference, Unknown, Value, chosen, hole, is_nothing, resolved
from compliance_scan.shape.nodes import ANY, Field, Node

_OTHER: Final = {
    "binary_data_wo": "data",
    "ceph_monitors": "monitors",
    "data_disk_uri": "diskURI",
    "data_wo": "stringData",
    "endpoints_name": "endpoints",
    "rados_user": "user",
    "rbd_image": "image",
    "rbd_pool": "pool",
    "storage_provisioner": "provisioner",
}
"""What the provider calls by another word; holds only where the API has no such field itself."""
INLINED: Final = "persistent_volume_source"
"""A block of the provider whose fields are the API's own one level up."""
_AUTOMOUNT: Final = "automount_service_account_token"
"""The one default of the provider that differs from the API's: a pod without a word there does not follow its service
account, the provider says `true` for it."""
_ACRONYMS: Final = {"id": "ID", "ip": "IP", "ips": "IPs", "ipc": "IPC", "pid": "PID", "uri": "URI", "url": "URL"}
_WHOLE: Final = frozenset({"value"})
"""Texts that mean something when they are empty (a variable of the environment)."""


class Names:
    """The field names of one object of the API, by the provider's."""

    __slots__ = ("_found", "_known", "_own")

    def __init__(self, node: Node, own: dict[str, str]) -> None:
        """`own`: names that hold in this object alone."""
        self._known = {name.lower(): name for name in node.names()} if node.kind == "object" else {}
        self._own = own
        self._found: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The API's name for the provider's."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._own.get(name) or self.known(name) or _OTHER.get(name) or _camel(name)
        return found

    def known(self, name: str) -> str | None:
        """The field of the schema that a name of the provider means, a plural where the block is a singular."""
        plain = name.replace("_", "").lower()
        for form in (plain, plain + "s", plain + "es", plain[:-1] + "ies"):
            if form in self._known:
                return self._known[form]
        return None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(_ACRONYMS.get(part, part.capitalize()) for part in rest)


class Shapes:
    """Values of one kind of resource from Terraform's form to the API's, and paths back."""

    def __init__(self, terraform: Node, kubernetes: Node, own: dict[str, str]) -> None:
        """Nodes of the provider's resource and of the object; `own`: names of the object's root."""
        self.terraform = terraform
        self.kubernetes = kubernetes
        self._names: dict[Node, Names] = {kubernetes: Names(kubernetes, own)}

    def names(self, node: Node) -> Names:
        """The names of an object's node."""
        found = self._names.get(node)
        if found is None:
            # A daemon set's `strategy` is the one name that depends on where it stands.
            own = {"strategy": "updateStrategy"} if "updateStrategy" in node.names() else {}
            found = self._names[node] = Names(node, own)
        return found

    def value(self, value: Any, terraform: Node, kubernetes: Node) -> Value:
        """A value as the API has it."""
        if isinstance(value, Reference):
            inner = self.value(value.value, terraform, kubernetes)
            return value if inner is value.value else Reference(value.address, value.path, inner, value.presence)
        if isinstance(value, list):
            return self._list(value, terraform, kubernetes)
        if isinstance(value, Open):
            return self._open(value, terraform, kubernetes)
        if isinstance(value, dict):
            is_map = kubernetes.kind == "map" or (kubernetes.kind == "any" and terraform.kind in ("map", "any"))
            return value if is_map else self._object(value, terraform, kubernetes)
        plain: Value = value
        return chosen(plain)

    def _list(self, items: list[Any], terraform: Node, kubernetes: Node) -> Value:
        if _one(terraform, kubernetes):
            # Old versions of the provider wrote maps (`limits`) as blocks.
            if len(items) == 1:
                return self.value({} if items[0] is None else items[0], terraform, kubernetes)
            return Unknown("error", "a block that may stand once only") if items else None
        of, inner = terraform.element or ANY, kubernetes.element or ANY
        blocks = of.kind == "object"
        return [self.value({} if blocks and item is None else item, of, inner) for item in items]

    def _open(self, value: Open, terraform: Node, kubernetes: Node) -> Value:
        if isinstance(value.items, dict):
            made = self.value(value.items, terraform, kubernetes)
            return Open(made, value.more) if isinstance(made, dict) else made
        if _one(terraform, kubernetes):
            if len(value.items) == 1:
                return self.value(value.items[0], terraform, kubernetes)
            return hole(value.more)
        made = self._list(value.items, terraform, kubernetes)
        return Open(made if isinstance(made, list) else [], value.more)

    def _object(self, written: dict[str, Any], terraform: Node, kubernetes: Node) -> dict[str, Value]:
        names = self.names(kubernetes)
        made: dict[str, Value] = {}
        for name, value in written.items():
            if is_nothing(value) or (value == "" and name not in _WHOLE):
                continue
            of, field = _node(terraform.field(name)), names.of(name)
            if name == INLINED:
                inner = resolved(self.value(value, of, kubernetes))
                made |= inner if isinstance(inner, dict) else {}
                continue
            below = self.value(value, of, _node(kubernetes.field(field)))
            if not is_nothing(below):
                made[field] = below
        token = terraform.field(_AUTOMOUNT)
        if token is not None and token.has_default:
            made.setdefault("automountServiceAccountToken", token.default)
        return made

    def written(self, start: Any, path: Path) -> Path:
        """Terraform's path for one of the object, below `start`, a value of Terraform; as far as it is written."""
        return self._written(start, path, self.terraform, self.kubernetes)

    def _written(self, value: Any, path: Path, terraform: Node, kubernetes: Node) -> Path:
        found: list[str | int] = []
        plain: Any
        for step in path:
            plain = resolved(value)
            plain = plain.items if isinstance(plain, Open) else plain
            if isinstance(step, str) and isinstance(plain, list) and plain:
                found.append(0)
                plain = resolved(plain[0])
                plain = plain.items if isinstance(plain, Open) else plain
            if isinstance(step, int):
                if not (isinstance(plain, list) and step < len(plain)):
                    break
                found.append(step)
                value, terraform, kubernetes = plain[step], terraform.element or ANY, kubernetes.element or ANY
                continue
            names = self._named(plain, step, kubernetes)
            if not names:
                break
            found += names
            for name in names:
                value = plain[0] if name == 0 else plain[name]
                plain = resolved(value)
                terraform = terraform if name == 0 else _node(terraform.field(str(name)))
            kubernetes = _node(kubernetes.field(step)) if kubernetes.kind == "object" else kubernetes.element or ANY
        return tuple(found)

    def _named(self, plain: Any, step: str, kubernetes: Node) -> Path:
        """The steps that lead to what is written for a field: one name, or two where the provider has a level more."""
        if not isinstance(plain, dict):
            return ()
        if kubernetes.kind == "map":
            return (step,) if step in plain else ()
        names = self.names(kubernetes)
        found = next((name for name in plain if names.of(name) == step and not is_nothing(plain[name])), None)
        if found is not None:
            return (found,)
        inner = resolved(plain.get(INLINED))
        if isinstance(inner, list) and inner and isinstance(resolved(inner[0]), dict):
            below = self._named(resolved(inner[0]), step, kubernetes)
            return (INLINED, 0, *below) if below else ()
        return ()

    def made(self, path: Path) -> Path:
        """The path of the object that a path of Terraform becomes."""
        found: list[str | int] = []
        terraform, kubernetes = self.terraform, self.kubernetes
        for step in path:
            if isinstance(step, int):
                if _one(terraform, kubernetes):
                    continue
                found.append(step)
                terraform, kubernetes = terraform.element or ANY, kubernetes.element or ANY
            elif kubernetes.kind == "map" or (kubernetes.kind == "any" and terraform.kind in ("map", "any")):
                found.append(step)
                terraform, kubernetes = terraform.element or ANY, kubernetes.element or ANY
            elif step == INLINED:
                terraform = _node(terraform.field(step))
            else:
                name = self.names(kubernetes).of(step)
                found.append(name)
                terraform, kubernetes = _node(terraform.field(step)), _node(kubernetes.field(name))
        return tuple(found)


def _one(terraform: Node, kubernetes: Node) -> bool:
    """Whether what is a list in Terraform is one object."""
    if kubernetes.kind in ("list", "set"):
        return False
    return kubernetes.kind in ("object", "map") or terraform.single or terraform.kind in ("object", "map")


def _node(field: Field | None) -> Node:
    return field.node if field is not None else ANY
