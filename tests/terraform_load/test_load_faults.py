"""The boundary: a fault of our own costs one value, one block or one file, and is reported."""

from typing import TYPE_CHECKING, Any

import pytest

from compliance_scan.inputs.terraform import blocks, instance, module, nodes, provenance, resources
from compliance_scan.model.value import Unknown

if TYPE_CHECKING:
    from tests.terraform_load.conftest import Loader

FILES = {
    "main.tf": """
variable "v" { default = 1 }
locals { l = var.v }
resource "aws_sqs_queue" "a" { name = "a-${local.l}" }
resource "aws_sqs_queue" "b" { count = local.l }
module "m" {
  source = "./m"
  v      = local.l
}
provider "aws" { region = local.l }
""",
    "m/main.tf": 'variable "v" {}\nresource "aws_sqs_queue" "c" { name = var.v }\n',
    "other/main.tf": 'resource "aws_sqs_queue" "d" { name = "fine" }\n',
}


def boom(*_: Any, **__: Any) -> Any:
    raise NameError("a mistake of ours")


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (instance, "ResourceNode"),
        (instance, "expansion_of"),
        (instance, "variable_value"),
        (instance, "ModuleInstance._child"),
        (nodes, "value_of"),
        (blocks, "evaluate"),
        (resources, "_aliases"),
        (module, "Module._put"),
        (module, "read_source"),
    ],
)
def test_a_fault_anywhere_is_noted(loaded: "Loader", monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> None:
    owner, _, attribute = name.rpartition(".")
    target = getattr(place, owner) if owner else place
    monkeypatch.setattr(target, attribute, boom)
    if name == "read_source":
        from compliance_scan.inputs.terraform import store

        monkeypatch.setattr(store, attribute, boom)
    found = loaded(FILES)
    for resource in found.inventory.resources:
        for each in resource.attributes:
            value = resource.attributes[each]
            assert not isinstance(value, Unknown) or value.cause in ("error", "computed")
    notes = found.inventory.incomplete
    assert notes or place in (nodes, blocks)  # what is lazy is noted when it is asked for
    assert all("NameError" in note.message and note.hint for note in notes if note.kind == "error")


def test_an_attribute_that_fails_is_noted_when_it_is_read(loaded: "Loader", monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(FILES)
    monkeypatch.setattr(nodes, "value_of", boom)
    value = found.value("aws_sqs_queue.a", "name")
    assert isinstance(value, Unknown)
    assert value.cause == "error"


def test_a_place_that_fails_leaves_the_finding_at_its_block(loaded: "Loader", monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(FILES)
    monkeypatch.setattr(provenance, "place_in", boom)
    source = found["aws_sqs_queue.a"].source
    assert source.span_of(("name",)) is None
    assert source.origins_of(("name",)) == ()
    assert source.header.line == 4


@pytest.mark.parametrize(
    "files",
    [
        {"a/a.tf": 'module "b" {\n  source = "../b"\n}\n', "b/b.tf": 'module "a" {\n  source = "../a"\n}\n'},
        {"a/a.tf": 'module "me" {\n  source = "../a"\n}\n'},
        {"a/a.tf": 'module "me" {\n  source = "./"\n  count  = 3\n}\n'},
        {
            "a/a.tf": 'module "x" {\n  source = "../m"\n  v = module.y.o\n}\nmodule "y" {\n  source = "../m"\n  v = module.x.o\n}\n',
            "m/m.tf": 'variable "v" {}\noutput "o" {\n  value = var.v\n}\nresource "aws_sqs_queue" "q" {\n  name = var.v\n}\n',
        },
        {
            "a/a.tf": 'module "x" {\n  source = "../m"\n  for_each = module.x.o\n  v = 1\n}\n',
            "m/m.tf": 'variable "v" {}\noutput "o" {\n  value = var.v\n}\n',
        },
    ],
)
def test_modules_in_circles_end(loaded: "Loader", files: dict[str, str]) -> None:
    found = loaded(files)
    for resource in found.inventory.resources:
        for name in resource.attributes:
            assert isinstance(resource.attributes[name], Unknown | str)
    if "m/m.tf" not in files:
        assert {kind for kind, _ in found.notes} == {"error"}
