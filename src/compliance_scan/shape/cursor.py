"""Cursors over what somebody wrote: one value of one resource, as rules see it.

`Spot` stands at a value of a resource; what folding and virtual types make is in `made`. A cursor keeps its children,
so that sixty rules that read one attribute evaluate it once.
"""

from typing import TYPE_CHECKING, Any, Final

from compliance_scan.model.logic import maybe
from compliance_scan.model.resource import Attributes, Resource
from compliance_scan.model.value import (
    ABSENT,
    Encoded,
    Open,
    Path,
    Reference,
    Text,
    Unknown,
    Value,
    holes,
    is_nothing,
    path_text,
    resolved,
)
from compliance_scan.model.view import Item, Items, Standing
from compliance_scan.shape.absence import NOTHING, Meaning, because, computed, declared, not_collected, unread
from compliance_scan.shape.blocks import covers, is_unset, left_to_aws, only_item, typed, unsure
from compliance_scan.shape.facts import SPath, TypeFacts
from compliance_scan.shape.nodes import ANY, TREES, Field, Node
from compliance_scan.shape.whole import assembled

if TYPE_CHECKING:
    from compliance_scan.shape.made import Shaped
    from compliance_scan.shape.world import World

EMPTY: Final = Items((), None)
_TREE: Final = Field(ANY)
_PASSED_ON: Final = frozenset(("fact", "undeclared", "default"))


class Frame:
    """What all cursors of one resource share."""

    __slots__ = ("facts", "partial", "resource", "root", "silent", "world")

    def __init__(self, world: "World", resource: Resource, facts: TypeFacts, *, partial: bool = False) -> None:
        """`partial`: the owner of this satellite, `resource`, was not read; nothing else is known of it."""
        self.world = world
        self.resource = resource
        self.facts = facts
        self.partial = partial
        self.silent = partial or (resource.plane in ("live", "state") and facts.provider != "kubernetes")
        """Whether what is not written was merely not collected. Kubernetes' own objects are always whole."""
        self.root = Spot(self, (), (), (), facts.root, {} if partial else resource.attributes)

    def undeclared(self) -> Unknown | None:
        """Why something may be there that nothing declares: an account holds more than its repository says."""
        return None

    def more_parts(self, _name: str) -> "Shaped | None":
        """A part at the root that neither schema nor facts name."""
        return None


class Spot:
    """A cursor at a value of a resource."""

    __slots__ = (
        "_kids",
        "_shown",
        "_value",
        "above",
        "frame",
        "node",
        "path",
        "place",
        "raw",
        "secret",
        "standing",
        "tree",
    )

    def __init__(  # noqa: PLR0917 - made by the hundred thousand: keywords would cost
        self,
        frame: Frame,
        path: Path,
        place: SPath,
        shown: Path,
        node: Node,
        raw: "Value | Attributes",
        standing: Standing = "written",
        *,
        above: Value | None = None,
        secret: bool = False,
        tree: bool = False,
    ) -> None:
        self.frame = frame
        self.path = path
        self.place = place
        self._shown = shown
        self.node = node
        self.raw: Any = raw
        self.standing: Standing = standing
        self.above = above
        """None for what is there. For what is not: what a path below it gives, ABSENT or why it is not known."""
        self.secret = secret
        self.tree = tree
        """Within JSON or a free-form value, where a missing key is simply not there."""
        self._kids: dict[str | int, Shaped] | None = None
        self._value: Any = _UNSET

    def __repr__(self) -> str:
        return f"<{self.frame.resource.address} {path_text(self.path)}: {self.raw!r}>"

    @property
    def resource(self) -> Resource:
        return self.frame.resource

    @property
    def root(self) -> "Spot":
        """The cursor at the root of the same resource."""
        return self.frame.root

    @property
    def shown(self) -> str:
        return path_text(self._shown)

    @property
    def named(self) -> Path:
        """`shown` by its steps."""
        return self._shown

    @property
    def sensitive(self) -> bool:
        if self.secret:
            return True
        marked = self.frame.resource.sensitive
        return bool(marked) and any(covers(place, self.path) for place in marked)

    @property
    def value(self) -> Value:
        if self._value is _UNSET:
            self._value = self.raw if self.raw.__class__ in _PLAIN else assembled(self)
        made: Value = self._value
        return made

    def forget(self) -> None:
        """Lets go of everything below, which is worked out anew where somebody asks again."""
        self._kids = None
        self._value = _UNSET

    def shown_as(self, shown: Path) -> "Spot":
        """The same place under another name: that of the folded part in which it is read."""
        if shown == self._shown:
            return self
        made = Spot(self.frame, self.path, self.place, shown, self.node, self.raw, self.standing, above=self.above)
        made.secret, made.tree = self.secret, self.tree
        return made

    def of(self, node: Node) -> "Spot":
        """The same place read as another type: the one object where a list is possible."""
        return Spot(self.frame, self.path, self.place, self._shown, node, self.raw, self.standing, secret=self.secret)

    def get(self, path: Path) -> "Shaped":
        cursor: Shaped = self
        for step in path:
            cursor = cursor.step(step)
        return cursor

    def step(self, step: str | int) -> "Shaped":
        """The cursor one step below."""
        kids = self._kids
        if kids is None:
            kids = self._kids = {}
        found = kids.get(step)
        if found is None:
            found = kids[step] = self._step(step)
        return found

    def _step(self, step: str | int) -> "Shaped":
        if isinstance(step, int):
            return self._index(step)
        if not self.place and step in self.frame.facts.folds:
            return self.frame.world.part(self.frame, step)
        field = self.node.field(step) if self.node.kind == "object" else None
        if field is None and not self.place:
            part = self.frame.more_parts(step)
            if part is not None:
                return part
        if self.above is not None:
            return self.missing(step, field)
        raw: Any = self.raw
        if self.place or isinstance(raw, Reference):
            raw = resolved(raw)
            if isinstance(raw, Encoded):
                return self._child(step, resolved(raw.tree), _TREE, tree=True)
        return self._child(step, raw, field, tree=self.tree)

    def inline(self, step: str) -> "Spot":
        """What is written under a name at the root, where a folded part has taken the name for itself."""
        return self._child(step, self.raw, self.frame.facts.hidden.get(step) or self.node.field(step), tree=False)

    def absent(self, step: str, meaning: Meaning | None = None) -> "Spot":
        """What a name at the root that nothing declares means; `meaning` where that is known already."""
        field = self.node.field(step)
        return self.missing(step, field) if meaning is None else self._nothing(step, field, meaning)

    def _child(self, step: str, raw: Any, field: Field | None, *, tree: bool) -> "Spot":
        if isinstance(raw, Unknown):
            return self._below(step, raw)
        if isinstance(raw, Text):
            return self._below(step, next(holes(raw), Unknown("unsupported_expression", self.shown)))
        if isinstance(raw, list) and self.node.kind != "map":
            return self._through_list(step, raw)
        if isinstance(raw, Open):
            if isinstance(raw.items, dict) and step in raw.items:
                return self.made(step, raw.items[step], field, tree=tree)
            return self._below(step, raw.more)
        if raw is None or isinstance(raw, str | bool | int | float):
            return self._below(step, Unknown("error", f"{self.shown} is no object"))
        if step in raw:
            return self.made(step, raw[step], field, tree=tree)
        facts = self.frame.facts
        free = tree or self.node.kind == "map" or (self.node.kind == "any" and facts.known)
        if free and (*self.place, step) not in facts.absent:
            return self._nothing(step, _TREE, NOTHING)
        return self.missing(step, field)

    def _through_list(self, step: str, raw: list[Any]) -> "Spot":
        """A path through a list works where the list has one item (a block that is written once)."""
        if len(raw) == 1:
            only = self._index(0).step(step)
            assert isinstance(only, Spot)
            return only.shown_as((*self._shown, step))
        if not raw:
            return self._nothing(step, None, NOTHING)
        return self._below(step, Unknown("error", f"{self.shown} has {len(raw)} items"))

    def _below(self, step: str | int, cause: Unknown) -> "Spot":
        place = (*self.place, step) if isinstance(step, str) else self.place
        value = because(cause, step)
        return Spot(self.frame, (*self.path, step), place, (*self._shown, step), ANY, value, self.standing)

    def made(self, step: str, value: Any, field: Field | None, *, tree: bool) -> "Spot":
        """A child that is written; where it is null (or stands for nothing) what that means."""
        place = (*self.place, step)
        path: Path = (*self.path, step)
        node = field.node if field is not None else ANY
        text = node is ANY or (node.kind == "string" and node not in TREES)
        if text and value.__class__ is str and value and not tree:  # as most are
            standing = self.standing if self.standing in _PASSED_ON else "written"
            secret = self.secret or (field is not None and field.sensitive)
            return Spot(self.frame, path, place, (*self._shown, step), node, value, standing, secret=secret)
        if node.single:
            if value.__class__ is Open and value.each and not value.items:
                from compliance_scan.shape.several import of_perhaps

                return of_perhaps(self, step, value, field)
            value, inside = only_item(value, path)
            path = (*path, 0) if inside else path
        if tree:
            secret = self.secret
        else:
            secret = self.secret or (field is not None and field.sensitive)
            if is_nothing(value) or (value in ([], "") and is_unset(self.frame.facts, place, value, field)):
                return self.missing(step, field, null=True)
            if value.__class__ is Unknown and value.options:
                from compliance_scan.shape.several import of_options

                return of_options(self, step, value, field)
            value = unsure(value, field, self.frame.facts, place)
            if left_to_aws(self.frame.resource, value, path, field):
                return self.missing(step, field)
            if not (node is ANY or node.kind == "object"):
                value = typed(value, node, path)
                if value is None:
                    return self.missing(step, field, null=True)
        standing = self.standing if self.standing in _PASSED_ON else "written"
        return Spot(self.frame, path, place, (*self._shown, step), node, value, standing, secret=secret, tree=tree)

    def missing(self, step: str, field: Field | None, *, null: bool = False) -> "Spot":
        place = (*self.place, step)
        if self.frame.silent:
            if null:
                meaning = NOTHING
            elif self.above is not None:
                meaning = self._from_above(step)
            elif self.frame.partial:
                meaning = unread(self.frame.facts, place)
            else:
                meaning = not_collected(place)
        elif not self.frame.facts.known:
            meaning = computed(place) if self.above is None else self._from_above(step)
        else:
            meaning = declared(self.frame.facts, place, field, self, self.above)
        return self._nothing(step, field, meaning)

    def _from_above(self, step: str) -> Meaning:
        above = self.above
        return Meaning(because(above, step) if isinstance(above, Unknown) else above, "nothing")

    def _nothing(self, step: str, field: Field | None, meaning: Meaning) -> "Spot":
        node = field.node if field is not None else ANY
        value = meaning.value
        if node.single and isinstance(value, list):
            value = value[0] if value else ABSENT
        if node in TREES and isinstance(value, dict):
            value = Encoded("json", value)
        above = value if is_nothing(value) or isinstance(value, Unknown) else None
        return Spot(
            self.frame,
            (*self.path, step),
            (*self.place, step),
            (*self._shown, step),
            node,
            value,
            meaning.standing,
            above=ABSENT if above is None and is_nothing(value) else above,
            secret=self.secret or (field is not None and field.sensitive),
        )

    def _index(self, index: int) -> "Spot":
        raw: Any = resolved(self.raw)
        if isinstance(raw, Encoded):
            raw = resolved(raw.tree)
        if self.above is not None or is_nothing(raw):
            return self._nothing_at(index)
        if isinstance(raw, Unknown):
            return self._below(index, raw)
        items = raw.items if isinstance(raw, Open) else raw
        if isinstance(items, list):
            if -1 < index < len(items):
                return self._item(index, items[index])
            return self._below(index, raw.more) if isinstance(raw, Open) else self._nothing_at(index)
        return self if index == 0 else self._nothing_at(index)

    def _nothing_at(self, index: int) -> "Spot":
        above = self.above
        value = ABSENT if above is None else because(above, index) if isinstance(above, Unknown) else above
        node = self.node.element or ANY
        return Spot(
            self.frame, (*self.path, index), self.place, (*self._shown, index), node, value, "nothing", above=value
        )

    def _item(self, index: int, value: Any) -> "Spot":
        node = ANY if self.tree or isinstance(resolved(self.raw), Encoded) else self.node.element or ANY
        tree = self.tree or self.node in TREES or (isinstance(resolved(self.raw), Encoded))
        path = (*self.path, index)
        if node in TREES:
            value = typed(value, node, path)
        return Spot(
            self.frame,
            path,
            self.place,
            (*self._shown, index),
            node,
            value,
            self.standing,
            above=ABSENT if is_nothing(value) else None,
            secret=self.secret,
            tree=tree,
        )

    def items(self) -> Items:
        if not self.place and self.path == ():
            return Items((Item(self, True),), None)
        raw: Any = resolved(self.raw)
        tree = self.tree
        if isinstance(raw, Encoded):
            raw, tree = resolved(raw.tree), True
        if is_nothing(raw):
            return EMPTY
        if isinstance(raw, Unknown):
            return Items((), raw)
        more = None
        each: tuple[Value, ...] = ()
        if isinstance(raw, Open):
            raw, more, each = raw.items, raw.more, raw.each
        if isinstance(raw, list):
            listed = [Item(self.step(index), True) for index in range(len(raw))]
            if more is not None and each:
                perhaps = maybe(more)
                listed += [Item(self._item(len(raw) + n, like), perhaps) for n, like in enumerate(each)]
                more = None
            return Items(listed, more)
        if isinstance(raw, dict) and (self.node.kind == "map" or (self.node.kind == "any" and not tree)):
            return Items([Item(self._pair(key), True) for key in raw], more)
        return Items((Item(self, True),), more)

    def _pair(self, key: str) -> "Shaped":
        from compliance_scan.shape.made import Made

        shown = (*self._shown, key)
        name = Spot(self.frame, (*self.path, key), (*self.place, "key"), shown, ANY, key, self.standing)
        return Made(self.frame, (*self.path, key), shown, {"key": name, "value": self.step(key)})


_UNSET: Final = object()
_PLAIN: Final = frozenset((str, bool, int, float, type(None), type(ABSENT)))
