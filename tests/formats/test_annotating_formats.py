"""What build servers read: workflow commands, JUnit, GitLab's two reports."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from inline_snapshot import snapshot
from lxml import etree

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from tests.formats.schemas import GITLAB_QUALITY, GITLAB_SAST, JUNIT

if TYPE_CHECKING:
    from compliance_scan.model.report import Report, Verdict
    from tests.formats.conftest import FindingMaker


def text_of(name: str, report: Report, verdicts: frozenset[Verdict] | None = None) -> str:
    out = io.StringIO()
    formats.load(name).write(report, out, FormatOptions(verdicts=verdicts))
    return out.getvalue()


def test_workflow_commands(report: Report) -> None:
    assert text_of("github", report).splitlines() == snapshot(
        [
            "::error file=network.tf,line=3,endLine=3,col=5,endColumn=32,title=critical%3A Security groups do not open administration ports to the internet::ingress[0].cidr_blocks is 0.0.0.0/0, open to the internet on port 22 [aws-security-group-no-admin-ports] module.net[0].aws_security_group.a, module.net[1].aws_security_group.a, module.net[2].aws_security_group.a and 2 more",
            "::error file=disk.tf,line=1,endLine=1,col=1,endColumn=38,title=high%3A EBS volumes are encrypted::encrypted is not declared, expected true [aws-ebs-volume-encrypted] aws_ebs_volume.scratch",
            '::error file=modules/db/main.tf,line=14,endLine=14,col=3,endColumn=36,title=high%3A RDS instances encrypt their storage::storage_encrypted is false, expected true [aws-rds-storage-encrypted] module.db["eu"].aws_db_instance.main',
            "::error title=could not be read::main.tf:7: module vpc comes from a registry and is not in .terraform/modules. run terraform init",
            "::error title=compliance-scan::exit 4: 1 thing could not be read, so this is not the whole picture",
        ]
    )


def test_columns_of_several_lines_are_left_out(report: Report, make_finding: FindingMaker) -> None:
    place = {"file": "a.tf", "line": 3, "column": 5, "end_line": 6, "end_column": 2}
    report["findings"] = [make_finding(location=place)]
    first = text_of("github", report).splitlines()[0]
    assert first.startswith("::error file=a.tf,line=3,endLine=6,title=")


def test_paths_from_the_root(report: Report, make_finding: FindingMaker) -> None:
    report["run"].update({"root": "..", "root_prefix": "envs/"})
    report["findings"] = [make_finding()]
    assert "file=envs/modules/db/main.tf" in text_of("github", report)
    (entry,) = json.loads(text_of("gitlab-quality", report))
    assert entry["location"]["path"] == "envs/modules/db/main.tf"
    assert (
        json.loads(text_of("gitlab-sast", report))["vulnerabilities"][0]["location"]["file"]
        == "envs/modules/db/main.tf"
    )


def test_a_flip_in_the_account_is_an_annotation(drifted_report: Report) -> None:
    lines = [line for line in text_of("github", drifted_report).splitlines() if "title=drift" in line]
    assert lines == snapshot(
        [
            "::error file=main.tf,line=9,title=drift%3A aws_s3_bucket.logs::arn:aws:s3:::logs: changed in the account, versioning.status: aws-rds-storage-encrypted (pass -> fail)"
        ]
    )


def suites(report: Report, verdicts: frozenset[Verdict] | None = None) -> ET.Element:
    text = text_of("junit", report, verdicts)
    etree.XMLSchema(etree.fromstring(JUNIT.encode())).assertValid(etree.fromstring(text.encode()))
    return ET.fromstring(text)


def test_junit_counts_what_it_holds(report: Report) -> None:
    root = suites(report)
    for suite in [*root.iter("testsuite")]:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name, "")) == len(suite.findall(f"testcase/{tag}"))
    assert root.attrib == snapshot(
        {"name": "compliance-scan scan", "tests": "12", "failures": "7", "errors": "1", "skipped": "3", "time": "0.1"}
    )


def test_junit_cases(report: Report) -> None:
    (suite,) = [one for one in suites(report).iter("testsuite") if one.get("name") == "aws-rds-storage-encrypted"]
    assert ET.tostring(suite, encoding="unicode") == snapshot("""\
<testsuite name="aws-rds-storage-encrypted" tests="2" failures="1" errors="0" skipped="1" time="0" timestamp="2026-11-21T08:00:00" hostname="localhost">
    <testcase classname="aws-rds-storage-encrypted" name="envs/prod: aws_db_instance.unknown" file="db.tf" line="4" time="0"><skipped message="unknown: storage_encrypted cannot be known: var.encrypted has no value" /></testcase>
    <testcase classname="aws-rds-storage-encrypted" name="envs/prod: module.db[&quot;eu&quot;].aws_db_instance.main" file="modules/db/main.tf" line="14" time="0"><failure message="storage_encrypted is false, expected true" type="high">RDS instances encrypt their storage
storage_encrypted is false, expected true
at modules/db/main.tf:14:3
pci-dss-4.0.1: 3.5.1
soc2-2017: CC6.1, CC6.7
fix: Set `storage_encrypted = true`; recreates the instance.
https://compliance-scan.example/rules/CMP1042
cs1:0123456789abcdef</failure></testcase>
  </testsuite>
  \
""")


def test_junit_tells_suppressed_from_failing(report: Report) -> None:
    (suite,) = [one for one in suites(report).iter("testsuite") if one.get("name") == "kubernetes-image-pinned"]
    assert [one.get("message") for one in suite.iter("skipped")] == snapshot(
        ["suppressed (config, accepted): moves in spring", "suppressed (foreign, under_review): no reason"]
    )
    assert not list(suite.iter("failure"))


def test_junit_has_an_error_for_what_was_not_read(report: Report, empty_report: Report) -> None:
    empty_report["incomplete"] = [
        {"kind": "denied", "where": "rds:DescribeDBInstances", "message": "no", "hint": "ask"}
    ]
    root = suites(empty_report)
    assert (root.get("errors"), [one.get("message") for one in root.iter("error")]) == ("1", ["no. ask"])


@pytest.mark.parametrize("fixture", ["report", "empty_report", "hostile_report", "drifted_report"])
def test_gitlab_reports_are_valid(fixture: str, request: pytest.FixtureRequest) -> None:
    report = request.getfixturevalue(fixture)
    jsonschema.Draft7Validator(GITLAB_SAST).validate(json.loads(text_of("gitlab-sast", report)))
    jsonschema.Draft7Validator(GITLAB_QUALITY).validate(json.loads(text_of("gitlab-quality", report)))


def test_a_vulnerability_for_gitlab(report: Report) -> None:
    made = json.loads(text_of("gitlab-sast", report))
    (entry,) = [one for one in made["vulnerabilities"] if one["identifiers"][0]["value"] == "CMP1042"]
    assert entry == snapshot(
        {
            "id": "cs1:0123456789abcdef",
            "name": "RDS instances encrypt their storage",
            "description": """\
storage_encrypted is false, expected true (module.db["eu"].aws_db_instance.main)

Because of **encryption-at-rest**.

pci-dss-4.0.1: 3.5.1

soc2-2017: CC6.1, CC6.7\
""",
            "severity": "High",
            "identifiers": [
                {
                    "type": "compliance_scan_rule",
                    "name": "aws-rds-storage-encrypted",
                    "value": "CMP1042",
                    "url": "https://compliance-scan.example/rules/CMP1042",
                },
                {"type": "checkov_id", "name": "CKV_AWS_16", "value": "CKV_AWS_16"},
                {"type": "pci-dss-4.0.1", "name": "pci-dss-4.0.1 3.5.1", "value": "3.5.1"},
                {"type": "soc2-2017", "name": "soc2-2017 CC6.1", "value": "CC6.1"},
                {"type": "soc2-2017", "name": "soc2-2017 CC6.7", "value": "CC6.7"},
            ],
            "location": {
                "file": "modules/db/main.tf",
                "start_line": 14,
                "end_line": 14,
                "class": 'module.db["eu"].aws_db_instance.main',
            },
            "tracking": {
                "type": "source",
                "items": [
                    {
                        "file": "modules/db/main.tf",
                        "start_line": 14,
                        "end_line": 14,
                        "signatures": [{"algorithm": "hash", "value": "cs1:0123456789abcdef"}],
                    }
                ],
            },
            "solution": "Set `storage_encrypted = true`; recreates the instance.",
            "links": [{"name": "Rule", "url": "https://compliance-scan.example/rules/CMP1042"}],
        }
    )
    assert made["scan"]["status"] == "failure"
    assert len(made["scan"]["messages"]) == 1


def test_gitlab_reports_leave_out_what_is_suppressed(report: Report) -> None:
    names = [one["identifiers"][0]["name"] for one in json.loads(text_of("gitlab-sast", report))["vulnerabilities"]]
    assert "kubernetes-image-pinned" not in names
    quality = json.loads(text_of("gitlab-quality", report))
    assert len(names) == len(quality) == 7


def test_equal_fingerprints_are_told_once(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [make_finding(), make_finding()]
    assert len(json.loads(text_of("gitlab-quality", report))) == 1


def test_what_has_no_file_is_kept(report: Report, make_finding: FindingMaker) -> None:
    arn = "arn:aws:rds:eu-west-1:123456789012:db:main"
    live: dict[str, Any] = {**make_finding()["resource"], "plane": "live", "arn": arn, "account": "123456789012"}
    report["findings"] = [make_finding(location=None, context=None, snippet=None, resource=live)]
    (entry,) = json.loads(text_of("gitlab-sast", report))["vulnerabilities"]
    assert (entry["location"]["file"], entry["location"]["class"]) == (".compliance-scan.yaml", arn)
    assert arn in json.loads(text_of("gitlab-quality", report))[0]["description"]
