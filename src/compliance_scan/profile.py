"""Profiles: a file that chooses rules, parameters and scopes for an organisation.

title: Trading engine
framework: [soc2-2017]
fail_on: medium
others: skip                       # run (default): rules that are not named below still run
skip_rule: [aws-s3-bucket-logging]
rules:
  - aws-rds-storage-encrypted      # as it is
  - rule: aws-log-group-retention  # with a scope, parameters and a promise of its own
    as: audit-logs-seven-years
    only: {name: "audit-*"}
    with: {min_days: 2557}
    statement: C-10
    severity: high
suppressions: []
"""

import os
from collections.abc import Sequence
from typing import NamedTuple, cast

from compliance_scan import _yaml, compiled
from compliance_scan.config import SuppressionEntry, did_you_mean, read_suppression
from compliance_scan.errors import ConfigError, UsageError
from compliance_scan.model.finding import SEVERITIES, Severity
from compliance_scan.model.rule import Instance
from compliance_scan.ruleset import Ruleset
from compliance_scan.ruleset.select import read_instances

KEYS = ("title", "framework", "severity", "fail_on", "preview", "others", "skip_rule", "rules", "suppressions")
MAX_BYTES = 4 * 1024 * 1024


class Profile(NamedTuple):
    """A profile as it was read."""

    file: str
    title: str = ""
    framework: tuple[str, ...] = ()
    severity: Severity | None = None
    fail_on: Severity | None = None
    preview: bool = False
    only_named: bool = False
    """Whether rules that the profile does not name are left out."""
    skip: tuple[str, ...] = ()
    instances: tuple[Instance, ...] = ()
    suppressions: tuple[SuppressionEntry, ...] = ()


def find(name: str) -> str:
    """The file of a profile given by path or by name; raises `UsageError`."""
    if "/" in name or os.sep in name or name.endswith((".yaml", ".yml")):
        return name
    folder = compiled.source_folder("profiles")
    known = sorted(each[:-5] for each in os.listdir(folder) if each.endswith(".yaml")) if os.path.isdir(folder) else []
    if name not in known:
        hint = did_you_mean(name, known) if known else "give the path of a profile file, ending in .yaml"
        raise UsageError(f"there is no profile {name!r}", hint)
    return os.path.join(folder, f"{name}.yaml")


def read(path: str, ruleset: Ruleset) -> Profile:
    """A profile from its file; raises `ConfigError` with file and line, `UsageError` where it cannot be read."""
    from compliance_scan.workspace import open_regular

    shown = os.path.relpath(path)
    try:
        with open(path, "rb", opener=open_regular) as handle:
            data = handle.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"the profile {shown} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{shown}:1: larger than 4 MiB, which no profile is")
    return parse(_yaml.read(data, shown), ruleset)


def parse(document: _yaml.Document, ruleset: Ruleset) -> Profile:
    """A profile from its document."""
    top = document.require_keys((), {} if document.data is None else document.data, KEYS)
    known = set(ruleset.ids())
    skipped = _texts(document, "skip_rule")
    for index, name in enumerate(skipped):
        if name not in known:
            raise document.error(("skip_rule", index), f"unknown rule `{name}`{_yaml.nearest(name, known)}")
    return Profile(
        file=document.file,
        title=str(top.get("title", "")),
        framework=_texts(document, "framework"),
        severity=_severity(document, "severity"),
        fail_on=_severity(document, "fail_on"),
        preview=_choice(document, "preview", (False, True)) is True,
        only_named=_choice(document, "others", ("run", "skip")) == "skip",
        skip=skipped,
        instances=tuple(read_instances(document, ("rules",), ruleset)) if "rules" in top else (),
        suppressions=tuple(
            read_suppression(document, ("suppressions", index), item)
            for index, item in enumerate(_list(document, "suppressions"))
        ),
    )


def _list(document: _yaml.Document, key: str) -> list[object]:
    value = document.data.get(key) if document.data else None
    if value is None:
        return []
    if not isinstance(value, list):
        raise document.error((key,), f"`{key}` must be a list")
    return value


def _texts(document: _yaml.Document, key: str) -> tuple[str, ...]:
    items = _list(document, key)
    for index, item in enumerate(items):
        if not isinstance(item, str) or not item:
            raise document.error((key, index), f"`{key}` takes names")
    return tuple(cast("list[str]", items))


def _severity(document: _yaml.Document, key: str) -> Severity | None:
    return cast("Severity | None", _choice(document, key, SEVERITIES))


def _choice(document: _yaml.Document, key: str, choices: Sequence[object]) -> object:
    if not document.data or key not in document.data:
        return None
    value = document.data[key]
    if value not in choices:
        names = [str(choice).lower() for choice in choices]
        raise document.error((key,), f"`{key}` is {value!r}", did_you_mean(str(value), names))
    return cast("object", value)
