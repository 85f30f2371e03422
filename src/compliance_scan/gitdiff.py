"""What a revision of git holds, read without running anything that the repository could have planted.

Only three plumbing commands are run (`rev-parse`, `ls-tree`, `cat-file`): they start no hook, no filter and no
file-system monitor, and the working tree is compared by hashing its files here.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence

from compliance_scan.errors import UsageError
from compliance_scan.workspace import FoundFile, Workspace, limit_of

TIMEOUT = 60.0
_SAFE = (
    "--no-pager",
    "--no-replace-objects",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.attributesFile=/dev/null",
    "-c",
    "protocol.allow=never",
)
_REGULAR = ("100644", "100755")


class Revision:
    """The tree of one revision: path (relative to the repository root) to object id."""

    def __init__(self, root: str, revision: str, *, suffixes: tuple[str, ...] = ("",)) -> None:
        """The files of the revision whose names end with one of `suffixes`.

        Raises `UsageError` where git is missing, `root` is no repository, or there is no such revision."""
        self.root = root
        self.name = revision
        verified = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}")
        if verified is None:
            raise UsageError(
                f"git knows no revision {revision!r} here", "fetch it first, or name a branch, tag or commit"
            )
        tree = verified.decode().strip().splitlines()[-1]
        listing = _git(root, "ls-tree", "-r", "-z", "--full-tree", tree)
        if listing is None:
            raise UsageError(f"the tree of {revision!r} cannot be read", "is the clone shallow or partial?")
        self.objects = {path: identity for path, identity in _entries(listing) if path.endswith(suffixes)}
        self._sha = hashlib.sha256 if len(tree) == 64 else hashlib.sha1

    def changed(self, workspace: Workspace, files: Iterable[str]) -> set[str]:
        """Which of these files of the working tree differ from the revision, and files that the revision had and that
        are gone."""
        here = set(files)
        found = {path for path in self.objects if path not in here and not workspace.exists(path)}
        for path in here:
            data = workspace.read(path)
            if data is not None and self.objects.get(path) != self._object_id(data):
                found.add(path)
        return found

    def _object_id(self, data: bytes) -> str:
        return self._sha(b"blob %d\0" % len(data) + data).hexdigest()

    def read(self, paths: Sequence[str]) -> dict[str, bytes]:
        """The contents of files of the revision; files larger than a scan reads are left out."""
        wanted = [path for path in paths if path in self.objects]
        asked = "".join(f"{self.objects[path]}\n" for path in wanted).encode()
        sizes = _git(self.root, "cat-file", "--batch-check=%(objectsize)", stdin=asked) or b""
        small = [
            path
            for path, size in zip(wanted, sizes.split(), strict=False)
            if size.isdigit() and int(size) <= limit_of(path)
        ]
        asked = "".join(f"{self.objects[path]}\n" for path in small).encode()
        answer = _git(self.root, "cat-file", "--batch", stdin=asked)
        if answer is None:
            raise UsageError(f"the files of {self.name!r} cannot be read", "is the clone partial? run git fetch first")
        return dict(zip(small, _contents(answer), strict=False))


class RevisionWorkspace(Workspace):
    """A revision's files as a workspace: nothing of the working tree shines through."""

    def __init__(self, workspace: Workspace, revision: Revision) -> None:
        super().__init__(workspace.root, include=workspace.include, exclude=workspace.exclude)
        self.files = revision.read(list(revision.objects))
        self._names: dict[str, list[str]] = {}
        for path in sorted(self.files):
            folder, _, name = path.rpartition("/")
            self._names.setdefault(folder, []).append(name)
            while folder:
                folder = folder.rpartition("/")[0]
                self._names.setdefault(folder, [])

    def exists(self, path: str) -> bool:
        return _plain(path) in self.files

    def is_folder(self, path: str) -> bool:
        return _plain(path) in self._names

    def listdir(self, path: str) -> list[str]:
        return list(self._names.get(_plain(path), ()))

    def files_below(self, path: str) -> list[str] | None:
        folder = _plain(path)
        prefix = folder + "/" if folder else ""
        return sorted(name[len(prefix) :] for name in self.files if name.startswith(prefix))

    def read(self, path: str, limit: int | None = None) -> bytes | None:
        data = self.files.get(_plain(path))
        return data if data is not None and len(data) <= (limit_of(path) if limit is None else limit) else None

    def head(self, path: str, size: int = 4096) -> bytes:
        return self.files.get(_plain(path), b"")[:size]

    def walk(self, targets: Sequence[str]) -> Iterator[FoundFile]:
        for path in self.files:
            if any(target in (".", "", path) or path.startswith(target.rstrip("/") + "/") for target in targets):
                yield FoundFile(path, named=path in targets)


def _plain(path: str) -> str:
    normal = os.path.normpath(path).replace(os.sep, "/")
    return "" if normal == "." else normal


def _git(root: str, *arguments: str, stdin: bytes = b"") -> bytes | None:
    """Standard output of a git command, None where it fails."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_PAGER": "cat",
        "LC_ALL": "C",
    }
    command = ["git", *_SAFE, "-C", root, *arguments]
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=environment, timeout=TIMEOUT)
    except FileNotFoundError as error:
        raise UsageError("git is needed for --diff and is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"git {arguments[0]} took longer than {TIMEOUT:g} seconds") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        if any("not a git repository" in line or "dubious ownership" in line for line in said):
            raise UsageError(f"{root} cannot be compared: {said[0]}", "--diff needs a git repository of your own")
        return None
    return done.stdout


def _entries(listing: bytes) -> Iterator[tuple[str, str]]:
    for entry in listing.split(b"\0"):
        head, tab, path = entry.partition(b"\t")
        if not tab:
            continue
        mode, kind, identity = head.decode("ascii").split()
        if kind == "blob" and mode in _REGULAR:
            yield path.decode("utf-8", "surrogateescape"), identity


def _contents(answer: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(answer):
        end = answer.index(b"\n", position)
        size = int(answer[position:end].split()[2])
        yield answer[end + 1 : end + 1 + size]
        position = end + 1 + size + 1
