"""The law of a control's status, over random results."""

from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.frameworks import Frameworks
from compliance_scan.frameworks.status import Limits, status_of, tally
from compliance_scan.model.framework import Control, Exemption, Tally

RULES = ["a", "b", "c"]
anything = st.builds(
    lambda p, f, u, n, s: Tally(p, f, u, n, min(s, f)), *(st.integers(min_value=0, max_value=2) for _ in range(5))
)
# Mostly what passes or is silent: one fail or unknown decides a control, and nothing else of it is tried.
tallies = st.one_of(
    st.just(Tally(1)), st.just(Tally(2, 0, 0, 1)), st.just(Tally()), st.just(Tally(0, 0, 0, 1)), anything
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
    controls = frameworks.show("cis-aws-7.0", {"aws-efs-encrypted": []})
    found = [status_of("cis-aws-7.0", control, {"aws-efs-encrypted": Tally(1)}) for control in controls]
    assert len(found) == 70
    assert [one.control for one in found if one.status == "pass"] == ["3.3.1"]
    assert {one.status for one in found if one.control != "3.3.1"} == {"manual"}


limits = st.builds(
    Limits,
    st.dictionaries(st.sampled_from(RULES), st.just("was left out")),
    st.dictionaries(st.sampled_from(RULES), st.just("judged a part of the resources only")),
    st.integers(min_value=0, max_value=2),
    st.sampled_from(["", "only what differs from main was judged"]),
)


@given(controls, results, limits)
def test_no_control_passes_on_what_a_run_left_out(control: Control, results: dict[str, Tally], limits: Limits) -> None:
    """Rules that did not run, were skipped, narrowed or had no evidence, and files that nobody could read."""
    ran = {rule: one for rule, one in results.items() if rule not in limits.left_out}
    found = status_of("f", control, ran, limits)
    if found.status == "pass":
        assert not limits.unread
        assert not limits.only_part
        assert limits.narrowed.keys().isdisjoint(control.rules)
        assert all(rule in ran and ran[rule].passed for rule in control.rules)
    if found.status in ("no_resources", "not_applicable"):
        assert not limits.unread
        assert not limits.only_part
        assert all(rule in ran for rule in control.rules)
    assert found.reason
    assert not found.reason.endswith(".")


@given(st.sets(st.sampled_from(RULES), min_size=1), limits)
def test_one_limit_is_enough_to_make_a_pass_none(rules: set[str], limits: Limits) -> None:
    """Where all else passes: the limit itself has to be seen."""
    one = control(*sorted(rules))
    found = status_of("f", one, {rule: Tally(1) for rule in rules if rule not in limits.left_out}, limits)
    limited = (
        limits.unread
        or limits.only_part
        or not rules.isdisjoint(limits.narrowed)
        or not rules.isdisjoint(limits.left_out)
    )
    assert (found.status == "pass") == (not limited)


@given(controls, results)
def test_a_control_that_does_not_apply_still_counts_what_was_found(control: Control, results: dict[str, Tally]) -> None:
    exemption = Exemption("no premises", "office", "2027-06-30", "p.yaml:3")
    found = status_of("f", control, results, exemption=exemption)
    assert found.status == "not_applicable"
    assert "until 2027-06-30: no premises (office)" in found.reason
    assert ("all the same" in found.reason) == bool(found.failed)
    assert found.exemption == exemption


def test_reasons_name_the_rules_that_decide() -> None:
    one, part = control("a", "b"), control("a", "b", coverage="partial")
    assert status_of("f", one, {"a": Tally(0, 2), "b": Tally(0, 5, suppressed=1)}).reason == (
        "7 verdicts fail: b (5), a (2); 1 of them suppressed"
    )
    assert (
        status_of("f", part, {"a": Tally(3), "b": Tally()}).reason == "what rules decide of it passes: 3 verdicts pass"
    )
    assert status_of("f", one, {"a": Tally(3), "b": Tally(1)}, Limits(unread=1)).reason == (
        "what was judged passes: 4 verdicts pass; 1 thing could not be read, in which more may lie"
    )
    assert status_of("f", one, {"a": Tally()}, Limits({"b": "sees only the live plane"})).reason == (
        "nothing was judged, and did not run: b (sees only the live plane)"
    )
