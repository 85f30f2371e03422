"""Edits of the files that were read, laid over them and read again, for fixes and for drift's way back."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from compliance_scan.inputs.terraform.edits import TAKE_AWAY, CannotEdit, TextEdit, together
from compliance_scan.planes.remedy import Changed

if TYPE_CHECKING:
    from compliance_scan.model.resource import Resource
    from compliance_scan.model.value import Path
    from compliance_scan.planes.compare import Difference
    from compliance_scan.scan import Loaded
    from compliance_scan.shape.catalog import Catalog
    from compliance_scan.shape.world import World


def edits_of(resource: "Resource", path: "Path", value: Any, catalog: "Catalog") -> list[TextEdit]:
    """The edits that give an attribute of a resource a value; raises `CannotEdit`."""
    make = getattr(resource.source, "edits", None)
    if make is None:
        raise CannotEdit("only Terraform's own files are edited")

    def is_block(place: tuple[str, ...]) -> bool:
        facts = catalog.type(resource.type)
        node, field = facts.root if facts is not None else None, None
        for name in place:
            field = node.field(name) if node is not None else None
            if field is None:
                return False
            inner = field.node
            node = inner.element if inner.kind in ("list", "set") and inner.element is not None else inner
        return field is not None and field.nested

    found: list[TextEdit] = make(path, value, is_block)
    return found


def overlap(one: TextEdit, other: TextEdit) -> bool:
    """Whether two edits touch one another, so that not both can be made."""
    a, b = one.span, other.span
    if one == other or a.file != b.file or (a == b and one.run is not None and other.run is not None):
        return False
    starts, ends = (a.line, a.column), (a.end_line, a.end_column)
    its_starts, its_ends = (b.line, b.column), (b.end_line, b.end_column)
    if starts == ends or its_starts == its_ends:
        return its_starts <= starts <= its_ends or starts <= its_starts <= ends
    return starts < its_ends and its_starts < ends


def changed(loaded: "Loaded", edits: Sequence[TextEdit]) -> list[Changed]:
    """The files that edits touch, before and after them, by path."""
    files: dict[str, list[TextEdit]] = {}
    for edit in edits:
        files.setdefault(edit.span.file, []).append(edit)
    texts = {file: text_of(loaded, file) for file in files}
    return [Changed(file, texts[file], with_edits(texts[file], files[file])) for file in sorted(files)]


def text_of(loaded: "Loaded", file: str) -> str:
    """A file's text as it was read."""
    from compliance_scan.workspace import decode

    data = loaded.workspace.read(file)
    return decode(data)[0] if data is not None else ""


def with_edits(text: str, edits: Sequence[TextEdit]) -> str:
    """A text with regions replaced, those that end last first."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for span, new, _ in sorted(together(list(edits)), key=lambda edit: edit.span[1:], reverse=True):
        start, end = starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1
        text = text[:start] + new + text[end:]
    return text


class Editing:
    """The editor of one run's declared side."""

    def __init__(self, loaded: "Loaded") -> None:
        self._loaded = loaded
        self._labels: dict[str, set[str]] = {}
        for each in loaded.inventory.resources:
            self._labels.setdefault(each.type, set()).add(each.name)

    def edit(self, difference: "Difference", value: Any) -> list[TextEdit] | None:
        """See `planes.remedy.Editor`."""
        cursor = difference.cursor
        try:
            wanted = TAKE_AWAY if value is None else value
            return edits_of(cursor.resource, cursor.path, wanted, self._loaded.world.catalog)
        except CannotEdit:
            return None

    def apply(self, edits: list[TextEdit]) -> list[Changed]:
        """See `planes.remedy.Editor`."""
        return changed(self._loaded, edits)

    def reread(self, edits: Sequence[list[TextEdit]]) -> "World | None":
        """See `planes.remedy.Editor`."""
        from compliance_scan import scan

        every = list(dict.fromkeys(edit for some in edits for edit in some))
        by_file: dict[str, list[TextEdit]] = {}
        for edit in every:
            by_file.setdefault(edit.span.file, []).append(edit)
        for some in by_file.values():
            some.sort(key=lambda edit: edit.span)
            if any(overlap(one, other) for one, other in pairwise(some)):
                return None
        request = self._loaded.request
        overlay = {**request.overlay, **{file: after.encode() for file, _, after in changed(self._loaded, every)}}
        again = scan.load(request._replace(overlay=overlay, diff=None, changed=False))
        return again.world if len(again.incomplete()) <= len(self._loaded.incomplete()) else None

    def import_text(self, kind: str, name: str, identifier: str, attributes: Mapping[str, Any]) -> str | None:
        """See `planes.remedy.Editor`."""
        from compliance_scan.inputs.terraform.import_block import import_block, label_of

        facts = self._loaded.world.catalog.type(kind)
        if facts is None:
            return None
        taken = self._labels.setdefault(kind, set())
        label = label_of(name, taken)
        taken.add(label)
        return import_block(kind, label, identifier, attributes, facts.root)
