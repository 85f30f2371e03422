"""A report made by hand that shows every kind of finding once."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from compliance_scan.model.report import Location, Report, ReportFinding

DB = """\
resource "aws_db_instance" "main" {
  engine            = "postgres"
  storage_encrypted = var.encrypted
\tidentifier        = "größe-数据-db"
}"""


class FindingMaker(Protocol):
    def __call__(self, rule: str = ..., address: str = ..., **changes: Any) -> ReportFinding: ...


def place(file: str, line: int, column: int, end_line: int, end_column: int) -> Location:
    return {"file": file, "line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _rule(code: str, title: str, severity: str, objective: str, **more: Any) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "severity": severity,
        "status": "stable",
        "why": f"Because of **{objective}**.",
        "fix": "Set it right.",
        "help_uri": f"https://compliance-scan.example/rules/{code}",
        "objectives": [objective],
        "controls": {"pci-dss-4.0.1": ["3.5.1"], "soc2-2017": ["CC6.1", "CC6.7"]},
        "equivalents": {"checkov": {"same": ["CKV_AWS_16"], "related": []}},
        **more,
    }


RULES = {
    "aws-ebs-volume-encrypted": _rule("CMP1101", "EBS volumes are encrypted", "high", "encryption-at-rest"),
    "aws-rds-storage-encrypted": _rule(
        "CMP1042",
        "RDS instances encrypt their storage",
        "high",
        "encryption-at-rest",
        fix="Set `storage_encrypted = true`; recreates the instance.",
    ),
    "aws-security-group-no-admin-ports": _rule(
        "CMP1003", "Security groups do not open administration ports to the internet", "critical", "network-exposure"
    ),
    "kubernetes-image-pinned": _rule("CMP2007", "Images are pinned", "low", "supply-chain"),
}


def _finding(rule: str = "aws-rds-storage-encrypted", address: str = "aws_db_instance.main", **changes: Any) -> Any:
    known = RULES.get(rule, RULES["aws-rds-storage-encrypted"])
    finding: dict[str, Any] = {
        "rule": rule,
        "instance": rule,
        "code": known["code"],
        "severity": known["severity"],
        "verdict": "fail",
        "message": "storage_encrypted is false, expected true",
        "message_id": "equals",
        "message_arguments": ["storage_encrypted", "false", "true"],
        "resource": {
            "address": address,
            "root": "envs/prod",
            "type": "aws_db_instance",
            "plane": "code",
            "arn": None,
            "account": None,
            "region": None,
            "conditional": False,
        },
        "path": "storage_encrypted",
        "expected": True,
        "actual": False,
        "guilty": "sha256:0011",
        "location": place("modules/db/main.tf", 14, 3, 14, 36),
        "context": {"line": 12, "text": DB},
        "snippet": "storage_encrypted = var.encrypted",
        "line_hash": "4f5e6d7c8b9a0102:1",
        "related": [],
        "unknown_cause": None,
        "unknown_detail": None,
        "suppression": None,
        "baseline": None,
        "fix": None,
        "fingerprint": "cs1:0123456789abcdef",
        "aliases": [],
        "controls": {"pci-dss-4.0.1": ["3.5.1"], "soc2-2017": ["CC6.1", "CC6.7"]},
        "statements": ["C-10"],
    }
    return {**finding, **changes}


def _suppression(status: str, kind: str = "inline", **more: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "reason": "moves in spring",
        "owner": "data-team",
        "until": "2027-01-31",
        "where": "modules/db/main.tf:11",
        "status": status,
        **more,
    }


def _findings() -> list[Any]:
    origin = {
        "message": "value comes from here",
        "address": None,
        "location": place("main.tf", 7, 3, 7, 20),
        "context": {"line": 6, "text": 'module "db" {\n  encrypted = false\n}'},
    }
    group: dict[str, Any] = {
        "rule": "aws-security-group-no-admin-ports",
        "message": "ingress[0].cidr_blocks is 0.0.0.0/0, open to the internet on port 22",
        "message_id": "is_public",
        "message_arguments": ["ingress[0].cidr_blocks", "0.0.0.0/0", "22"],
        "location": place("network.tf", 3, 5, 3, 32),
        "context": {"line": 2, "text": '  ingress {\n    cidr_blocks = ["0.0.0.0/0"]\n  }'},
        "snippet": 'cidr_blocks = ["0.0.0.0/0"]',
        "line_hash": "aa:1",
        "guilty": "sha256:22",
    }
    return [
        _finding(address='module.db["eu"].aws_db_instance.main', related=[origin], baseline=None),
        *(
            _finding(address=f"module.net[{n}].aws_security_group.a", fingerprint=f"cs1:{n:016x}", **group)
            for n in range(5)
        ),
        _finding(
            "aws-ebs-volume-encrypted",
            "aws_ebs_volume.scratch",
            location=place("disk.tf", 1, 1, 1, 38),
            context={"line": 1, "text": 'resource "aws_ebs_volume" "scratch" {\n  size = 10\n}'},
            snippet='resource "aws_ebs_volume" "scratch" {',
            line_hash="bb:1",
            message="encrypted is not declared, expected true",
            message_id="equals",
            message_arguments=["encrypted", "not declared", "true"],
            path="encrypted",
            actual=None,
            suppression=_suppression("expired", until="2026-01-31", where="disk.tf:1"),
            fix={
                "description": "set encrypted to true",
                "safe": True,
                "edits": [{**place("disk.tf", 2, 12, 2, 12), "text": "\n  encrypted = true"}],
            },
        ),
        _finding(
            address="aws_db_instance.unknown",
            verdict="unknown",
            message="storage_encrypted cannot be known: var.encrypted has no value",
            message_arguments=["storage_encrypted", "var.encrypted has no value"],
            message_id="unknown",
            actual=None,
            guilty="",
            unknown_cause="variable_without_value",
            unknown_detail="var.encrypted has no value",
            location=place("db.tf", 4, 3, 4, 20),
            context={
                "line": 3,
                "text": 'resource "aws_db_instance" "unknown" {\n  storage_encrypted = var.encrypted\n}',
            },
            snippet="storage_encrypted",
            line_hash=None,
        ),
        _finding(
            "kubernetes-image-pinned",
            "apps/Deployment/prod/api",
            location=place("k8s/api.yaml", 9, 9, 9, 21),
            context={"line": 9, "text": "        image: api:v1"},
            snippet="image: api:v1",
            line_hash="cc:1",
            message="containers[0].image is api:v1, expected a digest",
            message_id="image",
            message_arguments=["containers[0].image", "api:v1"],
            suppression=_suppression("accepted", "config", where=".compliance-scan.yaml:4"),
        ),
        _finding(
            "kubernetes-image-pinned",
            "apps/Deployment/prod/web",
            location=place("k8s/web.yaml", 9, 9, 9, 19),
            context={"line": 8, "text": "      # checkov:skip=*\n        image: web\n        name: web"},
            snippet="image: web",
            message="containers[0].image is web, expected a digest",
            message_id="image",
            message_arguments=["containers[0].image", "web"],
            suppression=_suppression(
                "under_review", "foreign", reason="", owner=None, until=None, where="k8s/web.yaml:8"
            ),
        ),
        _finding(
            "aws-ebs-volume-encrypted",
            "aws_ebs_volume.good",
            verdict="pass",
            message="",
            message_id="",
            message_arguments=[],
            guilty="",
            location=place("disk.tf", 9, 1, 9, 35),
            context={"line": 9, "text": 'resource "aws_ebs_volume" "good" {\n}'},
            snippet='resource "aws_ebs_volume" "good" {',
            line_hash="dd:1",
        ),
        _finding(
            "aws-ebs-volume-encrypted",
            "aws_ebs_volume.away",
            verdict="not_applicable",
            message="",
            message_id="",
            message_arguments=[],
            guilty="",
            location=place("disk.tf", 19, 1, 19, 35),
            context={"line": 19, "text": 'resource "aws_ebs_volume" "away" {\n}'},
            snippet='resource "aws_ebs_volume" "away" {',
            line_hash="ee:1",
        ),
    ]


def _control(framework: str, control: str, status: str, **counts: int) -> dict[str, Any]:
    return {
        "framework": framework,
        "control": control,
        "title": f"Control {control}",
        "status": status,
        "pass": 0,
        "fail": 0,
        "unknown": 0,
        "suppressed": 0,
        **counts,
        "coverage": "partial",
        "manual": "Ask the owner.",
    }


def _report() -> Any:
    return {
        "schema_version": 1,
        "tool": {
            "name": "compliance-scan",
            "version": "0.1.0",
            "information_uri": "https://compliance-scan.example",
            "rules_digest": "sha256:abcd",
        },
        "run": {
            "command": "scan",
            "started": "2026-11-21T08:00:00Z",
            "seconds": 0.1,
            "as_of": "2026-11-21",
            "targets": ["."],
            "frameworks": ["pci-dss-4.0.1", "soc2-2017"],
            "account": None,
            "regions": [],
            "regions_disabled": [],
            "accounts": [],
            "operations": [],
            "inventory": None,
            "config": [
                {"key": "fail_on", "value": "high", "file": ".compliance-scan.yaml", "line": 2, "weakens": True},
                {"key": "format", "value": "text", "file": ".compliance-scan.yaml", "line": 3, "weakens": False},
            ],
            "fail_on": "low",
            "severity": "info",
            "exit_code": 4,
            "exit_reason": "1 thing could not be read, so this is not the whole picture",
            "root": ".",
            "root_prefix": "",
            "vcs": {"repository": "https://github.com/acme/infra", "revision": "a" * 40, "branch": "main"},
            "pipeline": None,
            "skipped": {"node_modules": 2},
            "suppressions_unused": [
                {
                    "kind": "inline",
                    "rule": "aws-s3-bucket-versioning",
                    "resource": None,
                    "where": "main.tf:30",
                    "reason": "old",
                }
            ],
        },
        "summary": {
            "files": 7,
            "resources": 12,
            "rules": 4,
            "pass": 30,
            "fail": 9,
            "unknown": 1,
            "not_applicable": 8,
            "suppressed": 2,
            "under_review": 1,
            "open_by_severity": {"critical": 5, "high": 2, "medium": 0, "low": 0, "info": 0},
            "evaluated_percent": 97.5,
            "compliance_percent": 75.0,
        },
        "frameworks": {
            "pci-dss-4.0.1": {"title": "PCI DSS", "version": "4.0.1"},
            "soc2-2017": {"title": "SOC 2 Trust Services Criteria", "version": "2017"},
        },
        "rules": RULES,
        "findings": _findings(),
        "controls": [
            _control("pci-dss-4.0.1", "3.5.1", "fail", fail=9, unknown=1, suppressed=2, **{"pass": 30}),
            _control("pci-dss-4.0.1", "12.1.1", "manual"),
            _control("soc2-2017", "CC6.1", "fail", fail=9, unknown=1, suppressed=2, **{"pass": 30}),
            _control("soc2-2017", "CC6.7", "pass_automated_part", **{"pass": 3}),
        ],
        "planes": [],
        "drift": [],
        "not_covered": [{"type": "azurerm_storage_account", "count": 3, "reason": "provider not covered"}],
        "incomplete": [
            {
                "kind": "module_not_fetched",
                "where": "main.tf:7",
                "message": "module vpc comes from a registry and is not in .terraform/modules",
                "hint": "run terraform init",
            }
        ],
    }


@pytest.fixture
def report() -> Report:
    """One finding of each kind, a group of five, all notes."""
    made: Report = copy.deepcopy(_report())
    return made


@pytest.fixture
def empty_report(report: Report) -> Report:
    """A clean run."""
    report["findings"] = []
    report["controls"] = []
    report["frameworks"] = {}
    report["not_covered"] = []
    report["incomplete"] = []
    report["run"].update(
        {
            "frameworks": [],
            "config": [],
            "suppressions_unused": [],
            "exit_code": 0,
            "exit_reason": "no findings",
            "skipped": {},
        }
    )
    report["summary"].update(
        {
            "fail": 0,
            "unknown": 0,
            "suppressed": 0,
            "under_review": 0,
            "open_by_severity": {"critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0},
            "evaluated_percent": 100.0,
            "compliance_percent": 100.0,
        }
    )
    return report


@pytest.fixture
def make_finding() -> FindingMaker:
    """Makes a finding, with any key changed."""
    return _finding


@pytest.fixture
def drifted_report(report: Report) -> Report:
    """A report with drift, planes and a gate, and a live finding without a place."""
    arn = "arn:aws:s3:::logs"
    report["findings"].append(
        _finding(
            address="aws_s3_bucket.logs",
            location=None,
            context=None,
            snippet=None,
            line_hash=None,
            fingerprint="cs1:00000000000000ff",
            resource={
                "address": "aws_s3_bucket.logs",
                "root": "",
                "type": "aws_s3_bucket",
                "plane": "live",
                "arn": arn,
                "account": "123456789012",
                "region": "eu-west-1",
                "conditional": False,
            },
        )
    )
    flip: Any = {"rule": "aws-rds-storage-encrypted", "declared": "pass", "live": "fail"}
    report["drift"] = [
        {
            "kind": "changed",
            "address": "aws_s3_bucket.logs",
            "type": "aws_s3_bucket",
            "arn": arn,
            "account": "123456789012",
            "region": "eu-west-1",
            "attributes": [
                {
                    "path": "versioning.status",
                    "declared": "Enabled",
                    "live": "Suspended",
                    "location": place("main.tf", 9, 3, 9, 30),
                }
            ],
            "rules": [flip],
            "controls": {"soc2-2017": ["CC6.1"]},
            "joined_by": "arn",
            "actor": "arn:aws:iam::123456789012:user/eve",
            "remedy": {"code": None, "account": "aws s3api put-bucket-versioning\nsecond line"},
            "fingerprint": "cs1:d1",
        },
        {
            "kind": "unmanaged",
            "address": "arn:aws:s3:::other",
            "type": "aws_s3_bucket",
            "arn": "arn:aws:s3:::other",
            "account": "123456789012",
            "region": "eu-west-1",
            "attributes": [],
            "rules": [],
            "controls": {},
            "joined_by": None,
            "actor": None,
            "remedy": {"code": None, "account": None},
            "fingerprint": "cs1:d2",
        },
    ]
    row: Any = {"rule": "aws-rds-storage-encrypted", "instance": "aws-rds-storage-encrypted", "arn": arn, "plan": None}
    rows: Any = [
        {
            **row,
            "address": "aws_s3_bucket.logs",
            "code": "pass",
            "state": "pass",
            "live": "fail",
            "meaning": "changed_in_console",
        },
        {**row, "address": "aws_s3_bucket.good", "code": "pass", "state": None, "live": "pass", "meaning": "pass"},
    ]
    report["planes"] = rows
    report["gate"] = {
        "controls": [{"framework": "soc2-2017", "control": "CC6.1", "before": "pass", "after": "fail"}],
        "newly_failing": [_finding(fingerprint="cs1:ab")],
        "fixed": [_finding("aws-ebs-volume-encrypted", "aws_ebs_volume.x", fingerprint="cs1:ac")],
        "touched": ["aws_db_instance.main", "aws_ebs_volume.x"],
    }
    report["run"]["trend"] = [
        {
            "started": f"2026-11-0{day}T02:00:00Z",
            "open_by_severity": {"critical": day, "high": 9 - day, "medium": 0, "low": 2, "info": 0},
            "unknown": 3,
            "compliance_percent": 90.0 + day,
            "frameworks": {"soc2-2017": {"pass": 10 + day, "fail": 9 - day}},
        }
        for day in (1, 2, 3)
    ]
    return report


HOSTILE = [
    "]]>",
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "\u202egnp.exe",
    "a\nb\r\nc\x85d\u2028e",
    "[click](https://evil.example) ![x](javascript:alert(1))",
    "::set-output name=a::b\n::error::c",
    "=cmd|' /C calc'!A0",
    "{0} {1} {nothing} %s %n",
    "\x00\x7f\ud800",
    "##vso[task.setvariable variable=PATH]x ##[error]y ::add-mask::z",
    "@everyone #1 !2 $3 ~x https://evil.example www.evil.example",
    "` ``` | </details> <img src=x onerror=alert(1)> <!-- -->",
    "+1+cmd",
    "x" * 10_240,
]


@pytest.fixture
def hostile_report(report: Report) -> Report:
    """Every text that comes from what is scanned, as an enemy would write it."""
    report["findings"] = [_hostile_finding(text) for text in HOSTILE]
    text = "".join(HOSTILE)
    report["incomplete"] = [{"kind": "syntax_error", "where": text, "message": text, "hint": text}]
    report["not_covered"] = [{"type": text, "count": 1, "reason": text}]
    unused = report["run"]["suppressions_unused"][0]
    unused["where"] = unused["reason"] = unused["rule"] = unused["resource"] = text
    report["run"]["config"][0].update({"key": "exclude", "value": text, "file": text})
    report["run"]["targets"] = [text]
    report["run"]["skipped"] = {text: 1}
    report["run"]["vcs"] = {"repository": "https://host/" + "[x](y)<b>", "revision": "a" * 40, "branch": text}
    return report


def _hostile_finding(text: str) -> Any:
    where = place(f"dir/{text}.tf", 2, 3, 2, 9)
    return _finding(
        address=f'aws_db_instance.main["{text}"]',
        message=f"{text} is {text}, expected {text}",
        message_arguments=[text, text, text],
        location=where,
        context={"line": 1, "text": f"first {text}\n  {text}\nlast\t{text}"},
        snippet=text,
        actual=text,
        path=text,
        related=[{"message": text, "address": text, "location": where}],
        suppression=_suppression("expired", reason=text, owner=text, where=text),
        fix={"description": text, "safe": False, "edits": [{**where, "text": text}]},
        statements=[text],
    )
