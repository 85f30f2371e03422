"""Terraform's JSON syntax (`.tf.json`, `.tfvars.json`) as the same tree, with the place of every value.

Which keys are blocks is known for the language's own blocks. Inside a resource only the provider's schema knows; there
all keys become attributes, except the blocks that every resource may have: a list of objects reads the same either way.
"""

import json
import re
from collections.abc import Iterator

from compliance_scan.inputs.terraform.ast import (
    Attribute,
    Block,
    Body,
    Broken,
    Expr,
    Literal,
    ObjectCons,
    TupleCons,
)
from compliance_scan.inputs.terraform.syntax import SourceFile, parse_expression, template_of
from compliance_scan.inputs.terraform.syntax_lex import SyntaxIssue
from compliance_scan.model.resource import Span

MAX_DEPTH = 100

_SPACE = re.compile(r"[ \t\r\n]*+")
_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*+")|(?P<number>-?\d++(?:\.\d++)?(?:[eE][+-]?\d++)?)|(?P<word>true|false|null)'
    r"|(?P<mark>[\[{])"
)
_LABELS = {
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "variable": 1,
    "output": 1,
    "module": 1,
    "provider": 1,
    "check": 1,
    "locals": 0,
    "terraform": 0,
    "moved": 0,
    "removed": 0,
    "import": 0,
}
_INNER = {
    "dynamic": 1,
    "content": 0,
    "lifecycle": 0,
    "provisioner": 1,
    "connection": 0,
    "backend": 1,
    "cloud": 0,
    "required_providers": 0,
    "default_tags": 0,
    "assume_role": 0,
}
_EXPRESSIONS = frozenset({"type", "provider", "from", "to"})
"""Arguments whose text is an expression of the language in JSON too."""


class _Embedded(SourceFile):
    """The text of one JSON string; every place in it is the string's."""

    __slots__ = ("_end", "_outer", "_start")

    def __init__(self, outer: SourceFile, start: int, end: int, text: str) -> None:
        super().__init__(outer.path, b"", text)
        self._outer = outer
        self._start = start
        self._end = end

    def span(self, start: int, end: int) -> Span:  # noqa: ARG002 - escapes move all offsets: the string is the place
        return self._outer.span(self._start, self._end)


class JsonFile(SourceFile):
    """A file of the JSON syntax."""

    __slots__ = ("_root",)

    def __init__(self, path: str, data: bytes) -> None:
        super().__init__(path, data)
        self._root: Expr | None = None

    def value(self) -> Expr:
        """The whole file as an expression; `Broken`, with an entry in `errors`, where it is no JSON."""
        if self._root is None:
            try:
                reader = _Reader(self)
                self._root = reader.read(0)
                reader.finish()
            except SyntaxIssue as issue:
                self.error(issue)
                self._root = Broken(self, 0, len(self.text), issue.message)
        return self._root

    def body(self) -> Body:
        if self._body is None:
            body = Body(self, 0, len(self.text), {}, [])
            for part in _objects(self.value()):
                for key, value in _items(part):
                    if key in _LABELS:
                        body.blocks.extend(_blocks(self, key, value, _LABELS[key], ()))
                    elif key != "//":
                        body.attributes[key] = _attribute(self, part, key, value)
            self._body = body
        return self._body

    def check(self) -> list[SyntaxIssue]:
        self.body()
        return self.errors

    @property
    def comments(self) -> list[tuple[int, int]]:
        return []


class _Reader:
    """JSON with offsets; recursion is bounded."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self.pos = 0

    def finish(self) -> None:
        self._space()
        if self.pos < len(self.text):
            raise SyntaxIssue(self.pos, "unexpected text after the JSON value")

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.pos)
        if match is not None:
            self.pos = match.end()

    def read(self, depth: int) -> Expr:
        self._space()
        start = self.pos
        match = _TOKEN.match(self.text, start)
        if match is None:
            raise SyntaxIssue(start, "expected a JSON value")
        if depth > MAX_DEPTH:
            raise SyntaxIssue(start, f"more than {MAX_DEPTH} levels of nesting", limit=True)
        self.pos = match.end()
        kind = match.lastgroup
        if kind == "string":
            return self._string(start)
        if kind == "number":
            from decimal import Decimal

            text = match[0]
            whole = text.removeprefix("-").isdigit() and len(text) < 4000
            return Literal(self.file, start, self.pos, int(text) if whole else Decimal(text))
        if kind == "word":
            return Literal(self.file, start, self.pos, {"true": True, "false": False}.get(match[0]))
        return self._list(start, depth) if match[0] == "[" else self._object(start, depth)

    def _string(self, start: int) -> Expr:
        text = self._decoded(start)
        if "${" not in text and "%{" not in text:
            return Literal(self.file, start, self.pos, text)
        try:
            return template_of(_Embedded(self.file, start, self.pos, text), wrap=True)
        except SyntaxIssue as issue:
            self.file.error(SyntaxIssue(start, issue.message))
            return Broken(self.file, start, self.pos, issue.message)

    def _decoded(self, start: int) -> str:
        try:
            return str(json.loads(self.text[start : self.pos]))
        except ValueError:
            raise SyntaxIssue(start, "this string has an escape that JSON does not know") from None

    def _list(self, start: int, depth: int) -> Expr:
        items: list[Expr] = []
        while not self._accept("]"):
            items.append(self.read(depth + 1))
            if not self._accept(","):
                self._expect("]")
                break
        return TupleCons(self.file, start, self.pos, items)

    def _object(self, start: int, depth: int) -> Expr:
        items: list[tuple[Expr, Expr]] = []
        while not self._accept("}"):
            at = self.pos
            match = _TOKEN.match(self.text, at)
            if match is None or match.lastgroup != "string":
                raise SyntaxIssue(at, "expected a key in quotes")
            self.pos = match.end()
            key = Literal(self.file, at, self.pos, self._decoded(at))
            self._expect(":")
            items.append((key, self.read(depth + 1)))
            if not self._accept(","):
                self._expect("}")
                break
        return ObjectCons(self.file, start, self.pos, items)

    def _accept(self, mark: str) -> bool:
        self._space()
        if self.text.startswith(mark, self.pos):
            self.pos += 1
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._accept(mark):
            raise SyntaxIssue(self.pos, f"expected {mark}")


def _objects(value: Expr) -> Iterator[ObjectCons]:
    """One object, or the objects of a list: the syntax lets either stand everywhere."""
    if isinstance(value, ObjectCons):
        yield value
    elif isinstance(value, TupleCons):
        for item in value.items:
            if isinstance(item, ObjectCons):
                yield item


def _items(value: ObjectCons) -> Iterator[tuple[str, Expr]]:
    for key, item in value.items:
        if isinstance(key, Literal) and isinstance(key.value, str):
            yield key.value, item


def _blocks(file: SourceFile, kind: str, value: Expr, labels: int, found: tuple[str, ...]) -> Iterator[Block]:
    for part in _objects(value):
        if labels == 0:
            yield Block(file, part.start, part.end, kind, found, part.start, _body(file, kind, part))
        else:
            for label, inner in _items(part):
                yield from _blocks(file, kind, inner, labels - 1, (*found, label))


def _body(file: SourceFile, kind: str, value: ObjectCons) -> Body:
    body = Body(file, value.start, value.end, {}, [])
    plain = kind in {"locals", "required_providers"}
    for key, item in _items(value):
        if key in _INNER and not plain:
            body.blocks.extend(_blocks(file, key, item, _INNER[key], ()))
        elif key != "//" or plain:
            body.attributes[key] = _attribute(file, value, key, item)
    return body


def _attribute(file: SourceFile, part: ObjectCons, key: str, value: Expr) -> Attribute:
    place = next(name for name, item in part.items if item is value)
    if key in _EXPRESSIONS and isinstance(value, Literal) and isinstance(value.value, str):
        try:
            value = parse_expression(value.value)
        except SyntaxIssue:
            return Attribute(file, place.start, value.end, key, place.end, value.start, value)
        return Attribute(file, place.start, place.end, key, place.end, place.end, value)
    return Attribute(file, place.start, value.end, key, place.end, value.start, value)
