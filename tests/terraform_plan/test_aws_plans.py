"""Plans of the AWS provider's shape, written by hand in the documented format: what rules see of them."""

import json
from datetime import date
from typing import Any

import pytest

from compliance_scan.inputs.terraform import beside
from compliance_scan.inputs.terraform.load import TerraformOptions
from compliance_scan.inputs.terraform.load import load as load_code
from compliance_scan.inputs.terraform.plan import load
from compliance_scan.inputs.terraform.state import load as load_state
from compliance_scan.model.logic import Maybe
from compliance_scan.model.resource import Inventory
from compliance_scan.model.value import ABSENT, Reference, Unknown, resolved
from compliance_scan.selftest import load_example
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.homes import same_home
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace

Record = dict[str, Any]
BUCKET_REFERENCES = {"references": ["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]}


def change(address: str, after: Record, unknown: Record | None = None, **more: Any) -> Record:
    """One entry of `resource_changes`, created unless `actions` says otherwise."""
    module, _, local = address.rpartition("module.")
    head = local.split(".", 1)
    base = local if not module and not address.startswith("module.") else head[1]
    kind, _, name = base.removeprefix("data.").partition(".")
    inner: Record = {
        "actions": more.pop("actions", ["create"]),
        "before": None,
        "after": after,
        "after_unknown": unknown or {},
        "after_sensitive": more.pop("sensitive", {}),
    }
    found = {
        "address": address,
        "mode": "data" if base.startswith("data.") else "managed",
        "type": kind,
        "name": name.partition("[")[0],
        "change": inner,
        **more,
    }
    if address.startswith("module."):
        found["module_address"] = address[: -len(base) - 1]
    return found


def configured(address: str, expressions: Record, provider: str = "aws") -> Record:
    kind, _, name = address.removeprefix("data.").partition(".")
    return {
        "address": address,
        "mode": "data" if address.startswith("data.") else "managed",
        "type": kind,
        "name": name,
        "provider_config_key": provider,
        "expressions": expressions,
    }


def plan(changes: list[Record], resources: list[Record], **more: Any) -> Record:
    root: Record = {"resources": resources, **more.pop("root", {})}
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "planned_values": {},
        "resource_changes": changes,
        "configuration": {"provider_config": more.pop("providers", {}), "root_module": root},
        **more,
    }


def loaded(data: Record | str, **files: str) -> Inventory:
    workspace = Workspace("/nonexistent/plans")
    workspace.put("p.json", (data if isinstance(data, str) else json.dumps(data)).encode())
    if not files:
        return load(workspace, ["p.json"])
    for path, text in files.items():
        workspace.put(path.replace("_tf", ".tf"), text.encode())
    inventory = load_code(workspace, [path.replace("_tf", ".tf") for path in files], TerraformOptions())
    beside.add(inventory, workspace, [("p.json", True)], [])
    inventory.incomplete = workspace.incomplete
    return inventory


def value(inventory: Inventory, address: str, *path: str | int) -> Any:
    world = World(inventory, Catalog.open(), as_of=date(2026, 1, 1))
    resource = next(each for each in inventory.resources if each.address == address)
    return resolved(world.cursor(resource).get(path).value)


BUCKET = change(
    "aws_s3_bucket.logs",
    {"bucket": "logs", "tags": None},
    {"id": True, "arn": True, "versioning": True, "policy": True, "server_side_encryption_configuration": True},
)
VERSIONING = change(
    "aws_s3_bucket_versioning.logs",
    {"versioning_configuration": [{"status": "Enabled"}]},
    {"id": True, "bucket": True, "versioning_configuration": [{"mfa_delete": True}]},
)
BUCKET_CONFIG = configured("aws_s3_bucket.logs", {"bucket": {"constant_value": "logs"}})
VERSIONING_CONFIG = configured(
    "aws_s3_bucket_versioning.logs",
    {"bucket": BUCKET_REFERENCES, "versioning_configuration": [{"status": {"constant_value": "Enabled"}}]},
)


def test_satellites_fold_over_edges_of_the_configuration() -> None:
    found = loaded(plan([BUCKET, VERSIONING], [BUCKET_CONFIG, VERSIONING_CONFIG]))
    assert value(found, "aws_s3_bucket.logs", "versioning", "status") == "Enabled"
    assert value(found, "aws_s3_bucket.logs", "policy") is ABSENT


def test_without_an_edge_an_unknown_owner_may_be_any() -> None:
    two = configured("aws_s3_bucket_versioning.logs", {"bucket": {"references": ["local.bucket"]}})
    found = loaded(plan([BUCKET, VERSIONING], [BUCKET_CONFIG, two]))
    assert isinstance(value(found, "aws_s3_bucket.logs", "versioning", "status"), Unknown)


def test_what_was_before_does_not_speak_against_the_satellite() -> None:
    bucket = change(
        "aws_s3_bucket.logs",
        {"bucket": "logs", "id": "logs", "versioning": [{"enabled": False, "mfa_delete": False}]},
        actions=["no-op"],
    )
    versioning = change(
        "aws_s3_bucket_versioning.logs",
        {"bucket": "logs", "versioning_configuration": [{"status": "Enabled", "mfa_delete": ""}]},
        actions=["update"],
    )
    found = loaded(plan([bucket, versioning], [BUCKET_CONFIG, VERSIONING_CONFIG]))
    assert value(found, "aws_s3_bucket.logs", "versioning", "status") == "Enabled"
    assert value(loaded(plan([bucket], [BUCKET_CONFIG])), "aws_s3_bucket.logs", "versioning", "status") != "Enabled"


DB = change(
    "aws_db_instance.db",
    {"engine": "postgres", "storage_encrypted": True, "instance_class": "db.t4g.micro"},
    {"id": True, "arn": True, "kms_key_id": True, "backup_retention_period": True, "password": True},
    sensitive={"password": True},
)


@pytest.mark.parametrize(
    ("expressions", "written"),
    [
        ({}, False),
        ({"kms_key_id": {"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}}, True),
        ({"kms_key_id": {"references": ["var.key"]}}, False),
        ({"kms_key_id": {"references": ["local.key"]}}, True),
        ({"kms_key_id": {}}, True),
    ],
)
def test_what_the_configuration_says(expressions: Record, written: bool) -> None:
    found = loaded(plan([DB], [configured("aws_db_instance.db", expressions)], variables={"key": {"value": None}}))
    attributes: Any = found.resources[0].attributes
    assert attributes.configured(("kms_key_id",)) is written
    assert found.resources[0].sensitive == {("password",)}


def test_facts_speak_where_nothing_is_configured() -> None:
    instance = change(
        "aws_instance.web", {"ami": "ami-1"}, {"id": True, "root_block_device": True, "metadata_options": True}
    )
    found = loaded(plan([instance], [configured("aws_instance.web", {"ami": {"constant_value": "ami-1"}})]))
    code = load_example({"terraform": 'resource "aws_instance" "web" {\n  ami = "ami-1"\n}\n'})
    for path in (("root_block_device", "encrypted"), ("metadata_options", "http_tokens")):
        ours, theirs = value(found, "aws_instance.web", *path), value(code, "aws_instance.web", *path)
        assert ours == theirs
        assert not isinstance(ours, Unknown)


def test_parts_of_blocks_that_the_configuration_does_not_show() -> None:
    """A dynamic block is not in the configuration of a plan: what it made may have been written."""
    instance = change(
        "aws_instance.web",
        {"ami": "ami-1", "root_block_device": [{"volume_size": 10}]},
        {"root_block_device": [{"encrypted": True, "kms_key_id": True}]},
    )
    hidden = loaded(plan([instance], [configured("aws_instance.web", {})]))
    assert isinstance(value(hidden, "aws_instance.web", "root_block_device", "encrypted"), Unknown)
    shown = configured("aws_instance.web", {"root_block_device": [{"volume_size": {"constant_value": 10}}]})
    plain = loaded(plan([instance], [shown]))
    assert not isinstance(value(plain, "aws_instance.web", "root_block_device", "encrypted"), Unknown)


def test_references_through_modules() -> None:
    key = change("module.keys.aws_kms_key.k", {"description": "d"}, {"arn": True, "id": True})
    inner = change('module.db["a"].aws_db_instance.this', {"engine": "mysql"}, {"kms_key_id": True})
    modules = {
        "module_calls": {
            "keys": {
                "module": {
                    "resources": [configured("aws_kms_key.k", {})],
                    "outputs": {"arn": {"expression": {"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]}}},
                }
            },
            "db": {
                "expressions": {"key": {"references": ["module.keys.arn", "module.keys"]}},
                "for_each_expression": {"constant_value": ["a"]},
                "module": {
                    "resources": [configured("aws_db_instance.this", {"kms_key_id": {"references": ["var.key"]}})]
                },
            },
        }
    }
    found = loaded(plan([key, inner], [], root=modules))
    reference = next(each for each in found.resources if "db" in each.address).attributes["kms_key_id"]
    assert isinstance(reference, Reference)
    assert (reference.address, reference.path) == ("module.keys.aws_kms_key.k", "arn")


def test_references_to_the_instance_of_the_same_key() -> None:
    buckets = [change(f'aws_s3_bucket.b["{key}"]', {"bucket": key}, {"id": True}, index=key) for key in "xy"]
    blocks = [
        change(
            f'aws_s3_bucket_public_access_block.b["{key}"]', {"block_public_acls": True}, {"bucket": True}, index=key
        )
        for key in "xy"
    ]
    expressions = {"bucket": {"references": ["aws_s3_bucket.b", "each.key"]}}
    config = [configured("aws_s3_bucket.b", {}), configured("aws_s3_bucket_public_access_block.b", expressions)]
    found = loaded(plan([*buckets, *blocks], config))
    addresses = [each.attributes["bucket"] for each in found.resources[2:]]
    assert [each.address for each in addresses if isinstance(each, Reference)] == [each["address"] for each in buckets]


def test_several_references_in_a_list() -> None:
    groups = [change(f"aws_security_group.{name}", {}, {"id": True}) for name in "ab"]
    instance = change(
        "aws_instance.i", {"vpc_security_group_ids": ["sg-1"]}, {"vpc_security_group_ids": [False, True, True]}
    )
    references = [f"aws_security_group.{name}{end}" for name in "ab" for end in (".id", "")]
    config = [configured("aws_instance.i", {"vpc_security_group_ids": {"references": ["var.x", *references]}})]
    found = loaded(plan([*groups, instance], config))
    items: Any = found.resources[2].attributes["vpc_security_group_ids"]
    assert items[0] == "sg-1"
    assert [item.address for item in items[1:]] == ["aws_security_group.a", "aws_security_group.b"]


def test_region_account_and_provider() -> None:
    providers = {
        "aws": {"name": "aws", "expressions": {"region": {"references": ["var.region"]}}},
        "aws.us": {
            "name": "aws",
            "alias": "us",
            "expressions": {
                "region": {"constant_value": "us-east-1"},
                "allowed_account_ids": {"constant_value": ["111122223333"]},
            },
        },
    }
    changes = [
        BUCKET,
        change("aws_sns_topic.t", {}),
        change(
            "aws_sqs_queue.q",
            {"region": "eu-north-1", "arn": "arn:aws:sqs:eu-north-1:444455556666:q"},
            actions=["no-op"],
        ),
    ]
    config = [BUCKET_CONFIG, configured("aws_sns_topic.t", {}, "module.m:aws.us"), configured("aws_sqs_queue.q", {})]
    config[1]["provider_config_key"] = "aws.us"
    found = loaded(plan(changes, config, providers=providers, variables={"region": {"value": "eu-west-1"}}))
    assert [(each.provider, each.region, each.account) for each in found.resources] == [
        ("aws", "eu-west-1", None),
        ("aws.us", "us-east-1", "111122223333"),
        ("aws", "eu-north-1", "444455556666"),
    ]
    assert found.resources[2].arn == "arn:aws:sqs:eu-north-1:444455556666:q"
    assert found.providers == {".": frozenset({"aws"})}


def test_what_is_not_there_after_the_apply() -> None:
    changes = [
        change("aws_s3_bucket.gone", {}, actions=["delete"]),
        change("aws_s3_bucket.forgotten", {}, actions=["forget"]),
        change("aws_s3_bucket.deposed", {}, actions=["delete"], deposed="12ab"),
        change("aws_s3_bucket.new", {}, actions=["create", "delete"]),
        change("azurerm_storage_account.a", {}),
    ]
    found = loaded(plan(changes, []))
    assert [each.address for each in found.resources] == ["aws_s3_bucket.new"]
    assert found.not_covered == {("azurerm_storage_account", "provider not covered"): 1}


def test_what_is_put_off_exists_perhaps() -> None:
    later = change("aws_s3_bucket.later", {}, {"id": True})
    found = loaded(plan([], [], deferred_changes=[{"reason": "instance_count_unknown", "resource_change": later}]))
    assert found.resources[0].conditional is not None


CODE = """
variable "policy_of" { default = "logs" }
resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({ Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "${aws_s3_bucket.logs.arn}/*" }] })
}
resource "aws_db_instance" "db" {
  engine     = "postgres"
  kms_key_id = null
  dynamic "s3_import" {
    for_each = [1]
    content { bucket_name = aws_s3_bucket.logs.id }
  }
}
"""


def test_code_beside_the_plan_knows_the_tree_of_a_policy() -> None:
    policy = change("aws_s3_bucket_policy.logs", {}, {"bucket": True, "policy": True, "id": True})
    db = change(
        "aws_db_instance.db", {"engine": "postgres"}, {"kms_key_id": True, "s3_import": [{"bucket_name": True}]}
    )
    found = loaded(plan([BUCKET, policy, db], []), main_tf=CODE)
    assert not found.incomplete
    statements = value(found, "aws_s3_bucket_policy.logs", "policy", "Statement")
    assert statements[0]["Effect"] == "Deny"
    attributes: Any = next(each for each in found.resources if each.type == "aws_db_instance").attributes
    assert not attributes.configured(("kms_key_id",))
    assert attributes.configured(("s3_import", 0, "bucket_name"))
    assert not attributes.configured(("s3_import", 0, "source_engine"))
    assert isinstance(attributes["s3_import"][0]["bucket_name"], Reference)


STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 3,
    "lineage": "x",
    "resources": [
        {
            "mode": "managed",
            "type": "aws_sqs_queue",
            "name": "q",
            "module": "module.m[0]",
            "provider": 'module.m.provider["registry.opentofu.org/hashicorp/aws"].eu',
            "instances": [
                {"index_key": "k", "attributes": {"id": "u", "arn": "arn:aws:sqs:eu-west-1:123456789012:q", "tags": {"value": "v", "type": "string"}}},
                {"index_key": "k", "deposed": "aa", "attributes": {"id": "old"}},
            ],
        },
        {
            "mode": "managed",
            "type": "aws_security_group",
            "name": "g",
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [
                {"attributes": {"id": "sg-1", "owner_id": "123456789012", "ingress": []}, "sensitive_attributes": [[{"type": "get_attr", "value": "ingress"}, {"type": "index", "value": {"value": 0, "type": "number"}}]]},
                {"index_key": 1, "attributes_flat": {"id": "sg-2"}},
            ],
        },
    ],
}  # fmt: skip


def test_a_state_file() -> None:
    workspace = Workspace("/nonexistent/states")
    workspace.put("env/terraform.tfstate", json.dumps(STATE).encode())
    found = load_state(workspace, ["env/terraform.tfstate"])
    queue, group = found.resources
    assert queue.address == 'module.m[0].aws_sqs_queue.q["k"]'
    assert (queue.root, queue.plane, queue.provider) == ("env", "state", "aws.eu")
    assert (queue.arn, queue.account, queue.region) == (
        "arn:aws:sqs:eu-west-1:123456789012:q",
        "123456789012",
        "eu-west-1",
    )
    assert queue.attributes["tags"] == {"value": "v", "type": "string"}
    assert group.account == "123456789012"
    assert group.sensitive == {("ingress", 0)}
    assert [note.kind for note in found.incomplete] == ["unsupported"]


EMPTY: Record = {"format_version": "1.2", "planned_values": {}, "configuration": {}}


@pytest.mark.parametrize(
    ("text", "kind", "where", "message"),
    [
        ('{\n"format_version": "1.2",\n"resource_changes": [{', "syntax_error", "p.json:3", "the file ends in the middle"),
        ('{\n"format_version": "1.2",,\n}', "syntax_error", "p.json:2", "no JSON"),
        ("[1]", "syntax_error", "p.json:1", "expected a JSON object"),
        ("PK\x03\x04binary", "unsupported", "p.json", "binary form"),
        ('{"@level":"info"}\n{"@level":"info"}\n', "unsupported", "p.json:2", "event stream"),
        (json.dumps({**EMPTY, "format_version": "2.0"}), "unsupported", "p.json", "newer than this program"),
        (json.dumps({"planned_values": {}}), "syntax_error", "p.json", "no format_version"),
        (json.dumps({"format_version": "1.0", "values": {}}), "error", "p.json", "is a state, where a plan"),
        (json.dumps({**EMPTY, "planned_values": {"root_module": {"resources": [1]}}}), "error", "p.json", "lacks resource_changes"),
        (json.dumps({**EMPTY, "errored": True}), "error", "p.json", "ended with an error"),
        ('{"a":' * 100_000, "limit_reached", "p.json", "nested too deeply"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_noted(text: str, kind: str, where: str, message: str) -> None:
    found = loaded(text)
    (note,) = found.incomplete
    assert (note.kind, note.where) == (kind, where)
    assert message in note.message
    assert note.hint
    assert not found.resources


@pytest.mark.parametrize(
    "data", [STATE | {"version": 3}, STATE | {"version": 5}, {"encrypted_data": "x", "serial": 1}, {"version": "4"}]
)
def test_states_that_are_not_read(data: Record) -> None:
    workspace = Workspace("/nonexistent/states")
    workspace.put("terraform.tfstate", json.dumps(data).encode())
    assert not load_state(workspace, ["terraform.tfstate"]).resources
    (note,) = workspace.incomplete
    assert note.hint


@pytest.mark.parametrize(
    "broken",
    [
        {"resource_changes": "x"},
        {"resource_changes": [1, {"address": 1}, {"address": "aws_x.y"}, {"address": "aws_x.y", "change": []}]},
        {"resource_changes": [{"address": "aws_x.y", "change": {"actions": ["create"], "after": [], "after_unknown": 3}}]},
        {"resource_changes": [BUCKET], "configuration": {"root_module": {"resources": [{"address": "aws_s3_bucket.logs", "expressions": [1]}]}}},
        {"resource_changes": [BUCKET], "configuration": {"root_module": {"module_calls": []}, "provider_config": 3}},
        {"resource_changes": [BUCKET], "prior_state": {"values": {"root_module": {"resources": [1], "child_modules": [1, {}]}}}},
        {"resource_changes": [change("aws_s3_bucket.logs", {"tags": json.loads('{"a":' * 500 + "1" + "}" * 500)})]},
    ],
)  # fmt: skip
def test_hostile_plans_end(broken: Record) -> None:
    found = loaded({**EMPTY, **broken})
    for resource in found.resources:
        for name in resource.attributes:
            repr(resource.attributes[name])
        resource.source.span_of(("tags",))
        assert resource.source.header.line == 1


def test_utf_16_and_byte_order_marks() -> None:
    workspace = Workspace("/nonexistent/plans")
    text = json.dumps(plan([BUCKET], []))
    for number, encoding in enumerate(("utf-16", "utf-8-sig")):
        workspace.put(f"{number}.json", text.encode(encoding))
    assert len(load(workspace, ["0.json", "1.json"]).resources) == 2


def test_examples_of_rules_may_be_plans() -> None:
    found = load_example({"plan": json.dumps(plan([BUCKET], [BUCKET_CONFIG]))})
    assert [each.address for each in found.resources] == ["aws_s3_bucket.logs"]


def test_the_role_of_a_planned_provider_tells_the_account() -> None:
    providers = {
        "aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"}}},
        "aws.prod": {
            "name": "aws",
            "alias": "prod",
            "expressions": {"assume_role": [{"role_arn": {"references": ["var.role"]}}]},
        },
        "aws.us": {"name": "aws", "alias": "us", "expressions": {"region": {"constant_value": "us-east-1"}}},
        "aws.peer": {
            "name": "aws",
            "alias": "peer",
            "expressions": {"assume_role": [{"role_arn": {"references": ["local.peer", "local"]}}]},
        },
    }
    names = ["aws", "aws.prod", "aws.us", "aws.peer"]
    changes = [change(f"aws_sns_topic.t{n}", {}) for n in range(len(names))]
    config = [configured(f"aws_sns_topic.t{n}", {}) for n in range(len(names))]
    for record, name in zip(config, names, strict=True):
        record["provider_config_key"] = name
    role = {"role": {"value": "arn:aws:iam::111122223333:role/deploy"}}
    default, prod, us, peer = loaded(plan(changes, config, providers=providers, variables=role)).resources
    assert (prod.account, peer.account) == ("111122223333", None)
    assert default.place.account == us.place.account == ""
    assert default.place.region != us.place.region
    assert len({default.place.account, prod.place.account, peer.place.account}) == 3
    assert same_home(default, us, "account") is True
    assert isinstance(same_home(default, peer, "account"), Maybe)


def test_a_state_tells_the_account_of_a_provider_by_what_it_made() -> None:
    two = 'provider["registry.terraform.io/hashicorp/aws"].two'
    entries: list[tuple[str, str, dict[str, object]]] = [
        ("aws_sqs_queue", two, {"id": "q", "arn": "arn:aws:sqs:eu-west-1:222222222222:q"}),
        ("aws_iam_role_policy", two, {"id": "r:p", "role": "r"}),
        ("aws_s3_account_public_access_block", two.removesuffix(".two"), {"id": "1", "account_id": "111111111111"}),
    ]
    resources = [
        {"mode": "managed", "type": kind, "name": "x", "provider": provider, "instances": [{"attributes": attributes}]}
        for kind, provider, attributes in entries
    ]
    workspace = Workspace("/nonexistent/states")
    workspace.put("s.tfstate", json.dumps({**STATE, "resources": resources}).encode())
    found = load_state(workspace, ["s.tfstate"]).resources
    assert [each.account for each in found] == ["222222222222", "222222222222", "111111111111"]


def test_a_dynamic_block_over_what_is_not_known() -> None:
    """The configuration shows no dynamic blocks; a plan lists what something in it hangs on."""
    group = change("aws_security_group.g", {"name": "g"}, {"ingress": True, "id": True})
    trail = change("aws_cloudtrail.t", {"name": "t"}, {"event_selector": True, "id": True})
    source = change("terraform_data.ports", {}, {"output": True, "id": True})
    config = [
        configured("aws_security_group.g", {"vpc_id": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}),
        configured("aws_cloudtrail.t", {}),
        configured("terraform_data.ports", {}),
    ]
    vpc = change("aws_vpc.v", {}, {"id": True})

    def ingress(*relevant: Record) -> Any:
        more = {"relevant_attributes": list(relevant)} if relevant else {}
        found = loaded(plan([group, trail, source, vpc], config, **more))
        # A block that AWS never adds by itself is there because somebody wrote it.
        assert isinstance(value(found, "aws_cloudtrail.t", "event_selector"), Unknown)
        world = World(found, Catalog.open(), as_of=date(2026, 11, 21))
        (one,) = world.subjects(["aws_security_group"])
        return one.get(("entries",)).items().more

    shown = {"resource": "aws_vpc.v", "attribute": ["id"]}
    assert ingress() is None
    assert ingress(shown) is None
    assert ingress(shown, {"resource": "terraform_data.ports", "attribute": ["output"]}) is not None
    assert ingress({"resource": "terraform_data.ports", "attribute": ["input"]}) is None
