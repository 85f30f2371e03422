"""A network that is the internet, or a large part of it."""

from compliance_scan.model.logic import Tri, tri_not
from compliance_scan.model.value import Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.network import any_network, is_open_to_internet

ARGUMENT = "bool"
ON = "networks"
MEANS = (
    "`true`: the network covers the internet, or more of it than one organisation has (halves and quarters of "
    "it too); of a list: any; what is no network, as a group, does not"
)
EXAMPLE = "{path: peers, is_public: true}"
MESSAGE = "{path} is {actual}, expected the internet"
NEGATED = "{path} is {actual}, which is the internet"


def judge(value: Value, argument: bool, _context: Context) -> Tri:
    """Whether any network of the value is open to the internet; with `false`, whether none is."""
    found = any_network(value, is_open_to_internet)
    return found if argument else (False if is_nothing(resolved(value)) else tri_not(found))
