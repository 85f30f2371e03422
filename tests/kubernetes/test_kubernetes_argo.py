"""Argo CD Applications of folders of the repository."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from compliance_scan.inputs.kubernetes.argo import Application, applications
from compliance_scan.inputs.kubernetes.load import KubernetesOptions
from compliance_scan.inputs.kubernetes.objects import Found, objects
from compliance_scan.inputs.kubernetes.tools import Tools
from compliance_scan.model.value import Unknown
from compliance_scan.model.view import Cursor
from compliance_scan.shape.world import World
from tests.kubernetes.conftest import read_files
from tests.kubernetes.test_kubernetes_build import needs_tool

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web%s}\nspec: {}\n"
APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  source: {repoURL: 'https://example.com/x.git', path: %s, kustomize: {namePrefix: a-}}
  destination: {namespace: shop}
"""


def test_objects_of_a_plain_folder_go_where_the_application_puts_them() -> None:
    files = {
        "argo/web.yaml": APPLICATION % "deploy",
        "deploy/pod.yaml": POD % "" + "---\n" + POD % ", namespace: own",
        "other/pod.yaml": POD % "",
    }
    found = read_files(dict(files))
    assert {each.address for each in found.resources if each.type == "Pod"} == {
        "Pod/shop/web",
        "Pod/own/web",
        "Pod/-/web",
    }


@needs_tool
def test_a_kustomization_is_judged_as_the_application_builds_it_and_only_so() -> None:
    files = {
        "argo/web.yaml": APPLICATION % "deploy",
        "deploy/kustomization.yaml": "resources: [pod.yaml]\n",
        "deploy/pod.yaml": POD % "",
    }
    found = read_files(dict(files))
    assert [each.address for each in found.resources if each.type == "Pod"] == ["Pod/shop/a-web"]


@pytest.mark.parametrize("path", ["../up", "/etc", "gone", "a/../../x"])
def test_what_is_not_here_is_not_followed(path: str) -> None:
    found = read_files({"a.yaml": APPLICATION % path, "pod.yaml": POD % ""}, KubernetesOptions(tools=Tools()))
    assert "Pod/-/web" in {each.address for each in found.resources}
    assert not found.incomplete


def application(source: dict[str, Any]) -> list[Application]:
    spec = {"source": source, "destination": {"namespace": "shop"}}
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": "web"}, "spec": spec}
    (found,) = objects(body)
    assert isinstance(found, Found)
    return list(applications(found))


def test_a_release_has_the_applications_values() -> None:
    helm = {
        "releaseName": "r",
        "valueFiles": ["prod.yaml", "$other/values.yaml", "https://example.com/x", "../shared.yaml", "../../../etc"],
        "values": "a: 1",
        "valuesObject": {"b": 2},
        "parameters": [{"name": "c", "value": "3"}, {"value": "no name"}],
    }
    (one,) = application({"path": "charts/app", "helm": helm})
    release = one.release()
    assert (release.chart, release.name, release.namespace) == ("charts/app", "r", "shop")
    assert release.files == ["charts/app/prod.yaml", "charts/shared.yaml"]
    assert release.values == ["a: 1", '{"b": 2}']
    assert release.settings == [("c", "3")]


def test_images_in_the_applications_spelling() -> None:
    images = ["nginx=registry:5000/nginx:2", "redis:7", "app@sha256:ab", "plain"]
    (one,) = application({"path": "x", "kustomize": {"images": images}})
    assert one.transformers()["images"] == [
        {"name": "nginx", "newName": "registry:5000/nginx", "newTag": "2"},
        {"name": "redis", "newName": "redis", "newTag": "7"},
        {"name": "app", "newName": "app", "digest": "sha256:ab"},
        {"name": "plain", "newName": "plain"},
    ]


def test_a_chart_of_a_registry_is_no_folder() -> None:
    assert application({"chart": "redis", "path": "x"}) == []


APPLICATION_SET = """apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: webs, namespace: argocd}
spec:
  generators: [{clusters: {}}]
  template:
    metadata: {name: '{{name}}-web'}
    spec:
      source: {repoURL: 'https://example.com/x.git', path: %s}
      destination: {server: '{{server}}', namespace: %s}
"""


@pytest.mark.parametrize(
    ("path", "namespace", "address"),
    [
        ("deploy", "shop", "Pod/shop/web"),
        ("'deploy/{{name}}'", "shop", "Pod/-/web"),
        ("deploy", "'{{name}}'", "Pod/-/web"),
    ],
)
def test_a_set_puts_objects_where_its_template_says_it_for_all(path: str, namespace: str, address: str) -> None:
    found = read_files({"argo/webs.yaml": APPLICATION_SET % (path, namespace), "deploy/pod.yaml": POD % ""})
    assert {each.address for each in found.resources if each.type == "Pod"} == {address}


def templates(world: Callable[[str], World], text: str) -> Sequence[Cursor]:
    return world(text).subjects(["argocd-application"])


def test_the_template_of_a_set_is_judged_where_it_is_written(world: Callable[[str], World]) -> None:
    one, other = templates(world, APPLICATION % "a" + "---\n" + APPLICATION_SET % ("b", "shop"))
    assert (one.resource.address, other.resource.address) == (
        "argoproj.io/Application/argocd/web",
        "argoproj.io/ApplicationSet/argocd/webs",
    )
    assert other.get(("spec", "source", "targetRevision")).value == "HEAD"  # the fact of what is not written
    path = other.get(("spec", "source", "path"))
    assert (path.value, path.shown) == ("b", "spec.template.spec.source.path")
    span = other.resource.source.span_of(path.path)
    assert span is not None
    assert span.line == 16
    server = other.get(("spec", "destination", "server")).value
    assert isinstance(server, Unknown)
    assert server.cause == "variable_without_value"


@pytest.mark.parametrize(
    "change",
    [
        "  templatePatch: 'spec: {}'\n",
        "  generators: [{matrix: {generators: [{list: {elements: [], template: {spec: {project: x}}}}]}}]\n",
    ],
)
def test_what_may_change_the_template_leaves_it_unknown(world: Callable[[str], World], change: str) -> None:
    (one,) = templates(world, APPLICATION_SET % ("b", "shop") + change)
    assert isinstance(one.get(("spec", "source", "path")).value, Unknown)


def test_a_set_without_a_template_is_no_application(world: Callable[[str], World]) -> None:
    bare = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec: "
    assert not templates(world, bare + "{template: 7}\n")
    assert not templates(world, bare + "[]\n")


@pytest.mark.parametrize(
    "text",
    [
        '{"kind": "Application", "apiVersion": "argoproj.io/v1alpha1", "metadata": {"name": "a"}, "spec": %s}',
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: argoproj.io/v1alpha1\n  kind: Application\n  spec: %s\n",
        "apiVersion: argoproj.io/v1alpha1\nkind:  'Application'\nspec: %s\n",
    ],
)
def test_an_application_is_found_however_it_is_written(text: str) -> None:
    spec = '{"source": {"path": "deploy"}, "destination": {"namespace": "shop"}}'
    found = read_files({"argo/a.yaml": text % spec, "deploy/pod.yaml": POD % ""})
    assert {each.address for each in found.resources if each.type == "Pod"} == {"Pod/shop/web"}
