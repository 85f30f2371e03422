"""One hostile report through every format that the folder has: whatever is added is covered by its coming.

A format that is not named in `HARMLESS` has to satisfy the strictest reading: no raw control characters, no markup.
"""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from tests.formats.conftest import HOSTILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from compliance_scan.model.report import Report

OBEYED = re.compile(r"##(vso)?\[")
"""What build servers act on wherever it stands in a log."""
CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def as_lines(text: str) -> None:
    """Text for a terminal or a log: nothing at a line's start that a runner takes for a command."""
    for line in text.split("\n"):
        assert not line.lstrip().startswith("::")


def as_json(text: str) -> None:
    """JSON whose strings are all plain text to whoever prints them raw."""
    assert text.isascii()
    assert json.loads(text) is not None


def as_json_lines(text: str) -> None:
    for line in text.splitlines():
        as_json(line)


def as_sarif(text: str) -> None:
    """Also no links in messages, which viewers would make clickable."""
    as_json(text)
    for one in strings_under(json.loads(text), ("text", "markdown")):
        assert not re.search(r"(?<!\\)\]\(javascript|(?<!\\)\]\(https://evil", one)


def as_csv(text: str) -> None:
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "|"))
            assert "\n" not in cell


def as_xml(text: str) -> None:
    root = ET.fromstring(text)
    known = {"testsuites", "testsuite", "testcase", "failure", "skipped", "error"}
    assert {element.tag for element in root.iter()} <= known


def as_workflow_commands(text: str) -> None:
    """Every line is one of our own commands, and the runner's decoding gives no other."""
    for line in text.splitlines():
        assert re.match(r"::(error|warning|notice) [a-zA-Z]+=[^:]*::", line), line
        for value in re.findall(r"[a-zA-Z]+=([^,:]*)", line.split("::")[1]):
            assert "\n" not in value.replace("%0A", "\n") or "%0A" not in value


def as_markdown(text: str) -> None:
    """Rendered, it holds only the elements that we write, and no link but those to the repository."""
    rendered = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)
    tree = lxml_html.fromstring(f"<div>{rendered}</div>")
    ours = {
        "div",
        "h2",
        "p",
        "details",
        "summary",
        "b",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
        "br",
        "strong",
        "em",
        "sub",
        "a",
    }
    assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= ours
    for element in tree.iter("a"):
        assert element.get("href", "").startswith(("https://host/", "https://github.com/acme/infra/blob/"))
    outside = "".join(outside_code(tree))
    assert not re.search(r"@\w|(?<![\w])#\d|!\d|://|www\.", outside), outside


def outside_code(element: Any) -> Iterator[str]:
    if element.tag == "code":
        return
    yield element.text or ""
    for child in element:
        yield from outside_code(child)
        yield child.tail or ""


def as_html(text: str) -> None:
    """No text of the report became an element, an attribute or a script; a policy forbids what slipped through."""
    tree = lxml_html.fromstring(text)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert not [name for name in element.attrib if name.startswith("on")], element.tag
        for name in ("href", "src"):
            assert not element.get(name, "").strip().lower().startswith(("javascript:", "http://evil", "https://evil"))
        if element.tag == "script":
            assert "alert(1)</script" not in (element.text or "").lower()
        if element.tag == "img":
            assert element.get("src") != "x"
    assert "<script>alert(1)</script>" not in text
    assert "Content-Security-Policy" in text


def strings_under(value: Any, keys: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in ("snippet", "insertedContent"):
                continue  # source as it is, which viewers show as code
            if key in keys and isinstance(item, str):
                yield item
            else:
                yield from strings_under(item, keys)
    elif isinstance(value, list):
        for item in value:
            yield from strings_under(item, keys)


HARMLESS: dict[str, Callable[[str], None]] = {
    "asff": as_json_lines,
    "csv": as_csv,
    "cyclonedx": as_json,
    "github": as_workflow_commands,
    "gitlab-quality": as_json,
    "gitlab-sast": as_json,
    "html": as_html,
    "json": as_json,
    "junit": as_xml,
    "markdown": as_markdown,
    "ocsf": as_json,
    "oscal": as_json,
    "sarif": as_sarif,
    "text": as_lines,
}


@pytest.fixture
def hostile(hostile_report: Report, drifted_report: Report) -> Report:
    """The hostile report with what the planes have, written by the same enemy."""
    text = "".join(HOSTILE)
    for entry in drifted_report["drift"]:
        entry["address"] = entry["actor"] = text
        entry["remedy"] = {"code": text, "account": text}
        for attribute in entry["attributes"]:
            attribute.update({"path": text, "declared": text, "live": text})
    for row in drifted_report["planes"]:
        row["address"] = text
    hostile_report["drift"], hostile_report["planes"] = drifted_report["drift"], drifted_report["planes"]
    gate = drifted_report["gate"]
    gate["newly_failing"], gate["touched"] = hostile_report["findings"][:3], [text]
    hostile_report["gate"] = gate
    return hostile_report


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize("name", formats.names())
def test_nothing_of_what_was_scanned_is_obeyed(name: str, hostile: Report, *, verbose: bool) -> None:
    out = io.StringIO()
    formats.load(name).write(hostile, out, FormatOptions(verbose=verbose))
    text = out.getvalue()
    assert not OBEYED.search(text)
    assert not CONTROL.search(text.replace("\r\n", "\n"))
    HARMLESS[name](text)


@pytest.mark.parametrize("place", ["file", "address", "message"])
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", formats.names())
def test_each_text_alone(name: str, text: str, place: str, report: Report) -> None:
    """Alone at its place, so that no text before it takes its edge off."""
    first = report["findings"][0]
    if place == "file" and first["location"]:
        first["location"]["file"] = text
    elif place == "address":
        first["resource"]["address"] = text
    else:
        first["message"], first["message_arguments"] = text, [text]
    out = io.StringIO()
    formats.load(name).write(report, out, FormatOptions())
    made = out.getvalue()
    assert not OBEYED.search(made)
    assert not CONTROL.search(made.replace("\r\n", "\n"))
    HARMLESS[name](made)


def test_a_quiet_log_obeys_nothing(hostile: Report) -> None:
    out = io.StringIO()
    formats.load("text").write(hostile, out, FormatOptions(quiet=True))
    as_lines(out.getvalue())
    assert not OBEYED.search(out.getvalue())
