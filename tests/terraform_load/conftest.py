"""A repository in memory, loaded."""

from collections.abc import Callable
from pathlib import Path

import pytest

from compliance_scan.inputs.terraform.load import TerraformOptions, load
from compliance_scan.inputs.terraform.module import SUFFIXES
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.workspace import Workspace


class Loaded:
    """An inventory with its resources by address."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.addresses = [resource.address for resource in inventory.resources]
        self.by_address = {resource.address: resource for resource in inventory.resources}
        self.notes = [(note.kind, note.where) for note in inventory.incomplete]

    def __getitem__(self, address: str) -> Resource:
        return self.by_address[address]

    def value(self, address: str, name: str) -> object:
        return self.by_address[address].attributes[name]


Loader = Callable[..., Loaded]


@pytest.fixture
def loaded(tmp_path: Path) -> Loader:
    """Loads files given as {path: text}; `options` are those of `TerraformOptions`, `only` names the scanned ones."""

    def run(files: dict[str, str], only: list[str] | None = None, **options: object) -> Loaded:
        workspace = Workspace(str(tmp_path))
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        paths = only if only is not None else [path for path in files if path.endswith(SUFFIXES)]
        return Loaded(load(workspace, paths, TerraformOptions(**options)))  # type: ignore[arg-type]

    return run
