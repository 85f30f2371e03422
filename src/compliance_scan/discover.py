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
UNREAD = "holds secrets in plain text; read where it is named, or by --state"


class Found(NamedTuple):
    """Root-relative paths by reader."""

    terraform: list[str]
    manifests: list[str]
    unread: dict[tuple[str, str], int]
    """Files that belong to infrastructure but are not read: (what, reason) to how many."""
    plans: Sequence[tuple[str, bool]] = ()
    """Plans, each with whether the user named it."""
    states: Sequence[str] = ()
    """States that the user named."""
    lying: Sequence[str] = ()
    """States that merely lie in the tree: they are not read, that they lie there is judged."""


def discover(workspace: Workspace, targets: Sequence[str]) -> Found:
    """Sorts the files below the targets."""
    plans: list[tuple[str, bool]] = []
    states: list[str] = []
    lying: list[str] = []
    found = Found([], [], {}, plans, states, lying)
    for path, named in workspace.walk(targets):
        if path.endswith(TERRAFORM):
            found.terraform.append(path)
        elif path.endswith(VARIABLES):
            continue  # read with the module beside them
        elif path.endswith((".tfstate", ".tfstate.backup")):
            _state(found, states if named else lying, path, named=named)
        elif path.endswith((".yaml", ".yml")):
            found.manifests.append(path)
        elif path.endswith(".json") or named:  # `terraform show -json > plan.out`
            head = workspace.head(path, MAX_PEEK)
            kind = terraform_json(head)
            if kind == STATE:
                _state(found, states if named else lying, path, named=named)
            elif kind == PLAN:
                plans.append((path, named))
            elif path.endswith(".json") and (b"apiVersion" in head or len(head) == MAX_PEEK):
                found.manifests.append(path)
    return found


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """The folders of files, `.` for the top."""
    return frozenset(path.rpartition("/")[0] or "." for path in paths)


def terraform_json(head: bytes) -> str | None:
    """What Terraform's own JSON a file is, by its first bytes: a plan, a state, or neither."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    if re.search(_FORMAT, head) and (re.search(_PLAN, head) or re.search(_STATE, head)):
        return PLAN if re.search(_PLAN, head) else STATE
    if re.search(_STATE, head) and re.search(_SERIAL, head):
        return STATE
    return None


def _state(found: Found, states: list[str], path: str, *, named: bool) -> None:
    """A state is read where the user names it; one that merely lies in a tree is judged for that and counted."""
    states.append(path)
    if not named:
        found.unread[STATE, UNREAD] = found.unread.get((STATE, UNREAD), 0) + 1
