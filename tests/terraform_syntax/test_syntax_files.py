"""Files: blocks, broken parts, encodings, places, comments."""

import time

import pytest

from compliance_scan.inputs.terraform import ast
from compliance_scan.inputs.terraform.syntax import SourceFile, parse_file
from compliance_scan.inputs.terraform.syntax_check import note_errors, second_opinion
from compliance_scan.workspace import Workspace


def read(text: str) -> SourceFile:
    return parse_file("m.tf", text.encode())


def noted(tmp_path: object, data: bytes) -> list[tuple[str, str, str]]:
    workspace = Workspace(str(tmp_path))
    note_errors(workspace, parse_file("m.tf", data), [])
    return [(note.kind, note.where, note.message) for note in workspace.incomplete]


def headers(file: SourceFile) -> list[tuple[str, ...]]:
    return [(block.type, *block.labels) for block in file.body().blocks]


def test_blocks_and_attributes() -> None:
    file = read('resource "a" "b" {\n  x = 1\n  y {\n    z = 2\n  }\n}\nlocals { q = 3 }\n')
    assert headers(file) == [("resource", "a", "b"), ("locals",)]
    body = file.body().blocks[0].body
    assert list(body.attributes) == ["x"]
    inner = body.blocks[0]
    assert inner.type == "y"
    assert isinstance(inner.body.attributes["z"].expr, ast.Literal)
    assert list(file.body().blocks[1].body.attributes) == ["q"]


def test_labels_without_quotes_or_spaces() -> None:
    assert headers(read('resource aws_x "y"{\n}\nprovider "a"{}\n')) == [("resource", "aws_x", "y"), ("provider", "a")]


def test_spans_count_characters_from_one() -> None:
    file = parse_file("m.tf", 'a = "é" # ü\nbé = 2\n'.encode())
    attribute = file.body().attributes["bé"]
    assert file.span(attribute.start, attribute.end) == ("m.tf", 2, 1, 2, 7)
    first = file.body().attributes["a"]
    assert file.span(first.start, first.end) == ("m.tf", 1, 1, 1, 8)


def test_line_ends_of_windows() -> None:
    file = parse_file("m.tf", b'a = "x"\r\nb {\r\n  c = 1\r\n}\r\n')
    assert not file.check()
    attribute = file.body().attributes["a"]
    assert file.span(attribute.start, attribute.end) == ("m.tf", 1, 1, 1, 8)
    assert list(file.body().blocks[0].body.attributes) == ["c"]


def test_byte_order_mark() -> None:
    file = parse_file("m.tf", b"\xef\xbb\xbfa = 1\n")
    assert not file.check()
    assert file.span(file.body().attributes["a"].start, 1).column == 1


def test_empty_file(tmp_path: object) -> None:
    assert noted(tmp_path, b"") == []
    assert noted(tmp_path, b"# only a comment") == []


def test_latin_1_is_read_and_noted(tmp_path: object) -> None:
    assert [note[0] for note in noted(tmp_path, 'a = "é"\n'.encode("latin-1"))] == ["syntax_error"]
    assert list(parse_file("m.tf", 'a = "é"\n'.encode("latin-1")).body().attributes) == ["a"]


def test_binary_file(tmp_path: object) -> None:
    notes = noted(tmp_path, bytes(range(256)) * 40)
    assert notes == [("syntax_error", "m.tf", "m.tf is no text file")]


def test_nul_in_a_comment_is_nobodys_business(tmp_path: object) -> None:
    assert noted(tmp_path, b"# \0\na = 1\n") == []


def test_a_broken_block_leaves_the_others() -> None:
    file = read('resource "a" "b" {\n  x = [1,\n}\nresource "c" "d" {\n  y = 1\n}\n')
    assert headers(file) == [("resource", "c", "d")]
    assert [file.line(issue.offset) for issue in file.check()] == [3]


def test_an_unclosed_block_leaves_those_behind_it() -> None:
    file = read('resource "a" "b" {\n  x = 1\n\nresource "c" "d" {\n  y = 1\n}\n')
    assert headers(file) == [("resource", "c", "d")]


def test_an_unclosed_string_leaves_the_other_blocks() -> None:
    file = read('resource "a" "b" {\n  x = "1\n}\nresource "c" "d" {\n  y = 1\n}\n')
    assert headers(file) == [("resource", "c", "d")]
    assert [file.line(issue.offset) for issue in file.check()] == [2]


def test_a_broken_value_is_broken_alone() -> None:
    file = read('resource "a" "b" {\n  x = 1 +\n  y = 2\n}\n')
    body = file.body().blocks[0].body
    assert isinstance(body.attributes["x"].expr, ast.Broken)
    assert isinstance(body.attributes["y"].expr, ast.Literal)
    assert [file.line(issue.offset) for issue in file.check()] == [2]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\na = 2\n", 2),
        ('a = "x\ny"\n', 1),
        ("a = 1\nb\n", 2),
        ("}\n", 1),
        ("a {} b {}\n", 1),
        ("a = \n", 1),
        ("a = <<E\nx\n", 1),
        ("/* open\n", 1),
        ("a = ${b}\n", 1),
        ("a = 'x'\n", 1),
        ('"a" = 1\n', 1),
    ],
)
def test_what_is_not_the_language(tmp_path: object, text: str, line: int) -> None:
    notes = noted(tmp_path, text.encode())
    assert [(kind, where) for kind, where, _ in notes] == [("syntax_error", f"m.tf:{line}")]


def test_the_second_reader_adds_what_it_expects() -> None:
    assert "line 1" in second_opinion("a = [1 2]\n")
    assert second_opinion("a = 1\n") == ""


def test_nesting_without_end(tmp_path: object) -> None:
    started = time.perf_counter()
    assert [note[0] for note in noted(tmp_path, b"a {\n" * 10_000 + b"}\n" * 10_000)] == ["limit_reached"]
    assert [note[0] for note in noted(tmp_path, b"a = " + b"[" * 10_000 + b"]" * 10_000 + b"\n")] == ["limit_reached"]
    assert [note[0] for note in noted(tmp_path, b"a {\n" * 10_000)] == ["syntax_error"]
    assert [note[0] for note in noted(tmp_path, b'a = "${' * 20_000)] == ["syntax_error"]
    assert time.perf_counter() - started < 20


def test_comments() -> None:
    file = read('# one\na = "# no" // two\nb = <<E\n# no\nE\n/* three\n */\nc { # four\n}\n')
    assert [file.text[start:end].split()[1] for start, end in file.comments] == ["one", "two", "three", "four"]


def test_comments_before_an_error_are_kept() -> None:
    assert len(read("# one\na = [\n# two\n").comments) == 2


def test_heredoc_in_a_value_with_more_behind_it() -> None:
    file = read('a = f(<<E\n} ) ${x} "\nE\n, 2)\nb = 1\n')
    assert not file.check()
    assert list(file.body().attributes) == ["a", "b"]


def test_lines() -> None:
    assert read("a = 1\nb = 2\nc = 3").lines(2, 3) == "b = 2\nc = 3"
