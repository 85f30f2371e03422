"""Comma-separated values for spreadsheets: one row a finding, RFC 4180.

A cell that a spreadsheet would take for a formula gets an apostrophe in front; line ends and control characters come
out as escapes, so that a row is a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from compliance_scan.formats._shared import cut, harmless, shown, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, ReportFinding, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown")
COLUMNS = (
    *("severity", "verdict", "rule", "code", "title", "message", "file", "line", "column", "address", "type", "plane"),
    *("arn", "account", "region", "root", "unknown_cause", "unknown_detail", "suppression", "suppression_reason"),
    *("suppression_owner", "suppression_until", "baseline", "controls", "statements", "fix", "help_uri", "fingerprint"),
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
MAX_CELL = 32_000
"""Spreadsheets cut, or refuse, a little above that."""


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes a head and the rows; it has no place for what was not read, which `incomplete` of the JSON names."""
    lines = [",".join(COLUMNS)]
    lines += [",".join(map(_cell, _row(report, finding))) for finding in shown(report, options, VERDICTS)]
    out.write("\r\n".join(lines) + "\r\n")


def _row(report: Report, finding: ReportFinding) -> Iterator[str | int | None]:
    rule, resource, place = report["rules"][finding["rule"]], finding["resource"], finding["location"]
    suppression, fix = finding["suppression"], finding["fix"]
    yield from (finding["severity"], finding["verdict"], finding["instance"], finding["code"], rule["title"])
    yield words(finding)
    yield from (place["file"], place["line"], place["column"]) if place else (None, None, None)
    yield from (resource["address"], resource["type"], resource["plane"], resource["arn"], resource["account"])
    yield from (resource["region"], resource["root"], finding["unknown_cause"], finding["unknown_detail"])
    if suppression:
        yield f"{suppression['kind']} {suppression['status']}"
        yield from (suppression["reason"], suppression["owner"], suppression["until"])
    else:
        yield from (None, None, None, None)
    yield finding["baseline"]
    yield "; ".join(f"{framework} {' '.join(ids)}" for framework, ids in finding["controls"].items())
    yield "; ".join(finding["statements"])
    yield fix["description"] if fix else rule["fix"]
    yield from (rule["help_uri"], finding["fingerprint"])


def _cell(value: str | int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = cut(harmless(" ".join(value.split()) if len(value) < MAX_CELL else value), MAX_CELL)
    if text.lstrip().startswith(FORMULA) or value.startswith(FORMULA):
        text = "'" + text
    if any(mark in text for mark in ",\";'|"):
        return '"' + text.replace('"', '""') + '"'
    return text
