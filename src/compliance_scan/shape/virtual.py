"""Virtual types: subjects that no input wrote as such (an account, a region, a pod, a namespace).

How to add one, or a kind of relation, without touching the rest of the shape layer:

- Write a function `(world: World) -> Sequence[Cursor]` that makes the subjects, in stable order, and name it in
  `SUBJECTS` as `module:function`; it is imported when a rule first asks for the type. `world.resources(type)` gives the
  resources of a type, `world.cursor(resource)` the cursor at one's root. Make objects with `cursor.Made`, collections
  with `cursor.MadeList` and single values with `cursor.Leaf`.
- Name in `HOMES` the function `(world, subject) -> Cursor | None` that gives the one a subject lives in.
- Name in `SELECTS` the function `(world, subject, relation) -> Items` for relations of kind `selects`.
- Declare the type's attributes in its facts file (`types/<provider>/<type>.yaml`, key `attributes`), so that the linter
  of rules knows its paths. A kind's file is named with `.` for `/`: `types/kubernetes/apps.Deployment.yaml`.
- A provider's schema is `types/<provider>.schema.json.xz` in the form that `tools/compile_schema.py` writes:
  `{"resources": {type: record}, "data_sources": {…}, "defs": {name: record}}`. A record has `a` (attributes) and `b`
  (blocks). An attribute's `t` is a Terraform type; with `ref` it is `object`, `list` or `map` of the record of that
  name in `defs` (records may be recursive), `any` takes anything. `d` is a default; `"deep": 1` at the top of a type's
  record lets defaults hold below parents that are absent too, as the Kubernetes API fills them in.
"""

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from compliance_scan.model.resource import Inventory
from compliance_scan.model.view import Cursor, Items, Relation

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

SUBJECTS = {
    "account": "compliance_scan.shape.account:accounts",
    "region": "compliance_scan.shape.account:regions",
    "pod": "compliance_scan.shape.kubernetes:pods",
    "namespace": "compliance_scan.shape.kubernetes:namespaces",
    "argocd-application": "compliance_scan.shape.kubernetes_applications:applications",
    "binding": "compliance_scan.shape.kubernetes_rbac:bindings",
    "subject": "compliance_scan.shape.kubernetes_rbac:subjects",
    "object": "compliance_scan.shape.kubernetes_objects:objects",
    "gatekeeper-constraint": "compliance_scan.shape.kubernetes_objects:constraints",
    "etcd": "compliance_scan.shape.kubernetes_flags:etcds",
    "kube-apiserver": "compliance_scan.shape.kubernetes_flags:apiservers",
    "kube-controller-manager": "compliance_scan.shape.kubernetes_flags:controller_managers",
    "kube-scheduler": "compliance_scan.shape.kubernetes_flags:schedulers",
    "kubelet": "compliance_scan.shape.kubernetes_kubelet:kubelets",
    "node-file": "compliance_scan.shape.kubernetes_nodes:node_files",
}
HOMES = {
    "account": "compliance_scan.shape.account:account_of",
    "region": "compliance_scan.shape.account:region_of",
    "namespace": "compliance_scan.shape.kubernetes:namespace_of",
}
HOME_OF_AWS = frozenset({"account", "region"})
SELECTS = "compliance_scan.shape.kubernetes:selected"


def possible(virtual: frozenset[str], types: Iterable[str], inventory: Inventory) -> set[str]:
    """The virtual types of which there may be subjects: accounts and regions where AWS is used, all others where there
    are objects of Kubernetes (whose kinds, unlike Terraform's types, have no underscore)."""
    kinds = list(types)
    aws = any(kind.startswith("aws_") for kind in kinds) or any("aws" in used for used in inventory.providers.values())
    found = set(HOME_OF_AWS) if aws or any(each.type.startswith("aws_") for each in inventory.resources) else set()
    if any("_" not in kind for kind in kinds):
        found |= virtual - HOME_OF_AWS
    return found & virtual


def load(name: str) -> Callable[..., Any]:
    """The function behind `module:function`."""
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def subjects(world: "World", kind: str) -> Sequence[Cursor]:
    """All subjects of a virtual type."""
    made: Sequence[Cursor] = load(SUBJECTS[kind])(world)
    return made


def home(world: "World", subject: Cursor, kind: str) -> Cursor | None:
    """The account, region or namespace that a subject lives in; None where it lives in none."""
    found: Cursor | None = load(HOMES[kind])(world, subject)
    return found


def selected(world: "World", subject: Cursor, relation: Relation) -> Items:
    """What a subject selects by labels."""
    items: Items = load(SELECTS)(world, subject, relation)
    return items
