"""Plans, states and variable flags from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from e2e_support import Command

from tests.terraform_plan.record import RECORDED, SECRET
from tests.terraform_plan.test_aws_plans import change, configured, plan

RULE = "aws-rds-storage-encrypted"
CODE = """variable "encrypted" {
  default = true
}
resource "aws_db_instance" "db" {
  engine            = "postgres"
  instance_class    = "db.t4g.micro"
  storage_encrypted = var.encrypted
  password          = "hunter2-hunter2"
}
"""
AFTER = {
    "engine": "postgres",
    "instance_class": "db.t4g.micro",
    "storage_encrypted": False,
    "password": "hunter2-hunter2",
    "replicate_source_db": None,
}
PLAN = plan(
    [change("aws_db_instance.db", AFTER, {"id": True, "kms_key_id": True}, sensitive={"password": True})],
    [configured("aws_db_instance.db", {"storage_encrypted": {"references": ["var.encrypted"]}})],
)


def findings(command: Command, *arguments: str, code: int = 1) -> list[Any]:
    done = command("scan", "--rule", RULE, "-f", "json", *arguments)
    assert done.code == code, done.err
    assert "hunter2-hunter2" not in done.out
    found: list[Any] = json.loads(done.out)["findings"]
    return found


@pytest.fixture
def folder(scan_folder: Path) -> Path:
    (scan_folder / "main.tf").write_text(CODE)
    (scan_folder / "plans").mkdir()
    (scan_folder / "plans" / "p.json").write_text(json.dumps(PLAN))
    return scan_folder


def test_a_plan_is_judged_at_the_lines_of_its_code(folder: Path, command: Command) -> None:
    (finding,) = findings(command, "main.tf", "--plan", "plans/p.json")
    assert (finding["verdict"], finding["resource"]["plane"]) == ("fail", "plan")
    assert (finding["location"]["file"], finding["location"]["line"]) == ("main.tf", 7)
    assert finding["snippet"] == "storage_encrypted = var.encrypted"
    (code,) = findings(command, "main.tf", "--var", "encrypted=false")
    assert code["fingerprint"] == finding["fingerprint"]
    assert findings(command, "main.tf", code=0) == []


def test_a_plan_alone_shows_no_line_of_its_file(folder: Path, command: Command) -> None:
    (finding,) = findings(command, "plans/p.json")
    assert finding["location"]["file"] == "plans/p.json"
    assert finding["snippet"] is None
    for form in ("text", "sarif"):
        done = command("scan", "plans/p.json", "-f", form)
        assert "hunter2-hunter2" not in done.out + done.err
    assert "hunter2-hunter2" not in command("inventory", "plans/p.json").out


def test_a_plan_in_the_tree_hides_nothing_of_the_code(folder: Path, command: Command) -> None:
    good = json.dumps(PLAN).replace('"storage_encrypted": false', '"storage_encrypted": true')
    (folder / "plan.json").write_text(good)
    (folder / "main.tf").write_text(CODE.replace("default = true", "default = false"))
    found = {(each["resource"]["plane"], each["verdict"]) for each in findings(command, ".")}
    assert ("code", "fail") in found


def test_a_state_is_read_where_it_is_named(folder: Path, command: Command) -> None:
    state = {
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x",
        "resources": [{
            "mode": "managed", "type": "aws_db_instance", "name": "db", "provider": "",
            "instances": [{"attributes": {**AFTER, "arn": "arn:aws:rds:eu-west-1:123456789012:db:db"}}],
        }],
    }  # fmt: skip
    (folder / "terraform.tfstate").write_text(json.dumps(state))
    assert findings(command, "main.tf", code=0) == []
    for arguments in (["terraform.tfstate"], ["main.tf", "--state", "terraform.tfstate"]):
        (finding,) = findings(command, *arguments)
        assert finding["resource"]["plane"] == "state"
        assert finding["resource"]["arn"] == "arn:aws:rds:eu-west-1:123456789012:db:db"
        assert finding["resource"]["region"] == "eu-west-1"


@pytest.mark.parametrize("name", ["create.json", "update.json", "state.json", "terraform.tfstate"])
def test_secrets_of_real_plans_and_states_stay_inside(scan_folder: Path, command: Command, name: str) -> None:
    (scan_folder / name).write_text((RECORDED / name).read_text())
    for arguments in (
        ["inventory", name],
        ["scan", name, "--verdicts", "all", "-f", "json"],
        ["explain", "terraform_data.first", name],
    ):
        done = command(*arguments)
        assert done.code in (0, 1), done.err
        assert SECRET not in done.out + done.err


def test_flags_that_do_not_go_together(folder: Path, command: Command) -> None:
    done = command("scan", "--plan", "plans/p.json", "--diff", "HEAD")
    assert done.code == 2
    assert "--plan cannot be combined" in done.err
    assert "there is no plan file no.json" in command("scan", "--plan", "no.json").err


def test_the_later_flag_wins(folder: Path, command: Command) -> None:
    (folder / "x.tfvars").write_text("encrypted = false\n")
    assert findings(command, "main.tf", "--var-file", "x.tfvars", "--var", "encrypted=true", code=0) == []
    assert len(findings(command, "main.tf", "--var", "encrypted=true", "--var-file", "x.tfvars")) == 1


def test_where_values_of_a_module_come_from(scan_folder: Path, command: Command) -> None:
    (scan_folder / "db").mkdir()
    (scan_folder / "db" / "main.tf").write_text(CODE.replace("  default = true\n", "  type = bool\n"))
    text = 'variable "on" {}\nmodule "db" {\n  source    = "./db"\n  encrypted = var.on\n}\n'
    (scan_folder / "main.tf").write_text(text)
    (scan_folder / "prod.auto.tfvars").write_text("\non = false\n")
    done = command("explain", "module.db.aws_db_instance.db", "--rule", RULE)
    start = done.out.index("as it is written")
    lines = [line.strip() for line in done.out[start:].splitlines()]
    at = next(number for number, line in enumerate(lines) if line.startswith("storage_encrypted"))
    assert lines[at : at + 5] == [
        "storage_encrypted = false, db/main.tf:7",
        "variable encrypted (db/main.tf:1)",
        "set by the call of module.db (main.tf:4)",
        "variable on (main.tf:1)",
        "set in prod.auto.tfvars (prod.auto.tfvars:2)",
    ]
    (finding,) = findings(command, ".")
    places = [(each["location"]["file"], each["location"]["line"]) for each in finding["related"]]
    assert places == [("db/main.tf", 1), ("main.tf", 4), ("main.tf", 1), ("prod.auto.tfvars", 2)]


def test_a_binary_plan_is_told_from_nothing(scan_folder: Path, command: Command) -> None:
    (scan_folder / "new.tfplan").write_bytes(b"PK\x03\x04" + bytes(range(256)))
    done = command("scan", "new.tfplan")
    assert done.code == 3
    assert "terraform show -json" in done.err
    done = command("scan", "--plan", "new.tfplan")
    assert "new.tfplan is a plan in Terraform's own binary form" in done.out
