"""All that a scan renders: kustomizations, charts, and what installs them from within the repository."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.errors import Incomplete
from compliance_scan.inputs.kubernetes import flux
from compliance_scan.inputs.kubernetes.argo import APPLICATION, APPLICATION_SET, Application, applications
from compliance_scan.inputs.kubernetes.build import Begun, Builder, Built
from compliance_scan.inputs.kubernetes.build import Problem as NotBuilt
from compliance_scan.inputs.kubernetes.helm import CHART, Problem, Release, Renderer
from compliance_scan.inputs.kubernetes.kustomize import Kustomization, Kustomizations
from compliance_scan.inputs.kubernetes.objects import Found
from compliance_scan.inputs.kubernetes.rendered import Files
from compliance_scan.inputs.kubernetes.tools import Kitchen, Tools
from compliance_scan.model.resource import Source
from compliance_scan.model.value import Unknown
from compliance_scan.workspace import Workspace, decode

if TYPE_CHECKING:
    from compliance_scan.inputs.kubernetes.layout import Layout
    from compliance_scan.inputs.kubernetes.load import KubernetesOptions


class Outcome(NamedTuple):
    """What came of one chart or kustomization."""

    root: str
    objects: Sequence[tuple[Found, Source]] = ()
    consumed: frozenset[str] = frozenset()
    """Files whose objects are judged as rendered."""
    chart: str = ""
    """The chart that was rendered, or is noted."""
    namespaces: Mapping[str, str] = {}
    """File to its namespace, where what gives that was not rendered."""
    defaults: Mapping[str, str] = {}
    """File to the namespace of those objects in it that name none."""
    note: Incomplete | None = None
    conditional: Unknown | None = None
    """Set where it is not known whether the objects exist."""


class Rendering:
    """The renderings of one scan; to be closed."""

    def __init__(self, workspace: Workspace, layout: "Layout", options: "KubernetesOptions") -> None:
        self._workspace = workspace
        self._files = Files(self._text)
        self._kustomizations = Kustomizations(workspace, layout)
        self._tools = options.tools if options.tools is not None else Tools.find(workspace.root)
        self._kitchen = Kitchen(workspace.read, network=options.allow_network)
        self._builder = Builder(
            self._kustomizations, self._files, self._kitchen, self._tools, network=options.allow_network
        )
        self._begun: list[tuple[Application | None, Kustomization, Begun | Built | NotBuilt]] = []
        self._wanted: Sequence[Application] = ()

    def close(self) -> None:
        """Stops what still runs and removes the copies."""
        self._kitchen.__exit__()

    def begin(self, kustomizations: set[str], wanted: Sequence[Application] = ()) -> None:
        """Starts to build the kustomizations among these files that no other takes in, where nothing in the repository
        installs them; else what installs them."""
        tops = self._kustomizations.tops(kustomizations)
        self._wanted = wanted
        installed = [(each, top) for each in wanted if (top := self._top(each)) is not None]
        folders = {top.folder for _, top in installed}
        for made in (top for _, top in installed if top.generated):
            folders |= {each.folder for each in self._kustomizations.closure(made).members}
        alone = [(None, top) for top in tops if top.folder not in folders]
        for application, top in (*alone, *installed):
            more = application.transformers() if application is not None else None
            self._begun.append((application, top, self._builder.begin(top, more)))

    def all(self, charts: set[str], options: "KubernetesOptions") -> Iterator[Outcome]:
        """What was begun, and these charts, where nothing in the repository installs them; else what installs them."""
        of_applications = [each.release() for each in self._wanted if not each.flux and self._is_chart(each.folder)]
        installed = [*of_applications, *options.releases]
        folders = {release.chart for release in installed}
        listed = sorted(charts - folders) if self._tools.helm else []  # else the templates that are met say it
        for application, top, begun in self._begun:
            yield self._built(application, top, self._builder.finish(top, begun))
        renderer = Renderer(self._workspace, self._files, self._kitchen, self._tools)
        for release in (*installed, *(Release(each, files=options.helm_values) for each in listed)):
            yield self.chart(renderer, release)
        for application in self._wanted:
            yield self._plain(application)
        for path, reason in sorted(self._kustomizations.broken.items()):
            message = f"{path}: not valid YAML: {reason}; its files were judged as they stand"
            yield Outcome(path, note=Incomplete("syntax_error", path, message, "correct the file"))

    def applications(self, paths: Sequence[str]) -> list[Application]:
        """The Applications of Argo CD and Kustomizations of Flux in these files whose source is a folder of the
        repository."""
        found = [
            each
            for path in paths
            for one, _ in self._files.objects(path)
            for each in (
                applications(one)
                if one.type in (APPLICATION, APPLICATION_SET)
                else flux.kustomizations(one)
                if one.type == flux.KUSTOMIZATION
                else ()
            )
        ]
        return [each for each in found if self._workspace.is_folder(each.folder)]

    def _top(self, application: Application) -> Kustomization | None:
        """What is built for an Application; None where its folder is a chart, or is judged as it stands."""
        found = self._kustomizations.at(application.folder)
        if found is not None or not application.flux:
            return found
        made = self._kustomizations.generated(application.folder)
        changes = application.kustomize.keys() - {"namespace"} or application.variables
        return made if made is not None and (changes or (made.folders and application.kustomize)) else None

    def _is_chart(self, folder: str) -> bool:
        return self._workspace.exists(CHART if folder == "." else f"{folder}/{CHART}")

    def _built(self, application: Application | None, top: Kustomization, built: Built | NotBuilt) -> Outcome:
        if isinstance(built, NotBuilt):
            return self._not_built(built)
        objects = built.objects
        if application is not None and application.variables is not None:
            known = application.variables
            objects = [(flux.substituted(found, known), source) for found, source in objects]
        if application is not None and application.namespace:
            objects = [
                (found if found.namespace else found.moved(application.namespace), source) for found, source in objects
            ]
        return Outcome(top.folder, objects, frozenset(built.closure.resources))

    def _plain(self, application: Application) -> Outcome:
        """An Application of a folder of plain manifests gives them their namespace."""
        folder = application.folder
        outcome = Outcome(folder)
        if application.flux:
            namespace = application.kustomize.get("namespace")
            made = self._kustomizations.generated(folder) if namespace and self._top(application) is None else None
            return outcome._replace(namespaces=dict.fromkeys(made.resources, str(namespace))) if made else outcome
        if not application.namespace or self._is_chart(folder) or self._kustomizations.at(folder) is not None:
            return outcome
        prefix = "" if folder == "." else f"{folder}/"
        names = [prefix + name for name in self._workspace.listdir(folder)]
        return outcome._replace(defaults=dict.fromkeys(names, application.namespace))

    def chart(self, renderer: Renderer, release: Release) -> Outcome:
        """The objects of one release of a chart."""
        rendered = renderer.render(release)
        by = f" for {release.installer}" if release.installer else ""
        if isinstance(rendered, Problem):
            message = f"the Helm chart in {release.chart} was not rendered{by}: {rendered.message}"
            note = Incomplete(rendered.kind, release.chart, message, rendered.hint)  # type: ignore[arg-type]
            return Outcome(release.root or release.chart, chart=release.chart, note=note)
        return Outcome(
            release.root or release.chart, rendered.objects, chart=release.chart, conditional=release.conditional
        )

    def _not_built(self, problem: NotBuilt) -> Outcome:
        top = problem.top
        said: Any = top.body.get("namespace")
        namespace = said if isinstance(said, str) else ""
        resources = self._kustomizations.closure(top).resources
        what = f"{top.folder}, as Flux applies it," if top.generated else f"the kustomization {top.folder}"
        message = f"{what} was not built: {problem.message}; its files were judged as they stand"
        return Outcome(
            top.folder,
            namespaces=dict.fromkeys(resources, namespace) if namespace else {},
            note=Incomplete(problem.kind, top.folder if top.generated else top.path, message, problem.hint),  # type: ignore[arg-type]
        )

    def _text(self, path: str) -> str | None:
        data = self._workspace.read(path) if self._workspace.exists(path) else None
        return None if data is None else decode(data)[0]
