"""The JSON report keeps its contract: schema, order, bytes."""

from __future__ import annotations

import io
import json
import re
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from compliance_scan.formats.json import dumps, quoted
from compliance_scan.model import report as types
from compliance_scan.model import report_controls, report_live, report_planes

if TYPE_CHECKING:
    from compliance_scan.model.report import Report

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schema/report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def written(report: Report, options: FormatOptions | None = None) -> str:
    out = io.StringIO()
    formats.load("json").write(report, out, options or FormatOptions())
    return out.getvalue()


def test_the_report_fits_its_schema(report: Report) -> None:
    VALIDATOR.validate(json.loads(written(report, FormatOptions(verdicts=frozenset({"pass", "fail", "unknown"})))))


def test_a_clean_report_fits_its_schema(empty_report: Report) -> None:
    VALIDATOR.validate(json.loads(written(empty_report)))


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("findings", 0, "verdict"), "maybe"),
        (("findings", 0, "extra"), 1),
        (("findings", 0, "location", "line"), 0),
        (("run", "exit_code"), 5),
        (("controls", 0, "status"), "green"),
        (("incomplete", 0, "kind"), "lost"),
        (("schema_version",), 2),
    ],
)
def test_the_schema_refuses_what_is_outside_the_contract(report: Report, where: tuple[Any, ...], value: object) -> None:
    spoilt: Any = json.loads(written(report))
    target = spoilt
    for step in where[:-1]:
        target = target[step]
    target[where[-1]] = value
    assert list(VALIDATOR.iter_errors(spoilt))


def test_the_schema_and_the_types_name_the_same_keys() -> None:
    objects = {"Report": SCHEMA, **{n: d for n, d in SCHEMA["$defs"].items() if d.get("type") == "object"}}
    names = {**vars(types), **vars(report_planes), **vars(report_controls), **vars(report_live)}
    dicts = {name: item for name, item in names.items() if typing.is_typeddict(item) and name != "Passes"}
    assert set(objects) == set(dicts)
    for name, made in dicts.items():
        hints = typing.get_type_hints(made, localns=names, include_extras=True)
        required = {key for key, hint in hints.items() if typing.get_origin(hint) is not typing.NotRequired}
        assert set(objects[name]["properties"]) == set(hints), name
        assert set(objects[name]["required"]) == required, name
        assert objects[name]["additionalProperties"] is False, name


def test_findings_are_filtered_and_sorted_and_counts_stay(report: Report) -> None:
    report["findings"].reverse()
    made = json.loads(written(report))
    assert {finding["verdict"] for finding in made["findings"]} == {"fail", "unknown"}
    assert [f["location"]["file"] for f in made["findings"]] == [
        "db.tf",
        "disk.tf",
        "k8s/api.yaml",
        "k8s/web.yaml",
        "modules/db/main.tf",
        *["network.tf"] * 5,
    ]
    assert made["summary"] == report["summary"]


def test_a_second_rendering_gives_the_same_bytes(report: Report) -> None:
    first = written(report)
    again = json.loads(first)
    assert written(again) == first
    assert list(again) == [key for key in SCHEMA["properties"] if key not in ("gate", "evidence", "comparison")]


def test_one_record_a_line(report: Report) -> None:
    lines = written(report).splitlines()
    assert lines[0] == "{"
    assert lines[-1] == "}"
    assert sum(line.startswith('    {"rule": ') for line in lines) == 10


def test_hostile_text_leaves_as_ascii_and_comes_back(hostile_report: Report) -> None:
    text = written(hostile_report)
    assert text.isascii()
    assert all(character == "\n" or character.isprintable() for character in text)
    made = json.loads(text)
    VALIDATOR.validate(made)
    sent = [str(f["actual"]).replace("\ud800", "\\ud800") for f in hostile_report["findings"]]
    assert sorted(f["actual"] for f in made["findings"]) == sorted(sent)


@pytest.mark.parametrize(
    ("text", "written_as"),
    [
        ("bad\udcff.tf", r'"bad\\udcff.tf"'),
        ("\ud83d", r'"\\ud83d"'),
        ("🙂\udc00", r'"\ud83d\ude42\\udc00"'),
        (r"C:\udcff", r'"C:\\udcff"'),
        ("\\\udcff", r'"\\\\udcff"'),
        ("###[x]", r'"#\u0023#[x]"'),
    ],
)
def test_halves_of_characters_are_told_and_never_written(text: str, written_as: str) -> None:
    assert quoted(text) == dumps(text) == written_as
    assert not re.search("[\ud800-\udfff]", json.loads(written_as))


def test_what_json_cannot_say_does_not_fail_the_report(report: Report) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    report["findings"][0]["actual"] = deep
    report["findings"][1]["actual"] = {"limit": float("inf"), "none": float("nan")}
    made = json.loads(written(report))
    VALIDATOR.validate(made)
    actual = [f["actual"] for f in made["findings"]]
    assert {"limit": "inf", "none": "nan"} in actual
    assert "nested too deeply" in json.dumps(actual)
    while deep:  # taken apart by hand: freeing it at once would go as deep
        deep = deep.pop()
