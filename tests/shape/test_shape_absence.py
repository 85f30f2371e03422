"""The table of absence, row by row, plane by plane."""

from typing import Any

import pytest

from compliance_scan.model.resource import Plane
from compliance_scan.model.value import ABSENT, Open, Unknown
from compliance_scan.shape.absence import because
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.facts import TypeFacts
from tests.shape.shape_fakes import altered, resource, standing, steps, value, var, world


def cause(found: object) -> str:
    assert isinstance(found, Unknown), found
    return found.cause


def test_provider_default() -> None:
    assert value({}, "deletion_protection") is False
    assert value({}, "auto_minor_version_upgrade") is True
    assert standing({}, "auto_minor_version_upgrade") == "default"


def test_null_behaves_as_unwritten() -> None:
    assert value({"auto_minor_version_upgrade": None}, "auto_minor_version_upgrade") is True


def test_optional_bool_of_the_old_sdk_reads_false_but_is_no_default() -> None:
    assert value({}, "iam_database_authentication_enabled") is False
    assert standing({}, "iam_database_authentication_enabled") == "nothing"


def test_optional_and_not_bool_is_absent() -> None:
    assert value({}, "custom_iam_instance_profile") is ABSENT


def test_optional_and_computed_is_unknown() -> None:
    assert cause(value({}, "kms_key_id")) == "computed"
    assert cause(value({}, "vpc_security_group_ids")) == "computed"


def test_facts_answer_where_the_schema_does_not() -> None:
    assert value({}, "backup_retention_period") == 0
    assert standing({}, "backup_retention_period") == "undeclared"
    assert value({}, "multi_az") is False
    assert standing({}, "multi_az") == "fact"


def test_facts_none_of_which_holds() -> None:
    assert cause(value({"snapshot_identifier": "s"}, "multi_az")) == "computed"


def test_facts_whose_condition_is_unknown() -> None:
    assert value({"snapshot_identifier": var("s")}, "multi_az") == because(var("s"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({}, "none"),
        ({"rules": []}, "none"),
        ({"rules": Open([], var("more"))}, None),
        ({"rules": Open(["a"], var("more"))}, "some"),
        ({"rules": var("rules")}, None),
        ({"rules": ["a", "b"]}, "some"),
    ],
)
def test_facts_that_ask_whether_a_list_has_items(written: dict[str, Any], meant: str | None) -> None:
    source = "a source for the test"
    rows = [
        {"path": "mode", "when": {"path": "rules", "empty": False}, "value": "some", "source": source},
        {"path": "mode", "when": {"path": "rules", "empty": True}, "value": "none", "source": source},
    ]
    attributes = {"mode": "string", "rules": {"type": "list(string)", "mode": "o"}}
    facts = TypeFacts("made/Up", None, {"absent": rows, "attributes": attributes})
    one = resource("made_up.it", written)
    found = Frame(world(one), one, facts).root.get(("mode",)).value
    assert found == meant if meant else isinstance(found, Unknown)


def test_id_and_arn_are_computed_whatever_the_schema_says() -> None:
    for name in ("id", "arn"):
        found = value({}, name)
        assert isinstance(found, Unknown)
        assert found.cause == "computed"
        assert found.not_null


def test_optional_block_is_absent_and_its_inner_defaults_do_not_apply() -> None:
    assert value({}, "launch_template", of="aws_instance") is ABSENT
    assert value({}, "launch_template.version", of="aws_instance") is ABSENT
    assert value({"launch_template": [{}]}, "launch_template.version", of="aws_instance") == "$Default"


def test_computed_block_is_unknown() -> None:
    assert cause(value({}, "credit_specification.cpu_credits", of="aws_launch_template_x")) == "computed"
    assert cause(value({}, "maintenance_options", of="aws_instance")) == "computed"
    assert cause(value({}, "maintenance_options.auto_recovery", of="aws_instance")) == "computed"


def test_facts_hold_below_absent_parents_and_may_give_a_block() -> None:
    assert value({}, "root_block_device.encrypted", of="aws_instance") is False
    assert standing({}, "root_block_device.encrypted", of="aws_instance") == "undeclared"
    assert value({"root_block_device": [{"volume_size": 8}]}, "root_block_device.encrypted", of="aws_instance") is False
    assert cause(value({}, "root_block_device.kms_key_id", of="aws_instance")) == "computed"
    assert cause(value({"launch_template": [{"id": "x"}]}, "metadata_options", of="aws_instance")) == "computed"


def test_empty_is_absent_where_facts_say_so() -> None:
    block: dict[str, Any] = {"subnet_ids": [], "public_access_cidrs": []}
    assert value({"vpc_config": [block]}, "vpc_config.public_access_cidrs", of="aws_eks_cluster") == ["0.0.0.0/0"]
    written = block | {"public_access_cidrs": ["10.0.0.0/8"]}
    assert value({"vpc_config": [written]}, "vpc_config.public_access_cidrs", of="aws_eks_cluster") == ["10.0.0.0/8"]


def test_unknown_type_knows_nothing() -> None:
    assert cause(value({}, "anything", of="aws_unheard_of")) == "computed"
    assert value({"a": {"b": 1}}, "a.b", of="aws_unheard_of") == 1


def test_a_name_that_the_type_does_not_have() -> None:
    assert cause(value({}, "storage_encryptd")) == "error"


@pytest.mark.parametrize("plane", ["live", "state"])
def test_silence_of_live_and_state_is_no_default(plane: Plane) -> None:
    assert cause(value({}, "auto_minor_version_upgrade", plane=plane)) == "not_collected"
    assert value({"auto_minor_version_upgrade": None}, "auto_minor_version_upgrade", plane=plane) is ABSENT
    found = value(
        {"root_block_device": [{"volume_size": 8}]}, "root_block_device.encrypted", of="aws_instance", plane="live"
    )
    assert cause(found) == "not_collected"


def test_plan_leaves_computed_unknowns_to_facts_only_where_the_configuration_is_silent() -> None:
    class Planned(dict[str, object]):
        def configured(self, path: object) -> bool:
            return path == ("availability_zone",)

    attributes = Planned(encrypted=Unknown("computed"), availability_zone=Unknown("computed"))
    one = resource("aws_ebs_volume.v", attributes, plane="plan")
    cursor = world(one).cursor(one)
    assert cursor.get(steps("encrypted")).value is False
    assert cause(cursor.get(steps("availability_zone")).value) == "computed"
    plain = resource("aws_ebs_volume.v", {"encrypted": Unknown("computed")}, plane="plan")
    assert cause(world(plain).cursor(plain).get(steps("encrypted")).value) == "computed"


def test_below_an_unknown_is_unknown_for_its_reason_alone() -> None:
    whole = altered(var("x"), type="object({version=string})", not_null=True)
    found = value({"launch_template": whole}, "launch_template.version", of="aws_instance")
    assert found == Unknown(whole.cause, whole.detail, symbol=f"{whole.symbol}.version")


def test_a_block_that_may_not_be_there_is_not_certainly_there() -> None:
    """What says why a list is open says nothing of its items: `var.on ? [1] : []` is never null."""
    more = altered(var("x"), type="list(number)", not_null=True)
    found = value({"launch_template": Open([], more)}, "launch_template", of="aws_instance")
    assert found == Unknown(more.cause, more.detail)
    assert value({"launch_template": []}, "launch_template", of="aws_instance") is ABSENT
    several = value({"ebs_block_device": Open([], more)}, "ebs_block_device", of="aws_instance")
    assert several == Unknown(more.cause, more.detail)
    assert value({"ebs_block_device": []}, "ebs_block_device", of="aws_instance") is not ABSENT


def test_an_empty_text_of_the_old_plugin_sdk_is_unset() -> None:
    assert value({"kms_master_key_id": ""}, "kms_master_key_id", of="aws_sns_topic") is ABSENT
    assert standing({"kms_master_key_id": ""}, "kms_master_key_id", of="aws_sns_topic") == "nothing"


def test_kms_policy_in_force_by_omission() -> None:
    assert value({}, "policy.Statement.0.Action", of="aws_kms_key") == "kms:*"
    assert standing({}, "policy", of="aws_kms_key") == "undeclared"


def test_rows_that_ask_for_one_another_come_to_an_end() -> None:
    schema = {"a": {name: {"t": "string", "m": "oc"} for name in ("one", "two")}, "b": {}}
    rows = [
        {"path": name, "when": {"path": other, "exists": False}, "value": f"no {other}", "source": "made up"}
        for name, other in (("one", "two"), ("two", "one"))
    ]
    facts = TypeFacts("aws_made_up", schema, {"absent": rows})

    def read(**written: object) -> tuple[object, ...]:
        made = resource("aws_made_up.m", dict(written))
        root = Frame(world(made), made, facts).root
        return tuple(root.get((name,)).value for name in ("one", "two"))

    assert read() == ("no two", "no one")
    assert read(one=None) == ("no two", "no one")
    assert read(one="x")[0] == "x"
    assert isinstance(read(one="x")[1], Unknown)
