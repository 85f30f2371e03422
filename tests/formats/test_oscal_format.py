"""OSCAL assessment results, read back by compliance-trestle."""

from __future__ import annotations

import io
import json
import re
import warnings
from typing import TYPE_CHECKING, Any, cast

import pytest

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from compliance_scan.formats._oscal.ids import control_token

if TYPE_CHECKING:
    from pathlib import Path

    from compliance_scan.model.report import Report
    from compliance_scan.model.report_controls import ControlStatus

TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*\Z")


def written(report: Report) -> Any:
    out = io.StringIO()
    formats.load("oscal").write(report, out, FormatOptions())
    return json.loads(out.getvalue())


def with_evidence(report: Report) -> Report:
    """The report as a run writes it: controls name the rules behind them."""
    rules = sorted({finding["rule"] for finding in report["findings"]})
    for entry in report["controls"]:
        entry["rules"] = rules if entry["status"] != "manual" else []
        entry["reason"] = "as it came out"
    counts = {
        "pass": 1,
        "fail": 2,
        "unknown": 0,
        "not_applicable": 0,
        "suppressed": 0,
        "resources": 3,
        "planes": ["code"],
    }
    report["evidence"] = {rule: cast("Any", dict(counts)) for rule in rules}
    return report


@pytest.mark.parametrize("name", ["report", "empty_report", "hostile_report", "drifted_report"])
def test_trestle_reads_it(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from trestle.oscal.assessment_results import AssessmentResults
    report = with_evidence(request.getfixturevalue(name))
    path = tmp_path / "results.json"
    path.write_text(json.dumps(written(report)))
    found: Any = AssessmentResults.oscal_read(path)
    assert found is not None
    assert len(found.results) == max(1, len({entry["framework"] for entry in report["controls"]}))


def test_a_control_is_satisfied_only_where_it_passes_whole(report: Report) -> None:
    entry = report["controls"][0]
    states = ("pass", "pass_automated_part", "fail", "unknown", "manual", "not_applicable", "no_resources")
    found = {}
    for status in states:
        one = cast("ControlStatus", {**entry, "status": status, "control": status})
        made = written({**report, "controls": [one]})["assessment-results"]["results"][0]["findings"][0]
        found[status] = (made["target"]["status"]["state"], made["target"]["status"]["reason"])
    assert found.pop("pass") == ("satisfied", "pass")
    assert found.pop("fail") == ("not-satisfied", "fail")
    assert set(found.values()) == {("not-satisfied", "other")}


def test_every_reference_leads_somewhere(report: Report) -> None:
    document = written(with_evidence(report))["assessment-results"]
    for result in document["results"]:
        local = result["local-definitions"]
        things = {each["uuid"] for kind in ("components", "inventory-items") for each in local.get(kind, [])}
        observations = {each["uuid"] for each in result.get("observations", [])}
        for each in result.get("observations", []):
            assert {one["subject-uuid"] for one in each.get("subjects", [])} <= things
            assert each["origins"][0]["actors"][0]["actor-uuid"] in things
        for finding in result["findings"]:
            assert {one["observation-uuid"] for one in finding.get("related-observations", [])} <= observations
    planned = {each["uuid"] for each in document["back-matter"]["resources"]}
    assert document["import-ap"]["href"].lstrip("#") in planned


def test_evidence_stands_beside_each_control(report: Report) -> None:
    result = written(with_evidence(report))["assessment-results"]["results"][0]
    observation = result["observations"][0]
    assert {"name": "fail", "ns": "https://compliance-scan.dev/ns/oscal", "value": "2"} in observation["props"]
    assert observation["collected"] == report["run"]["started"]
    tool = result["local-definitions"]["components"][0]
    assert report["tool"]["rules_digest"] in [each["value"] for each in tool["props"]]
    verdicts = {each["value"] for one in observation["subjects"] for each in one["props"] if each["name"] == "verdict"}
    assert verdicts <= {"fail", "unknown", "pass"}


def test_the_same_run_gives_the_same_bytes_and_another_run_other_ids(report: Report) -> None:
    first, again = written(report), written(report)
    assert first == again
    report["run"]["started"] = "2027-01-01T00:00:00Z"
    assert written(report)["assessment-results"]["uuid"] != first["assessment-results"]["uuid"]


@pytest.mark.parametrize(
    ("framework", "control", "token"),
    [
        ("nist-800-53-r5", "AC-2(12)", "ac-2.12"),
        ("nist-800-53-r5", "SC-7", "sc-7"),
        ("cis-aws-7.0", "2.1.1", "cis-aws-7.0_2.1.1"),
        ("gdpr", "Art.5(1)(f)", "gdpr_Art.5_1_f"),
        ("sec-records", "SEC 17a-4(f)(2)(i)(A)", "sec-records_SEC_17a-4_f_2_i_A"),
    ],
)
def test_control_ids_become_tokens(framework: str, control: str, token: str) -> None:
    assert control_token(framework, control) == token
    assert TOKEN.match(token)
