"""Why a verdict came out so: every condition of a rule with its value and where the value was written."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.errors import UsageError
from compliance_scan.model.resource import header_of
from compliance_scan.model.value import resolved

if TYPE_CHECKING:
    from compliance_scan.choice import Choice
    from compliance_scan.evaluate.trace import Node
    from compliance_scan.excerpt import Excerpts
    from compliance_scan.jsonvalue import Plain
    from compliance_scan.model.finding import Finding
    from compliance_scan.model.logic import Tri
    from compliance_scan.model.resource import Origin, Resource
    from compliance_scan.model.rule import Instance
    from compliance_scan.model.value import Value as ModelValue
    from compliance_scan.scan import Loaded, Request

MAX_LINES = 400
MAX_SUBJECTS = 50
MAX_ATTRIBUTES = 200


class Line(NamedTuple):
    """One condition."""

    depth: int
    holds: str
    """`true`, `false` or `unknown`."""
    text: str
    """`storage_encrypted equals true`, `all of`, `every item of ingress`."""
    actual: str | None
    """The value, masked where it is secret; None for what only combines others."""
    where: str | None
    """`file:line` where the value was written."""
    origins: tuple[str, ...]
    """Where it came from beyond that: `var.encrypted (main.tf:3)`."""


class Explained(NamedTuple):
    """One rule instance on one resource."""

    rule: str
    instance: str
    code: str
    title: str
    severity: str
    verdict: str
    cause: str | None
    address: str
    root: str
    where: str
    fingerprint: str
    when: tuple[Line, ...]
    assertion: tuple[Line, ...]


class Value(NamedTuple):
    """One attribute of a resource."""

    path: str
    value: Any
    unknown: str | None
    where: str | None
    origins: tuple[str, ...]


class Answer(NamedTuple):
    """What there is to say of what was asked."""

    kind: str
    """`rule`, `resource` or `finding`."""
    name: str
    explained: tuple[Explained, ...]
    values: tuple[Value, ...]
    """Of a resource: its attributes with their origins."""
    more: int
    """How many resources were left out."""


def explain(request: "Request", target: str) -> Answer:
    """Explains a finding by fingerprint, a resource by address, or a rule by id or code on all its resources.

    Raises `UsageError` where nothing is meant by `target`, `NothingToScan` where there is nothing to read.
    """
    from compliance_scan import scan
    from compliance_scan.choice import Choice
    from compliance_scan.excerpt import Excerpts

    with scan.batch():
        loaded = scan.load(request)
        choice = Choice(request, loaded)
        findings = scan.judge(choice.instances, loaded, None, frozenset({"fail", "unknown", "pass", "not_applicable"}))
        excerpts = Excerpts(loaded.workspace, loaded.world.catalog, request.folder)
        _judges_nothing(target, loaded, choice, findings)
        kind, chosen = _meant(target, findings, choice)
        if kind == "resource":
            chosen = [finding for finding in chosen if finding.verdict != "not_applicable"]
        maker = _Maker(loaded, choice, excerpts)
        explained = tuple(maker.explained(finding) for finding in chosen[:MAX_SUBJECTS])
        values: tuple[Value, ...] = ()
        if kind == "resource":
            values = tuple(
                value
                for resource in loaded.inventory.resources
                if target in (resource.address, *resource.aliases)
                for value in (*maker.values(resource), *maker.rights(resource), *maker.accepts(resource))
            )
            if not chosen and not values:
                raise _nothing(target, loaded, choice)
    hidden = loaded.hidden()
    shown = tuple(
        each._replace(
            cause=hidden.clean(each.cause), when=hidden.clean(each.when), assertion=hidden.clean(each.assertion)
        )
        for each in explained
    )
    return Answer(kind, target, shown, hidden.clean(values), max(0, len(chosen) - MAX_SUBJECTS))


def _judges_nothing(target: str, loaded: "Loaded", choice: "Choice", findings: "Sequence[Finding]") -> None:
    """Raises `UsageError` for the fingerprint of a promise that finds nothing to judge: no condition decided it."""
    if not target.startswith("cs1:") or choice.profile is None or not choice.profile.unmet:
        return
    from compliance_scan.unmet import unmet

    for each in unmet(choice, loaded, findings, ()):
        if target == each.fingerprint:
            place = each.evidence[0].span
            raise UsageError(each.evidence[0].message, f"the profile promises it: {place.file}:{place.line}")


def _meant(target: str, findings: "Sequence[Finding]", choice: "Choice") -> "tuple[str, list[Finding]]":
    if target.startswith("cs1:"):
        found = [each for each in findings if target in (each.fingerprint, *each.aliases)]
        if not found:
            raise UsageError(f"no finding here has the fingerprint {target}", "scan again: it may be gone")
        return "finding", found
    rules = {name: rule.id for rule in choice.ruleset.all() for name in (rule.id, rule.code)}
    if target in rules:
        return "rule", [each for each in findings if each.rule == rules[target]]
    by_instance = [each for each in findings if each.instance == target]
    if by_instance:
        return "rule", by_instance
    return "resource", [each for each in findings if target in (each.resource.address, *each.resource.aliases)]


def _nothing(target: str, loaded: "Loaded", choice: "Choice") -> UsageError:
    from compliance_scan.config import nearest

    addresses = [resource.address for resource in loaded.inventory.resources]
    near = nearest(target, [*addresses[:5000], *choice.ruleset.ids()])
    hint = f"did you mean {near}?" if near else "give a fingerprint, a rule's id or code, or a resource's address"
    return UsageError(f"there is no finding, rule or resource {target!r} here", hint)


class _Maker:
    """Makes explanations from traces."""

    def __init__(self, loaded: "Loaded", choice: "Choice", excerpts: "Excerpts") -> None:
        self.loaded = loaded
        self.excerpts = excerpts
        self.instances: dict[str, Instance] = {instance.name: instance for instance in choice.instances}

    def explained(self, finding: "Finding") -> Explained:
        """One finding with its whole trace."""
        from compliance_scan.evaluate import explain as trace

        instance = self.instances[finding.instance]
        subjects = self.loaded.world.subjects(instance.rule.resource)
        subject = next(each for each in subjects if each.resource is finding.resource)
        found = trace(instance, subject, self.loaded.world)
        span = header_of(finding.resource)
        cause = None if found.cause is None else f"{found.cause.cause}: {found.cause.detail}".rstrip(": ")
        return Explained(
            rule=finding.rule,
            instance=finding.instance,
            code=instance.rule.code,
            title=instance.rule.title,
            severity=instance.severity,
            verdict=finding.verdict,
            cause=cause,
            address=finding.resource.address,
            root=finding.resource.root,
            where=f"{self.excerpts.path(span.file)}:{span.line}",
            fingerprint=finding.fingerprint,
            when=() if found.when is None else tuple(self.lines(found.when)),
            assertion=tuple(self.lines(found.assertion)),
        )

    def lines(self, top: "Node") -> Iterator[Line]:
        """A trace as lines, outermost first."""
        stack = [(0, top)]
        count = 0
        while stack and count < MAX_LINES:
            depth, node = stack.pop()
            count += 1
            yield self.line(depth, node)
            stack.extend((depth + 1, child) for child in reversed(node.children))

    def line(self, depth: int, node: "Node") -> Line:
        """One condition."""
        if node.kind not in ("leaf", "count"):
            return Line(depth, holds(node.verdict), self._text(node), None, None, ())
        from compliance_scan.evaluate.deciding import Decider
        from compliance_scan.evaluate.evidence import evidence_of

        evidence = evidence_of(Decider(node, negated=False, item=None))
        path, actual, expected = evidence.arguments
        text = f"{path} {node.operator.replace('_', ' ')} {expected}".rstrip()
        if node.kind == "count":
            text = f"the number of {path} is {expected}"
        written = node.cursor.resource.source.span_of(node.cursor.path) if node.cursor.path else None
        where = None if written is None else f"{self.excerpts.path(written.file)}:{written.line}"
        return Line(depth, holds(node.verdict), text, actual, where, self._told(evidence.origins))

    def _told(self, origins: "Sequence[Origin]") -> tuple[str, ...]:
        return tuple(f"{each.message} ({self.excerpts.path(each.span.file)}:{each.span.line})" for each in origins)

    def _text(self, node: "Node") -> str:
        shown = node.cursor.shown or node.cursor.resource.address
        words = {"all": "all of", "any": "any of", "not": "not"}
        if node.kind in words:
            return words[node.kind]
        if node.kind == "item":
            return shown
        more = "" if node.more is None else f", which may hold others ({node.more.detail or node.more.cause})"
        return f"{node.kind} of {self._collection(node, shown)}{more}"

    def _collection(self, node: "Node", shown: str) -> str:
        source = node.argument
        if isinstance(source, list | tuple) and source and source[0] == "related":
            return f"the {'resources' if source[2] == 'any' else source[1]} related to {shown}"
        return shown

    def values(self, resource: "Resource") -> Iterator[Value]:
        """The attributes of a resource that are written, each with where its value came from."""
        from compliance_scan.jsonvalue import Plain

        masked = (*self.excerpts.sensitive_paths(resource.type), *resource.sensitive)
        plain = Plain(masked, resource.environment)
        for count, name in enumerate(resource.attributes):
            if count >= MAX_ATTRIBUTES:
                return
            value = plain.of(resource.attributes[name], (name,))
            unknown = [f"{path} {cause}" for path, cause in plain.unknown.items()]
            unknown += [f"one of {text}" for text in self._options(plain, resource.attributes[name], name)]
            plain.unknown.clear()
            span = resource.source.span_of((name,))
            yield Value(
                path=name,
                value=value,
                unknown="; ".join(unknown) or None,
                where=None if span is None else f"{self.excerpts.path(span.file)}:{span.line}",
                origins=self._told(resource.source.origins_of((name,))),
            )

    @staticmethod
    def _options(plain: "Plain", value: "ModelValue", name: str) -> Iterator[str]:
        """What a value is one of, where a condition that nobody knows decides."""
        options = getattr(resolved(value), "options", ())
        texts = dict.fromkeys(json.dumps(plain.of(each, (name,)), ensure_ascii=False) for each in options)
        if len(texts) > 1:  # those of a secret all read alike
            yield ", ".join(texts)

    def rights(self, resource: "Resource") -> Iterator[Value]:
        """What a workload or service account may do in AWS, by each role that it has."""
        if "_" in resource.type:
            return
        from compliance_scan.shape.kubernetes_aws import may_do

        for each in may_do(self.loaded.world, resource):
            where = None if each.where is None else f"{self.excerpts.path(each.where.file)}:{each.where.line}"
            yield Value(f"may do in AWS as {each.role} (by {each.through})", each.says, each.unknown, where, ())

    def accepts(self, resource: "Resource") -> Iterator[Value]:
        """Who may talk to a workload, on which port, and by which policies."""
        if "_" in resource.type:
            return
        from compliance_scan.shape.kubernetes_flows import accepts

        for says, by, unknown in accepts(self.loaded.world, resource):
            yield Value(says, by, unknown, None, ())


def holds(verdict: "Tri") -> str:
    """A three-valued verdict as a word."""
    if isinstance(verdict, bool):
        return "true" if verdict else "false"
    return "unknown"
