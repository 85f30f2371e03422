"""A report against an older one: what is new, what is fixed, what is still there, and what is known of by whom.

A finding counts as fixed only where the new run looked: a rule that it did not run, a file outside its targets, an
account that it did not ask give no fix. Who: the actor of a drift, else the owner of a suppression, else the revisions
between which it came about. Nothing is asked of git.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from compliance_scan.baseline import Accepted, Baseline
from compliance_scan.control_changes import control_changes
from compliance_scan.formats._shared import from_root
from compliance_scan.model.finding import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compliance_scan.model.report import BaselineState, Report, ReportFinding, Run
    from compliance_scan.model.report_planes import Comparison

SEEN = ("fail", "unknown")
LIVE_COMMANDS = ("audit", "drift", "gate")


def compare(report: Report, old: Report, shown: str) -> Report:
    """The report with `baseline` set on every finding, the fixed ones added, and the key `comparison`; `shown` is the
    older report's file. What is still there carries a suppression of kind `baseline`, so that only the rest fails."""
    made = copy.deepcopy(report)
    before = [finding for finding in old["findings"] if finding["verdict"] in SEEN and finding["baseline"] != "absent"]
    baseline = Baseline([_accepted(finding) for finding in before], shown)
    actors: dict[str, str | None] = {
        entry["arn"] or entry["address"]: entry["actor"] for entry in report["drift"] if entry["actor"]
    }
    by: dict[str, str] = {}
    counts: dict[BaselineState, int] = {"new": 0, "worsened": 0, "unchanged": 0, "absent": 0}
    for finding in made["findings"]:
        finding["baseline"] = "new"
        if finding["verdict"] not in SEEN:
            continue
        names = (finding["fingerprint"], *finding["aliases"])
        state = baseline.compare(finding["instance"], names, finding["verdict"], finding["guilty"])
        finding["baseline"] = state
        counts[state] += 1
        if state == "unchanged":
            _accept(finding, made, shown)
        who = _who(finding, actors)
        if who:
            by[finding["fingerprint"]] = who
    known = {finding["fingerprint"]: finding for finding in before}
    looked = _scope(report, old)
    absent = [known[each.fingerprint] for each in baseline.absent({each["rule"] for each in before}, lambda _: True)]
    for finding in filter(looked, absent):
        gone: Any = {**copy.deepcopy(finding), "baseline": "absent", "suppression": None}
        made["findings"].append(gone)
        made["rules"].setdefault(finding["rule"], old["rules"][finding["rule"]])
        counts["absent"] += 1
        who = _who(finding, {})
        if who:
            by[finding["fingerprint"]] = who
    made["rules"] = dict(sorted(made["rules"].items()))
    comparison: Comparison = {
        "old": {"file": shown, "started": old["run"]["started"], "vcs": old["run"]["vcs"]},
        "new": counts["new"],
        "worsened": counts["worsened"],
        "unchanged": counts["unchanged"],
        "fixed": counts["absent"],
        "not_looked_at": len(absent) - counts["absent"],
        "between": _between(old["run"], report["run"]),
        "by": dict(sorted(by.items())),
        "controls": control_changes(report["controls"], old["controls"]),
    }
    made["comparison"] = comparison
    return made


def _accepted(finding: ReportFinding) -> Accepted:
    resource, place = finding["resource"], finding["location"]
    return Accepted(
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
        place["file"] if place else "",
        finding["message"],
    )


def _accept(finding: ReportFinding, report: Report, shown: str) -> None:
    """What is still there fails nobody: it was told before."""
    suppression = finding["suppression"]
    if finding["verdict"] != "fail" or (suppression is not None and suppression["status"] != "expired"):
        return
    finding["suppression"] = {
        "kind": "baseline",
        "reason": "still there since the older report",
        "owner": None,
        "until": None,
        "where": shown,
        "status": "accepted",
    }
    summary = report["summary"]
    summary["suppressed"] += 1
    summary["open_by_severity"][finding["severity"]] -= 1
    for entry in report["controls"]:
        if entry["control"] in finding["controls"].get(entry["framework"], ()):
            entry["suppressed"] += 1


def _who(finding: ReportFinding, actors: Mapping[str, str | None]) -> str:
    resource, suppression = finding["resource"], finding["suppression"]
    actor = actors.get(resource["arn"] or "") or actors.get(resource["address"])
    if actor:
        return actor
    return (suppression and suppression["owner"]) or ""


def _between(old: Run, new: Run) -> str | None:
    """`a1b2c3d4e5f6 (main) .. 0f9e8d7c6b5a (fix)`; None where a revision is not known."""
    ends = []
    for run in (old, new):
        vcs = run["vcs"]
        if vcs is None or not vcs["revision"]:
            return None
        ends.append(vcs["revision"][:12] + (f" ({vcs['branch']})" if vcs["branch"] else ""))
    return " .. ".join(ends)


def _scope(new: Report, old: Report) -> Callable[[ReportFinding], bool]:
    """Whether the new run would have found a finding of the old one, had it still been there."""
    run = new["run"]
    targets = [target.rstrip("/").removeprefix("./") or "." for target in run["targets"]]
    lowest = SEVERITIES.index(run["severity"])
    frameworks = set(run["frameworks"])
    unread = {part for each in new["incomplete"] for part in (each["where"], each["where"].rpartition(":")[0])}
    blind = {
        (each["rule"], each["resource"]["type"])
        for each in new["findings"]
        if each["verdict"] == "unknown" and each["resource"]["address"].startswith(each["resource"]["type"] + "@")
    }
    relative = from_root(old["run"])
    live = run["command"] in LIVE_COMMANDS or any(each["resource"]["plane"] == "live" for each in new["findings"])
    code = run["command"] != "audit" or any(each["resource"]["plane"] != "live" for each in new["findings"])
    narrowed = bool(frameworks) and not set(old["run"]["frameworks"]) <= frameworks

    def looked(finding: ReportFinding) -> bool:
        if SEVERITIES.index(finding["severity"]) > lowest:
            return False
        if narrowed and not frameworks & set(finding["controls"]) and finding["rule"] not in new["rules"]:
            return False
        resource = finding["resource"]
        if (finding["rule"], resource["type"]) in blind:  # the very list could not be collected
            return False
        if resource["plane"] == "live":
            same_account = not run["accounts"] or resource["account"] in (None, *run["accounts"])
            return live and same_account and (not run["regions"] or resource["region"] in (None, *run["regions"]))
        place = finding["location"]
        if not code or (place is not None and place["file"] in unread):
            return False
        return place is None or any(_below(relative(place["file"]), target) for target in targets)

    return looked


def _below(file: str, target: str) -> bool:
    return target in (".", file) or file.startswith(target + "/")
