"""The reference estates keep their promises, and each promise is seen to break."""

import re
from functools import cache
from graphlib import TopologicalSorter

import pytest

from compliance_scan import scan
from compliance_scan.inputs.aws.seed import references
from compliance_scan.scan import Result
from tools import estates
from tools.estates import Break, Estate, Statement

ESTATES = {estate.name: estate for estate in estates.estates()}
ENFORCED = [(e, s) for e in ESTATES.values() for s in e.statements if s.kind == "enforced"]
BREAKS = [(e, b) for e in ESTATES.values() for b in e.breaks if b.statement]


@cache
def whole(name: str) -> Result:
    return estates.whole(ESTATES[name])


@pytest.mark.parametrize("estate", ESTATES.values(), ids=list(ESTATES))
def test_an_estate_is_read_completely(estate: Estate) -> None:
    assert {each["kind"] for each in whole(estate.name).report["incomplete"]} == estate.incomplete


@pytest.mark.parametrize("estate", ESTATES.values(), ids=list(ESTATES))
def test_instances_and_changes_name_statements_that_there_are(estate: Estate) -> None:
    known = {each.id for each in estate.statements}
    named = {name for each in estate.instances for name in estates._list(each.get("statement"))}
    assert named | {each.statement for each in estate.breaks if each.statement} <= known


@pytest.mark.parametrize(("estate", "statement"), ENFORCED, ids=[s.id for _, s in ENFORCED])
def test_the_estate_keeps_it_and_a_change_breaks_it(estate: Estate, statement: Statement) -> None:
    names = {each.get("as", each["rule"]) for each in estate.of(statement.id)}
    found = [each for each in whole(estate.name).report["findings"] if each["instance"] in names]
    bad = [
        (e["instance"], e["resource"]["address"], e["message"], e["unknown_detail"])
        for e in found
        if e["verdict"] in {"fail", "unknown"}
    ]
    assert names
    assert not bad
    forbidding = {each.get("as", each["rule"]) for each in estate.of(statement.id) if each.get("unmet") == "ignore"}
    passing = {each["instance"] for each in found if each["verdict"] == "pass"}
    assert names - forbidding <= passing, "an instance that judges nothing"
    assert any(each.statement == statement.id for each in estate.breaks), "no change breaks it"


@pytest.mark.parametrize(("estate", "change"), BREAKS, ids=[f"{b.statement}-{b.rule}" for _, b in BREAKS])
def test_a_change_breaks_a_promise_at_its_line(estate: Estate, change: Break) -> None:
    failing = [e for e in estates.broken(estate, change).report["findings"] if e["verdict"] == "fail"]
    found = [e for e in failing if (e["rule"], e["resource"]["address"]) == (change.rule, change.resource)]
    assert found, [(e["rule"], e["resource"]["address"]) for e in failing]
    assert change.statement in found[0]["statements"]
    text = estates.broken_text(estate, change)
    first = text[: (estate.folder / change.file).read_text().index(change.find)].count("\n") + 1
    wanted = set(range(first, first + change.replace.count("\n") + 1))
    shown: dict[str, set[int]] = {}
    for each in found:
        for place in [each["location"], *(related["location"] for related in each["related"])]:
            if place:
                shown.setdefault(place["file"], set()).update(range(place["line"], place["end_line"] + 1))
    if change.at:
        file, _, line = change.at.partition(": ")
        lines = (text if file == change.file else (estate.folder / file).read_text()).splitlines()
        wanted = {number for number, each in enumerate(lines, 1) if line in each}
        assert shown.get(file, set()) & wanted, (change.at, shown)
    else:
        assert shown.get(change.file, set()) & wanted, (change.file, wanted, shown)


TOOLS = [(e, s) for e in ESTATES.values() for s in e.statements if s.kind == "tool"]


@pytest.mark.parametrize(("estate", "statement"), TOOLS, ids=[s.id for _, s in TOOLS])
def test_what_the_scanner_promises_has_a_test(estate: Estate, statement: Statement) -> None:
    file, _, name = statement.note.partition("::")
    assert f"def {name}(" in (estates.REPOSITORY / file).read_text()


@pytest.mark.parametrize("estate", ESTATES.values(), ids=list(ESTATES))
def test_terraform_could_order_the_resources(estate: Estate) -> None:
    """Terraform refuses two resources that name one another."""
    resources = scan.load(estates.request(estate)).inventory.resources
    edges = {
        each.address: {reference.address for name in each.attributes for reference in references(each.attributes[name])}
        for each in resources
        if each.type.startswith("aws_")
    }
    assert tuple(TopologicalSorter(edges).static_order())  # raises CycleError


def test_the_table_is_what_the_command_writes() -> None:
    assert estates.table() == estates.TABLE.read_text(), "run: python -m tools.estates"


def test_the_reports_are_what_the_scanner_writes() -> None:
    assert not estates.stale(), "run: make reports"


@pytest.mark.parametrize("estate", ESTATES.values(), ids=list(ESTATES))
def test_what_the_account_does_not_show_has_a_reason_that_was_looked_into(estate: Estate) -> None:
    """A reason is in words of ours: what an audit said of it, as it came, explains nothing."""
    seen = estates.live(estate)
    assert set(seen) == {each.id for each in estate.statements if each.kind == "enforced"}
    told = [why for each in seen.values() for why in [each.get("reason", ""), *each.get("beyond", {}).values()]]
    assert not [
        why for why in told if re.search(r" is (fail|unknown|\{)|not found|nothing of it|: HTTP|Exception", why)
    ]
