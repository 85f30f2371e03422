"""Names for unknown values, and values without what only rules want to know of them."""

from typing import Any, Final

from compliance_scan.inputs.terraform.values import PLAIN, Marked, Null, OpenVal, is_unknown, rebuilt
from compliance_scan.model.value import Encoded, Reference, Text, Unknown

MAX_SYMBOL: Final = 300
"""Longer symbols are dropped: two such values are then not known to be one."""


def is_conditional(value: Any) -> bool:
    """Whether a value is read from an instance that perhaps does not exist (`x["?"]`)."""
    while type(value) is Marked:
        value = value.value
    return type(value) is Reference and '["?"]' in value.address


def symbol_of(value: Any) -> str:
    """A text that is the same for two values only if they are the same value; empty where there is none."""
    cls = type(value)
    if cls is str:
        return repr(value)
    if cls in PLAIN:
        return str(value).lower()
    if cls is Unknown:
        return value.symbol if len(value.symbol) < MAX_SYMBOL else ""
    if cls is Reference:
        return f"{value.address}.{value.path}" if is_unknown(value) else symbol_of(value.value)
    if cls is Text:
        parts = [symbol_of(part) for part in value.parts]
        return f"text({','.join(parts)})" if all(parts) and sum(map(len, parts)) < MAX_SYMBOL else ""
    if cls is Null:
        return "null"
    if cls is Marked:
        return symbol_of(value.value)
    if cls is Encoded and value.text is not None:
        return repr(value.text)
    return ""


def spread(value: Reference) -> OpenVal:
    """An open collection that a reference leads to, as one whose items are the references."""
    inner: Any = value.value
    more = Unknown(inner.more.cause, inner.more.detail)
    items: Any
    if type(inner.items) is dict:
        items = {
            name: Reference(value.address, f"{value.path}.{name}" if value.path else name, item, value.presence)
            for name, item in inner.items.items()
        }
    else:
        items = [
            Reference(value.address, f"{value.path}[{place}]", item, value.presence)
            for place, item in enumerate(inner.items)
        ]
    return OpenVal(inner.kind, items, more, inner.sure, inner.most)


def plain_deep(value: Any) -> Any:
    """A value whose known references and encoded texts, also within, are replaced by what they stand for."""
    cls = type(value)
    if cls in PLAIN or cls is Null or cls is Unknown or cls is Text:
        return value
    if cls is Reference:
        return value if is_unknown(value.value) else plain_deep(value.value)
    if cls is Encoded:
        return value if value.text is None else value.text
    if cls is Marked:
        return Marked(plain_deep(value.value), value.marks)
    items = value.items
    if type(items) is dict:
        return rebuilt(value, {key: plain_deep(item) for key, item in items.items()})
    return rebuilt(value, [plain_deep(item) for item in items])
