"""The collecting engine: one queue of jobs over threads; resources come out as they are found.

A *unit* is one type in one region of one account (or in the account, where the type is global). It is done when its
listing and all that hangs on it is done; then, and only then, silence means that there is nothing more.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from compliance_scan.inputs.aws.answers import Failure
from compliance_scan.inputs.aws.batches import Batches
from compliance_scan.inputs.aws.calls import Calls, template
from compliance_scan.inputs.aws.clients import Clients
from compliance_scan.inputs.aws.collector import Listing, context_of
from compliance_scan.inputs.aws.gather import Asked, Caller, Found, Gathering, unknown_of
from compliance_scan.inputs.aws.ledger import Ledger
from compliance_scan.inputs.aws.plan import AuditPlan, Task, batched
from compliance_scan.model.value import Unknown

THREADS = 16
MAX_EVENTS = 5_000
MAX_WAITING = 10_000
UnitKey = tuple[str, str, str]
"""Type, account, region; the region is empty for what is global."""


class Place(NamedTuple):
    """One account as it is asked."""

    account: str
    partition: str
    regions: tuple[str, ...]
    home: str
    """The region whose endpoints answer for what is global."""
    clients: Clients


class FoundEvent(NamedTuple):
    """A resource."""

    unit: UnitKey
    found: Found


class DoneEvent(NamedTuple):
    """A unit that is done, with the reason why it is not whole."""

    unit: UnitKey
    cause: Unknown | None


Event = FoundEvent | DoneEvent


class _Unit:
    """What is left to do for one type in one place."""

    __slots__ = ("below", "calls", "cause", "key", "left", "place", "silent")

    def __init__(self, key: UnitKey, place: Place, calls: Calls, *, silent: bool) -> None:
        self.key = key
        self.place = place
        self.calls = calls
        self.silent = silent
        """Its resources are known or not wanted: it runs for the sake of those below."""
        self.left = 1
        self.cause: Unknown | None = None
        self.below: list[_Unit] = []


class Engine:
    """Collects what a plan wants of some accounts."""

    def __init__(
        self,
        plan: AuditPlan,
        places: Sequence[Place],
        ledger: Ledger,
        *,
        threads: int = THREADS,
        done: Sequence[UnitKey] = (),
    ) -> None:
        """`done`: units that an earlier run has collected already."""
        self.plan = plan
        self.threads = threads
        self.remaining = 0
        """Jobs that wait or run."""
        self._shared = plan.shared()
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._events: queue.Queue[Event | None] = queue.Queue(MAX_EVENTS)
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._units = self._make_units(places, ledger, frozenset(done))

    def _make_units(self, places: Sequence[Place], ledger: Ledger, done: frozenset[UnitKey]) -> dict[UnitKey, _Unit]:
        found: dict[UnitKey, _Unit] = {}
        for place in places:
            calls = Calls(place.clients, ledger, place.account, self._shared)
            for kind, tasks in self.plan.tasks.items():
                for region in ("",) if tasks[0].collector.is_global else place.regions:
                    key = (kind, place.account, region)
                    silent = key in done or not tasks[0].is_wanted
                    found[key] = _Unit(key, place, calls, silent=silent)
        for key, unit in found.items():
            for task in self.plan.tasks[key[0]]:
                above = found.get((task.parent, *key[1:])) if task.parent else None
                if above is not None and not unit.silent:
                    above.below.append(unit)
                    unit.left += 1
        return {key: unit for key, unit in found.items() if _is_needed(unit)}

    def events(self) -> Iterator[Event]:
        """Resources and units as they come; every unit that was asked for is done in the end."""
        workers = [threading.Thread(target=self._work, daemon=True, name=f"collect-{n}") for n in range(self.threads)]
        self.remaining = 1  # nothing is over before everything is in the queue
        for group in self._groups():
            self._submit([wanted.unit for wanted in group], self._group_job(group))
        for unit in list(self._units.values()):
            self._release(unit)
        for worker in workers:
            worker.start()
        self._over()
        try:
            while (event := self._events.get()) is not None:
                yield event
        finally:
            self._stopped.set()
            for _ in workers:
                self._jobs.put(None)

    # Jobs

    def _submit(self, units: "list[_Unit]", job: Callable[[], None]) -> None:
        """Puts a job of some units into the queue."""
        with self._lock:
            for unit in units:
                unit.left += 1
            self.remaining += 1

        def run() -> None:
            try:
                job()
            except Exception as error:  # noqa: BLE001 - the boundary of one item and its calls
                for unit in units:
                    self._spoil(unit, Unknown("error", f"{unit.key[0]}: {type(error).__name__}: {error}"[:300]))
            finally:
                for unit in units:
                    self._release(unit)
                self._over()

        self._jobs.put(run)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            if not self._stopped.is_set():
                job()

    def _over(self) -> None:
        with self._lock:
            self.remaining -= 1
            last = not self.remaining
        if last:
            self._tell(None)

    def _tell(self, event: Event | None) -> None:
        while not self._stopped.is_set():
            try:
                self._events.put(event, timeout=1)
            except queue.Full:
                continue
            return

    def _spoil(self, unit: _Unit, cause: Unknown) -> None:
        with self._lock:
            unit.cause = unit.cause or cause

    def _release(self, unit: _Unit) -> None:
        """One thing less is left of a unit; with the last one it is done, and those below wait no longer for it."""
        with self._lock:
            unit.left -= 1
            if unit.left:
                return
        if not unit.silent:
            self._tell(DoneEvent(unit.key, unit.cause))
        for below in unit.below:
            if unit.cause is not None:
                self._spoil(below, unit.cause)
            self._release(below)

    # Listing

    def _groups(self) -> "list[list[_Wanted]]":
        """The listings that wait for no other, those together that are one call."""
        found: dict[tuple[str, str, str], list[_Wanted]] = {}
        for unit in self._units.values():
            for task in self.plan.tasks[unit.key[0]]:
                for listing in task.collector.listings if not task.parent else ():
                    region = _region(unit, listing)
                    if region:
                        name = template(listing.service, listing.call, listing.arguments.spec)
                        found.setdefault((unit.key[1], region, name), []).append(_Wanted(unit, task, listing, region))
        return sorted(found.values(), key=self._length, reverse=True)

    def _length(self, group: "list[_Wanted]") -> int:
        """How many calls follow one another after a listing, as far as the plan tells: the longest goes first, so that
        at the end no thread waits for one that began late."""
        return max((each.listing.before is not None) + self._depth(each.unit) for each in group)

    def _depth(self, unit: _Unit) -> int:
        below = max((self._depth(each) for each in unit.below), default=0)
        return max(len(task.plan.calls) for task in self.plan.tasks[unit.key[0]]) + below

    def _group_job(self, group: "list[_Wanted]") -> Callable[[], None]:
        """One listing for all who want it, a page after the other: none is kept."""

        def job() -> None:
            first = group[0]
            place, listing = first.unit.place, first.listing
            around: dict[str, Any] = {
                "account": place.account,
                "region": first.region,
                "partition": place.partition,
                "parent": None,
            }
            arguments = listing.arguments(context_of(None, arguments={}, **around))
            asked = Asked(listing.service, listing.call, first.region, arguments, listing.page)
            absent = frozenset.intersection(*(each.listing.absent for each in group))
            before = next((each.listing.before for each in group if each.listing.before is not None), None)
            kinds = ", ".join(dict.fromkeys(each.task.collector.type for each in group))
            for page in first.unit.calls.pages(asked, kinds, before=before, absent=absent):
                for unit, task, wanted, region in group:
                    if isinstance(page, Failure):
                        if page.code not in wanted.absent:
                            self._spoil(unit, unknown_of(asked, page))
                        continue
                    found = wanted.items(page)
                    items = found if isinstance(found, list) else [] if found is None else [found]
                    contexts = [context_of(item, arguments=arguments, **around) for item in items]
                    self._items(unit, task, contexts, region)

        return job

    def _list_job(self, unit: _Unit, task: Task, parent: dict[str, Any] | None) -> Callable[[], None]:
        def job() -> None:
            for listing in task.collector.listings:
                region = _region(unit, listing)
                if region:
                    self._list(_Wanted(unit, task, listing, region), parent)

        return job

    def _list(self, wanted: "_Wanted", parent: dict[str, Any] | None) -> None:
        unit, task, listing, region = wanted
        place = unit.place
        around: dict[str, Any] = {
            "account": place.account,
            "region": region,
            "partition": place.partition,
            "parent": parent,
        }
        base = context_of(None, arguments={}, **around)
        if listing.when is not None and not listing.when(base):
            return
        arguments = listing.arguments(base)
        answer: dict[str, Any] = {}
        if listing.call:
            asked = Asked(listing.service, listing.call, region, arguments, listing.page)
            uses = self._shared.get(template(listing.service, listing.call, listing.arguments.spec), 1)
            who = f"{task.collector.type} of {parent.get('_item')}"[:200] if parent is not None else task.collector.type
            given = unit.calls.ask(asked, who, uses=uses, before=listing.before, absent=listing.absent)
            if isinstance(given, Failure):
                if given.code not in listing.absent:
                    self._spoil(unit, unknown_of(asked, given))
                return
            answer = given.value
        found = listing.items({**base, **answer} if not listing.call else answer)
        items = found if isinstance(found, list) else [] if found is None else [found]
        contexts = [context_of(item, arguments=arguments, **around) for item in items]
        self._items(unit, task, contexts, region)

    def _items(self, unit: _Unit, task: Task, contexts: list[dict[str, Any]], region: str) -> None:
        """Makes resources of items: at once where nothing more is asked, else each as a job of its own."""
        batches = batched(task)
        if not task.plan.calls:
            for context in contexts:
                self._item(unit, task, context, region, unit.calls)
        elif not batches:
            for context in contexts:
                if self.remaining > MAX_WAITING:  # whoever lists helps out rather than pile up what it lists
                    self._item(unit, task, context, region, unit.calls)
                else:
                    self._submit([unit], self._item_job(unit, task, context, region, unit.calls))
        else:
            size = min(each.size for each in batches)
            for start in range(0, len(contexts), size):
                chunk = contexts[start : start + size]
                self._submit([unit], self._chunk_job(unit, task, chunk, region))

    def _chunk_job(self, unit: _Unit, task: Task, chunk: list[dict[str, Any]], region: str) -> Callable[[], None]:
        def job() -> None:
            caller = Batches(unit.calls, task.plan, chunk, region)
            alone = len(batched(task)) == len(task.plan.calls)
            for context in chunk:
                if alone:
                    self._item(unit, task, context, region, caller)
                else:
                    self._submit([unit], self._item_job(unit, task, context, region, caller))

        return job

    def _item_job(
        self, unit: _Unit, task: Task, context: dict[str, Any], region: str, caller: Caller
    ) -> Callable[[], None]:
        return lambda: self._item(unit, task, context, region, caller)

    def _item(self, unit: _Unit, task: Task, context: dict[str, Any], region: str, caller: Caller) -> None:
        found = Gathering(task.plan, context, region, caller).gather()
        if found is None:
            return
        if not unit.silent:
            self._tell(FoundEvent(unit.key, found))
        for below in unit.below:
            for child in self.plan.tasks[below.key[0]]:
                if child.parent == unit.key[0]:
                    self._submit([below], self._list_job(below, child, context))


class _Wanted(NamedTuple):
    """A listing that is wanted."""

    unit: _Unit
    task: Task
    listing: Listing
    region: str
    """Whose endpoint is asked."""


def _region(unit: _Unit, listing: Listing) -> str:
    """Where a unit's listing is asked; empty where it is not."""
    here = unit.key[2] or unit.place.home
    if listing.regions and here not in listing.regions:
        return "" if unit.key[2] else listing.regions[0]
    return listing.region or here


def _is_needed(unit: _Unit) -> bool:
    """Whether a unit has to run: for itself, or for one below it."""
    return not unit.silent or any(_is_needed(below) for below in unit.below)
