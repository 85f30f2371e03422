"""A network that contains another."""

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.network import any_network, network_of
from compliance_scan.operators.kit.text import options

ARGUMENT = "cidr|list(cidr)"
ON = "networks"
MEANS = "the network, or any in a list, covers this one (or any of these)"
EXAMPLE = "{path: destination_cidr_block, cidr_covers: 10.0.0.0/16}"
MESSAGE = "{path} is {actual}, expected to cover {expected}"
NEGATED = "{path} is {actual}, expected not to cover {expected}"


def judge(value: Value, argument: "str | list[str]", _context: Context) -> Tri:
    """Whether any network of the value covers any of the argument's."""
    wanted = [network for text in options(argument) if (network := network_of(text)) is not None]
    return any_network(value, lambda network: any(network.covers(other) for other in wanted))
