"""Whole reports of whole repositories: by the schema, without secrets, with every suppression's trace."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from e2e_support import ADMIN, OPEN_GROUP, POD, Command

from compliance_scan import formats

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/schema/report.schema.json").read_text())
SECRET = "Sw0rdf1sh-7Kq9"
TOKEN = "AKIA" + "QWERTYUIOPASDFGH"
SECRETS = f"""variable "fallback" {{
  default = "{SECRET}-a"
}}
variable "given" {{}}
variable "surroundings" {{}}
resource "aws_db_instance" "db" {{
  engine   = "postgres"
  username = "admin"
  password = "{SECRET}-b"
}}
resource "aws_db_instance" "by_default" {{
  password = var.fallback
}}
resource "aws_db_instance" "by_file" {{
  password = var.given
}}
resource "aws_s3_bucket" "by_environment" {{
  bucket = var.surroundings
}}
resource "aws_instance" "web" {{
  ami       = "ami-1"
  user_data = <<-EOT
    export AWS_ACCESS_KEY_ID={TOKEN}
    export DB_PASSWORD={SECRET}-c
  EOT
}}
resource "aws_ssm_parameter" "p" {{
  name  = "p"
  type  = "String"
  value = "{SECRET}-d"
}}
"""
MANIFEST = f"""apiVersion: v1
kind: Secret
metadata: {{name: s}}
stringData:
  password: {SECRET}-e
---
apiVersion: v1
kind: Pod
metadata: {{name: p}}
spec:
  containers:
    - name: c
      image: example.com/c:1
      env:
        - name: DB_PASSWORD
          value: {SECRET}-f
"""


@pytest.fixture
def estate(scan_folder: Path) -> Path:
    (scan_folder / "main.tf").write_text(SECRETS)
    (scan_folder / "terraform.tfvars").write_text(f'given = "{SECRET}-g"\n')
    (scan_folder / "manifest.yaml").write_text(MANIFEST)
    return scan_folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("scan", "--preview", "--verdicts", "all", "-f", "json"),
        ("scan", "--preview", "--verbose", "--no-color"),
        ("scan", "--preview", "-f", "sarif", "--sarif-profile", "full"),
        ("scan", "--preview", "--quiet"),
        *(("scan", "--preview", "--verdicts", "all", "-f", name) for name in formats.names() if name != "json"),
        ("inventory",),
        ("explain", "aws_db_instance.db"),
        ("explain", "aws_db_instance.by_file"),
        ("explain", "aws_db_instance.by_default"),
        ("explain", "aws_s3_bucket.by_environment"),
        ("explain", "aws_instance.web", "-f", "json"),
        ("baseline", "--output", "-"),
    ],
)
def test_no_secret_leaves(estate: Path, command: Command, arguments: tuple[str, ...]) -> None:
    done = command(*arguments, TF_VAR_surroundings=f"{SECRET}-h")
    assert done.code in (0, 1), done.err
    assert done.out
    for each in (SECRET, TOKEN):
        assert each not in done.out + done.err


def test_by_the_schema(estate: Path, command: Command) -> None:
    (estate / "broken.tf").write_text("locals {\n  a = \n}\n")
    (estate / ".compliance-scan.yaml").write_text(
        f"fail_on: critical\nsuppressions:\n  - {{rule: {ADMIN}, reason: none}}\n"
    )
    done = command("scan", "-f", "json", "--verdicts", "all", "--framework", "cis-aws", "--framework", "soc2-2017")
    report = json.loads(done.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(report)
    assert done.code == report["run"]["exit_code"] == 4
    numbers = report["summary"]
    verdicts = [finding["verdict"] for finding in report["findings"]]
    for verdict in ("pass", "fail", "unknown", "not_applicable"):
        assert numbers[verdict] == verdicts.count(verdict)
    assert numbers["fail"] - numbers["suppressed"] == sum(numbers["open_by_severity"].values())
    places = [finding["location"]["file"] for finding in report["findings"]]
    assert places == sorted(places)
    assert set(report["rules"]) == {finding["rule"] for finding in report["findings"]}


def _suppressions(command: Command, *arguments: str) -> list[Any]:
    report = json.loads(command("scan", "-f", "json", *arguments).out)
    return [(finding["rule"], finding["suppression"]) for finding in report["findings"]]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'# compliance-scan:ignore {ADMIN} reason="a bastion"\n{OPEN_GROUP}', 1),
        (f'// compliance-scan:ignore {ADMIN} reason="a bastion"\n{OPEN_GROUP}', 1),
        (f'/* compliance-scan:ignore {ADMIN} reason="a bastion" */\n{OPEN_GROUP}', 1),
        (OPEN_GROUP.replace("{\n", f'{{\n  # compliance-scan:ignore {ADMIN} reason="a bastion"\n', 1), 2),
        (OPEN_GROUP.replace("= 22", f'= 22 # compliance-scan:ignore {ADMIN} reason="a bastion"', 1), 3),
    ],
)
def test_comments_in_code(scan_folder: Path, command: Command, text: str, line: int) -> None:
    (scan_folder / "main.tf").write_text(text)
    ((_, suppression),) = _suppressions(command, "--rule", ADMIN)
    assert suppression is not None
    assert (suppression["kind"], suppression["reason"]) == ("inline", "a bastion")
    assert suppression["where"] == f"main.tf:{line}"


def test_comments_elsewhere_hide_nothing(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(f'# compliance-scan:ignore {ADMIN} reason="no"\n\n{OPEN_GROUP}')
    assert _suppressions(command, "--rule", ADMIN) == [(ADMIN, None)]


def test_foreign_comments(scan_folder: Path, command: Command) -> None:
    rules = json.loads(command("rules", "list", "-f", "json").out)
    same = next(rule["equivalents"]["checkov"]["same"] for rule in rules if rule["id"] == ADMIN)
    (scan_folder / "main.tf").write_text(OPEN_GROUP.replace("{\n", f"{{\n  #checkov:skip={same[0]}:a bastion\n", 1))
    ((_, suppression),) = _suppressions(command, "--rule", ADMIN)
    assert (suppression["kind"], suppression["status"], suppression["where"]) == ("foreign", "accepted", "main.tf:2")


def test_an_annotation(scan_folder: Path, command: Command) -> None:
    rule = "k8s-pod-no-privilege-escalation"
    annotation = f"  annotations:\n    compliance-scan/ignore: {rule} reason=legacy\n"
    (scan_folder / "pod.yaml").write_text(POD.replace("  name: web\n", f"  name: web\n{annotation}"))
    ((_, suppression),) = _suppressions(command, "--rule", rule)
    assert (suppression["kind"], suppression["reason"], suppression["where"]) == ("inline", "legacy", "pod.yaml:6")


def test_a_profile(scan_folder: Path, command: Command) -> None:
    (scan_folder / "main.tf").write_text(OPEN_GROUP + OPEN_GROUP.replace("web", "db"))
    (scan_folder / "profile.yaml").write_text(
        f"others: skip\nrules:\n  - rule: {ADMIN}\n    as: databases-stay-inside\n"
        '    only: {address: "*.db"}\n    statement: C-10\n    severity: critical\n'
    )
    report = json.loads(command("scan", "-f", "json", "--profile", "profile.yaml").out)
    (finding,) = report["findings"]
    assert finding["instance"] == "databases-stay-inside"
    assert finding["resource"]["address"] == "aws_security_group.db"
    assert (finding["severity"], finding["statements"]) == ("critical", ["C-10"])


def test_from_another_folder(scan_folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    (scan_folder / "envs").mkdir()
    (scan_folder / "envs" / "main.tf").write_text(OPEN_GROUP)
    here = json.loads(command("scan", "-f", "json", "--rule", ADMIN).out)["findings"][0]
    monkeypatch.chdir(scan_folder / "envs")
    report = json.loads(command("scan", "-f", "json", "--rule", ADMIN).out)
    there = report["findings"][0]
    assert (here["location"]["file"], there["location"]["file"]) == ("envs/main.tf", "main.tf")
    assert here["fingerprint"] == there["fingerprint"]
    assert (report["run"]["root"], report["run"]["root_prefix"]) == ("..", "envs/")
