"""The HTML report as a file: what it holds, that it is inert, and what it costs."""

from __future__ import annotations

import copy
import io
import json
import re
import time
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from lxml import html as lxml_html

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from tests.formats.conftest import HOSTILE

if TYPE_CHECKING:
    from compliance_scan.model.report import Report
    from tests.formats.conftest import FindingMaker


def written(report: Report, **options: Any) -> str:
    out = io.StringIO()
    formats.load("html").write(report, out, FormatOptions(**options))
    return out.getvalue()


def payload(page: str) -> Any:
    """The data as a browser reads it: the text of the element, with nothing decoded."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def many(report: Report, make_finding: FindingMaker, number: int) -> Report:
    report["findings"] = [
        make_finding(
            address=f"module.m{n % 7}.aws_db_instance.main[{n}]",
            fingerprint=f"cs1:{n:016x}",
            severity=("critical", "high", "medium", "low", "info")[n % 5],
            message=f"storage_encrypted of instance {n} is false, expected true",
            location={"file": f"m{n % 7}/main.tf", "line": n, "column": 1, "end_line": n, "end_column": 9},
            context={"line": n, "text": f"storage_encrypted = {n}\n" * 5},
            controls={"pci-dss-4.0.1": ["3.5.1"], "soc2-2017": ["CC6.1", "CC6.7"]},
        )
        for n in range(1, number + 1)
    ]
    return report


def test_the_policy_allows_our_own_script_and_style_and_nothing_else(report: Report) -> None:
    page = written(report)
    tree = lxml_html.fromstring(page)
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    said = {name: value for name, _, value in (part.strip().partition(" ") for part in policy.split(";"))}
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (text,) = [e.text for e in tree.iter(tag) if e.get("type") is None]
        assert said[directive] == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
    assert said["default-src"] == "'none'"
    assert "connect-src" not in said


def test_nothing_is_loaded_from_anywhere(report: Report) -> None:
    tree = lxml_html.fromstring(written(report))
    assert not [e for e in tree.iter() if e.get("src") or (e.get("href") or "#")[:5] not in ("#", "#main", "data:")]


def test_the_data_is_the_report(drifted_report: Report) -> None:
    data = payload(written(drifted_report))
    for key in ("run", "summary", "rules", "controls", "planes", "drift", "incomplete", "not_covered"):
        assert data[key] == drifted_report[key]
    fails = [one for one in drifted_report["findings"] if one["verdict"] in ("fail", "unknown")]
    assert len(data["findings"]) == len(fails)
    found = next(one for one in data["findings"] if one["address"] == 'module.db["eu"].aws_db_instance.main')
    assert data["pools"]["contexts"][found["context"]]["line"] == 12
    assert data["pools"]["controls"][found["controls"]] == {"pci-dss-4.0.1": ["3.5.1"], "soc2-2017": ["CC6.1", "CC6.7"]}
    assert data["pools"]["contexts"][found["related"][0]["context"]]["text"].startswith('module "db"')
    assert [one["address"] for one in data["gate"]["fixed"]] == ["aws_ebs_volume.x"]


def test_the_user_chooses_the_verdicts(report: Report) -> None:
    assert {one["verdict"] for one in payload(written(report))["findings"]} <= {"fail", "unknown"}
    chosen = payload(written(report, verdicts=frozenset({"unknown"})))
    assert {one["verdict"] for one in chosen["findings"]} == {"unknown"}


def test_no_text_ends_the_data_or_begins_an_element(report: Report) -> None:
    first = report["findings"][0]
    for text in [*HOSTILE, "</script><script>x()</script>", "{{script}}", "{{data}}", "<!--<script>"]:
        first["message"] = first["resource"]["address"] = text
        report["run"]["targets"] = [text]
        page = written(report)
        assert page.isascii() or not re.search("[\u2028\u2029\u202e]", page)
        data = payload(page)
        told = text.replace("\ud800", "\\ud800")  # half a character would make the data no JSON to strict readers
        assert told in [one["message"] for one in data["findings"]]
        inside = page.partition('id="data">')[2].partition("</script>")[0]
        assert not re.search("[<>&]", inside)
        assert len(lxml_html.fromstring(page).xpath("//script")) == 2


def test_a_reader_without_script_sees_how_bad_it_is(report: Report) -> None:
    tree = lxml_html.fromstring(written(report))
    said = " ".join(tree.xpath("//noscript//text()"))
    assert "Exit code 4: 1 thing could not be read" in said
    assert "5 critical, 2 high" in said


def test_what_json_cannot_say_and_long_values_are_cut(report: Report) -> None:
    deep: Any = None
    for _ in range(20_000):
        deep = [deep]
    report["findings"][0]["expected"] = deep
    report["findings"][0]["actual"] = "x" * 100_000
    data = payload(written(report))
    found = next(one for one in data["findings"] if "expected" in one and one["expected"] == "(nested too deeply)")
    assert len(found["actual"]) == 600


def test_the_same_report_gives_the_same_bytes(report: Report) -> None:
    assert written(copy.deepcopy(report)) == written(report)


def test_25_000_findings_are_written_in_three_seconds(report: Report, make_finding: FindingMaker) -> None:
    many(report, make_finding, 25_000)
    began = time.process_time()
    page = written(report)
    assert time.process_time() - began <= 3.0
    assert len(payload(page)["findings"]) == 25_000
