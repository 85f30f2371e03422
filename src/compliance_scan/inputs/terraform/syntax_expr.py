"""Expressions: a precedence-climbing reader over the text of one value.

tree-sitter-hcl accepts files (see `syntax_check`), but its trees are wrong or vague in places that change meaning:
`a ? b : c ? d : e` associates to the left, `x.*.a[0]` and `x[*].a[0]` look alike, white space beside interpolations is
dropped, `1e3` and `provider::x::f()` are refused, duplicates and raw line ends in strings are accepted. Reading the
text ourselves mends all of these in one place, and reads only values that somebody asks for. Nesting is bounded.
"""

import re
from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.ast import (
    Binary,
    Call,
    Conditional,
    Expr,
    ForObject,
    ForTuple,
    GetAttr,
    Index,
    Literal,
    ObjectCons,
    Paren,
    Splat,
    SplatItem,
    TupleCons,
    Unary,
    Variable,
)
from compliance_scan.inputs.terraform.syntax_lex import BLANK, BLANK_LINES, IDENT, SyntaxIssue

if TYPE_CHECKING:
    from decimal import Decimal

    from compliance_scan.inputs.terraform.syntax import SourceFile

MAX_DEPTH = 100
"""Brackets, templates and function calls within one another."""
MAX_CHAIN = 250
"""Links of one traversal, operands of one chain of operators or conditionals."""
_MAX_DIGITS = 4000

_PRIMARY = re.compile(
    rf"""(?P<name>{IDENT}) | (?P<plain>"[^"\\$%\n\r]*+") | (?P<number>\d++(?:\.\d++)?(?:[eE][+-]?\d++)?)
    | (?P<quote>") | (?P<heredoc><<) | (?P<open>[\[({{]) | (?P<unary>[!-])""",
    re.VERBOSE,
)
_OPERATOR = re.compile(r"\|\||&&|==|!=|<=|>=|[<>+*%-]|/(?![/*])")
_PRECEDENCE = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4}
_PRECEDENCE |= {"+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
_NAME = re.compile(IDENT)
_CALL = re.compile(rf"(?:[ \t]*::[ \t]*{IDENT})*+[ \t]*\(")
_LEGACY = re.compile(r"\d++")
_FOR = re.compile(r"for\b(?!-)")
_KEYWORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class ExprParser:
    """Reads one expression of `file` between two offsets; raises `SyntaxIssue`."""

    __slots__ = ("depth", "end", "file", "max_depth", "newlines", "pos", "text")

    def __init__(self, file: "SourceFile", pos: int, end: int, *, newlines: bool) -> None:
        """`newlines`: whether a line's end ends the expression (it does not within brackets)."""
        self.file = file
        self.text = file.text
        self.pos = pos
        self.end = end
        self.newlines = newlines
        self.depth = 0
        self.max_depth = MAX_DEPTH

    def whole(self) -> Expr:
        """The expression, which must fill the range."""
        expr = self.expression()
        self.blank()
        if self.pos < self.end:
            raise SyntaxIssue(self.pos, f"unexpected {self._seen()} after the expression")
        return expr

    def blank(self) -> None:
        """Passes over white space and comments; no character behind the slash starts either."""
        if self.pos < self.end and self.text[self.pos] > "/":
            return
        match = (BLANK if self.newlines else BLANK_LINES).match(self.text, self.pos, self.end)
        if match is not None:
            self.pos = match.end()

    def expression(self) -> Expr:
        """An expression with conditionals."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxIssue(self.pos, f"more than {MAX_DEPTH} levels of nesting", limit=True)
        left = self._binary(1)
        chain: list[tuple[Expr, Expr]] = []
        while self._accept("?"):
            then = self.expression()
            if not self._accept(":"):
                raise SyntaxIssue(self.pos, "expected : and the value for the false case")
            chain.append((left, then))
            if len(chain) > MAX_CHAIN:
                raise SyntaxIssue(self.pos, f"more than {MAX_CHAIN} conditionals in one chain", limit=True)
            left = self._binary(1)
        for condition, then in reversed(chain):
            left = Conditional(self.file, condition.start, left.end, condition, then, left)
        self.depth -= 1
        return left

    def for_names(self) -> tuple[str | None, str]:
        """`k, v in` or `v in`."""
        first = self._name("the name of the loop's variable")
        key: str | None = None
        if self._accept(","):
            key, first = first, self._name("the name of the loop's second variable")
        if self._name("in") != "in":
            raise SyntaxIssue(self.pos, "expected in and the collection to go through")
        return key, first

    def _seen(self) -> str:
        if self.pos >= self.end:
            return "end"
        match = _NAME.match(self.text, self.pos, self.end)
        shown = match[0] if match is not None else self.text[self.pos]
        return "end of line" if shown == "\n" else shown[:40]

    def _accept(self, mark: str) -> bool:
        self.blank()
        if self.text.startswith(mark, self.pos, self.end):
            self.pos += len(mark)
            return True
        return False

    def _expect(self, mark: str, opened: int) -> None:
        if not self._accept(mark):
            raise SyntaxIssue(
                self.pos, f"expected {mark} to close the {self.text[opened]} before it, found {self._seen()}"
            )

    def _name(self, what: str) -> str:
        self.blank()
        match = _NAME.match(self.text, self.pos, self.end)
        if match is None:
            raise SyntaxIssue(self.pos, f"expected {what}, found {self._seen()}")
        self.pos = match.end()
        return match[0]

    def _binary(self, lowest: int) -> Expr:
        left = self._operand()
        links = 0
        while self.pos < self.end:
            self.blank()
            match = _OPERATOR.match(self.text, self.pos, self.end)
            if match is None:
                break
            operator = match[0]
            precedence = _PRECEDENCE[operator]
            if precedence < lowest:
                break
            links += 1
            if links > MAX_CHAIN:
                raise SyntaxIssue(self.pos, f"more than {MAX_CHAIN} operators in one chain", limit=True)
            self.pos = match.end()
            right = self._binary(precedence + 1)
            left = Binary(self.file, left.start, right.end, left, operator, right)
        return left

    def _operand(self) -> Expr:
        self.blank()
        text, start = self.text, self.pos
        match = _PRIMARY.match(text, start, self.end)
        if match is None:
            raise SyntaxIssue(start, f"expected an expression, found {self._seen()}")
        kind = match.lastgroup
        self.pos = pos = match.end()
        expr: Expr
        if kind == "name":
            name = match[0]
            if name in _KEYWORDS:
                expr = Literal(self.file, start, pos, _KEYWORDS[name])
            elif text.startswith(("(", "::", " "), pos, self.end) and (call := _CALL.match(text, pos, self.end)):
                expr = self._call(start, text[start : call.end() - 1], call.end())
            else:
                expr = Variable(self.file, start, pos, name)
        elif kind == "plain":
            expr = Literal(self.file, start, pos, match[0][1:-1])
        elif kind == "number":
            expr = Literal(self.file, start, pos, self._number(match[0]))
        elif kind == "unary":
            self._deeper()
            operand = self._operand()
            self.depth -= 1
            return Unary(self.file, start, operand.end, match[0], operand)
        elif kind == "open":
            expr = self._bracket(match[0], start)
        else:
            from compliance_scan.inputs.terraform import syntax_template

            self._deeper()
            expr = (syntax_template.quoted if kind == "quote" else syntax_template.heredoc)(self, start)
            self.depth -= 1
        return self._traversal(expr)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxIssue(self.pos, f"more than {MAX_DEPTH} levels of nesting", limit=True)

    def _number(self, text: str) -> "int | Decimal":
        if len(text) > _MAX_DIGITS:
            raise SyntaxIssue(self.pos - len(text), f"a number of more than {_MAX_DIGITS} digits", limit=True)
        if text.isdigit():
            return int(text)
        from decimal import Decimal

        return Decimal(text)

    def _traversal(self, expr: Expr) -> Expr:
        """What follows a term: `.name`, `.0`, `[key]`, `.*`, `[*]`."""
        text, end = self.text, self.end
        links = 0
        while True:
            if self.pos >= end:
                return expr
            here = text[self.pos]
            if here not in ".[":
                if here not in " \t\r\n/#":
                    return expr
                back = self.pos
                self.blank()
                if self.pos >= end or text[self.pos] not in ".[" or text.startswith("...", self.pos, end):
                    self.pos = back
                    return expr
                here = text[self.pos]
            if here == "." and text.startswith("...", self.pos, end):
                return expr
            links += 1
            if links > MAX_CHAIN:
                raise SyntaxIssue(self.pos, f"more than {MAX_CHAIN} links in one traversal", limit=True)
            self.pos += 1
            expr = self._dot(expr) if here == "." else self._index(expr)

    def _dot(self, expr: Expr, *, legacy_splat: bool = True) -> Expr:
        self.blank()
        match = _NAME.match(self.text, self.pos, self.end)
        if match is not None:
            self.pos = match.end()
            return GetAttr(self.file, expr.start, self.pos, expr, match[0])
        match = _LEGACY.match(self.text, self.pos, self.end)
        if match is not None:
            start, self.pos = self.pos, match.end()
            key = Literal(self.file, start, self.pos, self._number(match[0]))
            return Index(self.file, expr.start, self.pos, expr, key)
        if legacy_splat and self.text.startswith("*", self.pos, self.end):
            self.pos += 1
            return self._attribute_splat(expr)
        raise SyntaxIssue(self.pos, f"expected an attribute's name after the dot, found {self._seen()}")

    def _attribute_splat(self, of: Expr) -> Expr:
        """`x.*` with the names and old indexes that follow: only those belong to each item."""
        each: Expr = SplatItem(self.file, of.start, self.pos)
        links = 0
        while True:
            back = self.pos
            if not self._accept(".") or self.text.startswith("..", self.pos, self.end):
                self.pos = back
                break
            links += 1
            if links > MAX_CHAIN:
                raise SyntaxIssue(self.pos, f"more than {MAX_CHAIN} links in one traversal", limit=True)
            each = self._dot(each, legacy_splat=False)
        return Splat(self.file, of.start, self.pos, of, each, full=False)

    def _index(self, expr: Expr) -> Expr:
        opened = self.pos - 1
        outer = self.newlines
        self.newlines = False
        if self._accept("*"):
            self._expect("]", opened)
            self.newlines = outer
            self._deeper()
            each = self._traversal(SplatItem(self.file, expr.start, self.pos))
            self.depth -= 1
            return Splat(self.file, expr.start, self.pos, expr, each, full=True)
        key = self.expression()
        self._expect("]", opened)
        self.newlines = outer
        return Index(self.file, expr.start, self.pos, expr, key)

    def _call(self, start: int, name: str, pos: int) -> Expr:
        opened = pos - 1
        self.pos = pos
        outer = self.newlines
        self.newlines = False
        args: list[Expr] = []
        expand = False
        while not self._accept(")"):
            args.append(self.expression())
            if self._accept("..."):
                expand = True
                self._expect(")", opened)
                break
            if not self._accept(","):
                self._expect(")", opened)
                break
        self.newlines = outer
        if not name.isidentifier():
            name = "".join(name.split())
        return Call(self.file, start, self.pos, name, args, expand=expand)

    def _bracket(self, mark: str, start: int) -> Expr:
        outer = self.newlines
        self.newlines = False
        expr: Expr
        if mark == "(":
            inner = self.expression()
            self._expect(")", start)
            expr = Paren(self.file, start, self.pos, inner)
        else:
            self.blank()
            if _FOR.match(self.text, self.pos, self.end):
                self.pos += 3
                expr = self._for(mark, start)
            elif mark == "[":
                expr = self._tuple(start)
            else:
                expr = self._object(start)
        self.newlines = outer
        return expr

    def _tuple(self, start: int) -> Expr:
        items: list[Expr] = []
        while not self._accept("]"):
            items.append(self.expression())
            if not self._accept(","):
                self._expect("]", start)
                break
        return TupleCons(self.file, start, self.pos, items)

    def _object(self, start: int) -> Expr:
        items: list[tuple[Expr, Expr]] = []
        while True:
            self.newlines = False
            if self._accept("}"):
                return ObjectCons(self.file, start, self.pos, items)
            self.newlines = True
            key = self.expression()
            if isinstance(key, Variable) or (isinstance(key, Literal) and self.text[key.start].isalpha()):
                key = Literal(self.file, key.start, key.end, self.text[key.start : key.end])
            if not self._accept("=") and not self._accept(":"):
                raise SyntaxIssue(self.pos, f"expected = and a value for the key, found {self._seen()}")
            if self.text.startswith(">", self.pos, self.end):
                raise SyntaxIssue(self.pos - 1, "=> stands only in a for expression; use = here")
            value = self.expression()
            items.append((key, value))
            self.blank()
            if self.pos < self.end and self.text[self.pos] not in "\n#/,}":
                raise SyntaxIssue(self.pos, f"expected a comma, a new line or }}, found {self._seen()}")
            self._accept(",")

    def _for(self, mark: str, start: int) -> Expr:
        key, value = self.for_names()
        collection = self.expression()
        if not self._accept(":"):
            raise SyntaxIssue(self.pos, "expected : after the collection of the for expression")
        item_key: Expr | None = None
        item = self.expression()
        group = False
        if mark == "{":
            if not self._accept("=>"):
                raise SyntaxIssue(self.pos, "expected => between key and value of the for expression")
            item_key, item = item, self.expression()
            group = self._accept("...")
        self.blank()
        condition: Expr | None = None
        match = _NAME.match(self.text, self.pos, self.end)
        if match is not None and match[0] == "if":
            self.pos = match.end()
            condition = self.expression()
        self._expect("]" if mark == "[" else "}", start)
        if item_key is None:
            return ForTuple(self.file, start, self.pos, key, value, collection, item, condition)
        return ForObject(self.file, start, self.pos, key, value, collection, item_key, item, condition, group=group)
