"""A list has an item, a map an entry."""

from typing import Any

from compliance_scan.model.logic import Tri, maybe, tri_all, tri_any, tri_not
from compliance_scan.model.value import Encoded, Open, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.compare import nothing, same
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import wrong_type

ARGUMENT = "any"
ON = "lists, sets, maps"
MEANS = (
    "the list has this item (of a list: all of these); a map has this key, or all these entries; of a list of "
    "objects, one that has these entries"
)
EXAMPLE = "{path: enabled_cluster_log_types, contains: [api, audit]}"
MESSAGE = "{path} is {actual}, expected to contain {expected}"
NEGATED = "{path} is {actual}, expected not to contain {expected}"


def judge(value: Value, argument: Any, context: Context) -> Tri:
    """Whether the collection contains the argument."""
    if is_nothing(value):
        return False
    wanted = argument if isinstance(argument, list) else [argument]
    plain = resolved(value)
    match plain:
        case Unknown():
            return maybe(plain)
        case None:
            return False
        case Encoded(tree=tree):
            return judge(tree, argument, context)
        case list():
            return tri_all(tri_any(_fits(item, want) for item in plain) for want in wanted)
        case dict():
            return tri_all(_in_map(plain, want) for want in wanted)
        case Open(items=list() as items, more=more):
            return tri_all(tri_any([*(_fits(item, want) for item in items), maybe(more)]) for want in wanted)
        case Open(items=dict() as entries, more=more):
            return tri_all(_in_open_map(entries, maybe(more), want) for want in wanted)
    return wrong_type(value, "a list or a map")


def _fits(item: Value, wanted: Any) -> Tri:
    item = resolved(item)
    return _in_map(item, wanted) if isinstance(wanted, dict) and isinstance(item, dict) else same(item, wanted)


def _in_map(entries: "dict[str, Value]", wanted: Any) -> Tri:
    if isinstance(wanted, dict):
        return tri_all(same(entries.get(name), item) for name, item in wanted.items())
    name = str(wanted)
    return tri_not(nothing(entries.get(name)))


def _in_open_map(entries: "dict[str, Value]", more: Tri, wanted: Any) -> Tri:
    if isinstance(wanted, dict):
        return tri_all(same(entries[name], item) if name in entries else more for name, item in wanted.items())
    name = str(wanted)
    return tri_not(nothing(entries[name])) if name in entries else more
