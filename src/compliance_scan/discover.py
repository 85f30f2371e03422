"""Which files of a tree are read by whom: by name, and where a name says nothing, by content."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from compliance_scan.workspace import Workspace

TERRAFORM = (".tf", ".tofu", ".tf.json", ".tofu.json")
VARIABLES = (".tfvars", ".tfvars.json")
MAX_PEEK = 65_536
_PLAN = rb'"(?:planned_values|resource_changes|prior_state)"\s*:'
_FORMAT = rb'"format_version"\s*:'
_STATE = rb'"(?:lineage|terraform_version)"\s*:'
_SERIAL = rb'"serial"\s*:'
PLAN = "Terraform plan"
STATE = "Terraform state"
UNREAD = "not read by this version"


class Found(NamedTuple):
    """Root-relative paths by reader."""

    terraform: list[str]
    manifests: list[str]
    unread: dict[tuple[str, str], int]
    """Files that belong to infrastructure but are not read yet: (what, reason) to how many."""
    named_unread: list[tuple[str, str]]
    """Those of them that the user named: path and what it is."""


def discover(workspace: Workspace, targets: Sequence[str]) -> Found:
    """Sorts the files below the targets."""
    found = Found([], [], {}, [])
    for path, named in workspace.walk(targets):
        if path.endswith(TERRAFORM):
            found.terraform.append(path)
        elif path.endswith(VARIABLES):
            continue  # read with the module beside them
        elif path.endswith((".tfstate", ".tfstate.backup")):
            _unread(found, path, STATE, named=named)
        elif path.endswith((".yaml", ".yml")):
            found.manifests.append(path)
        elif path.endswith(".json"):
            _json(workspace, found, path, named=named)
        elif (kind := terraform_json(workspace.head(path, MAX_PEEK)) if named else None) is not None:
            _unread(found, path, kind, named=True)  # `terraform show -json > plan.out`
    return found


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """The folders of files, `.` for the top."""
    return frozenset(path.rpartition("/")[0] or "." for path in paths)


def _json(workspace: Workspace, found: Found, path: str, *, named: bool) -> None:
    head = workspace.head(path, MAX_PEEK)
    kind = terraform_json(head)
    if kind is not None:
        _unread(found, path, kind, named=named)
    elif b"apiVersion" in head or len(head) == MAX_PEEK:
        found.manifests.append(path)


def terraform_json(head: bytes) -> str | None:
    """What Terraform's own JSON a file is, by its first bytes: a plan, a state, or neither."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    if re.search(_FORMAT, head) and (re.search(_PLAN, head) or re.search(_STATE, head)):
        return PLAN if re.search(_PLAN, head) else STATE
    if re.search(_STATE, head) and re.search(_SERIAL, head):
        return STATE
    return None


def _unread(found: Found, path: str, kind: str, *, named: bool) -> None:
    key = (kind, UNREAD)
    found.unread[key] = found.unread.get(key, 0) + 1
    if named:
        found.named_unread.append((path, kind))
