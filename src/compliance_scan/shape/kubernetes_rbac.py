"""The virtual types `binding` and `subject`: what bindings give, and what a subject may do by all of them together.

A rule of a role is an item with the role's place, so that a finding points at the line that grants. Roles that every
cluster comes with (`admin`, `edit` …) are known by a table; a role that was not read and is none of them leaves a
subject's rights open, never empty.
"""

import json
import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import ABSENT, Open, Unknown, Value, resolved
from compliance_scan.model.view import Item
from compliance_scan.shape.cursor import Frame, Spot
from compliance_scan.shape.kubernetes_labels import selects
from compliance_scan.shape.kubernetes_part import Part
from compliance_scan.shape.made import Made, MadeList, Maker, Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.model.view import Cursor
    from compliance_scan.shape.kubernetes import Cluster
    from compliance_scan.shape.world import World

_GROUP: Final = "rbac.authorization.k8s.io"
_ROLE, _CLUSTER_ROLE = f"{_GROUP}/Role", f"{_GROUP}/ClusterRole"
_BINDINGS: Final = (f"{_GROUP}/ClusterRoleBinding", f"{_GROUP}/RoleBinding")
_FIELDS: Final = ("apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs")
_AGGREGATED: Final = {f"rbac.authorization.k8s.io/aggregate-to-{name}": name for name in ("admin", "edit", "view")}
"""Label by which any role adds to one that clusters come with."""

_ACCOUNT: Final = "system:serviceaccount:"
"""How a service account is called as a user, before its namespace and name. Source:
https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects (2026-11)"""

Identity = tuple[str, str, str, str]
"""Root, kind, namespace and name of a subject."""


class Granted(NamedTuple):
    """The rules of a role as a binding gives them; `more` where there may be others."""

    rules: list[Item]
    more: Unknown | None


class Access:
    """The bindings and roles of one world."""

    def __init__(self, cluster: "Cluster") -> None:
        self.cluster = cluster
        self.world = cluster.world
        facts = self.world.catalog.type("binding")
        assert facts is not None
        self.facts = facts
        self.roles = {
            (role.root, role.type.rpartition("/")[2], cluster.home(role)[1], role.name): role
            for kind in (_ROLE, _CLUSTER_ROLE)
            for role in self.world.resources(kind)
        }
        self.bindings = [resource for kind in _BINDINGS for resource in self.world.resources(kind)]
        self._granted: dict[Resource, Granted] = {}

    def granted(self, binding: Resource) -> Granted:
        """What a binding's role allows."""
        found = self._granted.get(binding)
        if found is None:
            found = self._granted[binding] = self._grant(binding)
        return found

    def _grant(self, binding: Resource) -> Granted:
        ref = _plain(binding, "roleRef")
        kind, name = str(ref.get("kind") or "Role"), resolved(ref.get("name"))
        if isinstance(name, Unknown) or not isinstance(name, str):
            cause = name if isinstance(name, Unknown) else Unknown("error", "the binding names no role")
            return Granted([], cause)
        namespace = "" if kind == "ClusterRole" else self.cluster.home(binding)[1]
        items: list[Item] = []
        more: Unknown | None = None
        role = self.roles.get((binding.root, kind, namespace, name))
        wide = binding.type == _BINDINGS[0]
        if role is not None:
            items, more = self._of_role(role, binding, wide=wide)
        elif (known := name if kind == "ClusterRole" else f"{namespace}/{name}") in builtin():
            frame = Frame(self.world, binding, self.facts)
            for rule in builtin()[known]:
                fields: dict[str, Shaped | Maker] = {
                    key: spot(frame, ("roleRef", "name"), (), value) for key, value in rule.items()
                }
                items.append(self._item(fields, frame, binding, name, wide=wide))
        else:
            more = Unknown("not_collected", f"the {kind} {name} was not read")
        if kind == "ClusterRole":
            for label, target in _AGGREGATED.items():
                if target == name and role is None:
                    added, open_ = self._labelled(binding, {label: "true"}, wide=wide)
                    items, more = items + added, more or open_
        return Granted(items, more)

    def _of_role(self, role: Resource, binding: Resource, *, wide: bool) -> tuple[list[Item], Unknown | None]:
        """A role's rules, with those of the roles that it sums up."""
        items, more = self._own(role, binding, wide=wide)
        aggregation: Any = (
            resolved(role.attributes["aggregationRule"]) if "aggregationRule" in role.attributes else None
        )
        selectors = resolved(aggregation.get("clusterRoleSelectors")) if isinstance(aggregation, dict) else aggregation
        if isinstance(selectors, Open):
            more, selectors = more or selectors.more, selectors.items
        if isinstance(selectors, Unknown):
            more = more or selectors
        for selector in selectors if isinstance(selectors, list) else ():
            added, open_ = self._labelled(binding, selector, wide=wide, but=role)
            items, more = items + added, more or open_
        return items, more

    def _labelled(
        self, binding: Resource, selector: Value, *, wide: bool, but: Resource | None = None
    ) -> tuple[list[Item], Unknown | None]:
        """The rules of the roles that a selector adds, and why there may be others."""
        found: list[Item] = []
        more: Unknown | None = None
        for (root, kind, _namespace, _name), role in self.roles.items():
            if root != binding.root or kind != "ClusterRole" or role is but:
                continue
            labels = _plain(role, "metadata").get("labels")
            plain = isinstance(selector, dict) and not {"matchLabels", "matchExpressions"} & selector.keys()
            holds = selects({"matchLabels": selector} if plain else selector, labels)
            if holds is not False:
                own, open_ = self._own(role, binding, wide=wide)
                found += [item if holds is True else Item(item.cursor, holds) for item in own]
                more = more or open_
        return found, more

    def _own(self, role: Resource, binding: Resource, *, wide: bool) -> tuple[list[Item], Unknown | None]:
        raw: Any = resolved(role.attributes["rules"]) if "rules" in role.attributes else None
        more: Unknown | None = None
        if isinstance(raw, Open):
            raw, more = raw.items, raw.more
        if isinstance(raw, Unknown):
            more = raw
        rules = self.world.cursor(role).step("rules")
        items: list[Item] = []
        for index, one in enumerate(raw if isinstance(raw, list) else ()):
            own, plain = rules.step(index), resolved(one)
            if isinstance(plain, Unknown):
                more = more or plain
            if isinstance(plain, dict) and isinstance(own, Spot):
                items.append(self._item(_later(own), own.frame, binding, role.name, wide=wide, own=own))
        return items, more

    def _item(
        self,
        fields: "dict[str, Shaped | Maker]",
        frame: Frame,
        binding: Resource,
        role: str,
        *,
        wide: bool,
        own: Spot | None = None,
    ) -> Item:
        path = own.path if own is not None else ("roleRef", "name")
        namespace: Value = ABSENT if wide else self.cluster.home(binding)[1]
        fields["scope"] = spot(frame, path, (), "cluster" if wide else "namespace")
        fields["namespace"] = spot(frame, path, (), namespace)
        fields["role"] = spot(frame, path, (), role)
        fields["binding"] = spot(frame, path, (), binding.address)
        return Item(Made(frame, path, (), fields, missing=own.step if own is not None else None), True)

    def subjects_of(self, binding: Resource) -> Iterator[tuple[int, Identity]]:
        """Whom a binding names, with the index in its list."""
        raw: Any = resolved(binding.attributes["subjects"]) if "subjects" in binding.attributes else None
        for index, one in enumerate(raw if isinstance(raw, list) else ()):
            if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("kind"), str):
                kind, name, namespace = one["kind"], one["name"], ""
                if kind == "ServiceAccount":
                    namespace = str(one.get("namespace") or self.cluster.home(binding)[1])
                elif kind == "User" and name.startswith(_ACCOUNT) and name.count(":") == _ACCOUNT.count(":") + 1:
                    kind, (namespace, name) = "ServiceAccount", name.removeprefix(_ACCOUNT).split(":")
                yield index, (binding.root, kind, namespace, name)


def _later(own: Spot) -> "dict[str, Shaped | Maker]":
    def later(name: str) -> Maker:
        return lambda: own.step(name)

    return {name: later(name) for name in _FIELDS if name in own.raw}


def _plain(resource: Resource, name: str) -> dict[str, Any]:
    value = resolved(resource.attributes[name]) if name in resource.attributes else None
    return value if isinstance(value, dict) else {}


@cache
def builtin() -> dict[str, list[dict[str, Value]]]:
    """The rules of roles that every cluster comes with, by name."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "builtin_roles.json")
    with open(path, encoding="utf-8") as handle:
        found: dict[str, list[dict[str, Value]]] = json.load(handle)
    return found


def _access(world: "World") -> Access:
    from compliance_scan.shape.kubernetes import Cluster

    return Cluster.of(world).access


def bindings(world: "World") -> "Sequence[Cursor]":
    """The subjects of `binding`: role bindings of both kinds, with what their role allows."""
    access = _access(world)
    return [_binding(access, binding) for binding in access.bindings]


def _binding(access: Access, binding: Resource) -> Made:
    frame = Frame(access.world, binding, access.facts)
    root = access.world.cursor(binding)

    def rules() -> MadeList:
        granted = access.granted(binding)
        return MadeList(frame, ("roleRef",), ("rules",), granted.rules, granted.more)

    fields: dict[str, Shaped | Maker] = {
        "scope": spot(frame, (), (), "cluster" if binding.type == _BINDINGS[0] else "namespace"),
        "rules": rules,
    }
    for name in ("kind", "metadata", "roleRef", "subjects"):
        fields[name] = root.step(name)
    return Made(frame, (), (), fields)


_OF_ACCOUNTS = ("system:authenticated", "system:serviceaccounts")
"""Groups that every service account is in, beside that of its namespace. Source:
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens"""


def subjects(world: "World") -> "Sequence[Cursor]":
    """The subjects of `subject`: accounts, users and groups that bindings name, with all that these allow."""
    access = _access(world)
    found: dict[Identity, list[tuple[Resource, int]]] = {}
    for binding in access.bindings:
        for index, identity in access.subjects_of(binding):
            found.setdefault(identity, []).append((binding, index))
    for (root, kind, namespace, _name), places in found.items():
        if kind == "ServiceAccount":
            for group in (*_OF_ACCOUNTS, f"system:serviceaccounts:{namespace}"):
                places.extend(found.get((root, "Group", "", group), ()))
    return [_subject(access, identity, places) for identity, places in found.items()]


def _subject(access: Access, identity: Identity, places: list[tuple[Resource, int]]) -> Made:
    root, kind, namespace, name = identity
    facts = access.world.catalog.type("subject")
    assert facts is not None
    account = access.cluster.named("ServiceAccount", root, namespace, name) if kind == "ServiceAccount" else None
    first, index = places[0]
    resource = account or Resource(
        address=f"{kind}/{namespace or '-'}/{name}",
        type=kind,
        root=root,
        plane=first.plane,
        attributes={},
        source=Part(first, ("subjects", index)),
        name=name,
    )
    frame = Frame(access.world, resource, facts)

    def rules() -> MadeList:
        items: list[Item] = []
        more: Unknown | None = None
        for binding in dict.fromkeys(binding for binding, _index in places):
            granted = access.granted(binding)
            items += granted.rules
            more = more or granted.more
        return MadeList(frame, (), ("rules",), items, more)

    names: list[Value] = [binding.address for binding, _index in places]
    fields: dict[str, Shaped | Maker] = {
        "kind": spot(frame, (), (), kind),
        "name": spot(frame, (), (), name),
        "namespace": spot(frame, (), (), namespace or ABSENT),
        "declared": spot(frame, (), (), account is not None),
        "bindings": spot(frame, (), (), names),
        "rules": rules,
    }
    return Made(frame, (), (), fields)
