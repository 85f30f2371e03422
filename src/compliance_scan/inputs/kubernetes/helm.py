"""Helm charts rendered with the user's `helm`, and their objects led back to template and values.

Templates run no code and reach no file but the chart's; all the same they run on copies, without network and within
limits. Dependencies are never fetched: a local one is copied to where helm looks for it, any other that is missing is
said.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from compliance_scan.inputs.kubernetes.objects import Found, objects
from compliance_scan.inputs.kubernetes.reader import BadYaml, chunks, documents
from compliance_scan.inputs.kubernetes.rendered import Files, RenderedSource
from compliance_scan.inputs.kubernetes.templates import Template, Values
from compliance_scan.inputs.kubernetes.tools import Kitchen, Tools
from compliance_scan.model.resource import Source, Span
from compliance_scan.model.value import Text, Unknown, Value
from compliance_scan.workspace import Workspace

MAX_CHARTS = 200
CHART = "Chart.yaml"
_SOURCE = re.compile(r"^# Source: ([^\n]+?)\s*$", re.MULTILINE)
_NAME = re.compile(r"[^a-z0-9-]+")
_LONGEST_NAME = 53
SOMEWHERE = "compliance-scan-unknown-namespace"
"""What stands for a release's namespace where whoever installs it decides."""
RELEASE_NAMESPACE = Unknown(
    "variable_without_value", "the namespace of the release", "string", not_null=True, symbol="helm|namespace"
)


class Release(NamedTuple):
    """A chart with what somebody installs it with."""

    chart: str
    """Its folder, `.` for the top."""
    name: str = ""
    """Of the release; empty: the chart's."""
    namespace: str = ""
    """Empty where whoever installs it decides."""
    files: Sequence[str] = ()
    """Root-relative values files, the last wins."""
    values: Sequence[str] = ()
    """Texts of values, after the files."""
    settings: Sequence[tuple[str, str]] = ()
    """`--set-string` pairs, after all else."""
    holes: Mapping[str, Unknown] = {}
    """Words that stand in values and settings for what is not known."""
    root: str = ""
    """The root of the objects; empty: the chart's folder."""
    installer: str = ""
    """Who installs it, for people: `helm_release.app`; empty: nobody in the repository."""
    conditional: Unknown | None = None
    """Set where it is not known whether anybody does."""


class Problem(NamedTuple):
    """Why a chart was not rendered."""

    kind: str
    message: str
    hint: str


class Rendered(NamedTuple):
    """What came of a chart."""

    objects: Sequence[tuple[Found, Source]]


class Renderer:
    """Renders charts one by one in one temporary folder."""

    def __init__(self, workspace: Workspace, files: Files, kitchen: Kitchen, tools: Tools) -> None:
        self._workspace = workspace
        self._files = files
        self._kitchen = kitchen
        self._tools = tools
        self._count = 0
        self._moved: dict[str, str] = {}
        """Folder of a dependency that was copied to its real one."""

    def render(self, release: Release) -> Rendered | Problem:
        """The objects of a chart, or why there are none."""
        shown = release.chart
        if not self._tools.helm:
            hint = f"install helm, or render it and scan the result: helm template {shown} > rendered.yaml"
            return Problem("chart_not_rendered", "helm is not there", hint)
        if self._count >= MAX_CHARTS:
            return Problem("limit_reached", f"more than {MAX_CHARTS} charts", "scan its parts one by one")
        self._count += 1
        chart = self._chart(release.chart)
        if chart.get("type") == "library":
            return Rendered(())
        if not self._copied(release.chart):
            return Problem("limit_reached", "it is too large to be rendered here", "leave it out with --exclude")
        for dependency in self._dependencies(chart):
            self._copy_dependency(release.chart, dependency)
        ran = self._kitchen.run([*self._tools.helm, *self._arguments(release, chart)])
        if ran.output is None:
            missing = "missing in charts/" in ran.error
            hint = f"helm dependency build {shown}" if missing else f"`helm template {shown}` shows the same error"
            return Problem("chart_not_rendered", ran.error, hint)
        try:
            return Rendered(list(self._objects(release, chart, ran.output)))
        except BadYaml as error:
            return Problem("chart_not_rendered", f"its output is no YAML: {error.message}", "")

    def _arguments(self, release: Release, chart: dict[str, Any]) -> list[str]:
        name = _NAME.sub("-", (release.name or str(chart.get("name") or "release")).lower()).strip("-")
        folder = "tree" if release.chart == "." else f"tree/{release.chart}"
        arguments = ["template", name[:_LONGEST_NAME].strip("-") or "release", folder, "--skip-tests"]
        arguments += ["--namespace", release.namespace or SOMEWHERE]
        for path in release.files:
            if self._kitchen.copy(path):
                arguments += ["--values", f"tree/{path}"]
        for index, text in enumerate(release.values):
            self._kitchen.write(f"values-{self._count}-{index}.yaml", text.encode("utf-8", "replace"))
            arguments += ["--values", f"values-{self._count}-{index}.yaml"]
        for key, value in release.settings:
            arguments += ["--set", f"{key}={value}"]
        return arguments

    def _chart(self, folder: str) -> dict[str, Any]:
        """The chart's own description."""
        for document in self._files.documents(_under(folder, CHART))[:1]:
            if isinstance(document.value, dict):
                return document.value
        return {}

    def _copied(self, folder: str) -> bool:
        names = self._workspace.files_below(folder)
        return names is not None and all(self._kitchen.copy(_under(folder, name)) for name in names)

    def _dependencies(self, chart: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Name and relative folder of the dependencies that lie in the repository."""
        listed = chart.get("dependencies")
        for each in listed if isinstance(listed, list) else ():
            repository = each.get("repository") if isinstance(each, dict) else None
            name = each.get("name") if isinstance(each, dict) else None
            if isinstance(name, str) and isinstance(repository, str) and repository.startswith("file://"):
                yield name, repository.removeprefix("file://")

    def _copy_dependency(self, chart: str, dependency: tuple[str, str]) -> None:
        name, relative = dependency
        there = posixpath.normpath(posixpath.join("" if chart == "." else chart, relative))
        target = _under(chart, f"charts/{name}")
        names = None if there.startswith(("../", "/")) or "/" in name else self._workspace.files_below(there)
        if names is None or self._workspace.exists(f"{target}/{CHART}"):
            return
        self._moved[target] = there
        for each in names:
            data = self._workspace.read(_under(there, each))
            if data is not None:
                self._kitchen.write(f"tree/{target}/{each}", data)

    def _objects(self, release: Release, chart: dict[str, Any], output: str) -> Iterator[tuple[Found, Source]]:
        memo: dict[str, Any] = {}
        seen: dict[tuple[str, str], int] = {}
        folder, holes = release.chart, {**release.holes, SOMEWHERE: RELEASE_NAMESPACE}
        where = self._where(folder)
        maker = f"in the Helm chart {folder}" + (f", installed by {release.installer}" if release.installer else "")
        values = Values(self._files, folder, str(chart.get("name") or ""), release.files)
        for chunk in chunks(output):
            named = _SOURCE.search(chunk.text)
            path = self._template(folder, named[1]) if named is not None else ""
            for document in documents(chunk, memo):
                for found in objects(filled(document.value, holes)):
                    number = seen[path, found.type] = seen.get((path, found.type), -1) + 1
                    yield _placed(release, found), self._source(found, (path, number), values, (where, maker))

    def _source(self, found: Found, place: tuple[str, int], values: Values, made: tuple[Span, str]) -> RenderedSource:
        path, number = place
        where, maker = made
        file = self._files.file(path) if path else None
        if file is None:
            return RenderedSource(found.attributes, self._files, where, maker)
        template = Template(file, found, number, values)
        return RenderedSource(
            found.attributes, self._files, where, maker, base=(None, template), field=template.span_of
        )

    def _where(self, folder: str) -> Span:
        path = _under(folder, CHART)
        file = self._files.file(path)
        return file.span(0, max(file.text.find("\n"), 1)) if file is not None else Span(path, 1, 1, 1, 1)

    def _template(self, chart: str, source: str) -> str:
        """The root-relative path of a template that helm names after its chart: `app/charts/sub/templates/x.yaml`."""
        path = _under(chart, source.partition("/")[2])
        for target, there in self._moved.items():
            if path.startswith(target + "/"):
                path = _under(there, path[len(target) + 1 :])
        return path if self._workspace.exists(path) else ""


def _placed(release: Release, found: Found) -> Found:
    """The object in the namespace of its release, where it names none."""
    metadata = found.attributes.get("metadata")
    if isinstance(metadata, dict) and metadata.get("namespace"):
        return found
    return found.moved(release.namespace) if release.namespace else found.within(RELEASE_NAMESPACE)


def filled(value: Any, holes: Mapping[str, Unknown]) -> Any:
    """A rendered value with what is not known in place of the words that stood for it."""
    if isinstance(value, str):
        return _text(value, holes) if any(word in value for word in holes) else value
    if isinstance(value, dict):
        return {name: filled(item, holes) for name, item in value.items()}
    return [filled(item, holes) for item in value] if isinstance(value, list) else value


def _text(text: str, holes: Mapping[str, Unknown]) -> Value:
    parts = re.split("(" + "|".join(map(re.escape, holes)) + ")", text)
    made = tuple(holes.get(part, part) for part in parts if part)
    return made[0] if len(made) == 1 else Text(made)


def _under(folder: str, name: str) -> str:
    return name if folder in (".", "") else f"{folder}/{name}"
