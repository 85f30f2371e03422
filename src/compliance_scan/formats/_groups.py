"""Findings that say the same of many resources: forty calls of one module are one thing to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_scan.model.report import Related, ReportFinding


class Group(NamedTuple):
    """Findings of one rule instance, location and guilty items; never empty, in the report's order."""

    findings: list[ReportFinding]

    @property
    def first(self) -> ReportFinding:
        return self.findings[0]

    @property
    def addresses(self) -> list[str]:
        """Each address once, in order."""
        if len(self.findings) == 1:
            return [self.first["resource"]["address"]]
        return list(dict.fromkeys(finding["resource"]["address"] for finding in self.findings))

    @property
    def related(self) -> list[Related]:
        """The other places of all findings, each once, in order."""
        if len(self.findings) == 1:
            return self.first["related"]
        seen: dict[str, Related] = {}
        for finding in self.findings:
            for entry in finding["related"]:
                seen.setdefault(repr((entry["message"], entry["address"], entry["location"])), entry)
        return list(seen.values())

    @property
    def controls(self) -> dict[str, list[str]]:
        return self.first["controls"]


def grouped(findings: Iterable[ReportFinding]) -> list[Group]:
    """Groups, in the order of their first findings; suppressed, known and new ones never mix."""
    groups: dict[tuple[object, ...], Group] = {}
    for finding in findings:
        key = _key(finding)
        if key in groups:
            groups[key].findings.append(finding)
        else:
            groups[key] = Group([finding])
    return list(groups.values())


def _key(finding: ReportFinding) -> tuple[object, ...]:
    place, suppression = finding["location"], finding["suppression"]
    if place is None:
        return (finding["fingerprint"], finding["instance"], finding["resource"]["address"])
    return (
        finding["instance"],
        finding["verdict"],
        finding["severity"],
        *place.values(),
        finding["guilty"] or finding["message"],
        finding["baseline"],
        suppression and (suppression["kind"], suppression["status"], suppression["where"]),
    )


def is_hidden(finding: ReportFinding) -> bool:
    """Whether a suppression (not an expired one) takes the finding out of the count."""
    suppression = finding["suppression"]
    return suppression is not None and suppression["status"] != "expired"
