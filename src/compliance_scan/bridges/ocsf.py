"""OCSF findings (classes 2003 and 2004), as Prowler writes them to `*.ocsf.json`: a list, or one event a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.bridges import Foreign, Imported, at, items, odd, severity, text

if TYPE_CHECKING:
    from compliance_scan.model.report import Verdict

NAME = "Prowler (OCSF)"
CLASSES = (2003, 2004)
VERDICTS: dict[str, Verdict] = {
    "PASS": "pass",
    "FAIL": "fail",
    "FAILED": "fail",
    "MANUAL": "unknown",
    "WARNING": "unknown",
    "UNKNOWN": "unknown",
}
STATUSES: dict[int, Verdict] = {1: "pass", 2: "unknown", 3: "fail"}
PREFIX = "compliance-scan"


def recognises(document: Any) -> bool:
    """By the class of the first event."""
    first = document[0] if isinstance(document, list) and document else document
    return at(first, "class_uid") in CLASSES


def read(document: Any) -> list[Imported]:
    """All events, by the product that made them."""
    events = document if isinstance(document, list) else [document]
    by_tool: dict[tuple[str, str], list[Foreign]] = {}
    strange: dict[tuple[str, str], int] = {}
    for event in events:
        product = at(event, "metadata", "product")
        name = (text(product, "name") or text(product, "vendor_name") or "ocsf").lower()
        key = (name, text(product, "version"))
        members = by_tool.setdefault(key, [])
        made = _finding(event, name)
        if made is None:
            strange[key] = strange.get(key, 0) + 1
        else:
            members.append(made)
    return [
        Imported(tool, version, found, odd(tool, strange.get((tool, version), 0)))
        for (tool, version), found in by_tool.items()
    ]


def _finding(event: Any, tool: str) -> Foreign | None:
    ours = tool == PREFIX
    rule = text(event, "unmapped", "rule") if ours else text(event, "metadata", "event_code")
    verdict = VERDICTS.get(text(event, "status_code").upper())
    if verdict is None:
        verdict = STATUSES.get(at(event, "compliance", "status_id"))
    if not rule or verdict is None:
        return None
    uid = text(event, "resources", 0, "uid")
    muted = at(event, "status_id") == 3 or text(event, "status") == "Suppressed"
    title = text(event, "finding_info", "title") or rule
    return Foreign(
        rule,
        title,
        verdict,
        message=text(event, "status_detail") or text(event, "message"),
        severity=severity(text(event, "severity")),
        address=uid or text(event, "resources", 0, "name"),
        type=text(event, "resources", 0, "type"),
        arn=uid if uid.startswith("arn:") else "",
        account=text(event, "cloud", "account", "uid"),
        region=text(event, "resources", 0, "region") or text(event, "cloud", "region"),
        live=bool(at(event, "cloud")) or uid.startswith("arn:"),
        help_uri=next((one for one in items(event, "remediation", "references") if isinstance(one, str)), ""),
        fix=text(event, "remediation", "desc"),
        suppressed="" if muted and verdict == "fail" else None,
    )
