"""GitHub code scanning's fingerprint of a line, `primaryLocationLineHash`.

It is a rolling hash of the hundred characters from the line's start on, blanks left out, in base 37 modulo 2^64, and
after a colon how many lines so far had the same. A finding keeps its alert as long as that text stays, whatever line
number it gets. Written to agree with GitHub's own uploader, which warns where the two differ.
"""

from array import array

BLOCK = 100
_FEW = 16
"""So many lines of a file are looked for one by one."""
_STRIDE = 64
_BASE = 37
_MASK = (1 << 64) - 1
_BLANKS = {ord(" "): None, ord("\t"): None}
# The uploader ends a file with the 16-bit value of its end-of-file mark, then with zeros.
_END = "\uffff" + "\0" * BLOCK


class LineHasher:
    """The line hashes of one file, each computed when asked for: a hostile file has millions of lines."""

    __slots__ = ("_asked", "_known", "_marks", "_seen", "_stream", "_swept", "_times")

    def __init__(self, text: str) -> None:
        if not text.isascii():
            text = _code_units(text)
        self._stream = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS) + _END
        self._marks = [0]
        """Start of every `_STRIDE`th line, as far as they were needed."""
        self._known: dict[int, str | None] = {}
        self._asked = 0
        self._seen: dict[int, int] = {}
        """How often each window began a line, as far as lines were swept; by its hash, which is told apart enough."""
        self._swept = 0
        self._times = array("I")
        """Of each swept line the number of its window."""

    def of(self, line: int) -> str | None:
        """`hex:n` of a line, counted from 1; None for a line that the file does not have."""
        if line not in self._known:
            self._known[line] = self._of(line)
        return self._known[line]

    def _of(self, line: int) -> str | None:
        start = self._start(line)
        if start is None:
            return None
        window = self._stream[start : start + BLOCK]
        value = 0
        for character in window:
            value = (value * _BASE + ord(character)) & _MASK
        self._asked += 1
        times = self._counted(window, start) if self._asked <= _FEW else self._indexed(line)
        return f"{value:x}:{times}"

    def _start(self, line: int) -> int | None:
        """Where a line starts in the stream."""
        if line < 1:
            return None
        mark = min((line - 1) // _STRIDE, len(self._marks) - 1)
        offset = self._marks[mark]
        for number in range(mark * _STRIDE + 1, line):
            offset = self._stream.find("\n", offset) + 1
            if not offset:
                return None
            if number % _STRIDE == 0 and number // _STRIDE == len(self._marks):
                self._marks.append(offset)
        return offset

    def _indexed(self, line: int) -> int:
        """The same from a table, for a file of which many lines are asked for: each look then costs nothing."""
        stream, seen, times, start = self._stream, self._seen, self._times, self._swept
        while len(times) < line:
            key = hash(stream[start : start + BLOCK])
            number = seen[key] = seen.get(key, 0) + 1
            times.append(number)
            start = stream.find("\n", start) + 1
            if not start:
                break
        self._swept = start
        return times[line - 1]

    def _counted(self, window: str, start: int) -> int:
        """How many lines up to and with the one at `start` begin with these characters."""
        times = int(self._stream.startswith(window))
        whole = "\n" + window
        found = self._stream.find(whole, 0, start + BLOCK)
        while found >= 0:
            times += 1
            found = self._stream.find(whole, found + 1, start + BLOCK)
        return times


def _code_units(text: str) -> str:
    """The text with each character beyond 16 bits as its surrogate pair, as JavaScript counts."""
    if max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, memoryview(data).cast("H")))
