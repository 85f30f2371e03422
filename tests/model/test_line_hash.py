"""The line hash is GitHub's: same values as its uploader's, character by character."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_scan.model.line_hash import LineHasher

WINDOW = 100
MODULO = 1 << 64


class Rolling:
    """The published algorithm in its own words: one character at a time through a window of a hundred."""

    def __init__(self) -> None:
        self.window = [0] * WINDOW
        self.lines = [0] * WINDOW
        self.index = self.value = self.line = 0
        self.start, self.after_return = True, False
        self.counts: dict[str, int] = {}
        self.out: dict[int, str] = {}

    def emit(self) -> None:
        name = f"{self.value:x}"
        self.counts[name] = self.counts.get(name, 0) + 1
        self.out[self.lines[self.index]] = f"{name}:{self.counts[name]}"
        self.lines[self.index] = 0

    def roll(self, code: int) -> None:
        gone = self.window[self.index]
        self.window[self.index] = code
        self.value = (self.value * 37 + code - gone * pow(37, WINDOW, MODULO)) % MODULO
        self.index = (self.index + 1) % WINDOW

    def take(self, code: int) -> None:
        if code in (32, 9) or (self.after_return and code == 10):
            self.after_return = False
            return
        self.after_return = code == 13
        code = 10 if code == 13 else code
        if self.lines[self.index]:
            self.emit()
        if self.start:
            self.start = False
            self.line += 1
            self.lines[self.index] = self.line
        if code == 10:
            self.start = True
        self.roll(code)

    def run(self, text: str) -> dict[int, str]:
        units = text.encode("utf-16-le", "surrogatepass")
        for at in range(0, len(units), 2):
            self.take(units[at] | units[at + 1] << 8)
        self.take(0xFFFF)
        for _ in range(WINDOW):
            if self.lines[self.index]:
                self.emit()
            self.roll(0)
        return self.out


def test_published_values() -> None:
    assert LineHasher("").of(1) == "c129715d7a2bc9a3:1"
    hashes = LineHasher(" a\nb\n  \t\tc\n d")
    assert [hashes.of(line) for line in (1, 2, 3, 4, 5)] == [
        "271789c17abda88f:1",
        "54703d4cd895b18:1",
        "180aee12dab6264:1",
        "a23a3dc5e078b07b:1",
        None,
    ]


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(["\n", "\r", "\r\n", " ", "\t", "a", "}", "é", "😀", "\ud800", "x = 1\n"]), max_size=300)
)
def test_it_agrees_with_the_algorithm(parts: list[str]) -> None:
    text = "".join(parts)
    expected = Rolling().run(text)
    lines = [*range(len(expected), 0, -1), len(expected) + 1]
    for hashes in (LineHasher(text), LineHasher(text, lines)):
        assert {line: hashes.of(line) for line in lines} == {**expected, len(expected) + 1: None}


def test_equal_lines_are_told_apart_by_number() -> None:
    hashes = LineHasher("same\n" * 200)
    first, second = hashes.of(1), hashes.of(2)
    assert first
    assert second
    assert (first.split(":")[0], second.split(":")[0]) == (first.removesuffix(":1"), second.removesuffix(":2"))


def test_lines_that_are_not_there() -> None:
    hashes = LineHasher("a\nb")
    assert hashes.of(0) is None
    assert hashes.of(-1) is None
    assert hashes.of(3) is None


def test_a_file_of_a_million_blank_lines_is_bounded() -> None:
    hashes = LineHasher("\n" * 1_000_000)
    assert hashes.of(600_000) == f"{(hashes.of(1) or '').removesuffix(':1')}:600000"
    swept = LineHasher("\n" * 1_000_000, range(599_900, 600_001))
    assert swept.of(600_000) == hashes.of(600_000)


def test_the_same_characters_within_another_line_do_not_count() -> None:
    hashes = LineHasher("b" + "a" * 100 + "\n" + "a" * 100)
    assert (hashes.of(2) or "").endswith(":1")
    assert Rolling().run("b" + "a" * 100 + "\n" + "a" * 100)[2] == hashes.of(2)


def test_many_lines_of_a_file_get_the_hashes_of_single_ones() -> None:
    text = "\n".join(("a", "bb" * 60, "", "x y")[number * 7 % 11 % 4] for number in range(400))
    many = LineHasher(text, range(1, 401))
    assert [many.of(line) for line in range(400, 0, -1)] == [LineHasher(text).of(line) for line in range(400, 0, -1)]
