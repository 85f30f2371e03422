"""What one rule reads of a resource, so that of resources which are alike in it only the first is judged.

Only on state and on the live account, where attributes are plain data, and only for rules that look at nothing but the
resource itself: what they come to is a function of what is told apart here.
"""

import marshal
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Final

from compliance_scan.model.finding import Verdict
from compliance_scan.model.resource import Resource
from compliance_scan.model.rule import VALUE_OF, Condition, Instance
from compliance_scan.model.view import Cursor
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.facts import Fold, FoldSource

TRIED: Final = 256
"""Contents after which a rule is given up that met hardly any of them twice."""
BEYOND: Final = frozenset({"key_is", "supported"})
"""Operators that look beyond the value that they judge even where it is plain."""

ALONE: Final = frozenset({"", "iam.statements", "storage.inline_grants"})
"""Makers of folded parts that look at nothing but what they are given."""
ENTRIES: Final = frozenset({"network.ingress", "network.egress"})
"""Makers that look for other resources where an entry names one of these."""
NAMED: Final = ("prefix_list_ids", "security_groups", "self")

Key = tuple[Hashable, ...]


class Parts:
    """What tells the parts of one resource from those of others, worked out once for all rules."""

    __slots__ = ("_frame", "_known", "resource")

    def __init__(self) -> None:
        self.resource: Resource | None = None
        """The one in hand."""
        self._frame: Frame | None = None
        self._known: dict[str, Hashable | None] = {}

    def take(self, subject: Cursor, resource: Resource) -> None:
        """Goes on to another resource."""
        self.resource, self._known, self._frame = resource, {}, None
        frame = getattr(subject, "frame", None)
        if (
            isinstance(frame, Frame)
            and frame.__class__ is Frame
            and not frame.partial
            and not subject.path
            and resource.attributes.__class__ is dict
            and resource.plane in ("state", "live")
            and resource.conditional is None
        ):
            self._frame = frame

    def of(self, names: tuple[str, ...]) -> "Key | None":
        """None where something may say what only judging it tells."""
        frame, resource, known = self._frame, self.resource, self._known
        if frame is None or resource is None:
            return None
        read: list[Hashable] = [resource.type, resource.mode, resource.plane]
        for name in names:
            if name not in known:
                fold = frame.facts.folds.get(name)
                known[name] = _plain(resource, name) if fold is None else _folded(frame, resource, fold)
            part = known[name]
            if part is None:
                return None
            read.append(part)
        return tuple(read)


def _plain(resource: Resource, name: str) -> bytes | None:
    """A written value; also that nothing is written."""
    attributes: Any = resource.attributes
    try:
        return marshal.dumps(attributes.get(name, ...), 0)
    except ValueError:  # no plain data: something in it is not known
        return None


def _folded(frame: Frame, resource: Resource, fold: Fold) -> Key | None:
    """What is written inline, where no satellite adds to it; why there may be some that nobody saw."""
    if fold.then or frame.world.handed(resource) is not None:
        return None
    key: list[Hashable] = []
    for source in fold.sources:
        if not source.inline:
            satellites, more = frame.world.satellites(frame, source)
            if satellites:
                return None
            key.append(more)
            continue
        plain = _plain(resource, source.inline[0])
        if plain is None or not (source.make in ALONE or (source.make in ENTRIES and _names_nobody(resource, source))):
            return None
        key.append(plain)
    return tuple(key)


def _names_nobody(resource: Resource, source: FoldSource) -> bool:
    """Whether no entry names a list of prefixes or a group."""
    attributes: Any = resource.attributes
    entries = attributes.get(source.inline[0])
    return entries is None or (
        entries.__class__ is list
        and all(each.__class__ is dict and not any(each.get(name) for name in NAMED) for each in entries)
    )


class Alike:
    """The verdicts of one rule instance by what it read."""

    __slots__ = ("_found", "_hits", "_names", "_parts")

    def __init__(self, names: Sequence[str], parts: Parts) -> None:
        """`names`: the attributes at the top of a resource that the rule reads."""
        self._names = tuple(names)
        self._parts = parts
        self._found: dict[Key, Verdict] = {}
        self._hits = 0

    def key(self, subject: Cursor, resource: Resource) -> Key | None:
        """What tells this resource from others; None where it has to be judged whatever others came to."""
        if len(self._found) > TRIED and self._hits < len(self._found):
            return None
        parts = self._parts
        if parts.resource is not resource:
            parts.take(subject, resource)
        return parts.of(self._names)

    def of(self, key: Key) -> Verdict | None:
        """What a resource with this key came to."""
        found = self._found.get(key)
        self._hits += found is not None
        return found

    def keep(self, key: Key, verdict: Verdict) -> None:
        """Remembers what a resource with this key came to."""
        self._found[key] = verdict


def alike(instance: Instance, parts: Parts) -> Alike | None:
    """None where a verdict of the instance may rest on more than the resource's own attributes."""
    rule = instance.rule
    if instance.scope is not None or rule.provider != "aws":
        return None
    names: dict[str, None] = {}
    for condition in (rule.when, rule.assertion):
        for name in () if condition is None else _reads(condition, root=True):
            if name is None:
                return None
            names[name] = None
    return Alike(tuple(names), parts)


def _reads(condition: Condition, *, root: bool) -> Iterator[str | None]:
    """Names at the top of the resource; None for what leads beyond it. `root`: whether paths start there."""
    match condition[0]:
        case "all" | "any":
            for each in condition[1]:
                yield from _reads(each, root=root)
        case "not":
            yield from _reads(condition[1], root=root)
        case "leaf":
            yield from _leaf(condition, root=root)
        case "each" if condition[2][0] in ("path", "statements"):
            yield from _top(condition[2][1], root=root)
            for each in condition[3:5]:
                if each is not None:
                    yield from _reads(each, root=False)
        case "count" if condition[1][0] in ("path", "statements"):
            yield from _top(condition[1][1], root=root)
            for each in condition[2:4]:
                if each is not None:
                    yield from _reads(each, root=False)
            if condition[4] is not None:
                yield from _top(condition[4], root=False)
            yield from _other(condition[6], dynamic=condition[7], root=root)
        case _:
            yield None


def _leaf(condition: Condition, *, root: bool) -> Iterator[str | None]:
    _kind, path, operator, argument, dynamic = condition
    if operator in BEYOND:
        yield None
    yield from _top(path, root=root)
    yield from _other(argument, dynamic=dynamic, root=root)


def _other(argument: object, *, dynamic: bool, root: bool) -> Iterator[str | None]:
    """What an argument is taken from."""
    if dynamic and isinstance(argument, dict) and VALUE_OF in argument:
        yield from _top(argument[VALUE_OF], root=root)


def _top(path: Sequence[Any], *, root: bool) -> Iterator[str | None]:
    if path and path[0] == "^":
        path, root = path[1:], True
    if root:
        yield path[0] if path and isinstance(path[0], str) else None
