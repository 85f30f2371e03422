"""Framework files and the hub of objectives, checked and compiled into a pack.

Runs when a file changed, never in a scan of unchanged ones.
"""

import json
import os
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from compliance_scan import _yaml, compiled
from compliance_scan.errors import ConfigError

OBJECTIVES = "objectives.yaml"
SUFFIX = ".yaml"


def build(folder: str) -> bytes:
    """The pack of all frameworks in a folder; raises `ConfigError` with `file:line:` where a file is wrong."""
    objectives = read_objectives(os.path.join(folder, OBJECTIVES))
    records = {
        name: read_framework(os.path.join(folder, name + SUFFIX), objectives) for name in framework_files(folder)
    }
    return pack_of(records, objectives, folder)


def framework_files(folder: str) -> list[str]:
    """The ids of the frameworks in a folder, sorted."""
    return [name[: -len(SUFFIX)] for name in sorted(os.listdir(folder)) if name.endswith(SUFFIX) and name != OBJECTIVES]


def pack_of(records: Mapping[str, dict[str, Any]], objectives: Mapping[str, Any], folder: str) -> bytes:
    """The pack of frameworks that were read from a folder."""
    values: dict[str, Any] = {"objectives": objectives}
    heads: dict[str, dict[str, Any]] = {}
    for framework, record in records.items():
        heads[framework] = {key: record[key] for key in ("title", "version", "family", "aliases")}
        values[f"framework/{framework}"] = record
        values[f"index/{framework}"] = _index(record["controls"])
    _check_aliases(heads, folder)
    return compiled.encode(values, {"frameworks": heads})


def read_objectives(path: str) -> dict[str, Any]:
    """The hub: objective id to its title, meaning, evidence and limits."""
    document = _document(path, "objectives")
    return dict(document.data)


def read_framework(path: str, objectives: Mapping[str, Any], rules: Container[str] | None = None) -> dict[str, Any]:
    """One framework file as the pack holds it; `rules`: those that it may name, None for any.

    A built-in file may name a rule that is still to be written: it lowers coverage. An own one may not.
    """
    document = _document(path, "framework")
    data = document.data
    seen: dict[str, int] = {}
    controls = []
    for number, control in enumerate(data["controls"]):
        place: _yaml.Place = ("controls", number)
        if control["id"] in seen:
            raise document.error(
                (*place, "id"), f"control `{control['id']}` stands on line {seen[control['id']]} already"
            )
        seen[control["id"]] = document.line((*place, "id"))
        for index, name in enumerate(control.get("objectives", ())):
            if name not in objectives:
                raise document.error(
                    (*place, "objectives", index), f"unknown objective `{name}`{_yaml.nearest(name, objectives)}"
                )
        for index, name in enumerate(control.get("rules", ()) if rules is not None else ()):
            if rules is not None and name not in rules:
                near = _yaml.nearest(name, rules) if isinstance(rules, Iterable) else ""
                raise document.error((*place, "rules", index), f"unknown rule `{name}`{near}")
        controls.append(_control(control))
    framework = os.path.basename(path)[: -len(SUFFIX)]
    return {
        "title": data["title"],
        "version": data["version"],
        "family": framework.removesuffix(f"-{data['version']}"),
        "aliases": data.get("aliases", []),
        "publisher": data.get("publisher", ""),
        "extends": data.get("extends", ""),
        "line": document.line(("extends",)),
        "controls": controls,
    }


def _control(control: dict[str, Any]) -> dict[str, Any]:
    manual = control.get("manual")
    return {
        "id": control["id"],
        "title": control["title"],
        "section": control.get("section", ""),
        "level": control.get("level"),
        "objectives": control.get("objectives", []),
        "rules": control.get("rules", []),
        "coverage": control["coverage"],
        "manual": f"{manual['ask']} Collect: {manual['collect']}" if manual else "",
    }


def _index(controls: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rule and objective to the controls that ask for them, and each control's place in the framework."""
    index: dict[str, dict[str, list[str]]] = {"rules": {}, "objectives": {}}
    for control in controls:
        for kind, names in index.items():
            for name in control[kind]:
                names.setdefault(name, []).append(control["id"])
    return {**index, "order": {control["id"]: number for number, control in enumerate(controls)}}


def _check_aliases(heads: dict[str, dict[str, Any]], folder: str) -> None:
    owner: dict[str, str] = {}
    for framework, head in heads.items():
        for alias in head["aliases"]:
            if alias in heads or any(alias == other["family"] for other in heads.values()):
                what = "is a framework's own name"
            elif alias in owner:
                what = f"is an alias of {owner[alias]}, too"
            else:
                owner[alias] = framework
                continue
            raise ConfigError(f"{shown(os.path.join(folder, framework + SUFFIX))}:1: the alias `{alias}` {what}")


def _document(path: str, kind: str) -> _yaml.Document:
    """A file that keeps to its schema, with the line of everything in it."""
    with open(path, "rb") as handle:
        document = _yaml.read(handle.read(), shown(path))
    for place, message in _schema_errors(document.data, kind):
        raise document.error(place, message)
    return document


def _schema_errors(data: Any, kind: str) -> Iterator[tuple[_yaml.Place, str]]:
    """Where the value breaks the schema, the most telling place first: a misspelt word before what it leaves out."""
    import jsonschema

    with open(schema_path(kind), encoding="utf-8") as handle:
        schema = json.load(handle)
    validator = jsonschema.Draft202012Validator(schema)
    lacking = ("required", "anyOf", "not")
    for error in sorted(
        validator.iter_errors(data),
        key=lambda error: (error.validator in lacking, list(map(str, error.absolute_path))),
    ):
        yield tuple(error.absolute_path), _told(error)


def _told(error: Any) -> str:
    """A schema error as a person would say it."""
    where = _yaml_path(tuple(error.absolute_path))
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", ()))
        extra = next((key for key in error.instance if key not in known), "")
        return f"{where}: unknown key `{extra}`{_yaml.nearest(str(extra), known)}"
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return f"{where}: lacks {', '.join(f'`{name}`' for name in missing)}"
    if error.validator == "not":
        return f"{where}: full coverage leaves nothing manual, and manual coverage names neither rules nor objectives"
    if error.validator == "anyOf":
        return f"{where}: names neither `rules` nor `objectives`; without them coverage is `manual`"
    return f"{where}: {error.message}"


def _yaml_path(place: _yaml.Place) -> str:
    return ".".join(str(step) for step in place) or "the file"


def shown(path: str) -> str:
    """A path as messages show it: relative to the working directory where it lies below."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def schema_path(kind: str) -> str:
    """Where the JSON Schema of a kind of file lies, installed or in a checkout."""
    name = f"{kind}.schema.json"
    data = compiled.data_folder()
    return (
        os.path.join(data, "schema", name) if data else os.path.join(compiled.checkout_folder(), "docs", "schema", name)
    )
