"""Packs: JSON values by name in one file, read by offset, so that a start parses only what it needs and no YAML.

A pack is the length of its head, the head (JSON: name to offset and length) and the values, each compact JSON. It holds
data only; nothing in it can run. Installed, packs lie in `_data/` beside the rules; in a checkout they are rebuilt in
`.compiled/` whenever a source file's name, size, modification or change time differs, and never trusted beyond that.
"""

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from compliance_scan.digest import sha256_hex

FORMAT = 2
_PREFIX = 12
_LENGTH = 1 << 28
"""A place is one number, offset times this plus length: a start parses thousands, a pair takes twice the time."""


class Pack:
    """A pack opened for reading; values are read and parsed when they are asked for, and kept."""

    __slots__ = ("_base", "_cache", "_data", "_handle", "_index", "meta")

    def __init__(self, source: "bytes | int") -> None:
        """`source`: the whole pack, or a file descriptor that stays open for the life of the process."""
        self._data = source if isinstance(source, bytes) else b""
        self._handle = source if isinstance(source, int) else -1
        size = int(self._slice(0, _PREFIX))
        header = json.loads(self._slice(_PREFIX, size))
        if header.get("format") != FORMAT:
            raise ValueError("pack of another format")
        self._base = _PREFIX + size
        self._index: dict[str, int] = header["index"]
        self._cache: dict[str, Any] = {}
        self.meta: dict[str, Any] = header["meta"]

    def _slice(self, start: int, length: int) -> bytes:
        if self._handle < 0:
            return self._data[start : start + length]
        return os.pread(self._handle, length, start)

    def __contains__(self, name: object) -> bool:
        return name in self._index

    def names(self) -> list[str]:
        """All names, in the order in which they were written."""
        return list(self._index)

    def get(self, name: str) -> Any:
        """The value of a name, None where there is none. Callers do not change what they get."""
        if name in self._cache:
            return self._cache[name]
        place = self._index.get(name)
        if place is None:
            return None
        offset, length = divmod(place, _LENGTH)
        value = json.loads(self._slice(self._base + offset, length))
        self._cache[name] = value
        return value


def encode(values: Mapping[str, Any], meta: Mapping[str, Any]) -> bytes:
    """The bytes of a pack; `meta` is small and read at once."""
    index: dict[str, int] = {}
    chunks: list[bytes] = []
    offset = 0
    for name, value in values.items():
        chunk = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
        index[name] = offset * _LENGTH + len(chunk)
        chunks.append(chunk)
        offset += len(chunk)
    header = {"format": FORMAT, "meta": dict(meta), "index": index}
    head = json.dumps(header, separators=(",", ":")).encode() + b"\n"
    return b"%011d\n" % len(head) + head + b"".join(chunks)


def open_pack(path: str) -> Pack | None:
    """The pack at a path; None where it is missing or no whole pack of this format."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return Pack(handle)
    except (OSError, ValueError, KeyError):
        os.close(handle)
        return None


def data_folder() -> str | None:
    """Where an installed copy keeps its packs, rules and frameworks; None in a checkout."""
    folder = os.path.join(os.path.dirname(__file__), "_data")
    return folder if os.path.isdir(folder) else None


def checkout_folder() -> str:
    """The repository of an editable install: the folder with `rules/` and `frameworks/`."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def source_folder(name: str) -> str:
    """Where `rules` or `frameworks` lie, installed or in a checkout."""
    return os.path.join(data_folder() or checkout_folder(), name)


def cache_folder() -> str:
    """The user's cache folder for packs of users' own rules; never beside what is scanned."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "compliance-scan")


def signature(paths: Iterable[str], walked: dict[str, list[str]] | None = None) -> str:
    """A key over names, sizes, modification and change times of all files below folders (or of files themselves).

    `walked` keeps what was found in a folder, for callers in whose lifetime it does not change.
    """
    lines: list[str] = []
    for path in paths:
        if walked is not None and path in walked:
            lines.extend(walked[path])
        elif os.path.isdir(path):
            found: list[str] = []
            _add_folder(path, found)
            lines.extend(found)
            if walked is not None:
                walked[path] = found
        else:
            with contextlib.suppress(OSError):
                lines.append(_line(path, os.stat(path)))
    lines.sort()
    return sha256_hex("\n".join(lines).encode("utf-8", "surrogateescape"))[:32]


def _line(path: str, stat: os.stat_result) -> str:
    return f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ctime_ns}"


def _add_folder(path: str, lines: list[str]) -> None:
    with os.scandir(path) as scan:
        for entry in scan:
            if not entry.is_dir():
                lines.append(_line(entry.path, entry.stat()))
            elif entry.name != "__pycache__":
                _add_folder(entry.path, lines)


_walked: dict[str, list[str]] = {}
"""The program's own folders, walked once a run: several packs rest on the same ones, and each file costs a call."""


def builtin_pack(name: str, sources: Iterable[str], build: Callable[[], bytes]) -> Pack:
    """A built-in pack: the installed file, else the checkout's, rebuilt by `build` when a source changed.

    `sources` are the folders and files that decide it, the builder's own code included. Safe under concurrent runs: a
    pack is written aside and renamed.
    """
    installed = data_folder()
    if installed is not None:
        pack = open_pack(os.path.join(installed, f"{name}.pack"))
        if pack is not None:
            return pack
    return keyed_pack(os.path.join(checkout_folder(), ".compiled"), name, signature(sources, _walked), build)


def keyed_pack(folder: str, name: str, key: str, build: Callable[[], bytes]) -> Pack:
    """The pack `name` with this key in a cache folder, built and kept there where it is missing or of another key."""
    path = os.path.join(folder, f"{name}-{key}.pack")
    pack = open_pack(path)
    if pack is not None:
        return pack
    data = build()
    with contextlib.suppress(OSError):  # a read-only place: the pack is used from memory
        os.makedirs(folder, mode=0o700, exist_ok=True)
        for old in os.listdir(folder):
            if old.startswith(f"{name}-") and old.endswith(".pack"):
                os.unlink(os.path.join(folder, old))
        aside = f"{path}.{os.getpid()}.tmp"
        with open(aside, "wb") as handle:
            handle.write(data)
        os.replace(aside, path)
    return Pack(data)
