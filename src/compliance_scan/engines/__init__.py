"""Second engines beside our own: other scanners in environments of their own, whose results join ours.

What is scanned is hostile to them too: an engine gets no variable of ours, no home, and no configuration of the
repository, which could make it run code.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan import compiled
from compliance_scan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance_scan.bridges import Imported
    from compliance_scan.model.report import Report, Severity

NAMES = ("checkov",)


class Wanted(NamedTuple):
    """What of an engine's results belongs into a report."""

    judged: frozenset[str]
    """Rules that our own run judged."""
    own_ids: bool
    """Whether rules that only the engine has are wanted too: where no rules were named."""
    severity: Severity
    """The lowest."""
    allow_incomplete: bool
    rule_folders: Sequence[str] = ()


def folder(name: str, root: str) -> str:
    """The folder of an engine's environment, in the user's cache; raises `UsageError` where that lies in the
    repository, whose files could then be taken for the engine's."""
    path = os.path.realpath(os.path.join(compiled.cache_folder(), "engines", name))
    if os.path.commonpath([path, os.path.realpath(root)]) == os.path.realpath(root):
        raise UsageError(f"the cache folder {path} lies inside what is scanned", "set XDG_CACHE_HOME to another place")
    return path


def joined(report: Report, found: Sequence[Imported], root: str, wanted: Wanted) -> Report:
    """The report with an engine's results in it; `root` is the folder (absolute) to which their paths are relative."""
    from compliance_scan import imported, merge
    from compliance_scan.model.finding import SEVERITIES
    from compliance_scan.ruleset import Ruleset

    ruleset = Ruleset.open(wanted.rule_folders)
    others = imported.reports(found, root, ruleset, report["run"]["frameworks"])
    lowest = SEVERITIES.index(wanted.severity)
    prefix = os.path.relpath(root).replace(os.sep, "/")
    for other in others:
        kept = []
        for finding in other["findings"]:
            foreign = ":" in finding["rule"]
            if not (wanted.own_ids if foreign else finding["rule"] in wanted.judged):
                continue
            if SEVERITIES.index(finding["severity"]) > lowest:
                continue
            place = finding["location"]
            if place is not None and prefix != ".":
                place["file"] = os.path.normpath(f"{prefix}/{place['file']}").replace(os.sep, "/")
            kept.append(finding)
        other["findings"] = kept
        other["rules"] = {name: other["rules"][name] for name in {finding["rule"] for finding in kept}}
        other["summary"] = imported.summary(kept, len(other["rules"]))
    made = merge.merge(
        [report, *others], fail_on=report["run"]["fail_on"], allow_incomplete=wanted.allow_incomplete
    ).report
    run = made["run"]
    made["run"] = {**report["run"], "exit_code": run["exit_code"], "exit_reason": run["exit_reason"]}
    return made
