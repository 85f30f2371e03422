"""Live resources from an account or from an inventory file, in one form."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from compliance_scan import __version__
from compliance_scan.errors import Incomplete, UsageError
from compliance_scan.inputs.aws.actors import Trail
from compliance_scan.inputs.aws.engine import THREADS, DoneEvent, Engine, FoundEvent, Place, UnitKey
from compliance_scan.inputs.aws.ledger import Ledger
from compliance_scan.inputs.aws.lines import PARTIAL, BadInventory, UnitLine, Writer, read, resource_of
from compliance_scan.inputs.aws.plan import AuditPlan
from compliance_scan.inputs.aws.secrets import Masker
from compliance_scan.model.coverage import Coverage
from compliance_scan.model.live import Line, live_resource
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Unknown


class Progress(NamedTuple):
    """How far an audit is."""

    regions: int
    operations: int
    resources: int
    remaining: int


class AccountSource:
    """Collects live accounts; writes an inventory beside it where one is wanted."""

    def __init__(
        self,
        plan: AuditPlan,
        places: Sequence[Place],
        ledger: Ledger,
        *,
        disabled: Mapping[str, Sequence[str]],
        threads: int = THREADS,
        out: str | None = None,
        file: str | None = None,
        checkpoint: bool = True,
        resume: bool = False,
        progress: "Callable[[Progress], None] | None" = None,
    ) -> None:
        """`out`: where the inventory goes, `file` the same relative to the root. `checkpoint`: write one at all, under
        `out` or (without one) nowhere. Raises `UsageError`."""
        self.plan = plan
        self.places = places
        self.ledger = ledger
        self.trail = Trail(places)
        self.disabled: Sequence[str] = sorted({name for names in disabled.values() for name in names})
        self.inventory = file
        self.coverage = Coverage()
        self.coverage.file = file or ""
        for place in places:
            self.coverage.places[place.account] = place.regions
        self._threads = threads
        self._masker = Masker(plan.catalog)
        self._progress = progress
        self._found = 0
        self.resumed: frozenset[UnitKey] = frozenset()
        self._out = out if checkpoint else None
        self._resume = resume
        self._head: dict[str, Any] = {
            "tool": f"compliance-scan {__version__}",
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "plan": digest(plan),
            "accounts": {place.account: list(place.regions) for place in places},
            "partition": places[0].partition if places else "aws",
            "regions_disabled": self.disabled,
        }
        self.coverage.started = self._head["started"]

    def resources(self) -> Iterator[Resource]:
        """All resources as they come."""
        writer, again = self._open()
        try:
            yield from again
            engine = Engine(self.plan, self.places, self.ledger, threads=self._threads, done=list(self.resumed))
            for event in engine.events():
                if isinstance(event, DoneEvent):
                    self._done(event, writer)
                else:
                    yield self._resource(event, writer)
                self._tell(engine)
            self._cover(writer)
            if writer is not None:
                writer.whole({"operations": self.ledger.records()})
        finally:
            if writer is not None:
                writer.close()

    def _open(self) -> tuple[Writer | None, Iterator[Resource]]:
        """The inventory, with what an earlier run had found in it."""
        if self._out is None:
            return None, iter(())
        aside = os.path.realpath(self._out) + PARTIAL
        kept: list[str] = []
        if self._resume and os.path.exists(aside):
            self.resumed, kept = _earlier(aside, self._head["plan"], self._head["accounts"])
        writer = Writer(self._out, self._head, again=iter(kept))
        return writer, self._again(kept)

    def _again(self, lines: Sequence[str]) -> Iterator[Resource]:
        for number, line in enumerate(lines, 2):
            record = json.loads(line)
            if "unit" in record and "type" not in record:
                unit = record["unit"]
                self.coverage.add(unit["type"], unit["account"], unit["region"], None)
            else:
                self._found += 1
                yield resource_of(record, self._line(number))

    def _line(self, number: int) -> Line:
        return Line(self.inventory, number) if self.inventory is not None else Line()

    def _resource(self, event: FoundEvent, writer: Writer | None) -> Resource:
        kind, account, _region = event.unit
        found = event.found
        attributes = self._masker.attributes(kind, found.attributes)
        source = self._line(writer.number + 1) if writer is not None else Line()
        resource = live_resource(
            kind,
            found.id,
            attributes,
            account=account,
            region=found.region,
            arn=found.arn,
            conditional=found.conditional,
            source=source,
        )
        self._found += 1
        if writer is not None:
            writer.resource(resource, event.unit)
        return resource

    def _done(self, event: DoneEvent, writer: Writer | None) -> None:
        self.coverage.add(*event.unit, event.cause)
        if writer is not None:
            writer.unit(UnitLine(*event.unit, event.cause))

    def _cover(self, writer: Writer | None) -> None:
        """What says all that other types would."""
        for kind, others in self.plan.covered.items():
            for place in self.places:
                for region in ("", *place.regions):
                    states = [self.coverage.states.get((other, place.account, region), _NONE) for other in others]
                    known = [state for state in states if state is not _NONE]
                    if known:
                        cause = next((state for state in known if isinstance(state, Unknown)), None)
                        self._done(DoneEvent((kind, place.account, region), cause), writer)

    def _tell(self, engine: Engine) -> None:
        if self._progress is not None:
            regions = sum(len(place.regions) for place in self.places)
            self._progress(Progress(regions, self.ledger.calls, self._found, engine.remaining))

    def incomplete(self) -> list[Incomplete]:
        """What was not answered."""
        return self.ledger.incomplete()

    def operations(self) -> list[Any]:
        """How the operations ended."""
        return self.ledger.records()


_NONE = object()


def digest(plan: AuditPlan) -> str:
    """What tells whether two audits collect the same."""
    wanted = {
        kind: sorted(tasks[0].plan.wanted) if tasks[0].plan.wanted is not None else None
        for kind, tasks in plan.tasks.items()
        if tasks[0].is_wanted
    }
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


def _earlier(aside: str, plan: str, accounts: Any) -> tuple[frozenset[UnitKey], list[str]]:
    """The units that an interrupted run had finished, and the lines that belong to them; nothing where it collected
    something else. A last line that was cut off does not count."""
    head: dict[str, Any] | None = None
    lines: list[tuple[str, dict[str, Any]]] = []
    try:
        for _number, text, record in read(aside, aside):
            if head is None:
                head = record
                continue
            lines.append((text, record))
    except BadInventory:
        pass
    if head is None or head.get("plan") != plan or head.get("accounts") != accounts:
        return frozenset(), []
    done = {
        (unit["type"], unit["account"], unit["region"])
        for _text, record in lines
        if "type" not in record and (unit := record.get("unit")) and unit["unknown"] is None
    }
    kept = []
    for text, record in lines:
        unit = record.get("unit")
        if "type" in record:
            key = (record["type"], record["account"], unit)
        elif isinstance(unit, dict):
            key = (unit["type"], unit["account"], unit["region"])
        else:
            continue
        if key in done and text.endswith("\n"):
            kept.append(text)
    return frozenset(done), kept


class FileSource:
    """Reads an inventory that an earlier audit wrote."""

    def __init__(self, path: str, file: str, plan: AuditPlan | None = None) -> None:
        """`file`: the path relative to the root. Raises `BadInventory` and `UsageError` at once where the file is no
        whole inventory."""
        self.path = path
        self.inventory: str | None = file
        self.plan = plan
        self.coverage = Coverage()
        self.coverage.file = file
        self.ledger = Ledger()
        self.disabled: Sequence[str] = []
        self._resources = 0
        self._read_frame()

    def _read_frame(self) -> None:
        """Reads everything but the resources: what was asked is known before anything is judged."""
        shown, head, whole = os.path.relpath(self.path), None, False
        for number, _text, record in read(self.path, shown):
            if head is None:
                head = record if isinstance(record, dict) and record.get("inventory") == 1 else None
                if head is None:
                    raise BadInventory(
                        f"{shown}:{number}: this is no inventory of a live account",
                        "`audit --inventory-out` writes one",
                    )
                self._head(head)
            elif "unit" in record and "type" not in record:
                unit = record["unit"]
                told = unit.get("unknown")
                cause = None if told is None else Unknown(told["cause"], told["detail"])
                self.coverage.add(unit["type"], unit["account"], unit["region"], cause)
            elif record.get("whole"):
                whole = True
                for row in record.get("operations") or ():
                    self.ledger.load(row)
        if head is None:
            raise BadInventory(f"{shown} is empty", "`audit --inventory-out` writes inventories")
        if not whole:
            raise BadInventory(
                f"{shown} is no whole inventory: the audit that wrote it was interrupted", "run it again with --resume"
            )

    def _head(self, head: Mapping[str, Any]) -> None:
        for account, regions in (head.get("accounts") or {}).items():
            self.coverage.places[account] = tuple(regions)
        self.disabled = list(head.get("regions_disabled") or ())
        self.coverage.started = str(head.get("started") or "")

    def resources(self) -> Iterator[Resource]:
        """All resources, in the order of their lines."""
        shown = os.path.relpath(self.path)
        for number, _text, record in read(self.path, shown):
            if "type" not in record:
                continue
            try:
                yield resource_of(record, Line(self.inventory or "", number))
            except (KeyError, TypeError, ValueError, LookupError) as error:
                raise BadInventory(f"{shown}:{number}: this line is no resource: {error}") from None

    def incomplete(self) -> list[Incomplete]:
        """What was not answered when the inventory was made."""
        return self.ledger.incomplete()

    def operations(self) -> list[Any]:
        """How the operations ended then."""
        return self.ledger.records()


def relative_to(root: str, path: str) -> str:
    """A path relative to the root, with `/`; raises `UsageError` for a folder."""
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder", "name the inventory file")
    return os.path.relpath(os.path.realpath(path), root).replace(os.sep, "/")
