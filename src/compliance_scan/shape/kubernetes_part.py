"""The source of a subject that is a part of an object: an item of a list, the name of a namespace that objects use."""

from compliance_scan.model.resource import Resource, Span
from compliance_scan.model.value import Path


class Part:
    """Stands at one place of an object, while paths below are those of the whole object."""

    def __init__(self, resource: Resource, at: Path) -> None:
        self._source = resource.source
        self._at = at

    @property
    def span(self) -> Span:
        """Where the part stands, else the object's head."""
        return self._source.span_of(self._at) or self._source.header

    @property
    def header(self) -> Span:
        """The same."""
        return self.span

    def span_of(self, path: Path) -> Span | None:
        """The place of a path of the object."""
        return self._source.span_of(path) if path else self.span

    def origins_of(self, _path: Path) -> tuple[()]:
        """None."""
        return ()

    def comments(self) -> tuple[()]:
        """None: a comment there is the object's."""
        return ()

    def text(self, span: Span) -> str:
        """Whole lines of the object's file."""
        return self._source.text(span)
