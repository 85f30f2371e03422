"""Ports in common."""

from compliance_scan.model.logic import Maybe, Tri
from compliance_scan.model.value import Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.network import Ports, end_of, ports_of
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
    if found is None:
        return False
    if isinstance(found, Maybe):
        return _partly(value, wanted, found)
    return _overlap(found, wanted)


def _overlap(found: Ports, wanted: list[Ports]) -> bool:
    return any(found[0] <= high and low <= found[1] for low, high in wanted)


def _partly(value: Value, wanted: list[Ports], causes: Maybe) -> Tri:
    """A range of which one end is known: that end is one of its ports, and beyond it there are none."""
    ends = resolved(value)
    if not isinstance(ends, dict):
        return causes
    low, high = ports_of(end_of(ends, "from")), ports_of(end_of(ends, "to"))
    known = [end for end in (low, high) if isinstance(end, tuple)]
    if len(known) == 2:
        return causes  # both ends are known and make no range: written backwards
    if any(_overlap(end, wanted) for end in known):
        return True
    first = low[0] if isinstance(low, tuple) else 0
    last = high[1] if isinstance(high, tuple) else 65535
    return causes if _overlap((first, last), wanted) else False
