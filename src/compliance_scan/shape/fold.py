"""Folding: a virtual part of an owner, put together from its satellites and its inline spellings. A view: what folds
stays in the inventory, and every cursor leads back to the one who said it."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.model.logic import Maybe, Tri, tri_all
from compliance_scan.model.value import Path, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Item, Items
from compliance_scan.shape.absence import Meaning, because, declared, not_collected, unread
from compliance_scan.shape.cursor import Frame, Spot
from compliance_scan.shape.facts import Fold, FoldSource, Mapped, Mapping_, SPath
from compliance_scan.shape.made import Made, MadeList, Shaped, renamed, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

_MAKERS = "compliance_scan.shape.makers"


class Piece(NamedTuple):
    """One spelling of a part that somebody wrote."""

    source: FoldSource
    base: Spot
    present: Tri


class Said(NamedTuple):
    """All that was said of a part."""

    pieces: list[Piece]
    open: Unknown | None
    """Why others may have said something."""
    spoken: bool
    """Whether anyone was asked: on state and live silence is not absence."""


def part(world: "World", frame: Frame, name: str) -> Shaped:
    """A folded part of a resource."""
    fold = frame.facts.folds[name]
    said = _said_alone(world, frame, fold) if frame.partial else _said(world, frame, fold)
    if fold.shape == "list":
        return collection(world, frame, fold, said)
    return single(world, frame, fold, said)


def _said_alone(world: "World", frame: Frame, fold: Fold) -> Said:
    """What a satellite says of its partial owner: it alone, closed, and nothing of the parts that it does not fold
    into."""
    satellite = world.cursor(frame.resource)
    sources = [source for source in fold.sources if source.type and world.is_a(frame.resource, source.type)]
    return Said([Piece(source, satellite, True) for source in sources], None, bool(sources))


def _said(world: "World", frame: Frame, fold: Fold) -> Said:
    pieces: list[Piece] = []
    opened: Unknown | None = None
    spoken = False
    listed = frame.resource.plane == "live" and world.inventory.coverage is not None
    for source in fold.sources:
        if source.inline:
            written, base = _inline(frame, source.inline)
            spoken = spoken or written
            if base is not None:
                pieces.append(Piece(source, base, True))
            continue
        satellites, overflow = world.satellites(frame, source)
        opened = opened or overflow
        spoken = spoken or (listed and overflow is None)  # somebody was asked, and had nothing
        for satellite, present in satellites:
            if isinstance(present, Maybe) and fold.shape != "list" and satellite.resource.conditional is None:
                opened = opened or present.causes[0]
            else:
                pieces.append(Piece(source, satellite.root, present))
            spoken = True
    if frame.resource.plane == "plan":
        pieces = _without_copies(frame, pieces)
    opened = opened or frame.undeclared()
    if opened is None and any(source.by for source in fold.sources):
        opened = world.handed(frame.resource)
    return Said(pieces, opened, spoken)


def _without_copies(frame: Frame, pieces: list[Piece]) -> list[Piece]:
    """A plan repeats inline, as it was before, what satellites say: where there are any, only what is configured
    counts."""
    configured = getattr(frame.resource.attributes, "configured", None)
    if configured is None or not any(piece.source.type for piece in pieces):
        return pieces
    return [piece for piece in pieces if piece.source.type or configured(piece.base.path[:1])]


def _inline(frame: Frame, path: SPath) -> tuple[bool, Spot | None]:
    """Whether an inline spelling was written (null, on state and live, included), and its cursor where it says
    something."""
    if path[0] not in frame.resource.attributes:
        return False, None
    cursor: Shaped = frame.root.inline(path[0])
    cursor = cursor.get(path[1:])
    if not isinstance(cursor, Spot) or cursor.above is not None or cursor.standing != "written":
        return True, None
    return True, cursor if not is_nothing(cursor.raw) and cursor.raw != [] else None


def single(world: "World", frame: Frame, fold: Fold, said: Said) -> Shaped:
    """A part that an owner has at most once."""
    sure = [piece for piece in said.pieces if piece.present is True]
    if frame.silent and any(piece.source.type for piece in sure):
        sure = [piece for piece in sure if piece.source.type]  # a state's inline copy repeats its satellites
    shown = (fold.name,)
    if not sure:
        return _undeclared(frame, fold, said)
    # What may exist beside them agrees with them, or nobody can tell.
    perhaps = [piece for piece in said.pieces if piece.present is not True and _is_ours(piece)]
    made = [_object(world, frame, fold, piece, shown) for piece in (*sure, *perhaps)]
    return made[0] if len(made) == 1 else _agreed(made, shown)


def _is_ours(piece: Piece) -> bool:
    """Whether a satellite is certainly of this owner, if it exists at all."""
    condition = piece.base.resource.conditional
    return isinstance(piece.present, Maybe) and all(cause == condition for cause in piece.present.causes)


def _undeclared(frame: Frame, fold: Fold, said: Said) -> Shaped:
    causes = [said.open] if said.open is not None else []
    causes += [piece.present.causes[0] for piece in said.pieces if isinstance(piece.present, Maybe)]
    if causes:
        return spot(frame, (), (fold.name,), because(causes[0]), standing="nothing")
    if frame.silent:
        if said.spoken:
            return frame.root.absent(fold.name, Meaning(None, "nothing"))
        return spot(frame, (fold.name,), (fold.name,), _silence(frame, fold), standing="nothing")
    return frame.root.absent(fold.name)


def _silence(frame: Frame, fold: Fold) -> Unknown:
    meaning = unread(frame.facts, (fold.name,)) if frame.partial else not_collected((fold.name,))
    assert isinstance(meaning.value, Unknown)
    return meaning.value


def _object(world: "World", frame: Frame, fold: Fold, piece: Piece, shown: Path) -> Shaped:
    base: Shaped = piece.base
    if fold.shape == "value":
        cursor = base.get(piece.source.value)
        if piece.source.make:
            made = _maker(piece.source.make)(world, cursor, frame)
            return renamed(made, shown)
        return _with_facts(frame, (fold.name,), cursor).shown_as(shown)
    base = base.get(piece.source.each)
    if piece.source.map is None:
        return base.shown_as(shown)
    return _mapped(frame, (fold.name,), base, piece.source.map, shown)


def _mapped(owner: Frame, place: SPath, base: Shaped, mapping: Mapping_, shown: Path) -> Made:
    fields: dict[str, Any] = {}
    for name, target in mapping.items():
        make = partial(_field, owner, (*place, name), base, target)
        fields[name] = make

    def missing(name: str) -> Shaped:
        return _with_facts(owner, (*place, name), spot(base.frame, base.path, (), None))

    return Made(base.frame, base.path, shown, fields, missing=missing)


def _field(owner: Frame, place: SPath, base: Shaped, target: "Mapped | Mapping_") -> Shaped:
    if isinstance(target, Mapped):
        if not target.path:
            return spot(base.frame, base.path, (), target.constant)
        cursor = base.get(target.path)
        if target.values is not None:
            cursor = _translated(cursor, target.values)
        return _with_facts(owner, place, cursor)
    made = _mapped(owner, place, base, target, ())
    if all(_is_missing(made.step(name)) for name in target):
        return _with_facts(owner, place, spot(base.frame, base.path, (), None))
    return made


def _is_missing(cursor: Shaped) -> bool:
    """Whether nobody wrote it."""
    if isinstance(cursor, Spot):
        return cursor.above is not None and cursor.standing == "nothing"
    return False


def _with_facts(owner: Frame, place: SPath, cursor: Shaped) -> Shaped:
    """The owner's facts say what is absent in its part too."""
    if (owner.silent and not owner.partial) or not _is_missing(cursor) or place not in owner.facts.absent:
        return cursor
    meaning = declared(owner.facts, place, None, owner.root, None)
    if meaning.standing == "nothing":
        return cursor
    return spot(cursor.frame, cursor.path, (), meaning.value, standing=meaning.standing)


def _translated(cursor: Shaped, values: Any) -> Shaped:
    value = resolved(cursor.value)
    if isinstance(value, Unknown) and value.options:
        options = tuple([_word(option, values) for option in value.options])
        made: Value = Unknown(value.cause, value.detail, options=options)
    else:
        made = _word(cursor.value, values)
        if made is cursor.value:
            return cursor
    return spot(cursor.frame, cursor.path, (), made, standing=cursor.standing, secret=cursor.sensitive, choices=True)


def _word(value: Value, values: Any) -> Value:
    key = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else value
    return values[key] if isinstance(key, str) and key in values else value


def _agreed(made: Sequence[Shaped], shown: Path) -> Shaped:
    """Several spellings of one part: where they differ nobody can tell which holds."""
    first = made[0]
    objects = [item for item in made if isinstance(item, Made)]
    if len(objects) == len(made):
        names = dict.fromkeys(name for item in objects for name in item.fields)
        fields: dict[str, Any] = {name: partial(_agreed_field, objects, name) for name in names}
        return Made(first.frame, first.path, shown, fields)
    if all(item.value == first.value for item in made):
        return first
    return spot(first.frame, first.path, shown, _ambiguous(made))


def _agreed_field(objects: Sequence[Made], name: str) -> Shaped:
    said = [cursor for cursor in (item.step(name) for item in objects) if not _is_missing(cursor)]
    if not said:
        return objects[0].step(name)
    if all(cursor.value == said[0].value for cursor in said):
        return said[0]
    return spot(said[0].frame, said[0].path, (), _ambiguous(said))


def _ambiguous(said: Sequence[Shaped]) -> Value:
    names = ", ".join(dict.fromkeys(cursor.resource.address for cursor in said))
    return Unknown("ambiguous_join", f"{names} say different things")


def collection(world: "World", frame: Frame, fold: Fold, said: Said) -> Shaped:
    """A part of which an owner may have many."""
    items: list[Item] = []
    more = said.open
    for piece in said.pieces:
        found = _items(world, frame, fold, piece)
        more = more or found.more
        for item in found.items:
            shown = (fold.name, len(items))
            items.append(Item(renamed(item.cursor, shown), tri_all([item.present, piece.present])))
    if frame.silent:
        items = _distinct(items)
        if not said.spoken:
            more = more or _silence(frame, fold)
    if not items and more is None and (fold.name,) in frame.facts.absent and not said.pieces:
        return frame.root.absent(fold.name)
    if fold.then:
        whole: Items = _maker(fold.then)(world, Items(items, more), frame)
        items, more = list(whole.items), whole.more
    return MadeList(frame, (), (fold.name,), items, more)


def _items(world: "World", frame: Frame, fold: Fold, piece: Piece) -> Items:
    source = piece.source
    base: Shaped = piece.base.get(source.value)
    if source.make:
        made: Items = _maker(source.make)(world, base, frame)
        return made
    found = base.get(source.each).items()
    if source.map is None:
        return found
    mapping = source.map
    items = [
        Item(_mapped(frame, (fold.name,), renamed(item.cursor, ()), mapping, ()), item.present) for item in found.items
    ]
    return Items(items, found.more)


def _distinct(items: list[Item]) -> list[Item]:
    """A state tells inline what its satellites tell too: each content once."""
    seen: set[str] = set()
    kept: list[Item] = []
    for item in items:
        value = item.cursor.value
        if isinstance(value, dict):  # a state writes "" where another resource of it has null
            value = {name: part for name, part in value.items() if part != "" and not isinstance(part, Unknown)}
        content = repr(value)
        if content not in seen:
            seen.add(content)
            kept.append(item)
    return kept


def _maker(name: str) -> Callable[..., Any]:
    """A coded spelling: `network.entries` is the function `entries` of `shape/makers/network.py`."""
    module, _, function = name.partition(".")
    found: Callable[..., Any] = getattr(import_module(f"{_MAKERS}.{module}"), function)
    return found
