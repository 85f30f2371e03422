"""`count`: how many items, at least and at most, and what that says of a limit."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from compliance_scan.evaluate.run import Run
from compliance_scan.model.logic import Maybe, Tri, maybe, tri_all, tri_any
from compliance_scan.model.rule import Condition
from compliance_scan.model.value import Reference, Text, Unknown, Value, holes, is_nothing, resolved
from compliance_scan.model.view import Cursor
from compliance_scan.ruleset.bind import bound
from compliance_scan.shape.join import may_equal

INFINITE = float("inf")


class Interval:
    """A number that lies between two, and why it is not known better."""

    __slots__ = ("causes", "high", "low")

    def __init__(self, low: float, high: float, causes: "tuple[Unknown, ...]") -> None:
        self.low, self.high, self.causes = low, high, causes

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:g}"
        return f"at least {self.low:g}" if self.high == INFINITE else f"{self.low:g} to {self.high:g}"


def counted(
    condition: Condition,
    run: Run,
    parameters: Mapping[str, Any],
    item: Cursor,
    parts: "Sequence[Callable[[Cursor], Tri] | None]",
) -> tuple[Tri, Interval]:
    """The verdict of a `count`, and the number; `parts`: its `where` and its `assert`, built."""
    where, assertion = parts
    _kind, source, _where, _assert, distinct, name, argument, dynamic = condition
    found = run.items(source, item)
    members: list[tuple[Cursor, Tri]] = []
    causes: dict[Unknown, None] = {}
    many = found.more is not None
    for member in found.items:
        holds = tri_all(
            (
                member.present,
                True if where is None else where(member.cursor),
                True if assertion is None else assertion(member.cursor),
            )
        )
        if holds is not False:
            members.append((member.cursor, holds))
            many = many or (isinstance(member.present, Maybe) and not _at_most_one(member.cursor))
        if isinstance(holds, Maybe):
            causes.update(dict.fromkeys(holds.causes))
    if found.more is not None:
        causes[found.more] = None
    if distinct is None:
        low, high = float(sum(holds is True for _c, holds in members)), float(len(members))
    else:
        low, high = _distinct([(run.at(cursor, tuple(distinct)).value, holds) for cursor, holds in members], causes)
    interval = Interval(low, INFINITE if many else high, tuple(causes))
    if dynamic and isinstance(argument, dict):
        from compliance_scan.evaluate.run import Leaf

        other = Leaf(("leaf", (), name, argument, True), run, parameters).other_value(item)
        if isinstance(other, Maybe):
            return other, interval
        argument = other
    return compare(name, bound(argument, parameters), interval), interval


def _at_most_one(cursor: Cursor) -> bool:
    """Whether an item that may not exist is one at most: where the count is `c ? 1 : 0`, it is known as `[0]` too."""
    resource = cursor.resource
    return not cursor.path and any(name.endswith("[0]") for name in resource.aliases)


def _distinct(values: "list[tuple[Value, Tri]]", causes: "dict[Unknown, None]") -> tuple[float, float]:
    """How many different values: unknown ones may be equal to any other, or each be one of its own."""
    sure: set[str] = set()
    possible: set[str] = set()
    unknown: set[str] = set()
    texts: list[Text] = []
    any_sure_unknown = False
    for index, (value, holds) in enumerate(values):
        plain = resolved(value)
        if is_nothing(plain):
            continue
        if isinstance(plain, Unknown):
            causes[plain] = None
            unknown.add(_name(value if isinstance(value, Reference) else plain, index))
            any_sure_unknown = any_sure_unknown or (holds is True and plain.not_null)
            continue
        if isinstance(plain, Text):
            causes.update(dict.fromkeys(holes(plain)))
            unknown.add(_name(plain, index))
            if holds is True and all(may_equal(plain, other) is False for other in texts):
                texts.append(plain)
            continue
        key = json.dumps(plain, sort_keys=True, default=repr)
        possible.add(key)
        if holds is True:
            sure.add(key)
    # Partly known texts count where they differ from one another and from all that is known, whatever they will be.
    apart = sum(all(may_equal(text, value) is False for value in _texts(sure)) for text in texts)
    low = len(sure) + apart or (1 if any_sure_unknown or texts else 0)
    return float(low), float(len(possible) + len(unknown))


def _name(value: Value, index: int) -> str:
    """What two values that are not known share only where they are one."""
    match value:
        case str():
            return value
        case Unknown(symbol=symbol) if symbol:
            return f"\0{symbol}"
        case Reference(value=Unknown(symbol=symbol)) if symbol:
            return f"\0{symbol}"
        case Reference(address=address, path=path):
            return f"\0{address}.{path}"
        case Text(parts=parts):
            return "".join(_name(part, index) for part in parts)
    return f"\0?{index}"


def _texts(keys: set[str]) -> list[str]:
    return [text for text in map(json.loads, keys) if isinstance(text, str)]


def compare(name: str, argument: Any, interval: Interval) -> Tri:
    """What a numeric operator says of an interval."""
    low, high = interval.low, interval.high
    match name:
        case "at_least":
            return _decided(low >= argument, high < argument, interval)
        case "at_most":
            return _decided(high <= argument, low > argument, interval)
        case "equals":
            return _decided(low == high == argument, argument < low or argument > high, interval)
        case "between":
            first, last = argument
            return _decided(first <= low and high <= last, high < first or low > last, interval)
    raise ValueError(f"`count` does not go with {name}")


def _decided(surely: bool, never: bool, interval: Interval) -> Tri:
    if surely or never:
        return surely
    return tri_any(maybe(cause) for cause in interval.causes)
