"""One item after the other: what is asked of it, and the live resource that comes out."""

from collections.abc import Collection
from typing import Any, NamedTuple, Protocol

from compliance_scan.inputs.aws.answers import Failure
from compliance_scan.inputs.aws.collector import Collector, Describe, Record
from compliance_scan.inputs.aws.expressions import Expression
from compliance_scan.model.value import Unknown


class Asked(NamedTuple):
    """A call as it is made."""

    service: str
    call: str
    region: str
    arguments: Record
    page: int | None = None


class Caller(Protocol):
    """Who makes calls; the same call is made once."""

    def describe(self, asked: Asked, describe: Describe, who: str) -> "Answer | Failure":
        """The answer to a describing call about `who`."""
        ...


class Answer:
    """An answer that several items may look into."""

    __slots__ = ("_indexes", "value")

    def __init__(self, value: dict[str, Any]) -> None:
        self.value = value
        self._indexes: dict[int, dict[Any, list[Any]]] = {}

    def of(self, describe: Describe, key: Any) -> list[Any]:
        """The parts whose `by` is the key; the index is made once."""
        index = self._indexes.get(id(describe))
        if index is None:
            assert describe.by is not None
            index = {}
            for each in (describe.take(self.value) if describe.take is not None else self.value) or ():
                found = describe.by(each if isinstance(each, dict) else {"_item": each})
                index.setdefault(str(found), []).append(each)
            self._indexes[id(describe)] = index
        return index.get(str(key), [])


class Found(NamedTuple):
    """A live resource before it has a place."""

    type: str
    id: str
    arn: str | None
    region: str | None
    attributes: dict[str, Any]
    conditional: Unknown | None
    """Why it is not known whether the item is of this type."""


def unknown_of(asked: Asked, failed: Failure) -> Unknown:
    """What hangs on a call that failed."""
    return Unknown(failed.status, f"{asked.service}:{asked.call} in {asked.region}: {failed.code}")


class Plan:
    """What has to be asked of the items of one type, where only some attributes are read."""

    __slots__ = ("collector", "deciding", "further", "wanted")

    def __init__(self, collector: Collector, wanted: Collection[str] | None) -> None:
        """`wanted`: the attributes that are read, None for all."""
        self.collector = collector
        self.wanted = wanted
        needed = collector.describing(wanted)
        deciding = set() if collector.where is None else _closure(collector, collector.where.names)
        self.deciding = [each for each in needed if each.name in deciding]
        """Calls on which it hangs whether an item is of this type at all."""
        self.further = [each for each in needed if each.name not in deciding]

    @property
    def calls(self) -> list[Describe]:
        """All calls that are made for an item."""
        return [*self.deciding, *self.further]


class Gathering:
    """One item on its way to a resource."""

    __slots__ = ("caller", "causes", "context", "plan", "region")

    def __init__(self, plan: Plan, context: dict[str, Any], region: str, caller: Caller) -> None:
        self.plan = plan
        self.context = context
        self.region = region
        """Where it was listed."""
        self.caller = caller
        self.causes: dict[str, Unknown] = {}

    def gather(self) -> Found | None:
        """The resource that the item is; None where `where` says that it is of another type."""
        where = self.plan.collector.where
        conditional: Unknown | None = None
        for describe in self.plan.deciding:
            self._describe(describe)
        if where is not None:
            conditional = next((self.causes[name] for name in sorted(where.names) if name in self.causes), None)
            if conditional is None and not where(self.context):
                return None
        for describe in self.plan.further:
            self._describe(describe)
        return self._found(conditional)

    def _describe(self, describe: Describe) -> None:
        """Puts one answer into the context, or the reason why it is not there into `causes`."""
        for name in describe.needs():
            if name in self.causes:
                self.causes[describe.name] = self.causes[name]
                return
        if describe.when is not None and not describe.when(self.context):
            self.context[describe.name] = None
            return
        place = describe.region or self._place(describe)
        asked = Asked(describe.service, describe.call, place, describe.arguments(self.context), describe.page)
        answer = self.caller.describe(asked, describe, self.who)
        if isinstance(answer, Failure):
            if answer.code in describe.absent:
                self.context[describe.name] = None
            else:
                self.causes[describe.name] = unknown_of(asked, answer)
            return
        try:
            self.context[describe.name] = self._taken(describe, answer)
        except (ValueError, TypeError, LookupError) as error:
            self.causes[describe.name] = Unknown("error", f"{asked.service}:{asked.call}: {error}"[:300])

    def _place(self, describe: Describe) -> str:
        """Where the item lives, as soon as that is known: its own region answers, whichever listed it."""
        collector, context = self.plan.collector, self.context
        place = collector.region
        if place is None or describe.name in _closure(collector, place.names):
            return self.region
        if any(name not in context for name in place.names):
            return self.region
        found: str | None = place(context)
        return found or self.region

    @property
    def who(self) -> str:
        """What the item is called in messages."""
        return self._text(self.plan.collector.id) or str(self.context.get("_item"))[:100]

    def _taken(self, describe: Describe, answer: Answer) -> Any:
        if describe.by is None:
            return describe.take(answer.value) if describe.take is not None else answer.value
        if describe.key is not None:
            key = describe.key(self.context)
        else:
            names = describe.arguments(self.context).get(describe.batch)
            key = names[0] if names else None
        mine = answer.of(describe, key)
        if describe.many:
            return mine
        if (describe.batch or describe.required) and not mine:
            raise LookupError(f"{key} is not in the answer")
        return mine[0] if mine else None

    def _found(self, conditional: Unknown | None) -> Found:
        collector, wanted = self.plan.collector, self.plan.wanted
        identifier, arn = self._text(collector.id), self._text(collector.arn)
        region: str | None = None if collector.is_global else self.region
        if collector.region is not None:
            region = self._text(collector.region) or region
        attributes: dict[str, Any] = {}
        if "id" not in collector.map and identifier is not None:
            attributes["id"] = identifier
        if "arn" not in collector.map and arn is not None:
            attributes["arn"] = arn
        for name, mapped in collector.map.items():
            if wanted is None or name in wanted:
                attributes[name] = mapped(self.context, self.causes)
        return Found(collector.type, identifier or arn or "?", arn, region, attributes, conditional)

    def _text(self, expression: Expression | None) -> str | None:
        if expression is None or any(name in self.causes for name in expression.names):
            return None
        value = expression(self.context)
        return None if value is None else str(value)


def _closure(collector: Collector, names: Collection[str]) -> set[str]:
    """The describing calls that these names need, and those that they need in turn."""
    found: set[str] = set()
    stack = [name for name in names if name in collector.describes]
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(other for other in collector.describes[name].needs() if other in collector.describes)
    return found
