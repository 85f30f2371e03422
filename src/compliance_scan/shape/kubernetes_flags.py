"""The programs of a cluster by their command line: `kube-apiserver`, `etcd` and the others as virtual types.

A static pod, a deployment of a hosted control plane, a container under `sh -c`: wherever a container starts one of the
programs, its flags are read as typed values under `flags`, with what the program does where a flag is not given (the
`absent` rows of its facts). A new program is one facts file and its name in `PROGRAMS`.
"""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from compliance_scan.model.value import ABSENT, Open, Path, Text, Unknown, Value, holes, is_nothing, resolved
from compliance_scan.shape.cursor import Frame, Spot
from compliance_scan.shape.made import Made, Maker, Shaped, spot
from compliance_scan.shape.nodes import ANY, Node

if TYPE_CHECKING:
    from compliance_scan.model.view import Cursor
    from compliance_scan.shape.kubernetes_pod import PodView
    from compliance_scan.shape.world import World

PROGRAMS: Final = frozenset(
    {"etcd", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"}
)
_SUBCOMMANDS: Final = {
    "apiserver": "kube-apiserver",
    "controller-manager": "kube-controller-manager",
    "scheduler": "kube-scheduler",
    "proxy": "kube-proxy",
}
"""Names under which `hyperkube` starts them."""
_SHELLS: Final = frozenset({"sh", "bash", "ash", "dash"})
_WRAPPERS: Final = frozenset(
    {"chroot", "dumb-init", "env", "exec", "go-runner", "hyperkube", "nice", "nsenter", "tini"}
)
"""Programs that start the one that they are given."""
_RELEASE: Final = "of-release"
"""The name under which the facts of flags see the release (`1.31`), for defaults that changed."""
_MAX_WORDS: Final = 2000
_MAX_PREFIX: Final = 8


class Word(NamedTuple):
    """One word of a command line and where it is written."""

    text: str
    path: Path


class CommandLine(NamedTuple):
    """The words after a program's name; `more` where there may be others."""

    program: str
    words: Sequence[Word]
    path: Path
    more: Unknown | None


class Flag(NamedTuple):
    """One flag as it is written; without a value `text` is None."""

    name: str
    text: str | None
    path: Path


def command_lines(pod: Made) -> Iterator[tuple[Made, CommandLine]]:
    """The containers of a pod that start one of the programs, each with its command line."""
    for item in pod.step("containers").items().items:
        container = item.cursor
        assert isinstance(container, Made)
        line = _command_line(container)
        if line is not None:
            yield container, line


def _command_line(container: Made) -> CommandLine | None:
    words: list[Word] = []
    more: Unknown | None = None
    for name in ("command", "args"):
        cursor = container.step(name)
        raw: Any = resolved(cursor.raw) if isinstance(cursor, Spot) and cursor.above is None else cursor.value
        if isinstance(raw, Unknown):
            more = more or raw
            continue
        if isinstance(raw, Open):
            more, raw = more or raw.more, raw.items
        for index, one in enumerate(raw[:_MAX_WORDS] if isinstance(raw, list) else ()):
            text = resolved(one)
            if isinstance(text, Unknown | Text):
                more = more or next(holes(text), None)
                if isinstance(text, Text) and isinstance(text.parts[0], str):
                    words.append(Word(text.parts[0] + "\0", (*cursor.path, index)))
            elif not is_nothing(text):
                words.append(Word(_text(text), (*cursor.path, index)))
    words = _in_shell(words)
    first = words[0].text.rpartition("/")[2] if words else ""
    for index, word in enumerate(words[: _MAX_PREFIX if first in _WRAPPERS else 1]):
        name = word.text.rpartition("/")[2]
        if index == 1 and first == "hyperkube":
            name = _SUBCOMMANDS.get(name, name)
        if name in PROGRAMS:
            return CommandLine(name, words[index + 1 :], container.path, more)
    image = resolved(container.step("image").value)
    if isinstance(image, str) and not _written(container, "command"):
        name = re.sub(
            r"-(?:amd64|arm|arm64|ppc64le|s390x)$", "", image.rpartition("/")[2].partition("@")[0].partition(":")[0]
        )
        if name in PROGRAMS:
            return CommandLine(name, words, container.path, more)
    return None


def _in_shell(words: list[Word]) -> list[Word]:
    """The words of the script, where a shell is given one."""
    if len(words) > 2 and words[0].text.rpartition("/")[2] in _SHELLS and words[1].text.startswith("-"):
        script = words[2]
        try:
            parts = shlex.split(script.text.replace("\\\n", " "), comments=True)
        except ValueError:
            parts = script.text.split()
        for index, part in enumerate(parts):
            if part.rpartition("/")[2] in PROGRAMS:
                following = parts[index:]
                end = next((i for i, word in enumerate(following) if word in (";", "&&", "||", "|", "&")), None)
                return [Word(word.rstrip(";"), script.path) for word in following[:end][:_MAX_WORDS]]
    return words


def _written(container: Made, name: str) -> bool:
    return not is_nothing(container.step(name).value)


def flags_of(words: Sequence[Word], switch: Callable[[str], bool]) -> Iterator[Flag]:
    """The flags of a command line. `--name value` takes the next word unless the flag is a switch."""
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if not word.text.startswith("-") or word.text in ("-", "--"):
            continue
        name, equals, value = word.text.lstrip("-").partition("=")
        name = name.replace("_", "-")
        if equals:
            yield Flag(name, value, word.path)
        elif switch(name) or index >= len(words) or words[index].text.startswith("--"):
            yield Flag(name, None, word.path)
        else:
            yield Flag(name, words[index].text, words[index].path)
            index += 1


def typed(text: str | None, node: Node) -> Value:
    """A flag's text as the type that its facts declare; an unknown where it is none."""
    if text is None:
        text = "true" if node.kind in ("bool", "any") else ""
    if "\0" in text:
        return Unknown("computed", "a part of the flag's value is not known")
    if node.kind == "bool":
        low = text.strip().lower()
        known = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(low)
        return Unknown("error", f"`{text[:40]}` is no boolean") if known is None else known
    if node.kind == "number":
        try:
            return int(text)
        except ValueError:
            return Unknown("error", f"`{text[:40]}` is no number")
    if node.kind in ("list", "set"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if node.kind == "map":
        element = node.element or ANY
        pairs = (part.partition("=") for part in text.split(",") if part.strip())
        return {name.strip(): typed(value, element) for name, _equals, value in pairs}
    return text


class Program:
    """One program that a container starts, as rules see it."""

    def __init__(self, world: "World", pod: "PodView", container: Made, line: CommandLine) -> None:
        facts = world.catalog.type(line.program)
        assert facts is not None
        self.line = line
        self.container = container
        self.pod = pod
        self.frame = Frame(world, pod.resource, facts)
        field = facts.root.field("flags")
        self.node = field.node if field is not None else ANY

    def cursor(self) -> Made:
        """The subject that rules judge."""
        fields: dict[str, Shaped | Maker] = {
            "name": spot(self.frame, (), (), self.container.step("name").value),
            "image": spot(self.frame, self.container.path, (), self.container.step("image").value),
            "version": spot(self.frame, self.container.path, (), _version(self.container.step("image").value)),
            "flags": self._flags,
        }
        if self.line.program == "etcd":
            fields["clusterAuthorities"] = self._authorities
        return Made(self.frame, self.line.path, (), fields)

    def _authorities(self) -> Shaped:
        """Whom the API servers beside it believe; unknown where none was read."""
        from compliance_scan.shape.kubernetes import Cluster

        servers = Cluster.of(self.frame.world).programs.get("kube-apiserver", ())
        beside = [server for server in servers if server.pod.resource.root == self.pod.resource.root]
        named = [server.cursor().step("flags").step("client-ca-file").value for server in beside]
        unknown = next((value for value in named if isinstance(value, Unknown)), None)
        value: Value = [value for value in named if isinstance(value, str)]
        if not beside or unknown is not None:
            value = unknown or Unknown("not_collected", "no API server was read beside etcd")
        return spot(self.frame, (), (), value)

    def written(self, node_of: Callable[[str], Node]) -> dict[str, Flag]:
        """The flags that are given, the last of each name; of lists all."""
        found: dict[str, Flag] = {}
        for flag in flags_of(self.line.words, lambda name: node_of(name).kind == "bool"):
            above = found.get(flag.name)
            if above is not None and node_of(flag.name).kind in ("list", "map"):
                flag = flag._replace(text=f"{above.text},{flag.text}")  # noqa: PLW2901 - given twice, both count
            found[flag.name] = flag
        return found

    def _node_of(self, name: str) -> Node:
        field = self.node.field(name)
        return field.node if field is not None else ANY

    def _flags(self) -> Made:
        fields: dict[str, Shaped | Maker] = {}
        version = _version(self.container.step("image").value)
        given: dict[str, Value] = {_RELEASE: ".".join(version.split(".")[:2]) if isinstance(version, str) else None}
        for name, flag in self.written(self._node_of).items():
            node = self._node_of(name)
            value = given[name] = typed(flag.text, node)
            above = value if isinstance(value, Unknown) else None
            fields[name] = Spot(self.frame, flag.path, ("flags", name), ("flags", name), node, value, above=above)
        raw: Any = given
        if self.line.more is not None:
            raw = Open(given, Unknown(self.line.more.cause, self.line.more.detail))
        # What an absent flag means may hang on those that are given: the facts look at them here.
        base = Spot(self.frame, self.line.path, ("flags",), ("flags",), self.node, raw)
        return Made(self.frame, self.line.path, ("flags",), fields, missing=base.step)


def _version(image: Value) -> Value:
    """The version that an image's tag names."""
    found = re.search(r":v?(\d+\.\d+(?:\.\d+)?)[^/]*$", image) if isinstance(image, str) else None
    return found[1] if found is not None else ABSENT


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def programs(world: "World") -> dict[str, list[Program]]:
    """All programs that containers start, by name."""
    from compliance_scan.shape.kubernetes import Cluster

    cluster = Cluster.of(world)
    found: dict[str, list[Program]] = {}
    for pod in cluster.pods:
        for container, line in command_lines(cluster.subject(pod)):
            found.setdefault(line.program, []).append(Program(world, pod, container, line))
    return found


def _subjects(world: "World", name: str) -> "Sequence[Cursor]":
    from compliance_scan.shape.kubernetes import Cluster

    return [program.cursor() for program in Cluster.of(world).programs.get(name, ())]


def apiservers(world: "World") -> "Sequence[Cursor]":
    """The subjects of `kube-apiserver`."""
    return _subjects(world, "kube-apiserver")


def controller_managers(world: "World") -> "Sequence[Cursor]":
    """The subjects of `kube-controller-manager`."""
    return _subjects(world, "kube-controller-manager")


def schedulers(world: "World") -> "Sequence[Cursor]":
    """The subjects of `kube-scheduler`."""
    return _subjects(world, "kube-scheduler")


def etcds(world: "World") -> "Sequence[Cursor]":
    """The subjects of `etcd`."""
    return _subjects(world, "etcd")
