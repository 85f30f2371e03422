"""The ways between pods as rules, `explain` and the graph of the inventory read them."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from compliance_scan.model.logic import Maybe, Tri
from compliance_scan.model.value import ABSENT, Unknown, Value, resolved
from compliance_scan.model.view import Item
from compliance_scan.shape.kubernetes_policies import Allowed, Direction, declared
from compliance_scan.shape.kubernetes_ports import Ports, ports, ranges
from compliance_scan.shape.kubernetes_reach import EVERY_POD, EVERYONE, Reach, Way
from compliance_scan.shape.made import Made, MadeList, Maker, Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.model.resource import Resource
    from compliance_scan.shape.kubernetes_pod import PodView
    from compliance_scan.shape.world import World

MAX_EDGES: Final = 5_000
"""More than that nobody reads, nor do Mermaid and Graphviz draw it."""
_MEANT: Final = {
    EVERYONE: "everyone",
    EVERY_POD: "every pod of the cluster",
    "0.0.0.0/0": "every address",
    "::/0": "every address",
}


def _each(allowed: Allowed) -> Iterator[tuple[Ports, Tri]]:
    """What is allowed as ranges, each with the certainty that it is."""
    for found in ranges(allowed.sure):
        yield found, True
    for found in ranges(allowed.may & ~allowed.sure):
        yield found, Maybe(allowed.causes)


def _flows(pod: "PodView", direction: Direction) -> MadeList:
    found = Reach.of(pod.cluster.world).ways(pod, direction)
    items = [Item(_flow(pod, way, each, direction), sure) for way in found.ways for each, sure in _each(way.allowed)]
    return MadeList(pod.frame, pod.spec.path, (), items, found.more)


def _flow(pod: "PodView", way: Way, open_: Ports, direction: Direction) -> Made:
    other = way.pod
    home, space = pod.cluster.home(pod.resource)[1], None
    short = full = way.peer
    if other is not None:
        space = other.cluster.home(other.resource)[1]
        full = f"{space}/{other.resource.name}"
        short = other.resource.name if space == home else full
    own = [pod.resource.name, f"{home}/{pod.resource.name}"]
    others = [short, full, *_wider(way, space)]
    if direction == "Ingress":
        texts = [f"{source}->{target}" for target in own for source in others]
    else:
        texts = [f"{source}->{target}" for source in (*own, f"{home}/*", EVERY_POD) for target in others]
    values: dict[str, Value] = {
        "workload": ABSENT if other is None else other.resource.address,
        "namespace": ABSENT if space is None else space,
        "peer": full,
        "any": way.peer in _MEANT,
        "port": open_.first,
        "endPort": open_.last,
        "protocol": open_.protocol or "*",
        "flow": f"{texts[0]}:{open_.text}",
        "forms": [f"{text}:{port}" for text in dict.fromkeys(texts) for port in dict.fromkeys((open_.text, "*"))],
    }
    fields: dict[str, Shaped | Maker] = {
        name: spot(pod.frame, pod.spec.path, (), value) for name, value in values.items()
    }
    return Made(pod.frame, pod.spec.path, (), fields)


def _wider(way: Way, space: str | None) -> list[str]:
    """Whom a plan may name that takes in the other end of a way: its namespace, every pod, everyone."""
    if way.pod is not None:
        return [f"{space}/*", EVERY_POD, EVERYONE]
    return [] if way.peer == EVERYONE else [EVERYONE]


def _open_ports(pod: "PodView") -> MadeList:
    """The ports that containers declare and every pod of the cluster may reach."""
    open_ = Reach.of(pod.cluster.world).open(pod, "Ingress", pods=True, blocks=True)
    items, more = [], None
    for number, protocol, name in dict.fromkeys(declared(pod)):
        if isinstance(number, Unknown) or isinstance(protocol, Unknown):
            unknown = number if isinstance(number, Unknown) else protocol
            assert isinstance(unknown, Unknown)
            more = more or (unknown if open_.may else None)
            continue
        bit = ports(protocol, number, number)
        if bit & open_.may:
            values: dict[str, Value] = {"port": number, "protocol": protocol, "name": ABSENT if name is None else name}
            fields: dict[str, Shaped | Maker] = {
                key: spot(pod.frame, pod.spec.path, (), value) for key, value in values.items()
            }
            sure: Tri = True if bit & open_.sure else Maybe(open_.causes)
            items.append(Item(Made(pod.frame, pod.spec.path, (), fields), sure))
    return MadeList(pod.frame, pod.spec.path, (), items, more)


PARTS: "Final[dict[str, Callable[[PodView], Shaped]]]" = {
    "ingressFrom": lambda pod: _flows(pod, "Ingress"),
    "egressTo": lambda pod: _flows(pod, "Egress"),
    "openPorts": _open_ports,
}
"""The fields of a pod that say who may talk with it."""


def edges(world: "World") -> "Iterator[tuple[Resource | str, Resource | str, str]]":
    """Who may talk to whom, with the ports in words; a `?` where it cannot be told. A graph of more than `MAX_EDGES`
    edges is cut short, and says so by its last one."""
    reach = Reach.of(world)
    told = 0
    for pod in reach.cluster.pods:
        if told >= MAX_EDGES:
            yield "others", pod.resource, "left out: too many ways"
            return
        for way in reach.ways(pod, "Ingress").ways:
            told += 1
            source = _MEANT.get(way.peer, way.peer) if way.pod is None else way.pod.resource
            yield source, pod.resource, _label(way.allowed)
        for way in reach.ways(pod, "Egress").ways if reach.side(pod, "Egress").policies else ():
            if way.pod is None:
                yield pod.resource, _MEANT.get(way.peer, way.peer), _label(way.allowed)


def _label(allowed: Allowed) -> str:
    return ", ".join(("" if sure is True else "? ") + _words(each) for each, sure in _each(allowed))


def _words(open_: Ports) -> str:
    text = open_.text.replace("*", "every port")
    return f"{text}/TCP" if open_.protocol == "TCP" and "/" not in text else text


def accepts(world: "World", resource: "Resource") -> Iterator[tuple[str, str, str | None]]:
    """Of a workload, in words: what it accepts from whom, by what, and why that is not known; and where every pod may
    come, what to add or to narrow."""
    reach = Reach.of(world)
    for pod in reach.cluster.pods:
        if pod.resource is not resource:
            continue
        side = reach.side(pod, "Ingress")
        found = reach.ways(pod, "Ingress")
        by = ", ".join(side.policies)
        reason = f"selected by {by}" if by else "no policy selects it"
        for way in found.ways:
            source = {EVERYONE: "every pod in the cluster, and from outside"}.get(way.peer) or _MEANT.get(
                way.peer, way.peer
            )
            for each, sure in _each(_of_interest(pod, way.allowed)):
                unknown = (
                    None if sure is True else "; ".join(cause.detail or cause.cause for cause in way.allowed.causes)
                )
                yield f"accepts {_words(each)} from {source}", reason, unknown
        if not found.ways:
            yield "accepts nothing", reason, None
        if found.more is not None:
            yield "accepts more from others", reason, found.more.detail
        if any(way.peer in (EVERYONE, EVERY_POD) for way in found.ways):
            yield "to close it", _closing(pod, side.policies), None


def _closing(pod: "PodView", policies: tuple[str, ...]) -> str:
    """What keeps those out who do not need a pod."""
    if policies:
        return f"in {' or '.join(policies)} name in `from`, by label, the pods that need it, and their ports"
    labels = resolved(pod.metadata.step("labels").value)
    known = [f"{key}={text}" for key, text in labels.items()] if isinstance(labels, dict) else []
    selects = f"selects {','.join(known)}" if known else "selects its pods (give them a label first)"
    named = resolved(pod.own_metadata.step("namespace").value)
    within = f" to namespace {named}" if isinstance(named, str) else ""
    listed = ", ".join(dict.fromkeys(f"{number}/{protocol}" for number, protocol, _name in declared(pod)))
    needed = f"that need {listed}" if listed else "that need it, and their ports"
    return f"add a NetworkPolicy{within} that {selects} and names in `from`, by label, the pods {needed}"


def _of_interest(pod: "PodView", allowed: Allowed) -> Allowed:
    """Of what is allowed the ports that the pod's containers declare, where it declares some."""
    mask = 0
    for number, protocol, _name in declared(pod):
        if isinstance(number, int) and isinstance(protocol, str):
            mask |= ports(protocol, number, number)
    cut = Allowed(allowed.sure & mask, allowed.may & mask, allowed.causes)
    return cut if cut.may else allowed
