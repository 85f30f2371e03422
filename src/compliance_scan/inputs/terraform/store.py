"""The parsed modules of a run, each folder once, whoever calls it."""

import json
import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.guard import fault
from compliance_scan.inputs.terraform.module import Module, paths_in, read_source
from compliance_scan.inputs.terraform.syntax import SourceFile
from compliance_scan.inputs.terraform.syntax_check import note_errors
from compliance_scan.workspace import Workspace

if TYPE_CHECKING:
    from compliance_scan.inputs.terraform.ast import Block


class ModuleStore:
    """Reads folders when they are asked for, and notes what is wrong with their files."""

    def __init__(self, workspace: Workspace, named: Iterable[str] = ()) -> None:
        """`named`: files to read though their folder's listing hides them (excluded, or not on disk)."""
        self.workspace = workspace
        self.files_read = 0
        self.instantiated: set[Block] = set()
        """The resource blocks of which some root has an instance."""
        self._modules: dict[str, Module | None] = {}
        self._sources: dict[str, SourceFile | None] = {}
        self._opinions: list[str] = []
        self._named: dict[str, list[str]] = {}
        for path in named:
            self._named.setdefault(posixpath.dirname(path) or ".", []).append(path)

    def source(self, path: str) -> SourceFile | None:
        """A file's tree, read once."""
        if path not in self._sources:
            try:
                self._sources[path] = read_source(self.workspace, path)
            except Exception as error:  # noqa: BLE001 - the boundary of one file
                self._sources[path] = None
                fault(self.workspace, path, error)
        return self._sources[path]

    def module(self, folder: str) -> Module | None:
        """A folder's declarations; None where it has no readable Terraform file."""
        if folder not in self._modules:
            self._modules[folder] = None
            paths = paths_in(self.workspace, folder, self._named.get(folder, ()))
            files = [file for file in map(self.source, paths) if file is not None]
            if files:
                self.files_read += len(files)
                try:
                    self._modules[folder] = Module(folder, files)
                    for file in files:
                        note_errors(self.workspace, file, self._opinions)
                except Exception as error:  # noqa: BLE001 - the boundary of one module
                    fault(self.workspace, folder, error)
        return self._modules[folder]

    def without_instance(self, chosen: Callable[[str], bool]) -> int:
        """How many resource blocks of the chosen files have no instance in any root."""
        return sum(
            block not in self.instantiated and chosen(block.file.path)
            for module in self._modules.values()
            if module is not None
            for block in (*module.managed.values(), *module.data.values(), *module.repeated)
        )

    def installed_modules(self, root: str) -> Mapping[str, str]:
        """Call path to folder for what `terraform init` put below a root (`.terraform/modules/modules.json`)."""
        path = posixpath.normpath(posixpath.join(root, ".terraform/modules/modules.json"))
        if not self.workspace.exists(path):
            return {}
        data = self.workspace.read(path)
        try:
            entries = json.loads(data or b"{}")["Modules"]
            found = {str(entry["Key"]): str(entry["Dir"]) for entry in entries}
        except (ValueError, KeyError, TypeError, RecursionError):
            self.workspace.note("error", path, f"{path} is not what terraform init writes", "run terraform init again")
            return {}
        return {key: posixpath.normpath(posixpath.join(root, folder)) for key, folder in found.items() if key}
