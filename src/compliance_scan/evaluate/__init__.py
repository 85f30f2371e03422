"""Rules over resources: verdicts first, and for what is reported what led to them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.errors import Incomplete
from compliance_scan.evaluate.quick import Judged, build
from compliance_scan.evaluate.run import Run
from compliance_scan.evaluate.scope import in_scope
from compliance_scan.model.finding import Evidence, Finding, Verdict
from compliance_scan.model.logic import Maybe, Tri, tri_all
from compliance_scan.model.resource import Resource, header_of
from compliance_scan.model.rule import Instance
from compliance_scan.model.value import Unknown
from compliance_scan.model.view import Cursor, World
from compliance_scan.shape.absence import UNDECLARED, UNREAD
from compliance_scan.shape.identity import fingerprints

if TYPE_CHECKING:
    from compliance_scan.evaluate.alike import Alike
    from compliance_scan.evaluate.deciding import Decider
    from compliance_scan.evaluate.trace import Node

REPORTED: frozenset[Verdict] = frozenset({"fail", "unknown"})


MANY = 20_000
"""Verdicts to come to, from which on a second process takes its half of the work: below, to begin it costs more."""


MANY_ALIKE = 32
"""Resources that one rule judges, from which on those are told apart that it reads the same of."""


class Group(NamedTuple):
    """Subjects, and all that judges them."""

    subjects: Sequence[Cursor]
    judges: "Sequence[Callable[[Cursor, Resource], Finding | None]]"


class Explanation(NamedTuple):
    """Why a verdict came out so: the traced conditions."""

    verdict: Verdict
    when: "Node | None"
    assertion: "Node"
    cause: Unknown | None


def evaluate(
    instances: Sequence[Instance],
    world: World,
    *,
    detail: Collection[Verdict] = REPORTED,
    notes: list[Incomplete] | None = None,
    names: Mapping[Resource, Sequence[str]] | None = None,
) -> Iterator[Finding]:
    """One finding a rule instance and resource in its scope, by address, then rule.

    `detail`: the verdicts whose findings get evidence. A rule that breaks on one resource gives an unknown
    finding there and an entry in `notes`. `names`: addresses that a scope may call a resource by besides its own: of a
    live one, those of what declares it.
    """
    notes = [] if notes is None else notes
    groups = list(_groups(instances, world, detail, notes, names or {}))
    found = _found(groups, world, notes)
    found.sort(key=lambda one: (one.resource.address, one.rule, one.instance, one.resource.root))
    return iter(found)


def _found(groups: "Sequence[Group]", world: World, notes: list[Incomplete]) -> list[Finding]:
    if sum(len(group.subjects) * len(group.judges) for group in groups) >= MANY:
        from compliance_scan.evaluate.halves import in_two, possible

        if possible(world.inventory):
            return list(in_two(groups, lambda *part: _judged(groups, *part), world.inventory, notes))
    return [finding for *_, finding in _judged(groups, 0, 1)]


def _judged(groups: "Sequence[Group]", part: int, parts: int) -> Iterator[tuple[int, int, int, Finding]]:
    """The findings on one part of the subjects: group, subject and judge by number. What one subject comes to is
    forgotten before the next one."""
    for number, (subjects, judges) in enumerate(groups):
        first, last = (len(subjects) * each // parts for each in (part, part + 1))
        for index in range(first, last):
            subject = subjects[index]
            resource = subject.resource
            for which, judge in enumerate(judges):
                finding = judge(subject, resource)
                if finding is not None:
                    yield number, index, which, finding
            forget = getattr(subject, "forget", None)
            if forget is not None:
                forget()


class Details:
    """Evidence for findings that were made without it, one by one."""

    def __init__(
        self, instances: Sequence[Instance], world: World, names: Mapping[Resource, Sequence[str]] | None = None
    ) -> None:
        """`names`: as for `evaluate`."""
        self._instances = {each.name: each for each in instances}
        self._world, self._names = world, names or {}
        self._judges: dict[str, _Judge] = {}
        self._subjects: dict[tuple[str, ...], dict[Resource, Cursor]] = {}

    def of(self, finding: Finding) -> Finding:
        """The same finding, with what led to it."""
        if finding.evidence or finding.verdict not in REPORTED or finding.instance not in self._instances:
            return finding
        instance = self._instances[finding.instance]
        types = tuple(instance.rule.resource)
        if types not in self._subjects:
            self._subjects[types] = {each.resource: each for each in _subjects(instance, self._world, None)}
        subject = self._subjects[types].get(finding.resource)
        if subject is None:
            return finding
        if finding.instance not in self._judges:
            self._judges[finding.instance] = _Judge(instance, self._world, REPORTED, None, self._names)
        return self._judges[finding.instance].judge(subject, finding.resource) or finding


def _groups(
    instances: Sequence[Instance],
    world: World,
    detail: Collection[Verdict],
    notes: list[Incomplete] | None,
    names: Mapping[Resource, Sequence[str]],
) -> Iterator[Group]:
    """The rules by what they judge, so that all that one subject comes to can be forgotten before the next one. The
    conditions of a rule that judges nothing are not even built."""
    by_types: dict[tuple[str, ...], list[Instance]] = {}
    for instance in instances:
        by_types.setdefault(tuple(instance.rule.resource), []).append(instance)
    for group in by_types.values():
        subjects = _subjects(group[0], world, notes)
        if subjects:
            judges = [_Judge(instance, world, detail, notes, names) for instance in group]
            if len(subjects) >= MANY_ALIKE and subjects[-1].resource.plane in ("state", "live"):
                from compliance_scan.evaluate.alike import Parts, alike

                parts = Parts()
                for each in judges:
                    each.alike = alike(each.instance, parts)
            yield Group(subjects, [each.judge for each in judges])


def explain(instance: Instance, subject: Cursor, world: World) -> Explanation:
    """The whole trace of a rule instance on one resource."""
    from compliance_scan.evaluate.trace import trace

    run = Run(world)
    run.root = subject
    rule = instance.rule
    when = None if rule.when is None else trace(rule.when, subject, run, instance.parameters)
    assertion = trace(rule.assertion, subject, run, instance.parameters)
    concerns: Tri = True if when is None else when.verdict
    return Explanation(verdict_of(concerns, assertion.verdict), when, assertion, _cause(concerns, assertion.verdict))


def told(deciders: "Iterable[Decider]") -> tuple[Evidence, ...]:
    """Deciding conditions as evidence, each once, in rule order."""
    from itertools import islice

    from compliance_scan.evaluate.evidence import MAX_EVIDENCE, evidence_of

    return tuple(evidence_of(decider) for decider in islice(deciders, MAX_EVIDENCE))


def verdict_of(when: Tri, assertion: Tri) -> Verdict:
    """The table of verdicts."""
    if when is False:
        return "not_applicable"
    if assertion is True:
        return "pass"
    if isinstance(when, Maybe) or isinstance(assertion, Maybe):
        return "unknown"
    return "fail"


def _cause(when: Tri, assertion: Tri) -> Unknown | None:
    if when is False or assertion is True:
        return None
    for verdict in (when, assertion):
        if isinstance(verdict, Maybe):
            return verdict.causes[0]
    return None


class _Judge:
    """One instance, its conditions built once, over many subjects."""

    __slots__ = ("alike", "assertion", "detail", "instance", "names", "notes", "run", "when", "world")

    def __init__(
        self,
        instance: Instance,
        world: World,
        detail: Collection[Verdict],
        notes: list[Incomplete] | None,
        names: Mapping[Resource, Sequence[str]],
    ) -> None:
        self.instance = instance
        self.alike: Alike | None = None
        """Verdicts on others of which the instance read the same."""
        self.names = names
        self.world = world
        self.detail = detail
        self.notes = notes
        self.run = Run(world)
        rule = instance.rule
        self.when: Judged | None = None if rule.when is None else build(rule.when, self.run, instance.parameters)
        self.assertion: Judged = build(rule.assertion, self.run, instance.parameters)

    def judge(self, subject: Cursor, resource: Resource) -> Finding | None:
        """The finding on one resource; None where the instance does not speak of it."""
        instance = self.instance
        if resource.plane not in instance.rule.planes:
            return None
        key = None if self.alike is None else self.alike.key(subject, resource)
        if self.alike is not None and key is not None:
            known = self.alike.of(key)
            if known is not None and known not in self.detail:
                return Finding(instance.rule.id, instance.name, resource, known)
        try:
            scope: Tri = (
                True if instance.scope is None else in_scope(instance.scope, subject, self.names.get(resource, ()))
            )
            if scope is False:
                return None
            self.run.root = subject
            self.run.met = False
            concerns = scope if self.when is None else tri_all((scope, self.when(subject)))
            assertion: Tri = True if concerns is False else self.assertion(subject)
            verdict = verdict_of(concerns, assertion)
            if verdict == "unknown":
                if _rests_on(UNREAD, concerns, assertion):
                    return None
                if not self.run.met and _is_home(resource) and _rests_on(UNDECLARED, concerns, assertion):
                    verdict = "not_applicable"  # as a trace of it would show: nothing is declared that it speaks of
                    concerns = False
            perhaps_not_ours = verdict in REPORTED and _is_home(resource)
            if verdict not in self.detail and not perhaps_not_ours:
                if self.alike is not None and key is not None:
                    self.alike.keep(key, verdict)
                return Finding(rule=instance.rule.id, instance=instance.name, resource=resource, verdict=verdict)
            return self._detailed(subject, verdict, _cause(concerns, assertion), concerns)
        except Exception as error:  # noqa: BLE001 - one rule on one resource must not end a scan
            return self._broken(resource, error)

    def _detailed(self, subject: Cursor, verdict: Verdict, cause: Unknown | None, concerns: Tri) -> Finding:
        from compliance_scan.evaluate.deciding import deciding
        from compliance_scan.evaluate.evidence import guilty_digest

        traced = explain(self.instance, subject, self.world)
        by_when = traced.when is not None and (verdict == "not_applicable" or isinstance(concerns, Maybe))
        node = traced.when if by_when and traced.when is not None and verdict != "pass" else traced.assertion
        deciders = deciding(node)
        if verdict in REPORTED and _is_home(subject.resource) and all(_undeclared(decider) for decider in deciders):
            # A repository is not an account: what it does not declare may be declared elsewhere.
            verdict, cause = "not_applicable", None
        fingerprint, aliases = fingerprints(self.instance.rule.id, self.instance.name, subject.resource)
        return Finding(
            rule=self.instance.rule.id,
            instance=self.instance.name,
            resource=subject.resource,
            verdict=verdict,
            evidence=self._told(subject.resource, deciders) if verdict in self.detail else (),
            cause=cause,
            guilty=guilty_digest(deciders) if verdict == "fail" else "",
            fingerprint=fingerprint,
            aliases=aliases,
        )

    def _told(self, resource: Resource, deciders: "list[Decider]") -> tuple[Evidence, ...]:
        """The evidence; none where it cannot be shown, which changes no verdict."""
        try:
            return told(deciders)
        except Exception as error:  # noqa: BLE001 - what cannot be shown must not hide a verdict
            _note(
                self.notes, resource, error, f"{self.instance.rule.id} cannot show what decided on {resource.address}"
            )
            return ()

    def _broken(self, resource: Resource, error: Exception) -> Finding:
        rule = self.instance.rule.id
        what = _note(self.notes, resource, error, f"{rule} could not judge {resource.address}")
        fingerprint, aliases = fingerprints(rule, self.instance.name, resource)
        return Finding(
            rule=rule,
            instance=self.instance.name,
            resource=resource,
            verdict="unknown",
            cause=Unknown("error", what),
            fingerprint=fingerprint,
            aliases=aliases,
        )


def _subjects(instance: Instance, world: World, notes: list[Incomplete] | None) -> Sequence[Cursor]:
    """What a rule judges; nothing, and a note of it, where that cannot be told."""
    try:
        return world.subjects(instance.rule.resource)
    except Exception as error:  # noqa: BLE001 - one rule must not end a scan
        _note(notes, None, error, f"{instance.rule.id} could not find what it judges")
        return ()


def _note(notes: list[Incomplete] | None, resource: Resource | None, error: Exception, what: str) -> str:
    """Writes down that something went wrong, and says it with the kind of the error."""
    import logging

    logging.getLogger(__name__).debug("%s", what, exc_info=error)
    what = f"{what}: {type(error).__name__}"
    if notes is not None:
        note = Incomplete("error", _place(resource), what, "report it with the file, or --skip-rule it")
        if note not in notes:
            notes.append(note)
    return what


def _place(resource: Resource | None) -> str:
    if resource is None:
        return "."
    span = header_of(resource)
    return f"{span.file}:{span.line}"


def _is_home(resource: Resource) -> bool:
    """Whether this is an account or region as far as code declares it."""
    return resource.plane == "code" and resource.type in ("account", "region")


def _rests_on(mark: str, when: Tri, assertion: Tri) -> bool:
    """Whether all that is unknown bears a mark of the shape layer.

    `UNREAD`: it lies in the parts of a partial owner of which its satellite does not speak. A bucket policy whose
    bucket was not read tells of the policy, not of the bucket's versioning: that is the verdict of the bucket, wherever
    it is read. `UNDECLARED`: a repository is not an account, what it does not declare may be declared elsewhere.
    """
    causes = [cause for verdict in (when, assertion) if isinstance(verdict, Maybe) for cause in verdict.causes]
    return all(cause.symbol.startswith(mark) for cause in causes)


def _undeclared(decider: "Decider") -> bool:
    if decider.node.kind not in ("leaf", "item"):
        return not any(child.kind == "item" for child in decider.node.children)
    return decider.node.cursor.standing in ("undeclared", "nothing")
