"""The use cases that lay what is declared over a live account: `drift`, and `audit` with `--code` or `--state`.

read the declared side -> collect the live one -> judge both -> join -> compare -> report
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from compliance_scan import audit as audits
from compliance_scan import scan
from compliance_scan.beside import Beside, Teller, beside, unsure
from compliance_scan.edit import Editing
from compliance_scan.errors import UsageError
from compliance_scan.evaluate.scope import is_named
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import Unknown
from compliance_scan.planes.ignore import DriftIgnore
from compliance_scan.report_finding import Controls
from compliance_scan.shape.world import World

if TYPE_CHECKING:
    from compliance_scan.audit import Collected, Wanted
    from compliance_scan.errors import Incomplete
    from compliance_scan.model.finding import Finding
    from compliance_scan.model.report import Report
    from compliance_scan.model.report_planes import Drift
    from compliance_scan.model.rule import Instance
    from compliance_scan.planes.rows import Group

IGNORE_FILE = ".driftignore"


class Options(NamedTuple):
    """What only these use cases know."""

    only_controls: bool = False
    """Just the drift that made a rule fail."""
    fail_on: str = "flips"
    """`flips`: exit 1 where a control flipped; `any`: for any drift."""
    force: bool = False
    """Compare although the state is another account's."""


def drift(request: scan.Request, open_source: "Callable[[Wanted], Collected]", options: Options) -> scan.Result:
    """What differs between what is declared and what is live; raises `ScanError`."""
    started = time.time()
    with scan.batch():
        run = _Run(request, open_source, options, lean=True)
        flipped = {flip for each in run.drift for flip in _flips(each)}
        declares = run.made.declares
        findings = run.made.findings(
            lambda each: (
                each.verdict == "fail" and (declares.get(each.resource, each.resource).address, each.rule) in flipped
            )
        )
        report = run.report(findings, started)
        _exit(report, run.drift, options, request)
    return scan.Result(report, frozenset(each.rule.id for each in run.wanted.choice.instances))


def audit(request: scan.Request, open_source: "Callable[[Wanted], Collected]", options: Options) -> scan.Result:
    """An audit whose findings sit on the lines that declare what they judge, with the planes beside one another."""
    started = time.time()
    with scan.batch():
        run = _Run(request, open_source, options)
        run.findings = [*run.made.findings(), *run.unlisted]
        found = [*run.findings, *audits.missed(run, run.may_be_there)]
        report = run.report(found, started)
    return scan.Result(report, frozenset(each.rule.id for each in run.wanted.choice.instances))


class _Run:
    """One comparison."""

    def __init__(
        self,
        request: scan.Request,
        open_source: "Callable[[Wanted], Collected]",
        options: Options,
        *,
        lean: bool = False,
    ) -> None:
        self.request = request
        self.loaded = scan.load(request._replace(command="scan"))
        self.wanted = audits.want(request)
        audits.widen(self.wanted, self.loaded.inventory.resources, request)
        self.source = open_source(self.wanted)
        resources = list(self.source.resources())
        inventory = Inventory(resources=resources, coverage=self.source.coverage, files=1)
        self.live = World(inventory, self.wanted.catalog, as_of=request.as_of)
        self.seen = len(resources)
        if not options.force:
            _same_account(self.loaded.inventory.resources, [name for name, _ in self.source.coverage.homes()])
            _in_order(self.loaded, self.source)
        self.notes: list[Incomplete] = self.loaded.incomplete()
        self.findings: list[Finding] = []
        instances = self.wanted.choice.instances
        self.made: Beside = beside(instances, self.loaded.world, self.live, notes=self.notes, lean=lean)
        self.unlisted = list(audits.unlisted(self.wanted, self.source.coverage))
        self.excerpts = audits.excerpts_of(self, self.loaded.workspace)
        choice = self.wanted.choice
        teller = Teller(
            self.made,
            ruleset=choice.ruleset,
            instances=choice.instances,
            controls=Controls(choice.frameworks, choice.selected),
            excerpts=self.excerpts,
            editor=Editing(self.loaded),
        )
        ignore = DriftIgnore.read(self.loaded.workspace, IGNORE_FILE)
        self.drift: list[Drift] = ignore.marked(teller.drift(only_controls=options.only_controls))
        _accept(self.drift, request, self.made)
        self.unread = _name_actors(self.drift, self.source, self.made)
        self.planes = teller.planes()

    def may_be_there(self, instance: "Instance") -> "Unknown | None":
        """Why a resource that an instance speaks of by its address in the code may be live, though none was found."""
        if instance.scope is None or not instance.scope.address:
            return None
        kinds = set(map(self.wanted.catalog.canonical, instance.rule.resource))
        joined = self.made.joined
        doubts = {each.declared: each.why for each in joined.ambiguous} | unsure(joined, self.live)
        for resource, why in doubts.items():
            named = is_named(instance.scope, (resource.address, *resource.aliases))
            if named and self.wanted.catalog.canonical(resource.type) in kinds:
                return Unknown("ambiguous_join", f"{resource.address}: {why}")
        unread = self.loaded.incomplete()
        return Unknown("not_collected", f"{unread[0].where} was not read") if unread else None

    def report(self, findings: "Sequence[Finding]", started: float) -> "Report":
        """The report, with drift and planes."""
        self.findings = sorted(findings, key=lambda each: (each.resource.address, each.rule, each.instance))
        targets = [*self.request.targets, *(f"aws:{account}" for account in self.source.coverage.places)]
        report = audits.report_of(self, targets, started, self.excerpts)
        self.loaded.hidden().clean_report(report)
        report["drift"], report["planes"] = self.drift, self.planes
        if self.unread:
            report["run"]["actors_unread"] = self.unread
        return report


def _flips(each: "Drift") -> list[tuple[str, str]]:
    if _is_accepted(each):
        return []
    return [(each["address"], flip["rule"]) for flip in each["rules"] if flip["live"] == "fail"]


def _is_accepted(each: "Drift") -> bool:
    suppression = each.get("suppression")
    return suppression is not None and suppression["status"] != "expired"


def _exit(report: "Report", drift: "Sequence[Drift]", options: Options, request: scan.Request) -> None:
    """1 for a control that flipped (or, where asked, any drift), unless something could not be read."""
    open_ = [each for each in drift if not _is_accepted(each)]
    flipped = sum(bool(_flips(each)) for each in open_)
    run = report["run"]
    told = f"{len(open_)} drifted resource{'' if len(open_) == 1 else 's'}, {flipped} of them against a rule"
    if report["incomplete"] and not request.allow_incomplete:
        count = len(report["incomplete"])
        things = f"{count} thing{'' if count == 1 else 's'} could not be read (--allow-incomplete accepts that)"
        run["exit_code"], run["exit_reason"] = 4, f"{things}; {told}"
    else:
        run["exit_code"] = 1 if flipped or (options.fail_on == "any" and open_) else 0
        run["exit_reason"] = told


def _accept(drift: "Sequence[Drift]", request: scan.Request, made: Beside) -> None:
    """Marks drift that the configuration's `suppressions` (`rule: drift`) accept, by address, ARN, account or tag."""
    from compliance_scan.suppressions import DRIFT, has_tag, in_account
    from compliance_scan.suppressions.directive import fits

    entries = [each for each in request.suppressions if each.rule == DRIFT]
    if not entries:
        return
    tags = {group.first.address: _tags(group) for group in made.groups}
    for each in drift:
        names = [each["address"], each["fingerprint"], *([each["arn"]] if each["arn"] else [])]
        for entry in entries:
            if (
                each.get("suppression") is None
                and any(fits(entry.resource, name) for name in names)
                and in_account(entry, each["account"])
                and (entry.tag == "*" or has_tag(entry.tag, tags.get(each["address"], {})))
            ):
                each["suppression"] = {
                    "kind": "config",
                    "reason": entry.reason,
                    "owner": entry.owner,
                    "until": entry.until,
                    "where": f"{request.suppressions_file}:{entry.line}",
                    "status": "expired" if entry.until and request.as_of.isoformat() > entry.until else "accepted",
                }


class Trail(Protocol):
    """The history of an account."""

    troubles: dict[str, None]

    def actor(self, account: str | None, region: str | None, names: "Iterable[str]") -> str | None:
        """Who changed last what has one of these names, and when."""
        ...


@runtime_checkable
class Remembered(Protocol):
    """A source that still has its account at hand, as an inventory file has not."""

    trail: Trail


def _name_actors(drift: "Sequence[Drift]", source: "Collected", made: Beside) -> list[str]:
    """Writes who changed what drifted, in its order: what flipped a rule is asked first. Returns why it could not be
    read; that is no part of the audit, so it makes nothing incomplete."""
    if not isinstance(source, Remembered):
        return []
    names = {group.first.address: list(_names(group)) for group in made.groups} if drift else {}
    for each in drift:
        if not _is_accepted(each):
            each["actor"] = source.trail.actor(each["account"], each["region"], names.get(each["address"], ()))
    return list(source.trail.troubles)


def _names(group: "Group") -> "Iterable[str]":
    """What an event may call a resource by: its id, its name, its ARN."""
    for side in (group.live, group.state, group.declared):
        if side is not None:
            known = side.attributes["id"] if "id" in side.attributes else None  # noqa: SIM401 - values are made by asking
            yield from (each for each in (known, side.name, side.arn) if isinstance(each, str) and each)


def _tags(group: "Group") -> dict[str, object]:
    found: dict[str, object] = {}
    for side in (group.live, group.said):
        for name in ("tags", "tags_all"):
            value = side.attributes[name] if side is not None and name in side.attributes else None
            if isinstance(value, dict):
                found = {**value, **found}
    return found


def _in_order(loaded: scan.Loaded, source: "Collected") -> None:
    """Raises `UsageError` where a state is older than another one of the same lineage, or an inventory older than a
    state: what one says of now the other never knew."""
    serials: dict[str, tuple[int, str]] = {}
    for path in loaded.found.states:
        head = _state_head(loaded, path)
        if head is None:
            continue
        serial, lineage = head
        other = serials.setdefault(lineage, (serial, path))
        if other[0] != serial:
            (low, old), (high, new) = sorted([other, (serial, path)])
            raise UsageError(
                f"{old} (serial {low}) is an older state of what {new} (serial {high}) is the state of",
                f"leave {old} out, or --force",
            )
    if source.inventory is None or not source.coverage.started:
        return
    for path in loaded.found.states:
        moment = os.stat(os.path.join(loaded.request.root, path)).st_mtime
        written = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
        if written > source.coverage.started:
            raise UsageError(
                f"the inventory of {source.coverage.started} is older than {path} ({written}): what was applied in "
                "between would be told as drift",
                "audit again with --inventory-out, or --force",
            )


_SERIAL = re.compile(rb'"serial"\s*:\s*(\d+)')
_LINEAGE = re.compile(rb'"lineage"\s*:\s*"([^"]+)"')


def _state_head(loaded: scan.Loaded, path: str) -> tuple[int, str] | None:
    """Serial and lineage of a state file; None where it says neither."""
    head = loaded.workspace.head(path)
    serial, lineage = _SERIAL.search(head), _LINEAGE.search(head)
    return (int(serial[1]), lineage[1].decode(errors="replace")) if serial and lineage else None


def _same_account(declared: Sequence[Resource], accounts: Sequence[str]) -> None:
    """Raises `UsageError` where all that a state knows lives in other accounts than the one that was collected."""
    named = {each.account for each in declared if each.plane == "state" and each.account and each.account.isdigit()}
    if named and accounts and not named & set(accounts):
        raise UsageError(
            f"the state is of account {', '.join(sorted(named))}, what was collected of {', '.join(sorted(accounts))}",
            "sign in to the other account, or --force",
        )
