"""The audit of a live account: what is collected, what judges it, and what is said of it.

choose the rules -> work out what they read -> collect (or read an inventory) -> evaluate as it comes -> report
"""

import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from compliance_scan import report as reports
from compliance_scan.choice import Choice
from compliance_scan.control_limits import question
from compliance_scan.errors import Incomplete
from compliance_scan.evaluate import evaluate
from compliance_scan.excerpt import Excerpts
from compliance_scan.model.coverage import NOT_COLLECTED, Coverage
from compliance_scan.model.finding import Finding, Verdict
from compliance_scan.model.live import Line, place_name
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.rule import Instance
from compliance_scan.model.value import Unknown
from compliance_scan.reads import Reads, reads_of
from compliance_scan.report_finding import Controls
from compliance_scan.scan import Request, Result, batch
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.forget import forget
from compliance_scan.shape.identity import fingerprints
from compliance_scan.shape.world import World
from compliance_scan.suppressions import Suppressions
from compliance_scan.workspace import Workspace

if TYPE_CHECKING:
    from compliance_scan.model.report import Report

BATCH = 2_000
"""Resources that are judged together where no other type is needed for it."""
SWEEP = 20_000
"""Resources after which garbage is collected: the libraries behind the calls leave circles too."""


class Collected(Protocol):
    """Where live resources come from: an account, or an inventory file."""

    coverage: Coverage
    disabled: Sequence[str]
    inventory: str | None
    """Root-relative path of the inventory file in which resources have their lines."""

    def resources(self) -> Iterator[Resource]:
        """All resources, as they come; when they are through, `coverage` is whole."""
        ...

    def incomplete(self) -> list[Incomplete]:
        """What could not be read."""
        ...

    def operations(self) -> list[Any]:
        """How the operations ended, as the report has it."""
        ...


@dataclass(slots=True, kw_only=True)
class Wanted:
    """What the selected rules want of an account."""

    choice: Choice
    catalog: Catalog
    reads: Reads
    streamed: frozenset[str]
    """Types that are judged by themselves, as they come, and then forgotten."""
    instances: dict[str, list[Instance]] = field(default_factory=dict)
    """Type to the instances that judge it."""


def want(request: Request) -> Wanted:
    """The rules of a run and what they read; raises `ScanError`."""
    catalog = Catalog.open()
    choice = Choice(request, None)
    choice.instances = [each for each in choice.instances if each.rule.provider == "aws" and "live" in each.rule.planes]
    reads = reads_of(choice.instances, catalog)
    if _asks_tags(request):
        for kind in reads.types():
            reads.add_tags(kind, "suppressions")
    wanted = Wanted(choice=choice, catalog=catalog, reads=reads, streamed=frozenset())
    for instance in choice.instances:
        for kind in dict.fromkeys(map(catalog.canonical, instance.rule.resource)):
            wanted.instances.setdefault(kind, []).append(instance)
    wanted.streamed = frozenset(
        kind
        for kind in reads.types()
        if kind not in reads.joined and kind not in reads.relating and kind not in catalog.satellites
    )
    return wanted


def widen(wanted: Wanted, declared: Iterable[Resource], request: Request) -> None:
    """Wants what is declared, and (where neither rules nor frameworks narrow the run) every type that can be collected:
    whole, and nothing streamed. For comparing an account with what is declared."""
    kinds = {wanted.catalog.canonical(each.type) for each in declared} | set(wanted.reads.types())
    narrowed = bool(request.rules or wanted.choice.selected)
    for kind in wanted.catalog.collectors():
        if kind in kinds or not narrowed:
            wanted.reads.whole.add(kind)
            wanted.reads.rules.setdefault(kind, set()).add("drift")
    wanted.streamed = frozenset()


def audit(request: Request, open_source: "Callable[[Wanted], Collected]") -> Result:
    """Collects, judges and reports; raises `ScanError` for what the user has to mend."""
    started = time.time()
    with batch():
        wanted = want(request)
        source = open_source(wanted)
        judging = _Judging(request, wanted, source)
        judging.run()
        made = report_of(judging, [f"aws:{account}" for account in source.coverage.places], started)
    return Result(made, frozenset(each.rule.id for each in wanted.choice.instances))


class _Judging:
    """Judges resources as they come; what others need is kept to the end."""

    def __init__(self, request: Request, wanted: Wanted, source: Collected) -> None:
        self.request = request
        self.wanted = wanted
        self.source = source
        self.notes: list[Incomplete] = []
        self.findings: list[Finding] = []
        self.seen = 0
        self.named: frozenset[Verdict] = frozenset(request.verdicts | {"fail", "unknown"})  # type: ignore[arg-type]
        self._unswept = 0
        self._tagged = _asks_tags(request)
        self._silent: dict[tuple[str, Verdict], Finding] = {}

    def run(self) -> None:
        """Judges everything into `findings`."""
        waiting: dict[str, list[Resource]] = {}
        kept: list[Resource] = []
        for resource in self.source.resources():
            self.seen += 1
            if resource.type not in self.wanted.streamed:
                kept.append(resource)
                continue
            several = waiting.setdefault(resource.type, [])
            several.append(resource)
            if len(several) >= BATCH:
                self._judge(self.wanted.instances.get(resource.type, ()), waiting.pop(resource.type))
        for kind, several in waiting.items():
            self._judge(self.wanted.instances.get(kind, ()), several)
        self._judge(self.wanted.choice.instances, kept)
        self.findings += unlisted(self.wanted, self.source.coverage)
        self.findings += missed(self)
        self.findings.sort(key=lambda each: (each.resource.address, each.rule, each.instance))

    def _judge(self, instances: Sequence[Instance], resources: list[Resource]) -> None:
        inventory = Inventory(resources=resources, coverage=self.source.coverage)
        world = World(inventory, self.wanted.catalog, as_of=self.request.as_of)
        detail = self.named & {"fail", "unknown"}
        for finding in evaluate(instances, world, detail=detail, notes=self.notes):
            if finding.verdict in self.named:
                own, others = fingerprints(finding.rule, finding.instance, finding.resource)
                slim = finding.resource
                if slim.type in self.wanted.streamed:
                    slim = _slim(slim, tagged=self._tagged)
                self.findings.append(finding._replace(fingerprint=own, aliases=others, resource=slim))
            else:  # only counted
                key = (finding.instance, finding.verdict)
                kept = self._silent.get(key)
                if kept is None:
                    kept = self._silent[key] = finding._replace(resource=_slim(finding.resource))
                self.findings.append(kept)
        forget(world)
        self._unswept += len(resources)
        if self._unswept >= SWEEP:
            self._unswept = 0
            gc.collect()


def unlisted(wanted: Wanted, coverage: Coverage) -> Iterator[Finding]:
    """A finding for each rule and place whose very list is not there."""
    catalog = wanted.catalog
    for kind, instances in wanted.instances.items():
        if kind in catalog.virtual or catalog.documents(kind):
            continue
        for account, _regions in coverage.homes():
            for region, cause in _causes(coverage, kind, account):
                resource = _placeholder(kind, account, region, Line(coverage.file))
                for instance in instances:
                    own, others = fingerprints(instance.rule.id, instance.name, resource)
                    yield Finding(
                        rule=instance.rule.id,
                        instance=instance.name,
                        resource=resource,
                        verdict="unknown",
                        cause=cause,
                        fingerprint=own,
                        aliases=others,
                    )


def missed(judging: "Judged", cause: "Callable[[Instance], Unknown | None] | None" = None) -> list[Finding]:
    """The promises of the profile for which nothing was found, where it wants them told; `cause`: why what an instance
    speaks of may be there, by default where only code could tell what it is."""
    profile = judging.wanted.choice.profile
    if profile is None or not profile.unmet:
        return []
    from compliance_scan.unmet import needs_code, unmet_live

    places = judging.source.coverage.places
    return unmet_live(judging.wanted.choice, judging.request.root, judging.findings, places, cause or needs_code)


def _causes(coverage: Coverage, kind: str, account: str) -> Iterator[tuple[str | None, Unknown]]:
    found = False
    for (other, number, region), cause in coverage.states.items():
        if other == kind and number == account:
            found = True
            if cause is not None:
                yield region or "global", cause
    if not found:
        yield None, Unknown(NOT_COLLECTED, f"{kind} is not collected")


def _placeholder(kind: str, account: str, region: str | None, source: Line) -> Resource:
    """What stands for the resources of a type that could not be listed."""
    return Resource(
        address=f"{kind}@{account}" if region is None else place_name(kind, account, region),
        type=kind,
        root=".",
        plane="live",
        attributes={},
        source=source,
        provider="aws",
        account=account,
        region=None if region == "global" else region,
    )


def _slim(resource: Resource, *, tagged: bool = False) -> Resource:
    """The resource without its attributes: what is reported of it was worked out already. `tagged`: tags stay, since a
    suppression asks for them."""
    kept = [name for name in ("tags", "tags_all") if tagged and name in resource.attributes]
    return resource._replace(attributes={name: resource.attributes[name] for name in kept})


def _asks_tags(request: Request) -> bool:
    return any(each.tag != "*" for each in request.suppressions)


class Judged(Protocol):
    """What was judged of something live."""

    request: Request
    wanted: Wanted
    source: Collected
    notes: list[Incomplete]
    findings: list[Finding]
    seen: int


def excerpts_of(judging: Judged, workspace: Workspace | None = None) -> Excerpts:
    """The source text that a report may show (of `workspace`): never that of the inventory."""
    workspace = workspace or Workspace(judging.request.root)
    if judging.source.inventory is not None:
        workspace.opaque.add(judging.source.inventory)
    return Excerpts(workspace, judging.wanted.catalog, judging.request.folder)


def report_of(judging: Judged, targets: Sequence[str], started: float, excerpts: Excerpts | None = None) -> "Report":
    """The report of an audit; `targets` as people name what was audited, `started` in seconds since the epoch."""
    request, wanted, source = judging.request, judging.wanted, judging.source
    choice = wanted.choice
    judged = reports.Judged(
        findings=judging.findings,
        instances=choice.instances,
        ruleset=choice.ruleset,
        controls=Controls(choice.frameworks, choice.selected),
        suppressions=_suppressions(request, choice),
        baseline=_baseline(request),
        excerpts=excerpts or excerpts_of(judging),
        in_scope=lambda file: not file,
        question=None if choice.frameworks is None else question(choice, request, {"live"}),
    )
    profile = choice.profile
    coverage = source.coverage
    facts = reports.Facts(
        command=request.command,
        started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        seconds=time.time() - started,
        as_of=request.as_of.isoformat(),
        targets=targets,
        root=request.root,
        folder=request.folder,
        config=request.config,
        severity=request.severity or (profile.severity if profile else None) or "info",
        fail_on=request.fail_on or (profile.fail_on if profile else None) or "low",
        allow_incomplete=request.allow_incomplete,
        verdicts=request.verdicts,
        files=0,
        resources=judging.seen,
        incomplete=list(dict.fromkeys([*source.incomplete(), *judging.notes])),
        not_covered={},
        skipped={},
        live=reports.Live(
            accounts=list(coverage.places),
            regions=sorted({region for regions in coverage.places.values() for region in regions}),
            regions_disabled=sorted(set(source.disabled)),
            operations=source.operations(),
            inventory=None if source.inventory is None else judged.excerpts.path(source.inventory),
        ),
    )
    return reports.build(judged, facts, whole=False)


def _suppressions(request: Request, choice: Choice) -> Suppressions:
    return Suppressions(
        request.suppressions,
        file=request.suppressions_file,
        more=choice.profile.placed_suppressions() if choice.profile else (),
        as_of=request.as_of,
        use_inline=False,
        use_foreign=False,
        may_hold=lambda _file: False,
    )


def _baseline(request: Request) -> Any:
    if request.baseline is None:
        return None
    from compliance_scan import baseline

    return baseline.read(request.baseline, os.path.relpath(request.baseline, request.folder))
