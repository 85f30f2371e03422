"""Where a rendered object was written: the base's line, the patch that changed it, the field that set it.

A rendering has no lines of its own that a person could mend. A path of the object is looked for in what it was made of,
in this order: the base where it says the same, a patch that says the same, a field of a kustomization that sets such
paths, else the longest part that the base has.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from compliance_scan.inputs.kubernetes.objects import Found, objects
from compliance_scan.inputs.kubernetes.reader import BadYaml, Chunk, chunks, documents
from compliance_scan.inputs.kubernetes.source import ManifestFile, ManifestSource
from compliance_scan.model.resource import Comment, Origin, Source, Span
from compliance_scan.model.value import Path

_ITEM_KEYS = ("name", "mountPath", "containerPort", "port", "key")
"""What tells the items of a list apart where patches merge them."""


class Written(NamedTuple):
    """A part of the sources that says something of an object: a base, a patch."""

    value: Any
    place: Callable[[Path], Span | None]
    """The span of a path of `value`."""


class Document(NamedTuple):
    """A document of a file."""

    chunk: Chunk
    number: int
    value: Any


class Files:
    """The source files of renderings, read once."""

    def __init__(self, read: Callable[[str], str | None]) -> None:
        """`read` gives a root-relative file's text."""
        self._read = read
        self._files: dict[str, ManifestFile | None] = {}
        self._documents: dict[str, list[Document]] = {}
        self._objects: dict[str, list[tuple[Found, ManifestSource]]] = {}

    def file(self, path: str) -> ManifestFile | None:
        """A file, None where it cannot be read."""
        if path not in self._files:
            text = self._read(path)
            self._files[path] = None if text is None else ManifestFile(path, text)
        return self._files[path]

    def documents(self, path: str) -> list[Document]:
        """The documents of a file, as far as they can be read."""
        found = self._documents.get(path)
        if found is None:
            found = self._documents[path] = []
            file = self.file(path)
            if file is not None:
                found += _documents(file.text)
        return found

    def objects(self, path: str) -> list[tuple[Found, ManifestSource]]:
        """The objects of a file with their sources."""
        found = self._objects.get(path)
        if found is None:
            found = self._objects[path] = []
            file = self.file(path)
            for each in self.documents(path) if file is not None else ():
                assert file is not None
                found += [(one, ManifestSource(file, each.chunk, each.number, one.path)) for one in objects(each.value)]
        return found

    def place(self, path: str, document: Document, inside: Path) -> Span | None:
        """The span of a path of a document, where exactly that is written."""
        file = self.file(path)
        if file is None:
            return None
        place = file.places(document.chunk, document.number).find(inside)
        return None if place is None else file.span(place.start, place.end)


def _documents(text: str) -> Iterator[Document]:
    try:
        for chunk in chunks(text):
            for each in documents(chunk, {}):
                yield Document(chunk, each.number, each.value)
    except BadYaml:
        return


class RenderedSource:
    """The source of an object that a program made."""

    __slots__ = ("_base", "_changes", "_field", "_files", "_maker", "_object", "_where")

    def __init__(
        self,
        rendered: Any,
        files: Files,
        where: Span,
        maker: str,
        *,
        base: tuple[Any, Source] | None = None,
        changes: Sequence[Written] = (),
        field: Callable[[Path], Span | None] = lambda _path: None,
    ) -> None:
        """`where` and `maker`: the file that asked for the rendering, and what it is called; `base`: the object that it
        was made of (None: a template, which is no object); `field`: the setting that determines a path."""
        self._object = rendered
        self._files = files
        self._where = where
        self._maker = maker
        self._base = base
        self._changes = changes
        self._field = field

    @property
    def span(self) -> Span:
        """The base, else what made the object."""
        return self._where if self._base is None else self._base[1].span

    @property
    def header(self) -> Span:
        """The base's `kind`, else what made the object."""
        return self._where if self._base is None else self._base[1].header

    def span_of(self, path: Path) -> Span | None:
        """See `Source`; the best place that is known."""
        path = self._known(path)
        if not path:
            return self.span
        value = _at(self._object, path)
        for written in self._layers():
            there = aligned(path, self._object, written.value)
            if there is not None and _says(_at(written.value, there), value):
                found = written.place(there)
                if found is not None:
                    return found
        found = self._field(path)
        if found is not None:
            return found
        for length in range(len(path), 0, -1):
            for written in self._layers():
                there = aligned(path[:length], self._object, written.value)
                found = written.place(there) if there is not None else None
                if found is not None:
                    return found
        return self.header

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        """Who asked for the rendering; and what the base says of itself."""
        own: tuple[Origin, ...] = ()
        if self._base is not None:
            # A template has no value of its own: it is asked for the rendered path.
            there = path if self._base[0] is None else aligned(path, self._object, self._base[0])
            own = () if there is None else self._base[1].origins_of(self._known(there))
        return (*own, Origin(self._maker, self._where))

    def comments(self) -> tuple[Comment, ...]:
        """The base's."""
        return () if self._base is None else self._base[1].comments()

    def text(self, span: Span) -> str:
        """Whole lines of whichever file."""
        file = self._files.file(span.file)
        if file is None:
            return ""
        return file.text[file.lines.start(span.line) : file.lines.start(span.end_line + 1)].rstrip("\r\n")

    def _known(self, path: Path) -> Path:
        """The longest part of a path that the object has."""
        value = self._object
        for depth, step in enumerate(path):
            if not _has(value, step):
                return path[:depth]
            value = value[step]
        return path

    def _layers(self) -> Iterator[Written]:
        if self._base is not None:
            yield Written(self._base[0], self._base[1].span_of)
        yield from self._changes


def aligned(path: Path, rendered: Any, other: Any) -> Path | None:
    """A path of the rendered object in another version of it, whose lists may have other items; None where it has no
    such path."""
    found: list[str | int] = []
    for step in path:
        if not _has(rendered, step):
            return None
        rendered = rendered[step]
        index: str | int | None = step
        if isinstance(step, int):
            index = _index(other, step, rendered)
        if index is None or not _has(other, index):
            return None
        found.append(index)
        other = other[index]
    return tuple(found)


def _index(items: Any, step: int, item: Any) -> int | None:
    """Where an item of the rendered list stands in another."""
    if not isinstance(items, list):
        return None
    key = _key(item)
    if key is not None:
        return next((index for index, each in enumerate(items) if _key(each) == key), None)
    if step < len(items) and items[step] == item:
        return step
    return next((index for index, each in enumerate(items) if each == item), None)


def _key(item: Any) -> tuple[str, Any] | None:
    if isinstance(item, dict):
        for name in _ITEM_KEYS:
            if isinstance(item.get(name), str | int):
                return name, item[name]
    return None


def _says(written: Any, rendered: Any) -> bool:
    """Whether a written value is where the rendered one comes from."""
    if isinstance(rendered, dict) and isinstance(written, dict):
        return all(name in rendered for name in written)
    return bool(written == rendered) and isinstance(written, bool) == isinstance(rendered, bool)


def _has(value: Any, step: str | int) -> bool:
    if isinstance(step, int):
        return isinstance(value, list) and 0 <= step < len(value)
    return isinstance(value, dict) and step in value


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
