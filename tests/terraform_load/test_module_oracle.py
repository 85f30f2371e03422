"""Whole modules against Terraform's own answers.

`ours` was evaluated by Terraform 1.11: the files of `MODULE` in a folder, then `terraform init`, `terraform apply
-auto-approve` and `terraform output -json`.
"""

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.inputs.terraform.convert import to_model
from compliance_scan.inputs.terraform.instance import ModuleInstance, Program
from compliance_scan.inputs.terraform.load import RECURSION
from compliance_scan.inputs.terraform.store import ModuleStore
from compliance_scan.inputs.terraform.variables import RootInputs
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown
from compliance_scan.workspace import Workspace

UNKNOWN = object()

MODULE = {
    "main.tf": """
variable "name" {
  type    = string
  default = "dev"
}
variable "settings" {
  type = object({
    size  = number
    tags  = optional(map(string), { a = "b" })
    extra = optional(object({ on = optional(bool, true) }), {})
  })
  default = { size = "3" }
}
variable "list" {
  type     = list(string)
  nullable = false
  default  = ["x", "y"]
}
locals {
  later   = local.earlier + 1
  earlier = var.settings.size
  names   = [for k, m in module.each : "${k}=${m.label}"]
}
module "one" {
  source = "./child"
  label  = var.name
  items  = var.list
}
module "many" {
  source = "./child"
  count  = 2
  label  = "n${count.index}"
}
module "each" {
  source   = "./child"
  for_each = { p = 1, q = 2 }
  label    = "${each.key}-${each.value}"
  items    = null
}
output "settings" { value = var.settings }
output "later" { value = local.later }
output "names" { value = local.names }
output "one" { value = module.one }
output "many" { value = module.many[*].label }
output "many_whole" { value = module.many }
output "each_whole" { value = module.each }
output "each_q" { value = module.each["q"].count }
output "path" { value = module.one.path }
output "root" { value = path.module }
""",
    "child/main.tf": """
variable "label" { type = string }
variable "items" {
  type     = list(string)
  default  = ["d"]
  nullable = false
}
output "label" { value = upper(var.label) }
output "count" { value = length(var.items) }
output "path" { value = path.module }
""",
}
ANSWERS: dict[str, Any] = {
    "each_q": 1,
    "each_whole": {
        "p": {"count": 1, "label": "P-1", "path": "child"},
        "q": {"count": 1, "label": "Q-2", "path": "child"},
    },
    "later": 4,
    "many": ["N0", "N1"],
    "many_whole": [
        {"count": 1, "label": "N0", "path": "child"},
        {"count": 1, "label": "N1", "path": "child"},
    ],
    "names": ["p=P-1", "q=Q-2"],
    "one": {"count": 2, "label": "DEV", "path": "child"},
    "path": "child",
    "root": ".",
    "settings": {"extra": {"on": True}, "size": 3, "tags": {"a": "b"}},
}


def instance(workspace: Workspace, folder: str) -> ModuleInstance:
    store = ModuleStore(workspace)
    module = store.module(folder)
    assert module is not None
    program = Program(store, folder, RootInputs(workspace, folder, {}, (), {}), "default")
    return ModuleInstance(program, module)


def plain(value: Any) -> Any:
    """A value as JSON would have it, `UNKNOWN` where a part of it is not known."""
    if isinstance(value, Reference):
        return plain(value.value)
    if isinstance(value, Encoded):
        return UNKNOWN if value.text is None else value.text
    if isinstance(value, Unknown | Text | Open):
        return UNKNOWN
    if isinstance(value, list):
        items = [plain(item) for item in value]
        return UNKNOWN if UNKNOWN in items else items
    if isinstance(value, dict):
        pairs = {key: plain(item) for key, item in value.items()}
        return UNKNOWN if UNKNOWN in pairs.values() else pairs
    return value


def same(ours: Any, theirs: Any) -> bool:
    """Equality that tells true from 1."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    return bool(ours == theirs)


def test_our_own_module(tmp_path: Path) -> None:
    for path, text in MODULE.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    root = instance(Workspace(str(tmp_path)), ".")
    got = {name: plain(to_model(root.output(name))) for name in ANSWERS}
    assert got == ANSWERS


def test_modules_of_others(shared: Path, tmp_path: Path) -> None:
    answers = shared / "oracle" / "module_oracle.jsonl"
    archive = shared / "oracle" / "mods.tar.xz"
    if not answers.exists() or not archive.exists():
        pytest.skip("../shared/oracle has no modules")
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    workspace = Workspace(str(tmp_path))
    instances: dict[str, ModuleInstance] = {}
    wrong: list[str] = []
    unknown: list[str] = []
    known = 0
    for line in answers.read_text().splitlines():
        row = json.loads(line)
        folder = row["dir"]
        if folder not in instances:
            instances[folder] = instance(workspace, folder)
        got = plain(to_model(instances[folder].output(row["output"])))
        if isinstance(got, dict) and list(got) == ["v"]:
            got = got["v"]
        where = f"{folder} {row['output']}: {row['expr'][:200]}"
        if "error" in row:
            if got is not UNKNOWN:
                wrong.append(where)
            continue
        known += 1
        if got is UNKNOWN:
            unknown.append(where)
        elif not same(got, row["value"]):
            wrong.append(f"{where}: {got!r} is not {row['value']!r}")
    assert not wrong
    assert len(unknown) <= known / 100, unknown
