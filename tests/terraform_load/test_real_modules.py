"""Real repositories: every resource block has an address, or the inventory says why it has none."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance_scan.inputs.terraform.ast import Block
from compliance_scan.inputs.terraform.covered import COVERED, SILENT
from compliance_scan.inputs.terraform.load import UNMADE, TerraformOptions, load
from compliance_scan.inputs.terraform.module import SUFFIXES
from compliance_scan.inputs.terraform.syntax import parse_file
from compliance_scan.workspace import Workspace


def accounted(folder: Path) -> tuple[int, int]:
    """How many folders and resource blocks were looked at; a block without address or reason fails."""
    workspace = Workspace(str(folder))
    paths = [found.path for found in workspace.walk(["."]) if found.path.endswith(SUFFIXES)]
    inventory = load(workspace, paths, TerraformOptions())
    places = {(each.source.header.file, each.source.header.line) for each in inventory.resources}
    noted = {note.where.partition(":")[0] for note in inventory.incomplete}
    counted = {kind for kind, _ in inventory.not_covered}
    blocks = list(resource_blocks(folder, paths))
    left = [
        place
        for block in blocks
        if (place := (block.file.path, block.file.line(block.start))) not in places
        and place[0] not in noted
        and (block.labels[0].split("_", 1)[0] in (*COVERED, *SILENT) or block.labels[0] not in counted)
    ]
    assert len(left) <= inventory.skipped.get(UNMADE, 0), left[:20]
    return len({path.rpartition("/")[0] for path in paths}), len(blocks)


def resource_blocks(folder: Path, paths: list[str]) -> Iterator[Block]:
    for path in paths:
        if not path.endswith(".json") and "override" not in path:
            for block in parse_file(path, (folder / path).read_bytes()).body().blocks:
                if block.type in ("resource", "data") and len(block.labels) == 2:
                    yield block


def test_a_sample(shared: Path) -> None:
    folder = shared / "bench" / "medium"
    if not folder.is_dir():
        pytest.skip("../shared/bench/medium is not there")
    folders, blocks = accounted(folder)
    assert folders >= 10
    assert blocks >= 130


@pytest.mark.slow
def test_all(shared: Path, tmp_path: Path) -> None:
    archive = shared / "bench" / "large.tar.xz"
    if not archive.exists():
        pytest.skip("../shared/bench/large.tar.xz is not there")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    folders, blocks = accounted(tmp_path)
    assert folders >= 500
    assert blocks >= 5000
