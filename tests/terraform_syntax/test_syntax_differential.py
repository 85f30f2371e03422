"""Our reader against two others on real files: tree-sitter for places, python-hcl2 for structure."""

import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance_scan.inputs.terraform.ast import Body
from compliance_scan.inputs.terraform.syntax import SourceFile, parse_file

EVERY = 25
SMALL = 20_000


@pytest.fixture(scope="module")
def real_files() -> list[tuple[str, bytes]]:
    shared = Path(__file__).resolve().parents[3] / "shared"
    archive = shared / "bench" / "large.tar.xz"
    if not archive.exists():
        pytest.skip("../shared/bench/large.tar.xz is not there: public data that the project does not contain")
    found: list[tuple[str, bytes]] = []
    with tarfile.open(archive) as packed:
        names = 0
        for member in packed:
            if member.isfile() and member.name.endswith(".tf"):
                names += 1
                handle = packed.extractfile(member)
                if names % EVERY == 0 and handle is not None:
                    found.append((member.name, handle.read()))
    return found


def test_no_valid_file_is_refused(real_files: list[tuple[str, bytes]]) -> None:
    assert len(real_files) > 100
    refused = {path: [issue.message for issue in parse_file(path, data).check()] for path, data in real_files}
    assert {path: messages for path, messages in refused.items() if messages} == {}


def test_places_are_those_of_tree_sitter(real_files: list[tuple[str, bytes]]) -> None:
    import tree_sitter
    import tree_sitter_hcl

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))
    for path, data in real_files:
        if not data.isascii():
            continue
        file = parse_file(path, data)
        theirs = sorted(_attributes_of(parser.parse(data).root_node))
        ours = sorted(
            (attribute.name, attribute.start, attribute.end)
            for body in _bodies(file.body())
            for attribute in body.attributes.values()
        )
        assert ours == theirs, path


def _attributes_of(node: Any) -> Iterator[tuple[str, int, int]]:
    """Name, start and end of every argument in a tree of tree-sitter."""
    stack = [node]
    while stack:
        item = stack.pop()
        if item.type == "attribute":
            text = item.text
            # Comments and line ends behind a value belong to tree-sitter's node now and then.
            name = item.children[0].text.decode()
            yield name, item.start_byte, item.start_byte + len(text.rstrip())
        elif item.type in {"config_file", "body", "block"}:
            stack.extend(item.children)


def _bodies(body: Body) -> Iterator[Body]:
    stack = [body]
    while stack:
        found = stack.pop()
        yield found
        stack.extend(block.body for block in found.blocks)


def test_structure_is_that_of_python_hcl2(real_files: list[tuple[str, bytes]]) -> None:
    import hcl2

    compared = 0
    for path, data in real_files:
        if len(data) > SMALL or compared >= 60:
            continue
        compared += 1
        text = data.decode().replace("\r\n", "\n")
        file = SourceFile(path, data, text)
        assert _counts(file.body()) == _their_counts(hcl2.loads(text + "\n")), path


Counts = dict[tuple[str, ...], int]


def _counts(body: Body, prefix: tuple[str, ...] = ()) -> Counts:
    """How often each path of block types, labels and argument names stands in a body."""
    counts: Counts = {}
    for name in body.attributes:
        counts[*prefix, name] = counts.get((*prefix, name), 0) + 1
    for block in body.blocks:
        for key, number in _counts(block.body, (*prefix, block.type, *block.labels)).items():
            counts[key] = counts.get(key, 0) + number
    return counts


def _their_counts(value: dict[str, Any], prefix: tuple[str, ...] = ()) -> Counts:
    counts: Counts = {}
    for raw, item in value.items():
        name = raw.strip('"')
        if name.startswith("__"):
            continue
        blocks = [part for part in item if isinstance(part, dict)] if isinstance(item, list) else []
        if blocks and len(blocks) == len(item) and all(_holds_block(part) for part in blocks):
            for part in blocks:
                for key, number in _labelled(part, (*prefix, name)).items():
                    counts[key] = counts.get(key, 0) + number
        else:
            counts[*prefix, name] = counts.get((*prefix, name), 0) + 1
    return counts


def _holds_block(part: dict[str, Any]) -> bool:
    while "__is_block__" not in part:
        inner = list(part.values())
        if len(inner) != 1 or not isinstance(inner[0], dict):
            return False
        part = inner[0]
    return True


def _labelled(part: dict[str, Any], prefix: tuple[str, ...]) -> Counts:
    while "__is_block__" not in part:
        (label, inner), *_ = part.items()
        prefix = (*prefix, label.strip('"'))
        part = inner
    return _their_counts(part, prefix)
