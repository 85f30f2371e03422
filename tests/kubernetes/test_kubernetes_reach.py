"""Who may talk to whom: the semantics of the documentation by example, and a second, naive implementation."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_scan.model.logic import Maybe
from compliance_scan.shape.kubernetes_flows import accepts, edges
from compliance_scan.shape.kubernetes_ports import ALL, ports, ranges
from compliance_scan.shape.kubernetes_reach import Reach
from compliance_scan.shape.world import World

Make = Callable[[Any], World]
Object = dict[str, Any]


def pod(name: str, space: str = "prod", *, listen: "list[Object] | None" = None, **more: Any) -> Object:
    containers = [{"name": "app", "image": "example/app:1", "ports": listen or []}]
    metadata = {"name": name, "namespace": space, "labels": {"app": name}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers, **more}}


def namespace(name: str, **labels: str) -> Object:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def policy(name: str, space: str = "prod", **spec: Any) -> Object:
    metadata = {"name": name, "namespace": space}
    body = {"podSelector": {}, **spec}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": body}


def text(*objects: Object) -> str:
    return "\n---\n".join(json.dumps(each) for each in objects)


def app(name: str) -> Object:
    return {"podSelector": {"matchLabels": {"app": name}}}


def flows(world: World, name: str, part: str = "ingressFrom") -> dict[str, bool]:
    """The flows of a pod, each with whether it is certain."""
    subject = next(each for each in world.subjects(["pod"]) if each.resource.name == name)
    items = subject.get((part,)).items().items
    return {str(item.cursor.get(("flow",)).value): item.present is True for item in items}


def test_who_is_selected_by_no_policy_accepts_everybody(world: Make) -> None:
    assert flows(world(text(pod("api"))), "api") == {"*->api:*": True}
    assert flows(world(text(pod("api"))), "api", "egressTo") == {"api->*:*": True}


def test_a_policy_that_allows_nothing_denies_all_of_its_direction_alone(world: Make) -> None:
    made = world(text(pod("api"), pod("db"), policy("nobody")))
    assert flows(made, "api") == {}
    assert flows(made, "api", "egressTo") == {"api->*:*": True}


@pytest.mark.parametrize(
    ("spec", "inward", "outward"),
    [
        ({}, False, True),
        ({"egress": [{}]}, False, True),
        ({"egress": []}, False, True),
        ({"egress": [{"to": [app("none")]}]}, False, False),
        ({"egress": [], "ingress": [{}]}, True, True),
        ({"policyTypes": [], "egress": []}, False, True),
        ({"policyTypes": [], "egress": [{"to": [app("none")]}]}, False, False),
        ({"policyTypes": ["Egress"]}, True, False),
        ({"policyTypes": ["Ingress", "Egress"]}, False, False),
        ({"policyTypes": ["Egress"], "ingress": [{"from": [app("none")]}]}, True, False),
    ],
)
def test_the_directions_that_a_policy_is_about(world: Make, spec: Object, inward: bool, outward: bool) -> None:
    made = world(text(pod("api"), policy("one", **spec)))
    assert bool(flows(made, "api")) is inward
    assert bool(flows(made, "api", "egressTo")) is outward


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        ({}, ["Ingress"]),
        ({"egress": []}, ["Ingress"]),
        ({"egress": None}, ["Ingress"]),
        ({"policyTypes": [], "egress": []}, ["Ingress"]),
        ({"egress": [{}]}, ["Ingress", "Egress"]),
        ({"egress": [{}, {"to": [app("db")]}]}, ["Ingress", "Egress"]),
        ({"policyTypes": ["Egress"], "egress": []}, ["Egress"]),
    ],
)
def test_rules_read_the_directions_that_the_server_fills_in(world: Make, spec: Object, types: list[str]) -> None:
    made = world(text(policy("one", **spec)))
    assert made.cursor(made.inventory.resources[0]).get(("spec", "policyTypes")).value == types


def test_policies_add_up(world: Make) -> None:
    one = policy("one", ingress=[{"from": [app("web")], "ports": [{"port": 80}]}])
    two = policy("two", ingress=[{"from": [app("web")], "ports": [{"port": 81}, {"port": 53, "protocol": "UDP"}]}])
    made = world(text(pod("api"), pod("web"), policy("nobody"), one, two))
    assert flows(made, "api") == {"web->api:80-81": True, "web->api:53/UDP": True}


def test_one_peer_with_both_selectors_means_both_and_two_peers_either(world: Make) -> None:
    team = {"namespaceSelector": {"matchLabels": {"team": "data"}}}
    objects = [namespace("prod"), namespace("data", team="data")]
    objects += [pod("db"), pod("web"), pod("web", "data"), pod("job", "data")]
    both = world(
        text(*objects, policy("p", podSelector=app("db")["podSelector"], ingress=[{"from": [app("web") | team]}]))
    )
    either = world(
        text(*objects, policy("p", podSelector=app("db")["podSelector"], ingress=[{"from": [app("web"), team]}]))
    )
    assert set(flows(both, "db")) == {"data/web->db:*"}
    assert set(flows(either, "db")) == {"web->db:*", "data/web->db:*", "data/job->db:*"}


def test_a_namespace_has_its_name_as_a_label(world: Make) -> None:
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "web"}}}
    made = world(text(pod("db"), pod("front", "web"), pod("back", "dev"), policy("p", ingress=[{"from": [peer]}])))
    assert flows(made, "db") == {"web/front->db:*": True}


def test_labels_of_a_namespace_that_nothing_declares_are_not_known(world: Make) -> None:
    peer = {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["data"]}]}}
    made = world(text(pod("db"), pod("front", "web"), policy("p", ingress=[{"from": [peer]}])))
    assert flows(made, "db") == {"web/front->db:*": False}


def test_every_pod_of_the_cluster_is_no_list_of_pods(world: Make) -> None:
    made = world(text(pod("db"), pod("web"), policy("p", ingress=[{"from": [{"namespaceSelector": {}}]}])))
    assert flows(made, "db") == {"*/*->db:*": True}


def test_both_ends_must_allow(world: Make) -> None:
    into = policy(
        "in",
        podSelector=app("db")["podSelector"],
        ingress=[{"from": [app("web")], "ports": [{"port": 1}, {"port": 2}]}],
    )
    out = policy(
        "out",
        podSelector=app("web")["podSelector"],
        policyTypes=["Egress"],
        egress=[{"to": [app("db")], "ports": [{"port": 2}, {"port": 3}]}],
    )
    made = world(text(pod("db"), pod("web"), into, out))
    assert flows(made, "db") == {"web->db:2": True}
    assert flows(made, "web", "egressTo") == {"web->db:2": True}


def test_ports_by_name_range_and_protocol(world: Make) -> None:
    listen = [{"containerPort": 5432, "name": "sql"}, {"containerPort": 53, "name": "dns", "protocol": "UDP"}]
    opened = [{"port": "sql"}, {"port": "dns"}, {"port": "none"}, {"port": 8000, "endPort": 8010}, {"protocol": "SCTP"}]
    made = world(text(pod("db", listen=listen), policy("p", ingress=[{"ports": opened}])))
    assert flows(made, "db") == {"*->db:5432": True, "*->db:8000-8010": True, "*->db:*/SCTP": True}


def test_a_block_of_addresses_stands_for_itself(world: Make) -> None:
    block = {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}
    made = world(text(pod("db"), pod("web"), policy("p", ingress=[{"from": [block], "ports": [{"port": 1}]}])))
    assert flows(made, "db") == {"10.0.0.0/8 except 10.1.0.0/16->db:1": True}


def test_pods_on_the_network_of_their_node_are_not_told(world: Make) -> None:
    made = world(text(pod("db", hostNetwork=True), policy("nobody")))
    assert flows(made, "db") == {"*->db:*": False}


@pytest.mark.parametrize(
    "kind",
    [
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
        ("crd.projectcalico.org/v1", "GlobalNetworkPolicy"),
        ("projectcalico.org/v3", "NetworkPolicy"),
    ],
)
def test_policies_of_other_kinds_leave_all_unknown(world: Make, kind: tuple[str, str]) -> None:
    other = {"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": "x", "namespace": "prod"}, "spec": {}}
    made = world(text(pod("db"), policy("nobody"), other))
    assert flows(made, "db") == {"*->db:*": False}


def test_open_ports_are_those_declared(world: Make) -> None:
    listen = [{"containerPort": 5432}, {"containerPort": 9187}]
    made = world(text(pod("db", listen=listen), policy("p", ingress=[{"ports": [{"port": 9187}]}])))
    subject = world_pod(made)
    assert [item.cursor.get(("port",)).value for item in subject.get(("openPorts",)).items().items] == [9187]


@pytest.mark.parametrize(
    ("cidr", "perhaps"),
    [("0.0.0.0/0", True), ("10.0.0.0/8", True), ("::/0", True), ("10.1.0.0/16", False), ("203.0.113.0/24", False)],
)
def test_addresses_that_pods_usually_have_may_open_a_port_to_them(world: Make, cidr: str, perhaps: bool) -> None:
    block = {"ipBlock": {"cidr": cidr, "except": []}}
    made = world(text(pod("db", listen=[{"containerPort": 5432}]), policy("p", ingress=[{"from": [block]}])))
    items = world_pod(made).get(("openPorts",)).items().items
    assert [isinstance(item.present, Maybe) for item in items] == [True] * perhaps


def world_pod(made: World) -> Any:
    return made.subjects(["pod"])[0]


ADVICE = "add a NetworkPolicy to namespace prod that selects app=db and names in `from`, by label, the pods that need 5432/TCP"


def test_in_words(world: Make) -> None:
    made = world(text(pod("db", listen=[{"containerPort": 5432}])))
    says = list(accepts(made, world_pod(made).resource))
    assert says == [
        ("accepts 5432/TCP from every pod in the cluster, and from outside", "no policy selects it", None),
        ("to close it", ADVICE, None),
    ]


def test_in_words_which_policy_is_too_wide(world: Make) -> None:
    made = world(text(pod("db"), policy("p", ingress=[{"from": [{"namespaceSelector": {}}]}])))
    assert list(accepts(made, world_pod(made).resource))[-1] == (
        "to close it",
        "in networking.k8s.io/NetworkPolicy/prod/p name in `from`, by label, the pods that need it, and their ports",
        None,
    )
    narrow = world(text(pod("db"), pod("web"), policy("p", ingress=[{"from": [app("web")]}])))
    assert all(says != "to close it" for says, _by, _unknown in accepts(narrow, world_pod(narrow).resource))


def test_edges(world: Make) -> None:
    let = policy("p", ingress=[{"from": [app("web")], "ports": [{"port": 1}]}], podSelector=app("db")["podSelector"])
    made = world(text(pod("db"), pod("web"), let))
    found = [[each if isinstance(each, str) else each.address for each in edge] for edge in edges(made)]
    assert found == [["Pod/prod/web", "Pod/prod/db", "1/TCP"], ["everyone", "Pod/prod/web", "every port"]]


def test_more_than_can_be_told_is_not_known(world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance_scan.shape.kubernetes_reach.MAX_OTHERS", 1)
    made = world(text(pod("db"), pod("web"), pod("api"), policy("p", ingress=[{"from": [{"podSelector": {}}]}])))
    found = Reach.of(made).ways(Reach.of(made).cluster.pods[1], "Ingress")
    assert len(found.ways) == 1
    assert found.more is not None
    assert found.more.cause == "limit_reached"


def test_sets_of_ports() -> None:
    assert [each.text for each in ranges(ports("TCP", 1, 3) | ports("TCP", 5, 5) | ports("UDP"))] == [
        "1-3",
        "5",
        "*/UDP",
    ]
    assert [each.text for each in ranges(ALL)] == ["*"]
    assert ports("ICMP") == ports("TCP", 5, 4) == ports("TCP", 65536, 70000) == 0


# The second implementation: a question at a time, in the words of the documentation.

LABELS = st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"]), max_size=2)
EXPRESSIONS = st.one_of(
    st.fixed_dictionaries(
        {
            "key": st.sampled_from(["a", "b"]),
            "operator": st.sampled_from(["In", "NotIn"]),
            "values": st.lists(st.sampled_from(["1", "2"]), min_size=1, max_size=2),
        }
    ),
    st.fixed_dictionaries(
        {"key": st.sampled_from(["a", "b"]), "operator": st.sampled_from(["Exists", "DoesNotExist"])}
    ),
)
SELECTORS = st.fixed_dictionaries(
    {}, optional={"matchLabels": LABELS, "matchExpressions": st.lists(EXPRESSIONS, max_size=1)}
)
PEERS = st.one_of(
    st.fixed_dictionaries({"podSelector": SELECTORS}, optional={"namespaceSelector": SELECTORS}),
    st.fixed_dictionaries({"namespaceSelector": SELECTORS}),
)
OPENED = st.one_of(
    st.fixed_dictionaries(
        {"port": st.sampled_from([1, 2, "one", "two"])}, optional={"protocol": st.sampled_from(["TCP", "UDP"])}
    ),
    st.just({"port": 1, "endPort": 2}),
    st.just({"protocol": "UDP"}),
)


def rules(key: str) -> st.SearchStrategy[list[Object]]:
    rule = st.fixed_dictionaries({}, optional={key: st.lists(PEERS, max_size=2), "ports": st.lists(OPENED, max_size=2)})
    return st.lists(rule, max_size=2)


POLICIES = st.fixed_dictionaries(
    {"podSelector": SELECTORS},
    optional={
        "ingress": rules("from"),
        "egress": rules("to"),
        "policyTypes": st.lists(st.sampled_from(["Ingress", "Egress"]), max_size=2, unique=True),
    },
)
SPACES = ("x", "y")
CLUSTERS = st.tuples(
    st.fixed_dictionaries(dict.fromkeys(SPACES, LABELS)),
    st.lists(st.tuples(st.sampled_from(SPACES), LABELS), min_size=2, max_size=4),
    st.lists(st.tuples(st.sampled_from(SPACES), POLICIES), max_size=4),
)
LISTEN = [{"containerPort": 1, "name": "one"}, {"containerPort": 2, "name": "two", "protocol": "UDP"}]
NAMES = {("one", "TCP"): 1, ("two", "UDP"): 2}


def chosen(selector: Object, labels: dict[str, str]) -> bool:
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for each in selector.get("matchExpressions", []):
        there, value = each["key"] in labels, labels.get(each["key"])
        met = {
            "In": value in each.get("values", []),
            "NotIn": value not in each.get("values", []),
            "Exists": there,
            "DoesNotExist": not there,
        }
        if not met[each["operator"]]:
            return False
    return True


def through(rule: Object, key: str, own: str, other: Any, spaces: Any, port: int, protocol: str) -> bool:
    def meant(peer: Object) -> bool:
        space, labels = other
        if "namespaceSelector" in peer:
            if not chosen(peer["namespaceSelector"], spaces[space]):
                return False
        elif space != own:
            return False
        return chosen(peer.get("podSelector", {}), labels)

    def fits(each: Object) -> bool:
        if each.get("protocol", "TCP") != protocol:
            return False
        if "port" not in each:
            return True
        if isinstance(each["port"], str):
            return NAMES.get((each["port"], protocol)) == port
        first: int = each["port"]
        last: int = each.get("endPort", first)
        return first <= port <= last

    return (not rule.get(key) or any(map(meant, rule[key]))) and (
        not rule.get("ports") or any(map(fits, rule["ports"]))
    )


def naive(cluster: Any, source: int, target: int, port: int, protocol: str) -> bool:
    spaces, pods, policies = cluster
    for kind, field, key, own, other in (
        ("Ingress", "ingress", "from", pods[target], pods[source]),
        ("Egress", "egress", "to", pods[source], pods[target]),
    ):
        isolating = [
            spec
            for space, spec in policies
            if space == own[0]
            and chosen(spec["podSelector"], own[1])
            and kind in (spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])])
        ]
        let = [rule for spec in isolating for rule in spec.get(field, [])]
        if isolating and not any(through(rule, key, own[0], other, spaces, port, protocol) for rule in let):
            return False
    return True


@given(cluster=CLUSTERS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_as_a_naive_implementation_says(world: Make, cluster: Any) -> None:
    spaces, pods, policies = cluster
    objects = [namespace(name, **labels) for name, labels in spaces.items()]
    for index, (space, labels) in enumerate(pods):
        written = pod(f"p{index}", space, listen=LISTEN)
        written["metadata"]["labels"] = labels
        objects.append(written)
    for index, (space, spec) in enumerate(policies):
        objects.append({**policy(f"n{index}", space), "spec": spec})
    made = world(text(*objects))  # held: what is worked out of a world goes with it
    reach = Reach.of(made)
    views = reach.cluster.pods
    for source, one in enumerate(views):
        for target, other in enumerate(views):
            allowed = reach.between(one, other)
            assert allowed.sure == allowed.may
            for port, protocol in ((1, "TCP"), (2, "TCP"), (3, "TCP"), (1, "UDP"), (2, "UDP")):
                expected = naive(cluster, source, target, port, protocol)
                assert bool(allowed.sure & ports(protocol, port, port)) is expected, (source, target, port, protocol)
    for target, other in enumerate(views):  # what is said of everyone and of workloads, together, is the same
        said: dict[str, int] = {}
        for way in reach.ways(other, "Ingress").ways:
            said[way.peer] = way.allowed.sure
        wide = said.get("*", 0) | said.get("*/*", 0)
        for source, one in enumerate(views):
            if source != target:
                for port, protocol in ((1, "TCP"), (2, "UDP")):
                    bit = ports(protocol, port, port)
                    if naive(cluster, source, target, port, protocol):
                        assert (wide | said.get(one.resource.address, 0)) & bit
                    elif not wide & bit:
                        assert not said.get(one.resource.address, 0) & bit


def test_pods_that_were_not_read_may_be_meant(world: Make) -> None:
    elsewhere = {"namespaceSelector": {"matchLabels": {"team": "data"}}}
    made = world(text(pod("db"), pod("web"), namespace("prod"), policy("p", ingress=[{"from": [elsewhere]}])))
    found = Reach.of(made).ways(Reach.of(made).cluster.pods[0], "Ingress")
    assert found.ways == []
    assert found.more is not None
    assert found.more.cause == "not_collected"
