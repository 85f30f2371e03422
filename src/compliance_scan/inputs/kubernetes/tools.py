"""Foreign programs that render manifests (`kustomize`, `kubectl kustomize`, `helm`), held to a folder of copies.

What is scanned is hostile: the programs see copies of the files that the workspace lets us read and nothing of the
environment, get no network unless the user allows it, and stop at a time and a size. Plugins stay off.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

SECONDS = 20.0
"""Wall time of one rendering."""
MAX_OUTPUT = 32 * 1024 * 1024
MAX_COPIED = 64 * 1024 * 1024
"""Bytes of all files that are copied for rendering."""
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that answers nobody: what wants the network fails at once."""


class Ran(NamedTuple):
    """What a program said; `output` is None where it failed, and `error` says why, in one line."""

    output: str | None
    error: str = ""


class Tools(NamedTuple):
    """Command lines that render; empty where the program is not there."""

    kustomize: tuple[str, ...] = ()
    """Before the folder: `("/usr/bin/kubectl", "kustomize")`."""
    helm: tuple[str, ...] = ()
    """Before `template`."""

    @classmethod
    def find(cls, root: str) -> "Tools":
        """The programs of the PATH; none that lie in the tree under scan."""
        kustomize, kubectl, helm = (_program(name, root) for name in ("kustomize", "kubectl", "helm"))
        building = (kustomize, "build") if kustomize else (kubectl, "kustomize") if kubectl else ()
        return cls(building, (helm,) if helm else ())


def _program(name: str, root: str) -> str:
    found = shutil.which(name)
    if found is None or not os.path.isabs(found):
        return ""
    real = os.path.realpath(found)
    return "" if real.startswith(root.rstrip(os.sep) + os.sep) else found


class _Ended(NamedTuple):
    """A program that ran."""

    program: str
    place: str
    code: int
    error: str = ""
    """Why it did not come to its end."""


class Kitchen:
    """A temporary folder with copies of scanned files, in which programs run; removed when closed."""

    def __init__(self, read: Callable[[str], bytes | None], *, network: bool = False) -> None:
        """`read` gives a root-relative file's bytes, or None."""
        self._read = read
        self._network = network
        self._folder = tempfile.TemporaryDirectory(prefix="compliance-scan-")
        self.path = self._folder.name
        self.tree = os.path.join(self.path, "tree")
        self._copied: set[str] = set()
        self._bytes = 0
        self._runs = 0
        self._closed = False
        self._running: set[subprocess.Popen[bytes]] = set()
        self._threads: ThreadPoolExecutor | None = None
        os.mkdir(self.tree)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stops what still runs: nobody waits for it any more."""
        self._closed = True
        for process in list(self._running):
            _stop(process)
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def copy(self, path: str) -> bool:
        """Copies a file of the repository into the tree; whether it is there now."""
        if path in self._copied:
            return True
        data = self._read(path)
        if data is None or self._bytes + len(data) > MAX_COPIED:
            return False
        self._bytes += len(data)
        self._copied.add(path)
        self.write(os.path.join("tree", path), data)
        return True

    def write(self, path: str, data: bytes) -> None:
        """Writes a file below the temporary folder."""
        target = os.path.join(self.path, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as handle:
            handle.write(data)

    def run(self, command: Sequence[str], *, seconds: float = SECONDS) -> Ran:
        """Runs a program in the folder; never raises for what it does."""
        return self._ended(self._go(command, self._numbered(), seconds))

    def start(self, command: Sequence[str], *, seconds: float = SECONDS) -> Callable[[], Ran]:
        """Runs a program beside what we do meanwhile, as many at a time as there are processors; what is returned waits
        for its end."""
        from concurrent.futures import ThreadPoolExecutor

        if self._threads is None:
            self._threads = ThreadPoolExecutor(os.cpu_count() or 1)
        future = self._threads.submit(self._go, command, self._numbered(), seconds)
        return lambda: self._ended(future.result())

    def _numbered(self) -> str:
        self._runs += 1
        return os.path.join(self.path, f"run-{self._runs}")

    def _go(self, command: Sequence[str], place: str, seconds: float) -> "_Ended":
        """Runs a program to its end; `place` begins the names of the files that take what it says."""
        home = os.path.join(self.path, "home")
        os.makedirs(home, exist_ok=True)
        program = os.path.basename(command[0])
        with open(f"{place}.out", "wb") as stdout, open(f"{place}.err", "wb") as stderr:
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=self.path,
                    env=self._environment(home),
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    stderr=stderr,
                    start_new_session=True,
                )
            except OSError as error:
                return _Ended(program, place, -1, f"{program}: {error.strerror or error}")
            self._running.add(process)
            _limit(process.pid)
            try:
                if self._closed:  # between the start and its being known
                    _stop(process)
                code = process.wait(seconds)
            except subprocess.TimeoutExpired:
                _stop(process)
                return _Ended(program, place, -1, f"{program} took more than {seconds:g} s")
            finally:
                self._running.discard(process)
        return _Ended(program, place, code)

    def _ended(self, ended: "_Ended") -> Ran:
        """What a program that has ended said."""
        out = f"{ended.place}.out"
        try:
            if ended.error or ended.code:
                return Ran(None, ended.error or self._reason(f"{ended.place}.err", ended.code, ended.program))
            if os.path.getsize(out) >= MAX_OUTPUT:
                return Ran(None, f"the rendering is larger than {MAX_OUTPUT // 1_048_576} MiB")
            with open(out, encoding="utf-8", errors="replace") as handle:
                return Ran(handle.read())
        finally:
            os.remove(out)

    def _environment(self, home: str) -> dict[str, str]:
        own = {
            "HOME": home,
            "TMPDIR": home,
            "KUBECONFIG": os.devnull,
            "HELM_CACHE_HOME": home,
            "HELM_CONFIG_HOME": home,
            "HELM_DATA_HOME": home,
            "HELM_PLUGINS": os.path.join(home, "none"),
            "LANG": "C.UTF-8",
            # The programs are short-lived: collecting their garbage costs a fourth of their time.
            "GOGC": "off",
            "GOMEMLIMIT": "1GiB",
        }
        if self._network:
            passed = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
            names = [name for each in passed for name in (each, each.lower())]
            return own | {name: os.environ[name] for name in names if name in os.environ}
        proxies = {name: _NOWHERE for each in ("HTTP_PROXY", "HTTPS_PROXY") for name in (each, each.lower())}
        return own | proxies | {"PATH": os.path.join(home, "none"), "NO_PROXY": "", "no_proxy": ""}

    def _reason(self, path: str, code: int, program: str) -> str:
        """The program's own words, in one line, with our folder taken out."""
        with open(path, encoding="utf-8", errors="replace") as handle:
            text = " ".join(handle.read(16_384).split())
        for ours in (f"{self.tree}/", self.tree, f"{self.path}/", self.path):
            text = text.replace(ours, "")
        text = text.removeprefix("error: ").removeprefix("Error: ")
        return text[-600:] or f"{os.path.basename(program)} ended with {code}"


def _limit(pid: int) -> None:
    """Bounds what a child may write and compute, where the system can do so."""
    try:
        import resource

        resource.prlimit(pid, resource.RLIMIT_FSIZE, (MAX_OUTPUT, MAX_OUTPUT))
        resource.prlimit(pid, resource.RLIMIT_CPU, (int(SECONDS) * 2, int(SECONDS) * 2))
    except (ImportError, AttributeError, OSError, ValueError):
        return


def _stop(process: "subprocess.Popen[bytes]") -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, OSError):
        process.kill()
    process.wait()
