"""What Terraform hands to Kubernetes as text or chart: `kubectl_manifest` and `helm_release`.

The objects of a `yaml_body` take the resource's place, with its address; a release's are rendered with the charts.
"""

import re
from typing import Any

from compliance_scan.inputs.kubernetes.helm import filled
from compliance_scan.inputs.kubernetes.load import KubernetesOptions
from compliance_scan.inputs.kubernetes.objects import Found, objects, sensitive_paths
from compliance_scan.inputs.kubernetes.reader import BadYaml, Chunk, chunks, documents
from compliance_scan.inputs.kubernetes.releases import releases
from compliance_scan.inputs.kubernetes.source import ManifestFile
from compliance_scan.model.resource import Comment, Inventory, Origin, Resource, Source, Span
from compliance_scan.model.value import Encoded, Path, Text, Unknown, holes, resolved
from compliance_scan.workspace import Workspace

KUBECTL = "kubectl_manifest"
_BODY = "yaml_body"


def take(inventory: Inventory, workspace: Workspace, options: KubernetesOptions) -> KubernetesOptions:
    """Puts the objects of `kubectl_manifest` in its place, and adds the releases to what is to be rendered."""
    resources: list[Resource] = []
    for resource in inventory.resources:
        if resource.type == KUBECTL and resource.mode == "managed":
            resources += _objects(resource, workspace)
        else:
            resources.append(resource)
    inventory.resources = resources
    found = releases(workspace, resources)
    inventory.incomplete += found.notes
    return options._replace(releases=found.local)


def _objects(resource: Resource, workspace: Workspace) -> list[Resource]:
    """The objects of a body; the resource itself where it is not known."""
    value = resolved(resource.attributes[_BODY]) if _BODY in resource.attributes else None
    words: dict[str, Unknown] = {}
    text = ""
    if isinstance(value, Encoded) and value.text is None:
        trees: list[Any] = [(None, value.tree)]
    else:
        body = _text(value.text if isinstance(value, Encoded) else value, words)
        if body is None:
            return [resource]
        text = body
        try:
            trees = [(chunk, each) for chunk in chunks(text) for each in documents(chunk, {})]
        except BadYaml as error:
            header = resource.source.header
            workspace.note(
                "syntax_error",
                f"{header.file}:{header.line}",
                f"{header.file}:{header.line}: the {_BODY} of {resource.address} is no YAML: {error.message}",
                "correct it; `kubectl apply --dry-run=client -f` shows the same error",
            )
            return [resource]
    file = ManifestFile("", text)
    made = []
    for chunk, document in trees:
        tree = document if chunk is None else filled(document.value, words)
        for found in objects(tree):
            number = 0 if chunk is None else document.number
            made.append(_object(resource, found, _BodySource(resource.source, file, chunk, number, found.path)))
    return [each._replace(address=_numbered(each.address, index)) for index, each in enumerate(made)] or [resource]


def _numbered(address: str, index: int) -> str:
    return address if index == 0 else f"{address}#{index + 1}"


def _object(resource: Resource, found: Found, source: Source) -> Resource:
    return resource._replace(
        type=found.type,
        attributes=found.attributes,
        source=source,
        name=found.name,
        sensitive=sensitive_paths(found.type),
        environment=frozenset({(name,) for name in found.attributes}) if resource.environment else frozenset(),
    )


def _text(value: Any, words: dict[str, Unknown]) -> str | None:
    """A body with a word for each part that is not known; None where nothing of it is known."""
    value = resolved(value)
    if isinstance(value, str):
        return value
    if not isinstance(value, Text):
        return None
    found = ""
    for part in value.parts:
        plain = resolved(part)
        if isinstance(plain, str):
            found += plain
            continue
        cause = next(holes(part), None)
        if cause is None:
            found += str(plain)
            continue
        word = f"compliance-scan-unknown-{len(words)}"
        words[word] = cause
        found += word
    return found


class _BodySource:
    """Places of an object in a body: the very line where the body's lines are those of the file, else the body."""

    __slots__ = ("_chunk", "_file", "_number", "_prefix", "_source")

    def __init__(self, source: Source, file: ManifestFile, chunk: Chunk | None, number: int, prefix: Path) -> None:
        self._source = source
        self._file = file
        self._chunk = chunk
        self._number = number
        self._prefix = prefix

    @property
    def span(self) -> Span:
        """The block."""
        return self._source.span

    @property
    def header(self) -> Span:
        """The block's head."""
        return self._source.header

    def span_of(self, path: Path) -> Span | None:
        """See `Source`."""
        body = self._source.span_of((_BODY,))
        if body is None or self._chunk is None:
            return body
        place = self._file.places(self._chunk, self._number).find(self._prefix + path)
        if place is None:
            return body
        line = self._file.line(place.start)
        return self._line(body, self._file.text.split("\n")[line - 1], line) or body

    def _line(self, body: Span, text: str, number: int) -> Span | None:
        """The line of the file that has a line of the body, the parts that are not known apart."""
        lines = self._source.text(body).split("\n")
        pattern = re.compile(
            r"\s*" + re.sub(r"compliance\\-scan\\-unknown\\-\d+", ".*", re.escape(text.strip())) + r"\s*"
        )
        at = number if number < len(lines) else -1
        if at < 0 or not pattern.fullmatch(lines[at]):
            return None
        start = len(lines[at]) - len(lines[at].lstrip())
        return Span(body.file, body.line + at, start + 1, body.line + at, len(lines[at].rstrip()) + 1)

    def origins_of(self, path: Path) -> tuple[Origin, ...]:
        """The body's."""
        return self._source.origins_of((_BODY,)) if path else ()

    def comments(self) -> tuple[Comment, ...]:
        """The block's."""
        return self._source.comments()

    def text(self, span: Span) -> str:
        """See `Source`."""
        return self._source.text(span)
