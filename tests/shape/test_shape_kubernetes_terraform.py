"""`kubernetes_*` resources of Terraform as the objects that they make."""

import re
from pathlib import Path

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Unknown, resolved
from compliance_scan.shape.kubernetes_names import INLINED, Shapes
from compliance_scan.shape.kubernetes_terraform import _KINDS, PREFIX
from compliance_scan.shape.nodes import ANY, Node
from compliance_scan.shape.world import World
from tests.shape.shape_fakes import catalog, steps
from tests.shape.test_shape_terraform import at, read

DEPLOYMENT = """
variable "image" {}
variable "more" {}
resource "kubernetes_namespace_v1" "prod" {
  metadata { name = "prod" }
}
resource "kubernetes_service_account" "robot" {
  metadata {
    name      = "robot"
    namespace = kubernetes_namespace_v1.prod.metadata[0].name
  }
  automount_service_account_token = false
}
resource "kubernetes_deployment" "api" {
  metadata {
    name      = "api"
    namespace = kubernetes_namespace_v1.prod.metadata.0.name
    labels    = { host_pid = "kept" }
  }
  spec {
    selector { match_labels = { app = "api" } }
    template {
      metadata { labels = { app = "api" } }
      spec {
        service_account_name = kubernetes_service_account.robot.metadata[0].name
        host_pid             = "true"
        container {
          name  = "app"
          image = var.image
          env {
            name  = "EMPTY"
            value = ""
          }
          security_context {
            read_only_root_filesystem = true
          }
          resources {
            limits { cpu = "1" }
          }
          port { host_port = "80" }
        }
        dynamic "init_container" {
          for_each = var.more
          content { name = "x" }
        }
        dynamic "security_context" {
          for_each = var.more
          content { run_as_non_root = true }
        }
      }
    }
  }
}
"""


def one(world: World, address: str) -> Resource:
    (found,) = [resource for resource in world.inventory.resources if resource.address == address]
    return found


def test_a_deployment_is_seen_as_the_object_it_makes(tmp_path: Path) -> None:
    world = read(tmp_path, main=DEPLOYMENT)
    api = "kubernetes_deployment.api"
    assert (one(world, api).type, one(world, api).name) == ("apps/Deployment", "api")
    pod = "spec.template.spec."
    assert resolved(at(world, api, "metadata.namespace")) == "prod"
    assert at(world, api, "metadata.labels.host_pid") == "kept"
    assert at(world, api, pod + "hostPID") is True
    assert at(world, api, pod + "containers.0.securityContext.readOnlyRootFilesystem") is True
    assert at(world, api, pod + "containers.0.env.0.value") == ""
    assert at(world, api, pod + "containers.0.resources.limits.cpu") == "1"
    assert at(world, api, pod + "containers.0.ports.0.hostPort") == 80


def test_what_is_not_known_stays_unknown(tmp_path: Path) -> None:
    world = read(tmp_path, main=DEPLOYMENT)
    pod = "spec.template.spec."
    for path in ("containers.0.image", "securityContext.runAsNonRoot", "initContainers.0.name"):
        assert isinstance(at(world, "kubernetes_deployment.api", pod + path), Unknown), path


def test_the_pod_is_judged_with_its_namespace_and_account(tmp_path: Path) -> None:
    world = read(tmp_path, main=DEPLOYMENT)
    (pod,) = world.subjects(["pod"])
    assert resolved(pod.get(("namespace",)).value) == "prod"
    # The provider writes `true` where nobody says anything, so the account's `false` does not hold for this pod.
    assert pod.get(("automountServiceAccountToken",)).value is True
    assert [space.get(("name",)).value for space in world.subjects(["namespace"])] == ["prod"]


def test_a_path_leads_back_to_its_line(tmp_path: Path) -> None:
    source = one(read(tmp_path, main=DEPLOYMENT), "kubernetes_deployment.api").source

    def text(path: str) -> str:
        span = source.span_of(steps(path))
        assert span is not None
        return source.text(span).strip().splitlines()[0]

    pod = "spec.template.spec."
    assert text(pod + "hostPID") == 'host_pid             = "true"'
    assert text(pod + "containers.0.securityContext.readOnlyRootFilesystem") == "read_only_root_filesystem = true"
    assert text(pod + "containers.0.livenessProbe.httpGet") == "container {"
    assert text("metadata.namespace").startswith("namespace =")
    assert source.span_of(("status",)) is None
    assert [origin.message for origin in source.origins_of(steps(pod + "containers.0.image"))] != []


def test_names_that_differ_in_more_than_spelling(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        resource "kubernetes_daemonset" "d" {
          spec {
            strategy { type = "OnDelete" }
          }
        }
        resource "kubernetes_persistent_volume" "v" {
          spec {
            persistent_volume_source {
              host_path { path = "/data" }
            }
          }
        }
        resource "kubernetes_secret" "s" {
          metadata { name = "s" }
          data        = { password = "correct-horse" }
          binary_data = { key = "AAAA" }
        }
        resource "kubernetes_cluster_role" "r" {
          metadata { name = "r" }
          rule {
            api_groups        = [""]
            resources         = ["secrets"]
            verbs             = ["get"]
            non_resource_urls = ["/metrics"]
          }
        }
        """,
    )
    assert at(world, "kubernetes_daemonset.d", "spec.updateStrategy.type") == "OnDelete"
    assert at(world, "kubernetes_persistent_volume.v", "spec.hostPath.path") == "/data"
    assert at(world, "kubernetes_secret.s", "stringData.password") == "correct-horse"
    assert at(world, "kubernetes_secret.s", "data.key") == "AAAA"
    assert at(world, "kubernetes_cluster_role.r", "rules.0.nonResourceURLs.0") == "/metrics"
    source = one(world, "kubernetes_persistent_volume.v").source
    span = source.span_of(("spec", "hostPath", "path"))
    assert span is not None
    assert 'path = "/data"' in source.text(span)
    assert ("stringData",) in one(world, "kubernetes_secret.s").sensitive


def test_a_manifest_is_its_body(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        variable "body" {}
        resource "kubernetes_manifest" "pod" {
          manifest = {
            apiVersion = "v1"
            kind       = "Pod"
            metadata   = { name = "p" }
            spec       = { hostNetwork = true }
          }
        }
        resource "kubernetes_manifest" "any" { manifest = var.body }
        """,
    )
    assert one(world, "kubernetes_manifest.pod").type == "Pod"
    assert at(world, "kubernetes_manifest.pod", "spec.hostNetwork") is True
    span = one(world, "kubernetes_manifest.pod").source.span_of(("spec", "hostNetwork"))
    assert span is not None
    assert span.line == 8
    assert one(world, "kubernetes_manifest.any").type == "kubernetes_manifest"


def test_data_sources_and_labels_are_no_objects(tmp_path: Path) -> None:
    world = read(
        tmp_path,
        main="""
        data "kubernetes_service" "s" {
          metadata { name = "s" }
        }
        resource "kubernetes_labels" "l" {
          api_version = "v1"
          kind        = "Namespace"
        }
        """,
    )
    assert [each.type for each in world.inventory.resources] == ["kubernetes_labels", "kubernetes_service"]


PROVIDERS_OWN = re.compile(
    r"^(wait_|auto_approve|target_state|timeouts$|id$|binary_data|data_wo|secret_namespace|local$)"
)
"""What only the provider knows, or only this place of the API does not have."""
OLD = frozenset({"backend", "service_name", "service_port", "namespace"})
"""Fields of versions of the API that are gone (`networking.k8s.io/v1beta1`), and of one reference to a secret."""


def test_every_name_of_the_provider_is_one_of_the_api() -> None:
    types = catalog()
    missing: set[str] = set()

    def walk(shapes: Shapes, terraform: Node, kubernetes: Node, path: tuple[str, ...]) -> None:
        while terraform.kind in ("list", "set"):
            terraform = terraform.element or ANY
        while kubernetes.kind in ("list", "set"):
            kubernetes = kubernetes.element or ANY
        if terraform.kind != "object" or kubernetes.kind != "object" or len(path) > 12:
            return
        for name in terraform.names():
            field = terraform.field(name)
            target = kubernetes.field(shapes.names(kubernetes).of(name))
            if name == INLINED:
                assert field is not None
                walk(shapes, field.node, kubernetes, path)
            elif target is None and field is not None and field.mode != "c":
                missing.add(f"{'.'.join(path)}: {name}")
            elif target is not None and field is not None:
                walk(shapes, field.node, target.node, (*path, name))

    for plain, (version, kind) in _KINDS.items():
        group = version.rpartition("/")[0]
        terraform = types.type(f"{PREFIX}{plain}") or types.type(f"{PREFIX}{plain}_v1")
        kubernetes = types.type(f"{group}/{kind}" if group else kind)
        assert terraform is not None, plain
        if kind == "PodSecurityPolicy":
            continue
        assert kubernetes is not None, kind
        walk(Shapes(terraform.root, kubernetes.root, {}), terraform.root, kubernetes.root, (plain,))
    names = {each.rpartition(": ")[2] for each in missing}
    assert {name for name in names if not PROVIDERS_OWN.match(name)} == OLD
