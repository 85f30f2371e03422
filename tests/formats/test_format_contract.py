"""Every format keeps the one-function contract and is loaded only when asked for."""

from __future__ import annotations

import inspect
import io
import subprocess
import sys
import typing
from typing import TYPE_CHECKING

import pytest

from compliance_scan import formats
from compliance_scan.errors import UsageError
from compliance_scan.formats import FormatOptions

if TYPE_CHECKING:
    from compliance_scan.model.report import Report


def test_the_formats_of_the_first_stage_are_found() -> None:
    assert {"json", "sarif", "text"} <= set(formats.names())
    assert not [name for name in formats.names() if name.startswith("-")]


@pytest.mark.parametrize("name", formats.names())
def test_each_format_has_the_contract(name: str) -> None:
    module = formats.load(name)
    assert [str(p) for p in inspect.signature(module.write).parameters.values()] == [
        "report: 'Report'",
        "out: 'TextIO'",
        "options: 'FormatOptions'",
    ]
    assert inspect.signature(module.write).return_annotation == "None"
    assert set(module.VERDICTS) <= {"pass", "fail", "unknown", "not_applicable"}
    assert module.__doc__


@pytest.mark.parametrize("name", formats.names())
def test_each_format_writes_a_full_a_clean_and_a_hostile_report(name: str, request: pytest.FixtureRequest) -> None:
    for fixture in ("report", "hostile_report", "empty_report"):
        out = io.StringIO()
        formats.load(name).write(request.getfixturevalue(fixture), out, FormatOptions())
        assert out.getvalue().endswith("\n")


@pytest.mark.parametrize("name", formats.names())
def test_a_format_changes_nothing_in_the_report(name: str, report: Report) -> None:
    import copy

    before = copy.deepcopy(report)
    formats.load(name).write(report, io.StringIO(), FormatOptions(color=True, verbose=True))
    assert report == before


def test_an_unknown_format_is_the_users_error() -> None:
    with pytest.raises(UsageError, match="'txt' is no format") as caught:
        formats.load("txt")
    assert "text" in caught.value.hint
    with pytest.raises(UsageError):
        formats.load("../text")


def test_verdicts_a_format_needs() -> None:
    assert formats.verdicts_shown("text", FormatOptions()) == {"fail", "unknown"}
    assert formats.verdicts_shown("sarif", FormatOptions()) == {"fail"}
    assert formats.verdicts_shown("sarif", FormatOptions(sarif_profile="full")) == set(typing.get_args(_verdict()))
    assert formats.verdicts_shown("text", FormatOptions(verdicts=frozenset({"pass"}))) == {"pass"}


def _verdict() -> object:
    from compliance_scan.model.report import Verdict

    return Verdict


def test_listing_the_formats_loads_none_of_them() -> None:
    code = (
        "import sys; from compliance_scan import formats; formats.names();"
        "print([m for m in sys.modules if m.startswith('compliance_scan.formats.') or m == 'compliance_scan.model.report'"
        " or m in ('json', 'jsonschema', 'yaml')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
