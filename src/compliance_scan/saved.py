"""Saved results, ours and other tools', told apart by what they hold."""

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from compliance_scan.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from compliance_scan.model.report import Report
    from compliance_scan.ruleset import Ruleset

MAX_BYTES = 1024 * 1024 * 1024
VERSION = 1
KEYS = (
    *("schema_version", "tool", "run", "summary", "frameworks", "rules", "findings", "controls", "planes", "drift"),
    *("not_covered", "incomplete"),
)
FINDING_KEYS = frozenset(
    {"rule", "instance", "code", "severity", "verdict", "message", "resource", "location", "fingerprint", "controls"}
)
RUN_KEYS = ("command", "started", "targets", "frameworks", "fail_on", "severity", "exit_code", "exit_reason", "root")
LATER: dict[str, Any] = {"accounts": [], "operations": [], "inventory": None, "regions_disabled": [], "pipeline": None}
"""What reports of the same schema did not have from the start."""
STDIN = "-"


def read(path: str, ruleset: "Ruleset", frameworks: Sequence[str]) -> "list[Report]":
    """The reports in a file (`-`: standard input): one of ours, or one for each tool whose results it holds.

    Raises `UsageError` where the file cannot be read, `ConfigError` where it holds nothing that is known.
    """
    shown = "standard input" if path == STDIN else path
    document = parse(load(path), shown)
    if is_ours(document):
        return [ours(document, shown)]
    _refuse_relatives(document, shown)
    from compliance_scan import bridges, imported

    names = []
    for importer in bridges.importers():
        names.append(importer.NAME)
        if importer.recognises(document):
            return imported.reports(importer.read(document), shown, ruleset, frameworks)
    raise ConfigError(
        f"{shown}:1: neither a JSON report of compliance-scan nor results of a tool that is known",
        f"known are {', '.join(names)}",
    )


def load(path: str) -> bytes:
    """The bytes of a file; raises `UsageError`."""
    if path == STDIN:
        return sys.stdin.buffer.read(MAX_BYTES)
    if os.path.isdir(path):
        raise UsageError(f"{path} is a folder", "name the files of results in it")
    try:
        with open(path, "rb") as handle:
            data = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 1024 // 1024} MiB")
    return data


def parse(data: bytes, shown: str) -> Any:
    """The JSON document; raises `ConfigError` with the place where it breaks off."""
    hint = "save results with -f json=FILE"
    if not data.strip():
        raise ConfigError(f"{shown}:1: the file is empty", hint)
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        lines = _of_lines(data)
        if lines is not None:
            return lines
        raise ConfigError(f"{shown}:{error.lineno}:{error.colno}: not JSON: {error.msg.lower()}", hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown}:1: not JSON: {error.reason} at byte {error.start}", hint) from error
    except RecursionError as error:
        raise ConfigError(f"{shown}:1: nested too deeply", hint) from error


def _of_lines(data: bytes) -> "list[Any] | None":
    """One document a line, as lakes keep events; None where it is not that."""
    try:
        made = [json.loads(line) for line in data.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None
    return made if len(made) > 1 and all(isinstance(each, dict) for each in made) else None


def is_ours(document: Any) -> bool:
    """Whether it is a JSON report, of whatever version."""
    if not isinstance(document, dict) or "schema_version" not in document:
        return False
    tool = document.get("tool")
    return isinstance(tool, dict) and tool.get("name") == "compliance-scan" and "run" in document


def ours(document: "dict[str, Any]", shown: str) -> "Report":
    """A report of ours, its shape looked at as far as formats rely on it; raises `ConfigError`."""
    version = document["schema_version"]
    if version != VERSION:
        raise ConfigError(f"{shown}:1: a report of schema version {version}, which this version does not know")
    missing = [key for key in KEYS if key not in document]
    if missing:
        raise ConfigError(f"{shown}:1: a report without {', '.join(missing)}", "save it anew with -f json=FILE")
    run = document["run"]
    if not isinstance(run, dict) or any(key not in run for key in RUN_KEYS):
        raise ConfigError(f"{shown}:1: a report that does not say how it came about", "save it anew with -f json=FILE")
    for key, value in LATER.items():
        run.setdefault(key, value)
    rules, findings = document["rules"], document["findings"]
    if not isinstance(rules, dict) or not isinstance(findings, list):
        raise ConfigError(f"{shown}:1: a report whose rules or findings are of another kind")
    for number, finding in enumerate(findings):
        absent = FINDING_KEYS - finding.keys() if isinstance(finding, dict) else FINDING_KEYS
        if absent:
            raise ConfigError(f"{shown}:1: finding {number} is without {', '.join(sorted(absent))}")
        if finding["rule"] not in rules:
            raise ConfigError(f"{shown}:1: finding {number} names a rule that the report does not have")
    return cast("Report", document)


def _refuse_relatives(document: Any, shown: str) -> None:
    """Files of ours that are no report get a word of their own."""
    if isinstance(document, dict) and document.get("schema_version") == 1 and "findings" in document:
        raise ConfigError(f"{shown}:1: a baseline, not a report", "save results with -f json=FILE")
    if document in ([], {}):
        raise ConfigError(f"{shown}:1: an empty document holds no results", "save results with -f json=FILE")
