"""What the estates promise of the scanner itself, shown end to end on the estates."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance_scan import scan
from compliance_scan.cli import main
from compliance_scan.inputs.aws.seed import Seeder
from compliance_scan.inputs.aws.standin import CREDENTIALS, StandIn
from compliance_scan.model.resource import Resource
from compliance_scan.shape.catalog import Catalog
from tools import estates
from tools.estates import Estate

BY_NAME = {estate.name: estate for estate in estates.estates()}
WORKFLOW = BY_NAME["quantivista"]
BUCKETS = (
    "aws_s3_bucket",
    "aws_s3_bucket_versioning",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_public_access_block",
    "aws_kms_key",
)
VERSIONING = "aws-s3-bucket-versioning"


@pytest.fixture
def workflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workflow's estate, as a repository and the working directory."""
    folder = tmp_path / "repository"
    shutil.copytree(WORKFLOW.folder, folder)
    (folder / ".git").mkdir()
    for name in ("broken.yaml", "statements.yaml", "live.yaml"):
        (folder / name).unlink(missing_ok=True)
    monkeypatch.chdir(folder)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    return folder


@pytest.fixture(scope="module")
def standin() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


def seeded(standin: StandIn, estate: Estate) -> list[Resource]:
    """Builds the estate's buckets in its home region."""
    resources = [
        each
        for each in scan.load(estates.request(estate)).inventory.resources
        if each.type in BUCKETS and each.mode == "managed" and each.region == estate.region
    ]
    failed = Seeder(standin.clients(estate.region), Catalog.open(), region=estate.region, lenient=True).seed(resources)
    assert not failed
    return resources


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main([*arguments, "-f", "json"])
    out, err = capsys.readouterr()
    assert out, err
    return code, json.loads(out)


def framework_ids(report: Any) -> set[str]:
    return {each["framework"] for each in report["controls"]}


def test_every_framework_of_the_platform_is_reported() -> None:
    report = scan.scan(estates.request(BY_NAME["investment-platform"])).report
    assert framework_ids(report) == {
        "soc2-2017", "iso-27001-2022", "pci-dss-4.0.1", "gdpr", "ccpa", "mifid2", "sec-records", "fca-records",
        "esma-records", "owasp-top10-2021", "nist-csf-2.0", "cis-controls-8.1",
    }  # fmt: skip
    sans = scan.scan(estates.request(BY_NAME["investment-platform"], frameworks=["sans"])).report
    assert "cis-controls-8.1" in framework_ids(sans)
    for framework in framework_ids(report):
        decided = [each for each in report["controls"] if each["framework"] == framework and each["pass"]]
        assert decided, framework


def test_pci_dss_is_reported_control_by_control() -> None:
    """Encryption at rest (3.5.1) and in transit (4.2.1), segmentation (1.3.1, 1.4.1), logging (10.2.1), scans
    (11.3.1) and patching (6.3.3), each with its status, what was judged and what is left to ask."""
    report = scan.scan(estates.request(BY_NAME["trading-engine"])).report
    controls = {each["control"]: each for each in report["controls"] if each["framework"] == "pci-dss-4.0.1"}
    for name in ("1.3.1", "1.4.1", "3.5.1", "4.2.1", "6.3.3", "10.2.1", "11.3.1"):
        control = controls[name]
        assert control["pass"], name
        assert control["coverage"] == "partial", name
        assert control["status"] in {"pass_automated_part", "fail", "unknown"}, name
        assert control["manual"], name


def test_drift_of_the_estate_is_told_with_both_values_and_both_ways_back(
    workflow: Path, standin: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    standin.reset()
    seeded(standin, WORKFLOW)
    s3 = standin.clients("us-east-1").client("s3", "us-east-1")
    s3.put_bucket_versioning(Bucket="quantivista-terraform-state", VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket(Bucket="quantivista-research")
    s3.create_bucket(Bucket="somebodys-own")
    account = ("--endpoint-url", standin.url, "--region", "us-east-1", "--allow-incomplete", "--no-config")
    _, report = run(capsys, "drift", "terraform", "--rule", VERSIONING, *account)
    drift = {(each["kind"], each["arn"] or each["address"]): each for each in report["drift"]}
    changed = drift["changed", "arn:aws:s3:::quantivista-terraform-state"]
    [attribute] = [each for each in changed["attributes"] if each["path"] == "versioning.status"]
    assert (attribute["declared"], attribute["live"]) == ("Enabled", "Suspended")
    assert attribute["location"]["file"] == "terraform/bootstrap/main.tf"
    assert '+    status = "Suspended"' in changed["remedy"]["code"]
    assert changed["remedy"]["account"] == "terraform apply -target=aws_s3_bucket.state"
    assert ("missing", "module.research.aws_s3_bucket.this") in drift
    assert "import {" in drift["unmanaged", "arn:aws:s3:::somebodys-own"]["remedy"]["code"]
    assert workflow.is_dir()


def test_every_resource_is_judged_or_listed() -> None:
    request = estates.request(WORKFLOW)
    report = scan.scan(request).report
    judged = {each["resource"]["address"] for each in report["findings"]}
    related = {place["address"] for each in report["findings"] for place in each["related"] if place["address"]}
    listed = {each["type"] for each in report["not_covered"]}
    catalog = Catalog.open()
    left = [
        each.address
        for each in scan.load(request).inventory.resources
        if each.mode == "managed"
        and each.address not in judged | related
        and each.type not in listed
        and each.type not in catalog.satellites
    ]
    # What only serves others: where an association or a parameter is judged, the owner's rules say so.
    assert [each for each in left if "aws_" in each and "subnet_group" not in each] == []
    summary = report["summary"]
    assert summary["pass"] + summary["fail"] + summary["unknown"] + summary["not_applicable"] == len(report["findings"])
    assert summary["evaluated_percent"] == pytest.approx(
        100 * (summary["pass"] + summary["fail"]) / (summary["pass"] + summary["fail"] + summary["unknown"]), abs=0.1
    )


def test_compliance_is_a_percentage_that_a_goal_can_be_held_against() -> None:
    goal = 99.9
    whole = estates.whole(WORKFLOW).report["summary"]["compliance_percent"]
    assert whole is not None
    assert whole >= goal
    change = next(each for each in WORKFLOW.breaks if each.statement == "E-07")
    broken = estates.broken(WORKFLOW, change).report["summary"]["compliance_percent"]
    assert broken is not None
    assert broken < goal


def test_every_scan_is_remembered_with_who_what_when_and_which_rules(
    workflow: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path / 'history.db'}"
    arguments = (
        "scan",
        "terraform",
        "--profile",
        "profile.yaml",
        "--rule",
        "aws-plan-regions",
        "--store",
        store,
        "--allow-incomplete",
    )
    assert run(capsys, *arguments)[0] == 0
    versions = workflow / "terraform" / "production" / "versions.tf"
    versions.write_text(versions.read_text().replace("eu-west-1", "ap-south-1"))
    assert run(capsys, *arguments)[0] == 1
    _, listed = run(capsys, "history", "--store", store)
    assert len(listed) == 2
    for each in listed:
        assert each["started"].endswith("Z")
        assert each["rules_digest"].startswith("sha256:")
        assert each["who"]
        assert each["summary"]["pass"]
    _, told = run(capsys, "history", "changes", "--store", store)
    assert {(each["kind"], each["rule"]) for each in told["changes"]} == {("new", "aws-plan-regions")}
    assert main(["verify", store]) == 0


def test_a_finished_audit_and_its_drift_are_published_as_cloud_events(
    workflow: Path, standin: StandIn, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    standin.reset()
    seeded(standin, WORKFLOW)
    s3 = standin.clients("us-east-1").client("s3", "us-east-1")
    s3.put_bucket_versioning(Bucket="quantivista-terraform-state", VersioningConfiguration={"Status": "Suspended"})
    events, store = tmp_path / "events.jsonl", f"sqlite:///{tmp_path / 'history.db'}"
    account = ("--endpoint-url", standin.url, "--region", "us-east-1", "--allow-incomplete", "--no-config")
    run(capsys, "drift", "terraform", "--rule", VERSIONING, *account, "--events", str(events), "--store", store)
    told = [json.loads(line) for line in events.read_text().splitlines()]
    assert all(each["specversion"] == "1.0" and each["id"] and each["source"] for each in told)
    assert {each["type"].removeprefix("dev.compliance-scan.") for each in told} >= {"run.finished", "drift.new"}
    assert workflow.is_dir()


def test_reports_of_three_frameworks_have_a_history_and_a_trend(
    workflow: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    store = f"sqlite:///{tmp_path / 'history.db'}"
    for environment in ("terraform/production", "terraform/bootstrap"):
        _, report = run(capsys, "scan", environment, "--profile", "profile.yaml", "--store", store)
        assert framework_ids(report) == {"soc2-2017", "pci-dss-4.0.1", "gdpr"}
    database = workflow / "terraform" / "modules" / "database" / "main.tf"
    database.write_text(database.read_text().replace("storage_encrypted           = true", "storage_encrypted = false"))
    run(capsys, "scan", "terraform/production", "--profile", "profile.yaml", "--store", store)
    _, trend = run(capsys, "history", "trend", "--store", store)
    assert json.dumps(trend).count("production") >= 2
    assert "bootstrap" in json.dumps(trend)


def test_other_clouds_are_recognised_and_listed(workflow: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workflow / "terraform" / "production" / "others.tf").write_text(
        'resource "azurerm_storage_account" "a" { name = "a" }\n'
        'resource "google_storage_bucket" "b" {\n  name     = "b"\n  location = "EU"\n}\n'
    )
    _, report = run(capsys, "scan", ".", "--profile", "profile.yaml", "--verdicts", "all")
    assert {each["type"]: each["count"] for each in report["not_covered"]}.items() >= {
        "azurerm_storage_account": 1,
        "google_storage_bucket": 1,
    }.items()
    judged = {each["resource"]["type"] for each in report["findings"]}
    assert {"aws_s3_bucket", "apps/Deployment", "argoproj.io/Application", "helm_release"} <= judged
    assert not {"azurerm_storage_account", "google_storage_bucket"} & judged
