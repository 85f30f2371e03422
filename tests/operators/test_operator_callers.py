"""Which conditions of a policy limit who may call."""

from typing import Any

import pytest

from compliance_scan.model.logic import Maybe
from compliance_scan.model.value import Open, Reference, Text, Unknown
from compliance_scan.operators.kit.callers import limits
from compliance_scan.operators.kit.policy import statements_of

U = Unknown("variable_without_value", "var.x has no value")
ARN = Reference("aws_sns_topic.t", "arn", Unknown("computed", "aws_sns_topic.t.arn is known after apply"))


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("stringequals", "aws:principalorgid", ["o-abc"], True),
        ("stringequals", "aws:principalorgid", ["o-abc", "*"], False),
        ("stringequals", "aws:principalorgid", [U], True),
        ("stringequals", "aws:principalorgid", Open([], U), True),
        ("stringequals", "aws:sourceip", [U], None),
        ("stringlike", "aws:principalorgid", [U], None),
        ("stringlike", "aws:principalorgid", ["o-*"], False),
        ("stringlike", "aws:principalorgpaths", ["o-abc/*"], True),
        ("stringlike", "aws:principalorgpaths", ["o-*/r-1/"], False),
        ("stringnotequals", "aws:principalorgid", ["o-abc"], False),
        ("stringequals", "aws:resourceaccount", ["111122223333"], False),
        ("stringequals", "aws:username", ["admin"], False),
        ("stringequals", "kms:viaservice", ["s3.eu-west-1.amazonaws.com"], False),
        ("stringlike", "aws:sourceaccount", ["1111*"], False),
        ("stringlike", "aws:userid", ["AROAEXAMPLE:*"], True),
        ("stringlike", "aws:userid", ["*:session"], False),
        ("arnlike", "aws:principalarn", ["arn:aws:iam::111122223333:role/*"], True),
        ("arnlike", "aws:principalarn", ["arn:aws:iam::*:role/reader"], False),
        ("arnlike", "aws:sourcearn", ["arn:aws:s3:::*"], False),
        ("arnlike", "aws:sourcearn", ["arn:aws:s3:::logs"], True),
        ("arnlike", "aws:sourcearn", ["arn:aws:*"], False),
        ("arnequals", "aws:sourcearn", [ARN], True),
        ("arnequals", "aws:sourcearn", [U], None),
        ("arnequals", "aws:sourcearn", [Text(("arn:aws:iam::", U, ":root"))], True),
        ("arnlike", "aws:sourcearn", [Text((U, ":*"))], None),
        ("arnequals", "aws:sourcearn", Open(["arn:aws:s3:::logs"], U), None),
        ("arnequals", "aws:sourcearn", Open(["*"], U), False),
        ("ipaddress", "aws:sourceip", ["203.0.113.0/24"], True),
        ("ipaddress", "aws:sourceip", ["203.0.113.0/24", "0.0.0.0/1"], False),
        ("ipaddress", "aws:sourceip", ["::/0"], False),
        ("notipaddress", "aws:sourceip", ["203.0.113.0/24"], False),
        ("bool", "aws:securetransport", ["true"], False),
        ("bool", "elasticfilesystem:accessedviamounttarget", ["true"], True),
        ("bool", "elasticfilesystem:accessedviamounttarget", ["false"], False),
        ("stringlike", "token.actions.githubusercontent.com:sub", ["repo:acme/*"], True),
        ("stringlike", "token.actions.githubusercontent.com:sub", ["repo:*"], False),
        ("stringequals", "aws:sourcearn", "text", False),
    ],
)
def test_conditions_that_limit_callers(operator: str, key: str, values: Any, expected: bool | None) -> None:
    found = limits(operator, key, values, if_exists=False, scope="")
    assert (None if isinstance(found, Maybe) else found) is expected
    assert limits(operator, key, values, if_exists=True, scope="") is False
    assert limits(operator, key, values, if_exists=False, scope="all") is False


def test_statements_in_other_spellings() -> None:
    (statement,) = statements_of(
        {"statement": {"effect": "Allow", "notPrincipal": {"AWS": "1"}, "action": ["*:*"], "resource": "arn:aws:*:*:*"}}
    ).items
    value = statement.value
    assert (value["effect"], value["actions"], value["resources"]) == ("Allow", ["*"], ["*"])
    assert value["principals"] == [{"type": "any", "id": "*", "account": None}]
    (deny,) = statements_of({"Statement": [{"Effect": "Deny", "NotPrincipal": {"AWS": "1"}, "Action": "s3:*"}]}).items
    assert deny.value["principals"] == []
    assert deny.value["actions"] == ["s3:*"]


def test_a_statement_of_which_a_part_is_not_known() -> None:
    (statement,) = statements_of({"Statement": [Open({"Effect": "Allow", "Action": "*"}, U)]}).items
    assert statement.value["actions"] == ["*"]
    assert statement.value["principals"] == Open([], U)
