"""Joins, relations, presence, accounts and regions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_scan.model.logic import Maybe
from compliance_scan.model.value import ABSENT, Open, Reference, Text, Unknown, Value
from compliance_scan.model.view import Relation
from compliance_scan.shape.join import alone, bare, may_equal, same_symbolic
from tests.shape.shape_fakes import altered, ref, resource, steps, var, world

BY = Relation("aws_flow_log", "by", ("vpc_id",))
TO = Relation("aws_kms_key", "to", ("kms_key_id",))


def test_by_finds_those_that_refer_to_us() -> None:
    vpc, other = resource("aws_vpc.a"), resource("aws_vpc.b")
    log = resource("aws_flow_log.l", {"vpc_id": ref("aws_vpc.a")})
    loose = resource("aws_flow_log.m", {"vpc_id": var("vpc")})
    made = world(vpc, other, log, loose)
    found = made.related(made.cursor(vpc), BY)
    assert [(item.cursor.resource, item.present) for item in found.items] == [
        (log, True),
        (loose, Maybe((var("vpc"),))),
    ]
    assert found.more is None
    assert [item.present for item in made.related(made.cursor(other), BY).items] == [Maybe((var("vpc"),))]


def test_any_finds_whoever_refers_to_us_by_an_attribute_so_named() -> None:
    group = resource("aws_security_group.g")
    machine = resource("aws_instance.i", {"vpc_security_group_ids": [ref("aws_security_group.g")]})
    template = resource(
        "aws_launch_template.t", {"network_interfaces": [{"security_groups": [ref("aws_security_group.g")]}]}
    )
    newest = resource("aws_newest_thing.n", {"net": [{"security_group_ids": [ref("aws_security_group.g")]}]})
    perhaps = resource("aws_lb.l", {"security_groups": [var("group")]})
    named = resource("aws_lb.tagged", {"tags": {"group": ref("aws_security_group.g")}})
    rule = resource("aws_security_group_rule.r", {"source_security_group_id": ref("aws_security_group.g")})
    made = world(group, machine, template, newest, perhaps, named, rule)
    relation = Relation("*", "any", ("*security_group*",), ("aws_security_group_rule",), ("aws_network_interface",))
    found = made.related(made.cursor(group), relation)
    assert {item.cursor.resource: item.present for item in found.items} == {
        machine: True,
        template: True,
        newest: True,
        perhaps: Maybe((var("group"),)),
    }
    assert found.more is None


def test_by_through_lists_and_blocks() -> None:
    subnet = resource("aws_subnet.s")
    cluster = resource(
        "aws_eks_cluster.c", {"vpc_config": [{"subnet_ids": [ref("aws_subnet.x"), ref("aws_subnet.s")]}]}
    )
    made = world(subnet, cluster)
    found = made.related(made.cursor(subnet), Relation("aws_eks_cluster", "by", ("vpc_config", "subnet_ids")))
    assert [item.cursor.resource for item in found.items] == [cluster]


def test_to_finds_what_we_refer_to() -> None:
    key = resource("aws_kms_key.k")
    cases: list[tuple[Value, int, str | None]] = [
        (ref("aws_kms_key.k", "arn"), 1, None),
        (ref("aws_kms_key.gone", "arn"), 0, "computed"),
        ("arn:aws:kms:eu-west-1:1:key/2", 0, "not_collected"),
        (None, 0, None),
        (Unknown("module_not_fetched", "module.m.key"), 0, "module_not_fetched"),
    ]
    for value, count, cause in cases:
        trail = resource("aws_cloudtrail.t", {"kms_key_id": value})
        made = world(key, trail)
        found = made.related(made.cursor(trail), TO)
        assert len(found.items) == count, value
        assert (found.more.cause if found.more else None) == cause, value


def test_a_reference_through_another_resource_leads_on() -> None:
    key = resource("aws_kms_key.k")
    alias = resource("aws_kms_alias.a", {"target_key_id": ref("aws_kms_key.k")})
    trail = resource(
        "aws_cloudtrail.t", {"kms_key_id": Reference("aws_kms_alias.a", "target_key_id", ref("aws_kms_key.k"))}
    )
    made = world(key, alias, trail)
    assert [item.cursor.resource for item in made.related(made.cursor(trail), TO).items] == [key]


def test_instances_join_by_their_index() -> None:
    ours = [resource(f'aws_vpc.v["{name}"]') for name in ("a", "b")]
    log = resource('aws_flow_log.l["a"]', {"vpc_id": ref('aws_vpc.v["a"]')})
    made = world(*ours, log)
    assert [len(made.related(made.cursor(one), BY).items) for one in ours] == [1, 0]
    some = resource('aws_flow_log.l["?"]', {"vpc_id": ref('aws_vpc.v["?"]')}, conditional=var("n"))
    made = world(*ours, some)
    for one in ours:
        (item,) = made.related(made.cursor(one), BY).items
        assert isinstance(item.present, Maybe)


def test_an_alias_of_an_address_joins() -> None:
    vpc = resource('aws_vpc.v["?"]', aliases=("aws_vpc.v[0]",), conditional=var("on"))
    log = resource("aws_flow_log.l", {"vpc_id": ref("aws_vpc.v[0]")})
    made = world(vpc, log)
    assert [item.cursor.resource for item in made.related(made.cursor(vpc), BY).items] == [log]


def test_state_joins_by_identity() -> None:
    vpc = resource("aws_vpc.v", {"id": "vpc-1"}, plane="state")
    log = resource("aws_flow_log.l", {"vpc_id": "vpc-1"}, plane="state")
    made = world(vpc, log)
    assert [item.cursor.resource for item in made.related(made.cursor(vpc), BY).items] == [log]
    assert made.cursor(vpc).get(("flow_logs",)).items().items[0].cursor.resource is log


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("x", "x", True),
        ("x", "y", False),
        (var("a"), var("a"), True),
        (var("a"), "x", None),
        (Unknown("computed"), "x", False),
        (Text((var("e"), "-logs")), Text((var("e"), "-logs")), True),
        (Text((var("e"), "-logs")), Text((var("f"), "-logs")), None),
        (Text((var("e"), "-logs")), Text((var("f"), "-data")), False),
        (Text(("pre-", var("e"))), "other", False),
        (Text((var("e"), "-logs")), "prod-logs", None),
        (Text(("aa", var("e"), "aa")), "aaa", False),
        (None, None, False),
        (ABSENT, "x", False),
    ],
)
def test_may_equal(a: Value, b: Value, expected: bool | None) -> None:
    for found in (may_equal(a, b), may_equal(b, a)):
        assert (None if isinstance(found, Maybe) else found) == expected


PART = st.text("ab-", max_size=3)


@given(st.lists(PART, min_size=2, max_size=3), PART, st.text("ab-", max_size=8))
def test_a_text_that_can_become_another_is_never_apart(parts: list[str], filler: str, other: str) -> None:
    hole = var("x")
    template: list[str | Unknown | Reference] = []
    for index, part in enumerate(parts):
        template += [part] if index == 0 else [hole, part]
    text = Text(tuple(template))
    whole = filler.join(parts)
    assert may_equal(text, whole) is not False
    if other == whole:
        assert may_equal(text, other) is not False
    assert not same_symbolic(text, whole)


def test_bare_addresses() -> None:
    assert bare('module.m["a.b"].aws_vpc.v["x[0]"]') == 'module.m["a.b"].aws_vpc.v'
    assert bare("aws_vpc.v[12]") == "aws_vpc.v"
    assert bare("aws_vpc.v") == "aws_vpc.v"


def test_presence() -> None:
    key = resource("aws_kms_key.k", {"description": "x"})
    made = world(key, resource("aws_kms_key.c", conditional=var("on")))
    assert made.presence(ref("aws_kms_key.k", "arn")) is True
    assert made.presence(ref("aws_kms_key.k", "key_id")) is True
    assert made.presence(ref("aws_kms_key.k", "custom_key_store_id")) is False
    assert made.presence(ref("aws_kms_key.k", "description", known="x")) is True
    assert made.presence(Reference("aws_kms_key.k", "", Unknown("computed"))) is True
    assert isinstance(made.presence(ref("aws_kms_key.k", "rotation_period_in_days")), Maybe)
    assert made.presence(ref("aws_kms_key.c", "arn")) == Maybe((var("on"),))
    assert made.presence(ref("aws_kms_key.gone", "arn")) is True  # in every code that Terraform would take
    assert isinstance(made.presence(ref("aws_kms_key.gone", "[0].arn")), Maybe)
    assert isinstance(made.presence(ref("aws_kms_key.gone", "custom_key_store_id")), Maybe)
    assert made.presence(Reference("a.b", "c", Unknown("computed"), presence=True)) is True


def test_subjects_know_aliases_and_leave_data_sources() -> None:
    alb = resource("aws_alb.a")
    data = resource("data.aws_lb.d")
    lb = resource("aws_lb.b")
    made = world(alb, data, lb)
    assert [cursor.resource for cursor in made.subjects(["aws_lb"])] == [alb, lb]
    assert [cursor.resource for cursor in made.subjects(["aws_alb", "aws_lb"])] == [alb, lb]
    assert made.subjects(["aws_unheard_of"]) == []


def test_an_account_is_open_as_a_subject_and_closed_from_within() -> None:
    trail = resource("aws_cloudtrail.t", {"name": "t", "s3_bucket_name": "b"})
    made = world(trail)
    (account,) = made.subjects(["account"])
    trails = account.get(("trails",)).items()
    assert [item.cursor.resource for item in trails.items] == [trail]
    assert trails.more is not None
    undeclared = account.get(steps("password_policy.minimum_password_length")).value
    assert isinstance(undeclared, Unknown)
    home = made.related(made.cursor(trail), Relation("account", "home", ())).items[0].cursor
    assert home.get(("trails",)).items().more is None
    assert home.get(steps("s3_public_access_block.block_public_acls")).value is ABSENT
    assert home.get(("aws_kms_key",)).items().items == []


def test_what_an_account_declares_is_known() -> None:
    policy = resource("aws_iam_account_password_policy.p", {"minimum_password_length": "14"})
    block = resource("aws_s3_account_public_access_block.b", {"block_public_acls": True})
    made = world(policy, block, resource("aws_vpc.other", root="elsewhere"))
    first, second = made.subjects(["account"])
    assert first.get(steps("password_policy.minimum_password_length")).value == 14
    assert first.get(steps("s3_public_access_block.block_public_acls")).value is True
    assert first.get(steps("s3_public_access_block.block_public_policy")).value is False
    assert isinstance(second.get(steps("password_policy")).value, Unknown)
    assert first.resource.source.span.file == "main.tf"


def test_a_root_with_the_provider_alone_is_an_account_too() -> None:
    pod = resource("kubernetes_pod.p", root="a")
    made = world(pod, providers={"a": frozenset({"aws"})})
    assert len(made.subjects(["account"])) == 1
    assert made.subjects(["region"])[0].get(steps("ebs_encryption_by_default.enabled")).value != ABSENT


def test_live_accounts_and_regions() -> None:
    def live(address: str, region: str, **attributes: Any) -> Any:
        return resource(address, attributes, plane="live", account="1", region=region, root="")

    one = live("aws_cloudtrail.a", "eu-west-1", name="a")
    two = live("aws_cloudtrail.b", "us-east-1", name="b")
    on = live("aws_ebs_encryption_by_default.e", "us-east-1", enabled=True)
    made = world(one, two, on)
    (account,) = made.subjects(["account"])
    assert len(account.get(("trails",)).items().items) == 2
    assert account.get(("trails",)).items().more is None
    west, east = made.subjects(["region"])
    assert east.get(steps("ebs_encryption_by_default.enabled")).value is True
    missing = west.get(steps("ebs_encryption_by_default.enabled")).value
    assert isinstance(missing, Unknown)
    assert missing.cause == "not_collected"


def test_maps_give_their_items_as_key_and_value() -> None:
    one = resource("aws_vpc.v", {"tags": Open({"Name": "x"}, var("tags"))})
    made = world(one)
    items = made.cursor(one).get(("tags",)).items()
    (item,) = items.items
    assert item.cursor.value == {"key": "Name", "value": "x"}
    assert item.cursor.get(("value",)).path == ("tags", "Name")
    assert items.more == var("tags")
    assert made.cursor(one).get(("tags", "owner")).value == altered(var("tags"), symbol=f"{var('tags').symbol}.owner")


def test_a_template_of_one_reference_is_that_reference() -> None:
    """The idioms of old: `join("", x.*.id)`, `format("%s", x.id)`."""
    for parts in ((ref("aws_s3_bucket.b"),), ("", ref("aws_s3_bucket.b"), "")):
        one = resource("aws_s3_bucket.b")
        made = world(one, resource("aws_s3_bucket_versioning.v", {"bucket": Text(parts)}))
        assert alone(Text(parts)) == ref("aws_s3_bucket.b")
        found = made.joined("aws_s3_bucket_versioning", ("bucket",), "aws_s3_bucket", (("id",), ("bucket",)))
        assert [present for _frame, present in found.members[one]] == [True]
    assert alone(Text(("a", ref("aws_s3_bucket.b")))) == Text(("a", ref("aws_s3_bucket.b")))


def test_one_output_of_an_unread_module_is_one_name() -> None:
    output = Unknown("module_not_fetched", "module.names.logs", symbol=".|module.names.logs")
    one = resource("aws_s3_bucket.b", {"bucket": output})
    other = resource("aws_s3_bucket.c", {"bucket": "c"})
    made = world(one, other, resource("aws_s3_bucket_versioning.v", {"bucket": output}))
    found = made.joined("aws_s3_bucket_versioning", ("bucket",), "aws_s3_bucket", (("id",), ("bucket",)))
    assert [present for _frame, present in found.members[one]] == [True]
    assert other not in found.members


def test_sensitive_by_schema_and_by_mark() -> None:
    one = resource("aws_db_instance.d", {"password": "x", "username": "u"}, sensitive=frozenset({("username",)}))
    cursor = world(one).cursor(one)
    assert cursor.get(("password",)).sensitive
    assert cursor.get(("username",)).sensitive
    assert not cursor.get(("engine",)).sensitive


def test_a_reference_is_looked_for_in_its_own_root() -> None:
    here = resource("aws_kms_key.k", root="a")
    there = resource("aws_kms_key.k", root="b", conditional=var("on"))
    made = world(here, there)
    value = Unknown("computed", symbol="a|aws_kms_key.k.arn")
    assert made.presence(Reference("aws_kms_key.k", "arn", value)) is True
    assert made.presence(ref("aws_kms_key.k", "arn"), root="b") == Maybe((var("on"),))


def test_very_many_unknown_owners_end_in_a_limit() -> None:
    groups = [resource(f"aws_security_group.g{index}") for index in range(400)]
    rules = [
        resource(f"aws_security_group_rule.r{index}", {"security_group_id": var(f"v{index}")}) for index in range(400)
    ]
    made = world(*groups, *rules)
    more = made.cursor(groups[0]).get(("entries",)).items().more
    assert more is not None
    assert more.cause == "limit_reached"
