"""Whether the `configuration` of a plan may keep a `dynamic` block from us that runs over what is not known.

Terraform does not show `dynamic` blocks there. It lists, though, every attribute of another resource that something in
the plan hangs on (`relevant_attributes`, since 1.2). One that no expression shown refers to, and that the plan does not
know, is referred to by what is not shown: a local, or a `dynamic` block.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from compliance_scan.inputs.terraform.plan_values import has_hole

_KEYS = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*"|\*)\]')

Place = tuple[str, str]
"""A resource's address without any key, and the first step below it (empty for the whole)."""


def hides_unknowns(data: Mapping[str, Any]) -> bool:
    """Whether something that is not shown hangs on what is not known."""
    relevant = data.get("relevant_attributes")
    if not isinstance(relevant, list) or not relevant:
        return False
    configuration = data.get("configuration")
    root = configuration.get("root_module") if isinstance(configuration, dict) else None
    shown = set(_shown(root)) if isinstance(root, dict) else set()
    unknown = _unknown(data)
    return any(place not in shown and (place in unknown or (place[0], "*") in unknown) for place in _places(relevant))


def _places(relevant: list[Any]) -> Iterator[Place]:
    for entry in relevant:
        if isinstance(entry, dict) and isinstance(entry.get("resource"), str):
            path = entry.get("attribute")
            first = next((step for step in path if isinstance(step, str)), "") if isinstance(path, list) else ""
            yield _KEYS.sub("", entry["resource"]), first


def _shown(root: Mapping[str, Any]) -> Iterator[Place]:
    """Every attribute of a resource that an expression of the configuration refers to."""
    stack: list[tuple[str, Any]] = [("", root)]
    while stack:
        module, item = stack.pop()
        if isinstance(item, list):
            stack.extend((module, each) for each in item)
        elif isinstance(item, dict):
            for name, value in item.items():
                if name == "module_calls" and isinstance(value, dict):
                    for call, record in value.items():
                        inner = record.get("module") if isinstance(record, dict) else None
                        stack.append((f"{module}module.{call}.", inner))
                        stack.append((module, {k: v for k, v in record.items() if k != "module"}))
                elif name == "references" and isinstance(value, list):
                    yield from (_place(module, each) for each in value if isinstance(each, str))
                else:
                    stack.append((module, value))


def _place(module: str, reference: str) -> Place:
    steps = _KEYS.sub("", reference).split(".")
    size = 3 if steps[0] == "data" else 2
    return module + ".".join(steps[:size]), steps[size] if len(steps) > size else ""


def _unknown(data: Mapping[str, Any]) -> set[Place]:
    """What only the apply will tell: attributes of what is planned, and (`*`) all of what was not read yet."""
    found: set[Place] = set()
    for change in data.get("resource_changes") or ():
        if isinstance(change, dict) and isinstance(change.get("address"), str):
            base = _KEYS.sub("", change["address"])
            inner = change.get("change")
            marks = inner.get("after_unknown") if isinstance(inner, dict) else None
            if isinstance(marks, dict):
                names = [name for name, mark in marks.items() if has_hole(mark)]
                found.update((base, name) for name in names)
                if names:
                    found.add((base, ""))
    for deferred in data.get("deferred_changes") or ():
        change = deferred.get("resource_change") if isinstance(deferred, dict) else None
        if isinstance(change, dict) and isinstance(change.get("address"), str):
            found.add((_KEYS.sub("", change["address"]), "*"))
    return found
