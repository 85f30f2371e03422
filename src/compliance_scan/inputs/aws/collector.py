"""Collectors as data: how the resources of one type are listed, described and put into Terraform's words."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from compliance_scan.inputs.aws.expressions import Arguments, Expression, expression
from compliance_scan.model.value import Unknown

Record = Mapping[str, Any]

Causes = Mapping[str, Unknown]
"""Name of a describing call (`_tags`) to why its answer is not there."""


class Before(NamedTuple):
    """A call that has to be made first, until its answer says that it is done."""

    call: str
    arguments: Arguments
    until: Expression | None


class Listing(NamedTuple):
    """One call that lists items; `call` is empty where the items lie in the parent already."""

    service: str
    call: str
    arguments: Arguments
    items: Expression
    absent: frozenset[str]
    page: int | None
    before: Before | None
    regions: tuple[str, ...]
    region: str
    when: Expression | None
    """Where it is false of the parent, nothing is asked and there is none."""


class Describe(NamedTuple):
    """One call that tells more of an item; its answer stands under `name` in mappings."""

    name: str
    """With its leading `_`."""
    service: str
    call: str
    arguments: Arguments
    when: Expression | None
    take: Expression | None
    absent: frozenset[str]
    by: Expression | None
    key: Expression | None
    many: bool
    required: bool
    """An answer without the item is an error, not "there is none"."""
    batch: str
    size: int
    page: int | None
    before: Before | None
    region: str

    def needs(self) -> frozenset[str]:
        """The names that it reads of its context."""
        found = self.arguments.names
        for each in (self.when, self.key):
            found = found | each.names if each is not None else found
        return found


class Mapped:
    """How one attribute comes out of an item."""

    __slots__ = ("_make", "names", "spec")

    def __init__(self, spec: Any) -> None:
        self.spec = spec
        names: set[str] = set()
        self._make = _source(spec, names)
        self.names = frozenset(names)
        """The names beginning with `_` that it reads."""

    def __call__(self, context: dict[str, Any], causes: Causes) -> Any:
        """The attribute's value; an `Unknown` where an answer that it needs is not there, or is not what it expects."""
        for name in self.names:
            if name in causes:
                return causes[name]
        try:
            return self._make(context)
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return Unknown("error", f"the answer is not as expected: {error}"[:300])


class Collector:
    """How one type is collected; read from `collect` in the type's facts."""

    __slots__ = (
        "arn",
        "covers",
        "describes",
        "id",
        "is_global",
        "listings",
        "map",
        "parent",
        "region",
        "service",
        "type",
        "where",
    )

    def __init__(self, kind: str, spec: Record) -> None:
        self.type = kind
        self.service: str = spec["service"]
        self.is_global = spec.get("scope") == "global"
        listings = spec["list"] if isinstance(spec["list"], list) else [spec["list"]]
        self.listings = tuple(_listing(each, self.service) for each in listings)
        self.parent: str | None = spec.get("per")
        self.covers: tuple[str, ...] = tuple(spec.get("covers", ()))
        self.where = _maybe(spec.get("where"))
        self.describes = {
            f"_{name}": _describe(f"_{name}", each, self.service) for name, each in spec.get("describe", {}).items()
        }
        self.id = expression(spec["id"])
        self.arn = _maybe(spec.get("arn"))
        self.region = _maybe(spec.get("region"))
        self.map = {name: Mapped(each) for name, each in spec["map"].items()}

    def __repr__(self) -> str:
        return f"<Collector of {self.type}>"

    def describing(self, wanted: Collection[str] | None) -> list[Describe]:
        """The calls that these attributes need (None: all), in the order in which they can be made."""
        named: set[str] = set()
        for each in (self.id, self.arn, self.region, self.where):
            named |= each.names if each is not None else frozenset()
        for name, mapped in self.map.items():
            if wanted is None or name in wanted:
                named |= mapped.names
        order: dict[str, Describe] = {}
        for name in self.describes:
            if name in named:
                self._visit(name, order, ())
        return list(order.values())

    def _visit(self, name: str, order: dict[str, Describe], above: tuple[str, ...]) -> None:
        if name in order or name in above:
            return
        describe = self.describes[name]
        for other in describe.needs():
            if other in self.describes:
                self._visit(other, order, (*above, name))
        order[name] = describe


def collectors(kind: str, spec: Any) -> list[Collector]:
    """The collectors that a facts file has for its type (most have one)."""
    return [Collector(kind, each) for each in (spec if isinstance(spec, list) else [spec])]


def _maybe(text: str | None) -> Expression | None:
    return None if text is None else expression(text)


def _before(spec: Record | None) -> Before | None:
    if spec is None:
        return None
    return Before(spec["call"], Arguments(spec.get("with", {})), _maybe(spec.get("until")))


def _listing(spec: Record, service: str) -> Listing:
    return Listing(
        service=spec.get("service", service),
        call=spec.get("call", ""),
        arguments=Arguments(spec.get("with", {})),
        items=expression(spec["items"]),
        absent=frozenset(spec.get("absent", ())),
        page=spec.get("page"),
        before=_before(spec.get("before")),
        regions=tuple(spec.get("regions", ())),
        region=spec.get("region", ""),
        when=_maybe(spec.get("when")),
    )


def _describe(name: str, spec: Record, service: str) -> Describe:
    return Describe(
        name=name,
        service=spec.get("service", service),
        call=spec["call"],
        arguments=Arguments(spec.get("with", {})),
        when=_maybe(spec.get("when")),
        take=_maybe(spec.get("take")),
        absent=frozenset(spec.get("absent", ())),
        by=_maybe(spec.get("by")),
        key=_maybe(spec.get("key")),
        many=spec.get("many", False),
        required=spec.get("required", False),
        batch=spec.get("batch", ""),
        size=spec.get("size", 0),
        page=spec.get("page"),
        before=_before(spec.get("before")),
        region=spec.get("region", ""),
    )


def _source(spec: Any, names: set[str]) -> Callable[[dict[str, Any]], Any]:
    if isinstance(spec, str):
        made = expression(spec)
        names |= made.names
        return made
    if isinstance(spec, dict):
        if "unknown" in spec:
            cause = Unknown(spec["unknown"])
            return lambda _context: cause
        single = "block" in spec
        items = expression(spec["block" if single else "each"])
        names |= items.names
        inner = {name: _source(each, names) for name, each in spec["map"].items()}
        return _blocks(items, inner, single=single)
    return lambda _context: spec


def _blocks(
    items: Expression, inner: dict[str, Callable[[dict[str, Any]], Any]], *, single: bool
) -> Callable[[dict[str, Any]], Any]:
    def make(context: dict[str, Any]) -> list[Any]:
        found = items(context)
        if found is None:
            return []
        many = [found] if single or not isinstance(found, list) else found
        return [{name: each(below) for name, each in inner.items()} for below in _below(many, context)]

    return make


def _below(items: list[Any], context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The context of each item: its own fields, and the names beginning with `_` of the context around it."""
    around = {name: value for name, value in context.items() if name.startswith("_")}
    for item in items:
        yield {**around, **(item if isinstance(item, dict) else {}), "_item": item, "_up": context}


def context_of(
    item: Any, *, account: str, region: str, partition: str, parent: Any, arguments: Record
) -> dict[str, Any]:
    """What expressions see of a listed item."""
    return {
        **(item if isinstance(item, dict) else {}),
        "_item": item,
        "_parent": parent,
        "_with": arguments,
        "_account": account,
        "_region": region,
        "_partition": partition,
    }
