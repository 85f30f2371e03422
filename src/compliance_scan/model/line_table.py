"""The lines of a text, found when they are asked for: a list of a big file's lines takes several times its size."""

from array import array
from bisect import bisect_left
from itertools import accumulate

_BLOCK = 256


class LineTable:
    """Offsets of a text to lines and columns, both from 1, columns in characters; a line ends with a line feed.

    Remembers how many line feeds stand before each block of characters, so that no line costs anything that nobody
    asks for.
    """

    __slots__ = ("_before", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._before: array[int] | None = None

    def __len__(self) -> int:
        """How many lines there are: a text without any line feed has one."""
        return self._feeds()[-1] + 1

    def has(self, line: int) -> bool:
        """Whether there is such a line."""
        return 1 <= line <= len(self)

    def start(self, line: int) -> int | None:
        """Offset of a line's first character; None for a line that the text does not have."""
        if line <= 1:
            return 0 if line == 1 else None
        before = self._feeds()
        if line - 1 > before[-1]:
            return None
        block = bisect_left(before, line - 1) - 1  # the one that holds the feed before the line
        offset, find = block * _BLOCK, self.text.find
        for _ in range(line - 1 - before[block]):
            offset = find("\n", offset) + 1
        return offset

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        before = self._feeds()
        block = min(offset // _BLOCK, len(before) - 1)
        first = block * _BLOCK
        within = self.text.count("\n", first, offset)
        line = before[block] + within + 1
        start = self.text.rfind("\n", first, offset) + 1 if within else self.start(line) or 0
        return line, offset - start + 1

    def lines(self, first: int, last: int, longest: int) -> list[str]:
        """The texts of the lines `first` to `last`, without their line feeds, as far as there are such lines, and of
        each no more than so many characters: a whole dump may stand in one."""
        found: list[str] = []
        start = self.start(first)
        while start is not None and len(found) <= last - first:
            end = self.text.find("\n", start)
            if end < 0:
                found.append(self.text[start : start + longest])
                break
            found.append(self.text[start : min(end, start + longest)])
            start = end + 1
        return found

    def _feeds(self) -> "array[int]":
        """The line feeds before each block, and at last those of the whole text."""
        if self._before is None:
            count = self.text.count
            blocks = (count("\n", at, at + _BLOCK) for at in range(0, len(self.text), _BLOCK))
            self._before = array("Q", accumulate(blocks, initial=0))
        return self._before
