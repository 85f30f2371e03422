"""The pack of all types: schemas and facts, compiled from the files in `types/`.

Runs when the wheel is built, and in a checkout whenever one of the files changed. Only here are YAML and JSON Schema
read for facts.
"""

import json
import lzma
import os
from typing import Any

from compliance_scan import _yaml
from compliance_scan.compiled import encode
from compliance_scan.errors import ConfigError

TYPES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "types")


def build(folder: str = TYPES) -> bytes:
    """The bytes of the pack: `s:` schemas, `d:` data sources, `r:` shared records, `f:` facts, `c:` collectors
    and `q:` seeds by name. Raises
    `ConfigError` with `file:line:` where a facts file is wrong."""
    values: dict[str, Any] = {}
    facts = read_facts(folder)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".schema.json.xz"):
            _add_schema(values, os.path.join(folder, name))
    aliases: dict[str, str] = {}
    virtual: list[str] = []
    satellites: dict[str, list[str]] = {}
    for name, record in facts.items():
        for part, mark in (("collect", "c"), ("seed", "q")):  # a scan of code parses neither
            if part in record:
                values[f"{mark}:{name}"] = record.pop(part)
        values[f"f:{name}"] = record
        aliases |= dict.fromkeys(record.get("aliases", ()), name)
        if record.get("virtual"):
            virtual.append(name)
        for fold in record.get("folds", {}).values():
            for source in fold["from"]:
                if "type" in source:
                    satellites.setdefault(source["type"], []).append(name)
    meta = {"aliases": aliases, "virtual": virtual, "satellites": {k: sorted(set(v)) for k, v in satellites.items()}}
    return encode(values, meta)


def _add_schema(values: dict[str, Any], path: str) -> None:
    with lzma.open(path, "rt", encoding="utf-8") as handle:
        schema = json.load(handle)
    for part, mark in (("resources", "s"), ("data_sources", "d"), ("defs", "r")):
        for name, record in schema.get(part, {}).items():
            values[f"{mark}:{name}"] = record


def read_facts(folder: str = TYPES) -> dict[str, dict[str, Any]]:
    """The facts of every type, checked; raises `ConfigError` with `file:line:`."""
    import jsonschema

    with open(os.path.join(folder, "facts.schema.json"), encoding="utf-8") as handle:
        validator = jsonschema.Draft202012Validator(json.load(handle))
    found: dict[str, dict[str, Any]] = {}
    for provider in sorted(os.listdir(folder)):
        below = os.path.join(folder, provider)
        if not os.path.isdir(below):
            continue
        for name in sorted(os.listdir(below)):
            if name.endswith(".yaml"):
                path = os.path.join(below, name)
                record = _read(path, validator)
                type_name = record.pop("type", None) or _type_name(name)
                found[type_name] = record | {"provider": provider}
    return found


def _read(path: str, validator: Any) -> dict[str, Any]:
    with open(path, "rb") as handle:
        document = _yaml.read(handle.read(), os.path.relpath(path))
    error = next(iter(sorted(validator.iter_errors(document.data), key=lambda e: len(e.absolute_path))), None)
    if error is not None:
        raise _schema_error(document, error)
    record: dict[str, Any] = document.data
    return record


def _schema_error(document: _yaml.Document, error: Any) -> ConfigError:
    while error.context:  # of alternatives, say what is wrong with the nearest one
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return document.error(tuple(error.absolute_path), str(error.message), "docs/facts.md describes the keys")


def _type_name(file: str) -> str:
    """`apps.Deployment.yaml` is `apps/Deployment`."""
    group, _, kind = file.removesuffix(".yaml").rpartition(".")
    return f"{group}/{kind}" if group else kind


def build_packs(folder: str) -> None:
    """Writes the pack for the wheel into `folder`."""
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "types.pack"), "wb") as handle:
        handle.write(build())
