"""What a network ACL's entries let through in their order: the first that matches a packet decides.

Each entry gets `open`: the ports, of TCP or of its own protocol, that it lets through and no lower number has denied
to all of its peers.
"""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from compliance_scan.model.logic import Maybe, Tri, maybe, tri_all, tri_any
from compliance_scan.model.value import ABSENT, Open, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Item, Items
from compliance_scan.operators.kit.network import judge_network
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Made, Shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

Range = tuple[int, int]


def acl(_world: "World", found: Items, _owner: Frame) -> Items:
    """The entries of an ACL, each with `open`."""
    entries = [item.cursor for item in found.items]
    made = []
    for item, entry in zip(found.items, entries, strict=True):
        assert isinstance(entry, Made)
        fields = {**entry.fields, "open": partial(_open, entry, found)}
        made.append(Item(Made(entry.frame, entry.path, entry._shown, fields), item.present))  # noqa: SLF001 - a copy
    return Items(made, found.more)


def _open(entry: Made, found: Items) -> Shaped:
    ports = entry.step("ports")
    return spot(entry.frame, ports.path, (), _left(entry, ports.value, found))


def _left(entry: Made, ports: Value, found: Items) -> Value:
    allowed = _is(entry, "action", "allow")
    if allowed is False:
        return []
    doubt: Unknown | None = allowed.causes[0] if isinstance(allowed, Maybe) else None
    denying = list(_denying(entry, found))
    span = _range(ports)
    if span is None:
        if is_nothing(ports) or (doubt is None and not denying):
            return ports
        return Open([], doubt or _cause(ports))  # what is denied of ports that are not known is not known either
    left = [span]
    for other, before in denying:
        taken = _range(other.step("ports").value)
        if before is True and taken is not None:
            left = [rest for one in left for rest in _without(one, taken)]
        elif taken is None or any(_without(one, taken) != [one] for one in left):
            doubt = doubt or (before.causes[0] if isinstance(before, Maybe) else _cause(other.step("ports").value))
    if not left:
        return []
    if doubt is not None:
        return Open([], doubt)
    return [{"from": first, "to": last} for first, last in left]


def _denying(entry: Made, found: Items) -> Iterator[tuple[Made, Tri]]:
    """The other entries that deny, or perhaps deny, something before this one is asked."""
    for item in found.items:
        other = item.cursor
        assert isinstance(other, Made)
        if other.path == entry.path and other.resource is entry.resource:
            continue
        before = tri_all((item.present, _denies_before(other, entry)))
        if before is not False:
            yield other, before


def _denies_before(other: Made, entry: Made) -> Tri:
    """Whether an entry is a deny that is asked before this one and stands for all of its peers."""
    return tri_all(
        (
            _is(other, "action", "deny"),
            _is(other, "direction", resolved(entry.step("direction").value)),
            _is_lower(other.step("number").value, entry.step("number").value),
            _same_protocol(other, entry),
            _covers(other.step("peers").value, entry.step("peers").value),
        )
    )


def _is(entry: Made, name: str, wanted: Any) -> Tri:
    value = resolved(entry.step(name).value)
    if isinstance(value, Unknown):
        return maybe(value)
    return isinstance(value, str) and isinstance(wanted, str) and value.lower() == wanted.lower()


def _is_lower(number: Value, other: Value) -> Tri:
    first, second = resolved(number), resolved(other)
    for value in (first, second):
        if isinstance(value, Unknown):
            return maybe(value)
    return isinstance(first, int) and isinstance(second, int) and first < second


def _same_protocol(other: Made, entry: Made) -> Tri:
    """A deny of TCP takes TCP from an entry for all protocols: ports are asked for TCP's sake."""
    wide = _is(other, "protocol", "-1")
    mine = resolved(entry.step("protocol").value)
    return tri_any((wide, _is(other, "protocol", "tcp" if mine == "-1" else mine)))


def _covers(wide: Value, narrow: Value) -> Tri:
    ours, theirs = resolved(wide), resolved(narrow)
    for value in (ours, theirs):
        if isinstance(value, Unknown):
            return maybe(value)
    if not isinstance(ours, list) or not isinstance(theirs, list) or not theirs:
        return False
    return tri_all(tri_any(_covers_one(one, other) for one in ours) for other in theirs)


def _covers_one(wide: Value, narrow: Value) -> Tri:
    ours, theirs = judge_network(wide), judge_network(narrow)
    for network in (ours, theirs):
        if isinstance(network, Maybe):
            return network
    if ours is None or theirs is None or isinstance(ours, Maybe) or isinstance(theirs, Maybe):
        return False
    return ours.covers(theirs)


def _range(ports: Value) -> Range | None:
    plain = resolved(ports)
    if not isinstance(plain, dict):
        return None
    first, last = resolved(plain.get("from", ABSENT)), resolved(plain.get("to", ABSENT))
    return (first, last) if isinstance(first, int) and isinstance(last, int) and first <= last else None


def _without(span: Range, taken: Range) -> list[Range]:
    below, above = (span[0], min(span[1], taken[0] - 1)), (max(span[0], taken[1] + 1), span[1])
    return [part for part in (below, above) if part[0] <= part[1]]


def _cause(value: Value) -> Unknown:
    plain = resolved(value)
    ends = [resolved(end) for end in plain.values()] if isinstance(plain, dict) else [plain]
    known = next((end for end in ends if isinstance(end, Unknown)), None)
    if known is None and len(ends) == 2 and all(isinstance(end, int) for end in ends):
        return Unknown("error", f"the ports run backwards, from {ends[0]} to {ends[1]}")
    return known or Unknown("computed", "the ports of an entry that comes before")
