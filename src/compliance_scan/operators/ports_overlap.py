"""Ports in common."""

from compliance_scan.model.logic import Maybe, Tri
from compliance_scan.model.value import Value, is_nothing
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.network import Ports, ports_of
from compliance_scan.operators.kit.text import any_item

ARGUMENT = "port|list(port)"
ON = 'ports: a number, `"20-25"`, `{from, to}`, or a list of them'
MEANS = "any port of the value is one of these; protocol -1 is all ports"
EXAMPLE = "{path: ports, ports_overlap: [22, 3389]}"
MESSAGE = "{path} is {actual}, expected to include {expected}"
NEGATED = "{path} is {actual}, expected none of {expected}"


def judge(value: Value, argument: "int | str | list[int | str]", _context: Context) -> Tri:
    """Whether any range of the value meets any of the argument's."""
    if is_nothing(value):
        return False
    asked = [ports_of(item) for item in (argument if isinstance(argument, list) else [argument])]
    wanted = [ports for ports in asked if isinstance(ports, tuple)]
    return any_item(value, lambda item: _meets(item, wanted))


def _meets(value: Value, wanted: "list[Ports]") -> Tri:
    found = ports_of(value)
    if found is None or isinstance(found, Maybe):
        return False if found is None else found
    return any(found[0] <= high and low <= found[1] for low, high in wanted)
