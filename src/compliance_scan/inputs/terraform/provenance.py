"""The `Source` of a block: its places, its comments, and where its values came from."""

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.ast import Block
from compliance_scan.inputs.terraform.places import Place, place_in
from compliance_scan.inputs.terraform.scope import Scope
from compliance_scan.model.resource import Comment, Origin, Span
from compliance_scan.model.value import Path

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.edits import IsBlock, TextEdit

_STARS = re.compile(r"^\s*\*+ ?", re.MULTILINE)


class BlockSource:
    """Where a resource was written. All of it is worked out when asked."""

    __slots__ = ("_block", "_scope")

    def __init__(self, block: Block, scope: Scope) -> None:
        self._block = block
        self._scope = scope

    @property
    def span(self) -> Span:
        """The whole block."""
        return self._block.file.span(self._block.start, self._block.end)

    @property
    def header(self) -> Span:
        """The block's type and labels."""
        block = self._block
        text = block.file.text[block.start : block.header_end].rstrip()
        return block.file.span(block.start, block.start + max(len(text), 1))

    def span_of(self, path: Path) -> Span | None:
        """See `Source`."""
        place = self._place(path)
        return None if place is None else place.span

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        """See `Source`."""
        place = self._place(path)
        if place is None:
            return ()
        from compliance_scan.inputs.terraform.origins import origins_of

        try:
            return origins_of(place)
        except Exception:  # noqa: BLE001 - the boundary of one explanation: the finding stands without it
            return ()

    def edits(self, path: Path, value: object, is_block: "IsBlock") -> "list[TextEdit]":
        """What gives the attribute at a path another value; raises `CannotEdit`."""
        from compliance_scan.inputs.terraform.edits import edits

        return edits(self._block.body, self._scope, path, value, is_block)

    def _place(self, path: Path) -> Place | None:
        try:
            return place_in(self._block.body, self._scope, path)
        except Exception:  # noqa: BLE001 - the boundary of one place: the finding stands at its block
            return None

    def comments(self) -> tuple[Comment, ...]:
        """Comments within the block, and those above it that no blank line parts from it."""
        block = self._block
        text = block.file.text
        all_comments = block.file.comments
        first = bisect_left(all_comments, (block.start, 0))
        above: list[Comment] = []
        edge = block.start
        for start, end in reversed(all_comments[:first]):
            between = text[end:edge]
            line_start = text.rfind("\n", 0, start) + 1
            if between.strip() or between.count("\n") > 1 or text[line_start:start].strip():
                break
            above.append(self._comment(start, end, inside=False))
            edge = start
        inside: list[Comment] = []
        for start, end in all_comments[first:]:
            if start >= block.end:
                break
            inside.append(self._comment(start, end, inside=True))
        return (*reversed(above), *inside)

    def _comment(self, start: int, end: int, *, inside: bool) -> Comment:
        file = self._block.file
        text = file.text[start:end]
        if text.startswith("/*"):
            text = _STARS.sub("", text[2:-2])
        else:
            text = text.lstrip("#") if text.startswith("#") else text.lstrip("/")
        return Comment(text.strip(), file.line(start), file.path, inside)

    def text(self, span: Span) -> str:
        """See `Source`."""
        return self._block.file.lines(span.line, span.end_line)
