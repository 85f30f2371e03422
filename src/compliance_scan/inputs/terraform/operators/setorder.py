"""Sets: items without repeats in the order in which Terraform goes through them."""

from functools import cmp_to_key
from typing import Any

from compliance_scan.inputs.terraform.operators.bigfloat import MinusZero, Number, compare, is_infinite, parts, sign_of
from compliance_scan.inputs.terraform.operators.decimaltext import decimal_digits, rounded_digits
from compliance_scan.inputs.terraform.operators.equality import identical
from compliance_scan.inputs.terraform.values import (
    MAPPINGS,
    Marked,
    Null,
    OpenVal,
    SetVal,
    Type,
    derived,
    is_wholly_known,
    marked,
    unmarked_deep,
)
from compliance_scan.model.value import Encoded, Reference, Unknown


def set_of(items: "list[Any]", element: Type) -> Any:
    """A set of items that already have the type `element`; marks of items move to the set. Open where an item is not
    wholly known: equal items become one, so that even their number is not known then."""
    if all(type(item) is str for item in items):
        return SetVal(sorted(set(items)), element)
    plain: list[Any] = []
    marks: frozenset[str] = frozenset()
    for item in items:
        value, found = unmarked_deep(item)
        marks |= found
        plain.append(_bare(value))
    known = [item for item in plain if is_wholly_known(item)]
    ordered = _ordered(known, element)
    if len(known) < len(plain):
        unknown = [item for item in plain if not is_wholly_known(item)]
        if len(plain) == 1:
            return marked(SetVal(plain, element), marks)
        more = derived(unknown[0])
        return marked(OpenVal("set", [*ordered, *_distinct_unknowns(unknown)], more), marks)
    return marked(SetVal(ordered, element), marks)


def _distinct_unknowns(items: "list[Any]") -> "list[Any]":
    out: list[Any] = []
    for item in items:
        if not any(item is other or (type(item) is Unknown and item == other) for other in out):
            out.append(item)
    return out


def _bare(value: Any) -> Any:
    """A known item without the edge or the tree that came with it: sets compare by value."""
    while type(value) is Reference and is_wholly_known(value):
        value = value.value
    return value.text if type(value) is Encoded and value.text is not None else value


def _ordered(items: "list[Any]", element: Type) -> "list[Any]":
    if element == "string":
        nulls = any(type(item) is Null for item in items)
        return [*sorted({item for item in items if type(item) is str}), *([Null(element)] if nulls else [])]
    if element in ("number", "bool"):
        kept = _distinct([item for item in items if type(item) is not Null])
        nulls = any(type(item) is Null for item in items)
        kept.sort(key=lambda item: type(item) is not MinusZero)
        return [*sorted(kept, key=cmp_to_key(compare)), *([Null(element)] if nulls else [])]
    hashed = [(type(item) is Null, hash_text(item).encode("utf-8", "surrogatepass"), item) for item in items]
    hashed.sort(key=lambda entry: entry[:2])
    out: list[Any] = []
    start = 0
    for index, entry in enumerate(hashed):
        if index and entry[:2] != hashed[start][:2]:
            start = index
        if not any(identical(entry[2], other[2]) for other in hashed[start:index]):
            out.append(entry[2])
    return out


def _distinct(items: "list[Any]") -> "list[Any]":
    seen: set[Any] = set()
    out = []
    for item in items:
        key = (item.m, item.e) if isinstance(item, Number) else "-0" if type(item) is MinusZero else int(item)
        if key not in seen:
            seen.add(key)
            out.append(item)
    return out


def hash_text(value: Any) -> str:
    """The text by which cty puts sets of collections in order."""
    cls = type(value)
    if cls is str:
        return _quoted(value)
    if cls is bool:
        return "T" if value else "F"
    if cls is Null:
        return "~"
    if cls is Marked or cls is Reference:
        return hash_text(value.value)
    if cls is Encoded:
        return _quoted(value.text or "")
    items = getattr(value, "items", None)
    if items is None or isinstance(value, int | Number):
        return number_text(value)
    kind = cls.__name__
    if cls in MAPPINGS:
        if kind == "ObjectVal":
            return "<" + "".join([hash_text(items[name]) + ";" for name in sorted(items)]) + ">"
        return "{" + "".join([f"{_quoted(key)}:{hash_text(items[key])};" for key in sorted(items)]) + "}"
    body = "".join([hash_text(item) + ";" for item in items])
    return f"<{body}>" if kind == "TupleVal" else f"[{body}]"


def number_text(value: Any, digits: int = 10) -> str:
    """A number as Go's `%.10g` writes it."""
    if is_infinite(value):
        return "+Inf" if value.m > 0 else "-Inf"
    m, e = parts(value)
    if m == 0:
        return "0"
    found, point = rounded_digits(*decimal_digits(abs(m), e), digits)
    sign = "-" if sign_of(value) < 0 else ""
    exponent = point - 1
    if exponent < -4 or exponent >= max(digits, 1):
        mantissa = found[0] + ("." + found[1:] if len(found) > 1 else "")
        return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{found}"
    if point >= len(found):
        return sign + found + "0" * (point - len(found))
    return f"{sign}{found[:point]}.{found[point:]}"


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
_ESCAPES |= {"\\": "\\\\", '"': '\\"'}


def _quoted(value: str) -> str:
    """Go's `strconv.Quote`."""
    return '"' + "".join([_escape(char) for char in value]) + '"'


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
