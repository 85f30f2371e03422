"""Kustomizations of Flux whose path is a folder of this repository: it is judged as Flux builds and applies it.

Which repository a source means cannot be known offline; a path that is here is taken for the one that is meant. A
Kustomization of a whole repository is not followed: it is as likely one of another. Source (path, targetNamespace,
prefixes, patches, images, commonMetadata, postBuild, and that a folder without a kustomization is taken in whole, with
all folders below): https://fluxcd.io/flux/components/kustomize/kustomizations/ (2026-11)
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from compliance_scan.inputs.kubernetes.argo import Application
from compliance_scan.inputs.kubernetes.objects import Found
from compliance_scan.inputs.kubernetes.scalars import plain
from compliance_scan.model.value import Text, Unknown, Value

Variables = Mapping[str, str | Unknown]

KUSTOMIZATION: Final = "kustomize.toolkit.fluxcd.io/Kustomization"
_IMAGE_FIELDS: Final = ("name", "newName", "newTag", "digest")
_VARIABLE: Final = re.compile(r"(\$?)\$\{([A-Za-z_]\w*)(?::?[-=]([^}]*))?\}")
_NOT_HERE: Final = "kustomize.toolkit.fluxcd.io/substitute"


def kustomizations(found: Found) -> Iterator[Application]:
    """The folder that a Kustomization applies, if any."""
    spec = found.attributes.get("spec")
    path = spec.get("path") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(path, str):
        return
    folder = posixpath.normpath(path.lstrip("/"))  # Flux takes `/deploy` for a folder of the source
    if folder in (".", "..") or folder.startswith("../"):
        return
    yield Application(folder, "", found.address, {}, _changes(spec), flux=True, variables=_variables(spec))


def _changes(spec: Mapping[str, Any]) -> dict[str, Any]:
    """What Flux writes into the kustomization before it builds it."""
    named = {"namespace": "targetNamespace", "namePrefix": "namePrefix", "nameSuffix": "nameSuffix"}
    made: dict[str, Any] = {field: spec[name] for field, name in named.items() if isinstance(spec.get(name), str)}
    made["patches"] = spec.get("patches")
    made["images"] = [
        {field: str(image[field]) for field in _IMAGE_FIELDS if image.get(field)}
        for image in _mappings(spec.get("images"))
    ]
    common = spec.get("commonMetadata")
    labels = common.get("labels") if isinstance(common, dict) else None
    if isinstance(labels, dict) and labels:
        made["labels"] = [{"pairs": {str(key): str(value) for key, value in labels.items()}}]
    return {field: value for field, value in made.items() if value}


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _variables(spec: Mapping[str, Any]) -> Variables | None:
    """The variables that are put in after the build; None where none are. What config maps and secrets of the cluster
    add is not known: they stand under the empty name."""
    build = spec.get("postBuild")
    if not isinstance(build, dict) or not build:
        return None
    said = build.get("substitute")
    made: dict[str, str | Unknown] = {}
    if isinstance(said, dict):
        made |= {str(key): _text(value) for key, value in said.items()}
    if build.get("substituteFrom"):
        made[""] = Unknown("variable_without_value", "Flux puts it in from the cluster")
    return made or None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def substituted(found: Found, variables: Variables) -> Found:
    """An object with its variables put in, as text is; one that says so is left as it is."""
    metadata = found.attributes.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = [metadata.get("labels"), metadata.get("annotations")]
    if any(isinstance(each, dict) and each.get(_NOT_HERE) == "disabled" for each in marks):
        return found
    return found._replace(attributes=_filled(found.attributes, variables))


def _filled(value: Any, variables: Variables) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, variables) for each in value]
    return _put_in(value, variables) if isinstance(value, str) and "${" in value else value


def _put_in(text: str, variables: Variables) -> Value:
    parts: list[str | Unknown] = []
    at = 0
    for match in _VARIABLE.finditer(text):
        parts += [text[at : match.start()], _value(match, variables)]
        at = match.end()
    parts.append(text[at:])
    kept = [part for part in parts if part != ""]
    if len(kept) == 1 and isinstance(kept[0], Unknown):
        return kept[0]
    if all(isinstance(part, str) for part in kept):
        return plain("".join(str(part) for part in kept))  # Flux puts it into the text of the YAML
    return Text(tuple(kept))


def _value(match: re.Match[str], variables: Variables) -> str | Unknown:
    """A variable's value: the Kustomization's own word, else what the cluster has, else its default, else nothing."""
    escaped, name, default = match.groups()
    if escaped:
        return match[0][1:]
    if name in variables:
        return variables[name]
    return variables.get("", default or "")
