"""Texts as operators see them: known text, or known and unknown pieces in a row."""

from collections.abc import Callable, Sequence

from compliance_scan.model.logic import Maybe, Tri, maybe, tri_any
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value, holes, is_nothing, resolved

Pieces = Sequence["str | Unknown"]
"""Adjacent texts are merged; at least one piece is unknown, else it would be a plain `str`."""


def wrong_type(value: Value, expected: str) -> Maybe:
    """The verdict over a value of the wrong type; names the type, never the value, which may be secret."""
    return maybe(Unknown("error", f"expected {expected}, found {type_name(value)}"))


def type_name(value: Value) -> str:
    """A value's type as people say it."""
    match value:
        case bool():
            return "a bool"
        case int() | float():
            return "a number"
        case str() | Text() | Encoded():
            return "text"
        case list():
            return "a list"
        case dict():
            return "a map"
        case Open(items=items):
            return "a list" if isinstance(items, list) else "a map"
        case Unknown() | Reference():
            return "a value that is not known"
        case _:
            return "nothing"


def first_hole(value: Value) -> Maybe:
    """A `Maybe` with the unknowns inside a value."""
    causes = tuple(dict.fromkeys(holes(value)))
    return Maybe(causes or (Unknown("unsupported_expression", "text that is not known"),))


def pieces_of(value: Value) -> "str | Pieces | Unknown | None":
    """A value as text: itself, its pieces, an unknown for wholly unknown; None where it is no text."""
    value = resolved(value)
    match value:
        case str() | Unknown():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case Encoded(text=text):
            return text if text is not None else first_hole(value).causes[0]
        case Text(parts=parts):
            return _merged(parts)
    return None


def _merged(parts: "Sequence[str | Unknown | Reference]") -> "str | Pieces":
    out: list[str | Unknown] = []
    for part in parts:
        piece = pieces_of(part)
        if piece is None:
            piece = Unknown("error", "a part of a template is no text")
        for item in [piece] if isinstance(piece, (str, Unknown)) else piece:
            if isinstance(item, str) and out and isinstance(out[-1], str):
                out[-1] += item
            else:
                out.append(item)
    if not out:
        return ""
    return out[0] if len(out) == 1 and isinstance(out[0], str) else out


def causes_of(pieces: Pieces) -> Maybe:
    """A `Maybe` with the unknown pieces."""
    return Maybe(tuple(dict.fromkeys(piece for piece in pieces if isinstance(piece, Unknown))))


def could_equal(pieces: Pieces, text: str) -> bool:
    """Whether some filling of the unknown pieces gives exactly this text."""
    first, last = pieces[0], pieces[-1]
    start = end = 0
    if isinstance(first, str):
        if not text.startswith(first):
            return False
        start = len(first)
    if isinstance(last, str) and len(pieces) > 1:
        if not text.endswith(last) or len(text) - len(last) < start:
            return False
        end = len(last)
    position, stop = start, len(text) - end
    for piece in pieces[1:-1]:
        if isinstance(piece, str):
            found = text.find(piece, position, stop)
            if found < 0:
                return False
            position = found + len(piece)
    return True


def any_text(value: Value, judge: "Callable[[str | Pieces], Tri]") -> Tri:
    """Applies a text operator: to a text, or to a list whether any item holds; null and absent are false."""
    if is_nothing(value):
        return False
    return any_item(value, lambda item: _one(item, judge))


def _one(value: Value, judge: "Callable[[str | Pieces], Tri]") -> Tri:
    if is_nothing(value):
        return False
    pieces = pieces_of(value)
    if pieces is None:
        return False if is_nothing(resolved(value)) else wrong_type(value, "text")
    return maybe(pieces) if isinstance(pieces, Unknown) else judge(pieces)


def any_item(value: Value, judge: Callable[[Value], Tri]) -> Tri:
    """Whether any item of a list holds; of anything else, whether it does itself."""
    plain = resolved(value)
    if isinstance(plain, list):
        return tri_any(judge(item) for item in plain)
    if isinstance(plain, Open) and isinstance(plain.items, list):
        return tri_any([*(judge(item) for item in plain.items), maybe(plain.more)])
    return judge(value)


def options(argument: "str | list[str]") -> list[str]:
    """An argument that may be one text or several."""
    return argument if isinstance(argument, list) else [argument]
