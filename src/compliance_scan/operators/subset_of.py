"""No item beyond these."""

from typing import Any

from compliance_scan.model.logic import Maybe, Tri, tri_all, tri_any
from compliance_scan.model.value import Value, is_nothing
from compliance_scan.operators.kit.compare import same
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.members import members

ARGUMENT = "list(any)"
ON = "lists, sets, maps"
MEANS = "every item (of a map: every key) is one of these"
EXAMPLE = "{path: security_groups, subset_of: param.allowed}"
MESSAGE = "{path} is {actual}, expected only items of {expected}"
NEGATED = "{path} is {actual}, expected items beyond {expected}"


def judge(value: Value, argument: "list[Any]", _context: Context) -> Tri:
    """Whether all items are among the argument's; nothing is no subset, an empty list is."""
    if is_nothing(value):
        return False
    items = members(value)
    if items is None or isinstance(items, Maybe):
        return False if items is None else items
    known = tri_all(tri_any(same(item, wanted) for wanted in argument) for item in items.values)
    return known if items.more is None else tri_all((known, items.more))
