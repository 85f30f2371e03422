"""Which folders are root modules: those that no other folder calls."""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from compliance_scan.inputs.terraform.ast import Block, Literal
from compliance_scan.inputs.terraform.module import Module
from compliance_scan.inputs.terraform.variables import local_folder
from compliance_scan.workspace import Workspace

_MAY_CALL = re.compile(rb"""source"?\s*[=:]\s*"\.""")


def called_folder(folder: str, call: Block) -> str | None:
    """The folder that a module block names by a local path; None for any other source."""
    attribute = call.body.attributes.get("source")
    if attribute is None or not isinstance(attribute.expr, Literal) or not isinstance(attribute.expr.value, str):
        return None
    return local_folder(folder, attribute.expr.value)


def calls_of(module: Module) -> list[str]:
    """The folders that a module calls."""
    found = (called_folder(module.folder, call) for call in module.calls.values())
    return [folder for folder in found if folder is not None]


def find_roots(calls: Mapping[str, Sequence[str]]) -> list[str]:
    """The roots among folders, given what each calls, in order of their names.

    Where folders call one another in a circle and nobody else calls them, the first by name is their root.
    """
    called = {target for folder, targets in calls.items() for target in targets if target != folder}
    roots = [folder for folder in sorted(calls) if folder not in called]
    seen = _reached(calls, roots)
    for folder in sorted(calls):
        if folder not in seen:
            roots.append(folder)
            seen |= _reached(calls, [folder])
    return sorted(roots)


def reaching(calls: Mapping[str, Sequence[str]], roots: Iterable[str], targets: Iterable[str]) -> list[str]:
    """Those roots that are, or call (however deep), one of the target folders."""
    callers: dict[str, list[str]] = {}
    for folder, called in calls.items():
        for target in called:
            callers.setdefault(target, []).append(folder)
    above = _reached(callers, targets)
    return [root for root in roots if root in above]


def _reached(edges: Mapping[str, Sequence[str]], starts: Iterable[str]) -> set[str]:
    seen = set(starts)
    stack = list(seen)
    while stack:
        for target in edges.get(stack.pop(), ()):
            if target not in seen:
                seen.add(target)
                stack.append(target)
    return seen


def quick_calls(workspace: Workspace, folders: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What each folder calls, reading closely only files that look as if they call something local."""
    from compliance_scan.inputs.terraform.module import read_source

    calls: dict[str, list[str]] = {folder: [] for folder in folders}
    for folder, paths in folders.items():
        for path in paths:
            data = workspace.read(path)
            if data is None or _MAY_CALL.search(data) is None:
                continue
            file = read_source(workspace, path)
            for block in file.body().blocks if file is not None else ():
                if block.type == "module":
                    target = called_folder(folder, block)
                    if target is not None:
                        calls[folder].append(target)
    return calls


def by_folder(files: Iterable[str]) -> dict[str, list[str]]:
    """Paths by the folder that they lie in (`.` for the root)."""
    folders: dict[str, list[str]] = {}
    for path in files:
        folders.setdefault(posixpath.dirname(path) or ".", []).append(path)
    return folders
