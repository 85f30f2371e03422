"""`helm_release` resources of Terraform as releases of charts."""

import json
import posixpath
from collections.abc import Iterable
from typing import Any, NamedTuple

from compliance_scan.errors import Incomplete
from compliance_scan.inputs.kubernetes.helm import CHART, Release
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Encoded, Open, Text, Unknown, is_nothing, resolved
from compliance_scan.workspace import Workspace

TYPE = "helm_release"
_SETS = ("set", "set_list", "set_sensitive")


class Releases(NamedTuple):
    """The releases of a run, and those whose chart is not at hand."""

    local: list[Release]
    notes: list[Incomplete]


def releases(workspace: Workspace, resources: Iterable[Resource]) -> Releases:
    """What Terraform installs with helm."""
    found = Releases([], [])
    for resource in resources:
        if resource.type == TYPE and resource.mode == "managed":
            made = _Reader(workspace, resource).read()
            (found.local if isinstance(made, Release) else found.notes).append(made)  # type: ignore[arg-type]
    return found


class _Reader:
    def __init__(self, workspace: Workspace, resource: Resource) -> None:
        self._workspace = workspace
        self._resource = resource
        self._holes: dict[str, Unknown] = {}

    def read(self) -> Release | Incomplete:
        """The release, or why its chart cannot be rendered."""
        address = self._resource.address
        chart, repository = self._get("chart"), self._get("repository")
        if not isinstance(chart, str) or not is_nothing(repository):
            where = f"{repository}" if isinstance(repository, str) else "elsewhere"
            shown = f"the chart {chart}" if isinstance(chart, str) else "a chart"
            return self._note(
                f"{address} installs {shown} from {where}", "render it with its values and scan the result"
            )
        folder = self._folder(chart)
        if folder is None:
            return self._note(
                f"{address} installs the chart {chart}, which is not in the repository",
                "render it with its values and scan the result",
            )
        values = self._values(self._get("values"))
        if values is None:
            return self._note(f"the values of {address} are not known", "give its variables with --var or --var-file")
        name, namespace = self._get("name"), self._get("namespace")
        return Release(
            chart=folder,
            name=name if isinstance(name, str) else "",
            namespace="default" if is_nothing(namespace) else self._word(namespace),
            values=values,
            settings=[pair for field in _SETS for pair in self._settings(self._get(field))],
            holes=self._holes,
            root=self._resource.root,
            installer=address,
            conditional=self._resource.conditional,
        )

    def _get(self, name: str) -> Any:
        return resolved(self._resource.attributes[name]) if name in self._resource.attributes else None

    def _note(self, message: str, hint: str) -> Incomplete:
        header = self._resource.source.header
        return Incomplete("chart_not_rendered", f"{header.file}:{header.line}", f"{message}: not rendered", hint)

    def _folder(self, chart: str) -> str | None:
        """The chart's folder: relative to the root module, or to the module that the block is in."""
        bases = (self._resource.root, posixpath.dirname(self._resource.source.header.file))
        for base in dict.fromkeys(bases):
            folder = posixpath.normpath(posixpath.join("" if base == "." else base, chart))
            inside = not folder.startswith(("../", "/")) and folder != ".."
            if inside and self._workspace.exists(CHART if folder == "." else f"{folder}/{CHART}"):
                return folder
        return None

    def _values(self, value: Any) -> list[str] | None:
        """The texts of the values, with words for what is not known; None where a whole text is not."""
        if isinstance(value, Unknown | Open):
            return None
        found = []
        for each in value if isinstance(value, list) else () if is_nothing(value) else (value,):
            text = self._document(resolved(each))
            if text is None:
                return None
            found.append(text)
        return found

    def _document(self, value: Any) -> str | None:
        if isinstance(value, Encoded):
            return value.text if value.text is not None else json.dumps(self._plain(value.tree))
        return None if isinstance(value, Unknown | Open) else self._word(value)

    def _settings(self, value: Any) -> list[tuple[str, str]]:
        found = []
        for each in value if isinstance(value, list) else ():
            block = resolved(each)
            name = resolved(block.get("name")) if isinstance(block, dict) else None
            if not isinstance(name, str) or not isinstance(block, dict):
                continue
            said = resolved(block.get("value"))
            listed = "{" + ",".join(map(self._word, said)) + "}" if isinstance(said, list) else self._word(said)
            found.append((name, listed))
        return found

    def _plain(self, value: Any) -> Any:
        """A tree as JSON can hold it."""
        value = resolved(value)
        if isinstance(value, dict):
            return {name: self._plain(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, Open):
            return self._plain(value.items)
        return value if value is None or isinstance(value, bool | int | float) else self._word(value)

    def _word(self, value: Any) -> str:
        """A value as text; a word of its own for each part that is not known."""
        value = resolved(value)
        if isinstance(value, Text):
            return "".join(map(self._word, value.parts))
        if isinstance(value, Encoded):
            return value.text if value.text is not None else json.dumps(self._plain(value.tree))
        if isinstance(value, Unknown):
            word = f"compliance-scan-unknown-{len(self._holes)}"
            self._holes[word] = value
            return word
        if isinstance(value, bool):
            return "true" if value else "false"
        return "" if is_nothing(value) else str(value)
