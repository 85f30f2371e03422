"""Cursors over what nobody wrote as such: folded parts, normalised items, virtual subjects.

They stand on a resource and a path all the same (the satellite's, the block's), so that a finding can point there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias, Union

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import ABSENT, Open, Path, Unknown, Value, chosen, is_nothing, path_text
from compliance_scan.model.view import Item, Items, Standing
from compliance_scan.shape.absence import because
from compliance_scan.shape.cursor import Frame, Spot
from compliance_scan.shape.nodes import ANY

if TYPE_CHECKING:
    from compliance_scan.shape.facts import SPath

Shaped: TypeAlias = Union[Spot, "Made", "MadeList"]
Maker: TypeAlias = Callable[[], Shaped]


class _Base:
    __slots__ = ("_shown", "frame", "path", "standing")

    def __init__(self, frame: Frame, path: Path, shown: Path, standing: Standing) -> None:
        self.frame = frame
        self.path = path
        self._shown = shown
        self.standing: Standing = standing

    @property
    def resource(self) -> Resource:
        return self.frame.resource

    @property
    def root(self) -> Spot:
        return self.frame.root

    @property
    def shown(self) -> str:
        return path_text(self._shown)


class Made(_Base):
    """An object whose fields are cursors of their own, or are made when they are asked for."""

    __slots__ = ("_asked", "_missing", "_value", "fields")

    def __init__(
        self,
        frame: Frame,
        path: Path,
        shown: Path,
        fields: "Mapping[str, Shaped | Maker]",
        *,
        standing: Standing = "written",
        missing: "Callable[[str], Shaped] | None" = None,
    ) -> None:
        """`missing` gives what a name outside of `fields` means; without it nothing is there."""
        super().__init__(frame, path, shown, standing)
        self.fields: dict[str, Shaped | Maker] = dict(fields)
        self._missing = missing
        self._asked: dict[str, Shaped] | None = None
        """What somebody asked for, under its name here; what is not in `fields` is no part of the value."""
        self._value: dict[str, Value] | None = None

    @property
    def sensitive(self) -> bool:
        return any(self.step(name).sensitive for name in self.fields)

    @property
    def value(self) -> Value:
        found = self._value
        if found is None:
            values = {name: self.step(name).value for name in self.fields}
            found = self._value = {name: value for name, value in values.items() if not is_nothing(value)}
        return found

    def shown_as(self, shown: Path) -> "Made":
        """The same object under another name."""
        if shown == self._shown:
            return self
        return Made(self.frame, self.path, shown, self.fields, standing=self.standing, missing=self._missing)

    def get(self, path: Path) -> Shaped:
        cursor: Shaped = self
        for step in path:
            cursor = cursor.step(step)
        return cursor

    def step(self, step: str | int) -> Shaped:
        """The field of a name."""
        if isinstance(step, int):
            return self if step == 0 else spot(self.frame, self.path, (*self._shown, step), ABSENT)
        asked = self._asked
        if asked is None:
            asked = self._asked = {}
        found = asked.get(step)
        if found is None:
            found = asked[step] = self._field(step).shown_as((*self._shown, step))
        return found

    def _field(self, step: str) -> Shaped:
        found = self.fields.get(step)
        if found is None:
            if self._missing is not None:
                return self._missing(step)
            return spot(self.frame, self.path, (), ABSENT, standing="nothing")
        if not isinstance(found, Spot | Made | MadeList):
            found = self.fields[step] = found()  # once, whoever has the same fields under another name
        return found

    def items(self) -> Items:
        return Items((Item(self, True),), None)


class Subject(Made):
    """What rules judge and nobody wrote as such. What was worked out of it can be let go of, and is then worked out
    anew: of a cluster's thousands of pods only the one that is being judged takes memory."""

    __slots__ = ("_again",)

    def __init__(
        self,
        frame: Frame,
        again: "Callable[[], Mapping[str, Shaped | Maker]]",
        *,
        missing: "Callable[[str], Shaped] | None" = None,
    ) -> None:
        """`again` gives the fields, at first and after each `forget`."""
        super().__init__(frame, (), (), again(), missing=missing)
        self._again = again

    def forget(self) -> None:
        """Lets go of everything below."""
        self.fields = dict(self._again())
        self._asked = self._value = None


class MadeList(_Base):
    """A collection whose items come from several places."""

    __slots__ = ("_items", "more")

    def __init__(
        self, frame: Frame, path: Path, shown: Path, items: Sequence[Item], more: Unknown | None = None
    ) -> None:
        super().__init__(frame, path, shown, "written" if items else "nothing")
        self._items = list(items)
        self.more = more

    @property
    def sensitive(self) -> bool:
        return any(item.cursor.sensitive for item in self._items)

    @property
    def value(self) -> Value:
        sure: list[Value] = [item.cursor.value for item in self._items if item.present is True]
        if self.more is not None:
            return Open(sure, self.more)
        for item in self._items:
            if not isinstance(item.present, bool):
                return Open(sure, item.present.causes[0])
        return sure

    def shown_as(self, shown: Path) -> "MadeList":
        """The same collection under another name."""
        items = [Item(renamed(item.cursor, (*shown, index)), item.present) for index, item in enumerate(self._items)]
        return MadeList(self.frame, self.path, shown, items, self.more)

    def get(self, path: Path) -> Shaped:
        cursor: Shaped = self
        for step in path:
            cursor = cursor.step(step)
        return cursor

    def step(self, step: str | int) -> Shaped:
        """The item of an index."""
        if isinstance(step, int) and 0 <= step < len(self._items):
            found = self._items[step].cursor
            assert isinstance(found, Spot | Made | MadeList)
            return found
        if self.more is not None:
            return spot(self.frame, self.path, (*self._shown, step), because(self.more, step))
        if isinstance(step, str) and len(self._items) == 1:
            return self.step(0).step(step)
        value: Value = ABSENT
        if isinstance(step, str) and self._items:
            value = Unknown("error", f"{self.shown} has {len(self._items)} items")
        return spot(self.frame, self.path, (*self._shown, step), value, standing="nothing")

    def items(self) -> Items:
        return Items(self._items, self.more)


def shaped(cursor: object) -> Shaped:
    """A cursor of an item, as what it is: all cursors of this layer are shaped ones."""
    assert isinstance(cursor, Spot | Made | MadeList)
    return cursor


def renamed(cursor: object, shown: Path) -> Shaped:
    """A shaped cursor under another name."""
    return shaped(cursor).shown_as(shown)


def spot(
    frame: Frame,
    path: Path,
    shown: Path,
    value: Value,
    *,
    standing: Standing = "written",
    place: "SPath" = ("made",),
    secret: bool = False,
    choices: bool = False,
) -> Spot:
    """A cursor at a value that was worked out: a port range, an effective setting. `choices`: also where the value was
    one of several, each of them was worked out."""
    value = value if choices else chosen(value)
    above: Value | None = None
    if is_nothing(value):
        above, standing = ABSENT, "nothing" if standing == "written" else standing
    elif isinstance(value, Unknown):
        above = value
    return Spot(frame, path, place, shown, ANY, value, standing, above=above, secret=secret, tree=True)
