"""Paths that a rule reads, held against the schemas and facts of their types."""

from functools import cache
from typing import Any

from compliance_scan.model.rule import ANY
from compliance_scan.ruleset.source import Source
from compliance_scan.shape.catalog import Catalog


def check_reads(source: Source, *, builtin: bool) -> None:
    """Raises `ConfigError` for a type or path that neither schema nor facts have.

    In users' packs a type that is not known at all (a custom resource) is left alone.
    """
    catalog = _catalog()
    for index, kind in enumerate(source.record["resource"]):
        if builtin and not catalog.known(kind):
            raise source.document.error(("resource", index), f"neither schema nor facts know the type `{kind}`")
    for place, chain in source.reads:
        for kind, path in _targets(source, chain):
            if kind == ANY:
                if path:
                    raise source.document.error(place, "what refers to us may be of any type: it has no paths")
                continue
            if not catalog.known(kind):
                if builtin:
                    raise source.document.error(place, f"neither schema nor facts know the type `{kind}`")
                continue
            problem = catalog.check_path(kind, path)
            if problem:
                raise source.document.error(place, problem)


@cache
def _catalog() -> Catalog:
    return Catalog.open()


def _targets(source: Source, chain: "tuple[Any, ...]") -> "list[tuple[str, tuple[Any, ...]]]":
    """The types that a chain may start at, with the path below them; policy statements have a shape of their own."""
    kinds: list[str] = source.record["resource"]
    start = 0
    for index, step in enumerate(chain):
        if isinstance(step, tuple):
            start = index + 1
            kinds = [] if step[0] == "statements" else [step[1]]
    steps = tuple(0 if step == "*" else step for step in chain[start:])
    return [(kind, steps) for kind in kinds]
