"""Argo CD Applications of folders of the repository."""

from typing import Any

import pytest

from compliance_scan.inputs.kubernetes.argo import Application, applications
from compliance_scan.inputs.kubernetes.load import KubernetesOptions
from compliance_scan.inputs.kubernetes.objects import Found, objects
from compliance_scan.inputs.kubernetes.tools import Tools
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
