"""Finding where things end in Terraform's language, without recursion: strings, heredocs, comments, brackets.

`scan` is what makes reading lazy: it passes over a block or a value at the speed of a few regular expressions, with a
stack of its own, so that ten thousand nested brackets cost memory and no recursion.
"""

import re
from typing import TypeAlias

IDENT = r"[^\W\d][\w-]*+"
MARKER = re.compile(rf"<<(-?)({IDENT})\r?\n")
BLANK = re.compile(r"(?:[ \t\r]++|/\*(?s:.*?)\*/)*+")
"""White space and comments within one line."""
BLANK_LINES = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+|//[^\n]*+|/\*(?s:.*?)\*/)*+")
"""White space and comments, line ends included."""
PLAIN_STRING = r'"[^"\\$%\n\r]*+"'

_COMMON = rf'{PLAIN_STRING}|["{{}}()\[\]]|<<-?{IDENT}\r?\n|/\*(?s:.*?)\*/'
_DEEP = re.compile(rf"{_COMMON}|#[^\n]*+|//[^\n]*+|/\*")
_SHALLOW = re.compile(rf"{_COMMON}|[\n#]|//|/\*")
_STRING = re.compile(r'"|\\.|\$\$\{|%%\{|[$%]\{|\n|\\\n')
_HEREDOC = re.compile(r"\n|\$\$\{|%%\{|[$%]\{")
_CLOSER = {"{": "}", "(": ")", "[": "]"}

_Stack: TypeAlias = "list[tuple[str | re.Pattern[str], int]]"
"""What is open: its closer (a quote for a string, a pattern for a heredoc) and where it was opened."""


class SyntaxIssue(Exception):
    """Something that is not Terraform's language (or, with `limit`, too deep to read) at an offset in a file's text."""

    def __init__(self, offset: int, message: str, *, limit: bool = False) -> None:
        super().__init__(message)
        self.limit = limit
        self.offset = offset
        self.message = message


def heredoc_end(marker: str) -> "re.Pattern[str]":
    """Matches a heredoc's closing line from its start; the line's end is not part of it."""
    return re.compile(rf"[ \t\r\f\v]*{re.escape(marker)}[ \t\r\f\v]*(?=\n|\Z)")


def scan(text: str, pos: int, end: int, *, value: bool, comments: list[tuple[int, int]] | None = None) -> int:
    """Passes over code from `pos` to where it ends at its own depth.

    `value`: stops before a line's end, a comment of the kind that ends a line, or a closing brace. Else stops before
    the brace that closes the block. At the text's `end`, a value ends and a block is unclosed. Comments met are added
    to `comments`. Raises `SyntaxIssue`.
    """
    stack: _Stack = []
    start = pos
    while True:
        top = stack[-1][0] if stack else ""
        if top == '"':
            pos = _scan_string(text, pos, end, stack)
            continue
        if isinstance(top, re.Pattern):
            pos = _scan_heredoc(text, pos, end, stack)
            continue
        match = (_SHALLOW if value and not stack else _DEEP).search(text, pos, end)
        if match is None:
            if stack:
                raise SyntaxIssue(stack[-1][1], f"this {text[stack[-1][1]]} is never closed")
            if not value:
                raise SyntaxIssue(max(start - 1, 0), "this { is never closed")
            return end
        found = match[0]
        pos = match.end()
        first = found[0]
        if first == '"':
            if len(found) == 1:
                stack.append(('"', pos - 1))
        elif first in "{([":
            stack.append((_CLOSER[first], pos - 1))
        elif first in "})]":
            if not stack:
                if first == "}":
                    return pos - 1
                raise SyntaxIssue(pos - 1, f"unexpected {first}: nothing is open here")
            closer, opened = stack.pop()
            if closer != first:
                raise SyntaxIssue(pos - 1, f"unexpected {first}: the {text[opened]} before it is not closed")
        elif first == "<":
            marker = MARKER.match(text, match.start(), end)
            assert marker is not None
            closing = heredoc_end(marker[2])
            stack.append((closing, match.start()))
            pos = _heredoc_line(text, pos, end, stack)
        elif first == "\n" or (first != "/" and value and not stack) or found == "//":
            return match.start()
        elif found == "/*":
            raise SyntaxIssue(match.start(), "this comment is never closed")
        elif comments is not None:
            comments.append(match.span())


def _scan_string(text: str, pos: int, end: int, stack: _Stack) -> int:
    match = _STRING.search(text, pos, end)
    if match is None or match[0].endswith("\n"):
        raise SyntaxIssue(
            stack[-1][1], "this string is not closed on its line; use a heredoc for text of several lines"
        )
    found = match[0]
    if found == '"':
        stack.pop()
    elif len(found) == 2 and found[1] == "{":
        stack.append(("}", match.start() + 1))
    return match.end()


def _scan_heredoc(text: str, pos: int, end: int, stack: _Stack) -> int:
    """Within a line of a heredoc: to the next line, or into an interpolation."""
    match = _HEREDOC.search(text, pos, end)
    if match is None:
        raise SyntaxIssue(stack[-1][1], "this heredoc has no closing line")
    found = match[0]
    if found == "\n":
        return _heredoc_line(text, match.end(), end, stack)
    if len(found) == 2:
        stack.append(("}", match.start() + 1))
    return match.end()


def _heredoc_line(text: str, pos: int, end: int, stack: _Stack) -> int:
    """At the start of a heredoc's line: past the closing line, or to where the next thing of interest stands."""
    closing, opened = stack[-1]
    assert isinstance(closing, re.Pattern)
    while True:
        match = closing.match(text, pos, end)
        if match is not None:
            stack.pop()
            return match.end()
        match = _HEREDOC.search(text, pos, end)
        if match is None:
            raise SyntaxIssue(opened, "this heredoc has no closing line")
        if match[0] != "\n":
            return match.start()
        pos = match.end()
