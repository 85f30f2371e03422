"""Argo CD Applications whose source is a folder of this repository: it is judged as the Application installs it.

Which repository an address means cannot be known offline; a path that is here is taken for the one that is meant.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from compliance_scan.inputs.kubernetes.helm import Release
from compliance_scan.inputs.kubernetes.objects import Found
from compliance_scan.model.value import Unknown

APPLICATION = "argoproj.io/Application"
APPLICATION_SET = "argoproj.io/ApplicationSet"


class Application(NamedTuple):
    """One source of an Application, or what a Kustomization of Flux applies."""

    folder: str
    """Root-relative, `.` for the top."""
    namespace: str
    """Where its objects go that name none; empty where the Application names none."""
    installer: str
    helm: Mapping[str, Any]
    kustomize: Mapping[str, Any]
    flux: bool = False
    """Whether a folder without a kustomization is taken in with all folders below, and built as if it had one."""
    variables: Mapping[str, str | Unknown] | None = None
    """What is put into the texts of built objects, by name; the empty name for those that others may set."""

    def release(self) -> Release:
        """The source as a release of the chart that lies in its folder."""
        said, files = self.helm, []
        for name in _texts(said.get("valueFiles")):
            path = posixpath.normpath(posixpath.join(self.folder, name))
            if not name.startswith(("$", "/")) and "://" not in name and not path.startswith("../"):
                files.append(path)
        values = [said["values"]] if isinstance(said.get("values"), str) else []
        if isinstance(said.get("valuesObject"), dict):
            values.append(json.dumps(said["valuesObject"], default=str))
        pairs = said.get("parameters")
        settings = [
            (str(each["name"]), str(each.get("value", "")))
            for each in (pairs if isinstance(pairs, list) else ())
            if isinstance(each, dict) and isinstance(each.get("name"), str)
        ]
        return Release(
            chart=self.folder,
            name=str(said.get("releaseName") or self.installer.rpartition("/")[2]),
            namespace=self.namespace,
            files=files,
            values=values,
            settings=settings,
            installer=self.installer,
        )

    def transformers(self) -> dict[str, Any]:
        """The fields of a kustomization that say what the Application changes."""
        made = {name: self.kustomize[name] for name in _PASSED if self.kustomize.get(name)}
        said, patches = self.kustomize.get("images"), self.kustomize.get("patches")
        images = [each if isinstance(each, dict) else _image(each) for each in _of(said, str, dict)]
        # Of patches those alone that stand there: a file would be looked for beside us.
        inline = [each for each in _of(patches, dict) if isinstance(each.get("patch"), str) and "path" not in each]
        return made | ({"images": images} if images else {}) | ({"patches": inline} if inline else {})


_PASSED = ("namePrefix", "nameSuffix", "commonLabels", "commonAnnotations", "labels", "namespace")


def applications(found: Found) -> Iterator[Application]:
    """The sources of an Application, or of the template of an ApplicationSet, that name a path."""
    spec = found.attributes.get("spec")
    if found.type == APPLICATION_SET and isinstance(spec, dict):
        template = None if spec.get("templatePatch") else spec.get("template")
        spec = template.get("spec") if isinstance(template, dict) else None
    if not isinstance(spec, dict):
        return
    target = spec.get("destination")
    namespace = target.get("namespace") if isinstance(target, dict) else None
    sources = spec.get("sources") if isinstance(spec.get("sources"), list) else [spec.get("source")]
    for source in sources if isinstance(sources, list) else ():
        path = source.get("path") if isinstance(source, dict) else None
        folder = posixpath.normpath(str(path)) if isinstance(path, str) and path else ""
        if not folder or source.get("chart") or folder.startswith(("../", "/")) or folder == "..":
            continue
        helm, kustomize = source.get("helm"), source.get("kustomize")
        if found.type == APPLICATION_SET and "{{" in json.dumps([folder, helm, kustomize, namespace], default=str):
            continue  # what the generators fill in decides how it is installed
        yield Application(
            folder,
            namespace if isinstance(namespace, str) else "",
            found.address,
            helm if isinstance(helm, dict) else {},
            kustomize if isinstance(kustomize, dict) else {},
        )


def _texts(value: Any) -> list[str]:
    return _of(value, str)


def _of(value: Any, *kinds: type) -> list[Any]:
    return [each for each in value if isinstance(each, kinds)] if isinstance(value, list) else []


def _image(text: str) -> dict[str, str]:
    """`name=new:tag`, `name:tag` or `name@digest`, as a kustomization writes it."""
    name, equals, new = text.rpartition("=")
    plain, at, digest = new.partition("@")
    tag = "" if at or ":" not in plain.rpartition("/")[2] else plain.rpartition(":")[2]
    image = plain[: -len(tag) - 1] if tag else plain
    made = {"name": name if equals else image, "newName": image}
    return made | ({"digest": digest} if at else {"newTag": tag} if tag else {})
