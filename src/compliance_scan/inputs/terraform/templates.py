"""Templates as values: text, partly known text, and JSON that keeps its tree although it has holes."""

from typing import TYPE_CHECKING, Any

from compliance_scan.inputs.terraform import ast
from compliance_scan.inputs.terraform.evaluate import value_of
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.types_convert import convert
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    STRING,
    EvalError,
    Marked,
    Null,
    OpenVal,
    cause_of,
    is_unknown,
    marked,
    nfc,
    unmarked,
)
from compliance_scan.model.value import Encoded, Reference, Text, Unknown

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.scope import Scope

MAX_HOLES = 10_000
"""Parts of one partly known text."""
MAX_TEXT = 8 * 1024 * 1024
"""Characters of one text; doubling text through locals ends here."""


def template(expr: ast.Template, scope: "Scope") -> Any:
    """A template's value; a quoted template of one interpolation alone is that value, whatever its type."""
    parts = expr.parts
    if len(parts) == 1 and not expr.heredoc and isinstance(parts[0], ast.Expr) and type(parts[0]) not in _DIRECTIVES:
        return value_of(parts[0], scope)
    builder = Builder()
    builder.add_parts(parts, scope)
    return builder.result()


class Builder:
    """Gathers a template's pieces: literal text, values, marks."""

    __slots__ = ("length", "marks", "pieces", "steps")

    def __init__(self) -> None:
        self.pieces: list[Any] = []
        self.length = 0
        self.marks: frozenset[str] = frozenset()
        self.steps = 0

    def add_parts(self, parts: "list[ast.TemplatePart]", scope: "Scope") -> None:
        """Adds what the parts give."""
        for part in parts:
            if isinstance(part, str):
                self.add_text(part)
                continue
            directive = _DIRECTIVES.get(type(part))
            if directive is not None:
                directive(self, part, scope)
            else:
                self.add_value(value_of(part, scope), part)

    def add_text(self, text: str) -> None:
        """Adds literal text."""
        if not text:
            return
        self.length += len(text)
        if self.length > MAX_TEXT:
            raise LimitError(f"a text of more than {MAX_TEXT} characters")
        if self.pieces and type(self.pieces[-1]) is str:
            self.pieces[-1] += text
        else:
            self.pieces.append(text)

    def add_value(self, value: Any, expr: ast.Expr | None) -> None:
        """Adds what an interpolation gave."""
        cls = type(value)
        if cls is str:
            self.add_text(value)
            return
        if cls is Marked:
            value, marks = unmarked(value)
            self.marks |= marks
            cls = type(value)
        edge = value
        value = bare(value)
        if type(value) is Null:
            raise EvalError("the expression result is null: a null value cannot be part of a text", expr)
        if type(value) is OpenVal:
            raise EvalError("a collection cannot be part of a text", expr)
        try:
            value = bare(convert(value, STRING))
        except EvalError:
            raise EvalError("this value cannot be part of a text: a string is required", expr) from None
        if type(value) is str:
            self.add_text(value)
        elif type(value) is Text:
            for part in value.parts:
                if isinstance(part, str):
                    self.add_text(part)
                else:
                    self.add_hole(part)
        else:
            self.add_hole(edge if type(edge) is Reference else value)

    def add_hole(self, value: Any) -> None:
        """Adds a part that is not known."""
        if len(self.pieces) > MAX_HOLES:
            raise LimitError(f"a text of more than {MAX_HOLES} parts")
        self.pieces.append(value)

    def result(self) -> Any:
        """The text, or what is known of it."""
        pieces = self.pieces
        if not pieces:
            result: Any = ""
        elif len(pieces) == 1 and type(pieces[0]) is str:
            result = nfc(pieces[0])
        else:
            result = holed(pieces)
        return marked(result, self.marks) if self.marks else result


def holed(pieces: list[Any]) -> Any:
    """Text with unknown parts, as a tree where it is JSON."""
    first = pieces[0]
    if type(first) is str and first.lstrip()[:1] in ("{", "["):
        from compliance_scan.inputs.terraform.templates_json import json_with_holes

        tree = json_with_holes(pieces)
        if tree is not None:
            return tree
    parts: list[Any] = []
    for piece in pieces:
        if type(piece) is Encoded:
            cause = cause_of(piece)
            parts.append(Unknown(cause.cause, cause.detail, "string", not_null=True))
        else:
            parts.append(piece)
    return Text(tuple(parts))


def _if(builder: Builder, part: ast.TemplateIf, scope: "Scope") -> None:
    condition, marks = unmarked(value_of(part.condition, scope))
    builder.marks |= marks
    condition = bare(condition)
    if type(condition) is Null:
        raise EvalError("the condition of an if directive is null", part.condition)
    condition = bare(convert(condition, BOOL))
    if type(condition) is bool:
        builder.add_parts(part.then if condition else part.otherwise, scope)
        return
    outcomes = []
    for arm in (part.then, part.otherwise):
        inner = Builder()
        inner.add_parts(arm, scope)
        builder.marks |= inner.marks
        inner.marks = frozenset()
        outcomes.append(inner.result())
    if type(outcomes[0]) is str and outcomes[0] == outcomes[1]:
        builder.add_text(outcomes[0])
        return
    cause = cause_of(condition)
    builder.add_hole(Unknown(cause.cause, cause.detail, "string", not_null=True))


def _for(builder: Builder, part: ast.TemplateFor, scope: "Scope") -> None:
    from compliance_scan.inputs.terraform.evaluate_loops import Collection, LoopScope, collection, step

    source: Any = collection(part.collection, scope)
    if type(source) is not Collection:
        value, marks = unmarked(source)
        builder.marks |= marks
        cause = cause_of(value)
        builder.add_hole(Unknown(cause.cause, cause.detail, "string", not_null=True))
        return
    builder.marks |= source.marks
    if source.more is not None:
        builder.add_hole(Unknown(source.more.cause, source.more.detail, "string", not_null=True))
        return
    inner = LoopScope(scope, {})
    for key, item in source.pairs:
        step(inner)
        inner.names = {part.value: item} if part.key is None else {part.key: key, part.value: item}
        builder.add_parts(part.parts, inner)


_DIRECTIVES: dict[type, Any] = {ast.TemplateIf: _if, ast.TemplateFor: _for}
_ = (DYNAMIC, is_unknown)
