"""The attributes in which a declared and a live resource differ, noise left out.

Only what both sides know is compared: an attribute that no collector gives, or that a plan does not know, is no
difference. What the code does not write, and the provider leaves to AWS, is not declared, hence no drift either.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Path, is_nothing, path_text
from compliance_scan.planes.noise import ALWAYS, AWS_TAG, Noise
from compliance_scan.planes.normal import HOLE, is_empty, known, same_scalar, sort_key
from compliance_scan.ruleset.paths import parse
from compliance_scan.shape.facts import SPath, TypeFacts
from compliance_scan.shape.nodes import ANY, Node

if TYPE_CHECKING:
    from compliance_scan.shape.made import Shaped
    from compliance_scan.shape.world import World

_LISTS = ("list", "set")


class Difference(NamedTuple):
    """One attribute whose live value is not the declared one."""

    path: Path
    declared: Any
    live: Any
    cursor: "Shaped"
    """The declared side: who said it, and where."""


def differences(pair: "tuple[World, Resource]", other: "tuple[World, Resource]", noise: Noise) -> list[Difference]:
    """How a live resource, `other`, differs from the declared one, by path."""
    (declared, ours), (live, theirs) = pair, other
    facts = declared.catalog.type(ours.type)
    ignored = _ignored(ours)
    if ALL in ignored:
        return []
    found: list[Difference] = []
    left, right = declared.cursor(ours), live.cursor(theirs)
    for name in _names(theirs, facts):
        place = (name,)
        if name in ignored or place in noise.ignore:
            continue
        one, its_cursor = left.step(name), right.step(name)
        field = facts.root.field(name) if facts is not None else None
        folded = facts is not None and name in facts.folds
        if not folded and field is not None and (field.mode == "c" or not _is_declared(ours, name, one, field.mode)):
            continue
        node = field.node if field is not None else ANY
        compared = _Compared(noise, one)
        mine, its = known(one.value), known(its_cursor.value)
        if folded and not isinstance(mine, list) and (is_empty(mine) or one.standing not in DECLARED):
            continue  # a part that nothing declares says nothing
        if name == "tags":
            mine, its = _tags(ours, mine), _tags(theirs, its)
        compared.walk(mine, its, node, (name,), place)
        found += [each for each in compared.found if not _covered(each.path, ignored)]
    return found


ALL = "all"
DECLARED = ("written", "default")


def _ignored(resource: Resource) -> frozenset[str]:
    """What `lifecycle.ignore_changes` names, as texts; `all` stands for everything."""
    if "lifecycle" not in resource.attributes:
        return frozenset()
    blocks = known(resource.attributes["lifecycle"])
    named: set[str] = set()
    for block in blocks if isinstance(blocks, list) else [blocks]:
        if isinstance(block, dict):
            said = block.get("ignore_changes") or []
            texts = [said] if isinstance(said, str) else [each for each in said if isinstance(each, str)]
            named.update(path_text(tuple(parse(text))) for text in texts)
    return frozenset(named)


def is_ignored(resource: Resource, path: Path) -> bool:
    """Whether Terraform was told to leave an attribute alone (`lifecycle.ignore_changes`)."""
    ignored = _ignored(resource)
    return ALL in ignored or _covered(path, ignored)


def _covered(path: Path, ignored: frozenset[str]) -> bool:
    text = path_text(path)
    return any(text == each or text.startswith((each + ".", each + "[")) for each in ignored)


def _names(theirs: Resource, facts: TypeFacts | None) -> Iterator[str]:
    folds = facts.folds if facts is not None else {}
    inline = {source.inline[0] for fold in folds.values() for source in fold.sources if source.inline}
    yield from folds
    for name in theirs.attributes:
        if name in ALWAYS or name in folds or name in inline:
            continue
        yield name


def _is_declared(resource: Resource, name: str, cursor: "Shaped", mode: str) -> bool:
    """Whether what is declared speaks of an attribute: written, the provider's default, or null where the provider
    takes null for its word."""
    if resource.plane == "state":
        return name in resource.attributes
    if name in resource.attributes and not is_nothing(cursor.value):
        return cursor.standing in DECLARED
    return cursor.standing == "default" or (mode == "o" and cursor.standing == "nothing")


def _tags(resource: Resource, written: Any) -> Any:
    """All tags of a resource, those of the provider's defaults too; AWS's own are not ours."""
    if written is HOLE:
        return HOLE
    whole = known(resource.attributes["tags_all"]) if "tags_all" in resource.attributes else None
    tags = whole if isinstance(whole, dict) and whole else written
    if not isinstance(tags, Mapping):
        return tags
    return {str(key): value for key, value in tags.items() if not str(key).startswith(AWS_TAG)}


class _Compared:
    """The differences below one attribute."""

    def __init__(self, noise: Noise, cursor: "Shaped") -> None:
        self.noise, self.cursor = noise, cursor
        self.found: list[Difference] = []

    def walk(self, ours: Any, theirs: Any, node: Node, path: Path, place: SPath) -> None:
        if ours is HOLE or theirs is HOLE or place in self.noise.ignore:
            return
        if is_empty(ours) and is_empty(theirs):
            return
        ours, theirs = _unwrapped(ours, theirs)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            self._objects(ours, theirs, node, path, place)
        elif isinstance(ours, list) and isinstance(theirs, list):
            self._lists(ours, theirs, node, path, place)
        elif (
            isinstance(ours, dict | list)
            or isinstance(theirs, dict | list)
            or not same_scalar(ours, theirs, place, self.noise)
        ):
            self._tell(path, ours, theirs)

    def _objects(self, ours: dict[str, Any], theirs: dict[str, Any], node: Node, path: Path, place: SPath) -> None:
        """Objects by the fields that both have; mappings by all keys."""
        mapping = node.kind == "map" or place[-1] == "tags"
        names = dict.fromkeys([*ours, *theirs]) if mapping else [name for name in theirs if name in ours]
        inner = node.element if node.kind in _LISTS and node.element is not None else node
        for name in names:
            field = inner.field(name) if inner.kind == "object" else None
            if field is not None and field.mode == "c":
                continue
            below = field.node if field is not None else ANY
            self.walk(ours.get(name), theirs.get(name), below, (*path, name), (*place, name))

    def _lists(self, ours: list[Any], theirs: list[Any], node: Node, path: Path, place: SPath) -> None:
        """Collections as what they hold: order alone is no drift, since AWS keeps none."""
        if HOLE in ours or HOLE in theirs:
            return
        names = _common(ours, theirs)
        mine = [sort_key(_only(item, names)) for item in ours if not is_empty(item)]
        its = [sort_key(_only(item, names)) for item in theirs if not is_empty(item)]
        if sorted(mine) == sorted(its) or self._same_names(ours, theirs, place):
            return
        if names is not None and node.kind == "list" and len(ours) == len(theirs):
            for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                self.walk(one, other, node.element or ANY, (*path, index), place)
        else:
            self._tell(path, ours, theirs)

    def _same_names(self, ours: list[Any], theirs: list[Any], place: SPath) -> bool:
        """Whether two sets of texts name the same things, some by ARN and some by name."""
        if len(ours) != len(theirs) or not all(isinstance(item, str) for item in (*ours, *theirs)):
            return False
        rest = list(theirs)
        for item in ours:
            match = next((other for other in rest if same_scalar(item, other, place, self.noise)), None)
            if match is None:
                return False
            rest.remove(match)
        return True

    def _tell(self, path: Path, ours: Any, theirs: Any) -> None:
        self.found.append(Difference(path, ours, theirs, self.cursor.get(path[1:])))


def _unwrapped(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """A block of one item is that item: one side may read it as an object, the other as a list of one."""
    if isinstance(ours, dict) and isinstance(theirs, list) and len(theirs) == 1:
        return ours, theirs[0]
    if isinstance(theirs, dict) and isinstance(ours, list) and len(ours) == 1:
        return ours[0], theirs
    return ours, theirs


def _has_hole(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_hole(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_hole(item) for item in value)
    return value is HOLE


def _common(ours: list[Any], theirs: list[Any]) -> frozenset[str] | None:
    """The names that the objects of both lists have and that are known in all; None for lists of other things."""
    items = [item for item in (*ours, *theirs) if isinstance(item, dict)]
    if not items:
        return None
    mine = {name for item in ours if isinstance(item, dict) for name in item}
    its = {name for item in theirs if isinstance(item, dict) for name in item}
    both = mine & its if mine and its else mine | its
    return frozenset(name for name in both if not any(_has_hole(item.get(name)) for item in items))


def _only(item: Any, names: frozenset[str] | None) -> Any:
    return (
        {name: item[name] for name in item if name in names} if names is not None and isinstance(item, dict) else item
    )
