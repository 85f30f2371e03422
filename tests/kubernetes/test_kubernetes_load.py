"""What is read, what is passed over, and what is told of what cannot be read."""

import json
import time
from typing import Any

import pytest

from compliance_scan.inputs.kubernetes.load import KubernetesOptions, load
from compliance_scan.model.resource import Inventory
from compliance_scan.workspace import Workspace
from tests.kubernetes.conftest import Read, read_files

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: prod}\nspec: {}\n"


def addresses(inventory: Inventory) -> list[str]:
    return [resource.address for resource in inventory.resources]


def kinds(inventory: Inventory) -> list[str]:
    return [note.kind for note in inventory.incomplete]


def test_documents_lists_and_custom_resources(read: Read) -> None:
    found = read(
        f"""{POD}---
# nothing here
---
apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: api}}
  - apiVersion: v1
    kind: List
    items:
      - {{apiVersion: v1, kind: Service, metadata: {{name: inner, namespace: prod}}}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {{generateName: run-, namespace: prod}}
--- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: flow}}}}
"""
    )
    assert addresses(found) == [
        "Pod/prod/web",
        "apps/Deployment/-/api",
        "Service/prod/inner",
        "example.com/Widget/prod/run-*",
        "ConfigMap/-/flow",
    ]
    assert [r.type for r in found.resources][3] == "example.com/Widget"
    assert found.resources[1].aliases == ("apps/Deployment/default/api",)
    assert found.resources[0].aliases == ()
    assert not found.incomplete
    assert found.files == 1


def test_typed_lists_name_the_kind_of_their_items(read: Read) -> None:
    found = read("apiVersion: v1\nkind: PodList\nitems:\n  - metadata: {name: a, namespace: x}\n")
    assert addresses(found) == ["Pod/x/a"]
    assert found.resources[0].attributes["kind"] == "Pod"


def test_json_dump(read: Read) -> None:
    dump = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}],
    }
    found = read_files({"dump.json": json.dumps(dump, indent="\t")})
    assert addresses(found) == ["Pod/-/a"]
    assert not found.incomplete


def test_json_escapes_that_yaml_refuses() -> None:
    body = r'{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"a": "\ud83d\ude00", "b": "\ud800", "c": "\\ud800"}}'
    found = read_files({"a.json": body})
    assert found.resources[0].attributes["data"] == {"a": "😀", "b": "\ufffd", "c": r"\ud800"}


def test_the_same_address_twice_gets_a_stable_suffix() -> None:
    found = read_files({"a/one.yaml": POD, "a/two.yaml": POD, "b/one.yaml": POD})
    assert [(r.root, r.address) for r in found.resources] == [
        ("a", "Pod/prod/web"),
        ("a", "Pod/prod/web#2"),
        ("b", "Pod/prod/web"),
    ]


def test_secrets_are_marked() -> None:
    found = read_files({"a.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n"})
    assert ("stringData",) in found.resources[0].sensitive


@pytest.mark.parametrize(
    "text",
    [
        "services:\n  web: {image: nginx}\n",
        "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          cat <<X\n          apiVersion: v1\n          kind: Pod\n          X\n",
        "apiVersion: v2\nname: chart\n",
        "kind: Pod\nspec: {}\n",
        "apiVersion: v1\nkind: [a]\n",
        "- apiVersion: v1\n  kind: Pod\n",
        "",
        "just text, apiVersion: kind:",
    ],
)
def test_what_is_no_manifest_is_passed_over(read: Read, text: str) -> None:
    found = read(text)
    assert found.resources == []
    assert found.incomplete == []
    assert found.files == 0
    assert sum(found.skipped.values()) == 1


def test_broken_document_is_told_and_the_others_are_judged(read: Read) -> None:
    found = read(f"{POD}---\napiVersion: v1\nkind: Pod\nmetadata:\n\tname: tab\n---\n{POD.replace('web', 'other')}")
    assert addresses(found) == ["Pod/prod/web", "Pod/prod/other"]
    (note,) = found.incomplete
    assert note.kind == "syntax_error"
    assert note.where == "manifest.yaml:9"
    assert "manifest.yaml:9" in note.message
    assert note.hint


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("apiVersion: v1\nkind: Pod\na: b: c\n", 3, "mapping values"),
        ("apiVersion: v1\nkind: Pod\na: *nowhere\n", 3, "names no anchor"),
        ("apiVersion: v1\nkind: Pod\na: &x [*x]\n", 3, "inside its own anchor"),
        ("apiVersion: v1\nkind: Pod\na: {<<: text}\n", 3, "takes mappings"),
        ("apiVersion: v1\nkind: Pod\n? [a]\n: b\n", 3, "must be text"),
        ("apiVersion: v1\nkind: Pod\na: \x07\n", 3, "control characters"),
        ('{"apiVersion": "v1", "kind": "Pod", "a": }, x\n', 1, "not valid YAML"),
    ],
)
def test_syntax_errors_have_their_line(read: Read, text: str, line: int, reason: str) -> None:
    (note,) = read(text).incomplete
    assert note.kind == "syntax_error"
    assert note.where == f"manifest.yaml:{line}"
    assert reason in note.message


def test_alias_bomb_is_bounded(read: Read) -> None:
    lines = ["apiVersion: v1", "kind: ConfigMap", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    started = time.monotonic()
    found = read("\n".join(lines) + "\n")
    assert kinds(found) == ["limit_reached"]
    assert time.monotonic() - started < 1


def test_honest_aliases_are_not_a_bomb(read: Read) -> None:
    lines = ["apiVersion: v1", "kind: ConfigMap", "base: &base {a: 1, b: 2}", *(f"k{n}: *base" for n in range(1000))]
    found = read("\n".join(lines) + "\n")
    assert found.resources[0].attributes["k999"] == {"a": 1, "b": 2}


@pytest.mark.parametrize("body", ["[" * 10_000 + "]" * 10_000, "{a: " * 10_000 + "}" * 10_000, "- " * 10_000 + "x"])
def test_deep_nesting_is_bounded(read: Read, body: str) -> None:
    found = read(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: deep}}\nspec:\n  {body}\n---\n{POD}")
    assert kinds(found) == ["limit_reached"]
    assert addresses(found) == ["Pod/prod/web"]


def test_deep_json_is_bounded() -> None:
    found = read_files({"a.json": '{"apiVersion": "v1", "kind": "Pod", "spec": ' + "[" * 100_000 + "]" * 100_000 + "}"})
    assert kinds(found) == ["limit_reached"]


def test_bounds_are_options(read: Read) -> None:
    text = POD.replace("spec: {}", "spec: {a: {b: {c: 1}}}")
    assert kinds(read(text, KubernetesOptions(max_depth=3))) == ["limit_reached"]
    assert kinds(read(text)) == []


def test_repeated_keys_are_said_and_the_last_counts(read: Read) -> None:
    found = read("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n  hostPID: false\n")
    assert found.resources[0].attributes["spec"] == {"hostPID": False}
    assert any("hostPID" in reason and "manifest.yaml:6" in reason for reason in found.skipped)
    assert not found.incomplete
    twice = read_files({"a.json": '{"apiVersion": "v1", "kind": "Pod", "spec": {"a": 1,\n "a": 2}}'})
    assert any("a.json:2" in reason for reason in twice.skipped)


def test_merge_keys(read: Read) -> None:
    found = read(
        """apiVersion: v1
kind: ConfigMap
base: &base {a: 1, b: 1}
more: &more {b: 2, c: 2}
one: {<<: *base, b: 9}
two: {b: 9, <<: [*base, *more]}
quoted: {"<<": 1}
"""
    )
    attributes = found.resources[0].attributes
    assert attributes["one"] == {"a": 1, "b": 9}
    assert attributes["two"] == {"a": 1, "b": 9, "c": 2}
    assert attributes["quoted"] == {"<<": 1}


def test_keys_become_text_and_values_keep_their_types(read: Read) -> None:
    found = read("apiVersion: v1\nkind: ConfigMap\ndata: {8080: yes, on: 0777, a: '1', b: !!str 2, c: null}\n")
    assert found.resources[0].attributes["data"] == {"8080": True, "true": 511, "a": "1", "b": "2", "c": None}


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + POD.encode(),
        POD.replace("\n", "\r\n").encode(),
        POD.replace("web", "caf\xe9").encode("latin-1"),
        b"%YAML 1.1\n---\n" + POD.encode() + b"...\n",
    ],
)
def test_encodings_and_line_ends(read: Read, data: bytes) -> None:
    found = read(data)
    assert len(found.resources) == 1
    assert found.resources[0].type == "Pod"
    header = found.resources[0].source.header
    assert found.resources[0].source.text(header).strip() == "kind: Pod"
    assert not found.incomplete


def test_large_config_map(read: Read) -> None:
    body = "    line of text\n" * 150_000
    started = time.monotonic()
    found = read(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: big}}\ndata:\n  big: |\n{body}")
    assert len(found.resources) == 1
    assert found.resources[0].source.span_of(("data", "big")) is not None
    assert time.monotonic() - started < 3


def test_random_bytes_never_raise(read: Read) -> None:
    import random

    source = random.Random(7)
    for _ in range(200):
        noise = bytes(source.randrange(256) for _ in range(60))
        read(b"apiVersion: v1\nkind: Pod\n" + noise + b"\n")


def test_files_that_cannot_be_read(tmp_path: Any) -> None:
    (tmp_path / "pipe.yaml").symlink_to("/etc/passwd")
    (tmp_path / "folder.yaml").mkdir()
    workspace = Workspace(str(tmp_path))
    found = load(workspace, ["pipe.yaml", "folder.yaml", "gone.yaml"])
    assert found.resources == []
    assert {note.kind for note in workspace.incomplete} == {"outside_root", "file_unreadable"}


def test_a_tab_is_called_a_tab() -> None:
    found = read_files({"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: p\n"})
    (note,) = found.incomplete
    assert note.where == "a.yaml:4"
    assert "a tab, where YAML takes spaces alone" in note.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("apiVersion: v1\nmetadata: {name: p}\n", "object without a kind"),
        ("apiVersion: v1\nkind:\nmetadata: {name: p}\n", "object without a kind"),
        ('{"apiVersion": "v1", "kind": null}', "object without a kind"),
        ("kind: of\nblue: true\n", "no Kubernetes manifest"),
    ],
)
def test_what_has_no_kind_is_told_apart_from_what_is_no_object(text: str, reason: str) -> None:
    found = read_files({"a.yaml": text})
    assert (found.resources, found.incomplete, found.skipped) == ([], [], {reason: 1})
