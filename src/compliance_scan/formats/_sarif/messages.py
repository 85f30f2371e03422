"""Messages with placeholders, made back from a message and what in it belongs to the one resource.

The report has the whole sentence and its specific parts; SARIF wants a template on the rule and the arguments on the
result, each placeholder in single quotes, each sentence ended by a period. The text of a result is always its template
filled in, so that both readers see the same.
"""

from __future__ import annotations

from typing import NamedTuple

from compliance_scan.formats.json import quoted

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

    def around(self, name: str) -> tuple[str, str]:
        """A `message` as JSON before and between the two mentions of the resource or resources that it concerns (the
        end of the text, and the last placeholder); `"]}` ends it. `name`: the template's."""
        text = quoted(f"{self.text} Affected: '")[:-1]
        told = "".join(f"{quoted(each)}, " for each in self.arguments)
        return f'{{"text": {text}', f'\'.", "id": {quoted(name)}, "arguments": [{told}"'


def sentence_of(message: str, arguments: list[str]) -> Sentence:
    """A finding's message as template and text."""
    shape = shape_of(message, arguments)
    return shape.filled(message, arguments) or whole(message)


def whole(message: str) -> Sentence:
    """The same with the message as one argument: fits where templates would be too many."""
    shown = plain(cut(message))
    before, after = "The rule says of this resource: '", "'."
    return Sentence(f"{before}{{0}}{after} Affected: '{{1}}'.", (shown,), f"{before}{shown}{after}")


class Shape(NamedTuple):
    """How messages of one kind are made: literal words with holes between them, and which argument stands in each.

    Most findings of a rule differ only in their arguments, so a shape that was found once makes all their sentences.
    """

    raw: tuple[str, ...]
    """The words around the holes as they stand in the message, one more than there are holes."""
    shown: tuple[str, ...]
    """The same harmless, with quotes around the holes and a period at the end."""
    order: tuple[int, ...]
    """Indexes of the arguments in the holes."""
    template: str

    def filled(self, message: str, arguments: list[str]) -> Sentence | None:
        """The sentence of a message; None where the message is not of this shape."""
        message = cut(message, MAX_MESSAGE)
        try:
            used = [arguments[index] for index in self.order]
        except IndexError:
            return None
        at = self.raw[0]
        text = self.shown[0]
        told = []
        for argument, raw, words in zip(used, self.raw[1:], self.shown[1:], strict=True):
            at += argument + raw
            shown = plain(cut(argument))
            told.append(shown)
            text += shown + words
        return Sentence(self.template, tuple(told), text) if at == message else None


def shape_of(message: str, arguments: list[str]) -> Shape:
    """The shape of a message in which its arguments stand literally, as far as they are found."""
    message = cut(message, MAX_MESSAGE)
    taken: list[tuple[int, int, int]] = []
    numbered = sorted(enumerate(arguments[:MAX_ARGUMENTS]), key=lambda each: len(each[1]), reverse=True)
    for index, argument in numbered:
        place = _place(message, argument, taken)
        if place is not None:
            taken.append((*place, index))
    taken.sort()
    raw: list[str] = []
    words: list[str] = []
    at, quote = 0, ""
    for start, end, _ in taken:
        raw.append(message[at:start])
        before = quote + message[at:start]
        quote = "" if message[max(start - 1, 0) : start] == "'" == message[end : end + 1] else "'"
        words.append(before + quote)
        at = end
    raw.append(message[at:])
    words.append(_ended(quote + message[at:]))
    holes = [f"{{{number}}}" for number in range(len(taken))]
    literal = [plain(each).replace("{", "{{").replace("}", "}}") for each in words]
    template = literal[0] + "".join(hole + after for hole, after in zip(holes, literal[1:], strict=True))
    return Shape(
        tuple(raw),
        tuple(map(plain, words)),
        tuple(index for _, _, index in taken),
        f"{template} Affected: '{{{len(taken)}}}'.",
    )


def _place(message: str, argument: str, taken: list[tuple[int, int, int]]) -> tuple[int, int] | None:
    """Where an argument stands in the message: as a word of its own rather than inside another, and nowhere twice."""
    if not argument:
        return None
    second_best = None
    start = message.find(argument)
    while start >= 0:
        end = start + len(argument)
        if all(end <= other or start >= stop for other, stop, _ in taken):
            if not (_in_word(message[max(start - 1, 0) : start]) or _in_word(message[end : end + 1])):
                return start, end
            second_best = second_best or (start, end)
        start = message.find(argument, start + 1)
    return second_best


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _ended(sentence: str) -> str:
    return sentence if sentence.rstrip("'").endswith((".", "!", "?")) else sentence + "."


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
