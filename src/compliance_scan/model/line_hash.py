"""GitHub code scanning's fingerprint of a line, `primaryLocationLineHash`.

It is a rolling hash of the hundred characters from the line's start on, blanks left out, in base 37 modulo 2^64, and
after a colon how many lines so far had the same. A finding keeps its alert as long as that text stays, whatever line
number it gets. Written to agree with GitHub's own uploader, which warns where the two differ.
"""

BLOCK = 100
_BASE = 37
_MASK = (1 << 64) - 1
_BLANKS = {ord(" "): None, ord("\t"): None}
# The uploader ends a file with the 16-bit value of its end-of-file mark, then with zeros.
_END = "\uffff" + "\0" * BLOCK


class LineHasher:
    """The line hashes of one file, computed as asked for."""

    __slots__ = ("_counts", "_windows")

    def __init__(self, text: str) -> None:
        if not text.isascii():
            text = _code_units(text)
        stream = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS) + _END
        self._windows: list[str] = []
        self._counts: list[int] = []
        seen: dict[str, int] = {}
        start, end = 0, len(stream) - BLOCK
        while start < end:
            window = stream[start : start + BLOCK]
            seen[window] = count = seen.get(window, 0) + 1
            self._windows.append(window)
            self._counts.append(count)
            start = stream.find("\n", start) + 1 or end

    def of(self, line: int) -> str | None:
        """`hex:n` of a line, counted from 1; None for a line that the file does not have."""
        if not 1 <= line <= len(self._windows):
            return None
        value = 0
        for character in self._windows[line - 1]:
            value = (value * _BASE + ord(character)) & _MASK
        return f"{value:x}:{self._counts[line - 1]}"


def _code_units(text: str) -> str:
    """The text with each character beyond 16 bits as its surrogate pair, as JavaScript counts."""
    if max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(map(chr, memoryview(data).cast("H")))
