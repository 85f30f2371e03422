"""Source text in reports: right lines, no secrets."""

from pathlib import Path

import pytest

from compliance_scan.excerpt import Excerpts, mask, mask_secret
from compliance_scan.model.resource import Span
from compliance_scan.shape.catalog import Catalog
from compliance_scan.workspace import Workspace

KEY = "AKIA" + "ABCDEFGHIJKLMNOP"


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.open()


def excerpts(folder: Path, catalog: Catalog, text: str) -> Excerpts:
    (folder / "main.tf").write_bytes(text.encode())
    return Excerpts(Workspace(str(folder)), catalog, str(folder))


def test_context_and_snippet(tmp_path: Path, catalog: Catalog) -> None:
    made = excerpts(tmp_path, catalog, "\r\n".join(f"line {number}" for number in range(1, 11)))
    span = Span("main.tf", 5, 3, 5, 7)
    assert made.context(span) == {"line": 2, "text": "\n".join(f"line {number}" for number in range(2, 9))}
    assert made.snippet(span) == "ne 5"
    assert made.snippet(Span("main.tf", 5, 3, 6, 3)) == "ne 5\nli"
    assert made.line_hash(span) is not None
    assert made.context(Span("main.tf", 99, 1, 99, 1)) is None
    assert made.context(Span("none.tf", 1, 1, 1, 1)) is None


def test_paths_are_relative_to_the_working_directory(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "sub").mkdir()
    made = Excerpts(Workspace(str(tmp_path)), catalog, str(tmp_path / "sub"))
    assert made.path("main.tf") == "../main.tf"
    assert made.path("sub/x.tf") == "x.tf"


def test_what_is_hidden_stays_hidden(tmp_path: Path, catalog: Catalog) -> None:
    made = excerpts(tmp_path, catalog, "a = 1\npassword = <<EOT\nhunter2\nEOT\nb = 2\n")
    made.hide(Span("main.tf", 2, 1, 4, 4))
    context = made.context(Span("main.tf", 1, 1, 1, 6))
    assert context is not None
    assert context["text"] == "a = 1\npassword = (sensitive)\n(sensitive)\nEOT"
    snippet = made.snippet(Span("main.tf", 2, 1, 4, 4))
    assert snippet is not None
    assert "hunter2" not in snippet


@pytest.mark.parametrize(
    ("line", "above", "expected"),
    [
        ('  password = "hunter2hunter"', "", "  password = (sensitive)"),
        ("  password: hunter2hunter", "", "  password: (sensitive)"),
        ('  "db_password" : "hunter2hunter",', "", '  "db_password" : (sensitive)'),
        ("  password = var.password", "", "  password = var.password"),
        ("  password = random_password.db.result", "", "  password = random_password.db.result"),
        ('  password = ""', "", '  password = ""'),
        ("    value: hunter2hunter", "  - name: DB_PASSWORD", "    value: (sensitive)"),
        ("    value: hunter2hunter", "  - name: DB_NAME", "    value: hunter2hunter"),
        (f'  default = "{KEY}"', "", "  default = (sensitive)"),
        (f"echo {KEY}", "", "(sensitive)"),
        ('  engine = "postgres"', "", '  engine = "postgres"'),
        ("}", "", "}"),
    ],
)
def test_lines_that_look_like_secrets(line: str, above: str, expected: str) -> None:
    assert mask_secret(line, above) == expected


@pytest.mark.parametrize(
    ("line", "expected"), [("  a = b", "  a = (sensitive)"), ("x", "(sensitive)"), ("  }", "  }"), ("", "")]
)
def test_mask(line: str, expected: str) -> None:
    assert mask(line) == expected


def test_of_a_line_that_holds_a_whole_dump_no_more_than_a_piece_is_shown(tmp_path: Path, catalog: Catalog) -> None:
    filler = '"a":"' + "x" * 50_000 + '",'
    line = "{" + filler + '"password":"hunter2hunter","b":1,' + f'"c":"{KEY}"' + "}"
    made = excerpts(tmp_path, catalog, line + "\n{}\n")
    at = line.index('"password"') + 1
    assert made.snippet(Span("main.tf", 1, at, 1, at + 26)) == '"password":(sensitive)'
    at = line.index('"b"') + 1
    assert made.snippet(Span("main.tf", 1, at, 1, at + 5)) == '"b":1'
    at = line.index('"c"') + 1
    assert KEY not in (made.snippet(Span("main.tf", 1, at, 2, 2)) or "")
    context = made.context(Span("main.tf", 1, 1, 1, 2))
    assert context is not None
    assert context["text"] == line[:400] + "\n{}\n"
