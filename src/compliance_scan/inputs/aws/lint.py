"""What is wrong with a type's collector or seed: expressions, operations and arguments that do not exist.

Only tools and tests ask: botocore's service models are read from disk.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from compliance_scan.errors import ConfigError
from compliance_scan.inputs.aws.collector import Collector, Mapped, collectors
from compliance_scan.inputs.aws.seed import steps

CONTEXT = frozenset({"_item", "_parent", "_with", "_account", "_region", "_partition", "_up"})
LIVE = frozenset({"id", "arn", "region"})


def problems(kind: str, catalog: Any) -> list[str]:
    """Everything that is wrong, in words; empty where nothing is."""
    found: list[str] = []
    spec = catalog.collect(kind)
    try:
        made = collectors(kind, spec) if spec is not None else []
    except ConfigError as error:
        return [error.message]
    records = spec if isinstance(spec, list) else [spec] if spec else []
    for collector, record in zip(made, records, strict=True):
        found += _names(collector)
        found += _attributes(collector, catalog)
        found += _operations(collector, record)
        if collector.parent is not None:
            above = catalog.collect(collector.parent)
            if above is None:
                found.append(f"per: {collector.parent} has no collector")
            elif any(each.is_global != collector.is_global for each in collectors(collector.parent, above)):
                found.append(f"per: the scope is not that of {collector.parent}")
    seed = catalog.seed(kind)
    if isinstance(seed, list):
        try:
            found += _seed(seed, made[0].service if made else "")
        except ConfigError as error:
            found.append(error.message)
    return found


def _names(collector: Collector) -> Iterator[str]:
    known = CONTEXT | set(collector.describes)
    for name, mapped in collector.map.items():
        for other in sorted(mapped.names - known):
            yield f"map.{name} reads {other}, which no describe gives"
    for part in ("id", "arn", "region", "where"):
        expression = getattr(collector, part)
        for other in sorted((expression.names if expression is not None else frozenset()) - known):
            yield f"{part} reads {other}, which no describe gives"
    used = {name for mapped in collector.map.values() for name in mapped.names}
    used |= {n for part in ("id", "arn", "region", "where") if (e := getattr(collector, part)) for n in e.names}
    for describe in collector.describes.values():
        used |= describe.needs()
        for other in sorted(describe.needs() - known):
            yield f"describe.{describe.name[1:]} reads {other}, which no describe gives"
    for name in sorted(set(collector.describes) - used):
        yield f"describe.{name[1:]} is used by nothing"


def _attributes(collector: Collector, catalog: Any) -> Iterator[str]:
    facts = catalog.type(collector.type)
    if facts is None or not facts.known:
        yield f"{collector.type} is no type that schema or facts know"
        return
    for name, mapped in collector.map.items():
        field = facts.hidden.get(name) or facts.root.field(name)
        if field is None:
            yield f"map.{name}: {collector.type} has no such attribute (a live-only one is declared under `attributes`)"
        elif isinstance(mapped, Mapped):
            yield from _blocks(mapped, field.node, f"map.{name}")


def _blocks(mapped: Mapped, node: Any, place: str) -> Iterator[str]:
    yield from _inner(mapped.spec, node, place)


def _inner(spec: Any, node: Any, place: str) -> Iterator[str]:
    if not isinstance(spec, Mapping) or "map" not in spec:
        return
    inner = node.element if node.kind in ("list", "set") and node.element is not None else node
    if inner.kind != "object":
        return
    for name, below in spec["map"].items():
        field = inner.field(name)
        if field is None:
            yield f"{place}.{name}: no such attribute"
        else:
            yield from _inner(below, field.node, f"{place}.{name}")


def _operations(collector: Collector, record: Mapping[str, Any]) -> Iterator[str]:
    listings = record["list"] if isinstance(record["list"], list) else [record["list"]]
    for listing in listings:
        if "call" in listing:
            yield from _call(
                listing.get("service", collector.service), listing["call"], listing.get("with", {}), "list"
            )
            yield from _page(listing.get("service", collector.service), listing, "list")
        elif collector.parent is None:
            yield "list has no call, and there is no `per`"
    for name, each in record.get("describe", {}).items():
        place = f"describe.{name}"
        yield from _call(each.get("service", collector.service), each["call"], each.get("with", {}), place)
        yield from _page(each.get("service", collector.service), each, place)
        if "batch" in each and each["batch"] not in each.get("with", {}):
            yield f"{place}: batch names {each['batch']}, which is not in `with`"


def _call(service: str, call: str, arguments: Mapping[str, Any], place: str) -> Iterator[str]:
    methods = _methods(service)
    if methods is None:
        yield f"{place}: boto3 has no client {service}"
    elif call not in methods:
        yield f"{place}: {service} has no operation {call}"
    else:
        members, required = methods[call]
        for name in sorted(set(arguments) - members):
            yield f"{place}: {call} takes no {name}"
        for name in sorted(required - set(arguments)):
            yield f"{place}: {call} needs {name}"


def _page(service: str, spec: Mapping[str, Any], place: str) -> Iterator[str]:
    """Botocore refuses a size of pages where the operation takes none."""
    limits = _limits(service)
    if spec.get("page") and spec["call"] in limits and not limits[spec["call"]]:
        yield f"{place}: {spec['call']} takes no size of pages"


def _seed(seed: list[Mapping[str, Any]], service: str) -> Iterator[str]:
    steps(service, seed)
    for number, each in enumerate(seed, 1):
        yield from _call(each.get("service", service), each["call"], each.get("with", {}), f"seed step {number}")


@cache
def _methods(service: str) -> dict[str, tuple[frozenset[str], frozenset[str]]] | None:
    import botocore.session
    from botocore import xform_name
    from botocore.exceptions import UnknownServiceError

    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return None
    found = {}
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        members = frozenset(shape.members) if shape is not None else frozenset()
        found[xform_name(name)] = (members, frozenset(shape.required_members) if shape is not None else frozenset())
    return found


@cache
def _limits(service: str) -> dict[str, str]:
    """Operations that botocore pages, with the argument that is the size of a page; empty for none."""
    import botocore.session
    from botocore import xform_name
    from botocore.exceptions import DataNotFoundError, UnknownServiceError

    try:
        pages = botocore.session.get_session().get_component("data_loader").load_service_model(service, "paginators-1")
    except (DataNotFoundError, UnknownServiceError):
        return {}
    return {xform_name(name): each.get("limit_key", "") for name, each in pages["pagination"].items()}
