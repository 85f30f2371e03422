"""Drift, ranked by consequence: what flipped a rule first, then what could, then the rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from compliance_scan.model.finding import SEVERITIES, Finding, Severity, Verdict
from compliance_scan.model.resource import Resource
from compliance_scan.planes.compare import Difference, differences, is_ignored, same
from compliance_scan.planes.meaning import GOOD
from compliance_scan.planes.noise import Noises, made_by_aws
from compliance_scan.planes.normal import HOLE, known
from compliance_scan.planes.parts import Parts, covers
from compliance_scan.shape.facts import SPath

if TYPE_CHECKING:
    from compliance_scan.planes.rows import Group, Verdicts
    from compliance_scan.shape.made import Shaped
    from compliance_scan.shape.world import World

Kind = Literal["changed", "missing", "unmanaged"]
KINDS: tuple[Kind, ...] = ("changed", "missing", "unmanaged")


class Flip(NamedTuple):
    """A rule instance whose verdict on the account is not that of what is declared."""

    instance: str
    rule: str
    severity: Severity
    declared: Verdict
    live: Verdict

    @property
    def worse(self) -> bool:
        """Whether what is declared holds and what is live does not."""
        return self.declared in GOOD and self.live == "fail"


class Drifted(NamedTuple):
    """One resource that is not as it is declared."""

    kind: Kind
    group: "Group"
    differences: tuple[Difference, ...]
    flips: tuple[Flip, ...]
    read: bool
    """Whether a rule reads one of the attributes that differ, so that it could flip."""
    ignored: tuple[Difference, ...] = ()
    """Attributes that `lifecycle.ignore_changes` leaves alone."""


class Drifting:
    """Finds drift between two worlds whose resources are grouped."""

    def __init__(
        self,
        declared: "World",
        live: "World",
        verdicts: "Verdicts",
        *,
        severities: Mapping[str, Severity],
        reads: Callable[[str], Sequence[str]],
        detail: Callable[[Finding], Finding],
    ) -> None:
        """`severities`: of each rule instance. `reads`: the attributes of a type that any rule reads. `detail` gives a
        finding its evidence."""
        self._detail = detail
        self.declared, self.live, self.verdicts = declared, live, verdicts
        self.severities, self.reads = severities, reads
        self.noises = Noises(declared.catalog, live)
        self.parts, self.live_parts = Parts(declared, live), Parts(live, declared)

    def all(self, groups: Sequence["Group"]) -> list[Drifted]:
        """All drift, by the severity of what flipped, then kind, then address."""
        found = [each for group in groups for each in self._of(group)]
        found.sort(key=_rank)
        return found

    def _of(self, group: "Group") -> Iterator[Drifted]:
        if group.said is None:
            yield from self._unmanaged(group)
        elif group.live is None:
            if not group.why and not self.parts.is_told(group.said):
                yield Drifted("missing", group, (), tuple(self._flips(group)), read=True)
        else:
            yield from self._changed(group, group.said, group.live)

    def _unmanaged(self, group: "Group") -> Iterator[Drifted]:
        live = group.live
        assert live is not None
        is_ours = live.type.startswith("aws_") and self.live.catalog.declarable(live.type)
        if not is_ours or self.live_parts.is_told(live):
            return
        if made_by_aws(live, self.noises.of(live.type)) or live.type.startswith("aws_default_"):
            return
        flips = tuple(flip for flip in self._flips(group) if flip.live == "fail")
        yield Drifted("unmanaged", group, (), flips, read=bool(flips))

    def _changed(self, group: "Group", said: Resource, live: Resource) -> Iterator[Drifted]:
        ignored: list[Difference] = []
        found = self._differences(group, live, ignored)
        if self.parts.is_told(said):
            told = self.parts.told(said.type) or frozenset()
            found = [each for each in found if not covers(told, _place(each))]
        flips = tuple(self._flips(group))
        if not found:
            found = [each for flip in flips for each in self._evidence(group, flip)]
            found = list({each.path: each for each in found}.values())
        if found or ignored:
            names = self.reads(said.type)
            read = any(str(each.path[0]) in names for each in found)
            flips = flips if found else ()
            yield Drifted("changed", group, tuple(found), flips, read=read, ignored=tuple(ignored))

    def _differences(self, group: "Group", live: Resource, ignored: list[Difference]) -> list[Difference]:
        """What the code says against what is live; where the code does not know, what the state says."""
        noise = self.noises.of(live.type)
        found: dict[Any, Difference] = {}
        for side in (group.declared, group.state):
            if side is None:
                continue
            alone = ignored if side is group.declared else None
            for each in differences((self.declared, side), (self.live, live), noise, self.parts, left_alone=alone):
                if side is group.state and group.declared is not None and not self._open(group.declared, each):
                    continue
                found.setdefault(each.path, each)
        return list(found.values())

    def _open(self, code: Resource, difference: Difference) -> bool:
        """Whether the code leaves a value open, so that the state has the word."""
        if is_ignored(code, difference.path):
            return False
        value = known(self.declared.cursor(code).get(difference.path).value)
        return value is HOLE or value is None

    def _flips(self, group: "Group") -> Iterator[Flip]:
        ours = self.verdicts.get(group.said, {}) if group.said is not None else {}
        theirs = self.verdicts.get(group.live, {}) if group.live is not None else {}
        for instance in sorted({*ours, *theirs}):
            one, other = ours.get(instance), theirs.get(instance)
            if group.live is None or (group.said is not None and (one is None or other is None)):
                continue  # a rule that judges one side alone (the age of a key) has nothing to flip
            before: Verdict = one.verdict if one is not None else "not_applicable"
            after: Verdict = other.verdict if other is not None else "not_applicable"
            if (before == "fail") != (after == "fail") and "unknown" not in (before, after):
                rule = _rule(one, other)
                yield Flip(instance, rule, self.severities.get(instance, "medium"), before, after)

    def _evidence(self, group: "Group", flip: Flip) -> Iterator[Difference]:
        """What a flip hangs on, where no declared attribute differs: what the code leaves out, or a relation."""
        side = group.live if flip.live == "fail" else group.said
        finding = self.verdicts.get(side, {}).get(flip.instance) if side is not None else None
        if finding is None or group.said is None or group.live is None:
            return
        for evidence in self._detail(finding).evidence[:1]:
            path = evidence.path.split(".")[0].split("[")[0]
            if not path or evidence.resource not in (group.said, group.live):
                continue
            ours: Shaped = self.declared.cursor(group.said).step(path)
            theirs: Shaped = self.live.cursor(group.live).step(path)
            one, other = known(ours.value), known(theirs.value)
            noise = self.noises.of(group.live.type)
            if one is not HOLE and other is not HOLE and not same(one, other, (path,), noise):
                yield Difference((path,), one, other, ours)


def _rule(one: Finding | None, other: Finding | None) -> str:
    found = one or other
    assert found is not None
    return found.rule


def _place(difference: Difference) -> SPath:
    return tuple(step for step in difference.path if isinstance(step, str))


def _rank(each: Drifted) -> tuple[int, int, int, str]:
    worst = min((SEVERITIES.index(flip.severity) for flip in each.flips if flip.worse), default=None)
    if worst is None and each.kind == "unmanaged":
        worst = min((SEVERITIES.index(flip.severity) for flip in each.flips if flip.live == "fail"), default=None)
    group = 0 if worst is not None else 1 if each.read else 2
    return (group, worst or 0, KINDS.index(each.kind), each.group.first.address)
