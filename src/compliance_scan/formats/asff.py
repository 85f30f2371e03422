"""AWS Security Finding Format (2018-10-08), ready to be sent: each line is the input of one `BatchImportFindings`.

    while read -r call; do aws securityhub batch-import-findings --cli-input-json "$call"; done < findings.asff

A call takes a hundred findings. Security Hub accepts findings of the calling account only; what was judged in code
alone has no account and carries `000000000000` and `us-east-1` in its place. What is gone since the baseline is
archived.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from compliance_scan.formats import selected
from compliance_scan.formats._groups import is_hidden
from compliance_scan.formats._sarif.places import web_address
from compliance_scan.formats._shared import cut, cut_bytes, harmless, stamp, subject, words
from compliance_scan.formats.json import dumps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, ReportFinding, ReportRule, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown", "pass")
SCHEMA = "2018-10-08"
A_CALL = 100
MAX_FINDING = 240_000
NO_ACCOUNT, NO_REGION = "000000000000", "us-east-1"
SEVERITIES = {"critical": "CRITICAL", "high": "HIGH", "medium": "MEDIUM", "low": "LOW", "info": "INFORMATIONAL"}
STATUSES = {"pass": "PASSED", "fail": "FAILED", "unknown": "NOT_AVAILABLE", "not_applicable": "NOT_AVAILABLE"}
TYPES = {
    "aws_s3_bucket": "AwsS3Bucket",
    "aws_db_instance": "AwsRdsDbInstance",
    "aws_rds_cluster": "AwsRdsDbCluster",
    "aws_security_group": "AwsEc2SecurityGroup",
    "aws_instance": "AwsEc2Instance",
    "aws_ebs_volume": "AwsEc2Volume",
    "aws_vpc": "AwsEc2Vpc",
    "aws_subnet": "AwsEc2Subnet",
    "aws_iam_role": "AwsIamRole",
    "aws_iam_user": "AwsIamUser",
    "aws_iam_policy": "AwsIamPolicy",
    "aws_iam_group": "AwsIamGroup",
    "aws_kms_key": "AwsKmsKey",
    "aws_lambda_function": "AwsLambdaFunction",
    "aws_cloudtrail": "AwsCloudTrailTrail",
    "aws_dynamodb_table": "AwsDynamoDbTable",
    "aws_ecr_repository": "AwsEcrRepository",
    "aws_ecs_cluster": "AwsEcsCluster",
    "aws_ecs_service": "AwsEcsService",
    "aws_ecs_task_definition": "AwsEcsTaskDefinition",
    "aws_eks_cluster": "AwsEksCluster",
    "aws_lb": "AwsElbv2LoadBalancer",
    "aws_elb": "AwsElbLoadBalancer",
    "aws_sns_topic": "AwsSnsTopic",
    "aws_sqs_queue": "AwsSqsQueue",
    "aws_redshift_cluster": "AwsRedshiftCluster",
    "aws_secretsmanager_secret": "AwsSecretsManagerSecret",
    "aws_cloudfront_distribution": "AwsCloudFrontDistribution",
    "aws_autoscaling_group": "AwsAutoScalingAutoScalingGroup",
}
"""Resource types as Security Hub knows them; any other is `Other`."""


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes a call a line; a single empty call where there is nothing to say."""
    wanted = frozenset(VERDICTS) if options.verdicts is None else options.verdicts
    once: dict[str, str] = {}
    for finding in selected(report, wanted):
        made = _finding(report, finding)
        once.setdefault(made["Id"], _within(made))
    lines = list(once.values())
    calls = [lines[start : start + A_CALL] for start in range(0, len(lines), A_CALL)] or [[]]
    out.write("\n".join(f'{{"Findings": [{", ".join(call)}]}}' for call in calls) + "\n")


def _finding(report: Report, finding: ReportFinding) -> dict[str, Any]:
    rule, resource, run = report["rules"][finding["rule"]], finding["resource"], report["run"]
    account = resource["account"] or run["account"] or NO_ACCOUNT
    region = resource["region"] or NO_REGION
    partition = resource["arn"].split(":")[1] if resource["arn"] and resource["arn"].count(":") > 1 else "aws"
    arn = f"arn:{partition}:securityhub:{region}:{account}"
    identity = finding["fingerprint"] or f"{finding['instance']}/{_clean(subject(finding), 300)}"
    told = words(finding)
    made: dict[str, Any] = {
        "SchemaVersion": SCHEMA,
        "Id": f"compliance-scan/{account}/{region}/{finding['instance']}/{identity}"[:512],
        "ProductArn": f"{arn}:product/{account}/default",
        "GeneratorId": finding["instance"][:512],
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": stamp(run) + "Z",
        "UpdatedAt": stamp(run, run["seconds"]) + "Z",
        "Severity": {"Label": SEVERITIES[finding["severity"]], "Original": finding["severity"]},
        "Title": _clean(rule["title"], 256),
        "Description": _clean(told, 1024),
        "Resources": [_resource(finding, partition, region)],
        "Compliance": _compliance(finding),
        "Remediation": {"Recommendation": _recommendation(rule)},
        "ProductFields": _fields(finding),
        "RecordState": "ARCHIVED" if finding["baseline"] == "absent" else "ACTIVE",
        "Workflow": {"Status": _workflow(finding)},
    }
    return made


def _resource(finding: ReportFinding, partition: str, region: str) -> dict[str, Any]:
    resource, place = finding["resource"], finding["location"]
    details = {"address": resource["address"], "type": resource["type"], "plane": resource["plane"]}
    if place:
        details["location"] = f"{place['file']}:{place['line']}"
    return {
        "Type": TYPES.get(resource["type"], "Other"),
        "Id": _clean(subject(finding), 512) or "unknown",
        "Partition": partition if partition in ("aws", "aws-cn", "aws-us-gov") else "aws",
        "Region": region,
        "Details": {"Other": {key: _clean(value, 1024) for key, value in details.items() if value}},
    }


def _compliance(finding: ReportFinding) -> dict[str, Any]:
    named = [f"{framework} {one}"[:64] for framework, ids in finding["controls"].items() for one in ids]
    made: dict[str, Any] = {"Status": STATUSES[finding["verdict"]]}
    if named:
        made["RelatedRequirements"] = named[:32]
    if finding["verdict"] == "unknown":
        code = (finding["unknown_cause"] or "error").upper()
        told = _clean(finding["unknown_detail"] or finding["message"], 1024) or "The rule cannot be decided"
        made["StatusReasons"] = [{"ReasonCode": code, "Description": told}]
    return made


def _recommendation(rule: ReportRule) -> dict[str, str]:
    made = {"Text": _clean(" ".join(rule["fix"].split()) or rule["title"], 512)}
    address = web_address(rule["help_uri"])
    return made | ({"Url": address} if address else {})


def _fields(finding: ReportFinding) -> dict[str, str]:
    """Our own words beside the format's: at most 50, each at most 2,048 characters."""
    suppression = finding["suppression"]
    entries = {
        "compliance-scan/Rule": finding["rule"],
        "compliance-scan/Code": finding["code"],
        "compliance-scan/Verdict": finding["verdict"],
        "compliance-scan/Path": finding["path"],
        "compliance-scan/Baseline": finding["baseline"] or "",
        "compliance-scan/Statements": ", ".join(finding["statements"]),
        "compliance-scan/Suppression": f"{suppression['kind']}: {suppression['reason']}" if suppression else "",
    }
    return {key: _clean(value, 2048) for key, value in entries.items() if value}


def _workflow(finding: ReportFinding) -> str:
    if finding["verdict"] == "pass" or finding["baseline"] == "absent":
        return "RESOLVED"
    return "SUPPRESSED" if is_hidden(finding) else "NEW"


def _within(made: dict[str, Any]) -> str:
    """The finding as JSON in the size that a call takes, its own fields cut where it is larger."""
    text = dumps(made)
    if len(text) > MAX_FINDING:
        kept: Iterable[tuple[str, Any]] = made["ProductFields"].items()
        made["ProductFields"] = {key: cut_bytes(value, 200) for key, value in kept}
        text = dumps(made)
    return text


def _clean(text: str, most: int) -> str:
    return cut(harmless(text), most)
