"""Every span is exact: what stands there is the key and the value."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance_scan.inputs.kubernetes.scalars import plain
from compliance_scan.model.resource import Resource, Span
from compliance_scan.model.value import Path
from tests.kubernetes.conftest import Read, read_files

text = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff\ufffe\uffff"), max_size=12
)
# An empty key makes PyYAML write `? ''`, which cannot be cut out; a bare `y` or `0E0`, which PyYAML writes for the text,
# is a bool or a number for Kubernetes.
names = text.filter(lambda key: bool(key) and isinstance(plain(key), str))
scalars = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | text | st.just("two\nlines\n") | st.just("#no")
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=12
)


def paths(value: Any, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield at, value
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from paths(inner, (*at, step))


def cut(text: str, span: Span) -> str:
    lines = text.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    inner = lines[span.line : span.end_line - 1]
    return "\n".join([lines[span.line - 1][span.column - 1 :], *inner, lines[span.end_line - 1][: span.end_column - 1]])


def read_back(body: str, span: Span, path: Path) -> Any:
    """What stands at a span, as YAML: indented again, since its first line was cut off in the middle."""
    piece = " " * (span.column - 1) + cut(body, span)
    loaded = yaml.load(piece, Loader=yaml.BaseLoader)  # text only
    if path and isinstance(path[-1], str):
        ((key, value),) = loaded.items() if isinstance(loaded, dict) else ((loaded, ""),)
        assert key == path[-1]
        return value
    return loaded


def as_text(value: Any) -> Any:
    """A value as PyYAML's text-only loader gives it."""
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def resource_of(body: str, name: str) -> Resource:
    found = read_files({name: body})
    assert not found.incomplete, found.incomplete
    return found.resources[-1]


def document(value: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": value}


@settings(max_examples=150, deadline=None)
@given(values, st.booleans(), st.booleans(), st.booleans())
def test_every_path_of_a_yaml_document(value: Any, flow: bool, unicode: bool, second: bool) -> None:
    width = 10_000 if flow else 60  # a scalar that a flow breaks over lines cannot be read back alone
    dumped = yaml.safe_dump(
        document(value), default_flow_style=flow, allow_unicode=unicode, sort_keys=False, width=width
    )
    body = f"apiVersion: v1\nkind: First\n--- # second\n{dumped}" if second else dumped
    resource = resource_of(body, "a.yaml")
    for path, item in paths(document(value)):
        span = resource.source.span_of(path)
        assert span is not None
        assert read_back(body, span, path) == as_text(item)


@settings(max_examples=100, deadline=None)
@given(values, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_every_path_of_a_json_list(value: Any, indent: Any, ascii_only: bool) -> None:
    things = [document(value), document(1)]
    body = json.dumps({"apiVersion": "v1", "kind": "List", "items": things}, indent=indent, ensure_ascii=ascii_only)
    found = read_files({"a.json": body})
    for path, item in paths(document(value)):
        span = found.resources[0].source.span_of(path)
        assert span is not None
        piece = cut(body, span)
        if path and isinstance(path[-1], str):
            assert json.loads("{" + piece + "}") == {path[-1]: item}
        else:
            assert json.loads(piece) == item


def test_crlf_and_bom_do_not_shift_columns() -> None:
    body = "apiVersion: v1\r\nkind: Pod\r\nmetadata:\r\n  name: é😀 # note\r\n"
    found = read_files({"a.yaml": b"\xef\xbb\xbf" + body.encode()})
    span = found.resources[0].source.span_of(("metadata", "name"))
    assert span == Span("a.yaml", 4, 3, 4, 11)


def test_unwritten_paths_lead_to_what_is_written_of_them(read: Read) -> None:
    source = (
        read("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: c\n")
        .resources[0]
        .source
    )
    assert source.span_of(("spec", "containers", 0, "image", "x")) == source.span_of(("spec", "containers", 0))
    assert source.span_of(("spec", "hostPID")) == source.span_of(("spec",))
    assert source.span_of(("status",)) is None
    assert source.span_of(("spec", "containers", 5)) == source.span_of(("spec", "containers"))
    assert source.header == Span("manifest.yaml", 2, 1, 2, 10)
    assert source.span[1:] == (1, 1, 6, 14)


def test_aliases_and_merges_lead_to_the_anchor(read: Read) -> None:
    source = (
        read(
            """apiVersion: v1
kind: ConfigMap
base: &base
  a: 1
  deep: {b: 2}
one: *base
two:
  <<: *base
  a: 3
"""
        )
        .resources[0]
        .source
    )
    assert source.span_of(("one",)) == Span("manifest.yaml", 6, 1, 6, 11)
    assert source.span_of(("one", "deep", "b")) == Span("manifest.yaml", 5, 10, 5, 14)
    (origin,) = source.origins_of(("one", "deep", "b"))
    assert origin.span == Span("manifest.yaml", 6, 1, 6, 11)
    assert source.span_of(("two", "a")) == Span("manifest.yaml", 9, 3, 9, 7)
    assert source.span_of(("two", "deep")) == Span("manifest.yaml", 5, 3, 5, 15)


def test_a_long_chain_of_merges_does_not_recurse(read: Read) -> None:
    lines = ["apiVersion: v1", "kind: ConfigMap", "k0: &k0 {deep: 1}"]
    lines += [f"k{n}: &k{n} {{<<: *k{n - 1}}}" for n in range(1, 400)]
    resource = read("\n".join(lines) + "\n").resources[0]
    assert resource.attributes["k399"] == {"deep": 1}
    assert resource.source.span_of(("k399", "deep")) == Span("manifest.yaml", 3, 10, 3, 17)


def test_repeated_keys_lead_to_the_last(read: Read) -> None:
    source = read("apiVersion: v1\nkind: Pod\nspec:\n  a: 1\n  a: 2\n").resources[0].source
    assert source.span_of(("spec", "a")) == Span("manifest.yaml", 5, 3, 5, 7)


def test_comments_above_and_within(read: Read) -> None:
    found = read(
        """# top of the file
# compliance-scan:ignore a
apiVersion: v1
kind: Pod  # inside
metadata:
  name: "a # b"
spec:
  script: |
    # not a comment
    echo x # nor this
  # after
---
# far above

# directly above
apiVersion: v1
kind: Pod
metadata: {name: b#c} # last
"""
    )
    first, second = (resource.source.comments() for resource in found.resources)
    assert [(c.text, c.line, c.inside) for c in first] == [
        ("top of the file", 1, False),
        ("compliance-scan:ignore a", 2, False),
        ("inside", 4, True),
    ]
    assert [(c.text, c.line, c.inside) for c in second] == [("directly above", 15, False), ("last", 18, True)]


def test_comments_above_the_first_separator(read: Read) -> None:
    found = read("# head\n---\napiVersion: v1\nkind: Pod\n---\napiVersion: v1\nkind: Service\n# tail\n")
    assert [[c.text for c in resource.source.comments()] for resource in found.resources] == [["head"], []]


@pytest.mark.parametrize("path", [(), ("spec",), ("spec", "a", 1)])
def test_text_gives_whole_lines(read: Read, path: Path) -> None:
    body = "apiVersion: v1\nkind: Pod\nspec:\n  a:\n    - 1\n    - 2\n"
    source = read(body).resources[0].source
    span = source.span_of(path)
    assert span is not None
    assert source.text(span) == "\n".join(body.split("\n")[span.line - 1 : span.end_line])


def test_json_is_walked_to_the_place() -> None:
    from compliance_scan.inputs.kubernetes.json_places import JsonPlaces

    text = ' { "a" : [ 1, {"b": "x\\"}y", "c": {}, "b": [true] } ] , "d":null}'
    places = JsonPlaces(text)

    def at(*path: str | int) -> str | None:
        found = places.find(path)
        return None if found is None else text[found.start : found.end]

    assert at("a", 0) == "1"
    assert at("a", 1, "c") == '"c": {}'
    assert at("a", 1, "b", 0) == "true"  # of equal keys the last
    assert at("a", 1, "none") == '{"b": "x\\"}y", "c": {}, "b": [true] }'
    assert at("d", "e") == '"d":null'
    assert at("none") is None
    assert at() == text.strip()
