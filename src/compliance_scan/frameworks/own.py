"""An organisation's own frameworks: the folder `frameworks` of a pack, beside its rules.

Each file is a framework as the built-in ones are. With `extends: ID` it has all controls of that framework, those that
it lists with the same id replaced and the others added. `objectives.yaml` there may add objectives.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

from compliance_scan import _yaml, compiled
from compliance_scan.errors import ConfigError
from compliance_scan.frameworks import build


def own_pack(folder: str, packs: Sequence[compiled.Pack], known: Sequence[str]) -> compiled.Pack:
    """The compiled frameworks of a folder, kept in the user's cache; raises `ConfigError`."""
    place = hashlib.sha256(os.path.realpath(folder).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    beside = repr([sorted(known), [sorted(pack.meta["frameworks"]) for pack in packs]])
    key = compiled.signature([os.path.abspath(folder), os.path.dirname(__file__)])
    key += hashlib.sha256(beside.encode()).hexdigest()[:8]
    return compiled.keyed_pack(
        compiled.cache_folder(), f"frameworks_{place}", key, lambda: _build(folder, packs, frozenset(known))
    )


def _build(folder: str, packs: Sequence[compiled.Pack], known: frozenset[str]) -> bytes:
    hub: dict[str, Any] = {name: told for pack in packs for name, told in pack.get("objectives").items()}
    taken = {name: pack for pack in packs for name in pack.meta["frameworks"]}
    own: dict[str, Any] = {}
    path = os.path.join(folder, build.OBJECTIVES)
    if os.path.exists(path):
        own = build.read_objectives(path)
        for name in own:
            if name in hub:
                raise ConfigError(
                    f"{build.shown(path)}:1: the objective `{name}` is there already", "name it otherwise"
                )
    records = {}
    for name in build.framework_files(folder):
        file = os.path.join(folder, name + build.SUFFIX)
        if name in taken:
            raise ConfigError(
                f"{build.shown(file)}:1: there is a framework {name} already",
                f"give the file another name; `extends: {name}` takes over its controls",
            )
        records[name] = build.read_framework(file, {**hub, **own}, known)
    extended = {name: _extended(name, records, taken, folder, ()) for name in records}
    return build.pack_of(extended, own, folder)


def _extended(
    name: str,
    records: Mapping[str, dict[str, Any]],
    taken: Mapping[str, compiled.Pack],
    folder: str,
    above: tuple[str, ...],
) -> dict[str, Any]:
    """A framework with the controls of what it extends."""
    record = records[name]
    base = record["extends"]
    if not base:
        return record
    where = f"{build.shown(os.path.join(folder, name + build.SUFFIX))}:{record['line']}"
    if base in (*above, name):
        raise ConfigError(f"{where}: `extends` leads in a circle: {' -> '.join((*above, name, base))}")
    if base in records:
        whole = _extended(base, records, taken, folder, (*above, name))
    elif base in taken:
        whole = taken[base].get(f"framework/{base}")
    else:
        near = _yaml.nearest(base, [*records, *taken])
        raise ConfigError(f"{where}: `extends` names no framework: `{base}`{near}")
    controls = {control["id"]: control for control in whole["controls"]}
    controls.update({control["id"]: control for control in record["controls"]})
    return {**record, "controls": list(controls.values())}
