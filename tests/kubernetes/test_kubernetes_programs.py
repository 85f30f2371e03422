"""Command lines, kubelets and files of nodes as rules see them."""

from datetime import date
from pathlib import Path

import pytest

from compliance_scan.inputs.kubernetes.load import load
from compliance_scan.model.value import Unknown
from compliance_scan.model.view import Cursor
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace


def world(folder: Path, **files: str) -> World:
    """What is read of some files."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    inventory = load(Workspace(str(folder)), sorted(f"{name}.yaml" for name in files))
    assert not inventory.incomplete
    return World(inventory, Catalog.open(), as_of=date(2026, 11, 30))


def pod(container: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: kube-system}}\nspec: {{containers: [{container}]}}\n"


def only(world: World, kind: str) -> Cursor:
    (found,) = world.subjects((kind,))
    return found


COMMANDS = (
    "command: [kube-apiserver, --profiling=false, --audit-log-maxage=30, --authorization-mode=Node]",
    "command: [/bin/kube-apiserver], args: [--profiling=false, --audit-log-maxage, '30', --authorization-mode, Node]",
    "command: [/hyperkube, apiserver, --profiling=false, --audit_log_maxage=30, --authorization-mode=Node]",
    "command: [/go-runner, --log-file=/a, kube-apiserver, --profiling=f, --audit-log-maxage=30, --authorization-mode=Node]",
    "command: [sh, -c, 'A=1 kube-apiserver --profiling=false --audit-log-maxage=30 --authorization-mode=\"Node\" && b']",
    "image: 'a/kube-apiserver:v1', args: [--profiling=false, --audit-log-maxage=30, --authorization-mode=Node]",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_line_is_read_however_it_is_written(tmp_path: Path, command: str) -> None:
    flags = only(world(tmp_path, a=pod(f"{{name: c, {command}}}")), "kube-apiserver").get(("flags",))
    assert flags.get(("profiling",)).value is False
    assert flags.get(("audit-log-maxage",)).value == 30
    assert flags.get(("authorization-mode",)).value == ["Node"]


def test_a_flag_lies_where_it_is_written(tmp_path: Path) -> None:
    text = pod("{name: c, command: [etcd,\n --auto-tls=true]}")
    cursor = only(world(tmp_path, a=text), "etcd").get(("flags", "auto-tls"))
    span = cursor.resource.source.span_of(cursor.path)
    assert span is not None
    assert span.line == 5


def test_other_programs_are_none(tmp_path: Path) -> None:
    made = world(tmp_path, a=pod("{name: kube-apiserver, command: [wait-for, --host, kube-apiserver, --etcd]}"))
    assert not made.subjects(("kube-apiserver",))


def test_what_a_flag_means_where_it_is_absent_hangs_on_others(tmp_path: Path) -> None:
    made = world(tmp_path, a=pod("{name: c, command: [kube-apiserver, --authorization-config=/a.yaml]}"))
    flags = only(made, "kube-apiserver").get(("flags",))
    assert isinstance(flags.get(("authorization-mode",)).value, Unknown)
    assert flags.get(("anonymous-auth",)).value is True


CONFIGURATION = """apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
readOnlyPort: 10255
authentication: {anonymous: {enabled: true}, webhook: {enabled: true}}
"""


def test_a_kubelet_takes_flags_before_its_file(tmp_path: Path) -> None:
    line = pod("{name: c, command: [kubelet, --config=/c.yaml, --anonymous-auth=false]}")
    by_file, by_both = world(tmp_path, a=CONFIGURATION, b=line).subjects(("kubelet",))
    assert by_file.get(("authentication", "anonymous", "enabled")).value is True
    assert by_both.get(("authentication", "anonymous", "enabled")).value is False
    assert by_both.get(("authentication", "webhook", "enabled")).value is True
    assert by_both.get(("readOnlyPort",)).value == 10255
    assert by_both.get(("authorization", "mode")).value == "Webhook"


def test_a_kubelet_whose_file_was_not_read_is_unknown_where_it_is_silent(tmp_path: Path) -> None:
    made = world(tmp_path, b=pod("{name: c, command: [kubelet, --config=/c.yaml, --anonymous-auth=false]}"))
    kubelet = only(made, "kubelet")
    assert kubelet.get(("authentication", "anonymous", "enabled")).value is False
    assert isinstance(kubelet.get(("readOnlyPort",)).value, Unknown)


def test_bare_flags_mean_what_they_meant_of_old(tmp_path: Path) -> None:
    kubelet = only(world(tmp_path, b=pod("{name: c, command: [kubelet]}")), "kubelet")
    assert kubelet.get(("readOnlyPort",)).value == 10255
    assert kubelet.get(("authorization", "mode")).value == "AlwaysAllow"


def test_a_node_collectors_answer_is_read(tmp_path: Path) -> None:
    text = """apiVersion: v1
kind: NodeInfo
metadata: {name: node-1}
info:
  kubeAPIServerSpecFilePermission: {values: [600]}
  kubeAPIServerSpecFileOwnership: {values: ["root:root"]}
  kubeletAnonymousAuthArgumentSet: {values: ["false"]}
"""
    mode, owner = world(tmp_path, a=text).subjects(("node-file",))
    assert (mode.get(("purpose",)).value, mode.get(("mode",)).value) == ("apiserver-manifest", "600")
    assert (owner.get(("owner",)).value, owner.get(("group",)).value) == ("root", "root")


@pytest.mark.parametrize(
    ("path", "purpose"),
    [
        ("/etc/kubernetes/pki/etcd/server.key", "pki-key"),
        ("/etc/kubernetes/pki/etcd/server.crt", "pki-certificate"),
        ("/etc/kubernetes/pki/ca.crt", "client-ca"),
        ("/etc/kubernetes/pki", "pki-directory"),
        ("/var/lib/etcd", "etcd-data"),
        ("/etc/kubernetes/super-admin.conf", "admin-kubeconfig"),
        ("/lib/systemd/system/kubelet.service", "kubelet-service"),
        ("/etc/passwd", None),
    ],
)
def test_a_path_tells_what_a_file_is_for(tmp_path: Path, path: str, purpose: str | None) -> None:
    text = f"apiVersion: compliance-scan/v1\nkind: NodeFiles\nmetadata: {{name: n}}\nfiles: [{{path: {path}}}]\n"
    value = only(world(tmp_path, a=text), "node-file").get(("purpose",)).value
    assert value == purpose or (purpose is None and not isinstance(value, str))
