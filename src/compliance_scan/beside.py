"""Code, plan or state beside a live account: joined, judged on both sides, told as drift and as a table of planes."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from compliance_scan.evaluate import REPORTED, Details, evaluate
from compliance_scan.jsonvalue import Plain
from compliance_scan.model.finding import Finding, Severity, Verdict
from compliance_scan.model.rule import Instance
from compliance_scan.planes.attach import attached, line_of
from compliance_scan.planes.drifting import Drifted, Drifting
from compliance_scan.planes.join import Joined, join, state_twins
from compliance_scan.planes.remedy import Editor, Remedies
from compliance_scan.planes.rows import Group, Row, Verdicts, by_resource, groups, rows
from compliance_scan.shape.identity import fingerprint, identity_of

if TYPE_CHECKING:
    from compliance_scan.errors import Incomplete
    from compliance_scan.excerpt import Excerpts
    from compliance_scan.model.report_planes import Drift, PlaneRow, Remedy
    from compliance_scan.model.resource import Resource
    from compliance_scan.report_finding import Controls
    from compliance_scan.ruleset import Ruleset
    from compliance_scan.shape.world import World

MAX_TEXT = 2000


class Beside(NamedTuple):
    """Both sides, joined and judged."""

    declared: "World"
    live: "World"
    joined: Joined
    groups: tuple[Group, ...]
    verdicts: Verdicts
    """Of both sides; live findings under their own identity."""
    theirs: tuple[Finding, ...]
    """Those of the account, as it was judged."""
    declares: Mapping["Resource", "Resource"]
    """Live resource to what declares it."""
    details: Mapping[str, Details]
    """Of a plane (`live`, `declared`) evidence for findings that have none yet."""

    def detailed(self, finding: Finding) -> Finding:
        """A finding with its evidence."""
        return self.details["live" if finding.resource.plane == "live" else "declared"].of(finding)

    def findings(self, wanted: Callable[[Finding], bool] = lambda _: True) -> list[Finding]:
        """Those of the account that are wanted, with evidence, on the lines that declare what they judge."""
        chosen = [self.detailed(each) for each in self.theirs if wanted(each)]
        return list(attached(chosen, self.declares, self.declared))


def beside(
    instances: Sequence[Instance], declared: "World", live: "World", *, notes: "list[Incomplete]", lean: bool = False
) -> Beside:
    """Joins and judges two worlds; a scope means a live resource also by the address that declares it. `lean`: evidence
    is worked out only for the findings that somebody asks for."""
    detail = frozenset[Verdict]() if lean else REPORTED
    joined = join(declared, live)
    ours = list(evaluate(instances, declared, detail=detail, notes=notes))
    names = {each.live: (each.declared.address, *each.declared.aliases) for each in joined.pairs}
    theirs = list(evaluate(instances, live, detail=detail, notes=notes, names=names))
    twins = state_twins(declared.inventory.resources)
    found = groups(joined, twins, unsure(joined, live))
    declares = {group.live: group.said for group in found if group.live is not None and group.said is not None}
    verdicts = by_resource([*ours, *theirs])
    details = {"declared": Details(instances, declared), "live": Details(instances, live, names)}
    return Beside(declared, live, joined, tuple(found), verdicts, tuple(theirs), declares, details)


def unsure(joined: Joined, live: "World") -> "dict[Resource, str]":
    """Why a declared resource that was not found may be there all the same: its type could not be listed whole."""
    coverage = live.inventory.coverage
    accounts = [account for account, _ in coverage.homes()] if coverage is not None else []
    found: dict[Resource, str] = {}
    for resource in joined.missing:
        kind = live.catalog.canonical(resource.type)
        if coverage is None or not accounts:
            found[resource] = "no account was listed"
            continue
        account = resource.account or (accounts[0] if len(accounts) == 1 else None)
        if account not in accounts:
            found[resource] = f"account {account} was not listed" if account else "its account is not known"
            continue
        cause = coverage.cause(kind, account, resource.region)
        if cause is not None:
            found[resource] = cause.detail or cause.cause
        elif resource.plane != "state" and not _is_named(resource, live):
            found[resource] = "nothing that is written tells which live resource it would be"
    return found


def _is_named(resource: "Resource", live: "World") -> bool:
    """Whether the code writes a name by which the live resource would have been found."""
    facts = live.catalog.type(resource.type)
    keys = facts.keys if facts is not None else ()
    return any(
        path[0] in resource.attributes and isinstance(resource.attributes[path[0]], str)
        for path in keys
        if path not in (("id",), ("arn",))
    )


class Teller:
    """Writes drift and planes as the report has them."""

    def __init__(
        self,
        made: Beside,
        *,
        ruleset: "Ruleset",
        instances: Sequence[Instance],
        controls: "Controls",
        excerpts: "Excerpts",
        editor: Editor,
    ) -> None:
        self._editor = editor
        self._remedies: Remedies | None = None
        self.made, self.ruleset, self.controls, self.excerpts = made, ruleset, controls, excerpts
        self.severities: dict[str, Severity] = {each.name: each.severity for each in instances}
        self._reads: Any = None
        self._instances = instances

    def drift(self, *, only_controls: bool = False) -> "list[Drift]":
        """All drift, ranked; `only_controls`: what made a rule fail."""
        drifting = Drifting(
            self.made.declared,
            self.made.live,
            self.made.verdicts,
            severities=self.severities,
            reads=self._read,
            detail=self.made.detailed,
        )
        found = drifting.all(self.made.groups)
        if only_controls:
            found = [each for each in found if flipped(each)]
        self._remedies = Remedies(found, self.made.live, self._editor)
        return [self._drift(each) for each in found]

    def planes(self) -> "list[PlaneRow]":
        """Every rule and resource over the planes, by address, then rule."""
        has_declared = bool(self.made.declared.inventory.resources)
        told = sorted(
            rows(self.made.groups, self.made.verdicts, has_declared=has_declared),
            key=lambda row: (row.group.first.address, row.rule, row.instance),
        )
        return [self._row(row) for row in told]

    def _read(self, kind: str) -> Sequence[str]:
        if self._reads is None:
            from compliance_scan.reads import reads_of

            self._reads = reads_of(self._instances, self.made.live.catalog)
        return tuple(self._reads.attributes(kind) or ())

    def _row(self, row: Row) -> "PlaneRow":
        live = row.group.live
        made: dict[str, Any] = {
            "rule": row.rule,
            "instance": row.instance,
            "address": row.group.first.address,
            "arn": live.arn if live is not None else None,
            "code": row.code,
            "plan": row.plan,
            "state": row.state,
            "live": row.live,
            "meaning": row.told.meaning,
        }
        if row.told.why:
            made["why"] = row.told.why
        coverage = self.made.live.inventory.coverage
        if row.declared == "unknown" and row.live is not None and row.live != "unknown":
            as_of = coverage.started if coverage is not None else ""
            made["from_live"] = {"verdict": row.live, "as_of": as_of or None}
            made["why"] = f"{row.told.why}; from the live account as of {as_of or 'an unknown time'}: {row.live}"
        return cast("PlaneRow", made)

    def _drift(self, each: Drifted) -> "Drift":
        group = each.group
        first, live = group.first, group.live
        flips = [flip for flip in each.flips if each.kind != "unmanaged" or flip.live == "fail"]
        served = [self.ruleset.rule(flip.rule) for flip in flips if flip.live == "fail"]
        made: dict[str, Any] = {
            "kind": each.kind,
            "address": first.address,
            "type": first.type,
            "arn": live.arn if live is not None else first.arn,
            "account": live.account if live is not None else first.account,
            "region": live.region if live is not None else first.region,
            "attributes": [self._attribute(difference) for difference in each.differences or each.ignored],
            "rules": [{"rule": flip.rule, "declared": flip.declared, "live": flip.live} for flip in flips],
            "controls": _union([self.controls.of(rule) for rule in served]),
            "joined_by": group.by,
            "actor": None,
            "remedy": self._remedy(each),
            "fingerprint": fingerprint("drift", each.kind, identity_of(first).canonical),
        }
        made["location"] = self.excerpts.location(line_of(first, ()))
        if each.ignored:
            made["ignored"] = [self._attribute(difference) for difference in each.ignored]
            if not each.differences:
                made["suppression"] = self._left_alone(each)
        return cast("Drift", made)

    def _left_alone(self, each: Drifted) -> dict[str, Any]:
        """The suppression of drift that Terraform itself was told to leave alone."""
        place = self.excerpts.location(line_of(each.group.first, ("lifecycle", "ignore_changes")))
        return {
            "kind": "inline",
            "reason": "lifecycle.ignore_changes names it",
            "owner": None,
            "until": None,
            "where": f"{place['file']}:{place['line']}" if place is not None else each.group.first.address,
            "status": "accepted",
        }

    def _attribute(self, difference: Any) -> dict[str, Any]:
        cursor = difference.cursor
        resource = cursor.resource
        kind = resource.type
        plain = Plain((*self.excerpts.sensitive_paths(kind), *resource.sensitive), resource.environment)
        from compliance_scan.model.value import path_text

        place = line_of(resource, cursor.path)
        return {
            "path": path_text(difference.path),
            "declared": _short(plain.of(difference.declared, difference.path)),
            "live": _short(plain.of(difference.live, difference.path)),
            "location": self.excerpts.location(place),
        }

    def _remedy(self, each: Drifted) -> "Remedy":
        assert self._remedies is not None
        return self._remedies.of(each)


def flipped(each: Drifted) -> bool:
    """Whether drift made a rule fail that what is declared keeps, or an unmanaged resource breaks one."""
    if each.kind == "unmanaged":
        return any(flip.live == "fail" for flip in each.flips)
    return any(flip.worse for flip in each.flips)


def _union(all_controls: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for controls in all_controls:
        for framework, named in controls.items():
            found.setdefault(framework, {}).update(dict.fromkeys(named))
    return {framework: sorted(named) for framework, named in found.items()}


def _short(value: Any) -> Any:
    return value[: MAX_TEXT - 1] + "…" if isinstance(value, str) and len(value) > MAX_TEXT else value
