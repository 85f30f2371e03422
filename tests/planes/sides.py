"""Two sides of a comparison, made of a few lines of Terraform and of what an account answers."""

from datetime import date
from pathlib import Path
from typing import Any

from compliance_scan.evaluate import evaluate
from compliance_scan.inputs.terraform.load import TerraformOptions, load
from compliance_scan.inputs.terraform.state import load as load_state
from compliance_scan.model.finding import Finding
from compliance_scan.model.resource import Inventory, Resource
from compliance_scan.ruleset import Ruleset
from compliance_scan.ruleset.select import select
from compliance_scan.selftest import read_inventory
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace

DAY = date(2026, 11, 30)
CATALOG = Catalog.open()
ACCOUNT, REGION = "123456789012", "eu-west-1"


def code(text: str, folder: Path) -> World:
    """The world of one Terraform file."""
    workspace = Workspace(str(folder))
    workspace.put("main.tf", text.encode())
    return World(load(workspace, ["main.tf"], TerraformOptions()), CATALOG, as_of=DAY)


def state(folder: Path, *entries: tuple[str, str, dict[str, Any]]) -> World:
    """The world of a state with these resources: type, name, attributes."""
    import json

    resources = [
        {
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": attributes}],
        }
        for kind, name, attributes in entries
    ]
    workspace = Workspace(str(folder))
    workspace.put("terraform.tfstate", json.dumps({"version": 4, "resources": resources}).encode())
    return World(load_state(workspace, ["terraform.tfstate"]), CATALOG, as_of=DAY)


def both(one: World, other: World) -> World:
    """Code and state as one declared side."""
    inventory = Inventory()
    inventory.add(one.inventory)
    inventory.add(other.inventory)
    return World(inventory, one.catalog, as_of=DAY)


def live(*entries: tuple[str, str, dict[str, Any]]) -> World:
    """The world of an account with these resources: type, import id, attributes."""
    import json

    lines = [
        json.dumps(
            {
                "address": f"{kind}@{ACCOUNT}/{REGION}/{name}",
                "type": kind,
                "plane": "live",
                "account": ACCOUNT,
                "region": REGION,
                "arn": attributes.get("arn"),
                "attributes": {"id": name, **attributes},
            }
        )
        for kind, name, attributes in entries
    ]
    return World(read_inventory("\n".join(lines)), CATALOG, as_of=DAY)


def one(world: World, kind: str) -> Resource:
    """The only resource of a type."""
    [found] = world.resources(kind)
    return found


def judged(world: World, *rules: str) -> list[Finding]:
    """What rules say of a world."""
    return list(evaluate(select(Ruleset.open(()), rules=rules), world))
