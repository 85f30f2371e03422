"""Collecting one type after the other, without threads: what the tools for writing collectors use."""

import json
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from compliance_scan.inputs.aws.answers import Failure
from compliance_scan.inputs.aws.clients import Clients
from compliance_scan.inputs.aws.collector import Collector, Describe, collectors, context_of
from compliance_scan.inputs.aws.gather import Answer, Asked, Found, Gathering, Plan


class Refusal(NamedTuple):
    """A listing that failed."""

    type: str
    asked: Asked
    failure: Failure


class Walk:
    """All calls of one walk over an account; each is made once."""

    def __init__(self, clients: Clients, catalog: Any, *, region: str, account: str, partition: str = "aws") -> None:
        self.clients = clients
        self.catalog = catalog
        self.region = region
        self.account = account
        self.partition = partition
        self.answers: dict[str, Answer | Failure] = {}
        self.refused: list[Refusal] = []
        self.calls: list[tuple[Asked, str]] = []

    def collect(self, kind: str, wanted: Collection[str] | None = None) -> list[Found]:
        """The live resources of a type."""
        found = []
        for collector in collectors(kind, self.catalog.collect(kind)):
            plan = Plan(collector, wanted)
            for context, region in self._items(collector):
                resource = Gathering(plan, context, region, self).gather()
                if resource is not None:
                    found.append(resource)
        return found

    def _items(self, collector: Collector) -> Iterator[tuple[dict[str, Any], str]]:
        for parent in self._parents(collector):
            for listing in collector.listings:
                region = listing.region or self.region
                if listing.regions and region not in listing.regions:
                    continue
                base = context_of(
                    None, account=self.account, region=region, partition=self.partition, parent=parent, arguments={}
                )
                if listing.when is not None and not listing.when(base):
                    continue
                arguments = listing.arguments(base)
                answer: Any = base
                if listing.call:
                    asked = Asked(listing.service, listing.call, region, arguments, listing.page)
                    given = self.ask(asked, listing.before)
                    if isinstance(given, Failure):
                        if given.code not in listing.absent:
                            self.refused.append(Refusal(collector.type, asked, given))
                        continue
                    answer = given.value
                items = listing.items({**answer, **{k: v for k, v in base.items() if k not in answer}})
                for item in items if isinstance(items, list) else [] if items is None else [items]:
                    context = context_of(
                        item,
                        account=self.account,
                        region=region,
                        partition=self.partition,
                        parent=parent,
                        arguments=arguments,
                    )
                    yield context, region

    def _parents(self, collector: Collector) -> Iterator[dict[str, Any] | None]:
        if collector.parent is None:
            yield None
            return
        for above in collectors(collector.parent, self.catalog.collect(collector.parent)):
            plan = Plan(above, ())
            for context, region in self._items(above):
                if above.where is None or Gathering(plan, context, region, self).gather() is not None:
                    yield context

    def ask(self, asked: Asked, before: Any = None) -> "Answer | Failure":
        """The answer to a call."""
        key = json.dumps([asked.service, asked.call, asked.region, asked.arguments], sort_keys=True)
        if key not in self.answers:
            answer = self.clients.call(asked, before)
            self.answers[key] = answer if isinstance(answer, Failure) else Answer(answer)
            self.calls.append((asked, f"{answer.code}: {answer.message}" if isinstance(answer, Failure) else "ok"))
        return self.answers[key]

    def describe(self, asked: Asked, describe: Describe, who: str) -> "Answer | Failure":
        """The answer to a describing call; a batch has one item."""
        del who
        return self.ask(asked, describe.before)
