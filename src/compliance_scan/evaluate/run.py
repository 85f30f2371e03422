"""What one run over one world holds while conditions are judged, and how their parts are combined."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from compliance_scan.model.logic import Maybe, Tri, maybe, tri_all, tri_any, tri_not
from compliance_scan.model.rule import VALUE_OF, Condition
from compliance_scan.model.value import (
    Encoded,
    Open,
    Path,
    Text,
    Unknown,
    Value,
    alternatives,
    is_nothing,
    resolved,
)
from compliance_scan.model.view import Cursor, Items, Relation, World
from compliance_scan.operators import load
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import first_hole, wrong_type
from compliance_scan.ruleset.bind import bound
from compliance_scan.shape.cursor import Spot

Judge = Callable[[Value, Any, Context], Tri]


class Run:
    """The world, the operators' context, and the resource that is being judged."""

    __slots__ = ("context", "met", "root", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.context = Context(
            world.as_of, world.presence, targets=world.targets, named=world.certainly_named, key_owner=world.key_owner
        )
        self.root: Cursor | None = None
        self.met = False
        """Whether a quantifier met an item since this was last set to false."""

    def at(self, item: Cursor, path: Path) -> Cursor:
        """The cursor at a rule's path, seen from an item; `^` starts at the judged resource."""
        if not path:
            return item
        if path[0] == "^":
            assert self.root is not None
            return self.root.get(path[1:]) if len(path) > 1 else self.root
        return item.get(path)

    def items(self, source: Condition, item: Cursor) -> Items:
        """The items of a quantifier's source."""
        found = self._items(source, item)
        self.met = self.met or bool(found.items)
        return found

    def _items(self, source: Condition, item: Cursor) -> Items:
        kind = source[0]
        if kind == "path":
            return self.at(item, tuple(source[1])).items()
        if kind == "statements":
            from compliance_scan.evaluate.statements import statement_items

            return statement_items(self.at(item, tuple(source[1])))
        path = tuple(source[3])
        subject = item
        if path[:1] == ("^",):
            assert self.root is not None
            subject, path = self.root, path[1:]
        return self.world.related(subject, Relation(source[1], source[2], path, *map(tuple, source[4:])))

    def place(self, source: Condition, item: Cursor) -> Cursor:
        """Where a quantifier's source stands, for what is said of it as a whole."""
        if source[0] in ("path", "statements"):
            return self.at(item, tuple(source[1]))
        return item


class Leaf:
    """A leaf's operator with its argument, bound to an instance's parameters."""

    __slots__ = ("argument", "judge", "name", "other", "path", "run")

    def __init__(self, condition: Condition, run: Run, parameters: Mapping[str, Any]) -> None:
        _kind, path, self.name, argument, dynamic = condition
        self.path: Path = tuple(path)
        self.run = run
        self.judge: Judge = load(self.name).judge
        self.other: Path | None = None
        if dynamic and isinstance(argument, dict) and VALUE_OF in argument:
            self.other = tuple(argument[VALUE_OF])
        self.argument = bound(argument, parameters) if dynamic and self.other is None else argument

    def cursor(self, item: Cursor) -> Cursor:
        """Where the judged value lies."""
        return self.run.at(item, self.path)

    def verdict(self, cursor: Cursor, item: Cursor) -> Tri:
        """The operator's verdict over the value there."""
        context = self.run.context
        context.cursor = cursor
        if self.other is None:
            verdict = self.judge(cursor.value, self.argument, context)
            if verdict.__class__ is Maybe:
                return of_alternatives(verdict, cursor, self.judge, self.argument, context)
            return verdict
        from compliance_scan.operators.kit import arguments

        argument = self.other_value(item)
        if isinstance(argument, Maybe):
            return argument
        if is_nothing(argument):
            return is_nothing(cursor.value) if self.name == "equals" else False
        if not arguments.fits(argument, load(self.name).ARGUMENT):
            return wrong_type(argument, f"an argument for {self.name}")
        return self.judge(cursor.value, argument, context)

    def other_value(self, item: Cursor) -> "Value | Maybe":
        """The value that `value_of` names, where it is plainly known."""
        assert self.other is not None
        value = resolved(self.run.at(item, self.other).value)
        if isinstance(value, Encoded) and value.text is not None:
            return value.text
        if isinstance(value, Unknown):
            return maybe(value)
        return first_hole(value) if isinstance(value, (Text, Open, Encoded)) else value


def of_alternatives(verdict: Tri, cursor: Cursor, judge: Judge, argument: Any, context: Context) -> Tri:
    """The verdict over a value that is one of several (`c ? 1 : 2`): that over all of them, where they agree."""
    whole = alternatives(cursor.value) if isinstance(cursor, Spot) else ()
    found = {judge(each, argument, context) for each in whole}
    return found.pop() if len(found) == 1 and found <= {True, False} else verdict


def every(contributions: Iterable[Tri], more: Unknown | None) -> Tri:
    """Whether all items hold; over an open collection never plainly true."""
    return tri_all(contributions) if more is None else tri_all([*contributions, maybe(more)])


def some(contributions: Iterable[Tri], more: Unknown | None) -> Tri:
    """Whether an item holds; over an open collection never plainly false."""
    return tri_any(contributions) if more is None else tri_any([*contributions, maybe(more)])


def item_holds(kind: str, present: Tri, where: Tri, assertion: Tri) -> Tri:
    """What one item says to its quantifier: to `every`, that it is not there, not concerned, or as asserted; to the
    others, that it is there, concerned and as asserted."""
    if kind == "every":
        return tri_any((tri_not(present), tri_not(where), assertion))
    return tri_all((present, where, assertion))
