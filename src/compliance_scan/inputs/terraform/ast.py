"""The syntax tree of Terraform's language, small and our own.

Plain slotted classes: a big tree has a million nodes, and frozen dataclasses cost four times as much to make (see
`docs/decisions.md`). They are never changed after the parser made them. `start` and `end` are byte offsets into the
file; `File.span` turns them into lines and characters when somebody asks.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.syntax import SourceFile


class Expr:
    """Any expression."""

    __slots__ = ("end", "file", "start")

    def __init__(self, file: "SourceFile", start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end


class Literal(Expr):
    """A number (int, or the exact decimal text in `Decimal`), a bool, null, or a plain string without interpolation."""

    __slots__ = ("value",)


class Template(Expr):
    """A quoted or heredoc template: parts are `str`, expressions (interpolations) or directives; indentation of `<<-`
    and strip markers are already applied. The evaluator unwraps a quoted template of one interpolation alone."""

    __slots__ = ("heredoc", "parts")


class TemplateIf(Expr):
    """`%{ if c }…%{ else }…%{ endif }`; `then` and `otherwise` are lists of template parts."""

    __slots__ = ("condition", "otherwise", "then")


class TemplateFor(Expr):
    """`%{ for k, v in x }…%{ endfor }`."""

    __slots__ = ("collection", "key", "parts", "value")


class Variable(Expr):
    """A bare name that starts a traversal: `var`, `local`, `aws_s3_bucket`, `each`, an iterator, a for's variable."""

    __slots__ = ("name",)


class GetAttr(Expr):
    """`x.name`."""

    __slots__ = ("name", "of")


class Index(Expr):
    """`x[key]` (and the old `x.0`)."""

    __slots__ = ("key", "of")


class Splat(Expr):
    """`x[*].a[0]` (full) or `x.*.a` (attribute-only). `each` is the expression for one item, over a `SplatItem`. What
    follows an attribute-only splat beyond attribute names applies to the result and is outside of it."""

    __slots__ = ("each", "full", "of")


class SplatItem(Expr):
    """The item of the nearest splat around it."""

    __slots__ = ()


class Call(Expr):
    """`name(args…)`; `name` holds `provider::x::f` whole; `expand` is true for a final `...`."""

    __slots__ = ("args", "expand", "name")


class Unary(Expr):
    """`!x` or `-x`."""

    __slots__ = ("operand", "operator")


class Binary(Expr):
    """`a op b` with Terraform's precedence already applied."""

    __slots__ = ("left", "operator", "right")


class Conditional(Expr):
    """`c ? a : b`, right-associative."""

    __slots__ = ("condition", "otherwise", "then")


class Paren(Expr):
    """`(x)`: kept, since `(x)` as an object key is an expression and not a name."""

    __slots__ = ("inner",)


class TupleCons(Expr):
    """`[a, b]`."""

    __slots__ = ("items",)


class ObjectCons(Expr):
    """`{k = v}`; items are (key, value) pairs; a key written as a bare name is a `Literal`."""

    __slots__ = ("items",)


class ForTuple(Expr):
    """`[for k, v in x : e if c]`."""

    __slots__ = ("collection", "condition", "item", "key", "value")


class ForObject(Expr):
    """`{for k, v in x : ke => ve... if c}`; `group` is true for a final `...`."""

    __slots__ = ("collection", "condition", "group", "item", "item_key", "key", "value")


class Broken(Expr):
    """An expression that could not be read; its value is unknown (`unsupported_expression`) and a note was made."""

    __slots__ = ("reason",)


class Attribute:
    """`name = expr` in a body."""

    __slots__ = ("end", "expr", "file", "name", "name_end", "start")


class Block:
    """`type "label" { … }`; the body is converted on first use."""

    __slots__ = ("body", "end", "file", "header_end", "labels", "start", "type")


class Body:
    """What stands between braces: attributes by name and blocks in order."""

    __slots__ = ("attributes", "blocks", "end", "file", "start")
