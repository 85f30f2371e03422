"""Variables, locals, modules, expansion, references: what resources say."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from compliance_scan.model.value import Encoded, Open, Reference, Unknown, Value, holes, resolved

if TYPE_CHECKING:
    from tests.terraform_load.conftest import Loaded, Loader

VARIABLE = 'variable "v" {\n  default = "default"\n}\nresource "aws_x" "y" {\n  v = var.v\n}\n'


def reference(found: "Loaded", address: str, name: str) -> Reference:
    value = found.value(address, name)
    assert isinstance(value, Reference)
    return value


@pytest.mark.parametrize(
    ("files", "options", "expected"),
    [
        ({}, {}, "default"),
        ({}, {"environment": {"TF_VAR_v": "env", "v": "no"}}, "env"),
        ({"terraform.tfvars": 'v = "tfvars"\n'}, {"environment": {"TF_VAR_v": "env"}}, "tfvars"),
        ({"terraform.tfvars": 'v = "t"\n', "terraform.tfvars.json": '{"v": "json"}'}, {}, "json"),
        ({"terraform.tfvars.json": '{"v": "t"}', "b.auto.tfvars": 'v = "b"\n', "a.auto.tfvars": 'v = "a"\n'}, {}, "b"),
        ({"b.auto.tfvars": 'v = "b"\n', "x.tfvars": 'v = "x"\n'}, {"var_files": ["x.tfvars"]}, "x"),
        ({"x.tfvars": 'v = "x"\n'}, {"var_files": ["x.tfvars"], "var": {"v": "flag"}}, "flag"),
        ({"other.tfvars": 'v = "no"\n'}, {}, "default"),
    ],
)
def test_precedence(loaded: "Loader", files: dict[str, str], options: dict[str, object], expected: str) -> None:
    assert loaded({"main.tf": VARIABLE, **files}, **options).value("aws_x.y", "v") == expected


def test_flags_are_text_or_expressions_by_type(loaded: "Loader") -> None:
    text = 'variable "l" {\n  type = list(string)\n}\nvariable "n" {\n  type = number\n}\nvariable "t" {}\n'
    text += 'resource "aws_x" "y" {\n  l = var.l\n  n = var.n\n  t = var.t\n}\n'
    found = loaded({"main.tf": text}, var={"l": '["a", "b"]', "n": "3", "t": "[1]"})
    assert [found.value("aws_x.y", name) for name in ("l", "n", "t")] == [["a", "b"], 3, "[1]"]


def test_values_of_the_environment_are_marked(loaded: "Loader") -> None:
    text = VARIABLE + 'resource "aws_x" "z" {\n  a = "x-${var.v}"\n  b = { c = var.v, d = 1 }\n  e = 1\n}\n'
    found = loaded({"main.tf": text}, environment={"TF_VAR_v": "env"})
    assert found["aws_x.z"].environment == {("a",), ("b", "c")}
    assert found["aws_x.z"].sensitive == frozenset()
    assert ("a",) in found["aws_x.z"].environment
    assert found["aws_x.y"].environment == {("v",)}


def test_sensitive_variables_mark_what_they_reach(loaded: "Loader") -> None:
    text = 'variable "p" {\n  default = "x"\n  sensitive = true\n}\nlocals {\n  q = var.p\n}\n'
    text += 'resource "aws_x" "y" {\n  n {\n    password = local.q\n  }\n  a = 1\n}\n'
    found = loaded({"main.tf": text})
    assert found["aws_x.y"].sensitive == {("n", 0, "password")}
    assert found.value("aws_x.y", "n") == [{"password": "x"}]


def test_a_null_for_what_is_not_nullable_is_the_default(loaded: "Loader") -> None:
    child = 'variable "v" {\n  default = "d"\n  nullable = false\n}\nresource "aws_x" "y" {\n  v = var.v\n}\n'
    found = loaded({"m/m.tf": child, "main.tf": 'module "m" {\n  source = "./m"\n  v = null\n}\n'})
    assert found.value("module.m.aws_x.y", "v") == "d"


def test_a_value_that_does_not_fit_is_unknown(loaded: "Loader") -> None:
    text = 'variable "n" {\n  type = number\n  default = "many"\n}\nresource "aws_x" "y" {\n  n = var.n\n}\n'
    value = loaded({"main.tf": text}).value("aws_x.y", "n")
    assert isinstance(value, Unknown)
    assert value.cause == "error"


def test_locals_in_any_order_and_in_circles(loaded: "Loader") -> None:
    text = "locals {\n  a = local.b + 1\n  b = 2\n  c = local.d\n  d = local.c\n}\n"
    found = loaded({"main.tf": text + 'resource "aws_x" "y" {\n  a = local.a\n  c = local.c\n}\n'})
    assert found.value("aws_x.y", "a") == 3
    value = found.value("aws_x.y", "c")
    assert isinstance(value, Unknown)
    assert value.cause == "error"
    assert not found.notes or found.notes[0][0] == "error"


def test_a_circle_is_noted_at_its_line(loaded: "Loader") -> None:
    found = loaded({"m.tf": 'locals {\n  a = local.a\n}\nresource "aws_x" "y" {\n  count = local.a\n}\n'})
    assert found.notes == [("error", "m.tf:2")]


def test_long_chains_end(loaded: "Loader") -> None:
    text = "locals {\n" + "".join(f"  a{i} = local.a{i + 1}\n" for i in range(3000)) + "  a3000 = 1\n}\n"
    found = loaded({"main.tf": text + 'resource "aws_x" "y" {\n  a = local.a0\n  b = local.a2990\n}\n'})
    value = found.value("aws_x.y", "a")
    assert isinstance(value, Unknown)
    assert value.cause == "limit_reached"
    assert found.value("aws_x.y", "b") == 1


def test_strings_that_double_without_end(loaded: "Loader") -> None:
    text = 'locals {\n  a0 = "xxxxxxxxxx"\n  l0 = []\n  m0 = {}\n'
    for i in range(60):
        text += f'  a{i + 1} = "${{local.a{i}}}${{local.a{i}}}"\n  l{i + 1} = [local.l{i}, local.l{i}]\n'
        text += f"  m{i + 1} = {{ a = local.m{i}, b = local.m{i} }}\n"
    found = loaded(
        {"main.tf": text + '}\nresource "aws_x" "y" {\n  a = local.a60\n  l = local.l60\n  m = local.m60\n}\n'}
    )
    for name in "alm":
        value = found.value("aws_x.y", name)
        assert next(iter(holes(cast("Value", value)))).cause == "limit_reached"


def test_count_and_for_each(loaded: "Loader") -> None:
    text = """
resource "aws_x" "n" {
  count = 2
  v     = "n${count.index}"
}
resource "aws_x" "none" {
  count = 0
}
resource "aws_x" "e" {
  for_each = { b = 1, a = 2 }
  v        = "${each.key}${each.value}"
}
resource "aws_x" "s" {
  for_each = toset(["k"])
  v        = each.value
}
"""
    found = loaded({"main.tf": text})
    assert found.addresses == ["aws_x.n[0]", "aws_x.n[1]", 'aws_x.e["a"]', 'aws_x.e["b"]', 'aws_x.s["k"]']
    assert [found.value(address, "v") for address in found.addresses] == ["n0", "n1", "a2", "b1", "k"]
    assert all(resource.conditional is None for resource in found.inventory.resources)


def test_an_unknown_count_is_one_conditional_instance(loaded: "Loader") -> None:
    text = """
variable "on" { type = bool }
resource "aws_x" "a" {
  count = var.on ? 1 : 0
}
resource "aws_x" "b" {
  count = var.on ? 1 : 0
  a     = aws_x.a[0].id
}
resource "aws_x" "off" {
  count = var.on ? 0 : 1
}
"""
    found = loaded({"main.tf": text})
    a, b, off = (found[f'aws_x.{name}["?"]'] for name in ("a", "b", "off"))
    assert a.conditional is not None
    assert b.conditional is not None
    assert off.conditional is not None
    assert a.conditional.symbol == b.conditional.symbol != ""
    assert off.conditional.symbol != a.conditional.symbol
    assert a.aliases == ("aws_x.a[0]",)
    assert reference(found, 'aws_x.b["?"]', "a").address == 'aws_x.a["?"]'


@pytest.mark.parametrize("expression", ["aws_x.a[0].id", "one(aws_x.a[*].id)", "aws_x.a.*.id[0]", "(aws_x.a[*].id)[0]"])
def test_ways_to_mean_the_one_that_may_exist(loaded: "Loader", expression: str) -> None:
    text = 'variable "on" {}\nresource "aws_x" "a" {\n  count = var.on ? 1 : 0\n}\n'
    found = loaded({"main.tf": text + f'resource "aws_x" "b" {{\n  a = {expression}\n}}\n'})
    assert (reference(found, "aws_x.b", "a").address, reference(found, "aws_x.b", "a").path) == ('aws_x.a["?"]', "id")


def test_the_same_condition_through_modules_has_one_symbol(loaded: "Loader") -> None:
    child = 'variable "on" {}\nresource "aws_x" "y" {\n  count = var.on ? 1 : 0\n}\n'
    main = 'variable "on" {}\nmodule "m" {\n  source = "./m"\n  on = var.on\n}\n'
    main += 'resource "aws_x" "z" {\n  count = var.on ? 1 : 0\n}\n'
    found = loaded({"m/m.tf": child, "main.tf": main})
    conditions = [resource.conditional for resource in found.inventory.resources]
    assert len(conditions) == 2
    assert len({condition.symbol for condition in conditions if condition}) == 1


def test_for_each_over_a_list_is_an_error_and_judged_once(loaded: "Loader") -> None:
    found = loaded({"main.tf": 'resource "aws_x" "y" {\n  for_each = ["a"]\n  v = each.key\n}\n'})
    assert found.addresses == ['aws_x.y["?"]']
    condition = found['aws_x.y["?"]'].conditional
    assert condition is not None
    assert condition.cause == "error"
    assert isinstance(found.value('aws_x.y["?"]', "v"), Unknown)


def test_a_count_beyond_bounds(loaded: "Loader") -> None:
    found = loaded({"main.tf": 'resource "aws_x" "y" {\n  count = 1000000000\n}\n'})
    assert found.addresses == ['aws_x.y["?"]']


def test_references_keep_the_edge(loaded: "Loader") -> None:
    text = """
resource "aws_x" "a" {
  name = "n"
  none = null
  block {
    inner = "i"
  }
}
resource "aws_x" "b" {
  name  = aws_x.a.name
  id    = aws_x.a.id
  none  = aws_x.a.none
  inner = aws_x.a.block[0].inner
  more  = aws_x.a.block[0].other
}
"""
    found = loaded({"main.tf": text})
    assert reference(found, "aws_x.b", "name") == Reference("aws_x.a", "name", "n")
    assert reference(found, "aws_x.b", "inner") == Reference("aws_x.a", "block[0].inner", "i")
    for name, symbol in (("id", ".|aws_x.a.id"), ("none", ".|aws_x.a.none")):
        value = reference(found, "aws_x.b", name)
        assert isinstance(value.value, Unknown)
        assert (value.value.cause, value.value.symbol) == ("computed", symbol)
    assert isinstance(reference(found, "aws_x.b", "more").value, Unknown)


def test_references_to_instances(loaded: "Loader") -> None:
    text = """
resource "aws_x" "n" {
  count = 2
}
resource "aws_x" "e" {
  for_each = { k = 1 }
  v        = each.value
}
resource "aws_x" "b" {
  ids   = aws_x.n[*].id
  other = [for k, x in aws_x.e : x.v]
}
resource "aws_x" "c" {
  for_each = aws_x.e
  v        = each.value.id
}
"""
    found = loaded({"main.tf": text})
    ids = cast("list[Reference]", found.value("aws_x.b", "ids"))
    assert [(one.address, one.path) for one in ids] == [("aws_x.n[0]", "id"), ("aws_x.n[1]", "id")]
    other = cast("list[Reference]", found.value("aws_x.b", "other"))
    assert [(one.address, one.value) for one in other] == [('aws_x.e["k"]', 1)]
    each = reference(found, 'aws_x.c["k"]', "v")
    assert (each.address, each.path) == ('aws_x.e["k"]', "id")


def test_resources_in_circles(loaded: "Loader") -> None:
    text = 'resource "aws_x" "a" {\n  v = aws_x.b.v\n}\nresource "aws_x" "b" {\n  v = aws_x.a.v\n}\n'
    found = loaded({"main.tf": text + 'resource "aws_x" "c" {\n  count = length(aws_x.c)\n}\n'})
    assert list(holes(cast("Reference", found.value("aws_x.a", "v"))))
    assert "aws_x.b" in found.addresses


def test_what_is_not_declared_is_unknown(loaded: "Loader") -> None:
    found = loaded(
        {"main.tf": 'resource "aws_x" "y" {\n  a = var.no\n  b = local.no\n  c = aws_z.no.id\n  d = no\n}\n'}
    )
    for name in "abcd":
        value = resolved(cast("Value", found.value("aws_x.y", name)))
        assert isinstance(value, Unknown)
        assert value.cause == "error"


def test_blocks_and_dynamic_blocks_in_order(loaded: "Loader") -> None:
    text = """
variable "later" {}
resource "aws_x" "y" {
  in {
    p = 1
  }
  dynamic "in" {
    for_each = [2, 3]
    content {
      p = in.value
      dynamic "deep" {
        for_each = { k = in.key }
        iterator = it
        content {
          v = "${it.key}${it.value}"
        }
      }
    }
  }
  in {
    p = 4
  }
  dynamic "open" {
    for_each = var.later
    content {}
  }
}
"""
    found = loaded({"main.tf": text})
    assert list(found["aws_x.y"].attributes) == ["in", "open"]
    assert found.value("aws_x.y", "in") == [
        {"p": 1},
        {"deep": [{"v": "k0"}], "p": 2},
        {"deep": [{"v": "k1"}], "p": 3},
        {"p": 4},
    ]
    opened = found.value("aws_x.y", "open")
    assert isinstance(opened, Open)
    assert opened.items == []
    assert opened.more.cause == "variable_without_value"


def test_meta_arguments_are_no_attributes_but_lifecycle_is(loaded: "Loader") -> None:
    text = """
resource "aws_x" "y" {
  count      = 1
  provider   = aws.eu
  depends_on = [aws_x.z]
  v          = 1
  lifecycle {
    create_before_destroy = true
    ignore_changes        = [tags, "size"]
  }
  provisioner "local-exec" {
    command = "echo"
  }
}
"""
    resource = loaded({"main.tf": text})["aws_x.y[0]"]
    assert list(resource.attributes) == ["v", "lifecycle"]
    assert "count" not in resource.attributes
    assert resource.attributes["lifecycle"] == [{"create_before_destroy": True, "ignore_changes": ["tags", "size"]}]
    assert "provisioner" in resource.attributes
    assert resource.provider == "aws.eu"
    with pytest.raises(KeyError):
        resource.attributes["count"]


def test_providers_give_region_and_tags(loaded: "Loader") -> None:
    main = """
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { team = "t", env = "e" }
  }
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_x" "a" {
  tags = { env = "own" }
}
resource "aws_x" "b" {
  provider = aws.us
}
resource "aws_x" "c" {
  region = "ap-south-1"
}
module "m" {
  source    = "./m"
  providers = { aws = aws.us }
}
module "n" {
  source = "./m"
}
"""
    found = loaded({"main.tf": main, "m/m.tf": 'resource "aws_x" "y" {}\n'})
    regions = {resource.address: resource.region for resource in found.inventory.resources}
    assert regions == {
        "aws_x.a": "eu-west-1",
        "aws_x.b": "us-east-1",
        "aws_x.c": "ap-south-1",
        "module.m.aws_x.y": "us-east-1",
        "module.n.aws_x.y": "eu-west-1",
    }
    assert found.value("aws_x.a", "tags_all") == {"env": "own", "team": "t"}
    assert found.value("aws_x.a", "tags") == {"env": "own"}
    assert "tags_all" not in list(found["aws_x.b"].attributes)
    assert found.value("aws_x.b", "tags_all") == {}


def test_backends_are_resources(loaded: "Loader") -> None:
    found = loaded({"main.tf": 'terraform {\n  backend "s3" {\n    bucket  = "b"\n    encrypt = true\n  }\n}\n'})
    backend = found["terraform_backend.s3"]
    assert (backend.type, {name: backend.attributes[name] for name in backend.attributes}) == (
        "terraform_backend",
        {"type": "s3", "bucket": "b", "encrypt": True},
    )


def test_moved_blocks_are_aliases(loaded: "Loader") -> None:
    text = """
resource "aws_x" "new" {}
module "m" {
  source = "./m"
}
moved {
  from = aws_x.old
  to   = aws_x.new
}
moved {
  from = aws_x.older
  to   = aws_x.old
}
moved {
  from = module.before
  to   = module.m
}
"""
    child = 'resource "aws_x" "y" {}\nmoved {\n  from = aws_x.was\n  to = aws_x.y\n}\n'
    found = loaded({"main.tf": text, "m/m.tf": child})
    assert found["aws_x.new"].aliases == ("aws_x.old", "aws_x.older")
    assert set(found["module.m.aws_x.y"].aliases) == {
        "module.m.aws_x.was",
        "module.before.aws_x.y",
        "module.before.aws_x.was",
    }


def test_data_sources(loaded: "Loader") -> None:
    text = """
provider "aws" {
  region = "cn-north-1"
}
data "aws_partition" "p" {}
data "aws_region" "r" {}
data "aws_caller_identity" "me" {}
data "template_file" "t" {
  template = "hello $${name}"
  vars     = { name = "you" }
}
resource "aws_x" "y" {
  p = data.aws_partition.p.partition
  r = data.aws_region.r.name
  t = data.template_file.t.rendered
  a = data.aws_caller_identity.me.account_id
}
"""
    found = loaded({"main.tf": text})
    values = {name: reference(found, "aws_x.y", name).value for name in ("p", "r", "t")}
    assert values == {"p": "aws-cn", "r": "cn-north-1", "t": "hello you"}
    account = reference(found, "aws_x.y", "a").value
    assert isinstance(account, Unknown)
    assert account.symbol == ".|data.aws_caller_identity.me.account_id"
    assert found["data.aws_region.r"].mode == "data"


def test_policy_documents_keep_their_tree(loaded: "Loader") -> None:
    text = """
variable "who" {}
resource "aws_s3_bucket" "b" {}
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "One"
    actions   = ["s3:Get*"]
    resources = ["*"]
  }
}
data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    effect    = "Deny"
    actions   = ["s3:*", "s3:Put*"]
    resources = [aws_s3_bucket.b.arn]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    principals {
      type        = "Service"
      identifiers = ["a", var.who]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
  statement {
    sid         = "One"
    not_actions = ["iam:*"]
    resources   = ["&{aws:username}"]
  }
}
resource "aws_s3_bucket_policy" "p" {
  policy = data.aws_iam_policy_document.d.json
}
"""
    found = loaded({"main.tf": text})
    policy = reference(found, "aws_s3_bucket_policy.p", "policy").value
    assert isinstance(policy, Encoded)
    tree = cast("dict[str, object]", policy.tree)
    assert tree["Version"] == "2012-10-17"
    first, second = cast("list[dict[str, object]]", tree["Statement"])
    assert first == {"Sid": "One", "Effect": "Allow", "NotAction": "iam:*", "Resource": "${aws:username}"}
    assert second["Effect"] == "Deny"
    assert second["Action"] == ["s3:*", "s3:Put*"]
    assert cast("Reference", second["Resource"]).address == "aws_s3_bucket.b"
    principals = cast("dict[str, Any]", second["Principal"])
    assert principals["AWS"] == "*"
    assert isinstance(principals["Service"][1], Unknown)
    assert second["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_an_unknown_document_that_is_merged_in_opens_the_statements(loaded: "Loader") -> None:
    text = 'variable "d" {}\ndata "aws_iam_policy_document" "d" {\n  source_policy_documents = [var.d]\n}\n'
    text += 'resource "aws_x" "y" {\n  p = data.aws_iam_policy_document.d.json\n}\n'
    policy = reference(loaded({"main.tf": text}), "aws_x.y", "p").value
    assert isinstance(policy, Encoded)
    assert isinstance(cast("dict[str, object]", policy.tree)["Statement"], Open)


def test_files_are_read_within_the_root_only(loaded: "Loader") -> None:
    text = 'resource "aws_x" "y" {\n  a = file("${path.module}/a.txt")\n  b = file("/etc/hostname")\n}\n'
    found = loaded({"e/main.tf": text, "e/a.txt": "text"}, only=["e/main.tf"])
    assert found.value("aws_x.y", "a") == "text"
    value = found.value("aws_x.y", "b")
    assert isinstance(value, Unknown)
    assert value.cause == "outside_root"


def test_a_folder_is_no_file_and_no_answer(loaded: "Loader") -> None:
    text = """
resource "aws_x" "y" {
  a = [for p in ["sub", "nope", "main.tf", ""] : try(fileexists(p), "error")]
}
"""
    found = loaded({"main.tf": text, "sub/a.txt": ""}, only=["main.tf"])
    assert found.value("aws_x.y", "a") == ["error", False, True, "error"]


def test_an_exponential_tree_of_modules_is_bounded(loaded: "Loader") -> None:
    files = {"m9/m.tf": 'resource "aws_x" "y" {}\n'}
    for level in range(9):
        files[f"m{level}/m.tf"] = f'module "n" {{\n  source = "../m{level + 1}"\n  count = 10\n}}\n'
    found = loaded(files)
    assert ("limit_reached" in {kind for kind, _ in found.notes}) is True


def test_hostile_depth_in_resources(loaded: "Loader") -> None:
    deep = "b {\n" * 2000 + "}\n" * 2000
    chain = "".join(f'resource "aws_x" "c{i}" {{\n  v = aws_x.c{i + 1}.v\n}}\n' for i in range(2000))
    brackets = "  w = " + "[" * 10_000 + "]" * 10_000 + "\n"
    found = loaded({"main.tf": f'resource "aws_x" "y" {{\n  a = 1\n{brackets}{deep}}}\n', "chain.tf": chain})
    assert found.value("aws_x.y", "a") == 1
    assert isinstance(found.value("aws_x.y", "w"), Unknown)
    assert list(holes(cast("Value", found.value("aws_x.y", "b"))))
    value = resolved(cast("Value", found.value("aws_x.c0", "v")))
    assert isinstance(value, Unknown)
    assert value.cause == "limit_reached"
    assert {kind for kind, _ in found.notes} == {"limit_reached"}


def test_capital_booleans_are_read_as_meant(loaded: "Loader") -> None:
    read = loaded({"main.tf": 'resource "aws_x" "y" {\n  on  = True\n  off = FALSE\n}\n'})
    assert read.value("aws_x.y", "on") is True
    assert read.value("aws_x.y", "off") is False


def test_default_tags_reach_what_has_no_tags_of_its_own(loaded: "Loader") -> None:
    text = """
provider "aws" {
  default_tags { tags = { owner = "ops", env = "prod" } }
}
resource "aws_x" "none" {}
resource "aws_x" "null" { tags = null }
resource "aws_x" "own" { tags = { env = "dev" } }
"""
    found = loaded({"main.tf": text})
    tags = {name: found[f"aws_x.{name}"].attributes["tags_all"] for name in ("none", "null", "own")}
    assert tags == {
        "none": {"env": "prod", "owner": "ops"},
        "null": {"env": "prod", "owner": "ops"},
        "own": {"env": "dev", "owner": "ops"},
    }


def test_default_tags_that_are_known_in_part(loaded: "Loader") -> None:
    text = """
variable "more" {}
variable "secret" {
  sensitive = true
  default   = "s"
}
provider "aws" {
  default_tags { tags = merge({ owner = "ops" }, var.more) }
}
provider "aws" {
  alias = "none"
}
provider "aws" {
  alias = "secret"
  default_tags { tags = { owner = var.secret, env = "prod" } }
}
resource "aws_x" "open" { tags = { env = "dev" } }
resource "aws_x" "own" {
  provider = aws.none
  tags     = merge({ env = "dev" }, var.more)
}
resource "aws_x" "all" {
  provider = aws.none
  tags     = { env = "dev" }
}
resource "aws_x" "hidden" { provider = aws.secret }
"""
    found = loaded({"main.tf": text})
    opened = found.value("aws_x.open", "tags_all")
    assert isinstance(opened, Open)
    assert list(opened.items) == ["env", "owner"]
    assert cast("dict[str, object]", opened.items)["env"] == "dev"
    assert isinstance(found.value("aws_x.own", "tags_all"), Open)
    assert found.value("aws_x.all", "tags_all") == {"env": "dev"}
    assert ("tags_all", "owner") in found["aws_x.hidden"].sensitive


def test_a_move_of_one_instance_is_no_move_of_its_keys(loaded: "Loader") -> None:
    text = """
resource "aws_x" "now" {}
resource "aws_x" "many" { count = 1 }
moved {
  from = aws_x.now[0]
  to   = aws_x.now
}
moved {
  from = aws_x.few
  to   = aws_x.many
}
"""
    found = loaded({"main.tf": text})
    assert found["aws_x.now"].aliases == ("aws_x.now[0]",)
    assert found["aws_x.many[0]"].aliases == ("aws_x.few[0]",)
