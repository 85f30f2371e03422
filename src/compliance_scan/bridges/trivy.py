"""Trivy's JSON (`trivy config -f json`, and the misconfigurations of any other scan)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance_scan.bridges import Foreign, Imported, items, number, odd, relative, severity, text, type_of

if TYPE_CHECKING:
    from compliance_scan.model.report import Verdict

NAME = "Trivy"
STATUSES: dict[str, Verdict] = {"FAIL": "fail", "PASS": "pass", "EXCEPTION": "fail"}


def recognises(document: Any) -> bool:
    """By `SchemaVersion` with `Results` or the artifact's name."""
    return (
        isinstance(document, dict)
        and "SchemaVersion" in document
        and bool({"Results", "ArtifactName"} & document.keys())
    )


def read(document: Any) -> list[Imported]:
    """The misconfigurations of all targets; vulnerabilities and licences are of another kind and left out."""
    found: list[Foreign] = []
    strange = 0
    for result in items(document, "Results"):
        for entry in items(result, "Misconfigurations"):
            made = _finding(entry, text(result, "Target"))
            if made is None:
                strange += 1
            else:
                found.append(made)
    return [Imported("trivy", text(document, "Trivy", "Version"), found, odd("Trivy", strange))]


def _finding(entry: Any, target: str) -> Foreign | None:
    rule = text(entry, "ID") or text(entry, "AVDID")
    verdict = STATUSES.get(text(entry, "Status"))
    if not rule or verdict is None:
        return None
    address = text(entry, "CauseMetadata", "Resource")
    return Foreign(
        rule.removeprefix("AVD-"),
        text(entry, "Title") or rule,
        verdict,
        message=text(entry, "Message"),
        severity=severity(text(entry, "Severity")),
        address=address,
        type=type_of(address),
        file=relative(target),
        line=number(entry, "CauseMetadata", "StartLine"),
        end_line=number(entry, "CauseMetadata", "EndLine"),
        help_uri=text(entry, "PrimaryURL"),
        fix=text(entry, "Resolution"),
        suppressed="" if text(entry, "Status") == "EXCEPTION" else None,
    )
