"""Which parts of a traced condition decided its verdict."""

from typing import NamedTuple

from compliance_scan.evaluate.trace import Node
from compliance_scan.model.logic import Maybe
from compliance_scan.model.view import Cursor


class Decider(NamedTuple):
    """A leaf, or a quantifier as a whole, that decided."""

    node: Node
    negated: bool
    """Whether it decided by holding where it must not."""
    item: Cursor | None
    """The innermost quantified item in which it lies."""
    context: tuple[Node, ...] = ()
    """Leaves of the item's `where`: what makes the item one that the rule concerns."""


def deciding(node: Node) -> list[Decider]:
    """All deciding leaves, in rule order: where `all` is false or `any` is false, all deciding children; where `any` is
    true, the first; of quantifiers, the guilty items."""
    out: list[Decider] = []
    _collect(node, False, None, (), out)
    return out


def _collect(node: Node, negated: bool, item: Cursor | None, context: tuple[Node, ...], out: list[Decider]) -> None:
    match node.kind:
        case "leaf" | "count":
            out.append(Decider(node, negated, item, context))
        case "not":
            _collect(node.children[0], not negated, item, context, out)
        case "all" | "any":
            for child in _parts(node):
                _collect(child, negated, item, context, out)
        case _:
            _quantifier(node, negated, item, context, out)


def _parts(node: Node) -> list[Node]:
    if isinstance(node.verdict, Maybe):
        return [child for child in node.children if isinstance(child.verdict, Maybe)]
    found = [child for child in node.children if child.verdict is node.verdict]
    return found[:1] if node.kind == "any" and node.verdict is True else found


def _quantifier(node: Node, negated: bool, item: Cursor | None, context: tuple[Node, ...], out: list[Decider]) -> None:
    before = len(out)
    inner = node.verdict if node.kind != "none" or isinstance(node.verdict, Maybe) else not node.verdict
    wanted = [
        child
        for child in node.children
        if (isinstance(inner, Maybe) and isinstance(child.verdict, Maybe)) or child.verdict is inner
    ]
    if node.kind == "some" and inner is True and not negated:
        wanted = wanted[:1]
    turned = negated != (node.kind == "none")
    for member in wanted:
        _member(node, member, turned, out)
    if len(out) == before or (isinstance(inner, Maybe) and node.more is not None):
        out.append(Decider(node, negated, item, context))


def _member(node: Node, member: Node, negated: bool, out: list[Decider]) -> None:
    where = member.where
    rest = [child for child in member.children if child is not where]
    context = tuple(decider.node for decider in deciding(where)) if where is not None and rest else ()
    if isinstance(member.verdict, Maybe):
        parts = [child for child in member.children if isinstance(child.verdict, Maybe)]
    elif where is not None and (where.verdict is False or not rest):
        parts = [where]
    else:
        parts = rest
    before = len(out)
    for part in parts:
        flipped = negated != (part is where and node.kind == "every")
        _collect(part, flipped, member.cursor, context if part is not where else (), out)
    if len(out) == before:
        out.append(Decider(member, negated, member.cursor))
