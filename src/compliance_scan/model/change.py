"""What a run changed for one finding against the run, or the baseline, before it."""

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from compliance_scan.model.report import ReportFinding, Severity
    from compliance_scan.model.report_planes import Drift

DRIFT = "drift"
"""Stands for the rule where what is remembered is drift."""


class Change(NamedTuple):
    """One finding's news."""

    kind: str
    """new, changed, resolved or reopened."""
    fingerprint: str
    rule: str
    severity: str
    address: str
    before: str
    """Verdict, severity, `open` or `suppressed`, digest of the guilty items; empty where there was none."""
    after: str
    finding: "ReportFinding | None"
    """The finding of this run; None where it is gone."""


def as_finding(drift: "Drift") -> "ReportFinding":
    """A drift entry in the shape of a finding, so that it is remembered, compared and published like one."""
    said = json.dumps(drift["attributes"], sort_keys=True, default=str)
    place = next((each["location"] for each in drift["attributes"] if each["location"] is not None), None)
    flipped = any(each["live"] == "fail" and each["declared"] == "pass" for each in drift["rules"])
    severity: Severity = "high" if flipped else "low"
    paths = ", ".join(each["path"] for each in drift["attributes"])
    resource = {
        "root": ".",
        "plane": "live",
        "conditional": False,
        **{key: drift[key] for key in ("address", "type", "arn", "account", "region")},
    }
    made: dict[str, Any] = {
        "rule": DRIFT,
        "instance": DRIFT,
        "code": "",
        "severity": severity,
        "verdict": "fail",
        "message": f"{drift['kind']}{f': {paths}' if paths else ''}",
        "resource": resource,
        "guilty": "sha256:" + hashlib.sha256(f"{drift['kind']}{said}".encode()).hexdigest(),
        "location": place,
        "suppression": None,
        "baseline": None,
        "fingerprint": drift["fingerprint"],
        "aliases": [],
        "controls": drift["controls"],
    }
    return cast("ReportFinding", made)
