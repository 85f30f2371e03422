"""A source excerpt with the guilty place underlined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance_scan.formats._text.style import Line, Page, cut, width, wrapped

if TYPE_CHECKING:
    from compliance_scan.model.report import Context, Location

AROUND = 2
MAX_REGION = 4
ROOM_FOR_WORDS = 50
_KEPT_BEFORE = 16
_MAX_LINE = 4096


def excerpt(place: Location, context: Context | None, message: str, severity: str, page: Page) -> list[str]:
    """Numbered lines around `place`, its first line underlined with the message beside or below it."""
    if context is None:
        return [f"{' ' * 5}= {line}" for line in wrapped(message, page.columns - 7)]
    lines = context["text"].split("\n")
    first = context["line"]
    last = first + len(lines) - 1
    if not first <= place["line"] <= last:
        return [f"{' ' * 5}= {line}" for line in wrapped(message, page.columns - 7)]
    shown_end = min(place["end_line"], place["line"] + MAX_REGION - 1)
    top, bottom = max(first, place["line"] - AROUND), min(last, shown_end + AROUND)
    gutter = max(len(str(bottom)), 4)
    room = max(page.columns - gutter - 4, 20)
    laid = {number: Line(lines[number - first][:_MAX_LINE]) for number in range(top, bottom + 1)}
    start, stop = _marked(place, laid[place["line"]])
    skip = _skipped(laid[place["line"]], start, stop, room)
    bar = page.paint(f"{' ' * gutter} |", "dim")
    out = []
    for number in range(top, bottom + 1):
        text = _window(laid[number], skip, room)
        out.append(f"{page.paint(f'{number:>{gutter}} |', 'dim')} {text}".rstrip())
        if number == place["line"]:
            before = laid[number].columns(skip, start) + bool(skip)
            length = laid[number].columns(start, stop)
            marked = _underline(before, length, message, room)
            out += [f"{bar} {' ' * indent}{page.paint(text, severity)}" for indent, text in marked]
    return out


def line_of(place: Location, context: Context | None, page: Page) -> str | None:
    """The one numbered line at which `place` starts; None where its text is not at hand."""
    if context is None:
        return None
    lines = context["text"].split("\n")
    index = place["line"] - context["line"]
    if not 0 <= index < len(lines):
        return None
    gutter = max(len(str(place["line"])), 4)
    text = Line(lines[index][:_MAX_LINE]).text()
    number = place["line"]
    return f"{page.paint(f'{number:>{gutter}} |', 'dim')} {cut(text, max(page.columns - gutter - 4, 20))}"


def _marked(place: Location, line: Line) -> tuple[int, int]:
    """First and one past the last character to underline in the region's first line, at least one."""
    start = min(place["column"] - 1, line.length)
    end = place["end_column"] - 1 if place["end_line"] == place["line"] else line.length
    return start, max(min(end, line.length), start + 1)


def _skipped(line: Line, start: int, stop: int, room: int) -> int:
    """How many characters to leave out on the left, so that the underlined ones are in sight."""
    if line.columns(0, min(stop, start + _KEPT_BEFORE)) <= room - 2:
        return 0
    return max(start - _KEPT_BEFORE, 0)


def _window(line: Line, skip: int, room: int) -> str:
    text = line.text(skip)
    return cut(f"…{text}" if skip and text else text, room)


def _underline(before: int, length: int, message: str, room: int) -> list[tuple[int, str]]:
    """Indented lines: the carets with the message, or below them where it does not fit beside."""
    carets = "^" * max(min(length, room - before), 1)
    if before + len(carets) + 1 + width(message) <= room:
        return [(before, f"{carets} {message}")]
    indent = before if room - before >= ROOM_FOR_WORDS else 2
    return [(before, carets), *((indent, text) for text in wrapped(message, room - indent))]
