"""Messages with placeholders, made back from a message and what in it belongs to the one resource.

The report has the whole sentence and its specific parts; SARIF wants a template on the rule and the arguments on the
result, each placeholder in single quotes, each sentence ended by a period. The text of a result is always its template
filled in, so that both readers see the same.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_ARGUMENTS = 4
"""Beside the resource; some readers know no more than five."""
MAX_TEMPLATES = 20
"""A rule: where a message has specific parts that are no arguments, every result would bring its own."""
MAX_LENGTH = 1000


class Filled(NamedTuple):
    """A template, what fills it, and the text that results."""

    template: str
    arguments: tuple[str, ...]
    text: str


def filled(message: str, arguments: list[str], affected: str) -> Filled:
    """A finding's message as template and text.

    `affected` names the resource or resources, and becomes the last placeholder.
    """
    sentence, used = _with_holes(message, arguments)
    return _filled(sentence, used, affected)


def whole(message: str, affected: str) -> Filled:
    """The same with the message as one argument: fits where templates would be too many."""
    return _filled(["The rule says of this resource: '", 0, "'."], [message], affected)


def _filled(sentence: list[str | int], used: list[str], affected: str) -> Filled:
    parts: list[str | int] = [*sentence, " Affected: '", len(used), "'."]
    shown = tuple(plain(cut(argument)) for argument in (*used, affected))
    template = "".join(f"{{{part}}}" if isinstance(part, int) else _braced(part) for part in parts)
    text = "".join(shown[part] if isinstance(part, int) else plain(part) for part in parts)
    return Filled(template, shown, text)


def _with_holes(message: str, arguments: list[str]) -> tuple[list[str | int], list[str]]:
    """The message cut at its arguments (their numbers stand for them) and the arguments that were found, in order."""
    taken: list[tuple[int, int]] = []
    for argument in arguments[:MAX_ARGUMENTS]:
        place = _place(message, argument, taken)
        if place is not None:
            taken.append(place)
    parts: list[str | int] = []
    used: list[str] = []
    at, quote = 0, ""
    for start, end in sorted(taken):
        before = quote + message[at:start]
        quote = "" if message[start - 1 : start] == "'" == message[end : end + 1] else "'"
        parts += [before + quote, len(used)]
        used.append(message[start:end])
        at = end
    return [*parts, _ended(quote + message[at:])], used


def _place(message: str, argument: str, taken: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Where an argument stands in the message: as a word of its own rather than inside another, and nowhere twice."""
    if not argument:
        return None
    second_best = None
    start = message.find(argument)
    while start >= 0:
        end = start + len(argument)
        if all(end <= other or start >= stop for other, stop in taken):
            if not (message[start - 1 : start].isalnum() or message[end : end + 1].isalnum()):
                return start, end
            second_best = second_best or (start, end)
        start = message.find(argument, start + 1)
    return second_best


def _ended(sentence: str) -> str:
    return sentence if sentence.rstrip("'").endswith((".", "!", "?")) else sentence + "."


def _braced(text: str) -> str:
    """Literal text of a template: its own braces are no placeholders."""
    return plain(text).replace("{", "{{").replace("}", "}}")


def cut(text: str, length: int = MAX_LENGTH) -> str:
    """The text, ended with an ellipsis where it is longer."""
    return text if len(text) <= length else text[: length - 1] + "…"


def plain(text: str) -> str:
    """Text in which no reader finds a link, and no terminal or page a command: what is scanned is hostile.

    A link of SARIF or Markdown needs `](`; control characters, marks that turn the reading direction and broken
    surrogates come out as escapes.
    """
    text = text.replace("](", "\\](")
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character == "\n"
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
