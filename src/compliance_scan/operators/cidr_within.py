"""Networks inside others."""

from compliance_scan.model.logic import Maybe, Tri, maybe, tri_all
from compliance_scan.model.value import Open, Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.network import Network, judge_network, network_of
from compliance_scan.operators.kit.text import options

ARGUMENT = "cidr|list(cidr)"
ON = "networks"
MEANS = "every network of the value lies within this one, or within one of these"
EXAMPLE = "{path: cidr_blocks, cidr_within: param.internal}"
MESSAGE = "{path} is {actual}, expected to lie within {expected}"
NEGATED = "{path} is {actual}, expected to reach beyond {expected}"


def judge(value: Value, argument: "str | list[str]", _context: Context) -> Tri:
    """Whether all networks of the value lie within the argument's; nothing and an empty list do not."""
    if is_nothing(value):
        return False
    wanted = [network for text in options(argument) if (network := network_of(text)) is not None]
    plain = resolved(value)
    if isinstance(plain, list):
        return tri_all(_within(item, wanted) for item in plain) if plain else False
    if isinstance(plain, Open) and isinstance(plain.items, list):
        return tri_all([*(_within(item, wanted) for item in plain.items), maybe(plain.more)])
    return _within(value, wanted)


def _within(value: Value, wanted: "list[Network]") -> Tri:
    found = judge_network(value)
    if isinstance(found, Maybe):
        return found
    return found is not None and any(network.covers(found) for network in wanted)
