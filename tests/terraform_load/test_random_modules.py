"""Random modules against the real Terraform: every address and every planned value of hundreds of modules.

Modules are planned together, as child modules of one root. Those that Terraform refuses are taken out and the rest is
planned again: of what Terraform refuses it is only asked that we end.
"""

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from compliance_scan.inputs.terraform.load import TerraformOptions, load
from compliance_scan.inputs.terraform.module import SUFFIXES
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown
from compliance_scan.workspace import Workspace
from tests.terraform_load.random_modules import module

TERRAFORM = shutil.which("terraform")
UNKNOWN = object()
QUICK = 10
MODULES = int(os.environ.get("FUZZ_MODULES", "500"))
SEED = int(os.environ.get("FUZZ_SEED", "1000"))
BATCH = 12
"""Modules a plan: Terraform's time for a plan and an apply grows with the square of their number."""
WORKERS = 2
ONE_AT_A_TIME = Lock()  # for our own part: only Terraform runs twice at once
ENVIRONMENT = {
    **os.environ,
    "TF_CLI_CONFIG_FILE": os.devnull,
    "CHECKPOINT_DISABLE": "1",
    "TF_IN_AUTOMATION": "1",
    "GOGC": "800",  # Terraform spends a third of its time on collecting garbage otherwise
}

pytestmark = pytest.mark.skipif(TERRAFORM is None, reason="the terraform binary is not installed")


def test_a_few_random_modules(tmp_path: Path) -> None:
    compared = compare(tmp_path, range(QUICK))
    assert compared >= QUICK // 2


@pytest.mark.slow
def test_many_random_modules(tmp_path: Path) -> None:
    def batch(start: int) -> tuple[list[str], int]:
        (tmp_path / str(start)).mkdir()
        found = differing(tmp_path / str(start), range(start, start + BATCH))
        shutil.rmtree(tmp_path / str(start))
        return found

    compared, start = 0, SEED
    differences: list[str] = []
    with ThreadPoolExecutor(WORKERS) as pool:
        while compared < MODULES:
            starts = [start + BATCH * index for index in range(-(-(MODULES - compared) // BATCH))]
            start = starts[-1] + BATCH
            for found, accepted in pool.map(batch, starts):
                differences += found
                compared += accepted
    assert not differences, "\n".join(differences[:50])


def compare(folder: Path, seeds: range) -> int:
    """Plans and loads the modules of these seeds; how many Terraform accepted. Any difference fails."""
    folder.mkdir(exist_ok=True)
    differences, accepted = differing(folder, seeds)
    assert not differences, "\n".join(differences[:20])
    return accepted


def differing(folder: Path, seeds: range) -> tuple[list[str], int]:
    """The differences between Terraform and us, and the number of modules that Terraform accepted."""
    calls: dict[str, str] = {}
    for seed in seeds:
        name = f"s{seed}"
        files, lines = module(seed, name)
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        calls[name] = "\n".join([f'module "{name}" {{', f'  source = "./{name}"', *lines, "}", ""])
    (folder / "main.tf").write_text("\n".join(calls.values()))
    load_all(folder)  # what Terraform refuses must end, too
    planned = plan(folder, calls)
    ours = {resource.address: resource for resource in load_all(folder)}
    differences = [f"{address} is missing" for address in planned.keys() - ours.keys()]
    differences += [f"{address} does not exist" for address in ours.keys() - planned.keys()]
    for address in sorted(planned.keys() & ours.keys()):
        differences += differing_values(ours[address], planned[address])
    return differences, len(calls)


def load_all(folder: Path) -> list[Resource]:
    paths = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.name.endswith(SUFFIXES)]
    with ONE_AT_A_TIME:
        found = load(Workspace(str(folder)), paths, TerraformOptions(workspace="default")).resources
    return [each for each in found if each.root == "."]  # what nobody calls any more is a root of its own


def plan(folder: Path, calls: dict[str, str]) -> dict[str, Any]:
    """The changes that Terraform plans, by address; calls that it refuses are taken out of `calls`."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        assert TERRAFORM is not None
        command = [TERRAFORM, *arguments]
        return subprocess.run(
            command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=300
        )

    for _ in range(40):
        refused: set[str] = set()
        for step in (("init", "-backend=false", "-json"), ("plan", "-input=false", "-out=p", "-json")):
            done = run(*step)
            if done.returncode:
                refused = {name for name in calls if _blames(done.stdout, name)}
                assert refused, done.stdout[-3000:] + done.stderr[-1000:]
                break
        if not refused:
            break
        for name in refused:
            del calls[name]
        (folder / "main.tf").write_text("\n".join(calls.values()))
    shown = run("show", "-json", "p")
    assert shown.returncode == 0, shown.stderr
    changes = {each["address"]: each["change"] for each in json.loads(shown.stdout).get("resource_changes", [])}
    run("apply", "-input=false", "p")  # what fails only now is not in the state
    for entry in _entries(json.loads(run("show", "-json").stdout)["values"]["root_module"]):
        changes[entry["address"]]["applied"] = entry["values"]
    return changes


def _entries(module: Any) -> list[Any]:
    below = [entry for child in module.get("child_modules", []) for entry in _entries(child)]
    return [*module.get("resources", []), *below]


def _blames(output: str, name: str) -> bool:
    """Whether an error in the events of a command is about a module."""
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        diagnostic = event.get("diagnostic") or {}
        if diagnostic.get("severity") != "error":
            continue
        place = (diagnostic.get("range") or {}).get("filename", "")
        text = f"{diagnostic.get('address', '')} {diagnostic.get('detail', '')} {diagnostic.get('summary', '')}"
        code = (diagnostic.get("snippet") or {}).get("context") or ""
        if place.startswith(f"{name}/") or f"module.{name}." in text or code == f'module "{name}"':
            return True
    return False


def differing_values(resource: Resource, change: Any) -> list[str]:
    """Where our values of a resource are not Terraform's."""
    found = []
    for name in ("input", "triggers_replace"):
        theirs = _theirs(change["after"].get(name), (change["after_unknown"] or {}).get(name))
        ours = _ours(resource.attributes[name]) if name in resource.attributes else None
        if not same(ours, theirs, change.get("applied", {}).get(name, UNKNOWN)):
            span = resource.source.span_of((name,))
            text = resource.source.text(span).strip() if span is not None else ""
            found.append(f"{resource.address}.{name}: {ours!r} is not {theirs!r}\n    {text}")
    return found


def _theirs(known: Any, unknown: Any) -> Any:
    if unknown is True:
        return UNKNOWN
    if isinstance(unknown, dict) and unknown:
        known = known or {}
        return {key: _theirs(known.get(key), unknown.get(key)) for key in {**known, **unknown}}
    if isinstance(unknown, list) and unknown and all(mark is True for mark in unknown):
        return UNKNOWN  # of a set of unknown members not even their number is known
    if isinstance(unknown, list) and isinstance(known, list):
        padded = [*unknown, *[None] * (len(known) - len(unknown))]
        return [_theirs(item, mark) for item, mark in zip(known, padded, strict=False)]
    return known


def _ours(value: Any) -> Any:
    if isinstance(value, Reference):
        return _ours(value.value)
    if isinstance(value, Encoded):
        return UNKNOWN if value.text is None else value.text
    if isinstance(value, Unknown | Text | Open):
        return UNKNOWN
    if isinstance(value, list):
        items = [_ours(item) for item in value]
        return UNKNOWN if items and all(item is UNKNOWN for item in items) else items
    if isinstance(value, dict):
        return {key: _ours(item) for key, item in value.items()}
    return value


def same(ours: Any, theirs: Any, applied: Any) -> bool:
    """Equality that tells true from 1. What Terraform leaves open we may know, if the apply says the same."""
    if theirs is UNKNOWN:
        return ours is UNKNOWN or _agrees(ours, applied)
    if ours is UNKNOWN or isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, list) and isinstance(theirs, list):
        fits = isinstance(applied, list) and len(applied) == len(ours)
        return len(ours) == len(theirs) and all(map(same, ours, theirs, applied if fits else [UNKNOWN] * len(ours)))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        below = {**dict.fromkeys(ours, UNKNOWN), **(applied if isinstance(applied, dict) else {})}
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key], below[key]) for key in ours)
    return bool(ours == theirs)


def _agrees(ours: Any, applied: Any) -> bool:
    """Whether what is known of a value is what came of it."""
    if ours is UNKNOWN or applied is UNKNOWN:
        return True
    if isinstance(ours, list) and isinstance(applied, list):
        return len(ours) == len(applied) and all(map(_agrees, ours, applied))
    if isinstance(ours, dict) and isinstance(applied, dict):
        return ours.keys() == applied.keys() and all(_agrees(ours[key], applied[key]) for key in ours)
    return isinstance(ours, bool) == isinstance(applied, bool) and bool(ours == applied)
