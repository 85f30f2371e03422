"""Whether what a collector reads is what AWS answers: its expressions followed through botocore's output shapes.

A name that no answer has would be null for ever, and be taken for what AWS does not have. Only tests and tools ask.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import jmespath

from compliance_scan.inputs.aws.collector import Collector, collectors
from compliance_scan.inputs.aws.expressions import HOLE

Shape = Any
"""A shape of botocore, `None` where nothing is known of a value, or a `_Made` object or list."""


class _Made:
    """An object or list that an expression puts together."""

    __slots__ = ("element", "members")

    def __init__(self, members: Mapping[str, Shape] | None = None, element: Shape = None) -> None:
        self.members = members
        self.element = element


REST: Final = ""
"""Under this name a context has its item, or nothing where no names of it are known: then it may have any."""
_SAME: Final = frozenset(
    {"told", "list", "compact", "unique", "where", "except", "among", "sort_by", "reverse", "sort"}
)
"""Functions that give what their first argument is made of."""
_EITHER: Final[Mapping[str, int]] = {"default": 0, "if": 1}
_ONE: Final = frozenset({"max_by", "min_by"})


def strangers(kind: str, catalog: Any) -> list[str]:
    """The names that a type's collectors read and AWS's answers do not have."""
    spec = catalog.collect(kind)
    if spec is None:
        return []
    records = spec if isinstance(spec, list) else [spec]
    found: list[str] = []
    for collector, record in zip(collectors(kind, spec), records, strict=True):
        walk = _Walk(found, collector.type)
        for shape in _items(collector, catalog, walk):
            walk.record(record, shape)
    return list(dict.fromkeys(found))


def _items(collector: Collector, catalog: Any, walk: "_Walk") -> Iterator[dict[str, Shape]]:
    """The contexts of the items that the listings give."""
    above: list[dict[str, Shape]] = [{}]
    if collector.parent is not None:
        silent = _Walk([], collector.parent)
        spec = catalog.collect(collector.parent)
        above = []
        for parent, record in zip(
            collectors(collector.parent, spec), spec if isinstance(spec, list) else [spec], strict=True
        ):
            for context in _items(parent, catalog, silent):
                above.append({**context, **silent.answers(record, context)})
    for listing in collector.listings:
        for outer in above:
            around: dict[str, Shape] = {"_parent": _Made(outer), "_with": None}
            output = _output(listing.service, listing.call) if listing.call else _Made(around)
            got = walk.shape(listing.items.text, output, "list.items")
            item = _element(got) if _is_list(got) else got
            yield {**around, **_members(item), "_item": item, REST: _rest(item)}


class _Walk:
    """Follows the expressions of one collector, and notes what leads nowhere."""

    def __init__(self, found: list[str], kind: str) -> None:
        self.found = found
        self.kind = kind

    def answers(self, record: Mapping[str, Any], context: Mapping[str, Shape]) -> dict[str, Shape]:
        """What the describing calls give."""
        given: dict[str, Shape] = {}
        for name, each in record.get("describe", {}).items():
            output = _output(each.get("service", record["service"]), each["call"])
            taken = self.shape(each["take"], output, f"describe.{name}.take") if "take" in each else output
            if "by" in each:
                inner = _element(taken) if _is_list(taken) else taken
                self.shape(
                    each["by"], _Made({**_members(inner), "_item": inner, REST: _rest(inner)}), f"describe.{name}.by"
                )
                taken = taken if each.get("many") else inner
            given[f"_{name}"] = taken
        for name, each in record.get("describe", {}).items():
            for part in ("key", "when"):
                if part in each:
                    self.shape(each[part], _Made({**context, **given}), f"describe.{name}.{part}")
            self.arguments(each.get("with", {}), {**context, **given}, f"describe.{name}.with")
        return given

    def record(self, record: Mapping[str, Any], context: dict[str, Shape]) -> None:
        """All that is read of one kind of item."""
        whole = {**context, **self.answers(record, context)}
        for part in ("id", "arn", "region", "where"):
            if part in record:
                self.shape(record[part], _Made(whole), part)
        for name, spec in record["map"].items():
            self.mapped(spec, whole, f"map.{name}")

    def mapped(self, spec: Any, context: dict[str, Shape], place: str) -> None:
        """One attribute, with the blocks below it."""
        if isinstance(spec, str):
            self.shape(spec, _Made(context), place)
        elif isinstance(spec, Mapping) and "map" in spec:
            got = self.shape(spec.get("block", spec.get("each")), _Made(context), place)
            inner = _element(got) if _is_list(got) else got
            around = {name: shape for name, shape in context.items() if name.startswith("_")}
            below = {**around, **_members(inner), "_item": inner, "_up": _Made(context)}
            below[REST] = _rest(inner)
            for name, each in spec["map"].items():
                self.mapped(each, below, f"{place}.{name}")

    def arguments(self, spec: Any, context: dict[str, Shape], place: str) -> None:
        """The expressions inside arguments."""
        if isinstance(spec, str) and "$" in spec and not spec.startswith("$$"):
            if spec.startswith("$") and not spec.startswith("${"):
                self.shape(spec[1:], _Made(context), place)
            else:
                self.shape(spec, _Made(context), place)
        elif isinstance(spec, Mapping | list):
            for each in spec.values() if isinstance(spec, Mapping) else spec:
                self.arguments(each, context, place)

    def shape(self, text: str, context: Shape, place: str) -> Shape:
        """What an expression gives."""
        if "${" in text:
            for hole in HOLE.findall(text):
                self.shape(hole, context, place)
            return None
        return self._node(jmespath.compile(text).parsed, context, place)

    def _node(self, node: Mapping[str, Any], context: Shape, place: str) -> Shape:
        kind, kids = node["type"], node.get("children", ())
        if kind == "field":
            return self._field(node["value"], context, place)
        if kind in _STEPS:
            return _STEPS[kind](self, kids, context, place)
        if kind in ("current", "identity"):
            return context
        if kind == "function_expression":
            return self._function(node["value"], kids, context, place)
        if kind == "multi_select_dict":
            return _Made({kid["value"]: self._node(kid["children"][0], context, place) for kid in kids})
        if kind == "multi_select_list":
            made = [self._node(kid, context, place) for kid in kids]
            return _Made(element=made[0] if made else None)
        for kid in kids:
            if isinstance(kid, Mapping):
                self._node(kid, context, place)
        return None

    def _field(self, name: str, context: Shape, place: str) -> Shape:
        if context is None or getattr(context, "type_name", "") in ("map", "string"):
            return None
        members = _members(context)
        if name in members:
            return members[name]
        if name.startswith("_") or members.get(REST, context) is None:
            return None
        self.found.append(f"{self.kind}: {place}: no answer has {name}")
        return None

    def _chain(self, kids: Any, context: Shape, place: str) -> Shape:
        if kids[0]["type"] == "not_expression":  # `!a.b` is `(!a).b`, and always null
            self.found.append(f"{self.kind}: {place}: put what `!` denies into brackets")
        for kid in kids:
            context = self._node(kid, context, place)
        return context

    def _projection(self, kids: Any, context: Shape, place: str) -> Shape:
        left = self._node(kids[0], context, place)
        item = _element(left) if _is_list(left) else None
        for kid in kids[2:]:  # the condition of a filter
            self._node(kid, item, place)
        return _Made(element=self._node(kids[1], item, place))

    def _flatten(self, kids: Any, context: Shape, place: str) -> Shape:
        inner = self._node(kids[0], context, place)
        below = _element(inner) if _is_list(inner) else None
        return _Made(element=_element(below) if _is_list(below) else below)

    def _index(self, kids: Any, context: Shape, place: str) -> Shape:
        left = self._node(kids[0], context, place)
        if kids[1]["type"] == "index":
            return _element(left) if _is_list(left) else None
        return left

    def _or(self, kids: Any, context: Shape, place: str) -> Shape:
        return next((got for got in [self._node(kid, context, place) for kid in kids] if got is not None), None)

    def _function(self, name: str, kids: Any, context: Shape, place: str) -> Shape:
        given = [self._node(kid, context, place) for kid in kids if kid["type"] != "expref"]
        if name in _SAME:
            return given[0]
        if name in _EITHER:
            return next((got for got in given[_EITHER[name] :] if got is not None), None)
        if name in _ONE:
            return _element(given[0]) if _is_list(given[0]) else None
        return None


_STEPS: Final[Mapping[str, Callable[..., Shape]]] = {
    "subexpression": _Walk._chain,  # noqa: SLF001 - its own table
    "pipe": _Walk._chain,  # noqa: SLF001
    "projection": _Walk._projection,  # noqa: SLF001
    "filter_projection": _Walk._projection,  # noqa: SLF001
    "flatten": _Walk._flatten,  # noqa: SLF001
    "index_expression": _Walk._index,  # noqa: SLF001
    "or_expression": _Walk._or,  # noqa: SLF001
}


def _rest(item: Shape) -> Shape:
    return item if isinstance(item, _Made) or getattr(item, "type_name", "") == "structure" else None


def _is_list(shape: Shape) -> bool:
    return (isinstance(shape, _Made) and shape.members is None) or getattr(shape, "type_name", "") == "list"


def _element(shape: Shape) -> Shape:
    return shape.element if isinstance(shape, _Made) else shape.member


def _members(shape: Shape) -> Mapping[str, Shape]:
    if isinstance(shape, _Made):
        return shape.members or {}
    return shape.members if getattr(shape, "type_name", "") == "structure" else {}


@cache
def _service(name: str) -> Any:
    import botocore.session

    return botocore.session.get_session().get_service_model(name)


@cache
def _output(service: str, call: str) -> Shape:
    from botocore import xform_name

    model = _service(service)
    return next(
        (model.operation_model(each).output_shape for each in model.operation_names if xform_name(each) == call), None
    )
