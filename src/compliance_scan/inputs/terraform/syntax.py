"""Bytes to syntax tree: one file of Terraform's language, converted a block and a value at a time.

Structure is found by passing over text (`syntax_lex`), values are read when they are asked for (`syntax_expr`), and
tree-sitter says early whether a file as a whole is the language (`syntax_check`).
"""

import re
from bisect import bisect_right
from contextlib import suppress

from compliance_scan.inputs.terraform.ast import Attribute, Block, Body, Broken, Expr
from compliance_scan.inputs.terraform.syntax_expr import ExprParser
from compliance_scan.inputs.terraform.syntax_lex import BLANK, BLANK_LINES, IDENT, SyntaxIssue, scan
from compliance_scan.model.resource import Span
from compliance_scan.workspace import decode

MAX_BLOCKS = 50
"""Levels of blocks within one another."""
MAX_ERRORS = 20
"""A file with more errors is not read further: nobody mends the twenty-first first."""

_ATTRIBUTE = re.compile(rf"({IDENT})[ \t]*=(?![=>])[ \t]*")
_SIMPLE_VALUE = re.compile(r'(?:"[^"\\$%\n\r]*+"|[\w.*-]++(?:\[[\w"*]++\])?[\w.]*+)(?=\r?\n)')
_LABEL = rf'(?:"(?:[^"\\\n$%]|\\.)*+"|{IDENT})'
_HEADER = re.compile(rf"({IDENT})[ \t]*((?:{_LABEL}[ \t]*)*+)\{{")
_ONE_LABEL = re.compile(_LABEL)
_TOP = re.compile(rf"^{IDENT}[ \t]*(?:(?:{_LABEL}[ \t]*)*+\{{|=(?![=>]))", re.MULTILINE)
_NEW_LINE = re.compile(r"\n")


class SourceFile:
    """One file and what was found in it so far.

    `errors` grows while lazily converted parts are read; `clean` is False where the bytes were no UTF-8 (read as
    Latin-1 then).
    """

    __slots__ = ("_body", "_comments", "_lines", "clean", "data", "errors", "path", "text")

    def __init__(self, path: str, data: bytes, text: str | None = None) -> None:
        self.path = path
        self.data = data
        self.text, self.clean = decode(data) if text is None else (text, True)
        self.errors: list[SyntaxIssue] = []
        self._body: Body | None = None
        self._lines: list[int] | None = None
        self._comments: list[tuple[int, int]] | None = None

    def body(self) -> Body:
        """The whole file as a body; a broken part is left out, with an entry in `errors`."""
        if self._body is None:
            self._body = self._read_body(0, len(self.text), top=True)
        return self._body

    def block_body(self, block: Block) -> Body:
        """The body of a block; `Block.body` keeps it."""
        return self._read_body(block.header_end + 1, block.end - 1, top=False)

    def expression(self, start: int, end: int) -> Expr:
        """The expression between two offsets, `Broken` (and an entry in `errors`) where it is none."""
        try:
            return ExprParser(self, start, end, newlines=True).whole()
        except SyntaxIssue as issue:
            self.error(issue)
            return Broken(self, start, end, issue.message)

    def span(self, start: int, end: int) -> Span:
        """Lines and columns (from 1, in characters, end exclusive) of two offsets."""
        if self._lines is None:
            self._lines = [0, *(match.end() for match in _NEW_LINE.finditer(self.text))]
        first = bisect_right(self._lines, start) - 1
        last = bisect_right(self._lines, end) - 1
        return Span(self.path, first + 1, start - self._lines[first] + 1, last + 1, end - self._lines[last] + 1)

    def line(self, offset: int) -> int:
        """The line of an offset."""
        return self.span(offset, offset).line

    def check(self) -> list[SyntaxIssue]:
        """Reads every part, so that `errors` is complete, and returns it in order."""
        bodies = [(self.body(), 0)]
        while bodies and len(self.errors) < MAX_ERRORS:
            body, depth = bodies.pop()
            for attribute in body.attributes.values():
                attribute.expr  # noqa: B018 - reading it is what finds errors
            if depth < MAX_BLOCKS:
                bodies.extend((block.body, depth + 1) for block in body.blocks)
            elif body.blocks:
                message = f"more than {MAX_BLOCKS} levels of blocks; what is inside was not read"
                self.error(SyntaxIssue(body.blocks[0].start, message, limit=True))
        self.errors.sort(key=lambda issue: issue.offset)
        return self.errors

    @property
    def comments(self) -> list[tuple[int, int]]:
        """Start and end of every comment, in order; those before the first error where the file is broken."""
        if self._comments is None:
            found: list[tuple[int, int]] = []
            # A body without its closing brace: the search ends with that complaint, at the end of the text.
            with suppress(SyntaxIssue):
                scan(self.text, 0, len(self.text), value=False, comments=found)
            self._comments = found
        return self._comments

    def lines(self, first: int, last: int) -> str:
        """The text of whole lines, both included."""
        self.span(0, 0)
        assert self._lines is not None
        end = self._lines[last] if last < len(self._lines) else len(self.text)
        return self.text[self._lines[first - 1] : end]

    def error(self, issue: SyntaxIssue) -> None:
        """Adds an error, unless one stands at the same place."""
        if not any(known.offset == issue.offset for known in self.errors):
            self.errors.append(issue)

    def _read_body(self, pos: int, end: int, *, top: bool) -> Body:
        body = Body(self, pos, end, {}, [])
        failures = 0
        while failures < MAX_ERRORS:
            match = BLANK_LINES.match(self.text, pos, end)
            pos = match.end() if match is not None else pos
            if pos >= end:
                break
            try:
                pos = self._read_item(body, pos, end)
            except SyntaxIssue as issue:
                self.error(issue)
                failures += 1
                pos = self._resume(pos, end, top=top)
        return body

    def _read_item(self, body: Body, pos: int, end: int) -> int:
        """One attribute or block; returns where the next may start."""
        text = self.text
        match = _ATTRIBUTE.match(text, pos, end)
        if match is not None:
            start = match.end()
            simple = _SIMPLE_VALUE.match(text, start, end)
            stop = simple.end() if simple is not None else self._trim(start, scan(text, start, end, value=True))
            name = match[1]
            if name in body.attributes:
                self.error(SyntaxIssue(pos, f"{name} was set before in the same block"))
            else:
                body.attributes[name] = Attribute(self, pos, stop, name, match.end(1), start)
            return stop
        match = _HEADER.match(text, pos, end)
        if match is None:
            shown = text[pos : pos + 40].split("\n", 1)[0].strip()
            raise SyntaxIssue(pos, f"expected an argument or a block, found {shown}")
        close = scan(text, match.end(), end, value=False)
        labels = tuple(_unquote(label) for label in _ONE_LABEL.findall(match[2])) if match[2] else ()
        body.blocks.append(Block(self, pos, close + 1, match[1], labels, match.end() - 1))
        after = BLANK.match(text, close + 1, end)
        stop = after.end() if after is not None else close + 1
        if stop < end and text[stop] not in "\n#/":
            self.error(SyntaxIssue(stop, "expected a new line after the block"))
        return stop

    def _trim(self, start: int, stop: int) -> int:
        """The end of a value without the white space behind it."""
        while stop > start and self.text[stop - 1] in " \t\r":
            stop -= 1
        return stop

    def _resume(self, pos: int, end: int, *, top: bool) -> int:
        """Where reading goes on after an error: the next block at the start of a line, or the next line."""
        line = self.text.find("\n", pos, end)
        if line < 0:
            return end
        if not top:
            return line + 1
        match = _TOP.search(self.text, line + 1, end)
        return match.start() if match is not None else end


def _unquote(label: str) -> str:
    if not label.startswith('"'):
        return label
    return re.sub(r"\\(.)", r"\1", label[1:-1]) if "\\" in label else label[1:-1]


def parse_file(path: str, data: bytes) -> SourceFile:
    """Reads a file's outline; never raises. What is wrong lands in `errors`, now or when a part is read."""
    file = SourceFile(path, data)
    file.body()
    return file


def parse_expression(text: str) -> Expr:
    """A lone expression, as on Terraform's console; raises `SyntaxIssue` where it is none."""
    file = SourceFile("<expression>", text.encode("utf-8", "replace"), text)
    return ExprParser(file, 0, len(text), newlines=False).whole()


def parse_template(path: str, text: str) -> Expr:
    """A whole file as a template, as `templatefile` reads it; raises `SyntaxIssue`."""
    return template_of(SourceFile(path, b"", text), wrap=False)


def template_of(file: SourceFile, *, wrap: bool) -> Expr:
    """A file's whole text as a template; see `syntax_template.bare`. Raises `SyntaxIssue`."""
    from compliance_scan.inputs.terraform import syntax_template

    return syntax_template.bare(ExprParser(file, 0, len(file.text), newlines=False), wrap=wrap)
