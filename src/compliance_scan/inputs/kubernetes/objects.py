"""Documents to resources: types, names, addresses, and the items of `List`s."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from compliance_scan.model.value import Path, Value
from compliance_scan.shape.kubernetes_scope import CLUSTER_SCOPED, DEFAULT

MAX_NESTED_LISTS = 8
_SECRET_PATHS: frozenset[Path] = frozenset(
    {
        ("data",),
        ("stringData",),
        ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
    }
)
_NO_RESOURCE_GROUPS = frozenset({"kustomize.config.k8s.io"})


class Found(NamedTuple):
    """One object of a document."""

    path: Path
    """Where it stands in the document: empty, or `("items", 3)`."""
    attributes: dict[str, Any]
    type: str
    namespace: str
    name: str

    @property
    def address(self) -> str:
        """`apps/Deployment/prod/api`; a namespace or name that is not written is `-`."""
        return f"{self.type}/{self.namespace or '-'}/{self.name or '-'}"

    def moved(self, namespace: str) -> "Found":
        """The object in another namespace, where it lives in one."""
        return self.within(namespace)._replace(namespace="" if self.type in CLUSTER_SCOPED else namespace)

    def within(self, namespace: Value) -> "Found":
        """The object in a namespace that need not be known; its address stays."""
        if self.type in CLUSTER_SCOPED:
            return self
        metadata = self.attributes.get("metadata")
        metadata = {**(metadata if isinstance(metadata, dict) else {}), "namespace": namespace}
        return self._replace(attributes={**self.attributes, "metadata": metadata})

    @property
    def aliases(self) -> tuple[str, ...]:
        """The address in `default`, where an object that names no namespace goes."""
        if self.namespace or self.type in CLUSTER_SCOPED:
            return ()
        return (f"{self.type}/{DEFAULT}/{self.name or '-'}",)


def type_of(api_version: str, kind: str) -> str:
    """Kind with its group: `apps/Deployment`, `Pod`."""
    group = api_version.rpartition("/")[0]
    return f"{group}/{kind}" if group else kind


def objects(document: Any) -> Iterator[Found]:
    """The objects of a document, lists opened; nothing where it is no manifest."""
    stack: list[tuple[Path, Any, tuple[str, str]]] = [((), document, ("", ""))]
    while stack:
        path, value, (default_version, default_kind) = stack.pop()
        if not isinstance(value, dict):
            continue
        version, kind = value.get("apiVersion", default_version), value.get("kind", default_kind)
        if not isinstance(version, str) or not isinstance(kind, str) or not version or not kind:
            continue
        items = value.get("items")
        if kind.endswith("List") and isinstance(items, list):
            item_type = ("", "") if kind == "List" else (version, kind.removesuffix("List"))
            if len(path) < 2 * MAX_NESTED_LISTS:
                stack += [((*path, "items", i), item, item_type) for i, item in reversed(list(enumerate(items)))]
            continue
        if type_of(version, kind).partition("/")[0] in _NO_RESOURCE_GROUPS:
            continue
        if "apiVersion" not in value or "kind" not in value:
            value = {"apiVersion": version, "kind": kind, **value}
        yield _found(path, value, version, kind)


def sensitive_paths(type_: str) -> frozenset[Path]:
    """Paths of an object that hold secrets."""
    return _SECRET_PATHS if type_ == "Secret" else frozenset()


def _found(path: Path, value: dict[str, Any], version: str, kind: str) -> Found:
    metadata = value.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    name, namespace = metadata.get("name"), metadata.get("namespace")
    if not _is_text(name):
        prefix = metadata.get("generateName")
        name = f"{prefix}*" if _is_text(prefix) else ""
    return Found(path, value, type_of(version, kind), str(namespace) if _is_text(namespace) else "", str(name))


def _is_text(value: object) -> bool:
    return (isinstance(value, str) and value != "") or (isinstance(value, int) and not isinstance(value, bool))
