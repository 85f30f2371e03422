"""The gate: a plan laid over the account, or over what the plan itself knows to be there; judged before and after.

read the plan -> what is there now -> what will be -> judge both -> what changes
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from compliance_scan import audit as audits
from compliance_scan import scan
from compliance_scan.errors import NothingToScan
from compliance_scan.evaluate import evaluate
from compliance_scan.model.coverage import Coverage
from compliance_scan.model.finding import SEVERITIES, Finding
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import resolved
from compliance_scan.planes.attach import attached
from compliance_scan.planes.join import join
from compliance_scan.planes.touched import touched
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.identity import fingerprints
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace

if TYPE_CHECKING:
    from compliance_scan.audit import Collected, Wanted
    from compliance_scan.errors import Incomplete
    from compliance_scan.inputs.terraform.plan import Plan
    from compliance_scan.model.report import Gate, GateControl, Report
    from compliance_scan.model.report_controls import ControlStatus

KEPT = frozenset({"no-op", "read"})


class Both(NamedTuple):
    """The account before and after a plan."""

    before: World
    after: World
    planned: Mapping[Resource, Resource]
    """Live resource (of either world) to the planned one that stands for it."""
    changed: tuple[Resource, ...]
    """Live resources that the plan changes or takes away."""


def gate(
    request: scan.Request,
    plan_file: str,
    open_source: "Callable[[Wanted], Collected] | None",
    *,
    ratchet: bool = True,
) -> scan.Result:
    """What a plan (root-relative) does to the controls. Without a source what the plan's own prior state tells is what
    is there now. `ratchet`: only what gets worse gives exit 1. Raises `ScanError`."""
    started = time.time()
    with scan.batch():
        run = _Run(request, plan_file, open_source)
        report = run.report(started)
        _exit(report, request, ratchet=ratchet)
    return scan.Result(report, frozenset(each.rule.id for each in run.wanted.choice.instances))


class _Run:
    def __init__(
        self, request: scan.Request, plan_file: str, open_source: "Callable[[Wanted], Collected] | None"
    ) -> None:
        from compliance_scan.inputs.terraform.plan import read_plan

        self.request = request
        self.workspace = Workspace(request.root)
        plan = read_plan(self.workspace, plan_file, ".")
        if plan is None:
            told = self.workspace.incomplete[0] if self.workspace.incomplete else None
            raise NothingToScan(
                told.message if told else f"{plan_file} is no plan", told.hint if told else "terraform show -json PLAN"
            )
        self.plan = plan
        self.wanted = audits.want(request)
        self.notes: list[Incomplete] = list(self.workspace.incomplete)
        self.findings: list[Finding] = []
        if open_source is None:
            self.source: Collected = _Nowhere()
            self.both = _prior(plan, self.wanted.catalog, request)
        else:
            audits.widen(self.wanted, plan.resources(), request)
            self.source = open_source(self.wanted)
            live = Inventory(resources=list(self.source.resources()), coverage=self.source.coverage, files=1)
            self.both = _over(plan, live, self.wanted.catalog, request)
        self.seen = len(self.both.after.inventory.resources)
        self.excerpts = audits.excerpts_of(self, self.workspace)
        self.before = self._judge(self.both.before)
        self.after = self._judge(self.both.after)

    def _judge(self, world: World) -> list[Finding]:
        found = []
        for finding in evaluate(self.wanted.choice.instances, world, notes=self.notes):
            own, others = fingerprints(finding.rule, finding.instance, finding.resource)
            found.append(finding._replace(fingerprint=own, aliases=others))
        return list(attached(found, self.both.planned, self.both.after))

    def report(self, started: float) -> "Report":
        """The report after the plan, with what it changes."""
        targets = [*self.request.targets, *(f"aws:{account}" for account in self.source.coverage.places)]
        self.findings = self.before
        earlier = audits.report_of(self, targets, started, self.excerpts)
        self.findings = self.after
        report = audits.report_of(self, targets, started, self.excerpts)
        known = {name for each in self.before if each.verdict == "fail" for name in (each.fingerprint, *each.aliases)}
        failing = {name for each in self.after if each.verdict == "fail" for name in (each.fingerprint, *each.aliases)}
        made: Gate = {
            "controls": _controls(earlier["controls"], report["controls"]),
            "newly_failing": [
                each
                for each in report["findings"]
                if each["verdict"] == "fail" and not known & {each["fingerprint"], *each["aliases"]}
            ],
            "fixed": [
                each
                for each in earlier["findings"]
                if each["verdict"] == "fail" and not failing & {each["fingerprint"], *each["aliases"]}
            ],
            "touched": touched(self.both.before, self.both.changed),
        }
        report["gate"] = made
        report["rules"] |= {name: rule for name, rule in earlier["rules"].items() if name not in report["rules"]}
        report["rules"] = dict(sorted(report["rules"].items()))
        return report


def _prior(plan: "Plan", catalog: Catalog, request: scan.Request) -> Both:
    """Before and after as the plan itself tells."""
    before = Inventory(resources=plan.prior(), files=1)
    after = plan.inventory()
    ours = {each.address: each for each in after.resources}
    planned = {each: ours[each.address] for each in before.resources if each.address in ours}
    changed = [each for each in before.resources if _is_changed(plan, each.address)]
    was, will = (World(inventory, catalog, as_of=request.as_of) for inventory in (before, after))
    return Both(was, will, planned, tuple(changed))


def _is_changed(plan: "Plan", address: str) -> bool:
    return bool(set(plan.actions.get(address, ("no-op",))) - KEPT)


def _over(plan: "Plan", live: Inventory, catalog: Catalog, request: scan.Request) -> Both:
    """The plan over a live account: what it changes takes the place of what is there."""
    before = World(live, catalog, as_of=request.as_of)
    prior = World(Inventory(resources=plan.prior(), files=1), catalog, as_of=request.as_of)
    pairs = {pair.declared.address: (pair.declared, pair.live) for pair in join(prior, before).pairs}
    planned: dict[Resource, Resource] = {}
    resources: list[Resource] = []
    replaced: set[Resource] = set()
    changed: list[Resource] = []
    for ours in plan.resources():
        was = next((pairs[name] for name in (ours.address, *ours.aliases) if name in pairs), None)
        if was is None:
            resources.append(ours)
            continue
        known, theirs = was
        planned[theirs] = ours
        if _is_changed(plan, ours.address):
            replaced.add(theirs)
            changed.append(theirs)
            now = theirs._replace(attributes=_laid(theirs, known, ours), sensitive=theirs.sensitive | ours.sensitive)
            planned[now] = ours
            resources.append(now)
    for address, (_, theirs) in pairs.items():
        if set(plan.actions.get(address, ())) == {"delete"}:
            replaced.add(theirs)
            changed.append(theirs)
    kept = [each for each in live.resources if each not in replaced]
    after = Inventory(resources=kept + resources, coverage=live.coverage, files=1)
    return Both(before, World(after, catalog, as_of=request.as_of), planned, tuple(changed))


def _laid(live: Resource, prior: Resource, planned: Resource) -> dict[str, Any]:
    """What is live, with what the plan changes over it."""
    made = {name: live.attributes[name] for name in live.attributes}
    for name in planned.attributes:
        value = planned.attributes[name]
        same = name in prior.attributes and resolved(value) == prior.attributes[name]
        if name not in ("id", "arn") and not same:
            made[name] = value
    return made


def _controls(before: "Sequence[ControlStatus]", after: "Sequence[ControlStatus]") -> "list[GateControl]":
    known = {(each["framework"], each["control"]): each["status"] for each in before}
    found = []
    for each in after:
        was = known.get((each["framework"], each["control"]))
        if was is not None and was != each["status"]:
            entry = {"framework": each["framework"], "control": each["control"], "before": was, "after": each["status"]}
            found.append(cast("GateControl", entry))
    return found


def _exit(report: "Report", request: scan.Request, *, ratchet: bool) -> None:
    """1 where the plan makes something worse (or, without the ratchet, where anything fails after it)."""
    made = report.get("gate")
    assert made is not None
    run = report["run"]
    lowest = SEVERITIES.index(run["fail_on"])
    worse = [each for each in made["newly_failing"] if each["suppression"] is None]
    worse = [each for each in worse if SEVERITIES.index(each["severity"]) <= lowest]
    count = len(worse)
    told = f"the plan breaks {count} rule{'' if count == 1 else 's'} and mends {len(made['fixed'])}"
    if report["incomplete"] and not request.allow_incomplete:
        run["exit_code"], run["exit_reason"] = 4, f"{len(report['incomplete'])} things could not be read; {told}"
    elif ratchet:
        run["exit_code"], run["exit_reason"] = int(bool(worse)), told
    else:
        run["exit_reason"] = f"{told}; {run['exit_reason']}"


class _Nowhere:
    """No account: the plan's prior state stands for it."""

    coverage = Coverage()
    disabled: Sequence[str] = ()
    inventory: str | None = None

    def resources(self) -> Any:
        return iter(())

    def incomplete(self) -> "list[Incomplete]":
        return []

    def operations(self) -> list[Any]:
        return []
