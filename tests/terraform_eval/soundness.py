"""Whether a partly known value leaves room for what the whole truth turned out to be."""

import json
import re
from typing import Any

from compliance_scan.inputs.terraform.operators.bigfloat import Number
from compliance_scan.inputs.terraform.types_core import type_of, type_text
from compliance_scan.inputs.terraform.values import (
    ListVal,
    MapVal,
    Marked,
    Null,
    ObjectVal,
    OpenVal,
    SetVal,
    TupleVal,
)
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown

_KIND: dict[Any, str] = dict.fromkeys((ListVal, SetVal, TupleVal), "list") | dict.fromkeys((MapVal, ObjectVal), "map")


def contradiction(part: Any, whole: Any) -> str | None:
    """What the partly known value claims and the whole one belies; None where they agree."""
    while isinstance(part, Marked | Reference):
        part = part.value
    if isinstance(whole, Encoded):
        whole = whole.text
    if isinstance(part, Unknown):
        return _unknown(part, whole)
    if isinstance(part, Encoded) and part.text is None:
        return tree_contradiction(part.tree, json.loads(whole)) if part.format == "json" else None
    if isinstance(part, Encoded):
        part = part.text
    if isinstance(part, Text):
        return None if isinstance(whole, str) and _pattern(part).fullmatch(whole) else f"{part} is not {whole!r}"
    if isinstance(part, OpenVal):
        return _open(part, whole)
    if isinstance(part, Null):
        return None if isinstance(whole, Null) else f"null is not {whole!r}"
    if isinstance(part, bool | str | int | Number):
        same = part == whole and isinstance(part, bool) == isinstance(whole, bool)
        return None if same else f"{part!r} is not {whole!r}"
    if _KIND.get(type(part)) != _KIND.get(type(whole)):
        return f"{part!r} is not {whole!r}"
    return _items(part.items, whole.items)


def _unknown(part: Unknown, whole: Any) -> str | None:
    if part.options and all(contradiction(option, whole) is not None for option in part.options):
        return f"{whole!r} is none of {part.options!r}"
    if isinstance(whole, Null):
        return "null was excluded" if part.not_null else None
    if part.type and "any" not in part.type and part.type != type_text(type_of(whole)):
        return f"type {part.type} is not {type_text(type_of(whole))}"
    return None


def _pattern(part: Text) -> "re.Pattern[str]":
    return re.compile("".join(re.escape(p) if isinstance(p, str) else ".*" for p in part.parts), re.DOTALL)


def _items(part: Any, whole: Any) -> str | None:
    if isinstance(part, dict):
        if part.keys() != whole.keys():
            return f"keys {list(part)} are not {list(whole)}"
        pairs = [(part[key], whole[key]) for key in part]
    elif len(part) != len(whole):
        return f"{part!r} is not {whole!r}"
    else:
        pairs = list(zip(part, whole, strict=True))
    return next((found for a, b in pairs if (found := contradiction(a, b)) is not None), None)


def _open(part: OpenVal, whole: Any) -> str | None:
    if isinstance(part.items, dict):
        if not isinstance(whole, MapVal | ObjectVal) or not part.items.keys() <= whole.items.keys():
            return f"{part!r} is not {whole!r}"
        return _items(part.items, {key: whole.items[key] for key in part.items})
    if not isinstance(whole, ListVal | SetVal | TupleVal) or part.sure > len(whole.items):
        return f"{part!r} is not {whole!r}"
    for place, item in enumerate(part.items):
        candidates = [whole.items[place]] if place < part.sure else whole.items
        if all(contradiction(item, other) is not None for other in candidates):
            return f"{item!r} is not in {whole!r}"
    return None


def tree_contradiction(part: Any, whole: Any) -> str | None:
    """The same for the model's trees and plain JSON."""
    if isinstance(part, Reference):
        return tree_contradiction(part.value, whole)
    if isinstance(part, Unknown):
        return None
    if isinstance(part, Text):
        return None if isinstance(whole, str) and _pattern(part).fullmatch(whole) else f"{part} is not {whole!r}"
    if isinstance(part, Encoded):
        return None if isinstance(whole, str) else f"{whole!r} is no text"
    if isinstance(part, Open):
        if isinstance(part.items, dict):
            return _trees(part.items, {key: whole.get(key) for key in part.items})
        lost = [item for item in part.items if all(tree_contradiction(item, other) is not None for other in whole)]
        return f"{lost!r} is not in {whole!r}" if lost else None
    if isinstance(part, dict | list):
        return _trees(part, whole)
    return None if part == whole else f"{part!r} is not {whole!r}"


def _trees(part: Any, whole: Any) -> str | None:
    if type(part) is not type(whole) or len(part) != len(whole):
        return f"{part!r} is not {whole!r}"
    if isinstance(part, dict):
        if part.keys() != whole.keys():
            return f"{part!r} is not {whole!r}"
        part, whole = list(part.values()), [whole[key] for key in part]
    return next((f for a, b in zip(part, whole, strict=True) if (f := tree_contradiction(a, b)) is not None), None)
