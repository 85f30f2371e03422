"""Build hook: compiles rules, facts, schemas and frameworks into packs: an installed copy starts without YAML."""

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackHook(BuildHookInterface[Any]):
    """Adds `_data/*.pack` to the wheel; an editable install builds its packs when it first needs them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, os.path.join(self.root, "src"))
        from compliance_scan.packs import build_all

        folder = tempfile.mkdtemp(prefix="compliance-scan-packs-")
        for name in build_all(folder):
            build_data["force_include"][os.path.join(folder, name)] = f"compliance_scan/_data/{name}"
