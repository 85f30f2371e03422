"""The tree under scan: the only door through which scanned files are read.

What is scanned is hostile: reads stay inside the repository root (symbolic links are resolved first), never touch
`.git`, stop at a size, and what cannot be read becomes a note, not an exception.
"""

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from compliance_scan.errors import Incomplete

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_JSON_BYTES = 128 * 1024 * 1024
"""What a program wrote: all objects of a cluster, as `kubectl get -o json` gives them, are some 8 KB each."""
MAX_FILES = 400_000
MAX_LISTED = 50_000
"""Files that one listing of a whole folder gives."""
SKIPPED_FOLDERS = frozenset({".git", ".terraform", "node_modules", ".terragrunt-cache"})


def limit_of(path: str) -> int:
    """How many bytes of a file are read."""
    return MAX_JSON_BYTES if path.endswith(".json") else MAX_FILE_BYTES


class OutsideRoot(Exception):
    """A path leads out of the repository root or into `.git`."""


class FoundFile(NamedTuple):
    """A file met in the walk."""

    path: str
    """Relative to the root, with `/`."""
    named: bool
    """Whether the user named the file itself, rather than a folder above it."""


class Workspace:
    """One repository root and what is read below it.

    `root` is an absolute path without links. Every other path that goes in or out is relative to it, with `/`.
    """

    def __init__(
        self, root: str, *, include: Sequence[str] = (), exclude: Sequence[str] = (), marks: Sequence[bytes] = ()
    ) -> None:
        """`include` and `exclude` are globs over root-relative paths; `marks` are looked for in what is read (see
        `may_hold_mark`)."""
        self.root = os.path.realpath(root)
        self.include = tuple(include)
        self.exclude = tuple(exclude)
        self.incomplete: list[Incomplete] = []
        self.skipped: dict[str, int] = {}
        self.opaque: set[str] = set()
        """Files of which no report shows a line: they hold secrets in plain text (plans, states)."""
        self._noted: set[Incomplete] = set()
        self._overlay: dict[str, bytes] = {}
        self._prefix = self.root if self.root.endswith(os.sep) else self.root + os.sep
        self._marks = tuple(marks)
        self._plain: set[str] = set()
        self._folders: dict[str, str] = {}

    @staticmethod
    def find_root(path: str) -> str:
        """The nearest ancestor of `path` (itself included) that holds `.git`, else the path's own folder."""
        start = os.path.realpath(path)
        if not os.path.isdir(start):
            start = os.path.dirname(start)
        folder = start
        while True:
            if os.path.exists(os.path.join(folder, ".git")):
                return folder
            parent = os.path.dirname(folder)
            if parent == folder:
                return start
            folder = parent

    def put(self, path: str, data: bytes) -> None:
        """Serve `data` for `path` from now on (standard input, a revision of git, a rule's example)."""
        self._overlay[path] = data

    def relative(self, path: str) -> str:
        """A path (absolute or relative to the working directory) relative to the root; raises `OutsideRoot`."""
        real = os.path.realpath(path)
        if real != self.root and not real.startswith(self._prefix):
            raise OutsideRoot(path)
        return os.path.relpath(real, self.root).replace(os.sep, "/")

    def resolve(self, path: str) -> str:
        """The absolute path of a root-relative one, links followed; raises `OutsideRoot`."""
        if "\0" in path:  # no file has such a name, and the system calls refuse it with an error of their own
            raise OutsideRoot(path)
        real = self._real(os.path.join(self.root, path))
        if real != self.root and not real.startswith(self._prefix):
            raise OutsideRoot(path)
        if ".git" in real and ".git" in real[len(self._prefix) :].split(os.sep):
            raise OutsideRoot(path)
        return real

    def _real(self, path: str) -> str:
        """`os.path.realpath` with the folders remembered: thousands of files share them."""
        folder, name = os.path.split(path)
        if name in ("", ".", ".."):
            return os.path.realpath(path)
        real_folder = self._folders.get(folder)
        if real_folder is None:
            real_folder = self._folders[folder] = os.path.realpath(folder)
        real = os.path.join(real_folder, name)
        return os.path.realpath(real) if os.path.islink(real) else real

    def exists(self, path: str) -> bool:
        """Whether a file is there and inside the root."""
        if path in self._overlay:
            return True
        try:
            return os.path.isfile(self.resolve(path))
        except OutsideRoot:
            return False

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there and inside the root."""
        if any(name.startswith(path.rstrip("/") + "/") or path in (".", "") for name in self._overlay):
            return True
        try:
            return os.path.isdir(self.resolve(path))
        except OutsideRoot:
            return False

    def listdir(self, path: str) -> list[str]:
        """Sorted names of the files (not folders) right in a folder; empty where it cannot be read."""
        prefix = "" if path in (".", "") else path.rstrip("/") + "/"
        names = {n[len(prefix) :] for n in self._overlay if n.startswith(prefix) and "/" not in n[len(prefix) :]}
        try:
            with os.scandir(self.resolve(path)) as entries:
                names.update(entry.name for entry in entries if _is_file(entry))
        except (OSError, OutsideRoot):
            pass
        return sorted(names)

    def files_below(self, path: str) -> list[str] | None:
        """The files below a folder at any depth, relative to it, sorted; None where the folder is outside the root or
        holds too much. Links to folders are not followed."""
        prefix = "" if path in (".", "") else path.rstrip("/") + "/"
        found = [name[len(prefix) :] for name in self._overlay if name.startswith(prefix)]
        try:
            stack = [("", self.resolve(path))]
        except OutsideRoot:
            return None
        while stack:
            above, folder = stack.pop()
            try:
                with os.scandir(folder) as scan:
                    entries = list(scan)
            except OSError:
                continue
            for entry in entries:
                if entry.name != ".git" and entry.is_dir(follow_symlinks=False):
                    stack.append((f"{above}{entry.name}/", entry.path))
                elif _is_file(entry) and not (entry.is_symlink() and self._leads_out(entry.path)):
                    found.append(above + entry.name)
            if len(found) + len(stack) > MAX_LISTED:
                return None
        return sorted(set(found))

    def _leads_out(self, path: str) -> bool:
        target = os.path.realpath(path)
        return not target.startswith(self._prefix)

    def read(self, path: str, limit: int | None = None) -> bytes | None:
        """A file's bytes; None, with a note in `incomplete`, where it cannot or may not be read, as one larger than
        `limit` (else than `limit_of` says)."""
        data = self._overlay.get(path)
        if data is None:
            data = self._read_real(path, limit_of(path) if limit is None else limit)
        if data is not None and self._marks and not any(mark in data for mark in self._marks):
            self._plain.add(path)
        return data

    def may_hold_mark(self, path: str) -> bool:
        """Whether a file may hold one of the marks: it does, or it was not read here."""
        return path not in self._plain

    def _read_real(self, path: str, limit: int) -> bytes | None:
        try:
            with open(self.resolve(path), "rb", opener=open_regular) as handle:
                data = handle.read(limit + 1)
        except OutsideRoot:
            self.note(
                "outside_root",
                path,
                f"{path} leads outside the repository root and was not read",
                "scan a root that holds it, with --root",
            )
            return None
        except OSError as error:
            self.note(
                "file_unreadable",
                path,
                f"{path} cannot be read: {error.strerror or error}",
                "give read permission, or leave it out with --exclude",
            )
            return None
        if len(data) > limit:
            self.note(
                "limit_reached",
                path,
                f"{path} is larger than {limit // 1_048_576} MiB and was not read",
                "leave it out with --exclude",
            )
            return None
        return data

    def head(self, path: str, size: int = 4096) -> bytes:
        """The first bytes of a file, to see what it is; empty where it cannot be read, which is not noted."""
        data = self._overlay.get(path)
        if data is not None:
            return data[:size]
        try:
            with open(self.resolve(path), "rb", opener=open_regular) as handle:
                return handle.read(size)
        except (OSError, OutsideRoot):
            return b""

    def note(self, kind: "str", where: str, message: str, hint: str = "") -> None:
        """Adds a note to `incomplete`, once."""
        entry = Incomplete(kind, where, message, hint)  # type: ignore[arg-type]
        if entry not in self._noted:
            self._noted.add(entry)
            self.incomplete.append(entry)

    def walk(self, targets: Sequence[str]) -> Iterator[FoundFile]:
        """Every file below the targets (root-relative files or folders), each once, in a stable order."""
        seen: set[str] = set()
        for target in targets:
            for found in self._walk_target(target):
                if found.path not in seen:
                    seen.add(found.path)
                    if len(seen) > MAX_FILES:
                        self.note(
                            "limit_reached",
                            target,
                            f"more than {MAX_FILES} files: the rest was not read",
                            "scan its parts one by one",
                        )
                        return
                    yield found

    def _walk_target(self, target: str) -> Iterator[FoundFile]:
        if target in self._overlay:
            yield FoundFile(target, True)
            return
        try:
            real = self.resolve(target)
        except OutsideRoot:
            self.note(
                "outside_root",
                target,
                f"{target} leads outside the repository root and was not read",
                "scan a root that holds it, with --root",
            )
            return
        if os.path.isdir(real):
            yield from self._walk_folder("" if target in (".", "") else target.rstrip("/"), real)
        else:
            yield FoundFile(target, True)

    def _walk_folder(self, folder: str, real: str) -> Iterator[FoundFile]:
        stack = [(folder, real)]
        visited = {real}
        while stack:
            where, absolute = stack.pop()
            try:
                with os.scandir(absolute) as scan:
                    entries = sorted(scan, key=lambda entry: entry.name)
            except OSError as error:
                self.note(
                    "file_unreadable",
                    where or ".",
                    f"folder {where or '.'} cannot be read: {error.strerror}",
                    "give read permission, or leave it out with --exclude",
                )
                continue
            folders = []
            for entry in entries:
                path = f"{where}/{entry.name}" if where else entry.name
                if _is_folder(entry):
                    if not self._skip_folder(entry, path):
                        folders.append((path, entry))
                elif self._selected(path) and self._inside(entry, path):
                    yield FoundFile(path, False)
            for path, entry in reversed(folders):
                target = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
                if target in visited:
                    continue
                if entry.is_symlink():
                    if target != self.root and not target.startswith(self._prefix):
                        self.note(
                            "outside_root",
                            path,
                            f"{path} is a link that leads outside the root; not followed",
                            "scan a root that holds it, with --root",
                        )
                        continue
                    # A link inside the root leads to files that the walk meets at their own place.
                    self._count("link to a folder")
                    continue
                visited.add(target)
                stack.append((path, target))

    def _inside(self, entry: "os.DirEntry[str]", path: str) -> bool:
        if not entry.is_symlink():
            return True
        try:
            self.resolve(path)
        except OutsideRoot:
            self.note(
                "outside_root",
                path,
                f"{path} is a link that leads outside the root; not read",
                "scan a root that holds it, with --root",
            )
            return False
        return True

    def _skip_folder(self, entry: "os.DirEntry[str]", path: str) -> bool:
        if entry.name in SKIPPED_FOLDERS or os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
            self._count(entry.name if entry.name in SKIPPED_FOLDERS else "virtual environment")
            return True
        return any(matches(path, pattern) for pattern in self.exclude)

    def _selected(self, path: str) -> bool:
        if self.include and not any(matches(path, pattern) for pattern in self.include):
            return False
        return not any(matches(path, pattern) for pattern in self.exclude)

    def _count(self, reason: str) -> None:
        self.skipped[reason] = self.skipped.get(reason, 0) + 1


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _is_file(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def matches(path: str, pattern: str) -> bool:
    """Whether a root-relative path, a folder above it or its bare name fits a glob (`**` and `*` cross folders)."""
    pattern = pattern.removeprefix("./").rstrip("/")
    if fnmatchcase(path, pattern) or ("/" not in pattern and fnmatchcase(path.rsplit("/", 1)[-1], pattern)):
        return True
    if pattern.startswith("**/") and fnmatchcase(path, pattern[3:]):
        return True
    return fnmatchcase(path, pattern + "/*")


def decode(data: bytes) -> tuple[str, bool]:
    """Text of a file and whether it was clean UTF-8: a byte-order mark is dropped, Latin-1 is the fallback."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError:
        return data.decode("latin-1"), False


def open_regular(path: str, flags: int) -> int:
    """An opener that does not wait on a pipe or a device that stands where a file should; raises `OSError` for one."""
    import stat

    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(22, "not a regular file")
    return handle
