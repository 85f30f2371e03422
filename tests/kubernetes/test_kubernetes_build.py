"""Kustomizations built with the real tool, and their objects led back."""

import os
import shutil
import time
from pathlib import Path

import pytest

from compliance_scan.inputs.kubernetes.load import KubernetesOptions, load
from compliance_scan.inputs.kubernetes.tools import Kitchen, Tools
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.workspace import Workspace
from tests.kubernetes.conftest import read_files

HAS_TOOL = bool(shutil.which("kubectl") or shutil.which("kustomize"))
needs_tool = pytest.mark.skipif(not HAS_TOOL, reason="neither kubectl nor kustomize is on this machine")

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  # compliance-scan: a comment
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: side
          image: side:1
        - name: app
          image: nginx:1.0
          securityContext:
            privileged: true
"""
OVERLAY = """namespace: prod
namePrefix: x-
resources:
  - ../base
images:
  - name: nginx
    newTag: "2"
patches:
  - path: patch.yaml
  - target: {kind: Deployment}
    patch: |
      - op: add
        path: /spec/template/spec/hostPID
        value: true
  - path: ops.yaml
    target: {kind: Deployment, name: api}
secretGenerator:
  - name: login
    literals: [password=correct-horse]
"""
PATCH = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
        - name: app
          imagePullPolicy: Never
"""
OPS = """- op: add
  path: /spec/template/spec/containers/0/tty
  value: true
- op: add
  path: /spec/replicas
  value: 3
"""
FILES = {
    "base/kustomization.yaml": "resources: [deployment.yaml]\n",
    "base/deployment.yaml": DEPLOYMENT,
    "prod/kustomization.yaml": OVERLAY,
    "prod/patch.yaml": PATCH,
    "prod/ops.yaml": OPS,
}


def places(resource: Resource, *path: str | int) -> tuple[str, str]:
    """File and first line's text of a path."""
    span = resource.source.span_of(path)
    assert span is not None
    return span.file, resource.source.text(span).splitlines()[0].strip()


def one(inventory: Inventory, kind: str) -> Resource:
    (found,) = [each for each in inventory.resources if each.type == kind]
    return found


@needs_tool
def test_an_overlay_is_judged_as_built_and_its_base_not_again() -> None:
    found = read_files(dict(FILES))
    assert not found.incomplete
    deployment = one(found, "apps/Deployment")
    assert (deployment.address, deployment.root) == ("apps/Deployment/prod/x-api", "prod")
    metadata = deployment.attributes["metadata"]
    assert metadata == {"name": "x-api", "namespace": "prod"}
    assert {each.type for each in found.resources} == {"apps/Deployment", "Secret"}


@needs_tool
def test_what_is_built_leads_back_to_the_line_that_says_it() -> None:
    deployment = one(read_files(dict(FILES)), "apps/Deployment")
    pod = ("spec", "template", "spec")
    app = (*pod, "containers", 0)  # a patched item comes first, at the base it is the second
    assert places(deployment, *app, "securityContext", "privileged") == ("base/deployment.yaml", "privileged: true")
    assert places(deployment, *pod, "hostNetwork") == ("prod/patch.yaml", "hostNetwork: true")
    assert places(deployment, *app, "imagePullPolicy") == ("prod/patch.yaml", "imagePullPolicy: Never")
    assert places(deployment, *pod, "hostPID") == ("prod/kustomization.yaml", "patch: |")
    assert places(deployment, "spec", "replicas") == ("prod/ops.yaml", "- op: add")
    assert places(deployment, *app, "image") == ("prod/kustomization.yaml", "- name: nginx")
    assert places(deployment, "metadata", "namespace") == ("prod/kustomization.yaml", "namespace: prod")
    # What nobody says stands at the part that lacks it.
    assert places(deployment, *app, "livenessProbe") == ("base/deployment.yaml", "- name: app")
    assert [each.message for each in deployment.source.origins_of(app)] == ["in the kustomization prod"]
    assert [each.text for each in deployment.source.comments()] == ["compliance-scan: a comment"]
    assert deployment.source.header.file == "base/deployment.yaml"


@needs_tool
def test_a_generated_secret_is_where_it_is_generated() -> None:
    secret = one(read_files(dict(FILES)), "Secret")
    assert secret.source.header.line == 18
    assert secret.source.span_of(("data", "password")) == secret.source.header
    assert ("data",) in secret.sensitive


@needs_tool
def test_a_base_of_two_overlays_is_judged_in_each() -> None:
    files = FILES | {"test/kustomization.yaml": "namespace: test\nresources: [../base]\n"}
    found = [each for each in read_files(dict(files)).resources if each.type == "apps/Deployment"]
    assert [each.address for each in found] == ["apps/Deployment/prod/x-api", "apps/Deployment/test/api"]


@needs_tool
def test_a_kustomization_at_the_top() -> None:
    found = read_files({"kustomization.yaml": "namespace: a\nresources: [pod.yaml]\n", "pod.yaml": DEPLOYMENT})
    assert [(each.address, each.root) for each in found.resources] == [("apps/Deployment/a/api", ".")]


def test_without_a_tool_the_files_are_judged_as_they_stand_in_their_namespace() -> None:
    found = read_files(dict(FILES), KubernetesOptions(tools=Tools()))
    assert [each.address for each in found.resources] == ["apps/Deployment/prod/api"]
    (note,) = found.incomplete
    assert (note.kind, note.where) == ("chart_not_rendered", "prod/kustomization.yaml")
    assert "install kubectl or kustomize" in note.hint


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("resources: ['https://example.invalid/x.yaml', pod.yaml]\n", "the network is off"),
        ("resources: ['github.com/org/repo//deploy?ref=v1', pod.yaml]\n", "the network is off"),
        ("resources: [../../../etc, pod.yaml]\n", "outside the repository root"),
        ("resources: [/etc, pod.yaml]\n", "outside the repository root"),
        ("resources: [pod.yaml]\nhelmCharts: [{name: x, repo: 'https://example.invalid'}]\n", "Helm charts"),
    ],
)
def test_what_leads_elsewhere_is_not_built_but_said(body: str, reason: str) -> None:
    ran = Tools(kustomize=("/nonexistent/kustomize",))
    found = read_files({"a/kustomization.yaml": body, "a/pod.yaml": DEPLOYMENT}, KubernetesOptions(tools=ran))
    assert [each.address for each in found.resources] == ["apps/Deployment/-/api"]
    (note,) = found.incomplete
    assert reason in note.message


@needs_tool
def test_hostile_kustomizations_run_and_read_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: leaked}\n")
    root = tmp_path / "repository"
    (root / "a").mkdir(parents=True)
    (root / "b").mkdir()
    mark = tmp_path / "ran"
    plugin = (
        "apiVersion: x/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n"
        "    config.kubernetes.io/function: |\n      exec: {path: ./evil.sh}\n"
    )
    (root / "a" / "evil.sh").write_text(f"#!/bin/sh\ntouch {mark}\n")
    (root / "a" / "evil.sh").chmod(0o755)
    (root / "a" / "plugin.yaml").write_text(plugin)
    (root / "a" / "pod.yaml").write_text(DEPLOYMENT)
    (root / "a" / "kustomization.yaml").write_text("resources: [pod.yaml]\ngenerators: [plugin.yaml]\n")
    (root / "b" / "link.yaml").symlink_to(outside / "secret.yaml")
    (root / "b" / "kustomization.yaml").write_text(
        "resources: [link.yaml]\nconfigMapGenerator:\n- files: [link.yaml]\n"
    )
    workspace = Workspace(str(root))
    found = load(workspace, sorted(each.path for each in workspace.walk(["."]) if each.path.endswith(".yaml")))
    assert not mark.exists()
    assert "leaked" not in {each.name for each in found.resources}
    assert "a/kustomization.yaml" in {each.where for each in found.incomplete}


def test_in_a_circle_nothing_is_lost() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b, pod.yaml]\n",
        "a/pod.yaml": DEPLOYMENT,
        "b/kustomization.yaml": "resources: [../a]\n",
    }
    assert [each.address for each in read_files(dict(files)).resources] == ["apps/Deployment/-/api"]


def test_a_program_that_hangs_is_stopped() -> None:
    with Kitchen(lambda _path: None) as kitchen:
        ran = kitchen.run(("/bin/sleep", "60"), seconds=0.2)
        assert (ran.output, "took more than" in ran.error) == (None, True)
        assert kitchen.run(("/nonexistent/helm",)).output is None
        shown = kitchen.run(("/usr/bin/env",)).output
    assert shown is not None
    assert "AWS_" not in shown
    assert "PATH=" in shown


def test_programs_of_the_tree_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("kustomize", "helm"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Tools.find(str(tmp_path)) == Tools()
    assert Tools.find("/nonexistent").helm == (str(tmp_path / "helm"),)


def test_a_broken_kustomization_is_said_and_its_files_are_judged() -> None:
    found = read_files({"a/kustomization.yaml": "resources: [pod.yaml\n", "a/pod.yaml": DEPLOYMENT})
    assert [each.address for each in found.resources] == ["apps/Deployment/-/api"]
    assert [(note.kind, note.where) for note in found.incomplete] == [("syntax_error", "a/kustomization.yaml")]


@pytest.mark.parametrize("body", ["[]", "resources: 5\npatches: {a: b}\nimages: [1]\nnamespace: [x]\n", "- a\n", ""])
def test_a_kustomization_of_any_shape_breaks_nothing(body: str) -> None:
    found = read_files({"a/kustomization.yaml": body, "a/pod.yaml": DEPLOYMENT})
    assert [each.address for each in found.resources] == ["apps/Deployment/-/api"]


def test_programs_run_beside_and_end_with_the_kitchen() -> None:
    begun = time.monotonic()
    with Kitchen(lambda _path: None) as kitchen:
        quick = kitchen.start(("/bin/echo", "done"))
        for _ in range(8):
            kitchen.start(("/bin/sleep", "60"))
        assert quick().output == "done\n"
        folder = kitchen.path
    assert time.monotonic() - begun < 10  # nobody waits for the sleepers
    assert not os.path.exists(folder)
