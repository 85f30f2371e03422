"""The lines of a text, found when they are asked for: a list of a big file's lines takes several times its size."""

from array import array
from bisect import bisect_right
from itertools import accumulate
from operator import add

_BLOCK = 1 << 16
"""Characters that are looked through at a time."""


class LineTable:
    """Offsets of a text to lines and columns, both from 1, columns in characters; a line ends with a line feed.

    Remembers where lines start, as far as they were asked for.
    """

    __slots__ = ("_count", "_read", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = array("Q", (0,))
        self._read = 0
        self._count: int | None = None

    def __len__(self) -> int:
        """How many lines there are: a text without any line feed has one."""
        if self._count is None:
            self._count = self.text.count("\n") + 1
        return self._count

    def has(self, line: int) -> bool:
        """Whether there is such a line."""
        return 1 <= line <= len(self)

    def start(self, line: int) -> int | None:
        """Offset of a line's first character; None for a line that the text does not have."""
        while line > len(self._starts) and self._more():
            pass
        return self._starts[line - 1] if 1 <= line <= len(self._starts) else None

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        while offset >= self._read and self._more():
            pass
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

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

    def _more(self) -> bool:
        """Looks through the next block; whether there was one."""
        read = self._read
        if read >= len(self.text):
            return False
        end = self.text.find("\n", read + _BLOCK) + 1 or len(self.text)
        pieces = self.text[read:end].split("\n")
        # Each line but the last starts one character after all before it; done a block at a time, since the lengths
        # of a million lines would take more than the text.
        self._starts.extend(map(add, accumulate(map(len, pieces)), range(read + 1, read + len(pieces))))
        self._read = end
        return True
