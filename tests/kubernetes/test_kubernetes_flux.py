"""Kustomizations of Flux of folders of the repository."""

from typing import Any

import pytest

from compliance_scan.inputs.kubernetes.flux import kustomizations, substituted
from compliance_scan.inputs.kubernetes.load import KubernetesOptions
from compliance_scan.inputs.kubernetes.objects import Found, objects
from compliance_scan.inputs.kubernetes.tools import Tools
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Text, Unknown
from tests.kubernetes.conftest import read_files
from tests.kubernetes.test_kubernetes_build import needs_tool

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web%s}\nspec: {containers: [{name: a, image: 'app:1'}]}\n"
FLUX = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: flux-system}
spec: {sourceRef: {kind: GitRepository, name: shop}, prune: true, %s}
"""


def image(pod: Resource) -> str:
    spec: Any = pod.attributes["spec"]
    return str(spec["containers"][0]["image"])


def pods(files: dict[str, str], *, tools: Tools | None = None) -> dict[str, str]:
    """Address to image of the pods."""
    found = read_files(dict(files), KubernetesOptions(tools=tools))
    assert not found.incomplete
    return {each.address: image(each) for each in found.resources if each.type == "Pod"}


def test_a_target_namespace_counts_more_than_what_objects_of_a_plain_folder_say_also_below_it() -> None:
    files = {
        "clusters/shop.yaml": FLUX % "path: ./deploy, targetNamespace: shop",
        "deploy/pod.yaml": POD % "",
        "deploy/below/pod.yaml": POD % "2, namespace: own",
        "other/pod.yaml": POD % "",
    }
    assert set(pods(files, tools=Tools())) == {"Pod/shop/web", "Pod/shop/web2", "Pod/-/web"}


def test_a_plain_folder_that_is_applied_as_it_is_needs_no_program() -> None:
    files = {"clusters/shop.yaml": FLUX % "path: ./deploy", "deploy/pod.yaml": POD % ""}
    assert set(pods(files, tools=Tools())) == {"Pod/-/web"}


@needs_tool
def test_a_kustomization_is_judged_once_as_flux_builds_it() -> None:
    files = {
        "clusters/shop.yaml": FLUX % "path: ./deploy, namePrefix: a-, targetNamespace: shop, "
        "images: [{name: app, newTag: '2'}]",
        "deploy/kustomization.yaml": "resources: [pod.yaml]\nnamespace: own\n",
        "deploy/pod.yaml": POD % "",
    }
    assert pods(files) == {"Pod/shop/a-web": "app:2"}


@needs_tool
def test_a_plain_folder_is_built_with_the_kustomizations_below_it_and_each_is_judged_once() -> None:
    patch = 'patches: [{target: {kind: Pod}, patch: \'[{"op": "replace", "path": "/spec/containers/0/image", "value": "x"}]\'}]'
    files = {
        "clusters/shop.yaml": FLUX % f"path: /deploy, targetNamespace: shop, {patch}",
        "deploy/pod.yaml": POD % "",
        "deploy/a/b/pod.yaml": POD % "2",
        "deploy/own/kustomization.yaml": "resources: [pod.yaml]\nnamePrefix: own-\n",
        "deploy/own/pod.yaml": POD % "3",
    }
    assert pods(files) == {"Pod/shop/web": "x", "Pod/shop/web2": "x", "Pod/shop/own-web3": "x"}


@needs_tool
def test_variables_are_put_in_after_the_build() -> None:
    files = {
        "clusters/shop.yaml": FLUX % "path: ./deploy, postBuild: {substitute: {tag: v2}}",
        "deploy/pod.yaml": (POD % "").replace("app:1", "app:${tag}"),
    }
    assert pods(files) == {"Pod/-/web": "app:v2"}


def test_without_a_program_what_flux_would_change_is_said_and_the_files_are_judged_as_they_stand() -> None:
    files = {"c.yaml": FLUX % "path: ./deploy, namePrefix: a-", "deploy/pod.yaml": POD % ""}
    found = read_files(dict(files), KubernetesOptions(tools=Tools()))
    assert [each.kind for each in found.incomplete] == ["chart_not_rendered"]
    assert "Pod/-/web" in {each.address for each in found.resources}


@pytest.mark.parametrize("path", ["../up", "gone", "./", ".", "a/../../x"])
def test_what_is_not_here_or_is_a_whole_repository_is_not_followed(path: str) -> None:
    found = read_files({"a.yaml": FLUX % f"path: {path}, targetNamespace: shop", "pod.yaml": POD % ""})
    assert "Pod/-/web" in {each.address for each in found.resources}
    assert not found.incomplete


def test_a_patch_in_a_file_is_not_looked_for() -> None:
    (one,) = objects({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "spec": {}})
    spec = {"path": "x", "patches": [{"path": "../../etc/passwd"}, {"patch": "a: b", "target": {"kind": "Pod"}}]}
    (made,) = kustomizations(one._replace(attributes={**one.attributes, "spec": spec}))
    assert made.transformers() == {"patches": [{"patch": "a: b", "target": {"kind": "Pod"}}]}


def put_in(value: Any, **build: Any) -> Any:
    spec = {"path": "x", "postBuild": build}
    (flux,) = objects({"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "spec": spec})
    (made,) = kustomizations(flux)
    (pod,) = objects({"apiVersion": "v1", "kind": "Pod", "spec": {"x": value}})
    assert isinstance(pod, Found)
    return substituted(pod, made.variables or {}).attributes["spec"]["x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${a}", "b"),
        ("${n}", 3),
        ("x-${a}-${none}", "x-b-"),
        ("${none:=c}", "c"),
        ("${none:-c}", "c"),
        ("$${a}", "${a}"),
        ("$a", "$a"),
        (["${a}"], ["b"]),
    ],
)
def test_variables_as_flux_reads_them(text: Any, expected: Any) -> None:
    assert put_in(text, substitute={"a": "b", "n": "3"}) == expected


def test_what_the_cluster_may_set_is_not_known() -> None:
    given = {"substitute": {"a": "b"}, "substituteFrom": [{"kind": "ConfigMap", "name": "c"}]}
    assert put_in("${a}", **given) == "b"
    assert isinstance(put_in("${c:=d}", **given), Unknown)
    assert isinstance(put_in("x:${c}", **given), Text)


def test_an_object_may_refuse_variables() -> None:
    mark = {"annotations": {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}}
    (pod,) = objects({"apiVersion": "v1", "kind": "Pod", "metadata": mark, "spec": {"x": "${a}"}})
    assert substituted(pod, {"a": "b"}) == pod
