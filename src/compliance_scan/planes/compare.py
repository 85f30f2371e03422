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
from compliance_scan.planes.parts import Parts
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


def differences(
    pair: "tuple[World, Resource]",
    other: "tuple[World, Resource]",
    noise: Noise,
    parts: Parts | None = None,
    *,
    left_alone: list[Difference] | None = None,
) -> list[Difference]:
    """How a live resource, `other`, differs from the declared one, by path. `parts` of the declared world, where the
    caller has them; `left_alone` takes what `lifecycle.ignore_changes` names."""
    (declared, ours), (live, theirs) = pair, other
    parts = parts or Parts(declared, live)
    facts, noise = declared.catalog.type(ours.type), noise.without(ours)
    ignored = _ignored(ours)
    found: list[Difference] = []
    left, right = declared.cursor(ours), live.cursor(theirs)
    for name in _names(ours, theirs, facts, parts):
        place = (name,)
        if place in noise.ignore or _is_equal(name, ours, theirs, facts, parts):
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
        for each in compared.found:
            if ALL not in ignored and not _covered(each.path, ignored):
                found.append(each)
            elif left_alone is not None:
                left_alone.append(each)
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


def _names(ours: Resource, theirs: Resource, facts: TypeFacts | None, parts: Parts) -> Iterator[str]:
    """The parts and attributes to compare. What a part works out of attributes (statements of a policy's text) says
    less than they do: where these are written they are compared themselves."""
    folds = facts.folds if facts is not None else {}
    spelt: set[str] = set()
    for name, fold in folds.items():
        inline = [source for source in fold.sources if source.inline]
        made = [source.inline[0] for source in inline if source.make]
        if any(each in ours.attributes and not is_nothing(ours.attributes[each]) for each in made):
            spelt.update(source.inline[0] for source in inline if not source.make)
            continue
        spelt.update(source.inline[0] for source in inline)
        if not parts.is_silent(fold):
            yield name
    for name in theirs.attributes:
        if name not in ALWAYS and name not in folds and name not in spelt:
            yield name


def _is_equal(name: str, ours: Resource, theirs: Resource, facts: TypeFacts | None, parts: Parts) -> bool:
    """Whether both sides plainly say the same, so that nobody need look closer."""
    if facts is None or name not in facts.folds:
        return name in ours.attributes and _same_plain(ours.attributes[name], theirs.attributes[name])
    fold = facts.folds[name]
    if parts.has_satellites(fold):
        return False
    inline = {source.inline[0] for source in fold.sources if source.inline}
    return all(_same_plain(_plainly(ours, each), _plainly(theirs, each)) for each in inline)


def _plainly(resource: Resource, name: str) -> Any:
    if name not in resource.attributes:
        return None
    return resource.attributes[name]


def _same_plain(one: Any, other: Any) -> bool:
    return type(one) is type(other) and isinstance(one, str | int | list | dict | None) and one == other


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
        element = node.element if node.element is not None else node if node.single else ANY
        form = _form(ours, theirs, element)
        mine = [(index, sort_key(_formed(item, form))) for index, item in enumerate(ours) if not is_empty(item)]
        its = [(index, sort_key(_formed(item, form))) for index, item in enumerate(theirs) if not is_empty(item)]
        left, right = _unmatched(mine, its)
        if not left and (not right or place in self.noise.subset):
            return
        if len(left) * len(right) <= MAX_TRIES:
            left, right = self._alike((ours, left), (theirs, right), element, place)
        if not left and (not right or place in self.noise.subset):
            return
        pairs = _pairs([ours[index] for index in left], [theirs[index] for index in right])
        if pairs is None:
            self._tell(path, ours, theirs)
            return
        for one, other in pairs:
            self.walk(ours[left[one]], theirs[right[other]], element, (*path, left[one]), place)

    def _alike(
        self, ours: tuple[list[Any], list[int]], theirs: tuple[list[Any], list[int]], node: Node, place: SPath
    ) -> tuple[list[int], list[int]]:
        """What is left of items (by index) when those that mean the same are taken out: some are named by ARN, some by
        name."""
        rest, rest_of_theirs = [], list(theirs[1])
        for index in ours[1]:
            for other in rest_of_theirs:
                if same(ours[0][index], theirs[0][other], place, self.noise, node):
                    rest_of_theirs.remove(other)
                    break
            else:
                rest.append(index)
        return rest, rest_of_theirs

    def _tell(self, path: Path, ours: Any, theirs: Any) -> None:
        self.found.append(Difference(path, ours, theirs, self.cursor.get(path[1:])))


class _Trial(_Compared):
    """Only whether there is a difference."""

    def _tell(self, path: Path, ours: Any, theirs: Any) -> None:
        self.found.append(Difference(path, ours, theirs, self.cursor))


def same(ours: Any, theirs: Any, place: SPath, noise: Noise, node: Node = ANY) -> bool:
    """Whether two values at a place mean the same."""
    trial = _Trial(noise, None)  # type: ignore[arg-type] # nobody asks a trial where it was written
    trial.walk(ours, theirs, node, place, place)
    return not trial.found


MAX_TRIES = 10_000
KEYS = ("name", "key", "id", "sid", "device_name", "rule_id", "priority", "rule_no", "rule_number", "origin_id", "port")
"""What tells the items of a list apart."""


def _unmatched(mine: list[tuple[int, str]], its: list[tuple[int, str]]) -> tuple[list[int], list[int]]:
    """The items of both lists that the other does not have, by index."""
    rest: dict[str, list[int]] = {}
    for index, key in its:
        rest.setdefault(key, []).append(index)
    left = []
    for index, key in mine:
        if rest.get(key):
            rest[key].pop(0)
        else:
            left.append(index)
    return left, sorted(index for indices in rest.values() for index in indices)


def _pairs(ours: list[Any], theirs: list[Any]) -> list[tuple[int, int]] | None:
    """Which objects of two lists are the same one, changed: one beside one, else by what names them; None where
    nobody can tell."""
    if len(ours) != len(theirs) or not all(isinstance(item, dict) for item in (*ours, *theirs)):
        return None
    if len(ours) == 1:
        return [(0, 0)]
    for key in KEYS:
        names = [str(item.get(key)) for item in ours]
        others = [str(item.get(key)) for item in theirs]
        if "None" not in names and sorted(names) == sorted(others) and len(set(names)) == len(names):
            return [(index, others.index(name)) for index, name in enumerate(names)]
    return None


def _unwrapped(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """A block of one item is that item: one side may read it as an object, the other as a list of one."""
    if isinstance(ours, dict) and isinstance(theirs, list) and len(theirs) == 1:
        return ours, theirs[0]
    if isinstance(theirs, dict) and isinstance(ours, list) and len(ours) == 1:
        return ours[0], theirs
    return ours, theirs


Form = Mapping[str, Any] | None
"""Which names of objects both sides know, and the same below them; None for what is compared whole."""


def _form(ours: list[Any], theirs: list[Any], node: Node) -> Form:
    """What the objects of two lists have in common: names that one side does not have, or that somewhere are not known,
    are left out."""
    mine, its = ([item for item in items if isinstance(item, dict)] for items in (ours, theirs))
    if not (mine or its) or node.kind == "map":
        return None
    names, others = {name for item in mine for name in item}, {name for item in its for name in item}
    form: dict[str, Form] = {}
    for name in sorted(names & others if names and others else names | others):
        a, b = (_flat([item[name] for item in items if name in item]) for items in (mine, its))
        if not any(value is HOLE for value in (*a, *b)):
            field = node.field(name) if node.kind == "object" else None
            below = field.node if field is not None else ANY
            form[name] = _form(a, b, below.element if below.kind in _LISTS and below.element else below)
    return form


def _flat(values: list[Any]) -> list[Any]:
    return [item for value in values for item in (value if isinstance(value, list) else [value])]


def _formed(value: Any, form: Form) -> Any:
    """A value, as far as a form goes."""
    if form is None:
        return value
    if isinstance(value, list):
        return [_formed(item, form) for item in value]
    if isinstance(value, dict):
        return {name: _formed(value[name], form[name]) for name in value if name in form}
    return value
