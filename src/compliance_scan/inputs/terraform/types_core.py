"""Types of values: what type a value has, and a type's text and back (unknown values carry their type as text)."""

from typing import Any, Final

from compliance_scan.inputs.terraform.operators.bigfloat import DoubleInt, MinusZero, Number, ShortInt
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListVal,
    MapVal,
    Marked,
    Null,
    ObjectVal,
    OpenVal,
    SetVal,
    TupleVal,
    Type,
)
from compliance_scan.model.value import Encoded, Reference, Text, Unknown

NO_OPTIONAL: Final[frozenset[str]] = frozenset()
MAX_TYPE_TEXT: Final = 2000
"""Longer texts of types are dropped: the type of that unknown is then unknown, too."""

EMPTY_OBJECT: Final[Type] = ("object", {}, NO_OPTIONAL)
EMPTY_TUPLE: Final[Type] = ("tuple", ())


def object_type(attributes: dict[str, Type], optional: frozenset[str] = NO_OPTIONAL) -> Type:
    """The type of objects with these attributes."""
    return ("object", attributes, optional)


_SCALARS: Final[dict[Any, Type]] = {
    str: STRING,
    bool: BOOL,
    int: NUMBER,
    ShortInt: NUMBER,
    DoubleInt: NUMBER,
    MinusZero: NUMBER,
    Number: NUMBER,
    Text: STRING,
    Encoded: STRING,
    OpenVal: DYNAMIC,
}


def type_of(value: Any) -> Type:
    """The type of a value; `"dynamic"` where an unknown's type is not known."""
    cls = type(value)
    known = _SCALARS.get(cls)
    if known is not None:
        return known
    if cls is ObjectVal:
        return ("object", {name: type_of(item) for name, item in value.items.items()}, NO_OPTIONAL)
    if cls is TupleVal:
        return ("tuple", tuple([type_of(item) for item in value.items]))
    if cls is ListVal:
        return ("list", value.element)
    if cls is MapVal:
        return ("map", value.element)
    if cls is SetVal:
        return ("set", value.element)
    if cls is Null:
        return value.type  # type: ignore[no-any-return]
    if cls is Unknown:
        return type_from_text(value.type) if value.type else DYNAMIC
    if cls is Marked or cls is Reference:
        return type_of(value.value)
    return DYNAMIC


def has_dynamic(of: Type) -> bool:
    """Whether the type is, or holds, `"dynamic"`."""
    if isinstance(of, str):
        return of == DYNAMIC
    if of[0] == "object":
        return any(has_dynamic(item) for item in of[1].values())
    if of[0] == "tuple":
        return any(has_dynamic(item) for item in of[1])
    return has_dynamic(of[1])


def without_optional(of: Type) -> Type:
    """The type without its marks of optional attributes: what a converted value has."""
    if isinstance(of, str):
        return of
    if of[0] == "object":
        return ("object", {name: without_optional(item) for name, item in of[1].items()}, NO_OPTIONAL)
    if of[0] == "tuple":
        return ("tuple", tuple([without_optional(item) for item in of[1]]))
    return (of[0], without_optional(of[1]))


def type_text(of: Type) -> str:
    """A type as Terraform writes it: `list(string)`, `object({a=number})`; empty for `"dynamic"` and giants."""
    text = _text(of)
    return "" if text == "any" or len(text) > MAX_TYPE_TEXT else text


def _text(of: Type) -> str:
    if isinstance(of, str):
        return "any" if of == DYNAMIC else of
    if of[0] == "tuple":
        return f"tuple([{','.join([_text(item) for item in of[1]])}])"
    if of[0] == "object":
        return f"object({{{','.join([f'{_quoted(name)}={_text(item)}' for name, item in of[1].items()])}}})"
    return f"{of[0]}({_text(of[1])})"


def _quoted(name: str) -> str:
    if name.replace("-", "_").isidentifier():
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_PARSED: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC, "": DYNAMIC}


def type_from_text(text: str) -> Type:
    """The type that `type_text` wrote; `"dynamic"` for what is no type."""
    known = _PARSED.get(text)
    if known is None:
        try:
            known, end = _parse(text, 0)
        except (ValueError, IndexError):
            known, end = DYNAMIC, len(text)
        if end != len(text):
            known = DYNAMIC
        if len(_PARSED) < 10_000:
            _PARSED[text] = known
    return known


def _parse(text: str, pos: int) -> tuple[Type, int]:
    for name in ("string", "number", "bool", "any"):
        if text.startswith(name, pos):
            return _PARSED[name], pos + len(name)
    for name in ("list", "set", "map"):
        if text.startswith(name + "(", pos):
            element, end = _parse(text, pos + len(name) + 1)
            return (name, element), _after(text, end, ")")
    if text.startswith("tuple([", pos):
        pos += 7
        items: list[Type] = []
        while text[pos] != "]":
            item, pos = _parse(text, pos)
            items.append(item)
            if text[pos] == ",":
                pos += 1
        return ("tuple", tuple(items)), _after(text, pos, "])")
    pos = _after(text, pos, "object({")
    attributes: dict[str, Type] = {}
    while text[pos] != "}":
        name, pos = _name(text, pos)
        attributes[name], pos = _parse(text, _after(text, pos, "="))
        if text[pos] == ",":
            pos += 1
    return ("object", attributes, NO_OPTIONAL), _after(text, pos, "})")


def _after(text: str, pos: int, mark: str) -> int:
    if not text.startswith(mark, pos):
        raise ValueError(text)
    return pos + len(mark)


def _name(text: str, pos: int) -> tuple[str, int]:
    if text[pos] != '"':
        end = text.index("=", pos)
        return text[pos:end], end
    out = ""
    pos += 1
    while text[pos] != '"':
        pos += text[pos] == "\\"
        out += text[pos]
        pos += 1
    return out, pos + 1
