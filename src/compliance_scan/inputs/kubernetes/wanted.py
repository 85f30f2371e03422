"""Which lists of a cluster the selected rules need, and the role that allows them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from compliance_scan.shape.kubernetes_pod import TEMPLATES
from compliance_scan.shape.kubernetes_reach import FOREIGN, FOREIGN_HERE

if TYPE_CHECKING:
    from compliance_scan.model.rule import Instance
    from compliance_scan.shape.catalog import Catalog

_PARTS: Final = {
    "networkPolicies": "networking.k8s.io/NetworkPolicy",
    "podDisruptionBudgets": "policy/PodDisruptionBudget",
    "services": "Service",
    "resourceQuotas": "ResourceQuota",
    "limitRanges": "LimitRange",
    "serviceAccounts": "ServiceAccount",
    "autoscalers": "autoscaling/HorizontalPodAutoscaler",
    "authorizationPolicies": "security.istio.io/AuthorizationPolicy",
    "peerAuthentications": "security.istio.io/PeerAuthentication",
    "automountServiceAccountToken": "ServiceAccount",
    "awsRoles": "ServiceAccount",
}
"""Fields of pods and namespaces that other kinds give."""
_WAYS: Final = ("ingressFrom", "egressTo", "openPorts")
"""Fields of pods that all pods, their namespaces and the policies of every kind give together."""
_RBAC: Final = tuple(
    f"rbac.authorization.k8s.io/{kind}" for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
)
_SERVICE_ACCOUNT: Final = ("ServiceAccount",)
_VIRTUAL: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "pod": (tuple(TEMPLATES), ()),
    "namespace": (("Namespace",), ()),
    "argocd-application": (("argoproj.io/Application", "argoproj.io/ApplicationSet"), ()),
    "binding": (_RBAC[1::2], _RBAC[::2]),
    "subject": (_SERVICE_ACCOUNT, _RBAC),
    # The control plane's parts are pods of their nodes, where the cluster lets them be seen.
    "etcd": (("Pod",), ()),
    "kube-apiserver": (("Pod",), ()),
    "kube-controller-manager": (("Pod",), ()),
    "kube-scheduler": (("Pod",), ()),
    "kubelet": ((), ()),
    "node-file": ((), ()),
}
"""Subjects that the shape layer makes: what it makes them of (nothing where only files of nodes show them), and what
their verdicts hang on."""
_ANYTHING: Final = (*TEMPLATES, *_RBAC, "ConfigMap", "Namespace", "Secret", "Service", "ServiceAccount")
"""What other such subjects may be made of."""
_PLURALS: Final = {"Endpoints": "endpoints", "NetworkPolicy": "networkpolicies", "Ingress": "ingresses"}


_FILES: Final = ("audit.k8s.io",)
"""Groups, beside those that end in `.config.k8s.io`, of which no API serves an object: they are files of nodes."""


class Needs(NamedTuple):
    """What one rule needs."""

    subjects: frozenset[str]
    """Types that it judges."""
    others: frozenset[str]
    """Types without which its verdict is not known."""


def needs(instance: "Instance", catalog: "Catalog") -> Needs:
    """The types that a rule reads in a cluster."""
    subjects: set[str] = set()
    others: set[str] = set()
    text = json.dumps([_plain(instance.rule.when), _plain(instance.rule.assertion)], default=str)
    kinds = [catalog.canonical(kind) for kind in instance.rule.resource]
    for kind in kinds:
        of, on = _types(kind, catalog)
        subjects.update(of)
        others.update(on)
    if "namespace" in kinds and '"pods"' in text:
        others.update(TEMPLATES)
    if catalog.virtual.intersection(kinds):
        others.update(kind for part, kind in _PARTS.items() if f'"{part}"' in text)
        if any(f'"{part}"' in text for part in _WAYS):
            others.update((*TEMPLATES, *FOREIGN, *FOREIGN_HERE, "Namespace", "networking.k8s.io/NetworkPolicy"))
    for name in (*related(instance.rule.when), *related(instance.rule.assertion)):
        others.update(*_types(catalog.canonical(name), catalog))
    return Needs(frozenset(filter(_is_served, subjects)), frozenset(filter(_is_served, others)))


def _is_served(kind: str) -> bool:
    """Whether a cluster may serve a type: resources of Terraform and files of nodes are none of its objects."""
    group, _, name = kind.rpartition("/")
    return "_" not in name and not group.endswith(".config.k8s.io") and group not in _FILES


def _types(kind: str, catalog: "Catalog") -> tuple[Sequence[str], Sequence[str]]:
    """The kinds of a cluster behind a type that rules name, and those that it hangs on."""
    return _VIRTUAL.get(kind, (_ANYTHING, ())) if kind in catalog.virtual else ((kind,), ())


def related(conditions: Any) -> Iterator[str]:
    """The types that conditions relate to."""
    stack = [conditions]
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            if len(item) > 1 and item[0] == "related" and isinstance(item[1], str):
                yield item[1]
            stack.extend(item)


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def role(types: Iterable[str]) -> dict[str, Any]:
    """The cluster role that lets a user list these types, and nothing else."""
    groups: dict[str, set[str]] = {}
    for each in types:
        group, _, kind = each.rpartition("/")
        groups.setdefault(group, set()).add(plural(kind))
    rules: Sequence[dict[str, Any]] = [
        {"apiGroups": [group], "resources": sorted(names), "verbs": ["list"]} for group, names in sorted(groups.items())
    ]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "compliance-scan"},
        "rules": rules,
    }


def plural(kind: str) -> str:
    """The name of a kind's resource, as the API's conventions make it."""
    if kind in _PLURALS:
        return _PLURALS[kind]
    name = kind.lower()
    if name.endswith(("s", "x", "ch")):
        return name + "es"
    return name[:-1] + "ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else name + "s"
