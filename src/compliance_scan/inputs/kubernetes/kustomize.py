"""Kustomizations: who reaches whom, which are judged, and what of the tree one needs to be built."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from compliance_scan.inputs.kubernetes.layout import Layout
from compliance_scan.inputs.kubernetes.reader import BadYaml, chunks, documents
from compliance_scan.workspace import OutsideRoot, Workspace, decode

MAX_REACHED = 2_000
"""Kustomizations that one may reach."""
_RESOURCES = ("resources", "bases", "components")
_PLUGINS = ("transformers", "generators", "validators")
_REMOTE = re.compile(r"://|^git@|^(?:[\w-]+\.)+[a-z]{2,}/[^/]+/|[?&](?:ref|version|timeout)=")
_LONGEST = 1024
_MAX_BYTES = 1024 * 1024
_MAKERS = ("configMapGenerator", "secretGenerator", "generators", "helmCharts")
_CHARTS = ("helmCharts", "helmChartInflationGenerator")


class Kustomization(NamedTuple):
    """One file, read."""

    path: str
    body: dict[str, Any]
    folders: tuple[str, ...]
    """Folders of the kustomizations that it takes in."""
    resources: tuple[str, ...]
    """Root-relative files of objects that it takes in."""
    files: tuple[str, ...]
    """Root-relative files that it names anywhere."""
    remote: tuple[str, ...]
    """What it takes from elsewhere."""
    outside: tuple[str, ...]
    """What it wants from outside the root."""
    generated: bool = False
    """Whether it is in no file, but made for a folder without one."""

    @property
    def folder(self) -> str:
        """Its folder, `.` for the top."""
        return posixpath.dirname(self.path) or "."

    @property
    def is_component(self) -> bool:
        """Whether it is only a part that others take in."""
        return self.body.get("kind") == "Component"


class Closure(NamedTuple):
    """All that one kustomization reaches, itself first."""

    members: tuple[Kustomization, ...]

    @property
    def files(self) -> set[str]:
        """The files that any member names, and the members' own."""
        return {name for each in self.members for name in (*(() if each.generated else (each.path,)), *each.files)}

    @property
    def resources(self) -> set[str]:
        """The files of objects that the members take in: what is in them is judged as built."""
        return {name for each in self.members for name in each.resources}

    @property
    def makes_objects(self) -> bool:
        """Whether anything can come out of it."""
        return any(each.resources or each.body.get(field) for each in self.members for field in _MAKERS)

    def all_of(self, field: str) -> list[str]:
        """What the members list under `remote` or `outside`."""
        return [name for each in self.members for name in getattr(each, field)]

    @property
    def charts(self) -> bool:
        """Whether a member wants helm charts inflated."""
        return any(each.body.get(field) for each in self.members for field in _CHARTS)


class Kustomizations:
    """The kustomizations of the tree, by folder, read when they are asked for."""

    def __init__(self, workspace: Workspace, layout: Layout) -> None:
        self._workspace = workspace
        self._layout = layout
        self._read: dict[str, Kustomization | None] = {}
        self.broken: dict[str, str] = {}
        """Kustomization file to why it cannot be read."""

    def at(self, folder: str) -> Kustomization | None:
        """The kustomization of a folder; None where it has none that can be read."""
        folder = "" if folder == "." else folder
        if folder not in self._read:
            path = self._layout.kustomization(folder)
            body = self.body(path, note=True) if path else None
            self._read[folder] = None if body is None else self._parsed(path, body)
        return self._read[folder]

    def generated(self, folder: str) -> Kustomization | None:
        """What Flux makes of a folder without a kustomization: all its manifests and those of the folders below, which
        are taken in as they are where they have one. None where the folder holds too much."""
        names = self._workspace.files_below(folder)
        if names is None or self._layout.kustomization(folder):
            return None
        resources: list[str] = []
        folders: list[str] = []
        for name in names:
            steps = posixpath.dirname(name).split("/")
            above = ["/".join(steps[: index + 1]) for index in range(len(steps)) if name.count("/")]
            own = next((each for each in above if self._layout.kustomization(f"{folder}/{each}")), None)
            if own is not None:
                folders.append(own)
            elif name.endswith((".yaml", ".yml")):
                resources.append(name)
        body = {"resources": [*resources, *dict.fromkeys(folders)]}
        return self._parsed(f"{folder}/kustomization.yaml", body)._replace(generated=True)

    def tops(self, paths: Iterable[str]) -> list[Kustomization]:
        """Of these kustomization files those that no other of them takes in; components alone are no whole."""
        found = {path: self.at(posixpath.dirname(path)) for path in sorted(paths)}
        known = {path: each for path, each in found.items() if each is not None}
        reached: set[str] = set()
        for each in known.values():
            reached.update(folder for folder in each.folders if folder != each.folder)
        return [each for each in known.values() if each.folder not in reached and not each.is_component]

    def closure(self, top: Kustomization) -> Closure:
        """All that a kustomization reaches; a circle is walked once (the program will refuse it)."""
        members: list[Kustomization] = []
        seen, stack = {top.folder}, [top]
        while stack and len(members) < MAX_REACHED:
            each = stack.pop()
            members.append(each)
            for folder in each.folders:
                below = self.at(folder) if folder not in seen else None
                seen.add(folder)
                if below is not None:
                    stack.append(below)
        return Closure(tuple(members))

    def body(self, path: str, *, note: bool = False) -> dict[str, Any] | None:
        """The first mapping of a file; `note`: what is wrong with it goes to `broken`."""
        data = self._workspace.read(path, _MAX_BYTES) if self._workspace.exists(path) else None
        if data is None:
            return None
        try:
            for chunk in chunks(decode(data)[0]):
                for document in documents(chunk, {}):
                    if isinstance(document.value, dict):
                        return document.value
        except BadYaml as error:
            if note:
                self.broken[path] = error.message
            return None
        return {}

    def _parsed(self, path: str, body: dict[str, Any]) -> Kustomization:
        folder = posixpath.dirname(path)
        folders: list[str] = []
        remote: list[str] = []
        outside: list[str] = []
        for name in _texts([body.get(field) for field in (*_RESOURCES, *_PLUGINS)]):
            if "\n" in name or len(name) > _LONGEST:
                continue
            target = _joined(folder, name)
            if target is None or self._leads_out(target):
                (remote if _REMOTE.search(name) else outside).append(name)
            elif self._layout.kustomization(target):
                folders.append(target)
            elif not self._workspace.exists(target) and _REMOTE.search(name):
                remote.append(name)
        resources = [
            each for name in _texts([body.get(field) for field in _RESOURCES]) for each in self._named(folder, name)
        ]
        files = [found for text in _texts(body) for found in self._named(folder, text)]
        for name in _texts([body.get(field) for field in _PLUGINS]):
            for plugin in self._named(folder, name):
                files += [found for text in _texts(self.body(plugin)) for found in self._named(folder, text)]
        return Kustomization(
            path,
            body,
            tuple(dict.fromkeys(folders)),
            tuple(dict.fromkeys(resources)),
            tuple(dict.fromkeys(files)),
            tuple(remote),
            tuple(outside),
        )

    def _named(self, folder: str, text: str) -> Iterator[str]:
        """The files that a text may name: `path`, or `key=path` as generators write it."""
        for name in dict.fromkeys((text, text.partition("=")[2])):
            target = _joined(folder, name) if name and "\n" not in name and len(name) <= _LONGEST else None
            if target is not None and self._workspace.exists(target):
                yield target

    def _leads_out(self, path: str) -> bool:
        try:
            self._workspace.resolve(path)
        except OutsideRoot:
            return True
        return False


def _joined(folder: str, name: str) -> str | None:
    """A path of a kustomization, root-relative; None where it leads out of the root."""
    target = posixpath.normpath(posixpath.join(folder, name))
    return None if name.startswith("/") or target == ".." or target.startswith("../") else target


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value, keys not among them."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
