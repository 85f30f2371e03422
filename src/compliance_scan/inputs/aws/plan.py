"""What an audit calls: the collectors of the types that the selected rules read, and what lists their parents."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from compliance_scan.inputs.aws.calls import template
from compliance_scan.inputs.aws.collector import Collector, Describe, collectors
from compliance_scan.inputs.aws.gather import Plan
from compliance_scan.reads import Reads


class Task(NamedTuple):
    """One collector with what is wanted of it."""

    collector: Collector
    plan: Plan
    is_wanted: bool
    """Whether its resources are wanted themselves; else only its items are, as parents."""
    parent: str
    """The type for each of whose items it lists; empty for none."""


class AuditPlan:
    """All tasks of an audit."""

    def __init__(self, reads: Reads, catalog: Any) -> None:
        self.catalog = catalog
        self.reads = reads
        self.tasks: dict[str, list[Task]] = {}
        self.missing: list[str] = []
        """Types that rules read and nobody knows how to collect."""
        self.covered: dict[str, list[str]] = {}
        """Type to the types that say all that it would."""
        self._covering: dict[str, list[str]] | None = None
        for kind in reads.types():
            if catalog.collect(kind) is not None:
                self._add(kind, wanted=True)
        for kind in reads.types():
            if kind not in self.tasks and not catalog.documents(kind):
                self._cover(kind)

    def _add(self, kind: str, *, wanted: bool) -> None:
        known = self.tasks.get(kind)
        if known is not None and (known[0].is_wanted or not wanted):
            return
        attributes = self.reads.attributes(kind) if wanted else set()
        made = collectors(kind, self.catalog.collect(kind))
        above = [self.catalog.canonical(each.parent) if each.parent else "" for each in made]
        self.tasks[kind] = [Task(e, Plan(e, attributes), wanted, up) for e, up in zip(made, above, strict=True)]
        for parent in filter(None, above):
            self._add(parent, wanted=False)

    def _cover(self, kind: str) -> None:
        if self._covering is None:
            self._covering = _covering(self.catalog)
        by = self._covering.get(kind)
        if not by:
            self.missing.append(kind)
            return
        self.covered[kind] = by
        for other in by:
            self._add(other, wanted=True)

    def shared(self) -> dict[str, int]:
        """How many tasks make a call that is written alike."""
        counts: dict[str, int] = {}
        for service, call, arguments in self._templates():
            name = template(service, call, arguments)
            counts[name] = counts.get(name, 0) + 1
        return counts

    def _templates(self) -> Iterator[tuple[str, str, Any]]:
        for tasks in self.tasks.values():
            for task in tasks:
                for listing in task.collector.listings:
                    if listing.call:
                        yield listing.service, listing.call, listing.arguments.spec
                for describe in task.plan.calls:
                    yield describe.service, describe.call, describe.arguments.spec

    def operations(self) -> dict[tuple[str, str], set[str]]:
        """(service, operation) to the types that need it."""
        found: dict[tuple[str, str], set[str]] = {}
        for kind, tasks in self.tasks.items():
            for task in tasks:
                for service, call in _operations(task):
                    found.setdefault((service, call), set()).add(kind)
        return found


def _covering(catalog: Any) -> dict[str, list[str]]:
    """Type to the types whose collectors cover it."""
    found: dict[str, list[str]] = {}
    for kind in catalog.collectors():
        spec = catalog.collect(kind)
        for each in spec if isinstance(spec, list) else [spec]:
            for other in each.get("covers", ()):
                found.setdefault(other, []).append(kind)
    return found


def _operations(task: Task) -> Iterator[tuple[str, str]]:
    for listing in task.collector.listings:
        if listing.call:
            yield listing.service, listing.call
        if listing.before is not None:
            yield listing.service, listing.before.call
    for describe in task.plan.calls:
        yield describe.service, describe.call
        if describe.before is not None:
            yield describe.service, describe.before.call


def batched(task: Task) -> list[Describe]:
    """The describing calls that take many items at once and need no other answer."""
    known = set(task.collector.describes)
    return [each for each in task.plan.calls if each.batch and not each.needs() & known and each.when is None]
