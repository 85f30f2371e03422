"""Unification: the one type to which several can be converted, chosen as cty chooses it."""

from collections.abc import Callable, Iterable
from typing import Any

from compliance_scan.inputs.terraform.types_core import NO_OPTIONAL
from compliance_scan.inputs.terraform.values import BOOL, DYNAMIC, NUMBER, STRING, Type


def distinct_types(types: Iterable[Type]) -> list[Type]:
    """The types without repeats, in order of first appearance."""
    out: list[Type] = []
    scalars: set[str] = set()
    for item in types:
        if isinstance(item, str):
            if item not in scalars:
                scalars.add(item)
                out.append(item)
        elif item not in out:
            out.append(item)
    return out


def unify(given: Iterable[Type]) -> Type | None:
    """The unified type, unsafe conversions included; None where there is none (also for no types at all)."""
    types = distinct_types(given)
    if len(types) < 2:
        return types[0] if types else None
    kinds = {item if isinstance(item, str) else item[0] for item in types}
    dynamic = DYNAMIC in kinds
    kinds.discard(DYNAMIC)
    if len(kinds) == 1:
        kind = next(iter(kinds))
        if kind in ("list", "set", "map"):
            return DYNAMIC if dynamic else _collections(kind, types)
        if kind == "object":
            return DYNAMIC if dynamic else _objects(types)
        if kind == "tuple":
            return DYNAMIC if dynamic else _tuples(types)
    found: Type | None = None
    if kinds == {"map", "object"}:
        found = _structures_as(types, "object", "map", _objects_to_map)
    elif kinds == {"list", "tuple"}:
        found = _structures_as(types, "tuple", "list", _tuples_to_list)
    elif "object" in kinds and "tuple" in kinds:
        return None
    if found is not None:
        return found
    for index in _preference(types):
        wanted = types[index]
        if wanted == DYNAMIC or all(item is wanted or convertible(item, wanted) for item in types):
            return wanted
    return None


def _collections(kind: str, types: list[Type]) -> Type | None:
    element = unify(item[1] for item in types)
    return None if element is None else (kind, element)


def _objects(types: list[Type]) -> Type | None:
    parts: list[Any] = types
    first: dict[str, Type] = parts[0][1]
    if any(item[1].keys() != first.keys() for item in parts[1:]):
        return _objects_to_map(types)
    attributes: dict[str, Type] = {}
    for name in first:
        found = unify(item[1][name] for item in parts)
        if found is None:
            return None
        attributes[name] = found
    return ("object", attributes, NO_OPTIONAL)


def _objects_to_map(types: list[Type]) -> Type | None:
    element = unify(attribute for item in types for attribute in item[1].values())  # type: ignore[union-attr]
    return _whole(types, "map", element)


def _tuples(types: list[Type]) -> Type | None:
    length = len(types[0][1])
    if any(len(item[1]) != length for item in types[1:]):
        return _tuples_to_list(types)
    elements: list[Type] = []
    for index in range(length):
        found = unify(item[1][index] for item in types)
        if found is None:
            return None
        elements.append(found)
    return ("tuple", tuple(elements))


def _tuples_to_list(types: list[Type]) -> Type | None:
    element = unify(item for of in types for item in of[1])
    return _whole(types, "list", element)


def _whole(types: list[Type], kind: str, element: Type | None) -> Type | None:
    """The collection of this element type; with `any`, each structure has to unify by itself, too."""
    if element is None:
        return None
    found: Type = (kind, element)
    if element == DYNAMIC and not all(convertible(item, found) for item in types):
        return None
    return found


def _structures_as(
    types: list[Type], structure: str, collection: str, to_collection: Callable[[list[Type]], Type | None]
) -> Type | None:
    """Objects taken as maps (tuples as lists) where these are among the types."""
    found = to_collection([item for item in types if item[0] == structure])
    if found is None:
        return None
    result = unify([found if item[0] == structure else item for item in types])
    return result if isinstance(result, tuple) and result[0] == collection else None


def _preference(types: list[Type]) -> list[int]:
    """Indexes of the types, the more general ones first."""
    count = len(types)
    edges: list[list[int]] = [[] for _ in types]
    degree = [0] * count
    for i in range(count - 1):
        for j in range(i + 1, count):
            order = _compare(types[i], types[j])
            if order < 0:
                edges[i].append(j)
                degree[j] += 1
            elif order > 0:
                edges[j].append(i)
                degree[i] += 1
    queue = [i for i in range(count) if degree[i] == 0]
    for i in queue:
        for j in edges[i]:
            degree[j] -= 1
            if degree[j] == 0:
                queue.append(j)
    return queue


_SPECIFIC = {
    ("list", "tuple"): -1,
    ("tuple", "list"): 1,
    ("map", "object"): -1,
    ("object", "map"): 1,
    ("tuple", "set"): -1,
    ("list", "set"): -1,
    ("set", "tuple"): 1,
    ("set", "list"): 1,
}


def _compare(a: Type, b: Type) -> int:
    """-1 where `a` is the more general type, 1 where `b` is, else 0."""
    if DYNAMIC in (a, b):
        return (a == DYNAMIC) - (b == DYNAMIC)
    if isinstance(a, str) or isinstance(b, str):
        if isinstance(a, str) and isinstance(b, str):
            return (a != STRING) - (b != STRING)
        return 0
    if a[0] == b[0] and a[0] in ("list", "set", "map"):
        return _compare(a[1], b[1])
    if a[0] == b[0]:
        return _compare_structures(a, b)
    return _SPECIFIC.get((a[0], b[0]), 0)


def _compare_structures(a: Any, b: Any) -> int:
    if a[0] == "object":
        if a[1].keys() != b[1].keys():
            return 0
        pairs = [(a[1][name], b[1][name]) for name in a[1]]
    elif len(a[1]) != len(b[1]):
        return 0
    else:
        pairs = list(zip(a[1], b[1], strict=True))
    orders = {_compare(left, right) for left, right in pairs}
    if orders <= {0, -1}:
        return -1 if -1 in orders else 0
    return 1 if orders <= {0, 1} else 0


def convertible(given: Type, wanted: Type) -> bool:
    """Whether a conversion exists (it may still fail for some values, as text to number does)."""
    if given == wanted or DYNAMIC in (wanted, given):
        return True
    if isinstance(wanted, str):
        return isinstance(given, str) and (wanted == STRING or (given == STRING and wanted in (NUMBER, BOOL)))
    if isinstance(given, str):
        return False
    kind, source = wanted[0], given[0]
    if kind == "object":
        return _to_object(given, wanted)
    if kind == "tuple":
        return (
            source == "tuple"
            and len(given[1]) == len(wanted[1])
            and all(convertible(a, b) for a, b in zip(given[1], wanted[1], strict=True))
        )
    if kind == "map":
        elements = [given[1]] if source == "map" else list(given[1].values()) if source == "object" else None
    else:
        elements = [given[1]] if source in ("list", "set") else list(given[1]) if source == "tuple" else None
    if elements is None:
        return False
    if wanted[1] == DYNAMIC:
        return not elements or unify(elements) is not None
    return all(convertible(item, wanted[1]) for item in elements)


def _to_object(given: Type, wanted: Type) -> bool:
    optional: frozenset[str] = wanted[2]  # type: ignore[assignment]
    attributes: dict[str, Type] = wanted[1]  # type: ignore[assignment]
    if given[0] == "map":
        return all(convertible(given[1], item) for item in attributes.values())
    if given[0] != "object":
        return False
    have: dict[str, Type] = given[1]  # type: ignore[assignment]
    return all(convertible(have[name], item) if name in have else name in optional for name, item in attributes.items())
