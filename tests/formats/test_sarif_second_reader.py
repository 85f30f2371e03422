"""A second reader of SARIF, `sarif-tools`, counts what we say we wrote."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sarif import loader

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from compliance_scan.formats._sarif.profiles import PROFILES
from compliance_scan.formats._sarif.rules import LEVELS

if TYPE_CHECKING:
    from pathlib import Path

    from compliance_scan.model.report import Report


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("fixture", ["report", "empty_report", "drifted_report"])
def test_the_counts_are_the_same(fixture: str, profile: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    report: Report = request.getfixturevalue(fixture)
    out = io.StringIO()
    formats.load("sarif").write(report, out, FormatOptions(sarif_profile=profile))
    file = tmp_path / "log.sarif"
    file.write_text(out.getvalue(), encoding="utf-8")
    read = loader.load_sarif_file(str(file))
    written = json.loads(out.getvalue())["runs"][0]["results"]
    assert read.get_result_count() == len(written)
    levels = Counter(result["level"] for result in written)
    assert read.get_report().get_issue_count_for_severity("error") == levels["error"]
    failing = [f for f in report["findings"] if f["verdict"] == "fail"]
    if profile == "full":
        assert levels["error"] == sum(LEVELS[f["severity"]] == "error" for f in failing)
