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
MAX_MESSAGE = 4000


class Sentence(NamedTuple):
    """A message of a finding, without the resources that it is said of."""

    template: str
    arguments: tuple[str, ...]
    text: str

    def of(self, affected: str) -> tuple[str, list[str]]:
        """Text and arguments, with the resource or resources told as the last placeholder."""
        told = plain(cut(affected))
        return f"{self.text} Affected: '{told}'.", [*self.arguments, told]


def sentence_of(message: str, arguments: list[str]) -> Sentence:
    """A finding's message as template and text."""
    return _sentence(*_with_holes(cut(message, MAX_MESSAGE), arguments))


def whole(message: str) -> Sentence:
    """The same with the message as one argument: fits where templates would be too many."""
    return _sentence(["The rule says of this resource: '", 0, "'."], [message])


def _sentence(parts: list[str | int], used: list[str]) -> Sentence:
    shown = tuple([plain(cut(argument)) for argument in used])
    template = "".join(f"{{{part}}}" if isinstance(part, int) else _braced(part) for part in parts)
    text = "".join(shown[part] if isinstance(part, int) else plain(part) for part in parts)
    return Sentence(f"{template} Affected: '{{{len(shown)}}}'.", shown, text)


def _with_holes(message: str, arguments: list[str]) -> tuple[list[str | int], list[str]]:
    """The message cut at its arguments (their numbers stand for them) and the arguments that were found, in order."""
    taken: list[tuple[int, int]] = []
    for argument in sorted(arguments[:MAX_ARGUMENTS], key=len, reverse=True):
        place = _place(message, argument, taken)
        if place is not None:
            taken.append(place)
    parts: list[str | int] = []
    used: list[str] = []
    at, quote = 0, ""
    for start, end in sorted(taken):
        before = quote + message[at:start]
        quote = "" if message[max(start - 1, 0) : start] == "'" == message[end : end + 1] else "'"
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
            if not (_in_word(message[max(start - 1, 0) : start]) or _in_word(message[end : end + 1])):
                return start, end
            second_best = second_best or (start, end)
        start = message.find(argument, start + 1)
    return second_best


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


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
