"""Reports as a run writes them, small enough to read."""

from typing import Any, cast

from compliance_scan.model.report import Report, ReportFinding


def finding(name: str, *, verdict: str = "fail", severity: str = "high", **more: Any) -> ReportFinding:
    """A finding of `aws-rds-storage-encrypted` on a live instance; `more` replaces keys, also those of `resource`."""
    resource: dict[str, Any] = {
        "address": f"arn:aws:rds:eu-west-1:123456789012:db:{name}",
        "root": ".",
        "type": "aws_db_instance",
        "plane": "live",
        "arn": f"arn:aws:rds:eu-west-1:123456789012:db:{name}",
        "account": "123456789012",
        "region": "eu-west-1",
        "conditional": False,
    }
    resource |= {key: more.pop(key) for key in list(more) if key in resource}
    made: dict[str, Any] = {
        "rule": "aws-rds-storage-encrypted",
        "instance": "aws-rds-storage-encrypted",
        "code": "CMP1042",
        "severity": severity,
        "verdict": verdict,
        "message": "storage_encrypted is false, expected true",
        "resource": resource,
        "guilty": "sha256:1",
        "location": None,
        "suppression": None,
        "baseline": None,
        "fingerprint": f"cs1:{name}",
        "aliases": [],
        "controls": {},
    }
    return cast("ReportFinding", {**made, **more})


def report(*findings: ReportFinding, started: str = "2026-11-01T02:00:00Z", **run: Any) -> Report:
    """A report of an audit of one account with these findings."""
    counts = {verdict: sum(each["verdict"] == verdict for each in findings) for verdict in ("fail", "unknown")}
    made: dict[str, Any] = {
        "tool": {"name": "compliance-scan", "version": "0.1.0", "rules_digest": "sha256:aa"},
        "run": {
            "command": "audit",
            "started": started,
            "seconds": 1.5,
            "as_of": started[:10],
            "targets": [],
            "account": "123456789012",
            "regions": ["eu-west-1", "us-east-1"],
            "exit_code": 1 if counts["fail"] else 0,
            "exit_reason": "",
            "root": ".",
            "vcs": None,
            **run,
        },
        "summary": {
            "pass": 3,
            **counts,
            "suppressed": 0,
            "open_by_severity": {"high": counts["fail"]},
            "evaluated_percent": 100.0,
            "compliance_percent": 50.0,
        },
        "controls": [{"framework": "soc2-2017", "control": "CC6.1", "status": "fail"}],
        "findings": list(findings),
        "drift": [],
        "incomplete": [],
    }
    return cast("Report", made)
