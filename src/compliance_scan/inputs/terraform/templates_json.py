"""JSON text with holes: parsed with the holes as values of the tree."""

import json
import re
from typing import Any

from compliance_scan.inputs.terraform.values import STRING, TfValue, cause_of, nfc
from compliance_scan.model import json_text
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown

_OPEN, _CLOSE = "\ue000", "\ue001"
_HOLE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)


class _NoJson(Exception):
    """The text is no JSON, or a hole stands where no value can."""


def json_with_holes(pieces: list[Any]) -> Encoded | None:
    """The tree of a text of known and unknown pieces; None where it is no JSON."""
    text = ""
    holes: list[tuple[Any, bool]] = []
    inside = False
    for piece in pieces:
        if isinstance(piece, str):
            if _OPEN in piece or _CLOSE in piece:
                return None
            inside = _inside(piece, inside)
            text += piece
        else:
            mark = f"{_OPEN}{len(holes)}{_CLOSE}"
            text += mark if inside else f'"{mark}"'
            holes.append((piece, inside))
    try:
        # A hole that is no text may be several items: then no comma is one too many.
        tree = json_text.loads(text) if all(inside for _hole, inside in holes) else json.loads(text)
        return Encoded("json", _Filler(holes).fill(tree), None)
    except (ValueError, RecursionError, _NoJson):
        return None


def _inside(piece: str, inside: bool) -> bool:
    """Whether the text behind this piece stands within a JSON string."""
    pos = 0
    if inside:
        end = re.match(r'(?:[^"\\]|\\.)*+"', piece, re.DOTALL)
        if end is None:
            return True
        pos = end.end()
    while True:
        start = piece.find('"', pos)
        if start < 0:
            return False
        match = _STRING.match(piece, start)
        assert match is not None
        if len(match[0]) < 2 or not match[0].endswith('"') or _escaped_end(match[0]):
            return True
        pos = match.end()


def _escaped_end(text: str) -> bool:
    slashes = len(text) - 1 - len(text[:-1].rstrip("\\"))
    return slashes % 2 == 1


class _Filler:
    """Puts the holes back into the parsed tree."""

    __slots__ = ("holes",)

    def __init__(self, holes: list[tuple[Any, bool]]) -> None:
        self.holes = holes

    def fill(self, node: Any) -> Any:
        if isinstance(node, str):
            return self._text(node)
        if isinstance(node, dict):
            return {self._key(key): self.fill(item) for key, item in node.items()}
        if isinstance(node, list):
            return self._list(node)
        return node

    def _key(self, key: str) -> str:
        if _OPEN in key:
            raise _NoJson
        return nfc(key)

    def _list(self, node: list[Any]) -> Any:
        """A bare hole as an item may stand for several items, or none: the list is open then."""
        out: list[Any] = []
        more: Unknown | None = None
        for item in node:
            hole = self._bare(item) if isinstance(item, str) else None
            if hole is None:
                out.append(self.fill(item))
            elif isinstance(hole, Encoded):
                out.append(hole.tree)
            else:
                cause = cause_of(hole)
                more = more or Unknown(cause.cause, cause.detail)
        return out if more is None else Open(out, more)

    def _bare(self, text: str) -> Any:
        match = _HOLE.fullmatch(text)
        if match is None:
            return None
        piece, inside = self.holes[int(match[1])]
        return None if inside else piece

    def _text(self, text: str) -> Any:
        if _OPEN not in text:
            return nfc(text)
        bare = self._bare(text)
        if bare is not None:
            return _bare_value(bare)
        parts: list[Any] = []
        pos = 0
        for match in _HOLE.finditer(text):
            if match.start() > pos:
                parts.append(text[pos : match.start()])
            piece, inside = self.holes[int(match[1])]
            if not inside:
                raise _NoJson
            parts.append(_string_part(piece))
            pos = match.end()
        if pos < len(text):
            parts.append(text[pos:])
        return parts[0] if len(parts) == 1 else Text(tuple(parts))


def _string_part(piece: Any) -> "Unknown | Reference":
    from compliance_scan.inputs.terraform.convert import to_model

    if isinstance(piece, Encoded):
        cause = cause_of(piece)
        return Unknown(cause.cause, cause.detail, STRING, not_null=True)
    model = to_model(piece)
    assert isinstance(model, Unknown | Reference)
    return model


def _bare_value(piece: TfValue) -> Any:
    """A hole that stands for a whole JSON value: its text says which, so that only encoded text is known better."""
    if isinstance(piece, Encoded):
        return piece.tree
    cause = cause_of(piece)
    return Unknown(cause.cause, cause.detail)
