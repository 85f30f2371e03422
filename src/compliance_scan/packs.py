"""All packs of an installed copy, written by the build."""

import os

from compliance_scan import compiled


def build_all(folder: str) -> list[str]:
    """Writes every built-in pack into `folder`, returns their names; raises `ConfigError` where a source is wrong."""
    from compliance_scan.frameworks.build import build as build_frameworks
    from compliance_scan.ruleset.build import build_builtin
    from compliance_scan.shape.compile import build as build_types

    frameworks = compiled.source_folder("frameworks")
    packs = {"types": build_types(), "rules": build_builtin(), "frameworks": build_frameworks(frameworks)}
    for name, data in packs.items():
        with open(os.path.join(folder, f"{name}.pack"), "wb") as handle:
            handle.write(data)
    return [f"{name}.pack" for name in packs]
