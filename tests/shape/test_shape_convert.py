"""Types of the schema: strings become bools and numbers, what does not fit is unknown; JSON becomes a tree."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value
from compliance_scan.shape.convert import convert
from compliance_scan.shape.jsontext import parse_json
from compliance_scan.shape.nodes import type_node
from tests.shape.shape_fakes import altered, ref, value, var


@pytest.mark.parametrize(
    ("given_value", "type_name", "expected"),
    [
        ("true", "bool", True),
        ("0", "bool", False),
        ("443", "number", 443),
        ("0.5", "number", 0.5),
        (443, "string", "443"),
        (True, "string", "true"),
        (1.5, "string", "1.5"),
        (["1", 2], "list(number)", [1, 2]),
        ({"a": 1}, "map(string)", {"a": "1"}),
        (None, "bool", None),
        ("x", "list(string)", ["x"]),
        (123, "set(string)", ["123"]),
    ],
)
def test_converts(given_value: Any, type_name: str, expected: Any) -> None:
    assert convert(given_value, type_node(type_name), "it") == expected


@pytest.mark.parametrize(
    ("given_value", "type_name"),
    [
        ("yes", "bool"),
        ("True", "bool"),
        (1, "bool"),
        ("nan", "number"),
        ("inf", "number"),
        ("1_0", "number"),
        ("", "number"),
        ("9" * 5000, "number"),
        ([1], "string"),
        ({"a": 1}, "string"),
        ([1], "map(string)"),
        (True, "number"),
    ],
)
def test_what_does_not_fit_is_an_error_of_the_value(given_value: Any, type_name: str) -> None:
    found = convert(given_value, type_node(type_name), "it")
    assert isinstance(found, Unknown)
    assert found.cause == "error"


def test_references_and_unknowns_keep_their_form() -> None:
    found = convert(Reference("aws_x.y", "port", "443"), type_node("number"), "port")
    assert found == Reference("aws_x.y", "port", 443)
    assert convert(var("a"), type_node("bool"), "it") == var("a")
    assert convert(Text(("a", var("a"))), type_node("bool"), "it") == var("a")
    assert convert(Open(["1"], var("a")), type_node("list(number)"), "it") == Open([1], var("a"))


def test_nullable_types_take_text_and_bool() -> None:
    assert (
        value(
            {"at_rest_encryption_enabled": "true"}, "at_rest_encryption_enabled", of="aws_elasticache_replication_group"
        )
        is True
    )
    assert (
        value(
            {"at_rest_encryption_enabled": True}, "at_rest_encryption_enabled", of="aws_elasticache_replication_group"
        )
        is True
    )


def test_blocks_of_at_most_one_item_read_as_one_object() -> None:
    block = {"max_capacity": "2"}
    for written in ([block], block):
        assert (
            value({"scaling_configuration": written}, "scaling_configuration.max_capacity", of="aws_rds_cluster") == 2
        )
    assert value({"scaling_configuration": [block]}, "scaling_configuration.0.max_capacity", of="aws_rds_cluster") == 2
    two = value({"scaling_configuration": [block, block]}, "scaling_configuration.max_capacity", of="aws_rds_cluster")
    assert isinstance(two, Unknown)
    assert value(
        {"scaling_configuration": Open([], var("x"))}, "scaling_configuration.max_capacity", of="aws_rds_cluster"
    ) == altered(var("x"), symbol="")


def test_the_value_of_a_block_holds_its_defaults() -> None:
    found = value({"scaling_configuration": [{"max_capacity": 4}]}, "scaling_configuration", of="aws_rds_cluster")
    assert found == {
        "auto_pause": True,
        "max_capacity": 4,
        "min_capacity": 1,
        "seconds_before_timeout": 300,
        "seconds_until_auto_pause": 300,
        "timeout_action": "RollbackCapacityChange",
    }


def tree(found: Value) -> Value:
    assert isinstance(found, Encoded), found
    return found.tree


def test_json_text() -> None:
    assert tree(parse_json('{"a": [1]}', "p")) == {"a": [1]}
    assert parse_json("  ", "p") is None
    assert isinstance(parse_json("{", "p"), Unknown)
    assert tree(parse_json({"a": 1}, "p")) == {"a": 1}


def test_json_with_holes() -> None:
    bucket = ref("aws_s3_bucket.b", "arn")
    text = Text(('{"Resource": ["', bucket, '/*", "', bucket, '"], "Count": ', var("n"), "}"))
    assert tree(parse_json(text, "p")) == {"Resource": [Text((bucket, "/*")), bucket], "Count": var("n")}


def test_json_with_a_hole_for_a_key_is_open() -> None:
    text = Text(
        (
            '{"StringEquals": {"',
            var("k"),
            '": "x", "known": "y"}}',
        )
    )
    assert tree(parse_json(text, "p")) == {"StringEquals": Open({"known": "y"}, var("k"))}


def test_json_whose_hole_breaks_it_is_the_hole() -> None:
    assert parse_json(Text(('{"a": [', var("x"), ",]}")), "p") == var("x")


@pytest.mark.parametrize("depth", [500, 200_000])
def test_json_nested_beyond_measure(depth: int) -> None:
    found = parse_json("[" * depth + "]" * depth, "p")
    assert isinstance(found, Unknown)
    assert found.cause == "limit_reached"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(JSON, st.integers(0, 200))
def test_a_known_hole_in_a_string_changes_nothing(document: Any, cut: int) -> None:
    text = json.dumps({"k": "before-after", "d": document})
    at = text.index("-after")
    template = Text((text[:at], Reference("aws_x.y", "z", "-after"), text[at + len("-after") :]))
    found = parse_json(template, "p")
    assert tree(found) == {"k": "before-after", "d": document}


def test_json_attribute_is_a_tree_and_its_missing_keys_are_absent() -> None:
    policy = '{"Statement": {"Effect": "Deny"}}'
    assert value({"policy": policy}, "policy.Statement.Effect", of="aws_iam_policy") == "Deny"
    assert not value({"policy": policy}, "policy.Statement.Action", of="aws_iam_policy")
    broken = value({"policy": "{"}, "policy.Statement", of="aws_iam_policy")
    assert isinstance(broken, Unknown)
    assert broken.cause == "error"
