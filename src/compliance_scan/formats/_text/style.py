"""Text made harmless and measured: what is scanned is hostile, and a terminal obeys what is printed on it."""

from __future__ import annotations

from typing import NamedTuple

TAB = 4
MAX_NAME = 400
"""Names and messages are cut only here, so that ordinary ones can be copied whole whatever the terminal's width."""

_CODES = {
    "critical": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "info": "34",
    "bold": "1",
    "dim": "2",
    "good": "32",
    "bad": "1;31",
    "warn": "33",
}


class Page(NamedTuple):
    """What is written on: with colours or without, so many columns wide."""

    color: bool
    columns: int

    def paint(self, text: str, style: str) -> str:
        """The text in a style; unchanged where colours are off or nothing is there."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.color and text else text


def harmless(text: str) -> str:
    """The text on one line with everything that a terminal could obey shown as an escape.

    That is control characters, line ends, marks that turn the reading direction, invisible ones and broken surrogates.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def name(text: str) -> str:
    """A name, a message or a reason from outside: harmless, and cut where it is absurdly long."""
    if len(text) <= MAX_NAME // 2 and text.isprintable():
        return text
    return cut(harmless(text[: MAX_NAME * 2]), MAX_NAME)


def prose(text: str) -> str:
    """A rule's own words, which may span lines, as one harmless line."""
    return harmless(" ".join(text.split()))


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def cells(character: str) -> int:
    """How many columns of a terminal a printable character takes."""
    if character.isascii():
        return 1
    from unicodedata import combining, east_asian_width

    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def width(text: str) -> int:
    """How many columns a harmless text takes."""
    return len(text) if text.isascii() else sum(map(cells, text))


def cut(text: str, columns: int) -> str:
    """The text, ended with an ellipsis where it takes more than so many columns."""
    if len(text) * 2 <= columns or width(text) <= columns:
        return text
    taken = 0
    for index, character in enumerate(text):
        taken += cells(character)
        if taken > columns - 1:
            return text[:index] + "…"
    return text


class Line:
    """A source line as it is shown: tabs widened, the rest harmless; asked by character, answered in columns."""

    __slots__ = ("_edges", "_parts", "length")

    def __init__(self, source: str) -> None:
        self.length = len(source)
        self._parts: str | list[str] = source
        self._edges: list[int] | None = None
        """Column at which each character starts, and the end; None where each takes one, which is nearly always."""
        if not (source.isascii() and source.isprintable()):
            self._parts, self._edges = _laid_out(source)

    def columns(self, start: int, stop: int) -> int:
        """How many columns the characters of a slice take."""
        start, stop = min(start, self.length), min(stop, self.length)
        if self._edges is None:
            return max(stop - start, 0)
        return max(self._edges[stop] - self._edges[start], 0)

    def text(self, start: int = 0) -> str:
        """The characters from one on, as they are shown."""
        return "".join(self._parts[start:])


def _laid_out(source: str) -> tuple[list[str], list[int]]:
    parts: list[str] = []
    edges = [0]
    at = 0
    for character in source:
        if character == "\t":
            shown = " " * (TAB - at % TAB)
        elif character.isprintable():
            shown = character
        else:
            shown = _escape(character)
        at += cells(shown) if len(shown) == 1 else len(shown)
        parts.append(shown)
        edges.append(at)
    return parts, edges


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of so many columns, broken between words where it can be."""
    if len(text) * 2 <= columns or width(text) <= columns:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if line and width(line) + 1 + width(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
