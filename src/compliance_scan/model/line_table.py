"""The lines of a text, found when they are asked for: a list of a big file's lines takes several times its size."""

from array import array

_STRIDE = 16


class LineTable:
    """Lines of a text, counted from 1; each ends with a line feed. Remembers the start of every 16th line, as far as
    lines were asked for."""

    __slots__ = ("_count", "_marks", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._marks = array("Q", (0,))
        self._count: int | None = None

    def __len__(self) -> int:
        """How many lines there are: a text without any line feed has one."""
        if self._count is None:
            self._count = self.text.count("\n") + 1
        return self._count

    def start(self, line: int) -> int | None:
        """Offset of a line's first character; None for a line that the text does not have."""
        if line < 1:
            return None
        mark = min((line - 1) // _STRIDE, len(self._marks) - 1)
        offset, find = self._marks[mark], self.text.find
        for number in range(mark * _STRIDE + 1, line):
            offset = find("\n", offset) + 1
            if not offset:
                return None
            if number % _STRIDE == 0 and number // _STRIDE == len(self._marks):
                self._marks.append(offset)
        return offset

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
