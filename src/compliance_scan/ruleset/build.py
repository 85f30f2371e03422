"""Packs of rules: read from a folder, checked whole, compiled into one pack that is read by offset.

A pack's values are `rule:ID` (judged) and `prose:ID` (shown); its `meta` says which rules stand for which resource
types, so that a scan reads no more than it judges.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from compliance_scan import compiled
from compliance_scan._yaml import nearest, read
from compliance_scan.errors import ConfigError
from compliance_scan.model.finding import SEVERITIES
from compliance_scan.ruleset.lookup import Shared, SharedConditions, read_shared
from compliance_scan.ruleset.schema import validate
from compliance_scan.ruleset.source import BUILTIN_CODE, Source

SHARED_FOLDER = "_shared"
CODES_FILE = "codes.yaml"


def rule_files(folder: str) -> Iterator[str]:
    """Paths of the rule files below a folder, relative to it, sorted; `_shared`, `frameworks` and hidden folders hold
    none."""
    for base, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        if base == folder and "frameworks" in folders:
            folders.remove("frameworks")
        for name in sorted(files):
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield os.path.relpath(os.path.join(base, name), folder).replace(os.sep, "/")


def shared_conditions(folder: str) -> dict[str, Shared]:
    """The shared conditions of a pack's folder; raises `ConfigError`."""
    found: dict[str, Shared] = {}
    place = os.path.join(folder, SHARED_FOLDER)
    if os.path.isdir(place):
        for name in sorted(os.listdir(place)):
            if name.endswith(".yaml") and name != CODES_FILE:
                with open(os.path.join(place, name), "rb") as handle:
                    found[name.removesuffix(".yaml")] = read_shared(read(handle.read(), os.path.join(place, name)))
    return found


def objectives(folder: str = "") -> tuple[str, ...]:
    """The closed vocabulary of `frameworks/objectives.yaml`, the built-in one or that of a pack; empty while there is
    none."""
    path = os.path.join(folder or compiled.source_folder("frameworks"), "objectives.yaml")
    if not os.path.exists(path):
        return ()
    with open(path, "rb") as handle:
        data = read(handle.read(), path).data
    inside = data.get("objectives", data) if isinstance(data, dict) else data
    if isinstance(inside, list):
        return tuple(str(item["id"]) for item in inside if isinstance(item, dict) and "id" in item)
    return tuple(inside) if isinstance(inside, dict) else ()


def read_folder(folder: str, *, builtin: bool, known: Mapping[str, str] | None = None) -> list[Source]:
    """All rules below a folder, wholly checked; `known` gives ids and codes of other packs with their place.

    Raises `ConfigError` for the first mistake, and counts the others in its hint.
    """
    shared = {} if builtin else shared_conditions(compiled.source_folder("rules"))
    shared.update(shared_conditions(folder))
    conditions, vocabulary = SharedConditions(shared), objectives()
    if not builtin:
        vocabulary += objectives(os.path.join(folder, "frameworks"))
    taken = dict(known or {})
    sources: list[Source] = []
    problems: list[ConfigError] = []
    for origin in rule_files(folder):
        try:
            source = read_rule(folder, origin, conditions, vocabulary, builtin=builtin)
            _claim(source, taken)
        except ConfigError as error:
            problems.append(error)
        else:
            sources.append(source)
    problems += _wrong_yields(sources, taken)
    if problems:
        first = problems[0]
        others = [error.message for error in problems[1:6]]
        more = f"\nand {len(problems) - 1} more:\n" + "\n".join(others) if others else ""
        raise ConfigError(first.message + more, first.hint)
    return sources


def _wrong_yields(sources: Iterable[Source], known: Mapping[str, str]) -> Iterator[ConfigError]:
    """A rule yields to rules that exist, that are no less severe, and that do not yield to it in turn."""
    by_id = {source.id: source for source in sources}
    for source in by_id.values():
        for index, name in enumerate(source.record["yields_to"]):
            place = ("yields_to", index)
            if name not in known:
                yield source.document.error(place, f"there is no rule `{name}`{nearest(name, known)}")
            elif name in by_id and _severity(by_id[name]) > _severity(source):
                yield source.document.error(place, f"`{name}` is less severe: what it hides would be missed")
            elif source.id in _reached(name, by_id):
                yield source.document.error(place, f"`{name}` yields to this rule in turn: both would be hidden")


def _severity(source: Source) -> int:
    return SEVERITIES.index(source.record["severity"])


def _reached(name: str, by_id: Mapping[str, Source]) -> set[str]:
    found: set[str] = set()
    stack = [name]
    while stack:
        current = stack.pop()
        if current in by_id and current not in found:
            found.add(current)
            stack.extend(by_id[current].record["yields_to"])
    return found


def read_rule(
    folder: str, origin: str, conditions: SharedConditions, vocabulary: Iterable[str], *, builtin: bool
) -> Source:
    """One rule's file, checked; raises `ConfigError`."""
    from compliance_scan.ruleset.lint import check_reads

    path = os.path.join(folder, origin)
    try:
        with open(path, "rb") as handle:
            document = read(handle.read(), _shown(path))
    except OSError as error:
        raise ConfigError(f"{path}:1: cannot be read: {error.strerror}") from None
    source = Source(document, origin.removesuffix(".yml").removesuffix(".yaml") + ".yaml", conditions, vocabulary)
    validate(document)
    if builtin != source.record["code"].startswith(BUILTIN_CODE):
        wanted = (
            f"start with {BUILTIN_CODE}" if builtin else f"not start with {BUILTIN_CODE}, which is the built-in rules'"
        )
        raise document.error(("code",), f"the code must {wanted}")
    check_reads(source, builtin=builtin)
    return source


def _shown(path: str) -> str:
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def _claim(source: Source, taken: dict[str, str]) -> None:
    for key, name in ((("title",), source.id), (("code",), source.record["code"])):
        if name in taken:
            raise source.document.error(key, f"`{name}` is taken by {taken[name]}")
        taken[name] = source.document.file


def pack_of(sources: Iterable[Source]) -> bytes:
    """The compiled pack of rules."""
    values: dict[str, Any] = {}
    types: dict[str, list[str]] = {}
    codes: dict[str, str] = {}
    ordered = sorted(sources, key=lambda source: source.id)
    for source in ordered:
        values[f"rule:{source.id}"] = source.record
        codes[source.record["code"]] = source.id
        for kind in source.record["resource"]:
            types.setdefault(kind, []).append(source.id)
    for source in ordered:
        values[f"prose:{source.id}"] = source.prose
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    values["codes"] = codes
    return compiled.encode(values, {"types": types, "digest": digest})


def build_builtin() -> bytes:
    """The pack of the built-in rules; raises `ConfigError`."""
    return pack_of(read_folder(compiled.source_folder("rules"), builtin=True))
