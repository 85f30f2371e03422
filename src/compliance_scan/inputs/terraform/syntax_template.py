"""Templates: quoted strings and heredocs with interpolations, directives, strip markers and `<<-` indentation.

Follows HCL's own order of work: literal pieces (one a line in heredocs), strip markers on the neighbouring piece, then
the indentation of `<<-`, then the tree of directives.
"""

import re
from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.ast import Expr, Literal, Template, TemplateFor, TemplateIf, TemplatePart
from compliance_scan.inputs.terraform.syntax_lex import IDENT, MARKER, SyntaxIssue, heredoc_end

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.syntax_expr import ExprParser

_QUOTED = re.compile(
    r"""(?P<text>[^"\\$%\n\r]++) | (?P<escape>\\(?:[nrt"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}))
    | (?P<double>\$\$\{|%%\{) | (?P<open>[$%]\{~?) | (?P<lone>[$%]) | (?P<close>") | (?P<bad>[\\\n\r])""",
    re.VERBOSE,
)
_LINE = re.compile(
    r"(?P<text>[^$%\n]*+\n|[^$%\n]++) | (?P<double>\$\$\{|%%\{) | (?P<open>[$%]\{~?) | (?P<lone>[$%]\n?)", re.VERBOSE
)
_KEYWORD = re.compile(r"(?:if|else|endif|for|endfor)\b")
_NAME = re.compile(IDENT)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class _Directive:
    """`%{ … }` while the template's pieces are still flat."""

    __slots__ = ("collection", "condition", "end", "key", "keyword", "start", "value")

    def __init__(self, keyword: str, start: int) -> None:
        self.keyword = keyword
        self.start = start
        self.end = start
        self.condition: Expr | None = None
        self.collection: Expr | None = None
        self.key: str | None = None
        self.value = ""


_Piece = str | Expr | _Directive


def quoted(parser: "ExprParser", start: int) -> Expr:
    """A quoted template whose opening quote stands at `start`; leaves the parser behind the closing quote."""
    text, end = parser.text, parser.end
    pieces: list[_Piece] = []
    strip = False
    buffer = ""
    parser.pos = start + 1
    while True:
        match = _QUOTED.match(text, parser.pos, end)
        if match is None:
            raise SyntaxIssue(start, "this string is never closed")
        kind = match.lastgroup
        parser.pos = match.end()
        if kind in {"text", "lone"}:
            buffer += match[0]
        elif kind == "escape":
            code = match[0][1]
            if code in "uU":
                code_digits = match[0][2:]
                point = int(code_digits, 16)
                if point > 0x10FFFF:
                    raise SyntaxIssue(match.start(), f"{match[0]} is no Unicode character")
                buffer += chr(point) if not 0xD800 <= point <= 0xDFFF else "\ufffd"
            else:
                buffer += _ESCAPES[code]
        elif kind == "double":
            buffer += match[0][1:]
        elif kind == "bad":
            if match[0] == "\\":
                raise SyntaxIssue(match.start(), f"\\{text[match.end() : match.end() + 1]} is no escape sequence")
            raise SyntaxIssue(start, "this string is not closed on its line; use a heredoc for text of several lines")
        else:
            if buffer:
                pieces.append(buffer.lstrip() if strip else buffer)
                buffer = ""
            strip = False
            if kind == "close":
                break
            strip = _sequence(parser, match.group(), match.start(), pieces)
    if not pieces or (len(pieces) == 1 and isinstance(pieces[0], str)):
        return Literal(parser.file, start, parser.pos, pieces[0] if pieces else "")  # type: ignore[arg-type]
    return Template(parser.file, start, parser.pos, _tree(parser, pieces), heredoc=False)


def heredoc(parser: "ExprParser", start: int) -> Expr:
    """A heredoc whose `<<` stands at `start`; leaves the parser at the end of the closing line."""
    opening = MARKER.match(parser.text, start, parser.end)
    if opening is None:
        raise SyntaxIssue(start, "expected a heredoc: << and a name, alone at the end of the line")
    parser.pos = opening.end()
    pieces = _pieces(parser, start, heredoc_end(opening[2]))
    if opening[1]:
        _outdent(pieces)
    return Template(parser.file, start, parser.pos, _tree(parser, pieces), heredoc=True)


def bare(parser: "ExprParser", *, wrap: bool) -> Expr:
    """All of the parser's range as a template (a file for `templatefile`, a string of JSON syntax).

    `wrap`: whether one interpolation alone stands for its value rather than for text.
    """
    start = parser.pos
    pieces = _pieces(parser, start, None)
    return Template(parser.file, start, parser.pos, _tree(parser, pieces), heredoc=not wrap)


def _pieces(parser: "ExprParser", start: int, closing: "re.Pattern[str] | None") -> list[_Piece]:
    """The pieces of a heredoc up to its closing line, or of a bare template up to the end."""
    text, end = parser.text, parser.end
    pieces: list[_Piece] = []
    strip = False
    line_start = True
    while True:
        if closing is None and parser.pos >= end:
            return pieces
        if line_start and closing is not None:
            closed = closing.match(text, parser.pos, end)
            if closed is not None:
                parser.pos = closed.end()
                return pieces
        match = _LINE.match(text, parser.pos, end)
        if match is None:
            raise SyntaxIssue(start, "this heredoc has no closing line")
        parser.pos = match.end()
        if match.lastgroup == "open":
            line_start = False
            strip = _sequence(parser, match[0], match.start(), pieces)
            continue
        piece = match[0][1:] if match.lastgroup == "double" else match[0]
        # HCL's scanner takes a lone dollar or percent sign and what is around it as pieces of their own; only line
        # ends matter to what follows, so pieces of one line may stay apart.
        pieces.append(piece.lstrip() if strip else piece)
        strip = False
        line_start = match[0].endswith("\n")


def _outdent(pieces: list[_Piece]) -> None:
    """`<<-`: takes the smallest indentation of all lines from each; blank lines do not count."""
    smallest = -1
    adjust: list[int] = []
    fresh = True
    for index, piece in enumerate(pieces):
        if fresh:
            fresh = False
            spaces = 0
            if isinstance(piece, str):
                trimmed = piece.lstrip()
                if not trimmed and piece.endswith("\n"):
                    spaces = -1
                else:
                    spaces = len(piece) - len(trimmed)
                    adjust.append(index)
            if spaces >= 0 and (smallest < 0 or spaces < smallest):
                smallest = spaces
        if isinstance(piece, str) and piece.endswith("\n"):
            fresh = True
    for index in adjust:
        piece = pieces[index]
        assert isinstance(piece, str)
        pieces[index] = piece[max(smallest, 0) :]


def _sequence(parser: "ExprParser", opening: str, start: int, pieces: list[_Piece]) -> bool:
    """`${ … }` or `%{ … }` behind its opening; adds it to `pieces` and says whether it strips what follows."""
    if opening.endswith("~") and pieces and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    outer = parser.newlines
    parser.newlines = False
    piece: Expr | _Directive = parser.expression() if opening[0] == "$" else _directive(parser, start)
    parser.blank()
    strips = parser.text.startswith("~", parser.pos, parser.end)
    if strips:
        parser.pos += 1
    if not parser.text.startswith("}", parser.pos, parser.end):
        raise SyntaxIssue(parser.pos, f"expected }} to close the {opening[0]}{{ of the template")
    parser.pos += 1
    parser.newlines = outer
    if isinstance(piece, _Directive):
        piece.end = parser.pos
    pieces.append(piece)
    return strips


def _directive(parser: "ExprParser", start: int) -> _Directive:
    parser.blank()
    match = _KEYWORD.match(parser.text, parser.pos, parser.end)
    if match is None:
        raise SyntaxIssue(parser.pos, "expected if, else, endif, for or endfor after %{")
    parser.pos = match.end()
    directive = _Directive(match[0], start)
    if match[0] == "if":
        directive.condition = parser.expression()
    elif match[0] == "for":
        directive.key, directive.value = parser.for_names()
        directive.collection = parser.expression()
    return directive


class _Frame:
    """An open directive and what it has gathered."""

    __slots__ = ("directive", "otherwise", "parts")

    def __init__(self, directive: _Directive | None) -> None:
        self.directive = directive
        self.parts: list[TemplatePart] = []
        self.otherwise: list[TemplatePart] | None = None

    def add(self, part: TemplatePart) -> None:
        target = self.parts if self.otherwise is None else self.otherwise
        if isinstance(part, str) and target and isinstance(target[-1], str):
            target[-1] += part
        elif part != "":
            target.append(part)


def _tree(parser: "ExprParser", pieces: list[_Piece]) -> list[TemplatePart]:
    frames = [_Frame(None)]
    for piece in pieces:
        if not isinstance(piece, _Directive):
            frames[-1].add(piece)
            continue
        if piece.keyword in ("if", "for"):
            frames.append(_Frame(piece))
            if len(frames) > parser.max_depth:
                raise SyntaxIssue(piece.start, "template directives are nested too deeply")
            continue
        frame = frames[-1]
        opener = frame.directive
        expected = "for" if piece.keyword == "endfor" else "if"
        if opener is None or opener.keyword != expected:
            raise SyntaxIssue(piece.start, f"unexpected {piece.keyword} directive")
        if piece.keyword == "else":
            if frame.otherwise is not None:
                raise SyntaxIssue(piece.start, "a second else directive")
            frame.otherwise = []
            continue
        frames.pop()
        frames[-1].add(_close(parser, frame, opener, piece.end))
    if len(frames) > 1:
        opener = frames[-1].directive
        assert opener is not None
        raise SyntaxIssue(opener.start, f"this {opener.keyword} directive is never closed")
    return frames[0].parts


def _close(parser: "ExprParser", frame: _Frame, opener: _Directive, end: int) -> Expr:
    if opener.keyword == "if":
        assert opener.condition is not None
        return TemplateIf(parser.file, opener.start, end, opener.condition, frame.parts, frame.otherwise or [])
    assert opener.collection is not None
    return TemplateFor(parser.file, opener.start, end, opener.key, opener.value, opener.collection, frame.parts)
