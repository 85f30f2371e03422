"""Terraform code to an inventory: finds roots, evaluates each with the modules that it calls."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from compliance_scan.inputs.terraform.covered import admit
from compliance_scan.inputs.terraform.instance import ModuleInstance, Program
from compliance_scan.inputs.terraform.resources import resources_of
from compliance_scan.inputs.terraform.roots import by_folder, calls_of, find_roots, quick_calls, reaching
from compliance_scan.inputs.terraform.store import ModuleStore
from compliance_scan.inputs.terraform.variables import RootInputs, Setting
from compliance_scan.model.resource import Inventory
from compliance_scan.workspace import Workspace

RECURSION = 12_000
"""Python frames: chains of references across modules go deep, and each link is bounded by `instance.MAX_LINKS`."""


UNMADE = "resource whose count is 0 or whose for_each is empty"


_NOTHING: Mapping[str, str] = {}


class TerraformOptions(NamedTuple):
    """What the user says beside the code."""

    var: Mapping[str, str] = _NOTHING
    """`--var`: name to text."""
    var_files: Sequence[str] = ()
    """`--var-file`: paths relative to the repository root."""
    settings: Sequence[tuple[str, str | None]] = ()
    """Both kinds of flags in the user's order, where it is known: (name, text), or (path, None); instead of the two."""
    workspace: str | None = None
    """`terraform.workspace`; None where it is not known."""
    environment: Mapping[str, str] = _NOTHING
    """The process environment, for `TF_VAR_…`."""
    only_reaching: frozenset[str] | None = None
    """Judge only the roots that are or call one of these folders (relative to the repository root, `.` for itself)."""


def load(workspace: Workspace, files: Sequence[str], options: TerraformOptions) -> Inventory:
    """The resources of all roots among `files` (root-relative `.tf`, `.tf.json`, `.tofu`, `.tofu.json`).

    A folder's other files are read with them, since they belong to its meaning, but what they declare is left out of
    the inventory where `files` names only some of the folder's. Notes go to `workspace.incomplete`.
    """
    if sys.getrecursionlimit() < RECURSION:
        sys.setrecursionlimit(RECURSION)
    store = ModuleStore(workspace, files)
    folders = by_folder(files)
    if options.only_reaching is None:
        modules = {folder: store.module(folder) for folder in sorted(folders)}
        calls = {folder: calls_of(module) for folder, module in modules.items() if module is not None}
        roots = find_roots(calls)
    else:
        quick = quick_calls(workspace, folders)
        roots = reaching(quick, find_roots(quick), options.only_reaching)
    inventory = Inventory()
    chosen = _choice(frozenset(files), frozenset(folders))
    for root in roots:
        _load_root(store, root, options, inventory, chosen)
    unmade = store.without_instance(chosen) if options.only_reaching is None else 0
    if unmade:
        inventory.skipped[UNMADE] = unmade
    inventory.files = store.files_read
    inventory.incomplete = list(workspace.incomplete)
    return inventory


def _choice(files: frozenset[str], folders: frozenset[str]) -> Callable[[str], bool]:
    """Which files' resources are wanted: those asked for, and of called folders in which nothing was asked for all."""

    def chosen(path: str) -> bool:
        return path in files or (path.rsplit("/", 1)[0] if "/" in path else ".") not in folders

    return chosen


def _load_root(
    store: ModuleStore, root: str, options: TerraformOptions, inventory: Inventory, chosen: Callable[[str], bool]
) -> None:
    module = store.module(root)
    if module is None:
        return
    settings = [Setting(*each) for each in options.settings]
    inputs = RootInputs(store.workspace, root, options.var, options.var_files, options.environment, settings)
    inventory.environment.update(inputs.from_environment(module.variables))
    program = Program(store, root, inputs, options.workspace)
    top = ModuleInstance(program, module)
    used = [block.labels[0] for block in module.providers]
    admit(inventory, root, resources_of(program, top, chosen), used)
