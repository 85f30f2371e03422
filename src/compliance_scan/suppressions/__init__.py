"""Suppressions: who said that a finding may stand, where, why and until when. Nothing is silenced without a trace.

Sources: comments and annotations of ours, `suppressions` of the configuration, and other scanners' comments, which
count for the rules that name the other's id as `same`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from compliance_scan.errors import Incomplete
from compliance_scan.model.resource import file_of, header_of
from compliance_scan.suppressions.directive import Directive, fits

if TYPE_CHECKING:
    from compliance_scan.config import SuppressionEntry
    from compliance_scan.model.finding import Finding
    from compliance_scan.model.resource import Resource
    from compliance_scan.model.rule import Rule

Status = Literal["accepted", "under_review", "expired"]

MARKS = (
    b"compliance-scan",
    b":skip",
    b":ignore",
    b"kics-scan",
    b"checkov.io/skip",
    b"runterrascan.io",
    b"kube-linter.io",
)
"""A file without any of these holds no suppression; the workspace looks for them while it reads."""


DRIFT = "drift"
"""In place of a rule: the entry is about drift."""
_REPORT = "report it with the file"


class Suppression(NamedTuple):
    """What a finding's `suppression` says."""

    kind: Literal["inline", "config", "foreign", "baseline"]
    reason: str
    owner: str | None
    until: str | None
    where: str
    """`file:line`, the file relative to the repository root (a configuration's as it is shown)."""
    status: Status

    @property
    def hides(self) -> bool:
        """Whether the finding is taken out of the exit code."""
        return self.status != "expired"


class Unused(NamedTuple):
    """A suppression that met no finding, or that hides nothing because it is wrong."""

    kind: Literal["inline", "config"]
    rule: str
    resource: str | None
    where: str
    reason: str
    """Its reason; where it is wrong, what is wrong with it in brackets."""


class Suppressions:
    """All suppressions of a run; remembers which of them met a finding."""

    def __init__(
        self,
        entries: Sequence["SuppressionEntry"] = (),
        *,
        file: str = "",
        more: "Iterable[tuple[str, SuppressionEntry]]" = (),
        as_of: date,
        use_inline: bool = True,
        use_foreign: bool = True,
        may_hold: "Callable[[str], bool]" = lambda _file: True,
    ) -> None:
        """`entries` of the configuration with the `file` they stand in, and `more` with theirs (a profile's).

        `may_hold` says of a file whether it may hold a suppression at all: most files are spared the search.
        """
        self._may_hold = may_hold
        self._entries = [*((file, entry) for entry in entries), *more]
        self._as_of = as_of.isoformat()
        self._inline = use_inline
        self._foreign = use_foreign
        self._used: set[Any] = set()
        self._seen: dict[tuple[str, int, str], Directive] = {}
        self._cache: dict[int, tuple[Directive, ...]] = {}
        self._keep: list[Resource] = []
        self.unread: list[Incomplete] = []
        """What could not be read of comments."""

    def of(self, finding: "Finding", rule: "Rule") -> Suppression | None:
        """The suppression of a failing or unknown finding: what holds before what expired, ours before others'."""
        found: list[tuple[int, Suppression]] = []
        for directive in self._directives_for(finding):
            if directive.applies(finding, rule):
                self._used.add((directive.file, directive.line, directive.rule))
                found.append(self._rated(directive))
        for index, (file, entry) in enumerate(self._entries):
            if _names_rule(entry.rule, rule, finding.instance) and _is_meant(entry, finding):
                self._used.add(index)
                where = f"{file}:{entry.line}"
                status: Status = "expired" if self._expired(entry.until) else "accepted"
                found.append(
                    (1, Suppression("config", entry.reason, entry.owner, entry.until, where, status)),
                )
        if not found:
            return None
        order = {"accepted": 0, "under_review": 1, "expired": 2}
        return min(found, key=lambda each: (order[each[1].status], each[0]))[1]

    def read(self, resources: Iterable["Resource"]) -> None:
        """Reads the comments of resources, so that `unused` knows those that no finding asked for, and `unread` those
        that cannot be read."""
        for resource in resources:
            self._directives(resource)

    def unused(self, known: "Callable[[], Iterable[Rule]]", judged: Iterable[str], *, whole: bool) -> list[Unused]:
        """Suppressions of ours that met nothing, in the order of their places.

        `known` gives all rules there are; `judged`: ids of those that this run judged. What names a rule that was not
        judged is left alone. `whole`: the whole repository was judged, else entries of the configuration are too.
        """
        idle = [
            Unused("inline", name, None, f"{file}:{line}", f"[{found.problem}]" if found.problem else found.reason)
            for (file, line, name), found in sorted(self._seen.items())
            if found.kind == "inline" and (file, line, name) not in self._used
        ]
        idle += [
            Unused("config", entry.rule, entry.resource, f"{file}:{entry.line}", entry.reason)
            for index, (file, entry) in enumerate(self._entries)
            if index not in self._used
        ]
        if not idle:
            return []
        rules, ran = list(known()), set(judged)
        found_idle: list[Unused] = []
        for each in idle:
            problem = "" if each.reason.startswith("[") else _unknown_rule(each.rule, rules)
            wrong = bool(problem) or each.reason.startswith("[")
            if wrong or (_ran(each.rule, rules, ran) and (whole or each.kind == "inline")):
                found_idle.append(each._replace(reason=f"[{problem}]") if problem else each)
        return found_idle

    def _directives_for(self, finding: "Finding") -> Iterator[Directive]:
        yield from self._directives(finding.resource)
        other = finding.evidence[0].resource if finding.evidence else finding.resource
        if other is not finding.resource:
            yield from self._directives(other)

    def _directives(self, resource: "Resource") -> tuple[Directive, ...]:
        known = self._cache.get(id(resource))
        if known is None:
            known = self._read(resource)
            self._cache[id(resource)] = known
            self._keep.append(resource)
            for directive in known:
                self._seen.setdefault((directive.file, directive.line, directive.rule), directive)
        return known

    def _read(self, resource: "Resource") -> tuple[Directive, ...]:
        try:
            return tuple(self._parse(resource)) if self._may_hold(file_of(resource.source)) else ()
        except Exception as error:  # noqa: BLE001 - the boundary of one file: what it says hides nothing
            span = header_of(resource)
            what = f"the comments of {resource.address} cannot be read, so that none of them hides anything"
            note = Incomplete("error", f"{span.file}:{span.line}", f"{what}: {type(error).__name__}", _REPORT)
            self.unread.append(note)
            return ()

    def _parse(self, resource: "Resource") -> Iterator[Directive]:
        from compliance_scan.suppressions import annotations, foreign, inline

        comments = resource.source.comments()
        if self._inline:
            for comment in comments:
                yield from inline.parse(comment.text, comment.file, comment.line)
            yield from annotations.ours(resource)
        if self._foreign:
            for comment in comments:
                yield from foreign.parse(comment)
            yield from annotations.foreign(resource)

    def _rated(self, directive: Directive) -> tuple[int, Suppression]:
        status: Status = "accepted" if directive.reason and not directive.blanket else "under_review"
        if self._expired(directive.until):
            status = "expired"
        reason = directive.reason or f"(no reason given; {directive.tool} comment)"
        where = f"{directive.file}:{directive.line}"
        rank = 0 if directive.kind == "inline" else 2
        return rank, Suppression(directive.kind, reason, directive.owner, directive.until, where, status)

    def _expired(self, until: str | None) -> bool:
        return until is not None and until < self._as_of


def _names_rule(pattern: str, rule: "Rule", instance: str) -> bool:
    return any(fits(pattern, name) for name in (rule.id, rule.code, instance))


def _is_meant(entry: "SuppressionEntry", finding: "Finding") -> bool:
    resource = finding.resource
    return (
        _names_resource(entry.resource, finding)
        and in_account(entry, resource.account)
        and (entry.tag == "*" or has_tag(entry.tag, _tags(resource)))
    )


def in_account(entry: "SuppressionEntry", account: str | None) -> bool:
    """Whether an entry holds in an account; one that names an account does not hold where none is known."""
    return entry.account == "*" or (account is not None and fits(entry.account, account))


def has_tag(pattern: str, tags: "Mapping[str, object]") -> bool:
    """Whether one of these tags is meant by `name` or `name=value`."""
    name, equals, value = pattern.partition("=")
    return any(fits(name, key) and (not equals or fits(value, str(tags[key]))) for key in tags)


def _tags(resource: "Resource") -> "Mapping[str, object]":
    for name in ("tags_all", "tags"):
        if name in resource.attributes and isinstance(found := resource.attributes[name], dict):
            return found
    return {}


def _names_resource(pattern: str, finding: "Finding") -> bool:
    resource = finding.resource
    names = [resource.address, f"{resource.root}:{resource.address}", *resource.aliases, finding.fingerprint]
    if resource.arn:
        names.append(resource.arn)
    return any(fits(pattern, name) for name in (*names, *finding.aliases))


def _unknown_rule(pattern: str, rules: "list[Rule]") -> str:
    if pattern == DRIFT or any(fits(pattern, rule.id) or fits(pattern, rule.code) for rule in rules):
        return ""
    from compliance_scan.config import nearest

    near = nearest(pattern, (rule.id for rule in rules))
    return f"there is no rule {pattern!r}" + (f", did you mean {near!r}?" if near else "")


def _ran(pattern: str, rules: "list[Rule]", ran: set[str]) -> bool:
    return any(rule.id in ran and (fits(pattern, rule.id) or fits(pattern, rule.code)) for rule in rules)
