"""The accepted findings: written once, compared with ever after, so that only what is new or worse fails.

The file is JSON, sorted and stable, so that a review of its change reads like the change itself.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from compliance_scan.model.report import BaselineState, ReportFinding

SCHEMA_VERSION = 1
MAX_BYTES = 256 * 1024 * 1024
ACCEPTED = ("fail", "unknown")


class Accepted(NamedTuple):
    """One accepted finding."""

    fingerprint: str
    aliases: tuple[str, ...]
    guilty: str
    verdict: str
    rule: str
    instance: str
    severity: str
    type: str
    address: str
    root: str
    file: str
    message: str


class Baseline:
    """A baseline and which of its entries were met."""

    def __init__(self, accepted: Sequence[Accepted], shown: str) -> None:
        self.shown = shown
        """The file as it is shown to people."""
        self._accepted = tuple(accepted)
        self._index: dict[tuple[str, str], int] = {}
        for index, each in enumerate(accepted):
            for name in (each.fingerprint, *each.aliases):
                self._index.setdefault((each.instance, name), index)
        self._met: set[int] = set()

    @property
    def size(self) -> int:
        """Number of entries."""
        return len(self._accepted)

    def compare(self, instance: str, names: Iterable[str], verdict: str, guilty: str) -> "BaselineState":
        """What a failing or unknown finding is against the baseline; `names` are its fingerprint and aliases."""
        index = next((found for name in names if (found := self._index.get((instance, name))) is not None), None)
        if index is None:
            return "new"
        self._met.add(index)
        before = self._accepted[index]
        if before.verdict == "unknown":
            return "worsened" if verdict == "fail" else "unchanged"
        return "worsened" if verdict == "fail" and guilty != before.guilty else "unchanged"

    def others(self, rules: Iterable[str], in_scope: "Callable[[str], bool]") -> list[Accepted]:
        """Entries of rules or files that a run was not about: they stay when the baseline is written anew."""
        ran = set(rules)
        return [each for each in self._accepted if each.rule not in ran or not in_scope(each.file)]

    def absent(self, rules: Iterable[str], in_scope: "Callable[[str], bool]") -> list[Accepted]:
        """Entries that no finding met, of rules that ran and of files for which `in_scope(file)` holds."""
        ran = set(rules)
        return [
            each
            for index, each in enumerate(self._accepted)
            if index not in self._met and each.rule in ran and in_scope(each.file)
        ]

    def pruned(self, rules: Iterable[str], in_scope: "Callable[[str], bool]") -> list[Accepted]:
        """All entries but those that are absent."""
        gone = set(self.absent(rules, in_scope))
        return [each for each in self._accepted if each not in gone]


def read(path: str, shown: str) -> Baseline:
    """The baseline in a file; raises `UsageError` where it cannot be read, `ConfigError` where it is none."""
    from compliance_scan.workspace import open_regular

    try:
        with open(path, "rb", opener=open_regular) as handle:
            data = handle.read(MAX_BYTES)
    except OSError as error:
        raise UsageError(
            f"the baseline {shown} cannot be read: {error.strerror or error}",
            "write one with `compliance-scan baseline`",
        ) from error
    try:
        document = json.loads(data)
        version = document["schema_version"]
        accepted = [_entry(each) for each in document["findings"]] if version == SCHEMA_VERSION else []
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(
            f"{shown}:1: not a baseline: {type(error).__name__} {error}",
            "write it anew with `compliance-scan baseline`",
        ) from error
    if version != SCHEMA_VERSION:
        raise ConfigError(f"{shown}:1: a baseline of version {version}, which this version does not know")
    return Baseline(accepted, shown)


def _entry(data: dict[str, Any]) -> Accepted:
    values = {field: data[field] for field in Accepted._fields if field != "aliases"}
    if not all(isinstance(value, str) for value in values.values()):
        raise TypeError("a text is expected")
    return Accepted(aliases=tuple(map(str, data.get("aliases", ()))), **values)


def render(
    findings: "Iterable[ReportFinding]", relative: "Callable[[str], str]", kept: Iterable[Accepted] = ()
) -> tuple[str, int]:
    """The text of a baseline that accepts these findings and keeps these entries, and the number of its entries;
    `relative` turns a report's path into a root-relative one.

    Findings that a comment or the configuration suppresses are theirs and stay out.
    """
    entries = [_written(each) for each in kept]
    for finding in findings:
        suppression = finding["suppression"]
        hidden = suppression is not None and suppression["status"] != "expired" and suppression["kind"] != "baseline"
        if finding["verdict"] in ACCEPTED and finding["baseline"] != "absent" and not hidden:
            location, resource = finding["location"], finding["resource"]
            accepted = Accepted(
                finding["fingerprint"],
                tuple(finding["aliases"]),
                finding["guilty"],
                finding["verdict"],
                finding["rule"],
                finding["instance"],
                finding["severity"],
                resource["type"],
                resource["address"],
                resource["root"],
                relative(location["file"]) if location else "",
                finding["message"],
            )
            entries.append(_written(accepted))
    entries.sort(key=lambda each: (each["rule"], each["root"], each["address"], each["instance"], each["fingerprint"]))
    text = json.dumps({"schema_version": SCHEMA_VERSION, "findings": entries}, indent=1, ensure_ascii=False) + "\n"
    return text, len(entries)


def _written(each: Accepted) -> dict[str, Any]:
    order = ("rule", "instance", "address", "root", "type", "file", "severity", "verdict", "message", "guilty")
    entry: dict[str, Any] = {name: getattr(each, name) for name in (*order, "fingerprint")}
    if each.aliases:
        entry["aliases"] = sorted(each.aliases)
    return entry
