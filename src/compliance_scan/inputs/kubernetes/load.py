"""Kubernetes manifests: YAML and JSON files to the inventory of their objects.

Files that hold no manifest are passed over after a look at their bytes. Templates of charts are not read (they are no
YAML before they are rendered) but noted, once a chart; patches of kustomizations are parts of objects and not judged.
"""

import gc
import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from compliance_scan.errors import Incomplete
from compliance_scan.inputs.kubernetes.layout import CHARTS, KUSTOMIZATIONS, Layout, patch_files
from compliance_scan.inputs.kubernetes.objects import Found, objects, sensitive_paths
from compliance_scan.inputs.kubernetes.reader import MAX_ALIASED, MAX_DEPTH, BadYaml, Chunk, chunks, documents
from compliance_scan.inputs.kubernetes.source import ManifestFile, ManifestSource
from compliance_scan.model.resource import Inventory, Resource, Source
from compliance_scan.workspace import Workspace, decode

if TYPE_CHECKING:
    from compliance_scan.inputs.kubernetes.helm import Release
    from compliance_scan.inputs.kubernetes.render import Rendering
    from compliance_scan.inputs.kubernetes.tools import Tools
    from compliance_scan.model.value import Unknown

HANDED = ("helm_release", "kubectl_manifest")
"""Terraform's types that hand Kubernetes a chart or a text."""
SUFFIXES = (".yaml", ".yml", ".json")
_MAYBE = (re.compile(rb"apiVersion[\"']?\s*:"), re.compile(rb"kind[\"']?\s*:"))
_MAYBE_TEXT = (re.compile(r"apiVersion[\"']?\s*:"), re.compile(r"kind[\"']?\s*:"))
# Compiled when they are first used: they are for what is broken or rare.
_SURELY = (r"(?m)^[\"']?apiVersion[\"']?\s*:", r"(?m)^[\"']?kind[\"']?\s*:")
_MOST_REPEATED = 10
_NO_KIND = "object without a kind"
_TEMPLATE = r"\{\{|\{%|<%"


class KubernetesOptions(NamedTuple):
    """Bounds of one load."""

    max_depth: int = MAX_DEPTH
    """Levels of nesting in one document."""
    max_aliased: int = MAX_ALIASED
    """Nodes that aliases may add to one document."""
    tools: "Tools | None" = None
    """The programs that render; None: those of the PATH."""
    allow_network: bool = False
    """Whether kustomizations may fetch remote bases."""
    helm_values: Sequence[str] = ()
    """Root-relative values files for the charts, the last wins."""
    releases: Sequence["Release"] = ()
    """What Terraform installs of the charts of this repository."""


def load(workspace: Workspace, files: Sequence[str], options: KubernetesOptions | None = None) -> Inventory:
    """Reads the manifests among `files` (root-relative paths of `SUFFIXES`, others are ignored).

    What cannot be read goes to the inventory's `incomplete`; nothing is raised for what a file holds.
    """
    enabled = gc.isenabled()
    gc.disable()  # a batch makes many objects and no garbage: collecting would cost more than reading
    try:
        with Reading(workspace, files, options or KubernetesOptions()) as reading:
            return reading.inventory()
    finally:
        if enabled:
            gc.enable()


class Reading:
    """A load of which the programs that render run already, while others read something else."""

    def __init__(self, workspace: Workspace, files: Sequence[str], options: KubernetesOptions) -> None:
        """Looks into the files and starts what builds kustomizations."""
        self._workspace = workspace
        self._loader = _Loader(workspace, options)
        self._loader.gather(files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._loader.rendering is not None:
            self._loader.rendering.close()

    def inventory(self) -> Inventory:
        """What the manifests hold."""
        self._loader.load()
        return self._loader.inventory

    def add_to(self, inventory: Inventory) -> None:
        """Adds the manifests, and what Terraform's resources in the inventory hand to Kubernetes."""
        if any(each.type in HANDED for each in inventory.resources):
            from compliance_scan.inputs.kubernetes import embedded

            self._loader.options = embedded.take(inventory, self._workspace, self._loader.options)
        inventory.add(self.inventory())


class _Loader:
    """The state of one load."""

    def __init__(self, workspace: Workspace, options: KubernetesOptions) -> None:
        self.workspace = workspace
        self.options = options
        self.inventory = Inventory()
        self.layout = Layout(workspace)
        self.memo: dict[str, Any] = {}
        self.addresses: dict[tuple[str, str], int] = {}
        self.charts: set[str] = set()
        self.consumed: set[str] = set()
        """Files whose objects are judged as something renders them."""
        self.rendered: set[str] = set()
        """Charts that were rendered."""
        self.namespaces: dict[str, str] = {}
        """File to the namespace that a kustomization gives it, where that was not built."""
        self.defaults: dict[str, str] = {}
        """File to the namespace of those objects in it that name none."""
        self.manifests: list[tuple[str, bytes]] = []
        self.kustomizations: set[str] = set()
        self.listed: set[str] = set()
        """Charts among the files."""
        self.rendering: Rendering | None = None

    def gather(self, files: Sequence[str]) -> None:
        """Reads the files and starts to build the kustomizations among them and above them."""
        candidates = [path for path in files if path.endswith(SUFFIXES)]
        kustomizations = {path for path in files if posixpath.basename(path) in KUSTOMIZATIONS}
        for path in candidates:
            data = self.workspace.read(path)
            if data is None:
                continue
            if all(pattern.search(data) for pattern in _MAYBE):
                self.manifests.append((path, data))
            elif _MAYBE[0].search(data) and posixpath.basename(path) not in CHARTS:
                self._skip(_NO_KIND)
            else:
                self._skip("no Kubernetes manifest")
        built = kustomizations | {self.layout.kustomization(posixpath.dirname(path)) for path in candidates} - {""}
        self.kustomizations = kustomizations | self.layout.kustomizations_above(path for path, _ in self.manifests)
        self.listed = {
            self.layout.outermost(posixpath.dirname(path)) for path in files if posixpath.basename(path) in CHARTS
        }
        applications = [path for path, data in self.manifests if _may_install(data)]
        if built or applications:
            rendering = self._rendering()
            rendering.begin(built, rendering.applications(applications))

    def _rendering(self) -> "Rendering":
        from compliance_scan.inputs.kubernetes.render import Rendering

        if self.rendering is None:
            self.rendering = Rendering(self.workspace, self.layout, self.options)
        return self.rendering

    def load(self) -> None:
        """What was rendered first, then what was not."""
        if self.rendering is not None or self.listed or self.options.releases:
            self._render(self._rendering())
        patches = patch_files(self.workspace, sorted(self.kustomizations))
        for path, data in self.manifests:
            if posixpath.basename(path) in KUSTOMIZATIONS:
                self._skip("kustomization")
            elif path in patches:
                self._skip("patch of a kustomization")
            elif path in self.consumed or (self.rendered and self.layout.chart(path) in self.rendered):
                self._skip("judged in its kustomization or chart")
            elif self.layout.in_chart(path) and posixpath.basename(path).startswith(("values", "Chart.")):
                self._skip("chart values")
            else:
                self._file(path, data)

    def _render(self, rendering: "Rendering") -> None:
        """Renders charts and kustomizations; what they take in is judged there and not again."""
        for outcome in rendering.all(self.listed, self.options):
            self.consumed |= outcome.consumed
            self.rendered |= {outcome.chart} - {""}
            self.namespaces |= outcome.namespaces
            self.defaults |= outcome.defaults
            self.inventory.files += bool(outcome.objects)
            if outcome.note is not None:
                self.inventory.incomplete.append(outcome.note)
                self.charts |= {outcome.chart} - {""}
            for found, source in outcome.objects:
                self._add(found, source, outcome.root, outcome.conditional)

    def _file(self, path: str, data: bytes) -> None:
        text, _ = decode(data)
        chart = self.layout.chart(path) if "{{" in text else None
        if chart is not None:
            self._chart(chart)
            return
        before, skipped = self._noted(), sum(self.inventory.skipped.values())
        file = ManifestFile(path, text)
        if not (text.lstrip()[:1] == "{" and self._json(file)):
            for chunk in chunks(text):
                if all(pattern.search(chunk.text) for pattern in _MAYBE_TEXT):
                    self._chunk(file, chunk)
        if self._noted() > before:
            self.inventory.files += 1
        elif sum(self.inventory.skipped.values()) == skipped:
            self._skip("no Kubernetes manifest")

    def _noted(self) -> int:
        return len(self.inventory.resources) + len(self.inventory.incomplete)

    def _chart(self, chart: str) -> None:
        if chart in self.charts:
            return
        self.charts.add(chart)
        self.inventory.files += 1
        self._note(
            "chart_not_rendered",
            chart,
            f"the Helm chart in {chart} was not rendered, its templates were not judged",
            f"render it and scan the result: helm template {chart} > rendered.yaml",
        )

    def _chunk(self, file: ManifestFile, chunk: Chunk) -> None:
        options = self.options
        try:
            for document in documents(chunk, self.memo, max_depth=options.max_depth, max_aliased=options.max_aliased):
                count = self._document(file, chunk, document.number, document.value)
                if count:
                    self._repeated(file, [(key, offset + chunk.start) for key, offset in document.repeated])
        except BadYaml as error:
            self._bad(file, chunk, error)

    def _bad(self, file: ManifestFile, chunk: Chunk, error: BadYaml) -> None:
        where = f"{file.path}:{file.line(chunk.start + error.offset)}"
        if error.limit:
            self._note(
                "limit_reached",
                where,
                f"{where}: {error.message}; this document was not judged",
                "leave the file out with --exclude, or write it plainly",
            )
        elif re.search(_TEMPLATE, chunk.text):
            self._skip("template outside a chart")
        elif chunk.text.lstrip()[:1] == "{" or all(re.search(pattern, chunk.text) for pattern in _SURELY):
            self._note(
                "syntax_error",
                where,
                f"{where}: not valid YAML: {error.message}; this document was not judged",
                "correct the line; `kubectl apply --dry-run=client -f` shows the same error",
            )
        else:
            self._skip("YAML that does not parse and is no manifest")

    def _json(self, file: ManifestFile) -> bool:
        """Whether the file was read as JSON; else it is tried as YAML, of which it may be a flow mapping."""
        import json

        repeated: list[str] = []

        def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
            made = dict(items)
            if len(made) != len(items):
                seen: set[str] = set()
                repeated.extend(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
            return made

        try:
            value = json.loads(_whole_escapes(file.text), object_pairs_hook=pairs, parse_constant=_refuse, strict=False)
        except (RecursionError, ValueError):
            return False
        if self._document(file, None, 0, value):
            self._repeated(file, [(key, max(file.text.rfind(f'"{key}"'), 0)) for key in repeated])
        return True

    def _document(self, file: ManifestFile, chunk: Chunk | None, number: int, value: Any) -> int:
        count = 0
        if isinstance(value, dict) and isinstance(value.get("apiVersion"), str) and value.get("kind") is None:
            self._skip(_NO_KIND)
        given, default = self.namespaces.get(file.path, ""), self.defaults.get(file.path, "")
        for found in objects(value):
            namespace = given or (default if not found.namespace else "")
            source = ManifestSource(file, chunk, number, found.path)
            self._add(found.moved(namespace) if namespace else found, source, self.layout.root(file.path))
            count += 1
        return count

    def _add(self, found: Found, source: Source, root: str, conditional: "Unknown | None" = None) -> None:
        address = found.address
        times = self.addresses[root, address] = self.addresses.get((root, address), 0) + 1
        self.inventory.resources.append(
            Resource(
                address=address if times == 1 else f"{address}#{times}",
                type=found.type,
                root=root,
                plane="code",
                attributes=found.attributes,
                source=source,
                name=found.name,
                aliases=found.aliases if times == 1 else (),
                sensitive=sensitive_paths(found.type),
                conditional=conditional,
            )
        )

    def _repeated(self, file: ManifestFile, keys: Sequence[tuple[str, int]]) -> None:
        """Kubernetes takes the last of equal keys (kubectl warns or refuses): said, but no loss."""
        for key, offset in keys[:_MOST_REPEATED]:
            self._skip(f"repeated key `{key}` in {file.path}:{file.line(offset)}, the last one was judged")

    def _note(self, kind: Any, where: str, message: str, hint: str) -> None:
        self.inventory.incomplete.append(Incomplete(kind, where, message, hint))

    def _skip(self, reason: str) -> None:
        self.inventory.skipped[reason] = self.inventory.skipped.get(reason, 0) + 1


def _may_install(data: bytes) -> bool:
    """Whether there may be an Application of Argo CD or a Kustomization of Flux in a file; the definitions of these
    kinds, which are long, name them deeper."""
    for group, kind in ((b"argoproj.io/", b"Application"), (b"kustomize.toolkit.fluxcd.io/", b"Kustomization")):
        if group in data and (
            re.search(rb"(?m)^[\"']?kind[\"']?\s*:\s*[\"']?" + kind, data)
            or (re.search(rb"kind[\"']?\s*:\s*[\"']?\w*List|^\s*\{", data) and kind in data)
        ):
            return True
    return False


_ESCAPE = r"(?s)\\(?:(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"


def _whole_escapes(text: str) -> str:
    """Text whose halves of surrogate pairs became U+FFFD, as in Go's JSON, at the same length."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return re.sub(_ESCAPE, lambda match: "\\ufffd" if match[2] else match[0], text)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def candidates(paths: Sequence[str]) -> Iterator[str]:
    """The paths that this input wants to look into."""
    return (path for path in paths if path.endswith(SUFFIXES) or posixpath.basename(path) in KUSTOMIZATIONS)
