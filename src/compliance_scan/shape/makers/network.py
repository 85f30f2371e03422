"""Security group and network ACL entries in one form, whichever spelling said them.

An entry: `direction` (ingress, egress), `protocol` (`tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, else a number),
`ports` ({from, to}; nothing for ICMP, whose codes are no ports), `peers` (CIDR ranges, prefix lists, groups), `groups`
(the names of those peers that are groups), `description`; of a network ACL also `action` and `number`.
"""

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.model.logic import Maybe
from compliance_scan.model.value import ABSENT, Open, Reference, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Item, Items
from compliance_scan.shape.absence import because
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Made, Shaped, shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

_NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
_LISTS = ("aws_prefix_list.", "aws_ec2_managed_prefix_list.")
ALL_PORTS: dict[str, Value] = {"from": 0, "to": 65535}


def ingress(world: "World", base: Shaped, _owner: Frame) -> Items:
    """Entries of inline `ingress`."""
    return _inline(world, base, "ingress")


def egress(world: "World", base: Shaped, _owner: Frame) -> Items:
    """Entries of inline `egress`."""
    return _inline(world, base, "egress")


def _inline(world: "World", base: Shaped, direction: str) -> Items:
    found = base.items()
    names = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "security_groups")
    entries = [
        Item(_entry(world, shaped(item.cursor), direction, "protocol", names), item.present) for item in found.items
    ]
    return Items(entries, found.more)


def rule(world: "World", base: Shaped, _owner: Frame) -> Items:
    """The entry of an `aws_security_group_rule`."""
    names = ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "source_security_group_id")
    return Items((Item(_entry(world, base, "", "protocol", names), True),), None)


def ingress_rule(world: "World", base: Shaped, _owner: Frame) -> Items:
    """The entry of an `aws_vpc_security_group_ingress_rule`."""
    return _own(world, base, "ingress")


def egress_rule(world: "World", base: Shaped, _owner: Frame) -> Items:
    """The entry of an `aws_vpc_security_group_egress_rule`."""
    return _own(world, base, "egress")


def _own(world: "World", base: Shaped, direction: str) -> Items:
    names = ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")
    return Items((Item(_entry(world, base, direction, "ip_protocol", names), True),), None)


def acl_ingress(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """Entries of a network ACL's inline `ingress`."""
    return _acl_inline(base, "ingress")


def acl_egress(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """Entries of a network ACL's inline `egress`."""
    return _acl_inline(base, "egress")


def _acl_inline(base: Shaped, direction: str) -> Items:
    found = base.items()
    entries = [
        Item(_acl_entry(shaped(item.cursor), direction, "rule_no", "action"), item.present) for item in found.items
    ]
    return Items(entries, found.more)


def acl_rule(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """The entry of an `aws_network_acl_rule`."""
    return Items((Item(_acl_entry(base, "", "rule_number", "rule_action"), True),), None)


def _entry(world: "World", base: Shaped, direction: str, protocol: str, peers: tuple[str, ...]) -> Made:
    side = base.step("type") if not direction else spot(base.frame, base.path, (), direction)
    fields = {
        "direction": side,
        "protocol": partial(_protocol, base, protocol),
        "ports": partial(_ports, base, protocol),
        "peers": partial(_peers, world, base, peers),
        "groups": partial(_groups, world, base, [name for name in peers if "security_group" in name]),
        "description": base.step("description"),
    }
    return Made(base.frame, base.path, (), fields)


def _acl_entry(base: Shaped, direction: str, number: str, action: str) -> Made:
    side = spot(base.frame, base.path, (), direction) if direction else _acl_direction(base)
    fields = {
        "direction": side,
        "protocol": partial(_protocol, base, "protocol"),
        "ports": partial(_ports, base, "protocol"),
        "peers": partial(_peers, None, base, ("cidr_block", "ipv6_cidr_block")),
        "number": base.step(number),
        "action": base.step(action),
    }
    return Made(base.frame, base.path, (), fields)


def _acl_direction(base: Shaped) -> Shaped:
    flag = base.step("egress")
    value = resolved(flag.value)
    if isinstance(value, bool):
        value = "egress" if value else "ingress"
    return spot(base.frame, flag.path, (), value)


def protocol_name(value: Value) -> Value:
    """A protocol by its usual name: `tcp` for 6, `-1` for all."""
    value = resolved(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str):
        return _NUMBERS.get(value.lower(), value.lower())
    return value


def _protocol(base: Shaped, name: str) -> Shaped:
    cursor = base.step(name)
    return spot(base.frame, cursor.path, (), protocol_name(cursor.value))


def _ports(base: Shaped, protocol_at: str) -> Shaped:
    first, last = base.step("from_port"), base.step("to_port")
    protocol = protocol_name(base.step(protocol_at).value)
    path = first.path if first.standing == "written" else base.step(protocol_at).path
    return spot(base.frame, path, (), port_range(protocol, first.value, last.value))


def port_range(protocol: Value, first: Value, last: Value) -> Value:
    """`{from, to}` of an entry; ABSENT where its protocol has no ports. AWS ignores ports but of TCP, UDP and ICMP."""
    if isinstance(protocol, str) and protocol in ("icmp", "icmpv6"):
        return ABSENT
    if isinstance(protocol, str) and protocol not in ("tcp", "udp"):
        return dict(ALL_PORTS)
    first, last = resolved(first), resolved(last)
    if is_nothing(first) and is_nothing(last):
        return dict(ALL_PORTS)
    if isinstance(protocol, Unknown) and not (first == 0 and last == 65535):
        return because(protocol)  # -1 would mean all of them, ICMP none
    return {"from": last if is_nothing(first) else first, "to": first if is_nothing(last) else last}


def _peers(world: "World | None", base: Shaped, names: tuple[str, ...]) -> Shaped:
    found: list[Value] = []
    more: Unknown | None = None
    path = base.path
    for name in names:
        cursor = base.step(name)
        value = cursor.value
        plain = resolved(value)
        if is_nothing(plain) or (isinstance(plain, Unknown) and cursor.standing == "nothing"):
            continue
        if path == base.path:
            path = cursor.path
        if isinstance(plain, Open):
            more = more or plain.more
            plain = plain.items
        if world is not None and name.startswith("prefix_list_id"):
            listed = _listed(world, base, plain if isinstance(plain, list) else [value])
            found += listed.items
            more = more or listed.more
        elif isinstance(plain, list):
            found += plain
        elif isinstance(plain, Unknown) and name.endswith(("s", "blocks")):
            more = more or plain
        else:
            found.append(value)
    group = base.step("self")
    if group.value is True:
        found.append("self")
    return spot(base.frame, path, (), Open(found, more) if more is not None else found, choices=True)


def _groups(world: "World", base: Shaped, names: list[str]) -> Shaped:
    """The names of the groups among the peers; of one that was not read, what is written; `self` for the own group."""
    peers = _peers(None, base, tuple(names))
    written = resolved(peers.value)
    more = written.more if isinstance(written, Open) else None
    values = written.items if isinstance(written, Open) else written if isinstance(written, list) else []
    found = [_group_name(world, base, value) for value in values]
    return spot(base.frame, peers.path, (), Open(found, more) if more is not None else found)


def _group_name(world: "World", base: Shaped, value: Value) -> Value:
    named = world.named(value, base.resource, "aws_security_group", (("id",),))
    sure = [match.resource for match in named.matches if match.sure is True]
    if len(sure) != 1:
        return value
    name = world.cursor(sure[0]).step("name")
    return world.cursor(sure[0]).step("name_prefix").value if name.standing == "nothing" else name.value


class _Listed(NamedTuple):
    items: list[Value]
    more: Unknown | None


def _listed(world: "World", base: Shaped, values: list[Value]) -> _Listed:
    """What prefix lists stand for: the networks of those that were read, the others as they are written."""
    found: list[Value] = []
    more: Unknown | None = None
    for value in values:
        named = world.named(value, base.resource, "aws_ec2_managed_prefix_list", (("id",),))
        sure = [match.resource for match in named.matches if match.sure is True]
        if len(sure) != 1:
            found.append(_of_service(world, base, value) or value)
            continue
        networks = world.cursor(sure[0]).step("networks").items()
        more = more or networks.more
        for item in networks.items:
            if item.present is True:
                found.append(item.cursor.get(("cidr",)).value)
            elif isinstance(item.present, Maybe):
                more = more or item.present.causes[0]
    return _Listed(found, more)


def _of_service(world: "World", base: Shaped, value: Value) -> str | None:
    """The name of a list of an AWS service's own networks, which are never the whole internet."""
    if not isinstance(value, Reference) or not value.address.rpartition("data.")[2].startswith(_LISTS):
        return None
    names = [
        resolved(resource.attributes["name"])
        for resource in world.at(base.resource.root, value.address)
        if "name" in resource.attributes
    ]
    name = names[0] if len(names) == 1 else None
    return name if isinstance(name, str) and name.startswith("com.amazonaws.") else None
