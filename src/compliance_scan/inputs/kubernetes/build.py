"""Kustomizations built with the user's tool, and their objects led back to the files that they came from."""

import json
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from compliance_scan.inputs.kubernetes.kustomize import Closure, Kustomization, Kustomizations
from compliance_scan.inputs.kubernetes.objects import Found, objects, type_of
from compliance_scan.inputs.kubernetes.reader import BadYaml, chunks, documents
from compliance_scan.inputs.kubernetes.rendered import Document, Files, RenderedSource, Written
from compliance_scan.inputs.kubernetes.tools import Kitchen, Ran, Tools
from compliance_scan.model.resource import Source, Span
from compliance_scan.model.value import Path

MAX_BUILDS = 300
"""Kustomizations of one scan."""
_ORIGIN = "config.kubernetes.io/origin"
_PATCHES = ("patches", "patchesStrategicMerge", "patchesJson6902")
_GENERATORS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}


class Problem(NamedTuple):
    """Why a kustomization was not built."""

    kind: str
    """As in `incomplete`."""
    top: Kustomization
    message: str
    hint: str


class Built(NamedTuple):
    """What came of one kustomization."""

    top: Kustomization
    closure: Closure
    objects: Sequence[tuple[Found, Source]]


class Begun(NamedTuple):
    """A kustomization that is being built."""

    closure: Closure
    wait: Callable[[], Ran]


class Builder:
    """Builds kustomizations in one temporary folder, beside what we do meanwhile."""

    def __init__(
        self, kustomizations: Kustomizations, files: Files, kitchen: Kitchen, tools: Tools, *, network: bool
    ) -> None:
        self._kustomizations = kustomizations
        self._files = files
        self._kitchen = kitchen
        self._tools = tools
        self._network = network
        self._builds = 0

    def finish(self, top: Kustomization, begun: "Begun | Built | Problem") -> Built | Problem:
        """The objects of a kustomization that was begun, or why there are none."""
        if not isinstance(begun, Begun):
            return begun
        ran = begun.wait()
        if ran.output is None:
            shown = (
                f"flux build kustomization --path {top.folder}" if top.generated else _shown(self._tools, top.folder)
            )
            hint = f"`{shown}` shows the same error"
            return Problem("chart_not_rendered", top, ran.error, hint)
        try:
            return Built(top, begun.closure, list(self._objects(top, begun.closure, ran.output)))
        except BadYaml as error:
            return Problem("chart_not_rendered", top, f"its output is no YAML: {error.message}", "")

    def begin(self, top: Kustomization, more: Mapping[str, Any] | None = None) -> "Begun | Built | Problem":
        """Starts to build a kustomization; `more`: fields of a kustomization that takes it in."""
        closure = self._kustomizations.closure(top)
        refused = self._refused(top, closure)
        if refused is not None:
            return refused
        if not closure.makes_objects:
            return Built(top, closure, ())
        self._builds += 1
        missing = [name for name in sorted(closure.files) if not self._kitchen.copy(name)]
        if missing:
            return Problem("chart_not_rendered", top, f"{missing[0]} cannot be read", "scan its parts one by one")
        if top.generated:
            self._kitchen.write(f"tree/{top.path}", json.dumps(top.body).encode())
        folder = "" if top.folder == "." else f"/{top.folder}"
        wrapper = {**(more or {}), "resources": ["../tree" + folder], "buildMetadata": ["originAnnotations"]}
        name = f"wrap-{self._builds}"
        self._kitchen.write(f"{name}/kustomization.yaml", json.dumps(wrapper).encode())
        return Begun(closure, self._kitchen.start((*self._tools.kustomize, name)))

    def _refused(self, top: Kustomization, closure: Closure) -> Problem | None:
        outside, remote = closure.all_of("outside"), closure.all_of("remote")
        if outside:
            message = f"{outside[0]} leads outside the repository root"
            return Problem("chart_not_rendered", top, message, "scan a root that holds it, with --root")
        if remote and not self._network:
            message = f"{remote[0]} lies elsewhere, and the network is off"
            return Problem("chart_not_rendered", top, message, "allow it with --allow-network")
        if closure.charts:
            message = "it inflates Helm charts, which is off"
            hint = f"build it and scan the result: kustomize build --enable-helm {top.folder} > built.yaml"
            return Problem("chart_not_rendered", top, message, hint)
        if not self._tools.kustomize:
            hint = "install kubectl or kustomize, or build it and scan the result"
            return Problem("chart_not_rendered", top, "neither kubectl nor kustomize is there", hint)
        if self._builds >= MAX_BUILDS:
            message = f"more than {MAX_BUILDS} kustomizations"
            return Problem("limit_reached", top, message, "scan its parts one by one")
        return None

    def _objects(self, top: Kustomization, closure: Closure, output: str) -> Iterator[tuple[Found, Source]]:
        memo: dict[str, Any] = {}
        trace = Trace(self._files, top, closure)
        for chunk in chunks(output):
            for document in documents(chunk, memo):
                origin = _origin(document.value)
                for found in objects(document.value):
                    yield found, trace.source(found, origin)


def _shown(tools: Tools, folder: str) -> str:
    return " ".join((posixpath.basename(tools.kustomize[0]), *tools.kustomize[1:], folder))


def _origin(document: Any) -> dict[str, Any]:
    """What the tool says of an object's origin; taken out of the object, which has no such annotation."""
    metadata = document.get("metadata") if isinstance(document, dict) else None
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(annotations, dict) or _ORIGIN not in annotations:
        return {}
    said = str(annotations.pop(_ORIGIN))
    if not annotations:
        del metadata["annotations"]
    try:
        value = next((each.value for chunk in chunks(said) for each in documents(chunk, {})), None)
    except BadYaml:
        return {}
    return value if isinstance(value, dict) else {}


class Trace:
    """Leads the objects of one kustomization back."""

    def __init__(self, files: Files, top: Kustomization, closure: Closure) -> None:
        self._files = files
        self._top = top
        self._closure = closure
        self._where = self._head(top)
        self._patches = list(self._all_patches())

    def source(self, found: Found, origin: dict[str, Any]) -> RenderedSource:
        """The source of an object of which the tool says where it came from."""
        path = _inside(origin.get("path"))
        base = self._base(found, path) if path else None
        where = self._where
        if base is None:
            where = self._generator(found, _inside(origin.get("configuredIn"))) or where
        names = {found.name} | ({base[0].name} if base is not None else set())
        return RenderedSource(
            found.attributes,
            self._files,
            where,
            f"in the kustomization {self._top.folder}",
            base=None if base is None else (base[0].attributes, base[1]),
            changes=[written for kind, name, written in self._patches if _meant(kind, name, found.type, names)],
            field=lambda inside: self._field(found, inside),
        )

    def _head(self, kustomization: Kustomization) -> Span:
        file = self._files.file(kustomization.path)
        end = file.text.find("\n") if file is not None else 0
        return (
            file.span(0, end if end > 0 else len(file.text)) if file is not None else Span(self._top.path, 1, 1, 1, 1)
        )

    def _base(self, found: Found, path: str) -> tuple[Found, Source] | None:
        """The object of the base's file: of the same kind, whose name the built one is or holds."""
        same = [each for each in self._files.objects(path) if each[0].type == found.type]
        exact = [each for each in same if each[0].name == found.name]
        within = sorted((each for each in same if each[0].name in found.name), key=lambda each: -len(each[0].name))
        return next(iter(exact or within or same[:1]), None)

    def _generator(self, found: Found, path: str) -> Span | None:
        """The entry of a kustomization that generates an object."""
        field = _GENERATORS.get(found.type)
        for document in self._files.documents(path) if path and field else ():
            entries = document.value.get(field) if isinstance(document.value, dict) else None
            for index, entry in enumerate(entries if isinstance(entries, list) else ()):
                name = entry.get("name") if isinstance(entry, dict) else None
                if isinstance(name, str) and name in found.name:
                    return self._files.place(path, document, (str(field), index))
        return None

    def _all_patches(self) -> Iterator[tuple[str, str, Written]]:
        """Kind, name (empty: any) and what is written, of every patch; the outermost kustomization's first."""
        for member in self._closure.members:
            for document in self._files.documents(member.path)[:1]:
                body = document.value if isinstance(document.value, dict) else {}
                for field in _PATCHES:
                    entries = body.get(field)
                    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
                        yield from self._patch(member, document, (field, index), entry)

    def _patch(
        self, member: Kustomization, document: Document, at: Path, entry: Any
    ) -> Iterator[tuple[str, str, Written]]:
        target = entry.get("target") if isinstance(entry, dict) else None
        target = target if isinstance(target, dict) else {}
        name = entry.get("path") if isinstance(entry, dict) else entry
        inline = entry.get("patch") if isinstance(entry, dict) else entry
        path = ""
        if isinstance(name, str) and "\n" not in name:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(member.path), name))
        if path and path in member.files:
            for each in self._files.documents(path):
                yield from _written(each.value, target, _Placed(self._files, path, each))
        elif isinstance(inline, str):
            entry_place = (*at, "patch") if isinstance(entry, dict) else at
            span = self._files.place(member.path, document, entry_place)
            for value in _values(inline):
                yield from _written(value, target, _Fixed(span))

    def _field(self, found: Found, path: Path) -> Span | None:
        """The field of a kustomization that sets such a path."""
        for name in _fields(path):
            for member in self._closure.members:
                value = member.body.get(name)
                if not value:
                    continue
                inside: Path = (name,)
                if name in ("images", "replicas") and isinstance(value, list):
                    index = _entry(name, value, found, path)
                    if index is None:
                        continue
                    inside = (name, index)
                for document in self._files.documents(member.path)[:1]:
                    return self._files.place(member.path, document, inside)
        return None


class _Placed:
    """Paths of a patch that is a file."""

    def __init__(self, files: Files, path: str, document: Document) -> None:
        self._files = files
        self._path = path
        self._document = document

    def __call__(self, inside: Path) -> Span | None:
        return self._files.place(self._path, self._document, inside)


class _Fixed:
    """Paths of a patch that stands as text in a kustomization: all of them lie where the text lies."""

    def __init__(self, span: Span | None) -> None:
        self._span = span

    def __call__(self, _inside: Path) -> Span | None:
        return self._span


def _written(value: Any, target: dict[str, Any], place: Any) -> Iterator[tuple[str, str, Written]]:
    """A strategic merge patch as it is; each operation of a JSON patch as the tree that it leads to."""
    if isinstance(value, dict):
        metadata = value.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else None
        kind, version = value.get("kind"), value.get("apiVersion")
        own = type_of(str(version), str(kind)) if kind and version else ""
        if target:
            own, name = str(target.get("kind") or ""), target.get("name")
        yield own, str(name or ""), Written(value, place)
    elif isinstance(value, list):
        for index, operation in enumerate(value):
            if isinstance(operation, dict) and "value" in operation and isinstance(operation.get("path"), str):
                steps = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
                tree = _tree(steps, operation["value"])
                wanted = str(target.get("kind") or ""), str(target.get("name") or "")
                yield *wanted, Written(tree, _Fixed(place((index,))))


def _tree(steps: Sequence[str], value: Any) -> Any:
    """What a pointer leads to; an item of a list is the only one."""
    for step in reversed(steps):
        value = [value] if step == "-" or step.isdigit() else {step: value}
    return value


def _values(text: str) -> list[Any]:
    try:
        return [each.value for chunk in chunks(text) for each in documents(chunk, {})]
    except BadYaml:
        return []


def _inside(path: Any) -> str:
    """A path that the tool gives, from the wrapper's folder, as a root-relative one."""
    found = posixpath.normpath(str(path)) if isinstance(path, str) else ""
    return found.removeprefix("../tree/") if found.startswith("../tree/") else ""


def _meant(kind: str, name: str, found: str, names: set[str]) -> bool:
    """Whether a patch for a kind and a name (a pattern, or empty) may be one for an object."""
    if kind and found != kind and found.rpartition("/")[2] != kind:
        return False
    return not name or any(name == each or name in each for each in names) or not name.isidentifier()


def _fields(path: Path) -> tuple[str, ...]:
    """The fields of a kustomization that set a path of objects."""
    last = path[-1] if path else ""
    if last == "namespace":
        return ("namespace",)
    if path[:2] == ("metadata", "name"):
        return ("namePrefix", "nameSuffix")
    if last == "image":
        return ("images",)
    if last == "replicas":
        return ("replicas",)
    if "labels" in path or "matchLabels" in path:
        return ("labels", "commonLabels")
    return ("commonAnnotations",) if "annotations" in path else ()


def _entry(name: str, entries: list[Any], found: Found, path: Path) -> int | None:
    """The entry of `images` or `replicas` that is about what stands at a path."""
    value: Any = found.attributes
    for step in path:
        value = value[step]
    for index, entry in enumerate(entries):
        if not isinstance(entry, dict):
            continue
        if name == "replicas" and str(entry.get("name")) in found.name:
            return index
        image = str(entry.get("newName") or entry.get("name"))
        if name == "images" and str(value).startswith((image + ":", image + "@")):
            return index
    return None
