"""An instance's scope: which resources a profile speaks of."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from compliance_scan.model.logic import Tri, maybe, tri_all, tri_any
from compliance_scan.model.rule import Scope
from compliance_scan.model.value import Unknown
from compliance_scan.model.view import Cursor
from compliance_scan.operators.kit.text import could_equal, pieces_of


def in_scope(scope: Scope, subject: Cursor, also: Sequence[str] = ()) -> Tri:
    """Whether a resource lies in a scope; unknown where a tag or name is not known. `also`: more addresses of it."""
    resource = subject.resource
    if scope.type and not _any(scope.type, resource.type):
        return False
    if not is_named(scope, (resource.address, *resource.aliases, *also)):
        return False
    if scope.name and not (resource.name and _any(scope.name, resource.name)):
        named = _text(subject, ("name",), scope.name)
        if named is not True:
            return named
    return tri_all(_text(subject, ("tags", tag), patterns) for tag, patterns in scope.tags.items())


def is_named(scope: Scope, names: Iterable[str]) -> bool:
    """Whether a scope speaks of something with one of these addresses, as far as addresses go."""
    return not scope.address or any(_any(scope.address, name) for name in names)


def _any(patterns: tuple[str, ...], text: str) -> bool:
    return any(glob(text, pattern) for pattern in patterns)


def glob(text: str, pattern: str) -> bool:
    """Whether a text fits a pattern of `*` and `?`; brackets are plain, for addresses hold them."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _text(subject: Cursor, path: tuple[str, ...], patterns: tuple[str, ...]) -> Tri:
    pieces = pieces_of(subject.get(path).value)
    if pieces is None:
        return False
    if isinstance(pieces, str):
        return _any(patterns, pieces)
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    fits = any("*" in pattern or "?" in pattern or could_equal(pieces, pattern) for pattern in patterns)
    return tri_any(maybe(piece) for piece in pieces if isinstance(piece, Unknown)) if fits else False
