"""The laws that every operator keeps, whatever its values and arguments."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance_scan import operators
from compliance_scan.model.logic import Maybe, Tri
from compliance_scan.model.value import ABSENT, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit import arguments
from compliance_scan.operators.kit.context import Context
from tests.operators.strategies import learn, plain, values

CONTEXT = Context(date(2026, 11, 21))

ARGUMENTS: dict[str, list[Any]] = {
    "equals": [True, "a", 3, None, ["a", "b"], {"a": 1}, "1.2"],
    "all_equal": [{"a": True}, {"a": "b", "b": None}],
    "in": [["a", "b"], [1, 2, None], ["1.2", True]],
    "exists": [True, False],
    "empty": [True, False],
    "is_type": ["string", "number", "bool", "list", "map"],
    "at_least": [3, "7d", "100m", 0.5],
    "at_most": [3, "7d", "1Gi"],
    "between": [[1, 10], ["1h", "7d"]],
    "length": [1, {"at_least": 1}, {"at_most": 2}, {"at_least": 1, "at_most": 2}],
    "contains": ["a", ["a", "b"], {"a": 1}, 3],
    "subset_of": [["a", "b", 3], []],
    "intersects": [["a", "b", 3], []],
    "has_keys": ["a", ["a", "b"]],
    "starts_with": ["a", ["arn:", "repo"], ""],
    "ends_with": ["a", ["1.0", "b"]],
    "matches": ["^a", "a$", "pi", ["^arn:aws:", "x"], "(?i)API", "^[0-9.]+$"],
    "is_secret": [True, False],
    "version_at_least": ["1.2", "16.1", 8],
    "supported": [True, {"product": "amazon-rds-postgresql"}],
    "older_than_days": [90, 0],
    "cidr_within": ["10.0.0.0/8", ["10.0.0.0/8", "0.0.0.0/0"]],
    "cidr_covers": ["10.1.0.0/16", ["::1", "10.0.0.1"]],
    "is_public": [True, False],
    "ports_overlap": [[22, 3389], 443, "20-25"],
    "tls_at_least": ["1.2", "1.3"],
    "policy_allows": [
        {"action": "s3:Get*"},
        {"principal": "*", "condition": "unrestricted"},
        {"action": "*", "resource": "*"},
    ],
    "policy_denies": [{"action": "s3:*", "principal": "*"}, {"condition": {"Bool": {"aws:SecureTransport": "false"}}}],
    "key_is": ["customer", "aws_managed", ["customer", "aws_managed"]],
    "mode_within": ["600", "0644"],
    "rbac_grants": [
        {"verbs": ["get"], "resources": ["secrets"]},
        {"verbs": ["create"], "resources": ["pods/exec"], "groups": ["", "apps"], "named": True},
    ],
    "api_removed": ["1.34", "1.16"],
    "api_deprecated": ["1.34", "1.16"],
    "declared": [True, False],
    "escalates": ["classic", "any"],
    "iam_grants": [{"level": ["write"], "restrictable": True}, {"among": ["s3:GetObject"]}],
    "image": [{"pinned": True}, {"tag_not": ["latest"]}, {"registry_in": ["repo", "docker.io/library"]}],
}
"""Of every operator some arguments; a new operator without a row here fails the first test."""

cases = st.sampled_from([(name, argument) for name, listed in ARGUMENTS.items() for argument in listed])


def judge(name: str, value: Value, argument: Any) -> Tri:
    return operators.load(name).judge(value, argument, CONTEXT)


def test_every_operator_is_under_these_laws() -> None:
    assert sorted(ARGUMENTS) == operators.names()


@pytest.mark.parametrize("name", operators.names())
def test_every_operator_is_whole(name: str) -> None:
    module = operators.load(name)
    for template in (module.MESSAGE, module.NEGATED):
        assert "{path}" in template
        template.format(path="p", actual="a", expected="e")
    for argument in ARGUMENTS[name]:
        assert arguments.fits(argument, module.ARGUMENT)
        assert not getattr(module, "check", lambda _: "")(argument)
    assert module.ON
    assert module.MEANS
    assert f"{name}:" in module.EXAMPLE


@pytest.mark.parametrize("name", operators.names())
def test_null_and_absent_are_alike(name: str) -> None:
    for argument in ARGUMENTS[name]:
        verdict = judge(name, None, argument)
        assert verdict == judge(name, ABSENT, argument)
        holds = (name, argument) in (("exists", False), ("empty", True), ("equals", None), ("declared", False))
        assert verdict is holds, (name, argument)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases, values, st.data())
def test_learning_more_never_flips_a_verdict(case: tuple[str, Any], value: Value, data: st.DataObject) -> None:
    name, argument = case
    before = judge(name, value, argument)
    if isinstance(before, bool):
        learned = learn(data.draw, value)
        after = judge(name, learned, argument)
        assert isinstance(after, Maybe) or after is before, (learned, after)


@settings(max_examples=600, deadline=None)
@given(cases, st.sampled_from([Unknown("denied", "x"), Unknown("computed", "y")]))
def test_what_is_wholly_unknown_is_unknown(case: tuple[str, Any], value: Unknown) -> None:
    name, argument = case
    verdict = judge(name, value, argument)
    assert isinstance(verdict, Maybe)
    assert verdict.causes == (value,)


@settings(max_examples=600, deadline=None)
@given(cases, plain)
def test_what_is_known_is_decided_or_of_the_wrong_type(case: tuple[str, Any], value: Value) -> None:
    name, argument = case
    verdict = judge(name, value, argument)
    if isinstance(verdict, Maybe):
        assert {cause.cause for cause in verdict.causes} <= {"error", "unsupported", "computed"}, verdict


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["exists", "empty", "is_public", "is_secret"]), values)
def test_the_two_ways_round_are_each_others_negation(name: str, value: Value) -> None:
    one, other = judge(name, value, True), judge(name, value, False)
    if is_nothing(resolved(value)):
        return
    assert (one is True) == (other is False) or isinstance(one, Maybe)
    assert isinstance(one, Maybe) == isinstance(other, Maybe)


@settings(max_examples=300, deadline=None)
@given(cases, st.text(max_size=30))
def test_hostile_text_does_not_break_an_operator(case: tuple[str, Any], text: str) -> None:
    name, argument = case
    judge(name, text, argument)
    judge(name, [text, {"Statement": text}], argument)
    judge(
        name,
        json.dumps({"Statement": [text, {"Effect": "Allow", "Principal": {text: [text]}, "Condition": text}]}),
        argument,
    )
