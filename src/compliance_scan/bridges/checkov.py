"""Checkov's JSON (`-o json`): one object a framework, or a list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.bridges import Foreign, Imported, items, number, odd, relative, severity, text, type_of

if TYPE_CHECKING:
    from compliance_scan.model.report import IncompleteEntry, Verdict

NAME = "Checkov"
GROUPS: dict[str, Verdict] = {"failed_checks": "fail", "passed_checks": "pass", "skipped_checks": "fail"}
UNKNOWN = "UNKNOWN"


def recognises(document: Any) -> bool:
    """By `check_type` and `results`; a run without any resource has only its counts."""
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict):
        return False
    return ("check_type" in first and "results" in first) or {"passed", "failed", "checkov_version"} <= first.keys()


def read(document: Any) -> list[Imported]:
    """All checks of all frameworks."""
    runs = document if isinstance(document, list) else [document]
    found: list[Foreign] = []
    incomplete: list[IncompleteEntry] = []
    strange = 0
    version = ""
    for run in runs:
        version = version or text(run, "summary", "checkov_version") or text(run, "checkov_version")
        for group, verdict in GROUPS.items():
            for entry in items(run, "results", group):
                made = _finding(entry, verdict)
                if made is None:
                    strange += 1
                else:
                    found.append(made)
        incomplete += [
            {"kind": "syntax_error", "where": relative(file), "message": "Checkov cannot parse it", "hint": ""}
            for file in items(run, "results", "parsing_errors")
            if isinstance(file, str)
        ]
    return [Imported("checkov", version, found, incomplete + odd("Checkov", strange))]


def _finding(entry: Any, verdict: Verdict) -> Foreign | None:
    rule, address = text(entry, "check_id"), text(entry, "resource")
    if not rule:
        return None
    result = text(entry, "check_result", "result")
    title = text(entry, "check_name") or rule
    keys = [key for key in items(entry, "check_result", "evaluated_keys") if isinstance(key, str)]
    reason = text(entry, "check_result", "suppress_comment") if result == "SKIPPED" else None
    return Foreign(
        rule,
        title,
        "unknown" if result == UNKNOWN else verdict,
        message=f"{title} ({', '.join(keys[:3])})" if keys else title,
        severity=severity(text(entry, "severity")),
        address=text(entry, "resource_address") or address,
        type=type_of(address),
        file=relative(text(entry, "repo_file_path") or text(entry, "file_path")),
        line=number(entry, "file_line_range", 0),
        end_line=number(entry, "file_line_range", 1),
        help_uri=text(entry, "guideline"),
        suppressed=reason,
    )
