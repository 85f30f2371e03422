"""What each operator says of the values that rules meet."""

from datetime import date
from typing import Any

import pytest

from compliance_scan import operators
from compliance_scan.model.logic import Maybe
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.globs import glob
from compliance_scan.operators.kit.measure import duration, quantity
from compliance_scan.operators.kit.network import network_of
from compliance_scan.operators.kit.policy import statements_of

U = Unknown("variable_without_value", "var.x")
READ_SECRETS = {"verbs": ["get", "list"], "resources": ["secrets"]}
EXEC = {"verbs": ["create"], "resources": ["pods/exec"]}
KEY = Reference("aws_kms_key.k", "arn", Unknown("computed"))


def told(name: str, value: Any, argument: Any) -> bool | None:
    verdict = operators.load(name).judge(value, argument, Context(date(2026, 11, 21)))
    return None if isinstance(verdict, Maybe) else verdict


@pytest.mark.parametrize(
    ("name", "value", "argument", "expected"),
    [
        ("equals", "true", True, True),
        ("mode_within", "600", "644", True),
        ("mode_within", "0640", "600", False),
        ("mode_within", "400", "600", True),
        ("mode_within", "1777", "777", False),
        ("mode_within", "rw-r--r--", "644", None),
        ("rbac_grants", {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}, READ_SECRETS, True),
        ("rbac_grants", {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, READ_SECRETS, True),
        ("rbac_grants", {"verbs": ["get"], "apiGroups": ["apps"], "resources": ["secrets"]}, READ_SECRETS, False),
        ("rbac_grants", {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets/x"]}, READ_SECRETS, False),
        ("rbac_grants", {"verbs": ["create"], "apiGroups": [""], "resources": ["secrets"]}, READ_SECRETS, False),
        ("rbac_grants", {"verbs": ["get"], "apiGroups": [""], "resources": U}, READ_SECRETS, None),
        ("rbac_grants", {"verbs": ["list"], "apiGroups": [""], "resources": U}, EXEC, False),
        ("rbac_grants", {"verbs": ["create"], "apiGroups": [""], "resources": ["*/exec"]}, EXEC, True),
        ("rbac_grants", {"verbs": ["create"], "apiGroups": [""], "resources": ["pods"]}, EXEC, False),
        (
            "rbac_grants",
            {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]},
            READ_SECRETS,
            False,
        ),
        (
            "rbac_grants",
            {"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"]},
            {**READ_SECRETS, "named": True},
            True,
        ),
        ("api_removed", "extensions/v1beta1 Ingress", "1.22", True),
        ("api_removed", "extensions/v1beta1 Ingress", "1.21", False),
        ("api_removed", "networking.k8s.io/v1 Ingress", "1.37", False),
        ("api_deprecated", "extensions/v1beta1 Ingress", "1.14", True),
        ("api_deprecated", "v1 Endpoints", "1.33", True),
        ("api_deprecated", "v1 Endpoints", "1.32", False),
        ("equals", "3", 3, True),
        ("equals", True, 1, False),
        ("equals", ["b", "a"], ["a", "b"], True),
        ("equals", ["a", "a", "b"], ["a", "b", "b"], False),
        ("equals", Text(("arn:", U)), "xyz", False),
        ("equals", Text(("arn:", U)), "arn:x", None),
        ("equals", Unknown("computed", not_null=True), None, False),
        ("equals", Open(["x"], U), ["a"], False),
        ("equals", Encoded("json", {"a": 1}, '{"a": 1}'), {"a": 1}, True),
        ("all_equal", {"a": True, "b": False}, {"a": True}, True),
        ("all_equal", {"a": True, "b": U}, {"a": True, "b": True}, None),
        ("all_equal", {"a": False, "b": U}, {"a": True, "b": True}, False),
        ("in", "b", ["a", "b"], True),
        ("in", None, [None], False),
        ("exists", Reference("a.b", "id", U, presence=True), True, True),
        ("exists", Reference("a.b", "id", U), True, None),
        ("exists", Reference("a.b", "id", "x"), True, True),
        ("exists", Text((U,)), True, True),
        ("empty", "", True, True),
        ("empty", Open([], U), True, None),
        ("empty", Open(["a"], U), True, False),
        ("empty", Text(("x", U)), False, True),
        ("is_type", {"a": 1}, "map", True),
        ("is_type", True, "number", False),
        ("at_least", "7", 7, True),
        ("at_least", "500m", 1, False),
        ("at_least", "1Gi", "128Mi", True),
        ("at_least", "abc", 7, None),
        ("at_most", "1h30m", "2h", True),
        ("between", 90, [1, 90], True),
        ("between", 0, [1, 90], False),
        ("length", ["a"], {"at_least": 2}, False),
        ("length", Open(["a", "b"], U), {"at_least": 2}, True),
        ("length", Open(["a", "b"], U), {"at_most": 1}, False),
        ("contains", ["api", "audit"], ["api", "audit"], True),
        ("contains", Open(["api"], U), "audit", None),
        ("contains", [{"key": "a", "value": 1}], {"key": "a"}, True),
        ("subset_of", [], ["a"], True),
        ("subset_of", ["a", U], ["a"], None),
        ("subset_of", ["a", "z", U], ["a"], False),
        ("intersects", ["a", U], ["a"], True),
        ("has_keys", {"a": "x", "b": None}, ["a", "b"], False),
        ("starts_with", Text(("arn:aws:", U)), "arn:", True),
        ("starts_with", Text(("arn:aws:", U)), "http", False),
        ("starts_with", Text((U, "x")), "arn", None),
        ("ends_with", Text((U, ".internal")), ".internal", True),
        ("matches", Text(("team-a-", U)), "team-a", True),
        ("matches", Text(("prod-", U)), "^dev", False),
        ("matches", Text(("prod-", U)), "^prod-[a-z]+$", None),
        ("matches", ["a", "b"], "^b$", True),
        ("version_at_least", "16.1", "16.1", True),
        ("version_at_least", "16", "16.1", None),
        ("version_at_least", "17", "16.1", True),
        ("version_at_least", "1.9", "1.10", False),
        ("version_at_least", Text(("1.2", U)), "1.10", None),
        ("version_at_least", Text(("1.2.", U)), "1.10", False),
        ("version_at_least", "latest", "1", None),
        ("older_than_days", "2026-01-01T00:00:00Z", 90, True),
        ("older_than_days", "2026-11-01", 90, False),
        ("older_than_days", "soon", 90, None),
        ("cidr_within", ["10.1.0.0/16", "10.2.0.0/16"], "10.0.0.0/8", True),
        ("cidr_within", ["10.1.0.0/16", "8.8.8.8/32"], "10.0.0.0/8", False),
        ("cidr_within", [], "10.0.0.0/8", False),
        ("cidr_covers", "0.0.0.0/0", "10.0.0.1", True),
        ("cidr_covers", "::/0", "10.0.0.1", False),
        ("is_public", ["10.0.0.0/8", "0.0.0.0/1"], True, True),
        ("is_public", ["128.0.0.0/1"], True, True),
        ("is_public", ["::/0"], True, True),
        ("is_public", ["fc00::/7", "10.0.0.0/8", "203.0.113.0/24", "sg-123"], True, False),
        ("is_public", [Reference("aws_security_group.s", "id", Unknown("computed"))], True, False),
        ("is_public", [U], True, None),
        ("ports_overlap", {"from": 20, "to": 25}, [22], True),
        ("ports_overlap", {"from": 23, "to": U}, [22], False),
        ("ports_overlap", {"from": 22, "to": U}, [22], True),
        ("ports_overlap", {"from": 20, "to": U}, [22], None),
        ("ports_overlap", {"from": U, "to": 21}, [22], False),
        ("ports_overlap", -1, [22], True),
        ("ports_overlap", ["80-90", 443], [22], False),
        ("ports_overlap", "ssh", [22], None),
        ("ports_overlap", {"from": 25, "to": 20}, [22], None),
        ("ports_overlap", {"from": 25, "to": 20}, [25], None),
        ("ports_overlap", {"from": 65535, "to": 0}, [22], None),
        ("ports_overlap", "25-20", [22], None),
        ("tls_at_least", "ELBSecurityPolicy-2016-08", "1.2", False),
        ("tls_at_least", "TLSv1.2_2021", "1.2", True),
        ("tls_at_least", ["TLSv1.2", "SSLv3"], "1.2", False),
        ("tls_at_least", "MyPolicy", "1.2", None),
        ("supported", "12", {"product": "amazon-rds-postgresql"}, False),
        ("supported", "99", {"product": "amazon-rds-postgresql"}, None),
        ("key_is", KEY, "customer", True),
        ("key_is", "alias/aws/s3", "customer", False),
        ("key_is", "arn:aws:kms:eu-west-1:1:alias/own", "customer", True),
        ("key_is", "1234abcd", "customer", None),
        ("key_is", "AWS_OWNED_KMS_KEY", "aws_owned", True),
        ("image", "nginx", {"tag_not": ["latest"]}, False),
        ("image", "host:5000/nginx", {"tag_not": ["latest"]}, False),
        ("image", "nginx:1.25", {"tag_not": ["latest"]}, True),
        ("image", "nginx@sha256:00", {"pinned": True, "tag_not": ["latest"]}, True),
        ("image", "nginx", {"registry_in": ["docker.io/library"]}, True),
        ("image", "evil.example/nginx", {"registry_in": ["docker.io"]}, False),
        ("image", Text(("registry.example/app:", U)), {"registry_in": ["registry.example"]}, True),
        ("is_secret", "AKIAABCDEFGHIJKLMNOP", True, True),
        ("is_secret", {"DB_PASSWORD": "xK9#mQ2$vL"}, True, True),
        ("is_secret", [{"name": "DB_PASSWORD", "value": "xK9#mQ2$vL"}], True, True),
        ("is_secret", {"DB_HOST": "db.example.com", "PASSWORD": "changeme"}, True, False),
        ("is_secret", {"PASSWORD": Reference("aws_secretsmanager_secret.s", "arn", Unknown("computed"))}, True, False),
        ("is_secret", "#!/bin/sh\nexport API_TOKEN=a8f5f167f44f4964e6c998dee827110c\n", True, True),
    ],
)  # fmt: skip
def test_meaning(name: str, value: Any, argument: Any, expected: bool | None) -> None:
    assert told(name, value, argument) is expected


def statement(**elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", **elements}]}


TLS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize(
    ("policy", "argument", "expected"),
    [
        (statement(), {"action": "iam:PassRole", "resource": "*"}, True),
        (statement(Action="s3:Get*"), {"action": "s3:*"}, False),
        (statement(Action=["s3:*", U]), {"action": "s3:PutObject"}, True),
        (statement(Action=[U]), {"action": "s3:PutObject"}, None),
        (statement(Action=Text(("ec2:", U))), {"action": "s3:PutObject"}, False),
        ({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}, {"action": "s3:PutObject"}, True),
        ({"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}, {"action": "*"}, False),
        (statement(Principal="*"), {"principal": "*"}, True),
        (statement(Principal={"AWS": "*"}), {"principal": "*"}, True),
        (statement(Principal={"AWS": "arn:aws:iam::123456789012:root"}), {"principal": "*"}, False),
        (statement(Principal={"AWS": "arn:aws:iam::123456789012:root"}), {"principal": "123456789012"}, True),
        (statement(Principal={"Service": "sns.amazonaws.com"}), {"principal": "service:sns.amazonaws.com"}, True),
        (statement(NotPrincipal={"AWS": "123456789012"}), {"principal": "*"}, True),
        (statement(Principal=U), {"principal": "*"}, None),
        (statement(Principal="*", Condition={"StringEquals": {"aws:SourceAccount": "1"}}), {"principal": "*", "condition": "unrestricted"}, False),
        (statement(Principal="*", Condition={"StringEquals": {"aws:SourceAccount": "1"}}), {"principal": "*"}, True),
        (statement(Principal="*", Condition={"StringLike": {"aws:SourceArn": "*"}}), {"principal": "*", "condition": "unrestricted"}, True),
        (statement(Principal="*", Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o"}}), {"principal": "*", "condition": "unrestricted"}, True),
        (statement(Principal="*", Condition=U), {"principal": "*", "condition": "unrestricted"}, None),
        (statement(Principal="*", Condition=TLS_ONLY), {"principal": "*", "condition": "none"}, False),
        ({"Statement": [*statement()["Statement"], {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}, {"action": "iam:PassRole"}, False),
        ({"Statement": [*statement()["Statement"], {"Effect": "Deny", "Action": "iam:Get*", "Resource": "*"}]}, {"action": "iam:PassRole"}, True),
        ("not JSON", {"action": "*"}, None),
        ({"Statement": "x"}, {"action": "*"}, None),
        ({}, {"action": "*"}, False),
    ],
)  # fmt: skip
def test_policy_allows(policy: Any, argument: dict[str, Any], expected: bool | None) -> None:
    assert told("policy_allows", policy, argument) is expected


def deny(**elements: Any) -> dict[str, Any]:
    return statement(**{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Condition": TLS_ONLY, **elements})


ASKED = {"principal": "*", "action": "s3:*", "condition": TLS_ONLY}


@pytest.mark.parametrize(
    ("policy", "argument", "expected"),
    [
        (deny(), ASKED, True),
        (deny(Action="*"), ASKED, True),
        (deny(Action="s3:GetObject"), ASKED, False),
        (deny(Action="s3:GetObject"), {**ASKED, "action": "s3:GetObject"}, True),
        (deny(Condition={"Bool": {"aws:SecureTransport": ["false"]}}), ASKED, True),
        (deny(Condition={"Bool": {"aws:SecureTransport": "true"}}), ASKED, False),
        (deny(Condition={**TLS_ONLY, "StringEquals": {"aws:PrincipalAccount": "1"}}), ASKED, False),
        (deny(Condition=None), ASKED, True),
        (deny(), {"principal": "*", "action": "s3:*"}, False),
        (deny(Principal={"AWS": "123456789012"}), ASKED, False),
        (deny(Action=["s3:Get*", "s3:Put*"]), {**ASKED, "action": ["s3:GetObject", "s3:PutObject"]}, True),
        (deny(Action=["s3:Get*"]), {**ASKED, "action": ["s3:GetObject", "s3:PutObject"]}, False),
        (deny(Effect=U), ASKED, None),
        (Open([], U), ASKED, None),
    ],
)
def test_policy_denies(policy: Any, argument: dict[str, Any], expected: bool | None) -> None:
    assert told("policy_denies", policy, argument) is expected


def test_statements_keep_their_place_and_form() -> None:
    found = statements_of({"Statement": {"Sid": "S", "Effect": "Allow", "Principal": {"AWS": ["1" * 12], "Service": "s"},
                                         "Action": "a", "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:X": "v"}}}})  # fmt: skip
    (one,) = found.items
    assert one.path == ("Statement",)
    assert one.value["actions"] == ["a"]
    assert one.value["principals"] == [
        {"type": "aws", "id": "1" * 12, "account": "1" * 12}, {"type": "service", "id": "s", "account": None},
    ]  # fmt: skip
    assert one.value["conditions"] == [
        {"operator": "stringlike", "key": "aws:x", "values": ["v"], "if_exists": True, "for": "any", "limits": False}
    ]
    assert statements_of([one.value]).items[0].value is one.value


@pytest.mark.parametrize("effect", ["allow", "", None, True, ["Allow"], {"a": "Allow"}])
def test_an_effect_that_aws_refuses_leaves_open_what_the_statement_does(effect: Any) -> None:
    (one,) = statements_of({"Statement": [{"Effect": effect, "Action": "*", "Resource": "*", "Principal": "*"}]}).items
    assert isinstance(one.value["effect"], Unknown)
    assert told("policy_allows", {"Statement": [{"Effect": effect, "Action": "*"}]}, {"action": "*"}) is None


@pytest.mark.parametrize("policy", ["[]", Encoded("json", []), "[1]", Encoded("json", "x"), "7"])
def test_json_that_is_no_object_is_no_policy_without_statements(policy: Any) -> None:
    assert statements_of(policy).more is not None


def test_deep_json_is_no_recursion_error() -> None:
    assert statements_of("[" * 100_000).more is not None


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [("s3:*", "s3:Get*", True), ("s3:Get*", "s3:*", False), ("*", "", True), ("a?c", "abc", True), ("a?c", "a*c", False), ("*b*", "aabcc", True), ("a" * 50 + "*", "a" * 49, False)],
)  # fmt: skip
def test_glob(pattern: str, text: str, fits: bool) -> None:
    assert glob(pattern, text) is fits


def test_glob_is_bounded_on_hostile_patterns() -> None:
    assert glob("*a" * 1000 + "b", "a" * 2000) is False


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7d", 604800), ("1h30m", 5400), ("15min", 900), ("PT15M", 900), ("rate(5 minutes)", 300), ("FIFTEEN_MINUTES", 900), ("SIX_HOURS", 21600), ("12", None), ("x", None)],
)  # fmt: skip
def test_durations(text: str, seconds: float | None) -> None:
    assert duration(text) == seconds


def test_quantities() -> None:
    assert quantity("500m") == 0.5
    assert quantity("1Gi") == 2**30
    assert quantity("1e3") == 1000
    assert quantity("Gi") is None


@pytest.mark.parametrize("text", ["10.0.0.256", "10.0.0", "10.0.0.0/33", "::/129", ":::", "", "10.0.0.0/", "١.0.0.0"])
def test_what_is_no_network(text: str) -> None:
    assert network_of(text) is None


@pytest.mark.parametrize("unit", ["\n", "eyJ-", " ", "A" * 39 + "/", "a://b:", "export\t", "x=\n", "'", "-----BEGIN "])
def test_looking_for_secrets_takes_bounded_time(unit: str) -> None:
    from time import perf_counter

    before = perf_counter()
    told("is_secret", unit * (400_000 // len(unit)), True)
    assert perf_counter() - before < 5


@pytest.mark.parametrize(
    ("element", "argument"),
    [
        ('"Principal": "everyone", "Action": "*"', {"principal": "*"}),
        ('"Principal": {"AWS": {"id": "*"}}, "Action": "*"', {"principal": "*"}),
        ('"Principal": ["*"], "Action": "*"', {"principal": "*"}),
        ('"Principal": 7, "Action": "*"', {"principal": "*"}),
        ('"Action": 7', {"action": "s3:GetObject"}),
        ('"Action": [{"s3": "GetObject"}]', {"action": "s3:GetObject"}),
    ],
)
def test_a_policy_of_the_wrong_shape_is_unknown(element: str, argument: dict[str, str]) -> None:
    policy = f'{{"Statement": [{{"Effect": "Allow", "Resource": "*", {element}}}]}}'
    assert told("policy_allows", policy, argument) is None


@pytest.mark.parametrize(
    ("name", "value", "argument"),
    [
        ("policy_allows", "{Effect: Allow}", {"principal": "*"}),
        ("ports_overlap", "ssh", [22]),
        ("version_at_least", "latest", "1.2"),
        ("supported", "newest", {"product": "amazon-rds-postgresql"}),
    ],
)
def test_what_is_no_policy_port_or_version_is_unknown(name: str, value: str, argument: Any) -> None:
    assert told(name, value, argument) is None


def test_values_of_conditions_need_not_be_texts() -> None:
    deny = '{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", '
    deny += '"Condition": {"Bool": {"aws:SecureTransport": false}}}'
    wanted = {"principal": "*", "action": "s3:GetObject", "condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert told("policy_denies", f'{{"Statement": [{deny}]}}', wanted) is True
