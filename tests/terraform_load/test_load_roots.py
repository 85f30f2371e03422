"""Roots and modules: who is judged, how often, and in whose light."""

from typing import TYPE_CHECKING

from compliance_scan.inputs.terraform.roots import find_roots, reaching
from compliance_scan.model.value import Unknown

if TYPE_CHECKING:
    from tests.terraform_load.conftest import Loader

BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = var.name\n}\nvariable "name" {}\n'


def call(name: str, source: str, rest: str = "") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n{rest}}}\n'


def test_a_called_module_is_judged_in_its_callers_light_only(loaded: "Loader") -> None:
    found = loaded({"m/main.tf": BUCKET, "root/main.tf": call("x", "../m", 'name = "n"\n')})
    assert found.addresses == ["module.x.aws_s3_bucket.b"]
    resource = found["module.x.aws_s3_bucket.b"]
    assert (resource.root, resource.module, resource.name) == ("root", "module.x", "b")
    assert resource.attributes["bucket"] == "n"


def test_a_called_module_with_a_backend_of_its_own_is_no_root(loaded: "Loader") -> None:
    backend = 'terraform {\n  backend "s3" {\n    bucket = "x"\n  }\n}\n'
    found = loaded({"m/main.tf": BUCKET + backend, "root/main.tf": call("x", "../m", 'name = "n"\n')})
    assert found.addresses == ["module.x.aws_s3_bucket.b"]


def test_a_module_called_twice_is_judged_twice_and_parsed_once(loaded: "Loader") -> None:
    twice = call("x", "../m", 'name = "n"\n') + call("y", "../m", 'name = "o"\n')
    found = loaded({"m/main.tf": BUCKET, "root/main.tf": twice})
    assert found.addresses == ["module.x.aws_s3_bucket.b", "module.y.aws_s3_bucket.b"]
    assert found.inventory.files == 2


def test_an_uncalled_folder_is_a_root_and_its_variables_have_no_value(loaded: "Loader") -> None:
    found = loaded({"m/main.tf": BUCKET})
    value = found.value("aws_s3_bucket.b", "bucket")
    assert isinstance(value, Unknown)
    assert (value.cause, value.symbol) == ("variable_without_value", "m|var.name")


def test_a_circle_of_modules_ends(loaded: "Loader") -> None:
    found = loaded({"a/m.tf": call("b", "../b"), "b/m.tf": call("a", "../a") + 'resource "aws_x" "y" {}\n'})
    assert found.addresses == ["module.b.aws_x.y", "module.b.module.a"]
    assert found.notes == [("error", "b/m.tf:1")]


def test_a_module_that_calls_itself_is_noted(loaded: "Loader") -> None:
    found = loaded({"m.tf": call("me", "./.") + 'resource "aws_x" "y" {}\n'})
    assert "aws_x.y" in found.addresses
    assert found.notes == [("error", "m.tf:1")]


def test_a_module_that_is_not_fetched_is_noted_once_a_call(loaded: "Loader") -> None:
    text = call("vpc", "terraform-aws-modules/vpc/aws", "for_each = { a = 1, b = 2 }\n cidr = each.key\n")
    text += 'resource "aws_x" "y" {\n  v = module.vpc["a"].id\n}\n'
    found = loaded({"main.tf": "\n" + text})
    assert [note.where for note in found.inventory.incomplete] == ["main.tf:2"]
    assert found.inventory.incomplete[0].hint == "terraform init"
    value = found.value("aws_x.y", "v")
    assert isinstance(value, Unknown)
    assert (value.cause, value.symbol) == ("module_not_fetched", '.|module.vpc["a"].id')
    assert found.value('module.vpc["a"]', "cidr") == "a"
    assert found['module.vpc["b"]'].type == "terraform_module"


def test_an_installed_module_is_read(loaded: "Loader") -> None:
    listing = '{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"v","Source":"x","Dir":".terraform/modules/v"}]}'
    found = loaded(
        {
            "env/main.tf": call("v", "registry/v/aws", 'name = "n"\n'),
            "env/.terraform/modules/modules.json": listing,
            "env/.terraform/modules/v/main.tf": BUCKET,
        },
        only=["env/main.tf"],
    )
    assert found.value("module.v.aws_s3_bucket.b", "bucket") == "n"
    assert not found.notes


def test_an_installed_module_outside_the_root_is_not_read(loaded: "Loader") -> None:
    listing = '{"Modules":[{"Key":"v","Source":"x","Dir":"../../../../etc"}]}'
    files = {"main.tf": call("v", "registry/v/aws"), ".terraform/modules/modules.json": listing}
    assert loaded(files).notes == [("outside_root", "main.tf:1")]


def test_a_source_outside_the_root_is_noted(loaded: "Loader") -> None:
    assert loaded({"main.tf": call("v", "../../v")}).notes == [("outside_root", "main.tf:1")]


def test_a_missing_folder_is_noted(loaded: "Loader") -> None:
    assert loaded({"main.tf": call("v", "./v")}).notes == [("module_not_fetched", "main.tf:1")]


def test_only_roots_that_reach_a_folder(loaded: "Loader") -> None:
    files = {
        "m/main.tf": BUCKET,
        "mid/main.tf": call("m", "../m", 'name = "n"\n'),
        "one/main.tf": call("mid", "../mid"),
        "two/main.tf": 'resource "aws_x" "y" {}\n',
    }
    found = loaded(files, only_reaching=frozenset({"m"}))
    assert found.addresses == ["module.mid.module.m.aws_s3_bucket.b"]
    assert loaded(files, only_reaching=frozenset({"two"})).addresses == ["aws_x.y"]


def test_a_named_file_alone_is_understood_with_its_folder(loaded: "Loader") -> None:
    files = {"main.tf": BUCKET, "other.tf": 'resource "aws_x" "y" {}\n', "terraform.tfvars": 'name = "n"\n'}
    found = loaded(files, only=["main.tf"])
    assert found.addresses == ["aws_s3_bucket.b"]
    assert found.value("aws_s3_bucket.b", "bucket") == "n"


def test_find_roots() -> None:
    assert find_roots({"a": ["b"], "b": [], "c": ["c"]}) == ["a", "c"]
    assert find_roots({"a": ["b"], "b": ["a"], "x": []}) == ["a", "x"]
    assert find_roots({"a": ["b"], "b": ["c"], "c": ["b"]}) == ["a"]


def test_reaching() -> None:
    calls = {"a": ["b"], "b": ["c"], "d": []}
    assert reaching(calls, ["a", "d"], ["c"]) == ["a"]
    assert reaching(calls, ["a", "d"], ["nowhere"]) == []


def test_what_no_provider_of_ours_covers_is_counted(loaded: "Loader") -> None:
    text = 'resource "azurerm_x" "a" {\n  count = 2\n}\nresource "random_id" "r" {}\nresource "aws_x" "y" {}\n'
    found = loaded({"main.tf": text})
    assert found.inventory.not_covered == {("azurerm_x", "provider not covered"): 2}
    assert found.addresses == ["random_id.r", "aws_x.y"]
    assert found.inventory.providers == {".": frozenset({"azurerm", "random", "aws"})}


def test_overrides(loaded: "Loader") -> None:
    found = loaded(
        {
            "main.tf": 'resource "aws_x" "y" {\n  a = 1\n  b = 1\n  n {\n    c = 1\n  }\n  n {\n    c = 2\n  }\n}\n',
            "x_override.tf": 'resource "aws_x" "y" {\n  b = 2\n  n {\n    c = 3\n  }\n}\n',
        }
    )
    assert {name: found.value("aws_x.y", name) for name in ("a", "b", "n")} == {"a": 1, "b": 2, "n": [{"c": 3}]}


def test_tofu_files_hide_their_twins(loaded: "Loader") -> None:
    found = loaded({"main.tf": 'resource "aws_x" "y" {}\n', "main.tofu": 'resource "aws_x" "z" {}\n'})
    assert found.addresses == ["aws_x.z"]


def test_json_syntax(loaded: "Loader") -> None:
    text = """{
  "//": "a comment",
  "variable": {"v": {"type": "list(string)", "default": ["a"]}},
  "resource": {"aws_x": {"y": [{"a": "${var.v[0]}-b", "n": {"c": true}, "for_each": "${toset(var.v)}",
    "dynamic": {"d": {"for_each": [1, 2], "content": {"e": "${d.value}"}}}, "lifecycle": {"prevent_destroy": true}}]}}
}"""
    found = loaded({"main.tf.json": text})
    resource = found['aws_x.y["a"]']
    assert resource.attributes["a"] == "a-b"
    assert resource.attributes["d"] == [{"e": 1}, {"e": 2}]
    assert resource.attributes["n"] == {"c": True}
    assert resource.attributes["lifecycle"] == [{"prevent_destroy": True}]
    span = resource.source.span_of(("n", "c"))
    assert span is not None
    assert (span.line, span.column) == (4, text.splitlines()[3].index('"c"') + 1)


def test_broken_json_is_noted(loaded: "Loader") -> None:
    assert loaded({"main.tf.json": '{"resource": '}).notes == [("syntax_error", "main.tf.json:1")]


def test_a_broken_file_leaves_the_others(loaded: "Loader") -> None:
    found = loaded({"a.tf": 'resource "aws_x" "y" {\n', "b.tf": 'resource "aws_x" "z" {}\n'})
    assert found.addresses == ["aws_x.z"]
    assert found.notes == [("syntax_error", "a.tf:1")]
