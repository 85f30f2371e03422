"""Plans and states that the real Terraform made: here and now where it is installed, and recorded ones."""

from pathlib import Path
from typing import Any

import pytest

from compliance_scan.inputs.terraform import beside
from compliance_scan.inputs.terraform.load import TerraformOptions
from compliance_scan.inputs.terraform.load import load as load_code
from compliance_scan.inputs.terraform.plan import load as load_plans
from compliance_scan.inputs.terraform.plan import read_plan
from compliance_scan.inputs.terraform.state import load as load_states
from compliance_scan.jsonvalue import Plain
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.model.value import Reference, Text, Unknown
from compliance_scan.workspace import Workspace
from tests.terraform_plan.record import AFTER, BEFORE, NAMES, RECORDED, SECRET, TERRAFORM, make, write

Files = dict[str, str]


@pytest.fixture(scope="module", params=["recorded", "real"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Files:
    if request.param == "recorded":
        return {name: (RECORDED / name).read_text() for name in NAMES}
    if TERRAFORM is None:
        pytest.skip("the terraform binary is not installed")
    return make(tmp_path_factory.mktemp("real"))


def workspace_of(texts: Files) -> Workspace:
    workspace = Workspace("/nonexistent/plans")
    for path, text in texts.items():
        workspace.put(path, text.encode())
    return workspace


def by_address(inventory: Inventory) -> dict[str, Resource]:
    return {resource.address: resource for resource in inventory.resources}


def planned(files: Files, name: str) -> dict[str, Resource]:
    return by_address(load_plans(workspace_of(files), [name]))


def test_a_plan_that_creates(files: Files) -> None:
    found = planned(files, "create.json")
    assert sorted(found) == [
        "data.terraform_remote_state.later",
        "data.terraform_remote_state.read",
        'module.child["x"].terraform_data.in',
        "terraform_data.counted[0]",
        "terraform_data.counted[1]",
        "terraform_data.first",
        'terraform_data.keyed["a b"]',
        'terraform_data.keyed["q\\"x"]',
        "terraform_data.old",
        "terraform_data.replaced",
    ]
    assert {each.plane for each in found.values()} == {"plan"}
    assert {each.root for each in found.values()} == {"."}
    assert found["terraform_data.first"].provider == "terraform"
    assert found["data.terraform_remote_state.later"].mode == "data"
    inner = found['module.child["x"].terraform_data.in']
    assert (inner.module, inner.name, inner.type) == ('module.child["x"]', "in", "terraform_data")


def test_holes_are_where_terraform_has_them(files: Files) -> None:
    found = planned(files, "create.json")
    first = found["terraform_data.first"].attributes
    assert first["input"] == {"list": [1, 2.5], "s": SECRET, "x": 1}
    assert first["triggers_replace"] is None
    unknown = first["id"]
    assert isinstance(unknown, Unknown)
    assert (unknown.cause, unknown.symbol) == ("computed", ".|terraform_data.first.id")
    keyed = found['terraform_data.keyed["a b"]'].attributes
    value: Any = keyed["input"]
    assert value[0] == "a b"
    assert isinstance(value[1], Reference)
    assert value[2] == "known"
    assert "nothing" not in keyed
    with pytest.raises(KeyError):
        keyed["nothing"]


def test_edges_come_from_the_configuration(files: Files) -> None:
    found = planned(files, "create.json")

    def edge(address: str, *path: str | int) -> tuple[str, str]:
        value: Any = found[address].attributes
        for step in path:
            value = value[step]
        assert isinstance(value, Reference)
        return value.address, value.path

    assert edge("terraform_data.counted[1]", "input") == ("terraform_data.first", "id")
    assert edge('terraform_data.keyed["a b"]', "input", 1) == ("terraform_data.first", "output")
    assert edge('terraform_data.keyed["a b"]', "triggers_replace", 0) == ("terraform_data.counted[0]", "id")
    assert edge('module.child["x"].terraform_data.in', "input", "from") == ("terraform_data.first", "id")


def test_what_the_plan_does(files: Files) -> None:
    plan = read_plan(workspace_of(files), "update.json")
    assert plan is not None
    assert plan.whole
    assert plan.actions["terraform_data.first"] == ("update",)
    assert plan.actions["terraform_data.counted[0]"] == ("no-op",)
    assert plan.actions["terraform_data.counted[1]"] == ("delete",)
    assert plan.actions["terraform_data.replaced"] == ("delete", "create")
    assert plan.actions["terraform_data.new"] == ("no-op",)
    found = by_address(plan.inventory())
    assert "terraform_data.counted[1]" not in found
    assert found["terraform_data.replaced"].attributes["triggers_replace"] == "two"
    assert found["terraform_data.new"].aliases == ("terraform_data.old",)
    assert "data.terraform_remote_state.read" in found
    before = {each.address: each for each in plan.prior()}
    assert before["terraform_data.first"].attributes["input"] == {"list": [1, 2.5], "s": SECRET, "x": 1}
    assert before["terraform_data.counted[1]"].plane == "state"


def test_secrets_are_marked_and_so_are_their_copies(files: Files) -> None:
    for name in NAMES:
        loaded = load_states if name in ("terraform.tfstate", "state.json") else load_plans
        inventory = loaded(workspace_of(files), [name])
        shown = [
            Plain(each.sensitive, each.environment).of(each.attributes[attribute], (attribute,))
            for each in inventory.resources
            for attribute in each.attributes
        ]
        assert SECRET in files[name]
        assert SECRET not in repr(shown), name
        assert ("input", "s") in by_address(inventory)["terraform_data.first"].sensitive


def test_a_state_in_both_forms_says_the_same(files: Files) -> None:
    one = by_address(load_states(workspace_of(files), ["terraform.tfstate"]))
    two = by_address(load_states(workspace_of(files), ["state.json"]))
    assert one.keys() == two.keys()
    for address, resource in one.items():
        assert resource.plane == "state"
        if resource.mode == "managed":
            theirs = two[address]
            assert {name: resource.attributes[name] for name in resource.attributes} == {
                name: theirs.attributes[name] for name in theirs.attributes
            }
            assert (resource.module, resource.name, resource.provider) == (theirs.module, theirs.name, theirs.provider)


def test_places_in_the_files(files: Files) -> None:
    import json

    pretty = {name: json.dumps(json.loads(text), indent=2) for name, text in files.items()}
    for texts in (files, pretty):
        for name in NAMES:
            loaded = load_states if name in ("terraform.tfstate", "state.json") else load_plans
            found = by_address(loaded(workspace_of(texts), [name]))
            lines = texts[name].split("\n")
            resource = found["terraform_data.first"]
            span = resource.source.span_of(
                ("input", "list", 1) if name != "terraform.tfstate" else ("input", "value", "list", 1)
            )
            assert span is not None
            assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == "2.5"
            header = resource.source.header
            text = lines[header.line - 1][header.column - 1 : header.end_column - 1]
            assert text.replace(" ", "") in ('"address":"terraform_data.first"', '"name":"first"')
            assert resource.source.span_of(("nothing",)) is None
            assert resource.source.text(span) == ""


def joined(texts: Files, code: Files, name: str) -> dict[str, Resource]:
    workspace = workspace_of({**code, "plans/p.json": texts[name]})
    inventory = load_code(workspace, ["main.tf", "child/main.tf"], TerraformOptions())
    beside.add(inventory, workspace, [("plans/p.json", True)], [])
    assert not workspace.incomplete
    return by_address(inventory)


def test_a_plan_beside_its_code(files: Files) -> None:
    found = joined(files, BEFORE, "create.json")
    assert found.keys() == planned(files, "create.json").keys()
    assert {(each.root, each.plane) for each in found.values()} == {(".", "plan")}
    counted = found["terraform_data.counted[1]"]
    assert counted.source.header.file == "main.tf"
    assert counted.source.header.line == 10
    value = counted.attributes["input"]
    assert isinstance(value, Text)
    assert value.parts[1:] == ("-1",)
    inner = found['module.child["x"].terraform_data.in']
    assert inner.source.header.file == "child/main.tf"
    place = inner.source.span_of(("input", "key"))
    assert place is not None
    assert place.line == 5
    assert [origin.span.file for origin in inner.source.origins_of(("input", "key"))][-1] == "main.tf"


def test_what_a_plan_takes_away_is_not_judged_beside_its_code(files: Files) -> None:
    code = {**AFTER, "main.tf": AFTER["main.tf"].replace("default = 1 }", "default = 2 }")}
    found = joined(files, code, "update.json")
    assert "terraform_data.counted[0]" in found
    assert "terraform_data.counted[1]" not in found
    assert "terraform_data.old" in found["terraform_data.new"].aliases


def test_a_plan_that_only_lies_there_hides_nothing(files: Files, tmp_path: Path) -> None:
    write(tmp_path, BEFORE)
    (tmp_path / "plan.json").write_text(files["create.json"])
    workspace = Workspace(str(tmp_path))
    inventory = load_code(workspace, ["main.tf", "child/main.tf"], TerraformOptions())
    count = len(inventory.resources)
    beside.add(inventory, workspace, [("plan.json", False)], [])
    assert [each.plane for each in inventory.resources[:count]] == ["code"] * count
    assert {each.root for each in inventory.resources[count:]} == {"plan.json"}


def test_a_plan_of_other_code_stands_by_itself(files: Files) -> None:
    workspace = workspace_of({"main.tf": 'resource "terraform_data" "else" {}\n', "p.json": files["create.json"]})
    inventory = load_code(workspace, ["main.tf"], TerraformOptions())
    beside.add(inventory, workspace, [("p.json", True)], [])
    assert {(each.root, each.plane) for each in inventory.resources} == {(".", "code"), ("p.json", "plan")}
