"""A profile's files: found by path or name, read with all that they extend, and held inside the repository that brings
them."""

import os
from collections.abc import Sequence
from typing import NamedTuple, cast

from compliance_scan import _yaml, compiled
from compliance_scan.config import did_you_mean
from compliance_scan.errors import ConfigError, UsageError

MAX_BYTES = 4 * 1024 * 1024
MAX_FILES = 50


class Source(NamedTuple):
    """A profile's documents, what it extends first, and the folders of its packs."""

    documents: tuple[_yaml.Document, ...]
    packs: tuple[str, ...]
    """Absolute."""


def find(name: str) -> str:
    """The file of a profile given by path or by name; raises `UsageError`."""
    if "/" in name or os.sep in name or name.endswith((".yaml", ".yml")):
        return name
    folder = compiled.source_folder("profiles")
    known = sorted(each[:-5] for each in os.listdir(folder) if each.endswith(".yaml")) if os.path.isdir(folder) else []
    if name not in known:
        hint = did_you_mean(name, known) if known else "give the path of a profile file, ending in .yaml"
        raise UsageError(f"there is no profile {name!r}", hint)
    return os.path.join(folder, f"{name}.yaml")


def load(path: str, root: str | None = None) -> Source:
    """A profile's file and all that it extends; raises `ConfigError` with file and line, `UsageError` where the first
    cannot be read. A profile inside `root` belongs to the repository and may lead to nothing outside it."""
    documents: dict[str, _yaml.Document] = {}
    packs: dict[str, None] = {}
    base = None if root is None else os.path.realpath(root)
    _read(path, base, documents, packs, ())
    return Source(tuple(documents.values()), tuple(packs))


def _read(
    path: str, root: str | None, documents: dict[str, _yaml.Document], packs: dict[str, None], above: tuple[str, ...]
) -> None:
    """Adds a file after those that it extends."""
    real = os.path.realpath(path)
    document = _document(path)
    data = {} if document.data is None else document.data
    bound = root if root is not None and _within(real, root) else None
    if isinstance(data, dict):
        for index, name in enumerate(_names(document, "extends")):
            place: _yaml.Place = ("extends", index) if isinstance(data["extends"], list) else ("extends",)
            target = _target(document, place, name, os.path.dirname(real), bound)
            if os.path.realpath(target) in (*above, real):
                chain = [*above, real, os.path.realpath(target)]
                told = " -> ".join(os.path.relpath(each) for each in chain)
                raise document.error(place, f"`extends` leads in a circle: {told}")
            if os.path.realpath(target) in documents:
                continue
            if len(documents) + len(above) >= MAX_FILES:
                raise document.error(place, f"more than {MAX_FILES} profiles extend one another")
            try:
                _read(target, root, documents, packs, (*above, real))
            except UsageError as error:
                raise document.error(place, error.message) from None
        for index, name in enumerate(texts(document, "packs")):
            folder = _inside(document, ("packs", index), name, os.path.dirname(real), bound)
            if not os.path.isdir(folder):
                raise document.error(("packs", index), f"there is no folder {name}")
            packs[folder] = None
    documents[real] = document


def _target(document: _yaml.Document, place: _yaml.Place, name: str, folder: str, bound: str | None) -> str:
    """The file that `extends` names."""
    if "/" in name or name.endswith((".yaml", ".yml")):
        return _inside(document, place, name, folder, bound)
    try:
        return find(name)
    except UsageError as error:
        raise document.error(place, error.message, error.hint) from None


def _inside(document: _yaml.Document, place: _yaml.Place, name: str, folder: str, bound: str | None) -> str:
    path = os.path.realpath(os.path.join(folder, name))
    if bound is not None and not _within(path, bound):
        raise document.error(
            place,
            f"leads outside the repository root: {name}",
            "a profile inside the repository may only name files of the repository; give the outer one as --profile",
        )
    return path


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _document(path: str) -> _yaml.Document:
    from compliance_scan.workspace import open_regular

    shown = os.path.relpath(path)
    try:
        with open(path, "rb", opener=open_regular) as handle:
            data = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the profile {shown} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{shown}:1: larger than 4 MiB, which no profile is")
    return _yaml.read(data, shown)


def items(document: _yaml.Document, key: str) -> list[object]:
    """A key's list, empty where it is missing; raises `ConfigError`."""
    value = document.data.get(key) if document.data else None
    if value is None:
        return []
    if not isinstance(value, list):
        raise document.error((key,), f"`{key}` must be a list")
    return value


def texts(document: _yaml.Document, key: str) -> tuple[str, ...]:
    """A key's list of names."""
    found = items(document, key)
    for index, item in enumerate(found):
        if not isinstance(item, str) or not item:
            raise document.error((key, index), f"`{key}` takes names")
    return tuple(cast("list[str]", found))


def _names(document: _yaml.Document, key: str) -> tuple[str, ...]:
    """A name or a list of names."""
    value = document.data.get(key) if document.data else None
    if isinstance(value, str) and value:
        return (value,)
    return texts(document, key)


def choice(document: _yaml.Document, key: str, choices: Sequence[object]) -> object:
    """A key's value, one of a few; None where it is missing."""
    if not document.data or key not in document.data:
        return None
    value = document.data[key]
    if value not in choices:
        names = [str(each).lower() for each in choices]
        raise document.error((key,), f"`{key}` is {value!r}", did_you_mean(str(value), names))
    return cast("object", value)
