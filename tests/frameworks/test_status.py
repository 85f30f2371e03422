"""The law of a control's status, over random results."""

from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.frameworks import Frameworks, tally
from compliance_scan.frameworks.status import status_of
from compliance_scan.model.framework import Control, Tally

RULES = ["a", "b", "c"]
tallies = st.builds(
    lambda p, f, u, n, s: Tally(p, f, u, n, min(s, f)), *(st.integers(min_value=0, max_value=2) for _ in range(5))
)
results = st.dictionaries(st.sampled_from(RULES), tallies)
controls = st.builds(
    lambda rules, coverage: Control("1.1", "t", (), tuple(sorted(rules)), coverage if rules else "manual", "Ask."),
    st.sets(st.sampled_from(RULES)),
    st.sampled_from(["full", "partial", "manual"]),
)


def control(*rules: str, coverage: str = "full") -> Control:
    return Control("1.1", "t", (), rules, coverage, "")  # type: ignore[arg-type]


@given(controls, results)
def test_a_pass_needs_evidence_of_every_rule_and_full_coverage(control: Control, results: dict[str, Tally]) -> None:
    status = status_of("f", control, results).status
    if status == "pass":
        assert control.coverage == "full"
        assert all(results[rule].passed for rule in control.rules)
    if status in ("pass", "pass_automated_part"):
        ran = [results[rule] for rule in control.rules if rule in results]
        assert sum(one.passed for one in ran) > 0
        assert sum(one.failed + one.unknown for one in ran) == 0


@given(controls, results)
def test_a_fail_is_never_hidden(control: Control, results: dict[str, Tally]) -> None:
    """Also a suppressed one: it counts in `suppressed` besides."""
    found = status_of("f", control, results)
    failed = sum(results[rule].failed for rule in control.rules if rule in results)
    assert (found.status == "fail") == (failed > 0 and control.coverage != "manual")
    assert found.failed == failed
    assert found.suppressed <= found.failed


@given(controls, results, st.sampled_from(RULES))
def test_taking_a_rule_away_never_makes_a_pass(control: Control, results: dict[str, Tally], gone: str) -> None:
    """What was not a pass with a rule's results is none without them, unless they were what failed."""
    fewer = {rule: one for rule, one in results.items() if rule != gone}
    if gone in control.rules:
        assert status_of("f", control, fewer).status != "pass"


@given(controls, results)
def test_empty_evidence_is_never_a_pass(control: Control, results: dict[str, Tally]) -> None:
    empty = dict.fromkeys(results, Tally())
    assert status_of("f", control, empty).status in ("manual", "unknown", "no_resources")


def test_each_status_has_its_reason() -> None:
    one, two = control("a", "b"), control("a", coverage="partial")
    assert status_of("f", one, {"a": Tally(1), "b": Tally(2)}).status == "pass"
    assert status_of("f", one, {"a": Tally(1), "b": Tally()}).status == "pass_automated_part"
    assert status_of("f", one, {"a": Tally(1)}).manual == "Without evidence here: b."
    assert status_of("f", one, {"a": Tally(1), "b": Tally(unknown=1)}).status == "unknown"
    assert status_of("f", one, {"a": Tally(5), "b": Tally(0, 1, 0, 0, 1)}).status == "fail"
    assert status_of("f", one, {"a": Tally()}).status == "unknown"
    assert status_of("f", one, {"a": Tally(), "b": Tally()}).status == "no_resources"
    assert status_of("f", one, {"a": Tally(not_applicable=1), "b": Tally()}).status == "not_applicable"
    assert status_of("f", two, {"a": Tally(3)}).status == "pass_automated_part"
    assert status_of("f", control(coverage="manual"), {"a": Tally(3)}).status == "manual"


def test_tallies_tell_a_silent_rule_from_one_that_did_not_run() -> None:
    found = tally([("a", "pass", False), ("a", "fail", True), ("a", "fail", False)], ["a", "b"])
    assert found == {"a": Tally(1, 2, 0, 0, 1), "b": Tally()}


def test_statuses_cover_every_control_of_the_selected_frameworks() -> None:
    frameworks = Frameworks.open()
    found = frameworks.statuses(["cis-aws-7.0"], {"aws-efs-encrypted": Tally(1)}, {"aws-efs-encrypted": []})
    assert len(found) == 70
    assert [one.control for one in found if one.status == "pass"] == ["3.3.1"]
    assert {one.status for one in found if one.control != "3.3.1"} == {"manual"}
