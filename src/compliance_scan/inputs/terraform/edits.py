"""Edits of Terraform files: set or take away what gives a resource's value, everything else left as it stands.

The value is changed where it is written: in the block, behind a variable in the module call, the tfvars file or the
default. Comments and formatting stay; new lines are aligned as `terraform fmt` would.
"""

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from compliance_scan.inputs.terraform.ast import Attribute, Body, Expr, Literal, ObjectCons, Template, TupleCons
from compliance_scan.inputs.terraform.hcl_write import INDENT, aligned, literal
from compliance_scan.inputs.terraform.origins import Follower
from compliance_scan.inputs.terraform.places import Place, block_entries, place_in
from compliance_scan.inputs.terraform.scope import Scope
from compliance_scan.inputs.terraform.syntax import SourceFile
from compliance_scan.model.resource import Span
from compliance_scan.model.value import Path

TAKE_AWAY: Final = object()
"""In place of a value: the attribute goes, with its line."""
_LINE = re.compile(r"[ \t]*([A-Za-z_][\w-]*)([ \t]*)=(?![=>])[ \t]*(.*)")


class Run(NamedTuple):
    """Lines of one attribute each that an edit adds to: several such edits of one place are made together."""

    before: str
    pairs: tuple[tuple[str, str], ...]
    new: tuple[tuple[str, str], ...]
    indent: str
    after: str

    @property
    def text(self) -> str:
        """The lines, the equals signs below one another."""
        return self.before + aligned([*self.pairs, *self.new], self.indent) + self.after


class TextEdit(NamedTuple):
    """Replace a region of a file; an insertion has equal ends."""

    span: Span
    text: str
    run: Run | None = None


def together(edits_: "list[TextEdit]") -> list[TextEdit]:
    """Edits of one place as one; others as they are, each once."""
    out: dict[tuple[Span, bool], TextEdit] = {}
    for edit in edits_:
        known = out.get((edit.span, edit.run is not None))
        if known is not None and known.run is not None and edit.run is not None:
            added = tuple(each for each in edit.run.new if each not in known.run.new)
            run = known.run._replace(new=known.run.new + added)
            out[edit.span, True] = TextEdit(edit.span, run.text, run)
        else:
            out[edit.span, edit.run is not None] = edit
    return list(out.values())


IsBlock = Callable[[tuple[str, ...]], bool]
"""Whether a path of names is a block in the provider's schema, and no attribute."""


class CannotEdit(ValueError):
    """There is no place where the edit could be proven to be the right one; the message says why."""


def edits(body: Body, scope: Scope, path: Path, value: Any, is_block: IsBlock) -> list[TextEdit]:
    """What gives the attribute at a path of a block another value; raises `CannotEdit`."""
    if body.file.path.endswith(".json"):
        raise CannotEdit("files in JSON syntax are not edited")
    if not any(isinstance(step, str) for step in path):
        raise CannotEdit("the whole block is no attribute")
    place = place_in(body, scope, path)
    if place is not None and place.expr is not None:
        if value is TAKE_AWAY:
            return [_take_away(place, body, path)]
        return [_replaced(place, value)]
    if value is TAKE_AWAY:
        raise CannotEdit("it is not written in this block")
    return [_inserted(body, scope, path, value, is_block)]


# What is written


def _replaced(place: Place, value: Any) -> TextEdit:
    """The literal that gives the value, followed through variables, locals and module calls."""
    follower = Follower()
    assert place.expr is not None
    expr, rest = follower.end(place.expr, place.scope, place.rest)
    if rest:
        if isinstance(expr, ObjectCons) and len(rest) == 1 and isinstance(rest[0], str):
            return _item(expr, rest[0], value)
        raise CannotEdit("the value is made by an expression")
    if not _is_literal(expr):
        if follower.found:
            raise CannotEdit("the value is made by an expression")
        expr = place.expr  # the block itself says how: say it plainly instead
    return TextEdit(expr.file.span(expr.start, expr.end), literal(value, _indent(expr.file, expr.start)))


def _is_literal(expr: Expr) -> bool:
    if isinstance(expr, Template):
        return all(isinstance(part, str) for part in expr.parts) and not expr.heredoc
    if isinstance(expr, TupleCons):
        return all(_is_literal(item) for item in expr.items)
    if isinstance(expr, ObjectCons):
        return all(_is_literal(item) for _, item in expr.items)
    return isinstance(expr, Literal)


def _item(expr: ObjectCons, name: str, value: Any) -> TextEdit:
    """A new pair in an object literal."""
    file, key = expr.file, name if re.fullmatch(r"[A-Za-z_][\w-]*", name) else literal(name)
    inside = file.text[expr.start + 1 : expr.end - 1]
    if "\n" not in inside:
        comma = "" if not inside.strip() or inside.rstrip().endswith(",") else ", "
        end = expr.start + 1 + len(inside.rstrip())
        lead = " " if not inside.strip() else comma
        return TextEdit(file.span(end, expr.end - 1), f"{lead}{key} = {literal(value)} ")
    inner = _indent(file, expr.start) + INDENT
    line = file.text.rfind("\n", 0, expr.end - 1) + 1
    return TextEdit(file.span(line, line), aligned([(key, literal(value, inner))], inner))


def _take_away(place: Place, body: Body, path: Path) -> TextEdit:
    attribute = _attribute_at(body, path, place)
    if attribute is None:
        raise CannotEdit("only whole attributes are taken away")
    file = attribute.file
    start = file.text.rfind("\n", 0, attribute.start) + 1
    end = file.text.find("\n", attribute.end)
    end = len(file.text) if end < 0 else end + 1
    if file.text[start : attribute.start].strip() or file.text[attribute.end : end].strip():
        raise CannotEdit("the attribute shares its line")
    return TextEdit(file.span(start, end), "")


def _attribute_at(body: Body, path: Path, place: Place) -> Attribute | None:
    """The attribute of a (nested) block that stands at a path, where it stands there itself."""
    bodies = [body]
    while bodies:
        inner = bodies.pop()
        for attribute in inner.attributes.values():
            if attribute.start == place.start and attribute.name == path[-1]:
                return attribute
        bodies += [block.body for block in inner.blocks]
    return None


# What is not written


def _inserted(body: Body, scope: Scope, path: Path, value: Any, is_block: IsBlock) -> TextEdit:
    """A new attribute in the deepest block that is written, with the blocks that are missing around it."""
    names: tuple[str, ...] = ()
    rest = [step for step in path if isinstance(step, str)]
    if len([step for step in path if not isinstance(step, str) and step != 0]) > 0:
        raise CannotEdit("an item of a list cannot be added alone")
    while len(rest) > 1:
        entries = block_entries(body, scope, rest[0])
        if not entries:
            break
        if len(entries) > 1 or entries[0][0].type == "dynamic":
            raise CannotEdit(f"{rest[0]} stands more than once")
        names = (*names, rest.pop(0))
        _, body, scope = entries[0]
    return _in_body(body, names, rest, value, is_block)


def _in_body(body: Body, names: tuple[str, ...], rest: list[str], value: Any, is_block: IsBlock) -> TextEdit:
    file, opening = body.file, body.start - 1
    outer = _indent(file, opening)
    inner = outer + INDENT
    if len(rest) > 1 and not is_block((*names, rest[0])):
        raise CannotEdit(f"{rest[0]} is no block")
    if len(rest) > 1:
        added = _blocks(rest, names, value, is_block, inner)
        return _appended(body, added, outer)
    if is_block((*names, *rest)):
        raise CannotEdit(f"{rest[0]} is a block")
    name, written = rest[0], literal(value, inner)
    if "\n" not in file.text[body.start : body.end]:
        return _opened_up(body, name, written, outer)
    if "\n" in written:
        return _appended(body, f"{inner}{name} = {written}\n", outer)
    return _in_run(body, name, written, inner)


def _blocks(rest: list[str], names: tuple[str, ...], value: Any, is_block: IsBlock, indent: str) -> str:
    if len(rest) == 1:
        return f"{indent}{rest[0]} = {literal(value, indent)}\n"
    if not is_block((*names, rest[0])):
        raise CannotEdit(f"{rest[0]} is no block")
    inside = _blocks(rest[1:], (*names, rest[0]), value, is_block, indent + INDENT)
    return f"{indent}{rest[0]} {{\n{inside}{indent}}}\n"


def _opened_up(body: Body, name: str, written: str, outer: str) -> TextEdit:
    """A block on one line gets lines."""
    inner = outer + INDENT
    pairs = [(each.name, each.file.text[each.value_start : each.end]) for each in body.attributes.values()]
    if body.blocks:
        raise CannotEdit("a block with blocks stands on one line")
    return _run(body.file.span(body.start, body.end), Run("\n", tuple(pairs), ((name, written),), inner, outer))


def _appended(body: Body, added: str, outer: str) -> TextEdit:
    """Lines at the end of a body, parted by a blank line from what stands there."""
    file = body.file
    inside = file.text[body.start : body.end]
    if "\n" not in inside:
        if inside.strip():
            raise CannotEdit("the block stands on one line")
        return TextEdit(file.span(body.start, body.end), f"\n{added}{outer}")
    line = file.text.rfind("\n", 0, body.end) + 1
    blank = "\n" if inside.strip() else ""
    return TextEdit(file.span(line, line), blank + added)


def _in_run(body: Body, name: str, written: str, inner: str) -> TextEdit:
    """A line below the last run of attributes of one line each, all aligned anew."""
    file = body.file
    singles = [each for each in body.attributes.values() if "\n" not in file.text[each.start : each.end]]
    if not singles:
        line = file.text.find("\n", body.start) + 1
        blank = "\n" if file.text[line : body.end].strip() else ""
        return _run(file.span(line, line), Run("", (), ((name, written),), inner, blank))
    last = max(singles, key=lambda each: each.start)
    lines = {file.line(each.start): each for each in singles}
    number = end = file.line(last.start)
    while number - 1 in lines:
        number -= 1
    run = [file.lines(index, index).rstrip("\r\n") for index in range(number, end + 1)]
    matched = [_LINE.fullmatch(line) for line in run]
    if any(each is None for each in matched) or file.lines(end, end)[-1:] != "\n":
        raise CannotEdit("the attributes stand in an unusual form")
    pairs = tuple((each[1], each[3]) for each in matched if each is not None)
    return _run(Span(file.path, number, 1, end + 1, 1), Run("", pairs, ((name, written),), inner, ""))


def _run(span: Span, run: Run) -> TextEdit:
    return TextEdit(span, run.text, run)


def _indent(file: SourceFile, offset: int) -> str:
    start = file.text.rfind("\n", 0, offset) + 1
    line = file.text[start:offset]
    return line[: len(line) - len(line.lstrip())]
