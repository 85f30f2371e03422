"""Workflow commands: GitHub shows each failing finding as an annotation on its line.

One command a line, the most severe first, since GitHub keeps ten of a kind a step. Every text is percent-encoded as
the runner decodes it, so that nothing of what is scanned can start a command of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from compliance_scan.formats._groups import grouped, is_hidden
from compliance_scan.formats._shared import by_severity, cut, from_root, harmless, is_open, shown, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from compliance_scan.formats import FormatOptions
    from compliance_scan.formats._groups import Group
    from compliance_scan.model.report import Report, Verdict
    from compliance_scan.model.report_planes import Drift

VERDICTS: tuple[Verdict, ...] = ("fail",)
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "notice", "info": "notice"}
MAX_MESSAGE = 3000
MAX_NAME = 300
ADDRESSES = 3


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes the commands; the last one is a notice with the exit code and its reason."""
    findings = [each for each in shown(report, options, VERDICTS) if not is_hidden(each)]
    relative = from_root(report["run"])
    lines = [_finding(report, group, relative) for group in grouped(by_severity(findings))]
    lines += [_drift(entry, relative) for entry in report["drift"] if entry["rules"]]
    lines += [
        _command("error", {"title": "could not be read"}, f"{entry['where']}: {entry['message']}. {entry['hint']}")
        for entry in report["incomplete"]
    ]
    run = report["run"]
    level = "notice" if run["exit_code"] == 0 else "error"
    lines.append(_command(level, {"title": "compliance-scan"}, f"exit {run['exit_code']}: {run['exit_reason']}"))
    out.write("\n".join(lines) + "\n")


def _finding(report: Report, group: Group, relative: Callable[[str], str]) -> str:
    first = group.first
    level = LEVELS[first["severity"]] if is_open(first) else "notice"
    title = f"{first['severity']}: {report['rules'][first['rule']]['title']}"
    properties = dict(_region(group, relative)) | {"title": title}
    addresses = group.addresses
    more = f" and {len(addresses) - ADDRESSES} more" if len(addresses) > ADDRESSES else ""
    named = ", ".join(cut(one, MAX_NAME) for one in addresses[:ADDRESSES])
    return _command(level, properties, f"{words(first)} [{first['instance']}] {named}{more}")


def _region(group: Group, relative: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    place = group.first["location"]
    if place is not None:
        yield "file", relative(place["file"])
        yield "line", str(place["line"])
        yield "endLine", str(max(place["end_line"], place["line"]))
        if place["end_line"] <= place["line"]:  # columns of several lines are refused
            yield "col", str(place["column"])
            yield "endColumn", str(max(place["end_column"], place["column"]))


def _drift(entry: Drift, relative: Callable[[str], str]) -> str:
    place = next((each["location"] for each in entry["attributes"] if each["location"] is not None), None)
    properties = {"file": relative(place["file"]), "line": str(place["line"])} if place else {}
    flips = ", ".join(f"{each['rule']} ({each['declared']} -> {each['live']})" for each in entry["rules"])
    paths = ", ".join(each["path"] for each in entry["attributes"])
    text = f"{entry['arn'] or entry['address']}: {entry['kind']} in the account{f', {paths}' if paths else ''}: {flips}"
    return _command("error", {**properties, "title": f"drift: {entry['address']}"}, text)


def _command(level: str, properties: dict[str, str], message: str) -> str:
    named = ",".join(f"{key}={_encoded(cut(value, MAX_NAME), of_property=True)}" for key, value in properties.items())
    return f"::{level} {named}::{_encoded(cut(message, MAX_MESSAGE))}"


def _encoded(text: str, *, of_property: bool = False) -> str:
    made = harmless(text).replace("%", "%25")
    return made.replace(":", "%3A").replace(",", "%2C") if of_property else made
