"""Folding: three spellings of one thing, and what is said when they disagree or when the owner is not read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.model.logic import Maybe
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import ABSENT, Encoded, Open, Text, Unknown, Value
from compliance_scan.model.view import Cursor, Items
from compliance_scan.shape.world import World
from tests.shape.shape_fakes import altered, ref, resource, steps, var, world


def bucket(name: str = "b", **attributes: Any) -> Resource:
    return resource(f"aws_s3_bucket.{name}", attributes)


def versioning(name: str, owner: Value, status: Value = "Enabled", **more: Any) -> Resource:
    return resource(
        f"aws_s3_bucket_versioning.{name}", {"bucket": owner, "versioning_configuration": [{"status": status}]}, **more
    )


def at(made: World, one: Resource, path: str) -> Cursor:
    return made.cursor(one).get(steps(path))


def cause(found: Value) -> str:
    assert isinstance(found, Unknown), found
    return found.cause


def test_a_satellite_and_the_inline_spelling_say_the_same() -> None:
    one, two = bucket("b"), bucket("c", versioning=[{"enabled": True}])
    made = world(one, two, versioning("v", ref("aws_s3_bucket.b")))
    assert at(made, one, "versioning.status").value == "Enabled"
    assert at(made, two, "versioning.status").value == "Enabled"
    assert at(made, one, "versioning.status").resource.address == "aws_s3_bucket_versioning.v"
    assert at(made, one, "versioning.status").path == ("versioning_configuration", 0, "status")
    assert at(made, one, "versioning.status").shown == "versioning.status"
    assert at(made, two, "versioning.status").path == ("versioning", 0, "enabled")


def test_what_nothing_declares_is_absent_unless_facts_say_more() -> None:
    one = bucket()
    made = world(one)
    assert at(made, one, "versioning.status").value is ABSENT
    assert at(made, one, "logging").value is ABSENT
    assert at(made, one, "lifecycle").items() == Items([], None)
    assert at(made, one, "encryption.sse_algorithm").value == "AES256"
    assert at(made, one, "public_access_block.block_public_acls").value is False
    assert at(made, one, "public_access_block").standing == "undeclared"


def test_an_unwritten_inline_spelling_says_nothing() -> None:
    one = bucket(versioning=[], logging=None)
    made = world(one, versioning("v", ref("aws_s3_bucket.b")))
    assert at(made, one, "versioning.status").value == "Enabled"
    assert at(made, one, "logging").value is ABSENT


def test_satellites_that_disagree_are_ambiguous() -> None:
    one = bucket()
    made = world(one, versioning("v", ref("aws_s3_bucket.b")), versioning("w", ref("aws_s3_bucket.b"), "Suspended"))
    assert cause(at(made, one, "versioning.status").value) == "ambiguous_join"
    same = world(one, versioning("v", ref("aws_s3_bucket.b")), versioning("w", ref("aws_s3_bucket.b")))
    assert at(same, one, "versioning.status").value == "Enabled"


def test_an_inline_spelling_that_disagrees_is_ambiguous() -> None:
    one = bucket(versioning=[{"enabled": False}])
    made = world(one, versioning("v", ref("aws_s3_bucket.b")))
    assert cause(at(made, one, "versioning.status").value) == "ambiguous_join"


def test_joins_by_literal_variable_and_text() -> None:
    text = Text((var("env"), "-logs"))
    for name, value in (("literal", "logs"), ("variable", var("name")), ("text", text)):
        one = bucket(bucket=value)
        made = world(one, versioning(name, value))
        assert at(made, one, "versioning.status").value == "Enabled", name


def test_a_literal_of_another_root_does_not_join() -> None:
    one = bucket(bucket="logs")
    other = versioning("v", "logs", root="elsewhere")
    made = world(one, other)
    assert at(made, one, "versioning.status").value is ABSENT
    assert [cursor.resource for cursor in made.subjects(["aws_s3_bucket"])] == [one, other]


def test_an_unknown_owner_opens_possible_owners() -> None:
    free, taken = bucket("free"), bucket("taken")
    known = bucket("known", bucket="data")
    apart = versioning("x", Text((var("env"), "-logs")), "Suspended")
    made = world(free, taken, known, versioning("v", ref("aws_s3_bucket.taken")), apart)
    assert at(made, free, "versioning.status").value is ABSENT  # its name is generated: no text that somebody wrote
    assert at(made, taken, "versioning.status").value == "Enabled"
    assert at(made, known, "versioning.status").value is ABSENT
    loose = world(known, taken, versioning("v", ref("aws_s3_bucket.taken")), versioning("x", var("any"), "Suspended"))
    assert cause(at(loose, known, "versioning.status").value) == "variable_without_value"
    assert at(loose, taken, "versioning.status").value == "Enabled"


def test_an_orphaned_satellite_is_judged_through_a_partial_owner() -> None:
    orphan = versioning("v", ref("data.aws_s3_bucket.x"), "Suspended")
    made = world(orphan)
    (subject,) = made.subjects(["aws_s3_bucket"])
    assert subject.resource is orphan
    assert subject.get(steps("versioning.status")).value == "Suspended"
    for path in ("bucket", "id", "tags", "logging.target_bucket", "encryption", "policy"):
        assert cause(subject.get(steps(path)).value) == "not_collected", path
    assert subject.get(("lifecycle",)).items().more is not None


def test_a_joined_satellite_is_not_judged_apart() -> None:
    one = bucket()
    made = world(one, versioning("v", ref("aws_s3_bucket.b")))
    assert [cursor.resource for cursor in made.subjects(["aws_s3_bucket"])] == [one]


def test_a_module_that_was_not_read_opens_what_was_handed_to_it() -> None:
    one, two = bucket("b"), bucket("c")
    output = Unknown("module_not_fetched", "module.m.bucket", symbol=".:module.m.bucket")
    made = world(one, two, versioning("v", output), handed={(".", "aws_s3_bucket.b")})
    assert cause(at(made, one, "versioning.status").value) == "module_not_fetched"
    assert at(made, one, "lifecycle").items().more is not None
    assert at(made, two, "versioning.status").value is ABSENT
    assert at(made, two, "lifecycle").items().more is None


def test_a_conditional_satellite_and_one_under_the_same_condition() -> None:
    condition = Unknown("variable_without_value", "var.on", symbol=".:var.on")
    one = bucket()
    made = world(one, versioning("v", ref("aws_s3_bucket.b"), conditional=condition))
    assert at(made, one, "versioning.status").value == altered(condition, symbol="")
    both = resource('aws_s3_bucket.b["?"]', conditional=condition)
    made = world(both, versioning('v["?"]', ref('aws_s3_bucket.b["?"]'), conditional=condition))
    assert at(made, both, "versioning.status").value == "Enabled"


def entry(**more: Any) -> dict[str, Any]:
    return {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]} | more


def test_entries_of_a_group_in_three_spellings() -> None:
    group = resource("aws_security_group.g", {"ingress": [entry()]})
    rule = resource(
        "aws_security_group_rule.r", {"type": "ingress", "security_group_id": ref("aws_security_group.g"), **entry()}
    )
    own = resource(
        "aws_vpc_security_group_ingress_rule.o",
        {
            "security_group_id": ref("aws_security_group.g"),
            "ip_protocol": "6",
            "from_port": "22",
            "to_port": 22,
            "cidr_ipv4": "0.0.0.0/0",
        },
    )
    made = world(group, rule, own)
    items = at(made, group, "entries").items()
    expected = {
        "direction": "ingress",
        "protocol": "tcp",
        "ports": {"from": 22, "to": 22},
        "peers": ["0.0.0.0/0"],
        "groups": [],
    }
    assert [item.cursor.value for item in items.items] == [expected] * 3
    assert [item.cursor.resource for item in items.items] == [group, rule, own]
    assert items.items[0].cursor.path == ("ingress", 0)
    assert items.items[0].cursor.get(("peers",)).path == ("ingress", 0, "cidr_blocks")
    assert items.items[1].cursor.get(("ports", "from")).shown == "entries[1].ports.from"
    assert items.more is None


@pytest.mark.parametrize(
    ("written", "ports"),
    [
        ({"protocol": "-1", "from_port": 0, "to_port": 0}, {"from": 0, "to": 65535}),
        ({"protocol": "all"}, {"from": 0, "to": 65535}),
        ({"protocol": "icmp", "from_port": 8, "to_port": 0}, ABSENT),
        ({"protocol": 58, "from_port": -1, "to_port": -1}, ABSENT),
        ({"protocol": "50"}, {"from": 0, "to": 65535}),
        ({"protocol": "udp", "from_port": "53", "to_port": "53"}, {"from": 53, "to": 53}),
    ],
)
def test_ports(written: dict[str, Any], ports: Value) -> None:
    group = resource("aws_security_group.g", {"ingress": [entry(**written)]})
    assert at(world(group), group, "entries.0.ports").value == ports


def test_ports_of_an_unknown_protocol() -> None:
    group = resource("aws_security_group.g", {"ingress": [entry(protocol=var("p"))]})
    assert at(world(group), group, "entries.0.ports").value == altered(var("p"), symbol="")
    full = resource("aws_security_group.g", {"ingress": [entry(protocol="tcp", from_port=var("p"))]})
    assert at(world(full), full, "entries.0.ports.from").value == var("p")
    assert at(world(full), full, "entries.0.ports.to").value == 22


def test_a_rule_of_an_unknown_group_may_be_of_any_and_is_judged_itself() -> None:
    group = resource("aws_security_group.g")
    rule = resource("aws_security_group_rule.r", {"type": "ingress", "security_group_id": var("group"), **entry()})
    made = world(group, rule)
    (item,) = at(made, group, "entries").items().items
    assert item.present == Maybe((var("group"),))
    assert [cursor.resource for cursor in made.subjects(["aws_security_group"])] == [group, rule]


def test_dynamic_blocks_leave_the_list_open() -> None:
    group = resource("aws_security_group.g", {"ingress": Open([entry()], var("rules"))})
    items = at(world(group), group, "entries").items()
    assert len(items.items) == 1
    assert items.more == var("rules")


def test_rules_of_a_default_group_are_no_orphans() -> None:
    group = resource("aws_default_security_group.d")
    rule = resource(
        "aws_security_group_rule.r",
        {"type": "ingress", "security_group_id": ref("aws_default_security_group.d"), **entry()},
    )
    made = world(group, rule)
    assert len(at(made, group, "entries").items().items) == 1
    assert made.subjects(["aws_security_group"]) == []


ALLOW = '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'


def test_statements_of_a_role_from_everywhere() -> None:
    role = resource("aws_iam_role.r", {"assume_role_policy": ALLOW, "inline_policy": [{"name": "a", "policy": ALLOW}]})
    policy = resource("aws_iam_policy.p", {"policy": ALLOW})
    own = resource(
        "aws_iam_role_policy.o", {"role": ref("aws_iam_role.r"), "policy": Encoded("json", {"Statement": []})}
    )
    attached = resource(
        "aws_iam_role_policy_attachment.a",
        {"role": ref("aws_iam_role.r", "name"), "policy_arn": ref("aws_iam_policy.p", "arn")},
    )
    made = world(role, policy, own, attached)
    items = at(made, role, "statements").items()
    assert [item.cursor.resource for item in items.items] == [role, policy]
    assert [item.cursor.get(("actions",)).value for item in items.items] == [["s3:*"], ["s3:*"]]
    assert items.more is None
    assert at(made, role, "trust").items().items[0].cursor.path == ("assume_role_policy", "Statement", 0)
    assert made.subjects(["aws_iam_policy"])[0].get(("statements", 0, "effect")).value == "Allow"


def test_a_managed_policy_opens_the_statements() -> None:
    role = resource("aws_iam_role.r", {"name": "r"})
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    attached = resource("aws_iam_role_policy_attachment.a", {"role": "r", "policy_arn": arn})
    made = world(role, attached)
    assert at(made, role, "statements").items().more is not None
    assert [item.cursor.value for item in at(made, role, "attached_policies").items().items] == [arn]


def test_documents_are_judged_only_where_nothing_uses_them() -> None:
    body = {
        "statement": [
            {
                "actions": ["*"],
                "resources": ["*"],
                "principals": [{"type": "*", "identifiers": ["*"]}],
                "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}],
            }
        ]
    }
    used = resource("data.aws_iam_policy_document.used", body)
    loose = resource("data.aws_iam_policy_document.loose", body)
    policy = resource(
        "aws_iam_policy.p",
        {"policy": ref("data.aws_iam_policy_document.used", "json", Encoded("json", {"Statement": []}))},
    )
    made = world(used, loose, policy)
    (subject,) = made.subjects(["aws_iam_policy_document"])
    assert subject.resource is loose
    (statement,) = subject.get(("statements",)).items().items
    assert statement.cursor.get(("effect",)).value == "Allow"
    assert statement.cursor.get(("principals", 0, "type")).value == "any"
    assert statement.cursor.get(("conditions", 0, "key")).value == "aws:securetransport"
    assert statement.cursor.get(("actions",)).path == ("statement", 0, "actions")


def test_live_parts_are_not_collected_until_somebody_asked() -> None:
    one = resource("aws_s3_bucket.b", {"bucket": "b"}, plane="live")
    made = world(one)
    assert cause(at(made, one, "versioning").value) == "not_collected"
    assert at(made, one, "lifecycle").items().more is not None
    asked = resource("aws_s3_bucket.b", {"bucket": "b", "versioning": None, "lifecycle_rule": []}, plane="live")
    made = world(asked)
    assert at(made, asked, "versioning.status").value is ABSENT
    assert at(made, asked, "lifecycle").items() == Items([], None)


def test_a_state_repeats_its_satellites_inline() -> None:
    group = resource("aws_security_group.g", {"id": "sg-1", "ingress": [entry()], "egress": []}, plane="state")
    rule = resource(
        "aws_security_group_rule.r", {"type": "ingress", "security_group_id": "sg-1", **entry()}, plane="state"
    )
    one = resource(
        "aws_s3_bucket.b",
        {"id": "b", "bucket": "b", "versioning": [{"enabled": False, "mfa_delete": False}]},
        plane="state",
    )
    two = versioning("v", "b", plane="state")
    made = world(group, rule, one, two)
    assert len(at(made, group, "entries").items().items) == 1
    assert at(made, one, "versioning.status").value == "Enabled"


SATELLITES = [
    versioning("v", ref("aws_s3_bucket.b")),
    versioning("w", var("any"), "Suspended"),
    resource("aws_s3_bucket_policy.p", {"bucket": ref("aws_s3_bucket.b"), "policy": ALLOW}),
    resource("aws_s3_bucket_lifecycle_configuration.l", {"bucket": "b", "rule": [{"id": "a", "status": "Enabled"}]}),
    bucket("c", bucket="c"),
    bucket("b", bucket="b"),
]


@given(st.permutations(SATELLITES), st.permutations(["versioning", "policy", "lifecycle", "grants", "encryption"]))
def test_neither_the_order_of_reading_nor_of_asking_matters(order: list[Resource], parts: list[str]) -> None:
    shuffled, plain = world(*order), world(*SATELLITES)
    for one in (order[0], *order):
        if one.type == "aws_s3_bucket":
            for part in parts:
                assert at(shuffled, one, part).value == at(plain, one, part).value


@given(st.sets(st.integers(0, len(SATELLITES) - 1)))
def test_a_closed_world_says_nothing_that_is_not_written(kept: set[int]) -> None:
    read = [SATELLITES[index] for index in sorted(kept)]
    made = world(*read)
    for one in read:
        if one.type == "aws_s3_bucket":
            listed = at(made, one, "lifecycle").items()
            assert listed.more is None
            assert all(item.cursor.resource in read for item in listed.items)


def test_a_part_that_may_not_exist_is_not_taken_for_one_that_does() -> None:
    """The condition's own value is certainly no null; that says nothing of what hangs on it."""
    one = bucket()
    on = Unknown("variable_without_value", "var.on has no value", type="bool", not_null=True, symbol="r|var.on")
    made = world(one, versioning("v", ref("aws_s3_bucket.b"), conditional=on))
    found = at(made, one, "versioning").value
    assert isinstance(found, Unknown)
    assert (found.cause, found.not_null, found.symbol) == ("variable_without_value", False, "")
