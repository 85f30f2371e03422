"""GitHub code scanning's fingerprint of a line, `primaryLocationLineHash`.

It is a rolling hash of the hundred characters from the line's start on, blanks left out, in base 37 modulo 2^64, and
after a colon how many lines so far had the same. A finding keeps its alert as long as that text stays, whatever line
number it gets. Written to agree with GitHub's own uploader, which warns where the two differ.
"""

import re
from collections.abc import Collection, Iterator
from operator import mul
from typing import Final

from compliance_scan.model.line_table import LineTable

BLOCK = 100
_FEW = 16
"""So many lines of a file are looked for one by one."""
_HEAD = 8
_MANY = 32
"""Of more beginnings than these a search for all at once is slower than a look at each line."""
_MASK = (1 << 64) - 1
_POWERS: Final = [pow(37, BLOCK - 1 - place, 1 << 64) for place in range(BLOCK)]
_BLANKS = {ord(" "): None, ord("\t"): None}
# The uploader ends a file with the 16-bit value of its end-of-file mark, then with zeros.
_END = "\uffff" + "\0" * BLOCK


class LineHasher:
    """The line hashes of one file, each computed when asked for: a hostile file has millions of lines."""

    __slots__ = ("_known", "_lines", "_stream")

    def __init__(self, text: str, wanted: Collection[int] = ()) -> None:
        """`wanted`: the lines of which one will be asked. Of many it is cheaper to know them before."""
        if not text.isascii():
            text = _code_units(text)
        self._stream = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)
        self._lines = LineTable(self._stream)
        self._known: dict[int, str | None] = {}
        if len(wanted) > _FEW:
            self._sweep(wanted)

    def of(self, line: int) -> str | None:
        """`hex:n` of a line, counted from 1; None for a line that the file does not have."""
        if line not in self._known:
            start = self._lines.start(line)
            self._known[line] = None if start is None else self._hash(start, self._counted(start))
        return self._known[line]

    def _sweep(self, wanted: Collection[int]) -> None:
        """All wanted lines in one pass over the file, which keeps no more than how often each of their windows was met;
        by its hash, which is told apart enough."""
        starts = {start: line for line in wanted if (start := self._lines.start(line)) is not None}
        met = dict.fromkeys((hash(self._window(start)) for start in starts), 0)
        for start in self._alike(starts):
            key = hash(self._window(start))
            if key in met:
                met[key] += 1
                line = starts.get(start)
                if line is not None:
                    self._known[line] = self._hash(start, met[key])

    def _alike(self, starts: Collection[int]) -> Iterator[int]:
        """The starts of all lines up to the last of these that begin as one of them does."""
        stream, last = self._stream, max(starts, default=-1)
        heads = sorted({stream[start : start + _HEAD].partition("\n")[0] for start in starts})
        if len(heads) > _MANY:
            pattern = re.compile("\n")
        else:
            pattern = re.compile("\n(?:" + "|".join(map(re.escape, heads)) + ")")
        if last >= 0:
            yield 0
        for found in pattern.finditer(stream, 0, min(last + _HEAD, len(stream))):
            if found.start() < last:
                yield found.start() + 1

    def _window(self, start: int) -> str:
        """The hundred characters from an offset on."""
        window = self._stream[start : start + BLOCK]
        return window + _END[: BLOCK - len(window)]

    def _hash(self, start: int, times: int) -> str:
        value = sum(map(mul, map(ord, self._window(start)), _POWERS)) & _MASK
        return f"{value:x}:{times}"

    def _counted(self, start: int) -> int:
        """How many lines up to and with the one at `start` begin with the same characters."""
        window = self._window(start)
        stream = self._stream if start + BLOCK <= len(self._stream) else self._stream + _END
        times = int(stream.startswith(window))
        whole = "\n" + window
        found = stream.find(whole, 0, start + BLOCK)
        while found >= 0:
            times += 1
            found = stream.find(whole, found + 1, start + BLOCK)
        return times


def _code_units(text: str) -> str:
    """The text with each character beyond 16 bits as its surrogate pair, as JavaScript counts."""
    if max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, memoryview(data).cast("H")))
