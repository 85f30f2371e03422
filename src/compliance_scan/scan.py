"""The scan of a repository: what is read, what judges it, and what is said of it.

find the files -> read them -> shape what was read -> choose the rules -> evaluate -> suppress, compare -> report
"""

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.choice import Choice
from compliance_scan.discover import Found, discover
from compliance_scan.errors import Incomplete, NothingToScan
from compliance_scan.evaluate import evaluate
from compliance_scan.hidden import Hidden
from compliance_scan.model.finding import Finding, Severity
from compliance_scan.model.resource import Inventory
from compliance_scan.model.rule import Instance
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World
from compliance_scan.suppressions import MARKS, Suppressions
from compliance_scan.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from compliance_scan.baseline import Baseline
    from compliance_scan.config import SuppressionEntry
    from compliance_scan.inputs.kubernetes.load import Reading
    from compliance_scan.model.report import ConfigNote, Report
    from compliance_scan.report import Facts, Judged
    from compliance_scan.scope import Reached


_NOTHING: "Mapping[str, Any]" = {}


class Request(NamedTuple):
    """What the user asks for, settled from flags, environment, configuration and defaults."""

    root: str
    """Absolute path of the repository root."""
    targets: "Sequence[str]"
    """Root-relative files and folders, `.` for the root."""
    folder: str
    """The working directory: the report's paths are relative to it."""
    as_of: date
    command: str = "scan"
    rules: "Sequence[str]" = ()
    skip: "Sequence[str]" = ()
    rule_folders: "Sequence[str]" = ()
    frameworks: "Sequence[str]" = ()
    profile: str | None = None
    severity: Severity | None = None
    fail_on: Severity | None = None
    verdicts: frozenset[str] = frozenset({"fail", "unknown"})
    preview: bool = False
    allow_incomplete: bool = False
    baseline: str | None = None
    include: "Sequence[str]" = ()
    exclude: "Sequence[str]" = ()
    var: "Mapping[str, str]" = _NOTHING
    var_files: "Sequence[str]" = ()
    """Root-relative."""
    settings: "Sequence[tuple[str, str | None]]" = ()
    """Variables (name, text) and variable files (path, None) in the order of the command line, where both are given."""
    plan: str | None = None
    """A plan to judge beside the code that it was made of; root-relative, as the next."""
    state: str | None = None
    workspace: str | None = None
    helm_values: "Sequence[str]" = ()
    """Root-relative values files for the Helm charts."""
    allow_network: bool = False
    """Whether remote bases may be fetched."""
    environment: "Mapping[str, str]" = _NOTHING
    diff: str | None = None
    changed: bool = False
    """The targets are changed files: judge the roots that reach them, report what lies in their folders."""
    overlay: "Mapping[str, bytes]" = _NOTHING
    """Root-relative path to contents that stand for the file's (standard input)."""
    suppressions: "Sequence[SuppressionEntry]" = ()
    suppressions_file: str = ""
    inline_suppressions: bool = True
    foreign_suppressions: bool = True
    config: "Sequence[ConfigNote]" = ()


class Loaded:
    """What was read and how it is seen."""

    __slots__ = ("found", "inventory", "reached", "request", "workspace", "world")

    def __init__(
        self,
        request: Request,
        workspace: Workspace,
        found: Found,
        inventory: Inventory,
        reached: "Reached | None" = None,
    ) -> None:
        self.request = request
        self.reached = reached
        self.workspace = workspace
        self.found = found
        self.inventory = inventory
        self.world = World(inventory, Catalog.open(), as_of=request.as_of)

    def hidden(self) -> Hidden:
        """What came from the environment and may not be shown."""
        return Hidden(self.inventory)

    def incomplete(self) -> list[Incomplete]:
        """What could not be read, also what was met only when somebody asked for a value."""
        return list(dict.fromkeys([*self.inventory.incomplete, *self.workspace.incomplete]))


class Result(NamedTuple):
    """What a scan came to."""

    report: "Report"
    judged: frozenset[str]
    """Ids of the rules that ran."""


def scan(request: Request, then: "Callable[[Loaded, Report], None] | None" = None) -> Result:
    """Scans and reports; `then` is called with what was read while it is at hand, as for an archive of evidence.

    Raises `ScanError` for what the user has to mend, `NothingToScan` among them.
    """
    from compliance_scan import report

    started = time.time()
    with batch():
        loaded = load(request)
        choice = Choice(request, loaded)
        notes: list[Incomplete] = []
        findings = judge(choice.instances, loaded, notes, request.verdicts | {"fail", "unknown"})
        if loaded.reached is not None:
            from compliance_scan import scope

            findings = scope.narrowed(findings, loaded, choice.instances)
        elif choice.profile is not None and choice.profile.unmet and "." in request.targets and not request.include:
            from compliance_scan.unmet import unmet

            findings += unmet(choice, loaded, findings, notes)
        judged = _judged(findings, loaded, choice)
        notes += judged.suppressions.unread
        made = report.build(judged, _facts(loaded, choice, notes, started), whole=_is_whole(request))
        loaded.hidden().clean_report(made)
        if then is not None:
            then(loaded, made)
    return Result(made, frozenset(instance.rule.id for instance in choice.instances))


@contextmanager
def batch() -> Iterator[None]:
    """A stretch that makes many objects and little garbage: collecting would cost more than the work."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def load(request: Request) -> Loaded:
    """Finds, reads and shapes; raises `NothingToScan` where the targets hold nothing that is read."""
    workspace = Workspace(request.root, include=request.include, exclude=request.exclude, marks=MARKS)
    for path, data in request.overlay.items():
        workspace.put(path, data)
    reached = None
    if request.diff is not None or request.changed:
        from compliance_scan import scope

        reached = scope.reached(request, workspace)
    found = reached.found if reached is not None else discover(workspace, request.targets)
    if request.plan is not None:
        others = [each for each in found.plans if each[0] != request.plan]
        found = found._replace(plans=[*others, (request.plan, True)])
    if request.state is not None:
        found = found._replace(states=list(dict.fromkeys([*found.states, request.state])))
    inventory = read(workspace, found, request, reached.folders if reached is not None else None)
    loaded = Loaded(request, workspace, found, inventory, reached)
    if not (inventory.files or inventory.incomplete or request.changed or request.diff is not None):
        raise _nothing(request, found, inventory.skipped)
    return loaded


def _manifests(workspace: Workspace, files: Sequence[str], request: Request) -> "Reading":
    from compliance_scan.inputs.kubernetes.load import KubernetesOptions, Reading

    options = KubernetesOptions(allow_network=request.allow_network, helm_values=request.helm_values)
    return Reading(workspace, files, options)


def _terraform(
    inventory: Inventory, workspace: Workspace, found: Found, request: Request, reaching: frozenset[str] | None
) -> None:
    """Adds code, plans and states."""
    if found.terraform:
        from compliance_scan.inputs.terraform.load import TerraformOptions
        from compliance_scan.inputs.terraform.load import load as load_terraform

        options = TerraformOptions(
            var=request.var,
            var_files=request.var_files,
            settings=request.settings,
            workspace=request.workspace,
            environment=request.environment,
            only_reaching=reaching,
        )
        inventory.add(load_terraform(workspace, found.terraform, options))
    if found.plans or found.states:
        from compliance_scan.inputs.terraform import beside

        beside.add(inventory, workspace, found.plans, found.states)
    if found.lying:
        from compliance_scan.inputs.terraform.state_files import lying

        inventory.add(lying(workspace, found.lying))


def read(workspace: Workspace, found: Found, request: Request, reaching: frozenset[str] | None = None) -> Inventory:
    """One inventory of all inputs that have files; `reaching` limits Terraform to roots that reach these folders."""
    inventory = Inventory(not_covered=dict(found.unread))
    if found.manifests:
        with _manifests(workspace, found.manifests, request) as manifests:  # their builds run beside Terraform's load
            _terraform(inventory, workspace, found, request, reaching)
            manifests.add_to(inventory)
    else:
        _terraform(inventory, workspace, found, request, reaching)
        if any(each.type in ("helm_release", "kubectl_manifest") for each in inventory.resources):
            with _manifests(workspace, (), request) as manifests:
                manifests.add_to(inventory)
    inventory.incomplete = list(dict.fromkeys([*inventory.incomplete, *workspace.incomplete]))
    for reason, count in workspace.skipped.items():
        inventory.skipped[reason] = inventory.skipped.get(reason, 0) + count
    return inventory


def judge(
    instances: Sequence[Instance],
    loaded: Loaded,
    notes: list[Incomplete] | None = None,
    named: frozenset[str] = frozenset({"fail", "unknown"}),
) -> list[Finding]:
    """The findings of these rule instances; those with a verdict of `named` have fingerprints."""
    from compliance_scan.shape.identity import fingerprints

    found = list(evaluate(instances, loaded.world, notes=notes))
    for index, finding in enumerate(found):
        if finding.verdict in named and not finding.fingerprint:
            own, others = fingerprints(finding.rule, finding.instance, finding.resource)
            found[index] = finding._replace(fingerprint=own, aliases=others)
    return found


def _nothing(request: Request, found: Found, skipped: "Mapping[str, int]") -> NothingToScan:
    shown = ", ".join(request.targets[:3]) + (" …" if len(request.targets) > 3 else "")
    hint = "name a folder with Terraform files or Kubernetes manifests"
    if found.unread:
        kinds = sorted({kind for kind, _ in found.unread})
        hint = f"name the {' or the '.join(kinds)} file itself"
    elif any(target.endswith("tfplan") for target in request.targets):
        hint = "only Terraform reads its binary plans: terraform show -json PLAN > plan.json, and name that"
    elif request.include or request.exclude:
        hint = "look at --include and --exclude"
    # Reasons of one word are names of folders.
    files = [f"{reason} ({count})" for reason, count in sorted(skipped.items()) if " " in reason]
    if files:
        hint += f"; passed over: {', '.join(files[:5])}"
    return NothingToScan(f"nothing to scan in {shown}", hint)


def suppressions_of(loaded: Loaded, choice: Choice) -> Suppressions:
    """All suppressions of a run, with the comments of its resources read."""
    request, profile = loaded.request, choice.profile
    made = Suppressions(
        request.suppressions,
        file=request.suppressions_file,
        more=profile.placed_suppressions() if profile else (),
        as_of=request.as_of,
        use_inline=request.inline_suppressions,
        use_foreign=request.foreign_suppressions,
        may_hold=loaded.workspace.may_hold_mark,
    )
    made.read(loaded.inventory.resources)
    return made


def _judged(findings: list[Finding], loaded: Loaded, choice: Choice) -> "Judged":
    from compliance_scan import report
    from compliance_scan.excerpt import Excerpts
    from compliance_scan.report_finding import Controls

    return report.Judged(
        findings=findings,
        instances=choice.instances,
        ruleset=choice.ruleset,
        controls=Controls(choice.frameworks, choice.selected),
        suppressions=suppressions_of(loaded, choice),
        baseline=baseline_of(loaded.request),
        excerpts=Excerpts(loaded.workspace, loaded.world.catalog, loaded.request.folder),
        in_scope=scope_of(loaded.request),
        question=choice.question(loaded.request, loaded),
    )


def baseline_of(request: Request) -> "Baseline | None":
    """The accepted findings, None without `--baseline`; raises `ConfigError`."""
    if request.baseline is None:
        return None
    from compliance_scan import baseline

    return baseline.read(request.baseline, os.path.relpath(request.baseline, request.folder))


def scope_of(request: Request) -> Callable[[str], bool]:
    """Whether a root-relative file belongs to what a whole scan of the targets is about."""
    if request.diff is not None or request.changed:
        return lambda _file: False
    targets = [target.rstrip("/") for target in request.targets]
    return lambda file: any(target in (".", file) or file.startswith(target + "/") for target in targets)


def _is_whole(request: Request) -> bool:
    whole = "." in request.targets and not (request.include or request.exclude or request.changed)
    return whole and request.diff is None


def _not_covered(loaded: Loaded, choice: Choice) -> "dict[tuple[str, str], int]":
    """What was read and no rule that exists looks at, neither as a subject nor as a part or relation of one."""
    world, catalog = loaded.world, loaded.world.catalog
    judged = set(choice.ruleset.types())
    looked_at = {catalog.canonical(kind) for kind in judged} | set(catalog.satellites)
    found = dict(loaded.inventory.not_covered)
    left = [
        each
        for each in loaded.inventory.resources
        if each.mode == "managed" and catalog.canonical(each.type) not in looked_at
    ]
    if not left:
        return found
    for kind in judged & catalog.virtual:
        looked_at.update(subject.resource.type for subject in world.subjects((kind,)))
    for instance in choice.instances:
        looked_at.update(map(catalog.canonical, related_types((instance.rule.when, instance.rule.assertion))))
    for resource in left:
        if catalog.canonical(resource.type) not in looked_at:
            key = (resource.type, "no rule judges this type")
            found[key] = found.get(key, 0) + 1
    return found


def related_types(conditions: "Sequence[Any]") -> Iterator[str]:
    """The types that conditions relate to."""
    stack = list(conditions)
    while stack:
        item = stack.pop()
        if isinstance(item, list | tuple):
            if len(item) > 1 and item[0] == "related" and isinstance(item[1], str):
                yield item[1]
            stack.extend(item)


def _facts(loaded: Loaded, choice: Choice, notes: Sequence[Incomplete], started: float) -> "Facts":
    from compliance_scan import report

    request, inventory, profile = loaded.request, loaded.inventory, choice.profile
    return report.Facts(
        command=request.command,
        started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        seconds=time.time() - started,
        as_of=request.as_of.isoformat(),
        targets=request.targets,
        root=request.root,
        folder=request.folder,
        config=request.config,
        severity=request.severity or (profile.severity if profile else None) or "info",
        fail_on=request.fail_on or (profile.fail_on if profile else None) or "low",
        allow_incomplete=request.allow_incomplete,
        verdicts=request.verdicts,
        files=inventory.files,
        resources=sum(resource.mode == "managed" for resource in inventory.resources),
        incomplete=list(dict.fromkeys([*loaded.incomplete(), *notes])),
        not_covered=_not_covered(loaded, choice),
        skipped=inventory.skipped,
    )
