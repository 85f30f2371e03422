"""Any of these."""

from typing import Any

from compliance_scan.model.logic import Maybe, Tri, tri_any
from compliance_scan.model.value import Value, is_nothing
from compliance_scan.operators.kit.compare import same
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.members import members

ARGUMENT = "list(any)"
ON = "lists, sets, maps"
MEANS = "at least one item (of a map: one key) is one of these"
EXAMPLE = '{path: actions, intersects: ["*", "iam:*"]}'
MESSAGE = "{path} is {actual}, expected any of {expected}"
NEGATED = "{path} is {actual}, expected none of {expected}"


def judge(value: Value, argument: "list[Any]", _context: Context) -> Tri:
    """Whether any item is among the argument's."""
    if is_nothing(value):
        return False
    items = members(value)
    if items is None or isinstance(items, Maybe):
        return False if items is None else items
    known = tri_any(same(item, wanted) for wanted in argument for item in items.values)
    return known if items.more is None else tri_any((known, items.more))
