"""Manifests from text, without a file system."""

from collections.abc import Callable
from datetime import date

import pytest

from compliance_scan.inputs.kubernetes.load import KubernetesOptions, load
from compliance_scan.model.resource import Inventory
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace

Read = Callable[..., Inventory]


@pytest.fixture
def read() -> Read:
    """The inventory of files given as `path=text`, or of one text."""

    def reader(text: str | bytes = "", options: KubernetesOptions | None = None, **files: str | bytes) -> Inventory:
        named = {name.replace("__", "/"): body for name, body in files.items()} or {"manifest.yaml": text}
        return read_files(named, options)

    return reader


def read_files(files: dict[str, str | bytes], options: KubernetesOptions | None = None) -> Inventory:
    """The inventory of files by path."""
    workspace = Workspace("/nonexistent/compliance-scan/test")
    for path, body in files.items():
        workspace.put(path, body.encode() if isinstance(body, str) else body)
    return load(workspace, sorted(files), options)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.open()


@pytest.fixture
def world(catalog: Catalog) -> Callable[[str | dict[str, str | bytes]], World]:
    """The shaped world of a text, or of files by path."""

    def make(files: str | dict[str, str | bytes]) -> World:
        inventory = read_files({"manifest.yaml": files} if isinstance(files, str) else files)
        assert not inventory.incomplete
        return World(inventory, catalog, as_of=date(2026, 1, 1))

    return make
