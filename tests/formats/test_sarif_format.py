"""What the SARIF log says, profile by profile."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from inline_snapshot import snapshot

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from compliance_scan.formats._sarif.profiles import PROFILES, Profile
from compliance_scan.formats.sarif import _within
from tests.formats.conftest import place

if TYPE_CHECKING:
    from compliance_scan.model.report import Report, Verdict
    from tests.formats.conftest import FindingMaker


def run_of(report: Report, profile: str = "github", verdicts: frozenset[Verdict] | None = None) -> dict[str, Any]:
    out = io.StringIO()
    formats.load("sarif").write(report, out, FormatOptions(sarif_profile=profile, verdicts=verdicts))
    made: dict[str, Any] = json.loads(out.getvalue())["runs"][0]
    return made


def uris(run: dict[str, Any]) -> set[str]:
    return {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}


def notes(run: dict[str, Any]) -> list[str]:
    return [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]


def test_a_result_for_github(report: Report) -> None:
    run = run_of(report)
    (result,) = [result for result in run["results"] if result["ruleId"] == "CMP1042"]
    assert result == snapshot(
        {
            "ruleId": "CMP1042",
            "ruleIndex": 1,
            "kind": "fail",
            "level": "error",
            "message": {
                "text": "'storage_encrypted' is 'false', expected 'true'. Affected: 'module.db[\"eu\"].aws_db_instance.main'.",
                "id": "equals",
                "arguments": ["storage_encrypted", "false", "true", 'module.db["eu"].aws_db_instance.main'],
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "modules/db/main.tf", "uriBaseId": "SRCROOT"},
                        "region": {
                            "startLine": 14,
                            "startColumn": 3,
                            "endLine": 14,
                            "endColumn": 36,
                            "snippet": {"text": "storage_encrypted = var.encrypted"},
                        },
                        "contextRegion": {
                            "startLine": 12,
                            "endLine": 16,
                            "snippet": {
                                "text": """\
resource "aws_db_instance" "main" {
  engine            = "postgres"
  storage_encrypted = var.encrypted
	identifier        = "größe-数据-db"
}\
"""
                            },
                        },
                    },
                    "logicalLocations": [
                        {
                            "name": 'module.db["eu"].aws_db_instance.main',
                            "fullyQualifiedName": 'module.db["eu"].aws_db_instance.main',
                            "kind": "resource",
                        }
                    ],
                }
            ],
            "fingerprints": {"complianceScan/v1": "cs1:0123456789abcdef"},
            "partialFingerprints": {"primaryLocationLineHash": "4f5e6d7c8b9a0102:1"},
            "relatedLocations": [
                {
                    "id": 1,
                    "message": {"text": "value comes from here."},
                    "physicalLocation": {
                        "artifactLocation": {"uri": "main.tf", "uriBaseId": "SRCROOT"},
                        "region": {
                            "startLine": 7,
                            "startColumn": 3,
                            "endLine": 7,
                            "endColumn": 20,
                            "snippet": {"text": "encrypted = false"},
                        },
                        "contextRegion": {
                            "startLine": 6,
                            "endLine": 8,
                            "snippet": {
                                "text": """\
module "db" {
  encrypted = false
}\
"""
                            },
                        },
                    },
                }
            ],
            "properties": {
                "rule": "aws-rds-storage-encrypted",
                "severity": "high",
                "root": "envs/prod",
                "statements": ["C-10"],
            },
            "taxa": [
                {"id": "3.5.1", "index": 0, "toolComponent": {"name": "pci-dss-4.0.1", "index": 0}},
                {"id": "CC6.1", "index": 0, "toolComponent": {"name": "soc2-2017", "index": 1}},
                {"id": "CC6.7", "index": 1, "toolComponent": {"name": "soc2-2017", "index": 1}},
            ],
        }
    )


def test_a_rule(report: Report) -> None:
    (rule,) = [rule for rule in run_of(report)["tool"]["driver"]["rules"] if rule["id"] == "CMP1042"]
    assert rule == snapshot(
        {
            "id": "CMP1042",
            "name": "AwsRdsStorageEncrypted",
            "shortDescription": {"text": "RDS instances encrypt their storage."},
            "fullDescription": {"text": "Because of encryption-at-rest."},
            "help": {
                "text": """\
Because of encryption-at-rest.

How to fix:

Set `storage_encrypted = true`; recreates the instance.

Controls:

- pci-dss-4.0.1: 3.5.1
- soc2-2017: CC6.1, CC6.7

The same elsewhere:

- checkov: CKV_AWS_16\
""",
                "markdown": """\
# RDS instances encrypt their storage

Because of **encryption-at-rest**.

## How to fix

Set `storage_encrypted = true`; recreates the instance.

## Controls

- pci-dss-4.0.1: 3.5.1
- soc2-2017: CC6.1, CC6.7

## The same elsewhere

- checkov: CKV_AWS_16\
""",
            },
            "messageStrings": {"equals": {"text": "'{0}' is '{1}', expected '{2}'. Affected: '{3}'."}},
            "defaultConfiguration": {"level": "error"},
            "properties": {
                "tags": ["security", "compliance", "encryption-at-rest", "pci-dss-4.0.1", "soc2-2017"],
                "precision": "high",
                "security-severity": "8.0",
                "problem.severity": "error",
                "rule": "aws-rds-storage-encrypted",
            },
            "helpUri": "https://compliance-scan.example/rules/CMP1042",
            "relationships": [
                {
                    "target": {"id": "3.5.1", "index": 0, "toolComponent": {"name": "pci-dss-4.0.1", "index": 0}},
                    "kinds": ["relevant"],
                },
                {
                    "target": {"id": "CC6.1", "index": 0, "toolComponent": {"name": "soc2-2017", "index": 1}},
                    "kinds": ["relevant"],
                },
                {
                    "target": {"id": "CC6.7", "index": 1, "toolComponent": {"name": "soc2-2017", "index": 1}},
                    "kinds": ["relevant"],
                },
            ],
        }
    )


def test_github_leaves_out_what_is_suppressed_and_says_so(report: Report) -> None:
    run = run_of(report)
    assert uris(run) == {"disk.tf", "modules/db/main.tf", "network.tf"}
    assert all("suppressions" not in result for result in run["results"])
    assert {result["kind"] for result in run["results"]} == {"fail"}
    assert run["properties"]["suppressed"] == 2
    assert notes(run) == snapshot(
        [
            "At 'main.tf:7': 'module vpc comes from a registry and is not in .terraform/modules'. To mend: 'run terraform init'.",
            "'2' suppressed findings are left out of this log.",
        ]
    )


def test_github_groups_calls_of_one_module(report: Report) -> None:
    (result,) = [result for result in run_of(report)["results"] if result["ruleId"] == "CMP1003"]
    addresses = [f"module.net[{n}].aws_security_group.a" for n in range(5)]
    assert [entry["fullyQualifiedName"] for entry in result["locations"][0]["logicalLocations"]] == addresses
    assert result["message"]["text"].endswith(f" Affected: '{', '.join(addresses)}'.")
    assert len(result["properties"]["otherFingerprints"]) == 4
    assert sum(entry["ruleId"] == "CMP1003" for entry in run_of(report, "full")["results"]) == 5


def test_a_group_of_forty_names_ten(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [make_finding(address=f"module.m[{n:02}].a.b") for n in range(40)]
    (result,) = run_of(report)["results"]
    assert result["message"]["arguments"][-1].endswith("module.m[09].a.b and 30 more")
    assert len(result["locations"][0]["logicalLocations"]) == 40


def test_full_has_every_kind_and_every_suppression(report: Report) -> None:
    run = run_of(report, "full")
    kinds = {(result["kind"], result["level"]) for result in run["results"]}
    assert kinds == {
        ("fail", "error"),
        ("fail", "note"),
        ("pass", "none"),
        ("notApplicable", "none"),
        ("open", "none"),
    }
    made = [entry for result in run["results"] for entry in result["suppressions"]]
    assert [(entry["kind"], entry["status"]) for entry in made] == [
        ("inSource", "rejected"),
        ("external", "accepted"),
        ("inSource", "underReview"),
    ]
    assert [entry["justification"] for entry in made] == ["moves in spring"] * 2 + ["No reason was given."]
    assert made[0]["location"]["physicalLocation"]["artifactLocation"]["uri"] == "disk.tf"
    assert run["properties"]["suppressed"] == 0


@pytest.mark.parametrize("profile", PROFILES)
def test_templates_filled_in_give_the_text(report: Report, hostile_report: Report, profile: str) -> None:
    for made in (report, hostile_report):
        run = run_of(made, profile)
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            rule = rules[result["ruleIndex"]]
            assert rule["id"] == result["ruleId"]
            message = result["message"]
            template = rule["messageStrings"][message["id"]]["text"]
            assert filled_in(template, message["arguments"]) == message["text"]
            assert message["text"].endswith(".")
            assert len(message["arguments"]) <= 5
            assert "](" not in message["text"].replace("\\](", "")


def filled_in(template: str, arguments: list[str]) -> str:
    """SARIF's rule: `{n}` is an argument, doubled braces are single ones."""

    def replaced(hole: re.Match[str]) -> str:
        return {"{{": "{", "}}": "}"}.get(hole[0]) or arguments[int(hole[1])]

    return re.sub(r"\{\{|\}\}|\{(\d+)\}", replaced, template)


@pytest.mark.parametrize("profile", PROFILES)
def test_references_to_controls_point_at_them(report: Report, profile: str) -> None:
    run = run_of(report, profile)
    taxonomies = run["taxonomies"]
    references = [entry["target"] for rule in run["tool"]["driver"]["rules"] for entry in rule["relationships"]]
    references += [entry for result in run["results"] for entry in result["taxa"]]
    assert references
    for entry in references:
        framework = taxonomies[entry["toolComponent"]["index"]]
        assert framework["name"] == entry["toolComponent"]["name"]
        assert framework["taxa"][entry["index"]]["id"] == entry["id"]
    assert [entry["name"] for entry in run["tool"]["driver"]["supportedTaxonomies"]] == [t["name"] for t in taxonomies]


def test_paths_are_relative_to_the_repository_root_for_github(report: Report) -> None:
    report["run"].update({"root": "..", "root_prefix": "envs/"})
    report["findings"] = report["findings"][:1]
    assert report["findings"][0]["location"]
    for file, uri in (
        ("main.tf", "envs/main.tf"),
        ("../modules/db/main.tf", "modules/db/main.tf"),
        ("a b#?:%.tf", "envs/a%20b%23%3F%3A%25.tf"),
    ):
        report["findings"][0]["location"]["file"] = file
        assert uris(run_of(report)) == {uri}


@pytest.mark.parametrize(
    ("root", "prefix", "file", "uri"),
    [
        (".", "", "main.tf", "main.tf"),
        ("../..", "a/b/", "../x.tf", "a/x.tf"),
        ("../..", "a/b/", "../../x.tf", "x.tf"),
        ("../..", "a/b/", "x.tf", "a/b/x.tf"),
        ("../other", "", "../other/x.tf", "x.tf"),
        ("sub/repo", "", "sub/repo/m/x.tf", "m/x.tf"),
    ],
)
def test_mapping_to_the_root(report: Report, root: str, prefix: str, file: str, uri: str) -> None:
    report["run"].update({"root": root, "root_prefix": prefix})
    report["findings"] = report["findings"][:1]
    assert report["findings"][0]["location"]
    report["findings"][0]["location"]["file"] = file
    assert uris(run_of(report)) == {uri}


def test_full_keeps_working_directory_paths_and_says_where_that_is(report: Report) -> None:
    report["run"].update({"root": "..", "root_prefix": "envs/"})
    run = run_of(report, "full")
    assert "modules/db/main.tf" in uris(run)
    assert run["originalUriBaseIds"]["WORKDIR"]["uri"] == "envs/"
    assert run["originalUriBaseIds"]["WORKDIR"]["uriBaseId"] == "SRCROOT"
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] == "WORKDIR"


@pytest.mark.parametrize("profile", PROFILES)
def test_every_result_has_a_file(report: Report, make_finding: FindingMaker, profile: str) -> None:
    report["findings"] = [make_finding(location=None, context=None, snippet=None, line_hash=None)]
    (result,) = run_of(report, profile)["results"]
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == ".compliance-scan.yaml"
    assert physical["region"]["startLine"] == 1
    assert "partialFingerprints" not in result


def test_baseline_state_is_on_all_results_or_on_none(report: Report) -> None:
    assert all("baselineState" not in result for result in run_of(report, "full")["results"])
    report["findings"][0]["baseline"] = "worsened"
    report["findings"][1]["baseline"] = "absent"
    states = [result["baselineState"] for result in run_of(report, "full")["results"]]
    assert len(states) == len(report["findings"])
    assert set(states) == {"updated", "absent", "unchanged"}


def test_consumers_are_not_shown_what_vanished(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [make_finding(baseline="absent"), make_finding(address="aws_db_instance.b", baseline="new")]
    (result,) = run_of(report)["results"]
    assert result["baselineState"] == "new"


def test_the_primary_hash_is_the_only_partial_fingerprint(report: Report) -> None:
    for result in run_of(report)["results"]:
        assert list(result["partialFingerprints"]) == ["primaryLocationLineHash"]
        assert list(result["fingerprints"]) == ["complianceScan/v1"]


def test_unknown_verdicts_on_request(report: Report) -> None:
    run = run_of(report, "github", frozenset({"unknown"}))
    (result,) = run["results"]
    assert (result["kind"], result["level"]) == ("open", "none")
    assert result["properties"]["unknownCause"] == "variable_without_value"


def test_a_fix_is_an_artifact_change(report: Report) -> None:
    (result,) = [result for result in run_of(report)["results"] if "fixes" in result]
    assert result["fixes"] == snapshot(
        [
            {
                "description": {"text": "set encrypted to true."},
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": "disk.tf", "uriBaseId": "SRCROOT"},
                        "replacements": [
                            {
                                "deletedRegion": {"startLine": 2, "startColumn": 12, "endLine": 2, "endColumn": 12},
                                "insertedContent": {
                                    "text": """\

  encrypted = true\
"""
                                },
                            }
                        ],
                    }
                ],
            }
        ]
    )


def test_what_could_not_be_read_is_a_notification(report: Report) -> None:
    run = run_of(report)
    invocation = run["invocations"][0]
    note = invocation["toolExecutionNotifications"][0]
    described = run["tool"]["driver"]["notifications"][note["descriptor"]["index"]]
    assert described["id"] == note["descriptor"]["id"] == "CSN1005"
    assert described["help"]["text"]
    assert note["level"] == "error"
    assert note["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "main.tf", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 7},
    }
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (4, True)


@pytest.mark.parametrize(
    ("end_column", "snippet"),
    [(1, ""), (40, "(not quoted)")],
    ids=["a line of an inventory", "a stretch of a plan"],
)
def test_lines_that_are_kept_back_are_redacted_as_sarif_says(
    report: Report, make_finding: FindingMaker, end_column: int, snippet: str
) -> None:
    where = place("account.jsonl", 7, 1, 7, end_column)
    report["findings"] = [make_finding(location=where, context=None, snippet=None)]
    run = run_of(report)
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    assert physical["region"]["snippet"]["text"] == snippet
    assert physical["contextRegion"] == {"startLine": 7, "endLine": 7, "snippet": {"text": "(not quoted)"}}
    assert "(not quoted)" in run["redactionTokens"]


def test_an_operation_that_was_denied_is_no_file(report: Report) -> None:
    report["incomplete"] = [
        {"kind": "denied", "where": "rds:DescribeDBInstances@eu-west-1", "message": "m", "hint": ""}
    ]
    note = run_of(report)["invocations"][0]["toolExecutionNotifications"][0]
    assert note["locations"] == [
        {"logicalLocations": [{"fullyQualifiedName": "rds:DescribeDBInstances@eu-west-1", "kind": "resource"}]}
    ]


def test_results_beyond_the_limit_are_cut_by_severity(report: Report, make_finding: FindingMaker) -> None:
    findings = [
        make_finding(address=f"a.{n}", guilty=f"sha256:{n}", severity=("low", "critical", "high")[n % 3])
        for n in range(9)
    ]
    kept, left_out = _within(findings, Profile(grouped=True, max_results=4))
    assert [finding["severity"] for finding in kept].count("critical") == 3
    assert [finding["severity"] for finding in kept].count("high") == 1
    assert left_out == 5
    report["findings"] = [
        make_finding(address=f"a.{n}", guilty=f"sha256:{n}", severity="low" if n else "critical") for n in range(25_010)
    ]
    run = run_of(report)
    assert len(run["results"]) == 25_000
    assert notes(run)[-1] == "The '10' least severe of '25010' findings are left out of this log."
    assert sum(result["level"] == "error" for result in run["results"]) == 1


def test_a_rule_with_ever_different_messages_stays_bounded(report: Report, make_finding: FindingMaker) -> None:
    report["findings"] = [
        make_finding(address=f"a.{n}", guilty=f"sha256:{n}", message=f"number {n} is wrong", message_arguments=[])
        for n in range(100)
    ]
    run = run_of(report)
    (rule,) = run["tool"]["driver"]["rules"]
    assert len(rule["messageStrings"]) <= 21
    assert len({result["message"]["text"] for result in run["results"]}) == 100


def test_texts_keep_to_the_limits_of_github(hostile_report: Report) -> None:
    for rule in hostile_report["rules"].values():
        rule["why"] = "w" * 5000
        rule["objectives"] = [f"objective-{n}" for n in range(40)]
    for rule in run_of(hostile_report)["tool"]["driver"]["rules"]:
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert len(rule["shortDescription"]["text"]) <= 1024
        assert len(rule["name"]) <= 255
        assert len(rule["properties"]["tags"]) <= 10
        assert float(rule["properties"]["security-severity"]) != 9.0


def test_severities_as_github_reads_them(report: Report) -> None:
    rules = run_of(report, "full")["tool"]["driver"]["rules"]
    read = {
        rule["id"]: (rule["defaultConfiguration"]["level"], rule["properties"]["security-severity"]) for rule in rules
    }
    assert read == {
        "CMP1101": ("error", "8.0"),
        "CMP1042": ("error", "8.0"),
        "CMP1003": ("error", "9.5"),
        "CMP2007": ("note", "2.0"),
    }


@pytest.mark.parametrize("hostile", [None, "javascript:alert(1)", "/home/someone/repository"])
def test_a_repository_without_a_web_address_is_named_by_its_commit(report: Report, hostile: str | None) -> None:
    assert report["run"]["vcs"]
    report["run"]["vcs"]["repository"] = hostile
    (source,) = run_of(report)["versionControlProvenance"]
    assert source["repositoryUri"] == f"swh:1:rev:{'a' * 40}"
    assert source["mappedTo"] == {"uriBaseId": "SRCROOT"}
    report["run"]["vcs"] = None
    assert "versionControlProvenance" not in run_of(report)


@pytest.mark.parametrize(
    ("targets", "category"),
    [
        (["."], "compliance-scan/scan/"),
        (["envs/prod/"], "compliance-scan/scan/envs/prod/"),
        (["a b", "c\nd"], "compliance-scan/scan/a_b+c_d/"),
    ],
)
def test_the_category_names_what_was_scanned(report: Report, targets: list[str], category: str) -> None:
    report["run"]["targets"] = targets
    assert run_of(report)["automationDetails"]["id"] == category


def test_azure_names_its_pipeline(report: Report) -> None:
    report["run"]["pipeline"] = {
        "organization": "acme",
        "project": "infra",
        "definition_id": 7,
        "definition_name": "nightly",
        "phase_id": "6884a131-87da-5381-61f3-d7acc3b91d76",
        "phase_name": "scan",
        "build_id": 99,
    }
    assert run_of(report, "azure")["automationDetails"] == snapshot(
        {
            "id": "azuredevops/pipeline/build/acme/infra/7/6884a131-87da-5381-61f3-d7acc3b91d76/main/99",
            "properties": {
                "azuredevops/pipeline/build/buildDefinitionId": 7,
                "azuredevops/pipeline/build/buildDefinitionName": "nightly",
                "azuredevops/pipeline/build/phaseId": "6884a131-87da-5381-61f3-d7acc3b91d76",
                "azuredevops/pipeline/build/phaseName": "scan",
            },
        }
    )


def test_the_file_is_ascii_and_a_result_a_line(hostile_report: Report) -> None:
    out = io.StringIO()
    formats.load("sarif").write(hostile_report, out, FormatOptions())
    text = out.getvalue()
    assert text.isascii()
    assert all(character == "\n" or character.isprintable() for character in text)
    assert sum(line.startswith('{"ruleId": ') for line in text.splitlines()) == len(hostile_report["findings"])


def test_equal_reports_give_equal_bytes(report: Report) -> None:
    first = json.dumps(run_of(report, "full"))
    report["findings"].reverse()
    assert json.dumps(run_of(report, "full")) == first
