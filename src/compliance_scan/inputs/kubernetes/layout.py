"""What the folders say about a manifest: its chart, its kustomization, whether it is a template or a patch."""

import posixpath
from collections.abc import Iterable, Sequence

from compliance_scan.inputs.kubernetes.reader import BadYaml, chunks, documents
from compliance_scan.model.value import Value
from compliance_scan.workspace import Workspace, decode

KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
CHARTS = frozenset({"Chart.yaml", "Chart.yml"})
_PATCH_FIELDS = ("patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "transformations")
_CONFIG_FIELDS = ("configurations", "transformers", "generators", "validators", "openapi", "crds")
_MAX_KUSTOMIZATION = 1024 * 1024


class Layout:
    """Charts and kustomizations of the tree, found once a folder."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._marks: dict[str, tuple[bool, str]] = {}
        self._roots: dict[str, str] = {}

    def root(self, path: str) -> str:
        """The root of a manifest: folder of its chart, its kustomization, else its own; `.` for the top."""
        folder = posixpath.dirname(path)
        passed = []
        at = folder
        while at not in self._roots:
            is_chart, kustomization = self._marks_of(at)
            if is_chart or kustomization:
                self._roots[at] = at or "."
                break
            passed.append(at)
            if not at:
                self._roots[at] = ""
                break
            at = posixpath.dirname(at)
        found = self._roots[at]
        for between in passed:
            self._roots[between] = found
        return found or folder or "."

    def chart(self, path: str) -> str | None:
        """The outermost chart whose `templates` folder holds the file; None where there is none."""
        steps = posixpath.dirname(path).split("/")
        for index, step in enumerate(steps):
            folder = "/".join(steps[:index])
            if step == "templates" and self._marks_of(folder)[0]:
                return self.outermost(folder)
        return None

    def in_chart(self, path: str) -> bool:
        """Whether the file's own folder is a chart's."""
        return self._marks_of(posixpath.dirname(path))[0]

    def kustomization(self, folder: str) -> str:
        """The kustomization file right in a folder, empty where there is none."""
        return self._marks_of("" if folder == "." else folder)[1]

    def kustomizations_above(self, paths: Iterable[str]) -> set[str]:
        """The kustomization files in the folders of these files and in those above them."""
        found = set()
        folders: set[str] = set()
        for path in paths:
            at = posixpath.dirname(path)
            while at not in folders:
                folders.add(at)
                kustomization = self._marks_of(at)[1]
                if kustomization:
                    found.add(kustomization)
                at = posixpath.dirname(at)
        return found

    def outermost(self, chart: str) -> str:
        """The chart that a chart is a part of, by the folders above it; `.` for the top."""
        while posixpath.basename(posixpath.dirname(chart)) == "charts":
            parent = posixpath.dirname(posixpath.dirname(chart))
            if not self._marks_of(parent)[0]:
                break
            chart = parent
        return chart or "."

    def _marks_of(self, folder: str) -> tuple[bool, str]:
        """Whether a folder is a chart's, and its kustomization file."""
        if folder not in self._marks:
            names = self._workspace.listdir(folder)
            kustomization = next((name for name in names if name in KUSTOMIZATIONS), "")
            if kustomization and folder:
                kustomization = f"{folder}/{kustomization}"
            self._marks[folder] = (any(name in CHARTS for name in names), kustomization)
        return self._marks[folder]


def patch_files(workspace: Workspace, kustomizations: Sequence[str]) -> set[str]:
    """The files that kustomizations use as patches or configuration: parts of objects, not objects of their own."""
    found: set[str] = set()
    for path in kustomizations:
        data = workspace.read(path, _MAX_KUSTOMIZATION)
        if data is None:
            continue
        text, folder = decode(data)[0], posixpath.dirname(path)
        if not any(field in text for field in (*_PATCH_FIELDS, *_CONFIG_FIELDS)):
            continue
        for name in _named_files(_first_document(text)):
            target = posixpath.normpath(posixpath.join(folder, name))
            if not target.startswith(("../", "/")):
                found.add(target)
    return found


def _first_document(text: str) -> Value:
    try:
        for chunk in chunks(text):
            for document in documents(chunk, {}):
                if isinstance(document.value, dict):
                    return document.value
    except BadYaml:
        pass  # the loader reports it as the broken file it is
    return None


def _named_files(kustomization: Value) -> Iterable[str]:
    if not isinstance(kustomization, dict):
        return
    for field in (*_PATCH_FIELDS, *_CONFIG_FIELDS):
        entries = kustomization.get(field)
        for entry in entries if isinstance(entries, list) else [entries]:
            name = entry.get("path") if isinstance(entry, dict) else entry
            if isinstance(name, str) and "\n" not in name and "://" not in name:
                yield name
