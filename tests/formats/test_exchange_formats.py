"""What other programs import: CSV, OCSF, ASFF, CycloneDX."""

from __future__ import annotations

import csv
import io
import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from inline_snapshot import snapshot
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from compliance_scan.formats import csv as csv_format

if TYPE_CHECKING:
    from compliance_scan.model.report import Report, Verdict
    from tests.formats.conftest import FindingMaker

REPORTS = ("report", "empty_report", "hostile_report", "drifted_report")


def text_of(name: str, report: Report, verdicts: frozenset[Verdict] | None = None) -> str:
    out = io.StringIO()
    formats.load(name).write(report, out, FormatOptions(verdicts=verdicts))
    return out.getvalue()


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of("csv", report), newline="")))


def test_a_row_of_a_table(report: Report) -> None:
    row = next(row for row in rows(report) if row["address"] == "aws_ebs_volume.scratch")
    assert {key: value for key, value in row.items() if value} == snapshot(
        {
            "severity": "high",
            "verdict": "fail",
            "rule": "aws-ebs-volume-encrypted",
            "code": "CMP1101",
            "title": "EBS volumes are encrypted",
            "message": "encrypted is not declared, expected true",
            "file": "disk.tf",
            "line": "1",
            "column": "1",
            "address": "aws_ebs_volume.scratch",
            "type": "aws_db_instance",
            "plane": "code",
            "root": "envs/prod",
            "suppression": "inline expired",
            "suppression_reason": "moves in spring",
            "suppression_owner": "data-team",
            "suppression_until": "2026-01-31",
            "controls": "pci-dss-4.0.1 3.5.1; soc2-2017 CC6.1 CC6.7",
            "statements": "C-10",
            "fix": "set encrypted to true",
            "help_uri": "https://compliance-scan.example/rules/CMP1101",
            "fingerprint": "cs1:0123456789abcdef",
        }
    )


@pytest.mark.parametrize("fixture", REPORTS)
def test_each_finding_is_one_line_of_the_table(fixture: str, request: pytest.FixtureRequest) -> None:
    report = request.getfixturevalue(fixture)
    lines = text_of("csv", report).split("\r\n")
    shown = [each for each in report["findings"] if each["verdict"] in csv_format.VERDICTS]
    assert len(lines) == len(shown) + 2
    assert all(len(row) == len(csv_format.COLUMNS) for row in csv.reader(lines[:-1]))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", " =x", "\t=x", "\n=x", "|x", "%x", "＝x"])
def test_no_cell_is_a_formula(report: Report, make_finding: FindingMaker, text: str) -> None:
    report["findings"] = [make_finding(message=text, address=text)]
    (row,) = rows(report)
    assert (row["message"][0], row["address"][0]) == ("'", "'")


def events(report: Report) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = json.loads(text_of("ocsf", report))
    return made


@pytest.mark.parametrize("fixture", REPORTS)
def test_the_model_of_ocsf_takes_every_event(fixture: str, request: pytest.FixtureRequest) -> None:
    report = request.getfixturevalue(fixture)
    made = events(report)
    assert len(made) == sum(each["verdict"] != "not_applicable" for each in report["findings"])
    for event in made:
        read = ComplianceFinding.model_validate(event)
        assert (read.class_uid, read.category_uid, read.type_uid.value) == (2003, 2, 200301)
        assert read.time == 1795248000000
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]


def test_an_event(report: Report) -> None:
    event = next(one for one in events(report) if one["resources"][0]["name"] == "aws_ebs_volume.scratch")
    assert event == snapshot(
        {
            "metadata": {
                "version": "1.5.0",
                "product": {
                    "name": "compliance-scan",
                    "vendor_name": "compliance-scan",
                    "version": "0.1.0",
                    "url_string": "https://compliance-scan.example",
                    "lang": "en",
                },
                "profiles": ["cloud", "datetime"],
                "event_code": "CMP1101",
                "uid": "cs1:0123456789abcdef",
            },
            "activity_id": 1,
            "activity_name": "Create",
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": 2003,
            "class_name": "Compliance Finding",
            "type_uid": 200301,
            "type_name": "Compliance Finding: Create",
            "time": 1795248000000,
            "severity_id": 4,
            "severity": "High",
            "status_id": 1,
            "status": "New",
            "status_code": "FAIL",
            "status_detail": "encrypted is not declared, expected true",
            "message": "encrypted is not declared, expected true",
            "finding_info": {
                "uid": "cs1:0123456789abcdef",
                "title": "EBS volumes are encrypted",
                "desc": "Because of **encryption-at-rest**.",
                "created_time": 1795248000000,
                "types": ["encryption-at-rest"],
                "src_url": "https://compliance-scan.example/rules/CMP1101",
                "analytic": {
                    "name": "aws-ebs-volume-encrypted",
                    "uid": "aws-ebs-volume-encrypted",
                    "type_id": 1,
                    "type": "Rule",
                },
            },
            "compliance": {
                "control": "aws-ebs-volume-encrypted",
                "desc": "EBS volumes are encrypted",
                "standards": ["pci-dss-4.0.1", "soc2-2017"],
                "requirements": ["pci-dss-4.0.1 3.5.1", "soc2-2017 CC6.1", "soc2-2017 CC6.7"],
                "status_id": 3,
                "status": "Fail",
            },
            "resources": [
                {
                    "uid": "aws_ebs_volume.scratch",
                    "name": "aws_ebs_volume.scratch",
                    "type": "aws_db_instance",
                    "data": {
                        "plane": "code",
                        "root": "envs/prod",
                        "location": {"file": "disk.tf", "line": 1, "column": 1, "end_line": 1, "end_column": 38},
                    },
                }
            ],
            "unmapped": {
                "rule": "aws-ebs-volume-encrypted",
                "verdict": "fail",
                "path": "encrypted",
                "suppression": {
                    "kind": "inline",
                    "reason": "moves in spring",
                    "owner": "data-team",
                    "until": "2026-01-31",
                    "where": "disk.tf:1",
                    "status": "expired",
                },
                "statements": ["C-10"],
            },
            "remediation": {"desc": "Set it right.", "references": ["https://compliance-scan.example/rules/CMP1101"]},
        }
    )


def test_statuses_of_events(report: Report) -> None:
    found = {(one["compliance"]["status"], one["status"]) for one in events(report)}
    assert found == {("Fail", "New"), ("Fail", "Suppressed"), ("Warning", "New"), ("Pass", "Resolved")}


def test_an_event_of_the_account(drifted_report: Report) -> None:
    event = next(one for one in events(drifted_report) if "cloud" in one)
    assert event["cloud"] == {
        "provider": "AWS",
        "account": {"uid": "123456789012", "name": "123456789012", "type": "AWS Account", "type_id": 10},
        "region": "eu-west-1",
    }
    assert (event["resources"][0]["uid"], event["resources"][0]["cloud_partition"]) == ("arn:aws:s3:::logs", "aws")


ASFF: dict[str, Any] = {
    "type": "object",
    "required": [
        *("SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "CreatedAt", "UpdatedAt", "Severity"),
        *("Title", "Description", "Resources"),
    ],
    "properties": {
        "SchemaVersion": {"const": "2018-10-08"},
        "Id": {"type": "string", "minLength": 1, "maxLength": 512},
        "ProductArn": {"pattern": r"^arn:aws(-[a-z]+)*:securityhub:[a-z0-9-]+:\d{12}:product/\d{12}/default$"},
        "GeneratorId": {"type": "string", "minLength": 1, "maxLength": 512},
        "AwsAccountId": {"pattern": r"^\d{12}$"},
        "CreatedAt": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "UpdatedAt": {"pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
        "Title": {"type": "string", "minLength": 1, "maxLength": 256},
        "Description": {"type": "string", "minLength": 1, "maxLength": 1024},
        "Types": {"type": "array", "maxItems": 50},
        "Severity": {"properties": {"Label": {"enum": ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"]}}},
        "Resources": {
            "type": "array",
            "minItems": 1,
            "maxItems": 32,
            "items": {
                "required": ["Type", "Id"],
                "properties": {
                    "Id": {"type": "string", "minLength": 1, "maxLength": 512},
                    "Partition": {"enum": ["aws", "aws-cn", "aws-us-gov"]},
                    "Details": {
                        "properties": {
                            "Other": {
                                "maxProperties": 50,
                                "additionalProperties": {"type": "string", "maxLength": 1024},
                            }
                        }
                    },
                },
            },
        },
        "Compliance": {
            "required": ["Status"],
            "properties": {
                "Status": {"enum": ["PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"]},
                "RelatedRequirements": {"maxItems": 32, "items": {"type": "string", "minLength": 1, "maxLength": 64}},
                "StatusReasons": {"maxItems": 20, "items": {"required": ["ReasonCode"]}},
            },
        },
        "Remediation": {
            "properties": {"Recommendation": {"properties": {"Text": {"type": "string", "maxLength": 512}}}}
        },
        "ProductFields": {
            "maxProperties": 50,
            "propertyNames": {"maxLength": 128},
            "additionalProperties": {"type": "string", "maxLength": 2048},
        },
        "RecordState": {"enum": ["ACTIVE", "ARCHIVED"]},
        "Workflow": {"properties": {"Status": {"enum": ["NEW", "NOTIFIED", "RESOLVED", "SUPPRESSED"]}}},
    },
}
"""As the user guide of AWS Security Hub gives the limits."""


def calls(report: Report) -> list[list[dict[str, Any]]]:
    return [json.loads(line)["Findings"] for line in text_of("asff", report).splitlines()]


@pytest.mark.parametrize("fixture", REPORTS)
def test_asff_is_within_its_limits(fixture: str, request: pytest.FixtureRequest) -> None:
    for finding in [one for call in calls(request.getfixturevalue(fixture)) for one in call]:
        jsonschema.Draft7Validator(ASFF).validate(finding)
        assert len(json.dumps(finding)) < 240_000


def test_a_call_takes_a_hundred(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [make_finding(fingerprint=f"cs1:{n:016x}") for n in range(250)]
    assert [len(call) for call in calls(report)] == [100, 100, 50]


def test_a_finding_for_security_hub(drifted_report: Report) -> None:
    finding = next(one for call in calls(drifted_report) for one in call if one["AwsAccountId"] == "123456789012")
    assert finding == snapshot(
        {
            "SchemaVersion": "2018-10-08",
            "Id": "compliance-scan/123456789012/eu-west-1/aws-rds-storage-encrypted/cs1:00000000000000ff",
            "ProductArn": "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default",
            "GeneratorId": "aws-rds-storage-encrypted",
            "AwsAccountId": "123456789012",
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
            "CreatedAt": "2026-11-21T08:00:00Z",
            "UpdatedAt": "2026-11-21T08:00:00Z",
            "Severity": {"Label": "HIGH", "Original": "high"},
            "Title": "RDS instances encrypt their storage",
            "Description": "storage_encrypted is false, expected true",
            "Resources": [
                {
                    "Type": "AwsS3Bucket",
                    "Id": "arn:aws:s3:::logs",
                    "Partition": "aws",
                    "Region": "eu-west-1",
                    "Details": {"Other": {"address": "aws_s3_bucket.logs", "type": "aws_s3_bucket", "plane": "live"}},
                }
            ],
            "Compliance": {
                "Status": "FAILED",
                "RelatedRequirements": ["pci-dss-4.0.1 3.5.1", "soc2-2017 CC6.1", "soc2-2017 CC6.7"],
            },
            "Remediation": {
                "Recommendation": {
                    "Text": "Set `storage_encrypted = true`; recreates the instance.",
                    "Url": "https://compliance-scan.example/rules/CMP1042",
                }
            },
            "ProductFields": {
                "compliance-scan/Rule": "aws-rds-storage-encrypted",
                "compliance-scan/Code": "CMP1042",
                "compliance-scan/Verdict": "fail",
                "compliance-scan/Path": "storage_encrypted",
                "compliance-scan/Statements": "C-10",
            },
            "RecordState": "ACTIVE",
            "Workflow": {"Status": "NEW"},
        }
    )


def test_states_in_security_hub(report: Report, make_finding: FindingMaker) -> None:
    for number, each in enumerate(report["findings"]):
        each["fingerprint"] = f"cs1:{number:016x}"
    (call,) = calls(report)
    found = {(one["Compliance"]["Status"], one["Workflow"]["Status"], one["RecordState"]) for one in call}
    assert found == {
        ("FAILED", "NEW", "ACTIVE"),
        ("FAILED", "SUPPRESSED", "ACTIVE"),
        ("NOT_AVAILABLE", "NEW", "ACTIVE"),
        ("PASSED", "RESOLVED", "ACTIVE"),
    }
    report["findings"] = [make_finding(baseline="absent")]
    assert [one["RecordState"] for one in calls(report)[0]] == ["ARCHIVED"]


def bom(report: Report, verdicts: frozenset[Verdict] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(text_of("cyclonedx", report, verdicts))
    return made


@pytest.mark.parametrize("fixture", REPORTS)
def test_the_schema_of_cyclonedx_holds(fixture: str, request: pytest.FixtureRequest) -> None:
    folder = resources.files("cyclonedx.schema") / "_res"
    named = {name: json.loads((folder / name).read_text()) for name in _schemas()}
    from referencing import Registry, Resource

    registry: Registry[Any] = Registry().with_resources(
        [(schema["$id"], Resource.from_contents(schema)) for schema in named.values()]
    )
    validator = jsonschema.Draft7Validator(named["bom-1.6.SNAPSHOT.schema.json"], registry=registry)
    every: frozenset[Verdict] = frozenset({"fail", "unknown", "pass", "not_applicable"})
    for verdicts in (None, every):
        made = bom(request.getfixturevalue(fixture), verdicts)
        validator.validate(made)
        references = {one["bom-ref"] for one in made.get("services", [])}
        assert {one["ref"] for each in made.get("vulnerabilities", []) for one in each["affects"]} == references


def _schemas() -> list[str]:
    return ["bom-1.6.SNAPSHOT.schema.json", "spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"]


def test_a_rule_is_one_vulnerability_of_many_services(report: Report) -> None:
    made = bom(report)
    (entry,) = [one for one in made["vulnerabilities"] if one["id"] == "CMP1003"]
    assert [one["ref"] for one in entry["affects"]] == [
        f"code:envs/prod:module.net[{n}].aws_security_group.a" for n in range(5)
    ]
    states = {one["analysis"]["state"] for one in made["vulnerabilities"] if one["id"] == "CMP2007"}
    assert states == {"exploitable", "in_triage"}


def test_controls_are_attested(report: Report) -> None:
    made = bom(report)
    assert [one["name"] for one in made["definitions"]["standards"]] == ["PCI DSS", "SOC 2 Trust Services Criteria"]
    first = made["declarations"]["attestations"][0]["map"]
    assert first == snapshot(
        [
            {
                "requirement": "requirement/pci-dss-4.0.1/3.5.1",
                "conformance": {"score": 0.75, "rationale": "Status: fail; coverage by rules: partial. Ask the owner."},
                "counterClaims": ["claim/pci-dss-4.0.1/3.5.1"],
            },
            {"requirement": "requirement/pci-dss-4.0.1/12.1.1"},
        ]
    )
    assert made["declarations"]["claims"] == snapshot(
        [
            {
                "bom-ref": "claim/pci-dss-4.0.1/3.5.1",
                "target": "organization",
                "predicate": "9 findings contradict pci-dss-4.0.1 3.5.1. Ask the owner.",
            },
            {
                "bom-ref": "claim/soc2-2017/CC6.1",
                "target": "organization",
                "predicate": "9 findings contradict soc2-2017 CC6.1. Ask the owner.",
            },
            {
                "bom-ref": "claim/soc2-2017/CC6.7",
                "target": "organization",
                "predicate": "3 verdicts support soc2-2017 CC6.7. Ask the owner.",
            },
        ]
    )
