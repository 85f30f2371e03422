# ruff: noqa: PLR0917 - a node is made a million times, and keyword arguments cost
"""The syntax tree of Terraform's language, small and our own.

Plain slotted classes: a big tree has a million nodes, and frozen dataclasses cost four times as much to make (see
`docs/decisions.md`). They are never changed after the parser made them. `start` and `end` are offsets of characters in
the file's text; `SourceFile.span` turns them into lines and columns when somebody asks.
"""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

    from compliance_scan.inputs.terraform.syntax import SourceFile


class Expr:
    """Any expression."""

    __slots__ = ("end", "file", "start")

    def __init__(self, file: "SourceFile", start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.file.text[self.start : self.end]!r})"


TemplatePart: TypeAlias = "str | Expr"
"""Literal text, an interpolated expression, or a `TemplateIf` or `TemplateFor`."""


class Literal(Expr):
    """A number (int, or the exact decimal text in `Decimal`), a bool, null, or a plain string without interpolation."""

    __slots__ = ("value",)

    def __init__(self, file: "SourceFile", start: int, end: int, value: "bool | int | Decimal | str | None") -> None:
        self.file = file
        self.start = start
        self.end = end
        self.value = value


class Template(Expr):
    """A quoted or heredoc template: parts are `str`, expressions (interpolations) or directives; indentation of `<<-`
    and strip markers are already applied. The evaluator unwraps a quoted template of one interpolation alone."""

    __slots__ = ("heredoc", "parts")

    def __init__(self, file: "SourceFile", start: int, end: int, parts: list[TemplatePart], *, heredoc: bool) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.parts = parts
        self.heredoc = heredoc


class TemplateIf(Expr):
    """`%{ if c }…%{ else }…%{ endif }`; `then` and `otherwise` are lists of template parts."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(
        self,
        file: "SourceFile",
        start: int,
        end: int,
        condition: Expr,
        then: list[TemplatePart],
        otherwise: list[TemplatePart],
    ) -> None:
        super().__init__(file, start, end)
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


class TemplateFor(Expr):
    """`%{ for k, v in x }…%{ endfor }`; `key` is None where only one name is given."""

    __slots__ = ("collection", "key", "parts", "value")

    def __init__(
        self,
        file: "SourceFile",
        start: int,
        end: int,
        key: str | None,
        value: str,
        collection: Expr,
        parts: list[TemplatePart],
    ) -> None:
        super().__init__(file, start, end)
        self.key = key
        self.value = value
        self.collection = collection
        self.parts = parts


class Variable(Expr):
    """A bare name that starts a traversal: `var`, `local`, `aws_s3_bucket`, `each`, an iterator, a for's variable."""

    __slots__ = ("name",)

    def __init__(self, file: "SourceFile", start: int, end: int, name: str) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.name = name


class GetAttr(Expr):
    """`x.name`."""

    __slots__ = ("name", "of")

    def __init__(self, file: "SourceFile", start: int, end: int, of: Expr, name: str) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.of = of
        self.name = name


class Index(Expr):
    """`x[key]` (and the old `x.0`)."""

    __slots__ = ("key", "of")

    def __init__(self, file: "SourceFile", start: int, end: int, of: Expr, key: Expr) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.of = of
        self.key = key


class Splat(Expr):
    """`x[*].a[0]` (full) or `x.*.a` (attribute-only). `each` is the expression for one item, over a `SplatItem`. What
    follows an attribute-only splat beyond attribute names (and old `.0` indexes) applies to the result and is outside
    of it."""

    __slots__ = ("each", "full", "of")

    def __init__(self, file: "SourceFile", start: int, end: int, of: Expr, each: Expr, *, full: bool) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.of = of
        self.each = each
        self.full = full


class SplatItem(Expr):
    """The item of the nearest splat around it."""

    __slots__ = ()


class Call(Expr):
    """`name(args…)`; `name` holds `provider::x::f` whole; `expand` is true for a final `...`."""

    __slots__ = ("args", "expand", "name")

    def __init__(self, file: "SourceFile", start: int, end: int, name: str, args: list[Expr], *, expand: bool) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.name = name
        self.args = args
        self.expand = expand


class Unary(Expr):
    """`!x` or `-x`."""

    __slots__ = ("operand", "operator")

    def __init__(self, file: "SourceFile", start: int, end: int, operator: str, operand: Expr) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.operator = operator
        self.operand = operand


class Binary(Expr):
    """`a op b` with Terraform's precedence already applied."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, file: "SourceFile", start: int, end: int, left: Expr, operator: str, right: Expr) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.left = left
        self.operator = operator
        self.right = right


class Conditional(Expr):
    """`c ? a : b`, right-associative."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(self, file: "SourceFile", start: int, end: int, condition: Expr, then: Expr, otherwise: Expr) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


class Paren(Expr):
    """`(x)`: kept, since `(x)` as an object key is an expression and not a name."""

    __slots__ = ("inner",)

    def __init__(self, file: "SourceFile", start: int, end: int, inner: Expr) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.inner = inner


class TupleCons(Expr):
    """`[a, b]`."""

    __slots__ = ("items",)

    def __init__(self, file: "SourceFile", start: int, end: int, items: list[Expr]) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.items = items


class ObjectCons(Expr):
    """`{k = v}`; items are (key, value) pairs; a key written as a bare name is a `Literal`."""

    __slots__ = ("items",)

    def __init__(self, file: "SourceFile", start: int, end: int, items: list[tuple[Expr, Expr]]) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.items = items


class ForTuple(Expr):
    """`[for k, v in x : e if c]`; `key` is None where only one name is given."""

    __slots__ = ("collection", "condition", "item", "key", "value")

    def __init__(
        self,
        file: "SourceFile",
        start: int,
        end: int,
        key: str | None,
        value: str,
        collection: Expr,
        item: Expr,
        condition: Expr | None,
    ) -> None:
        super().__init__(file, start, end)
        self.key = key
        self.value = value
        self.collection = collection
        self.item = item
        self.condition = condition


class ForObject(Expr):
    """`{for k, v in x : ke => ve... if c}`; `item_key` is `ke`, `item` is `ve`; `group` is true for a final `...`."""

    __slots__ = ("collection", "condition", "group", "item", "item_key", "key", "value")

    def __init__(
        self,
        file: "SourceFile",
        start: int,
        end: int,
        key: str | None,
        value: str,
        collection: Expr,
        item_key: Expr,
        item: Expr,
        condition: Expr | None,
        *,
        group: bool,
    ) -> None:
        super().__init__(file, start, end)
        self.key = key
        self.value = value
        self.collection = collection
        self.item_key = item_key
        self.item = item
        self.condition = condition
        self.group = group


class Broken(Expr):
    """An expression that could not be read; its value is unknown (`unsupported_expression`) and a note was made."""

    __slots__ = ("reason",)

    def __init__(self, file: "SourceFile", start: int, end: int, reason: str) -> None:
        super().__init__(file, start, end)
        self.reason = reason


class Attribute:
    """`name = expr` in a body; the expression is parsed on first use."""

    __slots__ = ("_expr", "end", "file", "name", "name_end", "start", "value_start")

    def __init__(
        self,
        file: "SourceFile",
        start: int,
        end: int,
        name: str,
        name_end: int,
        value_start: int,
        expr: Expr | None = None,
    ) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.name = name
        self.name_end = name_end
        self.value_start = value_start
        self._expr = expr

    @property
    def expr(self) -> Expr:
        """The value's expression; `Broken` where it cannot be read, with an entry in `file.errors`."""
        if self._expr is None:
            self._expr = self.file.expression(self.value_start, self.end)
        return self._expr

    def __repr__(self) -> str:
        return f"Attribute({self.file.text[self.start : self.end]!r})"


class Block:
    """`type "label" { … }`; the body is converted on first use. `header_end` is where the opening brace stands."""

    __slots__ = ("_body", "end", "file", "header_end", "labels", "start", "type")

    def __init__(
        self,
        file: "SourceFile",
        start: int,
        end: int,
        kind: str,
        labels: tuple[str, ...],
        header_end: int,
        body: "Body | None" = None,
    ) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.type = kind
        self.labels = labels
        self.header_end = header_end
        self._body = body

    @property
    def body(self) -> "Body":
        """What stands between the braces."""
        if self._body is None:
            self._body = self.file.block_body(self)
        return self._body

    def __repr__(self) -> str:
        return f"Block({self.type!r}, {self.labels!r})"


class Body:
    """What stands between braces: attributes by name and blocks in order."""

    __slots__ = ("attributes", "blocks", "end", "file", "start")

    def __init__(
        self, file: "SourceFile", start: int, end: int, attributes: dict[str, Attribute], blocks: list[Block]
    ) -> None:
        self.file = file
        self.start = start
        self.end = end
        self.attributes = attributes
        self.blocks = blocks
