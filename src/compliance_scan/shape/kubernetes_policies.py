"""NetworkPolicies as the rules that they are made of: whom they isolate, which peers and ports they let through.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/ and the API's reference of
`networking.k8s.io/v1`. A peer given by `ipBlock` stands for addresses, never for pods: whether an address range reaches
pods is the plugin's own affair.
"""

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from compliance_scan.model.logic import Tri, maybe, tri_all
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Encoded, Open, Text, Unknown, Value, holes, is_nothing, resolved
from compliance_scan.shape.kubernetes_labels import selects
from compliance_scan.shape.kubernetes_ports import ALL, PROTOCOLS, ports

if TYPE_CHECKING:
    from compliance_scan.shape.kubernetes_pod import PodView

Direction = Literal["Ingress", "Egress"]


class Allowed(NamedTuple):
    """What goes through: certainly, and perhaps; `may` holds `sure`, and `causes` say why the two differ."""

    sure: int
    may: int
    causes: tuple[Unknown, ...] = ()

    def __or__(self, other: "Allowed") -> "Allowed":
        if not self.may:
            return other  # the same numbers, not copies of them: each has kilobytes
        return Allowed(self.sure | other.sure, self.may | other.may, _both(self.causes, other.causes))

    def __and__(self, other: "Allowed") -> "Allowed":
        return Allowed(self.sure & other.sure, self.may & other.may, _both(self.causes, other.causes))

    def without(self, other: "Allowed") -> "Allowed":
        """What `other` does not say already."""
        sure = self.sure & ~other.sure
        return Allowed(sure, sure | (self.may & ~other.may), self.causes)

    def given(self, holds: Tri) -> "Allowed":
        """The same where a condition holds."""
        if isinstance(holds, bool):
            return self if holds else NOTHING
        return Allowed(0, self.may, _both(self.causes, holds.causes))


_OF_PODS: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
"""Ranges of RFC 1918, 6598 and 4193. What a range means for pods differs by plugin: the documentation says that ranges
are for addresses outside of the cluster, many plugins apply them to pods too."""
NOTHING: Final[Allowed] = Allowed(0, 0)
EVERYTHING: Final[Allowed] = Allowed(ALL, ALL)


class Peer(NamedTuple):
    """Whom a rule lets through."""

    kind: Literal["everyone", "block", "pods"]
    block: str = ""
    pods: Value = None
    """Its selector of pods; None for all."""
    namespaces: Value = None
    """Its selector of namespaces; None for the policy's own."""
    sure: Tri = True

    @property
    def every_pod(self) -> bool:
        """Whether it is every pod of the cluster."""
        return self.kind == "pods" and resolved(self.namespaces) == {} and resolved(self.pods) in (None, {})

    @property
    def may_hold_pods(self) -> bool:
        """Whether a block covers the whole of a range that clusters take for their pods."""
        from ipaddress import ip_network

        try:
            block = ip_network(self.block.partition(" ")[0], strict=False)
            return any(
                block.version == own.version and own.subnet_of(block)  # type: ignore[arg-type]
                for own in map(ip_network, _OF_PODS)
            )
        except ValueError:
            return False


class Rule(NamedTuple):
    """One rule of a policy."""

    policy: Resource
    peers: tuple[Peer, ...]
    ports: Value


class Policy(NamedTuple):
    """One policy."""

    resource: Resource
    selector: Value
    isolates: dict[Direction, Tri]
    rules: dict[Direction, tuple[Rule, ...]]

    def selects(self, labels: Value) -> Tri:
        """Whether it selects a pod of its namespace by its labels."""
        there: Tri = True if self.resource.conditional is None else maybe(self.resource.conditional)
        return tri_all([there, selects(self.selector, labels, absent=True)])


def policy(resource: Resource, spec: Value) -> Policy:
    """A policy from its `spec`."""
    spec = resolved(spec)
    more = next(holes(spec), None) if isinstance(spec, Unknown | Open) else None
    fields: Any = spec.items if isinstance(spec, Open) else spec
    fields = fields if isinstance(fields, dict) else {}
    unknown: Value = more  # what a field that is not written there may hold
    sides: tuple[tuple[Direction, str, str], ...] = (("Ingress", "ingress", "from"), ("Egress", "egress", "to"))
    rules = {side: _rules(resource, fields.get(name, unknown), key) for side, name, key in sides}
    isolates = _isolates(fields.get("policyTypes", unknown), fields.get("egress", unknown))
    return Policy(resource, fields.get("podSelector", unknown), isolates, rules)


def _isolates(types: Value, egress: Value) -> dict[Direction, Tri]:
    listed, more = listing(types)
    if more is not None:
        cause = maybe(more)
        return {"Ingress": "Ingress" in listed or cause, "Egress": "Egress" in listed or cause}
    if listed:
        return {"Ingress": "Ingress" in listed, "Egress": "Egress" in listed}
    outward, more = listing(egress)
    return {"Ingress": True, "Egress": maybe(more) if more is not None and not outward else bool(outward)}


def _rules(resource: Resource, written: Value, key: str) -> tuple[Rule, ...]:
    listed, more = listing(written)
    found = []
    for item in listed:
        rule = item if isinstance(item, dict) else {}
        if isinstance(item, Unknown | Open):
            more = more or next(holes(item))
        elif not isinstance(item, dict):
            continue
        else:
            found.append(Rule(resource, _peers(rule.get(key)), rule.get("ports")))
    if more is not None:
        found.append(Rule(resource, (Peer("everyone", sure=maybe(more)),), None))
    return tuple(found)


def _peers(written: Value) -> tuple[Peer, ...]:
    listed, more = listing(written)
    if not listed and more is None:
        return (Peer("everyone"),)
    found = []
    for item in listed:
        if isinstance(item, Unknown | Open):
            more = more or next(holes(item))
        elif isinstance(item, dict):
            found += _peer(item)
    if more is not None:
        found.append(Peer("everyone", sure=maybe(more)))
    return tuple(found)


def _peer(item: dict[str, Value]) -> list[Peer]:
    block = resolved(item.get("ipBlock"))
    if isinstance(block, Unknown):
        return [Peer("everyone", sure=maybe(block))]
    if isinstance(block, dict):
        cidr = resolved(block.get("cidr"))
        if not isinstance(cidr, str):
            hole = next(holes(cidr), None)
            return [] if hole is None else [Peer("everyone", sure=maybe(hole))]
        but, more = listing(block.get("except"))
        left = f" except {', '.join(map(str, but))}" if but or more is not None else ""
        return [Peer("block", cidr + left)]
    chosen, spaces = item.get("podSelector"), item.get("namespaceSelector")
    if is_nothing(resolved(chosen)) and is_nothing(resolved(spaces)):
        return []  # the API server refuses it
    return [Peer("pods", "", resolved(chosen), resolved(spaces))]


def listing(written: Value) -> tuple[list[Any], Unknown | None]:
    """The items of a list, and why there may be others."""
    plain: Any = resolved(written)
    more = None
    if isinstance(plain, Open):
        plain, more = plain.items, plain.more
    if isinstance(plain, Unknown | Text | Encoded):
        return [], next(holes(plain), None)
    return [resolved(item) for item in plain] if isinstance(plain, list) else [], more


def opened(written: Value, target: "PodView | None") -> Allowed:
    """The ports of a rule on a pod, whose containers give names to ports; None for whatever is outside."""
    listed, more = listing(written)
    if not listed and more is None:
        return EVERYTHING
    found = NOTHING if more is None else Allowed(0, ALL, (more,))
    for item in listed:
        if isinstance(item, Unknown | Open):
            found |= Allowed(0, ALL, (next(holes(item)),))
        elif isinstance(item, dict):
            found |= _opened(item, target)
    return found


def _opened(item: dict[str, Value], target: "PodView | None") -> Allowed:
    protocol, port, last = (resolved(item.get(name)) for name in ("protocol", "port", "endPort"))
    if is_nothing(protocol):
        protocol = "TCP"
    if not isinstance(protocol, str):
        return Allowed(0, ALL, tuple(holes(protocol)))
    if is_nothing(port):
        return _sure(ports(protocol))
    if isinstance(port, str) and not port.isdecimal():
        return _named(port, protocol, target)
    end = port if is_nothing(last) else last
    if isinstance(port, int | str) and isinstance(end, int | str):
        try:
            return _sure(ports(protocol, int(port), int(end)))
        except ValueError:
            return NOTHING
    return Allowed(0, ports(protocol), (*holes(port), *holes(end)))


def _named(name: str, protocol: str, target: "PodView | None") -> Allowed:
    if target is None:
        return Allowed(0, ports(protocol), (Unknown("not_collected", f"whose port {name} is was not read"),))
    found = NOTHING
    for number, kind, called in declared(target):
        if isinstance(called, Unknown) or isinstance(number, Unknown) or isinstance(kind, Unknown):
            if called == name or isinstance(called, Unknown):
                cause = next(each for each in (called, number, kind) if isinstance(each, Unknown))
                found |= Allowed(0, ports(protocol), (cause,))
        elif called == name and kind == protocol:
            found |= _sure(ports(protocol, number, number))
    return found


Declared = tuple[int | Unknown, str | Unknown, str | Unknown | None]


def declared(pod: "PodView") -> list[Declared]:
    """The ports that a pod's containers declare: number, protocol, name."""
    found: list[Declared] = []
    containers = pod.cluster.subject(pod).step("containers").items()
    lists = [(item.cursor.get(("ports",)).value) for item in containers.items]
    for written in [*lists, containers.more]:
        listed, more = listing(written)
        if more is not None:
            found.append((more, more, more))
        for item in listed:
            if isinstance(item, Unknown):
                found.append((item, item, item))
            elif isinstance(item, dict):
                found.append(_declared(item))
    return found


def _declared(item: dict[str, Value]) -> Declared:
    number, kind, name = (resolved(item.get(key)) for key in ("containerPort", "protocol", "name"))
    number = int(number) if isinstance(number, str) and number.isdecimal() else number
    kind = "TCP" if is_nothing(kind) else kind
    return (
        number if isinstance(number, int) else _hole(number),
        kind if kind in PROTOCOLS and isinstance(kind, str) else _hole(kind),
        name if isinstance(name, str) else None if is_nothing(name) else _hole(name),
    )


def _hole(value: Value) -> Unknown:
    return next(holes(value), Unknown("error", "no port as the API takes it"))


def _sure(found: int) -> Allowed:
    return Allowed(found, found)


def _both(first: tuple[Unknown, ...], second: tuple[Unknown, ...]) -> tuple[Unknown, ...]:
    return tuple(dict.fromkeys((*first, *second))) if first and second else first or second
