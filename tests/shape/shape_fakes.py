"""Small worlds for the tests of the shape layer: resources as plain dicts, on any plane."""

from datetime import date
from functools import cache
from typing import Any

from compliance_scan.model.resource import Comment, Inventory, Origin, Plane, Resource, Span
from compliance_scan.model.value import Path, Reference, Unknown, Value
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World

AS_OF = date(2026, 11, 21)


class FakeSource:
    """A source that gives one span for everything."""

    span = Span("main.tf", 1, 1, 3, 2)
    header = Span("main.tf", 1, 1, 1, 20)

    def span_of(self, path: Path) -> Span | None:
        return self.span

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        return ()

    def comments(self) -> tuple[Comment, ...]:
        return ()

    def text(self, span: Span) -> str:
        return ""


@cache
def catalog() -> Catalog:
    return Catalog.open()


def resource(address: str, attributes: dict[str, Any] | None = None, **more: Any) -> Resource:
    parts = address.removeprefix("data.").split(".")
    at = 0
    while parts[at] == "module":
        at += 2
    settings: dict[str, Any] = {
        "root": ".",
        "plane": "code",
        "mode": "data" if address.startswith("data.") else "managed",
    }
    settings |= {"address": address, "type": parts[at], "name": parts[-1], "source": FakeSource()}
    return Resource(**(settings | {"attributes": attributes or {}} | more))


def world(*resources: Resource, **more: Any) -> World:
    return World(Inventory(resources=list(resources), **more), catalog(), as_of=AS_OF)


def value(attributes: dict[str, Any], path: str, *, of: str = "aws_db_instance", plane: Plane = "code") -> Value:
    """The value of one resource alone at a path."""
    one = resource(f"{of}.it", attributes, plane=plane)
    return world(one).cursor(one).get(steps(path)).value


def standing(attributes: dict[str, Any], path: str, *, of: str = "aws_db_instance") -> str:
    one = resource(f"{of}.it", attributes)
    return world(one).cursor(one).get(steps(path)).standing


def steps(path: str) -> Path:
    return tuple(int(step) if step.isdigit() else step for step in path.split("."))


def ref(address: str, path: str = "id", known: Value = None) -> Reference:
    inner = Unknown("computed", f"{address}.{path}", symbol=f"{address}.{path}") if known is None else known
    return Reference(address, path, inner)


def var(name: str) -> Unknown:
    return Unknown("variable_without_value", f"var.{name} has no value", symbol=f".:var.{name}")


def altered(
    unknown: Unknown,
    *,
    type: str | None = None,  # noqa: A002 - the trait's own name
    not_null: bool | None = None,
    symbol: str | None = None,
) -> Unknown:
    """The same unknown with other traits."""
    return Unknown(
        unknown.cause,
        unknown.detail,
        unknown.type if type is None else type,
        unknown.not_null if not_null is None else not_null,
        unknown.symbol if symbol is None else symbol,
    )
