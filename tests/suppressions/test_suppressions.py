"""Which suppression a finding gets, and which met nothing."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from suppression_support import comment, finding, resource, rule

from compliance_scan.config import SuppressionEntry
from compliance_scan.model.rule import Rule
from compliance_scan.suppressions import Suppression, Suppressions, Unused
from compliance_scan.suppressions.directive import fits

AS_OF = date(2026, 11, 21)
RULE = "aws-s3-bucket-versioning"


def entry(resource: str = "*", until: str | None = None, rule: str = RULE) -> SuppressionEntry:
    return SuppressionEntry(rule, resource, "agreed", "storage", until, 4)


def known() -> list[Rule]:
    return [rule()]


def of(made: Suppressions, address: str = "aws_s3_bucket.logs") -> Suppression | None:
    return made.of(finding(resource(address=address), fingerprint="cs1:1", aliases=("cs1:2",)), rule())


@pytest.mark.parametrize(
    ("pattern", "hit"),
    [
        ("*", True),
        ("aws_s3_bucket.logs", True),
        ("aws_s3_bucket.*", True),
        (".:aws_s3_bucket.logs", True),
        ("cs1:1", True),
        ("cs1:2", True),
        ("aws_s3_bucket.log", False),
        ("envs/prod:*", False),
    ],
)
def test_configuration_by_resource(pattern: str, hit: bool) -> None:
    made = of(Suppressions([entry(pattern)], file=".compliance-scan.yaml", as_of=AS_OF))
    expected = Suppression("config", "agreed", "storage", None, ".compliance-scan.yaml:4", "accepted")
    assert made == (expected if hit else None)


@pytest.mark.parametrize("name", [RULE, "CMP2001", "aws-s3-*"])
def test_configuration_by_rule(name: str) -> None:
    assert of(Suppressions([entry(rule=name)], as_of=AS_OF)) is not None


def test_brackets_of_addresses_are_plain() -> None:
    made = Suppressions([entry('module.a["eu"].aws_s3_bucket.*')], as_of=AS_OF)
    assert of(made, 'module.a["eu"].aws_s3_bucket.logs') is not None
    assert of(made, "module.ae.aws_s3_bucket.logs") is None


@pytest.mark.parametrize(
    ("until", "status"), [("2026-11-20", "expired"), ("2026-11-21", "accepted"), ("2030-01-01", "accepted")]
)
def test_until_is_the_last_day(until: str, status: str) -> None:
    made = of(Suppressions([entry(until=until)], as_of=AS_OF))
    assert made is not None
    assert (made.status, made.hides) == (status, status != "expired")


def test_what_holds_goes_before_what_expired() -> None:
    expired = comment(f"compliance-scan:ignore {RULE} until=2020-01-01 reason=old")
    made = Suppressions([entry()], as_of=AS_OF).of(finding(resource(expired)), rule())
    assert made is not None
    assert made.kind == "config"


def test_a_comment_goes_before_the_configuration() -> None:
    mine = comment(f"compliance-scan:ignore {RULE} reason=mine")
    made = Suppressions([entry()], as_of=AS_OF).of(finding(resource(mine)), rule())
    assert made == Suppression("inline", "mine", None, None, "main.tf:9", "accepted")


def test_a_blanket_waits_for_a_person() -> None:
    made = Suppressions(as_of=AS_OF).of(finding(resource(comment("compliance-scan:ignore * reason=all"))), rule())
    assert made is not None
    assert made.status == "under_review"


def test_our_annotation() -> None:
    value = f"{RULE} reason='kept elsewhere'\nother-rule reason=x"
    pod = resource(attributes={"metadata": {"annotations": {"compliance-scan/ignore-1": value}}})
    made = Suppressions(as_of=AS_OF).of(finding(pod), rule())
    assert made is not None
    assert made.reason == "kept elsewhere"


def test_inline_can_be_refused() -> None:
    mine = resource(comment(f"compliance-scan:ignore {RULE} reason=mine"))
    assert Suppressions(as_of=AS_OF, use_inline=False).of(finding(mine), rule()) is None


def test_unused() -> None:
    made = Suppressions([entry(), entry(rule="aws-s3-bucket-versionig")], file="c.yaml", as_of=AS_OF)
    made.read([resource(comment(f"compliance-scan:ignore {RULE} reason=mine"))])
    wrong = Unused(
        "config",
        "aws-s3-bucket-versionig",
        "*",
        "c.yaml:4",
        "[there is no rule 'aws-s3-bucket-versionig', did you mean 'aws-s3-bucket-versioning'?]",
    )
    comment_ = Unused("inline", RULE, None, "main.tf:9", "mine")
    assert made.unused(known, [RULE], whole=True) == [
        comment_,
        Unused("config", RULE, "*", "c.yaml:4", "agreed"),
        wrong,
    ]
    assert made.unused(known, [RULE], whole=False) == [comment_, wrong]
    assert made.unused(known, [], whole=True) == [wrong], "a rule that did not run may be suppressed for all we know"


def test_used() -> None:
    made = Suppressions([entry()], file="c.yaml", as_of=AS_OF)
    mine = resource(comment(f"compliance-scan:ignore {RULE} reason=mine"))
    made.read([mine])
    assert made.of(finding(mine), rule()) is not None
    assert made.unused(known, [RULE], whole=True) == []


def test_without_reason_it_hides_nothing_and_is_named() -> None:
    made = Suppressions(as_of=AS_OF)
    mine = resource(comment(f"compliance-scan:ignore {RULE}"))
    assert made.of(finding(mine), rule()) is None
    (only,) = made.unused(known, [RULE], whole=True)
    assert only.reason.startswith("[it has no reason")


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_globs(pattern: str, text: str) -> None:
    import re

    plain = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)
    assert fits(pattern, text) == (re.fullmatch(plain, text) is not None)


def test_globs_stay_fast() -> None:
    assert not fits("*a" * 60 + "b", "a" * 4000)
