"""Functions that collectors and seeds have beyond JMESPath's own: plain functions of JSON values, null for null."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from compliance_scan.inputs.aws.reshape import RESHAPE

_PAIRS: Final = (
    ("Key", "Value"),
    ("key", "value"),
    ("TagKey", "TagValue"),
    ("Name", "Value"),
    ("name", "value"),
    ("ParameterName", "ParameterValue"),
    ("ParameterKey", "ParameterValue"),
    ("AttributeName", "AttributeValue"),
)


class Untold(ValueError):
    """An answer lacks what it always has."""


def tags(value: Any) -> Any:
    """A list of key and value (however they are called) as a mapping; null for null."""
    if value is None or isinstance(value, dict):
        return value
    return {_first(item, 0): _first(item, 1) for item in value}


def pairs(value: Any, key: Any, other: Any) -> Any:
    """A mapping as a list of key and value, under these names; null for null."""
    return None if value is None else [{key: name, other: item} for name, item in value.items()]


def json_text(value: Any) -> Any:
    """JSON text of a structure; a text is left as it is."""
    return value if value is None or isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def parse(value: Any) -> Any:
    """The structure that a JSON text holds; null for null, an empty text and a text that is no JSON."""
    if not isinstance(value, str) or not value:
        return None if value == "" else value
    try:
        return json.loads(value)
    except ValueError:
        return None


def csv_rows(value: Any) -> Any:
    """The rows of a CSV text, by their header."""
    return None if value is None else list(csv.DictReader(io.StringIO(value)))


def boolean(value: Any) -> Any:
    """`"true"`, `"True"`, `"enabled"`, `"1"` as true, other texts as false; null for null."""
    if isinstance(value, str):
        return value.lower() in ("true", "enabled", "1", "yes", "on")
    return None if value is None else bool(value)


def either(condition: Any, yes: Any, no: Any) -> Any:
    """Either of two, which may be false or empty themselves."""
    return yes if condition else no


def default(value: Any, other: Any) -> Any:
    """The other where the value is null; `||` takes it for false and empty ones too."""
    return other if value is None else value


def told(value: Any) -> Any:
    """The value; raises `Untold` for null, where AWS always says something: its silence is no answer."""
    if value is None:
        raise Untold("what AWS always tells is missing")
    return value


def one(value: Any) -> Any:
    """A list of the value, empty for null."""
    return [] if value is None else [value]


def as_list(value: Any) -> Any:
    """The list itself, empty for null."""
    return [] if value is None else value if isinstance(value, list) else [value]


def compact(value: Any) -> Any:
    """A list without its nulls and empty texts."""
    return None if value is None else [item for item in value if item is not None and item != ""]


def unique(value: Any) -> Any:
    """A list with each item once, in order."""
    if value is None:
        return None
    found: list[Any] = []
    found.extend(item for item in value if item not in found)
    return found


def split(value: Any, mark: Any) -> Any:
    """The parts of a text between marks."""
    return None if value is None else str(value).split(mark)


def after(value: Any, mark: Any) -> Any:
    """What stands behind the last mark; the whole text where there is none."""
    return None if value is None else str(value).rsplit(mark, 1)[-1]


def before(value: Any, mark: Any) -> Any:
    """What stands before the first mark; the whole text where there is none."""
    return None if value is None else str(value).split(mark, 1)[0]


def chop(value: Any, mark: Any) -> Any:
    """A text without a mark at its end."""
    return None if value is None else str(value).removesuffix(mark)


def lower(value: Any) -> Any:
    """A text in small letters."""
    return None if value is None else str(value).lower()


def upper(value: Any) -> Any:
    """A text in capitals."""
    return None if value is None else str(value).upper()


def replace(value: Any, old: Any, new: Any) -> Any:
    """A text with every `old` replaced."""
    return None if value is None else str(value).replace(old, new)


def get(value: Any, key: Any) -> Any:
    """The value under a key that is computed."""
    return value.get(key) if isinstance(value, dict) else None


def where(value: Any, key: Any, wanted: Any) -> Any:
    """The items of a list whose `key` (a path with dots) is the wanted value."""
    if value is None:
        return None
    return [item for item in value if dig(item, key.split(".")) == wanted]


def translate(value: Any, table: Any) -> Any:
    """What a table has for the value, else the value itself."""
    return table.get(value, value) if isinstance(value, str) else value


def _first(item: Any, place: int) -> Any:
    for names in _PAIRS:
        if isinstance(item, dict) and names[0] in item:
            return item.get(names[place])
    return item


def dig(value: Any, steps: list[str]) -> Any:
    """The value at a path of keys."""
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "tags": tags,
    "pairs": pairs,
    "json": json_text,
    "parse": parse,
    "csv": csv_rows,
    "bool": boolean,
    "if": either,
    "default": default,
    "told": told,
    "one": one,
    "list": as_list,
    "compact": compact,
    "unique": unique,
    "split": split,
    "after": after,
    "before": before,
    "chop": chop,
    "lower": lower,
    "upper": upper,
    "replace": replace,
    "get": get,
    "where": where,
    "translate": translate,
    **RESHAPE,
}
"""By the name that expressions use."""
