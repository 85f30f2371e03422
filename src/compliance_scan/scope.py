"""Less than everything: what a change touches (`--changed`), and what differs from a revision (`--diff`)."""

import posixpath
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.discover import TERRAFORM, Found, discover, folders_of
from compliance_scan.model.finding import Finding
from compliance_scan.model.resource import header_of
from compliance_scan.model.rule import Instance
from compliance_scan.workspace import Workspace

if TYPE_CHECKING:
    from compliance_scan.gitdiff import Revision
    from compliance_scan.model.resource import Resource
    from compliance_scan.scan import Loaded, Request

MEANINGFUL = (
    *TERRAFORM,
    ".tfvars",
    ".tfvars.json",
    ".json",
    ".yaml",
    ".yml",
    ".tpl",
    ".tftpl",
    ".tmpl",
    ".j2",
    ".txt",
    ".sh",
    ".pem",
    ".csv",
    ".xml",
    ".hcl",
)
"""Files whose contents can change what a resource is."""


class Reached(NamedTuple):
    """What a change reaches."""

    found: Found
    """The files to read."""
    folders: frozenset[str]
    """Folders whose roots, and whose callers' roots, are judged."""
    changed: frozenset[str]
    """Root-relative paths; with a revision also those that are gone."""
    revision: "Revision | None" = None


def reached(request: "Request", workspace: Workspace) -> Reached:
    """What to read for the changed files, or for what differs from the revision."""
    if request.diff is None:
        changed, found, revision = set(request.targets), discover(workspace, ["."]), None
    else:
        from compliance_scan.gitdiff import Revision

        revision = Revision(request.root, request.diff, suffixes=MEANINGFUL)
        found = discover(workspace, request.targets)
        here = [each.path for each in workspace.walk(["."]) if each.path.endswith(MEANINGFUL)]
        changed = revision.changed(workspace, here)
    lying = [path for path in found.lying if path in changed]
    kept = Found(found.terraform, _manifests(workspace, found.manifests, changed), {}, lying=lying)
    return Reached(kept, _touched(changed), frozenset(changed), revision)


def narrowed(findings: "Sequence[Finding]", loaded: "Loaded", instances: Sequence[Instance]) -> list[Finding]:
    """The findings that the request is about."""
    if loaded.request.diff is not None:
        return _differ(findings, loaded, instances)
    folders = folders_of(loaded.request.targets)
    return [finding for finding in findings if not folders.isdisjoint(folders_of(_files(finding)))]


def _files(finding: Finding) -> list[str]:
    files = [header_of(finding.resource).file]
    return files + [evidence.span.file for evidence in finding.evidence[:1]]


def _touched(changed: Iterable[str]) -> frozenset[str]:
    """The folders whose modules a change can concern: a Terraform file's own, and of any other file all above it, since
    a module may read it from anywhere."""
    folders: set[str] = set()
    for path in changed:
        folder = posixpath.dirname(path)
        folders.add(folder or ".")
        if not path.endswith(TERRAFORM):
            while folder:
                folder = posixpath.dirname(folder)
                folders.add(folder or ".")
    return frozenset(folders)


def _manifests(workspace: Workspace, paths: Sequence[str], changed: set[str]) -> list[str]:
    """The manifests that share a root (folder, chart or kustomization) with a changed one."""
    if not any(path.endswith((".yaml", ".yml", ".json")) for path in changed):
        return []
    from compliance_scan.inputs.kubernetes.layout import Layout

    layout = Layout(workspace)
    roots = {layout.root(path) for path in changed if path.endswith((".yaml", ".yml", ".json"))}
    return [path for path in paths if layout.root(path) in roots]


def _differ(findings: "Sequence[Finding]", loaded: "Loaded", instances: Sequence[Instance]) -> list[Finding]:
    """Findings on resources that the revision did not have, had otherwise, or that were judged otherwise then."""
    reached, request = loaded.reached, loaded.request
    if not findings or reached is None or reached.revision is None:
        return []
    from compliance_scan import scan
    from compliance_scan.gitdiff import RevisionWorkspace
    from compliance_scan.jsonvalue import digest

    before = RevisionWorkspace(loaded.workspace, reached.revision)
    found = discover(before, ["."])
    found = Found(found.terraform, _manifests(before, found.manifests, set(reached.changed)), {})
    then = scan.Loaded(request, before, found, scan.read(before, found, request, reached.folders))
    old = {
        (resource.root, name): resource
        for resource in then.inventory.resources
        for name in (resource.address, *resource.aliases)
    }
    judged = {
        (finding.instance, name): (finding.verdict, finding.guilty)
        for finding in scan.judge(instances, then)
        for name in (finding.fingerprint, *finding.aliases)
    }
    # Accounts, regions and namespaces are made up of others: they differ where their verdicts do.
    written = {id(resource) for resource in loaded.inventory.resources}
    same: dict[int, bool] = {}

    def is_same(resource: "Resource") -> bool:
        known = same.get(id(resource))
        if id(resource) not in written:
            return True
        if known is None:
            names = (resource.address, *resource.aliases)
            twin = next((old[resource.root, name] for name in names if (resource.root, name) in old), None)
            known = same[id(resource)] = twin is not None and digest(twin) == digest(resource)
        return known

    return [
        finding
        for finding in findings
        if not is_same(finding.resource)
        or (
            finding.verdict in ("fail", "unknown")
            and judged.get((finding.instance, finding.fingerprint)) != (finding.verdict, finding.guilty)
        )
    ]
