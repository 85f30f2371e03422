"""The only door to the tree under scan."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.workspace import OutsideRoot, Workspace, decode, matches


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for path in ("main.tf", "a/b.tf", "a/deep/c.tf", "node_modules/x.tf", ".terraform/y.tf", ".git/z.tf", "venv/v.tf"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "venv" / "pyvenv.cfg").write_text("")
    return root


def walked(workspace: Workspace, *targets: str) -> list[str]:
    return [found.path for found in workspace.walk(targets or ["."])]


def test_walk(tree: Path) -> None:
    workspace = Workspace(str(tree))
    assert walked(workspace) == ["main.tf", "a/b.tf", "a/deep/c.tf"]
    assert workspace.skipped == {".git": 1, ".terraform": 1, "node_modules": 1, "virtual environment": 1}
    assert workspace.incomplete == []


def test_each_file_once(tree: Path) -> None:
    assert walked(Workspace(str(tree)), "a/deep", "a", "a/b.tf") == ["a/deep/c.tf", "a/b.tf"]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ((), ("a",), ["main.tf"]),
        ((), ("a/*",), ["main.tf"]),
        ((), ("**/deep",), ["main.tf", "a/b.tf"]),
        ((), ("c.tf",), ["main.tf", "a/b.tf"]),
        (("a/**",), (), ["a/b.tf", "a/deep/c.tf"]),
        (("*.tf",), ("./a/deep/",), ["main.tf", "a/b.tf"]),
        (("**/c.tf", "main.tf"), (), ["main.tf", "a/deep/c.tf"]),
    ],
)
def test_globs(tree: Path, include: tuple[str, ...], exclude: tuple[str, ...], expected: list[str]) -> None:
    assert walked(Workspace(str(tree), include=include, exclude=exclude)) == expected


def test_links(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "o.tf").write_text("")
    (tree / "loop").symlink_to("loop")
    (tree / "up").symlink_to(tree)
    (tree / "away").symlink_to(tmp_path / "outside")
    (tree / "away.tf").symlink_to(tmp_path / "outside" / "o.tf")
    (tree / "again.tf").symlink_to("main.tf")
    workspace = Workspace(str(tree))
    assert walked(workspace) == ["again.tf", "loop", "main.tf", "a/b.tf", "a/deep/c.tf"]
    assert {(note.kind, note.where) for note in workspace.incomplete} == {
        ("outside_root", "away"),
        ("outside_root", "away.tf"),
    }
    assert workspace.read("loop") is None
    assert workspace.read("away.tf") is None
    assert workspace.read("away/o.tf") is None
    assert workspace.read("again.tf") == b"main.tf"


@pytest.mark.parametrize(
    "path", ["../root2/x", "../../etc/passwd", "/etc/passwd", ".git/config", "a/../.git/z.tf", "a\0b"]
)
def test_never_outside(tree: Path, path: str) -> None:
    workspace = Workspace(str(tree))
    with pytest.raises(OutsideRoot):
        workspace.resolve(path)
    assert workspace.read(path) is None
    assert not workspace.exists(path)
    assert not workspace.is_folder(path)
    assert workspace.listdir(path) == []
    assert workspace.head(path) == b""
    assert [note.kind for note in workspace.incomplete] == ["outside_root"]


@given(st.lists(st.sampled_from(["..", ".", "a", "deep", "link", ".git", "root", ""]), max_size=8))
def test_no_path_leads_out(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    base = tmp_path_factory.getbasetemp() / "confined"
    root = base / "root"
    (root / "a" / "deep").mkdir(parents=True, exist_ok=True)
    (root / ".git").mkdir(exist_ok=True)
    if not (root / "a" / "link").is_symlink():
        (root / "a" / "link").symlink_to(base)
    try:
        real = Workspace(str(root)).resolve("/".join(steps).lstrip("/"))
    except OutsideRoot:
        return
    assert real == os.path.realpath(real)
    assert os.path.commonpath([real, str(root)]) == str(root)
    assert ".git" not in os.path.relpath(real, root).split(os.sep)


def test_the_root_of_the_file_system() -> None:
    workspace = Workspace("/")
    assert workspace.resolve("etc") == os.path.realpath("/etc")
    with pytest.raises(OutsideRoot):
        workspace.resolve("tmp/.git/config")


def test_too_large_and_not_regular(tree: Path) -> None:
    os.mkfifo(tree / "pipe.tf")
    workspace = Workspace(str(tree))
    assert workspace.read("main.tf", limit=3) is None
    assert workspace.read("pipe.tf") is None
    assert workspace.read("a") is None
    assert workspace.read("none.tf") is None
    assert [(note.kind, note.where) for note in workspace.incomplete] == [
        ("limit_reached", "main.tf"),
        ("file_unreadable", "pipe.tf"),
        ("file_unreadable", "a"),
        ("file_unreadable", "none.tf"),
    ]


def test_head_says_nothing(tree: Path) -> None:
    workspace = Workspace(str(tree))
    assert (workspace.head("a/b.tf", 3), workspace.head("none")) == (b"a/b", b"")
    assert workspace.incomplete == []


def test_overlay(tree: Path) -> None:
    workspace = Workspace(str(tree))
    workspace.put("a/new.tf", b"new")
    workspace.put("main.tf", b"other")
    assert workspace.read("main.tf") == b"other"
    assert workspace.head("main.tf", 2) == b"ot"
    assert workspace.exists("a/new.tf")
    assert workspace.listdir("a") == ["b.tf", "new.tf"]
    assert walked(workspace, "a/new.tf") == ["a/new.tf"]


def test_marks(tree: Path) -> None:
    workspace = Workspace(str(tree), marks=(b"deep",))
    workspace.read("main.tf")
    workspace.read("a/deep/c.tf")
    assert [workspace.may_hold_mark(path) for path in ("main.tf", "a/deep/c.tf", "a/b.tf")] == [False, True, True]


def test_root_is_where_git_is(tree: Path) -> None:
    assert Workspace.find_root(str(tree / "a" / "deep" / "c.tf")) == str(tree)
    assert Workspace.find_root(str(tree / "a")) == str(tree)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"caf\xc3\xa9", ("café", True)),
        (b"\xef\xbb\xbfa", ("a", True)),
        (b"caf\xe9", ("café", False)),
        (b"\xff\xfea\0", ("ÿþa\0", False)),
    ],
)
def test_decode(data: bytes, expected: tuple[str, bool]) -> None:
    assert decode(data) == expected


@pytest.mark.parametrize(
    ("path", "pattern", "hit"),
    [
        ("a/b/c.tf", "*.tf", True),
        ("a/b/c.tf", "b", False),
        ("b/c.tf", "b", True),
        ("b/c.tf", "b/", True),
        ("a/b/c.tf", "**/b", True),
        ("a/b/c.tf", "a/*.tf", True),
        ("a/b/c.yaml", "*.tf", False),
    ],
)
def test_matches(path: str, pattern: str, hit: bool) -> None:
    assert matches(path, pattern) is hit
