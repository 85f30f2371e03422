"""The second pass: the same verdicts with all that led to them, for what is reported or explained."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compliance_scan.evaluate.counting import Interval, counted
from compliance_scan.evaluate.quick import build
from compliance_scan.evaluate.run import Leaf, Run, every, item_holds, some
from compliance_scan.model.logic import Tri, tri_all, tri_any, tri_not
from compliance_scan.model.rule import Condition
from compliance_scan.model.view import Cursor

if TYPE_CHECKING:
    from compliance_scan.model.value import Unknown


class Node:
    """A condition with its verdict at one item.

    `kind`: all, any, not, leaf, every, some, none, count, or `item` (a member of a quantifier, whose children are its
    `where` and its `assert`).
    """

    __slots__ = (
        "argument",
        "children",
        "cursor",
        "interval",
        "kind",
        "more",
        "operator",
        "present",
        "verdict",
        "where",
    )

    def __init__(self, kind: str, verdict: Tri, cursor: Cursor, children: "Sequence[Node]" = ()) -> None:
        self.kind = kind
        self.verdict = verdict
        self.cursor = cursor
        """The value of a leaf, the collection of a quantifier, the member of an item, else the item."""
        self.children = tuple(children)
        self.operator = ""
        self.argument: Any = None
        self.present: Tri = True
        self.more: Unknown | None = None
        self.interval: Interval | None = None
        self.where: Node | None = None
        """Of an item: the child that is its `where`."""


def trace(condition: Condition, item: Cursor, run: Run, parameters: Mapping[str, Any]) -> Node:
    """The condition's verdict at an item, with those of all its parts."""
    match condition[0]:
        case "leaf":
            return _leaf(condition, item, run, parameters)
        case "all" | "any":
            children = [trace(child, item, run, parameters) for child in condition[1]]
            combine = tri_all if condition[0] == "all" else tri_any
            return Node(condition[0], combine(child.verdict for child in children), item, children)
        case "not":
            child = trace(condition[1], item, run, parameters)
            return Node("not", tri_not(child.verdict), item, [child])
        case "each":
            return _each(condition, item, run, parameters)
    parts = [None if part is None else build(part, run, parameters) for part in condition[2:4]]
    verdict, interval = counted(condition, run, parameters, item, parts)
    node = Node("count", verdict, run.place(condition[1], item))
    node.operator, node.argument, node.interval = condition[5], condition[6], interval
    return node


def _leaf(condition: Condition, item: Cursor, run: Run, parameters: Mapping[str, Any]) -> Node:
    leaf = Leaf(condition, run, parameters)
    cursor = leaf.cursor(item)
    node = Node("leaf", leaf.verdict(cursor, item), cursor)
    node.operator = leaf.name
    node.argument = leaf.argument if leaf.other is None else leaf.other_value(item)
    return node


def _each(condition: Condition, item: Cursor, run: Run, parameters: Mapping[str, Any]) -> Node:
    _each_word, kind, source, where, assertion, empty = condition
    found = run.items(source, item)
    members: list[Node] = []
    concerned: list[Tri] = []
    for member in found.items:
        children: list[Node] = []
        concerns: Tri = True
        holds: Tri = True
        condition_node = None
        if where is not None:
            condition_node = trace(where, member.cursor, run, parameters)
            children.append(condition_node)
            concerns = condition_node.verdict
        if assertion is not None and concerns is not False:
            children.append(trace(assertion, member.cursor, run, parameters))
            holds = children[-1].verdict
        concerned.append(tri_all((member.present, concerns)))
        node = Node("item", item_holds(kind, member.present, concerns, holds), member.cursor, children)
        node.present, node.where = member.present, condition_node
        members.append(node)
    contributions = [member.verdict for member in members]
    if kind == "every":
        verdict = every(contributions, found.more)
        if empty == "fail":
            verdict = tri_all((verdict, some(concerned, found.more)))
    else:
        verdict = some(contributions, found.more)
        verdict = tri_not(verdict) if kind == "none" else verdict
    node = Node(kind, verdict, run.place(source, item), members)
    node.more = found.more
    node.argument = source
    return node
