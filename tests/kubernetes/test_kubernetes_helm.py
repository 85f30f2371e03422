"""Charts: rendered by `helm` where it is there, led back to template and values.

The binary is not on every machine, so what it printed for these very charts is recorded here, and a stand-in of three
lines prints it; `test_the_recording_is_what_helm_prints` compares the two wherever `helm` is.
"""

import shutil
from datetime import date
from pathlib import Path

import pytest

from compliance_scan.discover import discover
from compliance_scan.inputs.kubernetes.helm import RELEASE_NAMESPACE, SOMEWHERE
from compliance_scan.inputs.kubernetes.load import KubernetesOptions, load
from compliance_scan.inputs.kubernetes.tools import Tools
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import Text
from compliance_scan.scan import Request, read
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace
from tests.kubernetes.conftest import read_files

CHART = {
    "app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 0.1.0\n",
    "app/values.yaml": "image:\n  tag: latest\nsecurityContext:\n  privileged: true\nhostPID: true\nsub:\n  port: 81\n",
    "app/templates/d.yaml": """apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
---
# a comment of the chart
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  template:
    spec:
      hostPID: {{ .Values.hostPID }}
      hostNetwork: true
      containers:
        - name: app
          image: "nginx:{{ .Values.image.tag }}"
          securityContext:
            {{- toYaml .Values.securityContext | nindent 12 }}
""",
    "app/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
    "app/charts/sub/values.yaml": "port: 80\n",
    "app/charts/sub/templates/s.yaml": """apiVersion: v1
kind: Service
metadata:
  name: sub
spec:
  ports:
    - port: {{ .Values.port }}
""",
}
RECORDED = f"""---
# Source: app/charts/sub/templates/s.yaml
apiVersion: v1
kind: Service
metadata:
  name: sub
spec:
  ports:
    - port: 81
---
# Source: app/templates/d.yaml
apiVersion: v1
kind: ServiceAccount
metadata:
  name: app
  namespace: {SOMEWHERE}
---
# Source: app/templates/d.yaml
# a comment of the chart
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  template:
    spec:
      hostPID: true
      hostNetwork: true
      containers:
        - name: app
          image: "nginx:latest"
          securityContext:
            privileged: true
"""


def stand_in(folder: Path, output: str, *, fails: bool = False) -> Tools:
    """A `helm` that prints a recording and writes its arguments down."""
    (folder / "recorded.yaml").write_text(output)
    program = folder / "helm"
    target = f"/bin/cat {folder}/recorded.yaml" + (" >&2; exit 1" if fails else "")
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/arguments\n{target}\n')
    program.chmod(0o755)
    return Tools(helm=(str(program),))


def rendered(folder: Path, files: dict[str, str] | None = None, output: str = RECORDED) -> Inventory:
    return read_files(dict(files or CHART), KubernetesOptions(tools=stand_in(folder, output)))


def one(inventory: Inventory, kind: str) -> Resource:
    (found,) = [each for each in inventory.resources if each.type == kind]
    return found


def place(resource: Resource, *path: str | int) -> tuple[str, str]:
    span = resource.source.span_of(path)
    assert span is not None
    return span.file, resource.source.text(span).strip()


@pytest.mark.skipif(shutil.which("helm") is None, reason="helm is not on this machine")
def test_the_recording_is_what_helm_prints(tmp_path: Path) -> None:
    ours, theirs = rendered(tmp_path), read_files(dict(CHART))
    assert sorted(each.address for each in ours.resources) == sorted(each.address for each in theirs.resources)
    assert one(ours, "apps/Deployment").attributes["spec"] == one(theirs, "apps/Deployment").attributes["spec"]


def test_a_chart_is_judged_as_rendered_and_its_templates_not(tmp_path: Path) -> None:
    found = rendered(tmp_path)
    assert not found.incomplete
    assert {(each.root, each.address) for each in found.resources} == {
        ("app", "Service/-/sub"),
        ("app", "ServiceAccount/-/app"),
        ("app", "apps/Deployment/-/app"),
    }
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments == ["template", "app", "tree/app", "--skip-tests", "--namespace", SOMEWHERE]


def test_findings_lead_to_the_template_or_to_the_values_that_say_it(tmp_path: Path) -> None:
    found = rendered(tmp_path)
    deployment, pod = one(found, "apps/Deployment"), ("spec", "template", "spec")
    assert deployment.source.header.line == 9
    assert place(deployment, *pod, "hostNetwork") == ("app/templates/d.yaml", "hostNetwork: true")
    assert place(deployment, *pod, "hostPID") == ("app/values.yaml", "hostPID: true")
    assert place(deployment, *pod, "containers", 0, "image")[1] == 'image: "nginx:{{ .Values.image.tag }}"'
    assert place(deployment, *pod, "containers", 0, "securityContext", "privileged") == (
        "app/values.yaml",
        "privileged: true",
    )
    assert place(deployment, *pod, "containers", 0, "livenessProbe")[1] == "- name: app"
    assert [each.message for each in deployment.source.origins_of((*pod, "hostPID"))] == [
        "used here by the template",
        "in the Helm chart app",
    ]
    assert [each.text for each in deployment.source.comments()] == ["a comment of the chart"]
    # The chart above says what the chart below takes.
    assert place(one(found, "Service"), "spec", "ports", 0, "port") == ("app/values.yaml", "port: 81")


def test_the_namespace_of_a_release_is_not_known(tmp_path: Path) -> None:
    found = rendered(tmp_path)
    for kind in ("ServiceAccount", "apps/Deployment"):
        metadata = one(found, kind).attributes["metadata"]
        assert isinstance(metadata, dict)
        assert metadata["namespace"] is RELEASE_NAMESPACE
    world = World(found, Catalog.open(), as_of=date(2026, 1, 1))
    (pod,) = world.subjects(["pod"])
    assert pod.get(("namespace",)).value is RELEASE_NAMESPACE


def test_the_users_values_files_are_given(tmp_path: Path) -> None:
    files = {**CHART, "prod.yaml": "hostPID: false\n"}
    options = KubernetesOptions(tools=stand_in(tmp_path, RECORDED), helm_values=["prod.yaml"])
    read_files(dict(files), options)
    assert "--values tree/prod.yaml" in (tmp_path / "arguments").read_text()


def test_what_helm_refuses_is_said(tmp_path: Path) -> None:
    error = "Error: found in Chart.yaml, but missing in charts/ directory: redis\n"
    found = read_files(dict(CHART), KubernetesOptions(tools=stand_in(tmp_path, error, fails=True)))
    (note,) = found.incomplete
    assert (note.kind, note.where, note.hint) == ("chart_not_rendered", "app", "helm dependency build app")
    assert "redis" in note.message


def test_a_library_chart_is_nothing_by_itself(tmp_path: Path) -> None:
    files = {**CHART, "app/Chart.yaml": "apiVersion: v2\nname: app\ntype: library\n"}
    found = rendered(tmp_path, files)
    assert (found.resources, found.incomplete) == ([], [])


def test_a_local_dependency_is_where_helm_looks_for_it(tmp_path: Path) -> None:
    files = {
        "app/Chart.yaml": "apiVersion: v2\nname: app\ndependencies:\n- {name: lib, repository: 'file://../lib'}\n",
        "lib/Chart.yaml": "apiVersion: v2\nname: lib\n",
        "lib/templates/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.x }}\n",
    }
    output = "---\n# Source: app/charts/lib/templates/pod.yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n"
    found = [each for each in rendered(tmp_path, files, output).resources if each.root == "app"]
    assert [each.source.header.file for each in found] == ["lib/templates/pod.yaml"]


TERRAFORM = """
variable "tag" {}
resource "helm_release" "app" {
  name      = "app"
  namespace = "prod"
  chart     = "${path.module}/app"
  values    = [yamlencode({ hostPID = false, image = { tag = var.tag } }), "host: b"]
  set {
    name  = "replicas"
    value = 3
  }
}
resource "helm_release" "remote" {
  name       = "x"
  chart      = "redis"
  repository = "https://charts.example.com"
}
resource "kubectl_manifest" "pod" {
  yaml_body = <<-EOT
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      namespace: ${var.tag}
    spec:
      hostNetwork: true
      nodeName: a-${var.tag}
  EOT
}
resource "kubectl_manifest" "broken" {
  yaml_body = "a: [b"
}
"""


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inventory:
    """A scan of Terraform with the chart, by a `helm` that prints a word for what is not known."""
    folder = tmp_path / "bin"
    folder.mkdir()
    stand_in(folder, RECORDED.replace("nginx:latest", "nginx:compliance-scan-unknown-0").replace(SOMEWHERE, "prod"))
    monkeypatch.setenv("PATH", str(folder))
    root = tmp_path / "repository"
    root.mkdir()
    workspace = Workspace(str(root))
    for path, text in {**CHART, "main.tf": TERRAFORM}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    request = Request(root=str(root), targets=["."], folder=str(root), as_of=date(2026, 1, 1))
    return read(workspace, discover(workspace, ["."]), request)


def test_a_release_of_terraform_is_judged_with_its_values(terraform: Inventory, tmp_path: Path) -> None:
    deployment = one(terraform, "apps/Deployment")
    assert (deployment.address, deployment.root) == ("apps/Deployment/prod/app", ".")
    spec = deployment.attributes["spec"]
    assert isinstance(spec, dict)
    image = spec["template"]["spec"]["containers"][0]["image"]  # type: ignore[index, call-overload]
    assert isinstance(image, Text)
    assert image.parts[0] == "nginx:"
    arguments = (tmp_path / "bin" / "arguments").read_text()
    assert arguments.startswith("template app tree/app --skip-tests --namespace prod --values values-1-0.yaml")
    assert "--set replicas=3" in arguments
    assert arguments.count("template") == 1  # the chart is not judged once more by itself


def test_a_chart_from_elsewhere_is_said(terraform: Inventory) -> None:
    notes = {note.where: note.message for note in terraform.incomplete if note.kind == "chart_not_rendered"}
    assert notes == {
        "main.tf:13": "helm_release.remote installs the chart redis from https://charts.example.com: not rendered"
    }


def test_a_body_of_yaml_is_the_object_in_it(terraform: Inventory) -> None:
    pod = one(terraform, "Pod")
    assert (pod.address, pod.name) == ("kubectl_manifest.pod", "web")
    assert place(pod, "spec", "hostNetwork") == ("main.tf", "hostNetwork: true")
    assert place(pod, "spec", "nodeName") == ("main.tf", "nodeName: a-${var.tag}")
    assert isinstance(pod.attributes["spec"]["nodeName"], Text)  # type: ignore[index, call-overload]
    assert [note.where for note in terraform.incomplete if note.kind == "syntax_error"] == ["main.tf:30"]


def test_a_failure_without_a_word_is_said_too(tmp_path: Path) -> None:
    (tmp_path / "helm").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "helm").chmod(0o755)
    workspace = Workspace("/nonexistent/compliance-scan/test")
    for path, text in CHART.items():
        workspace.put(path, text.encode())
    found = load(workspace, sorted(CHART), KubernetesOptions(tools=Tools(helm=(str(tmp_path / "helm"),))))
    assert [note.message.rpartition(": ")[2] for note in found.incomplete] == ["helm ended with 3"]
