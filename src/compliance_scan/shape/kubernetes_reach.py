"""Which workload may talk to which, on which port: the NetworkPolicies of a root taken together.

A pod that no policy selects for a direction is open in that direction; one that some do is open to the union of what
they allow. A connection needs both ends: the way out of its source and the way into its target. Policies of Cilium,
Calico and the cluster's administrator are there beside these and are not judged: what they would say is unknown.
Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/
"""

from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from compliance_scan.model.logic import Maybe, Tri, maybe, tri_all, tri_any
from compliance_scan.model.value import Open, Unknown, Value, is_nothing, resolved
from compliance_scan.shape.kubernetes_labels import selects
from compliance_scan.shape.kubernetes_policies import (
    EVERYTHING,
    NOTHING,
    Allowed,
    Direction,
    Peer,
    Policy,
    Rule,
    opened,
    policy,
)
from compliance_scan.shape.kubernetes_ports import ALL
from compliance_scan.shape.kubernetes_scope import DEFAULT, SOMEWHERE

if TYPE_CHECKING:
    from compliance_scan.model.resource import Resource
    from compliance_scan.shape.kubernetes import Cluster, Home
    from compliance_scan.shape.kubernetes_pod import PodView
    from compliance_scan.shape.world import World

EVERYONE: Final = "*"
"""The end of a way that is whoever there is, outside of the cluster too."""
EVERY_POD: Final = "*/*"
"""The end of a way that is every pod of the cluster."""
MAX_OTHERS: Final = 300
"""Workloads that are told of one by one; whether there are ways from more than that is unknown."""
_NAME: Final = "kubernetes.io/metadata.name"
FOREIGN: Final = frozenset(
    {
        "cilium.io/CiliumClusterwideNetworkPolicy",
        "crd.projectcalico.org/GlobalNetworkPolicy",
        "projectcalico.org/GlobalNetworkPolicy",
        "policy.networking.k8s.io/AdminNetworkPolicy",
        "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
        "policy.networking.k8s.io/ClusterNetworkPolicy",
    }
)
"""Kinds that hold in every namespace."""
FOREIGN_HERE: Final = frozenset(
    {"cilium.io/CiliumNetworkPolicy", "crd.projectcalico.org/NetworkPolicy", "projectcalico.org/NetworkPolicy"}
)
"""Kinds that hold in their own."""


class Side(NamedTuple):
    """One direction of one pod."""

    isolated: Tri
    """Whether some policy selects the pod for the direction."""
    rules: tuple[tuple[Tri, Rule], ...]
    """All rules of those that do, or may."""
    policies: tuple[str, ...]
    """Their addresses."""
    foreign: Unknown | None
    """Why nothing is known of it."""


class Way(NamedTuple):
    """Who may talk with a pod, and where."""

    pod: "PodView | None"
    """The other end; None where `peer` is no workload that was read."""
    peer: str
    """Its address, `*`, `*/*` or a CIDR."""
    allowed: Allowed


class Ways(NamedTuple):
    """All ways into a pod or out of it."""

    ways: list[Way]
    more: Unknown | None
    """Why there may be others."""


class Reach:
    """The ways between the pods of one world; each part is worked out when it is first asked for."""

    def __init__(self, cluster: "Cluster") -> None:
        self.cluster = cluster
        self._policies: dict[Home, list[Policy]] = {}
        self._sides: dict[tuple[PodView, Direction], Side] = {}
        self._matched: dict[int, tuple[Peer, dict[PodView, Tri], Unknown | None]] = {}
        self._ports: dict[tuple[int, PodView | None], Allowed] = {}
        self._labels: dict[PodView, Value] = {}
        self._foreign: dict[tuple[str, str], str] = {}
        self._by_root: dict[str, list[PodView]] = {}
        for pod in cluster.pods:
            self._by_root.setdefault(pod.resource.root, []).append(pod)
        for resource in cluster.all:
            if resource.type in FOREIGN or resource.type in FOREIGN_HERE:
                space = "" if resource.type in FOREIGN else cluster.home(resource)[1]
                self._foreign.setdefault((resource.root, space), resource.address)

    @staticmethod
    def of(world: "World") -> "Reach":
        """The ways of a world, made once."""
        found = _REACHES.get(world)
        if found is None:
            from compliance_scan.shape.kubernetes import Cluster

            found = _REACHES[world] = Reach(Cluster.of(world))
        return found

    def policies(self, home: "Home") -> list[Policy]:
        """The NetworkPolicies of a namespace."""
        found = self._policies.get(home)
        if found is None:
            read = self.cluster.objects("networking.k8s.io/NetworkPolicy", home)
            # As written: what the API server makes of an absent field depends on the others.
            found = self._policies[home] = [policy(one, _spec(one)) for one in read]
        return found

    def side(self, pod: "PodView", direction: Direction) -> Side:
        """What policies say of one direction of a pod."""
        found = self._sides.get((pod, direction))
        if found is None:
            found = self._sides[pod, direction] = self._side(pod, direction)
        return found

    def _side(self, pod: "PodView", direction: Direction) -> Side:
        root, space = home = self.cluster.home(pod.resource)
        isolated: list[Tri] = []
        rules: list[tuple[Tri, Rule]] = []
        policies: list[str] = []
        for each in self.policies(home):
            holds = tri_all([each.selects(self._labels_of(pod)), each.isolates[direction]])
            if holds is True and not is_nothing(pod.spec.step("hostNetwork").value):
                holds = _of_node(pod)
            if holds is not False:
                isolated.append(holds)
                policies.append(each.resource.address)
                rules += [(holds, rule) for rule in each.rules[direction]]
        foreign = self._foreign.get((root, "")) or self._foreign.get((root, space))
        cause = Unknown("unsupported", f"{foreign} is present and not judged") if foreign is not None else None
        return Side(tri_any(isolated), tuple(rules), tuple(policies), cause)

    def between(self, source: "PodView", target: "PodView") -> Allowed:
        """What of the target's ports one pod may reach from another."""
        outward = self._allows(self.side(source, "Egress"), target, target)
        return outward & self._allows(self.side(target, "Ingress"), source, target) if outward.may else NOTHING

    def open(self, pod: "PodView", direction: Direction, *, pods: bool = False, blocks: bool = False) -> Allowed:
        """What goes into a pod from everyone, or out to everyone; with `pods` at least from or to every pod, and with
        `blocks` perhaps by a block of addresses that pods usually have."""

        def wide(peer: Peer) -> Tri:
            if blocks and peer.kind == "block" and peer.may_hold_pods:
                return maybe(
                    Unknown("unsupported", f"whether {peer.block} holds the cluster's pods is up to its network")
                )
            return peer.sure if peer.kind == "everyone" or (pods and peer.every_pod) else False

        side = self.side(pod, direction)
        target = pod if direction == "Ingress" else None
        return _union(side, target, self._opened, lambda rule: tri_any(map(wide, rule.peers)))

    def ways(self, pod: "PodView", direction: Direction) -> Ways:
        """All ways into a pod, or out of it; what everyone may is said once, and not again of each workload."""
        side = self.side(pod, direction)
        inward = direction == "Ingress"
        everyone, pods = self.open(pod, direction), self.open(pod, direction, pods=True)
        ways = [Way(None, EVERYONE, everyone), Way(None, EVERY_POD, pods.without(everyone))]
        blocks: dict[str, Allowed] = {}
        others: dict[PodView, None] = {}
        more: Unknown | None = None
        for holds, rule in () if side.foreign is not None else side.rules:
            for peer in rule.peers:
                if peer.kind == "block":
                    let = self._opened(rule, pod if inward else None).given(holds)
                    blocks[peer.block] = blocks.get(peer.block, NOTHING) | let
                elif peer.kind == "pods" and not peer.every_pod:
                    matched, unread = self._matching(rule, peer)
                    others |= dict.fromkeys(matched)
                    more = more or unread
        ways += [Way(None, block, let.without(everyone)) for block, let in blocks.items()]
        if len(others) > MAX_OTHERS:
            more = Unknown("limit_reached", f"policies name more than {MAX_OTHERS} workloads")
        for other in list(others)[:MAX_OTHERS]:
            let = self.between(*((other, pod) if inward else (pod, other)))
            if other is not pod or pod.resource.type != "Pod":  # a pod always reaches itself
                ways.append(Way(other, other.resource.address, let.without(pods)))
        return Ways([way for way in ways if way.allowed.may], more)

    def _allows(self, side: Side, other: "PodView", target: "PodView") -> Allowed:
        return _union(
            side, target, self._opened, lambda rule: tri_any(self._lets(rule, peer, other) for peer in rule.peers)
        )

    def _opened(self, rule: Rule, target: "PodView | None") -> Allowed:
        """The ports of a rule on a pod, worked out once."""
        found = self._ports.get((id(rule), target))
        if found is None:
            found = self._ports[id(rule), target] = opened(rule.ports, target)
        return found

    def _lets(self, rule: Rule, peer: Peer, other: "PodView") -> Tri:
        if peer.kind != "pods":
            return peer.sure if peer.kind == "everyone" else False
        return True if peer.every_pod else self._matching(rule, peer)[0].get(other, False)

    def _matching(self, rule: Rule, peer: Peer) -> "tuple[dict[PodView, Tri], Unknown | None]":
        """The pods that a peer means, and why there may be others."""
        found = self._matched.get(id(peer))
        if found is None:
            found = self._matched[id(peer)] = (peer, *self._match(rule, peer))
        return found[1:]

    def _match(self, rule: Rule, peer: Peer) -> "tuple[dict[PodView, Tri], Unknown | None]":
        home = self.cluster.home(rule.policy)
        near = is_nothing(peer.namespaces)
        matched: dict[PodView, Tri] = {}
        spaces: dict[Home, Tri] = {}
        for pod in self.cluster.pods_in(home) if near else self._by_root.get(home[0], []):
            space: Tri = True
            if not near:
                own = self.cluster.home(pod.resource)
                if own not in spaces:
                    spaces[own] = selects(peer.namespaces, self._space(own))
                space = spaces[own]
            chosen = True if is_nothing(peer.pods) else selects(peer.pods, self._labels_of(pod))
            there: Tri = True if pod.resource.conditional is None else maybe(pod.resource.conditional)
            holds = tri_all([space, chosen, there])
            if holds is True and not is_nothing(pod.spec.step("hostNetwork").value):
                holds = _of_node(pod)
            if holds is not False:
                matched[pod] = holds
        if near or rule.policy.plane == "live" or any(holds is True for holds in spaces.values()):
            return matched, None
        return matched, Unknown("not_collected", "pods of other namespaces that a policy lets through were not read")

    def _labels_of(self, pod: "PodView") -> Value:
        if pod not in self._labels:
            labels = pod.metadata.step("labels").value
            self._labels[pod] = {} if is_nothing(labels) else labels
        return self._labels[pod]

    def _space(self, home: "Home") -> Value:
        """The labels of a namespace: those written, and the name that the API server adds."""
        root, name = home
        said: Value = name
        if name in (DEFAULT, SOMEWHERE):
            said = Unknown("not_collected", "the namespace that objects without one are put into is not known")
        declared = self.cluster.named("Namespace", root, "", name)
        if declared is None:
            return Open({_NAME: said}, Unknown("not_collected", f"namespace {name} is declared nowhere here"))
        labels: Any = resolved(self.cluster.world.cursor(declared).get(("metadata", "labels")).value)
        if isinstance(labels, Open) and isinstance(labels.items, dict):
            return Open({**labels.items, _NAME: name}, labels.more)
        if isinstance(labels, Unknown):
            return Open({_NAME: name}, labels)
        return {**(labels if isinstance(labels, dict) else {}), _NAME: name}


_REACHES: "WeakKeyDictionary[World, Reach]" = WeakKeyDictionary()


def _union(side: Side, target: "PodView | None", ports: Any, lets: Any) -> Allowed:
    """What the rules of a side let through together; `ports` says where, `lets` whether one means the other."""
    if side.foreign is not None:
        return Allowed(0, ALL, (side.foreign,))
    if side.isolated is False:
        return EVERYTHING
    found = Allowed(0, ALL, side.isolated.causes) if isinstance(side.isolated, Maybe) else NOTHING
    for holds, rule in side.rules:
        meant = tri_all([holds, lets(rule)])
        if meant is not False:
            found |= ports(rule, target).given(meant)
    return found


def _of_node(pod: "PodView") -> Tri:
    """What a selection of a pod comes to that may use the network of its node."""
    shared = resolved(pod.spec.step("hostNetwork").value)
    if shared is False:
        return True
    said = shared if isinstance(shared, Unknown) else None
    return maybe(said or Unknown("unsupported", "what a policy means for a pod of the host's network is undefined"))


def _spec(resource: "Resource") -> Value:
    return resource.attributes["spec"] if "spec" in resource.attributes else None  # noqa: SIM401  # no dict only
