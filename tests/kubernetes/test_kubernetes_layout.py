"""Charts, kustomizations, templates, patches and roots."""

from compliance_scan.inputs.kubernetes.load import load
from compliance_scan.workspace import Workspace
from tests.kubernetes.conftest import read_files

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {}\n"
TEMPLATE = "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\n"


def test_a_chart_is_noted_once_and_its_plain_files_are_read() -> None:
    found = read_files(
        {
            "app/Chart.yaml": "apiVersion: v2\nname: app\n",
            "app/values.yaml": "apiVersion: v1\nkind: Pod\n",
            "app/templates/a.yaml": TEMPLATE,
            "app/templates/deep/b.yaml": TEMPLATE,
            "app/templates/plain.yaml": POD % "plain",
            "app/crds/crd.yaml": POD % "crd",
            "app/charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\n",
            "app/charts/sub/templates/c.yaml": TEMPLATE,
        }
    )
    (note,) = found.incomplete
    assert note.kind == "chart_not_rendered"
    assert note.where == "app"
    assert "helm template" in note.hint
    assert {(r.root, r.name) for r in found.resources} == {("app", "plain"), ("app", "crd")}
    assert found.skipped["chart values"] == 1


def test_a_template_outside_a_chart_is_passed_over_with_a_note() -> None:
    found = read_files({"a.yaml": TEMPLATE, "b.yaml": "apiVersion: v1\nkind: Pod\n{% if x %}\n"})
    assert found.resources == []
    assert found.incomplete == []
    assert found.skipped == {"template outside a chart": 2}


def test_braces_in_text_are_no_template() -> None:
    found = read_files({"a.yaml": POD % '"{{ quoted }}"'})
    assert [r.name for r in found.resources] == ["{{ quoted }}"]


def test_patches_of_kustomizations_are_no_objects() -> None:
    found = read_files(
        {
            "base/kustomization.yaml": "resources: [pod.yaml]\n",
            "base/pod.yaml": POD % "web",
            "prod/kustomization.yaml": (
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base, extra.yaml]\n"
                "patches:\n  - path: patches/limits.yaml\n  - patch: |-\n      - op: remove\n"
                "patchesStrategicMerge: [old.yaml]\nreplacements: [{path: swap.yaml}]\n"
            ),
            "prod/patches/limits.yaml": POD % "web",
            "prod/old.yaml": POD % "web",
            "prod/swap.yaml": POD % "web",
            "prod/extra.yaml": POD % "extra",
        }
    )
    assert [(r.root, r.name) for r in found.resources] == [("base", "web"), ("prod", "extra")]
    assert found.skipped["patch of a kustomization"] == 3
    assert found.skipped["kustomization"] == 1


def test_a_kustomization_cannot_hide_files_outside_of_the_tree() -> None:
    found = read_files(
        {"a/kustomization.yaml": "patches: [{path: ../../x.yaml}, {path: /x.yaml}]\n", "x.yaml": POD % "x"}
    )
    assert [r.name for r in found.resources] == ["x"]


def test_roots() -> None:
    found = read_files(
        {
            "top.yaml": POD % "top",
            "plain/deep/a.yaml": POD % "a",
            "plain/deep/b.yaml": POD % "b",
            "k/kustomization.yml": "resources: []\n",
            "k/deep/c.yaml": POD % "c",
        }
    )
    assert {r.name: r.root for r in found.resources} == {"top": ".", "a": "plain/deep", "b": "plain/deep", "c": "k"}


def test_a_kustomization_at_the_top() -> None:
    found = read_files({"kustomization.yaml": "resources: []\n", "a/b.yaml": POD % "b"})
    assert found.resources[0].root == "."


def test_one_named_file_still_finds_the_kustomization_beside_it() -> None:
    workspace = Workspace("/nonexistent/compliance-scan/test")
    workspace.put("o/kustomization.yaml", b"patches: [{path: p.yaml}]\n")
    workspace.put("o/p.yaml", (POD % "web").encode())
    assert load(workspace, ["o/p.yaml"]).resources == []
