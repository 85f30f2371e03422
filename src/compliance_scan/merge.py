"""Several reports as one: each finding once, every count told once, other tools' results beside or inside ours.

Two findings are one where rule instance, plane and fingerprint (or an alias) agree. Another tool's result joins ours
where rule and resource or line agree: the verdict stays ours, and the finding says who else says what.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from compliance_scan.bag import Bag
from compliance_scan.imported import IMPORTED
from compliance_scan.model.finding import SEVERITIES
from compliance_scan.report import percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compliance_scan.model.report import Report, ReportFinding, Run, Severity
    from compliance_scan.model.report_controls import ControlState, ControlStatus

STATES: tuple[ControlState, ...] = (
    *("fail", "unknown", "pass_automated_part", "pass", "manual", "not_applicable", "no_resources"),
)
"""Of two runs' statuses of a control, the one that stands first is that of both."""
OWN_CODES = ("drift", "gate")
"""Commands whose exit code means more than open findings."""
LIST_KEYS = ("planes", "drift", "not_covered", "incomplete")


class Merged(NamedTuple):
    """The one report, and what became of other tools' results."""

    report: Report
    joined: int
    """Results of other tools that say what a finding of ours says."""
    disagreeing: int
    """Those that say otherwise of the same rule and resource."""


def merge(reports: Sequence[Report], *, fail_on: Severity | None = None, allow_incomplete: bool = False) -> Merged:
    """One report of these, which are left as they are; `fail_on` and `allow_incomplete` decide its exit code anew."""
    made = sorted(_on_one_root([copy.deepcopy(report) for report in reports]), key=_is_import)
    first = made[0]
    own = [report for report in made if not _is_import(report)]
    bag = Bag((place["file"] for report in own for place in _places(report)), _planes(own))
    for report in made:  # ours first, so that others find them
        if _is_import(report):
            bag.align(report["findings"])
        for finding in report["findings"]:
            bag.add(finding)
    findings = sorted(bag.findings(), key=_order)
    rules = {name: rule for report in reversed(made) for name, rule in report["rules"].items()}
    merged: Any = {
        **first,
        "findings": findings,
        "rules": dict(sorted(rules.items())),
        "frameworks": {key: value for report in made for key, value in report["frameworks"].items()},
        "summary": _summary(made, bag, len(rules)),
        "controls": _controls(made, bag.dropped),
        "run": _run(made),
    }
    merged.pop("evidence", None)
    if any("evidence" in report for report in made):
        merged["evidence"] = _evidence(made, bag.dropped)
    for key in LIST_KEYS:
        merged[key] = _distinct([entry for report in made for entry in cast("Any", report)[key]])
    gates = [report["gate"] for report in made if "gate" in report]
    merged.pop("gate", None)
    if gates:
        merged["gate"] = {key: [entry for gate in gates for entry in cast("Any", gate)[key]] for key in gates[0]}
    settle(merged, made, fail_on=fail_on, allow_incomplete=allow_incomplete)
    return Merged(merged, bag.joined, bag.disagreeing)


def settle(report: Report, sources: Sequence[Report], *, fail_on: Severity | None, allow_incomplete: bool) -> None:
    """Sets the exit code and its reason from the counts, and from the codes of sources that mean more than those."""
    run = report["run"]
    levels: list[Severity] = [each["run"]["fail_on"] for each in sources] if fail_on is None else [fail_on]
    level = max(levels, key=SEVERITIES.index)
    run["fail_on"] = level
    counted = report["summary"]["open_by_severity"]
    failing = sum(counted[one] for one in SEVERITIES[: SEVERITIES.index(level) + 1])
    found = f"{_count(failing, 'finding')} at or above {level}" if failing else f"no finding at or above {level}"
    codes = [(1 if failing else 0, found)]
    codes += [(each["run"]["exit_code"], each["run"]["exit_reason"]) for each in sources if _means_more(each)]
    if any(each["run"]["exit_code"] == 4 for each in sources) and report["incomplete"] and not allow_incomplete:
        missing = f"{_count(len(report['incomplete']), 'thing')} could not be read"
        codes.append((4, f"{missing} (--allow-incomplete accepts that); {found}"))
    run["exit_code"], run["exit_reason"] = max(codes, key=lambda each: each[0])


def _means_more(report: Report) -> bool:
    return report["run"]["command"] in OWN_CODES and report["run"]["exit_code"] in (0, 1)


def _is_import(report: Report) -> bool:
    return report["run"]["command"] == "report" and all(each["message_id"] == IMPORTED for each in report["findings"])


def _planes(reports: Sequence[Report]) -> set[str]:
    found = {finding["resource"]["plane"] for report in reports for finding in report["findings"]}
    commands = {report["run"]["command"] for report in reports}
    return {*found, *(("live",) if commands & {"audit", "drift"} else ()), *(("code",) if "scan" in commands else ())}


def _places(report: Report) -> Iterable[Any]:
    return (finding["location"] for finding in report["findings"] if finding["location"] is not None)


def _on_one_root(reports: list[Report]) -> list[Report]:
    """Paths told from the repository root where the runs stood in different folders."""
    bases = {(each["run"]["root"], each["run"]["root_prefix"]) for each in reports if not _is_import(each)}
    if len(bases) < 2:
        return reports
    from posixpath import normpath

    for report in reports:
        run = report["run"]
        outside = run["root"] + "/"

        def relative(file: str, outside: str = outside, prefix: str = run["root_prefix"]) -> str:
            return file[len(outside) :] if file.startswith(outside) else normpath(prefix + file)

        for place in _all_places(report):
            place["file"] = relative(place["file"])
        run["root"], run["root_prefix"] = ".", ""
    return reports


def _all_places(report: Report) -> Iterable[Any]:
    """Every location in a report, each once: `_on_one_root` changes them."""
    stack: list[Any] = [report["findings"], report["drift"], report.get("gate")]
    seen: set[int] = set()
    while stack:
        item = stack.pop()
        if id(item) in seen:
            continue
        if isinstance(item, dict):
            seen.add(id(item))
            if "file" in item and "line" in item and "column" in item:
                yield item
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _run(reports: Sequence[Report]) -> Run:
    """How the runs came about, together."""
    runs = [report["run"] for report in reports]
    first = runs[0]

    def every(key: str) -> list[Any]:
        return _distinct([entry for run in runs for entry in cast("Any", run)[key]])

    def common(key: str) -> Any:
        values = [cast("Any", run)[key] for run in runs if cast("Any", run)[key]]
        return values[0] if values and all(value == values[0] for value in values) else None

    skipped: dict[str, int] = {}
    for run in runs:
        for reason, number in run["skipped"].items():
            skipped[reason] = skipped.get(reason, 0) + number
    return {
        **first,
        "command": first["command"] if len(runs) == 1 else "report",
        "started": max(run["started"] for run in runs if run["started"] is not None),
        "seconds": round(sum(run["seconds"] for run in runs), 3),
        "targets": every("targets"),
        "frameworks": every("frameworks"),
        "account": next((run["account"] for run in runs if run["account"]), None),
        "accounts": every("accounts"),
        "inventory": common("inventory"),
        "regions": every("regions"),
        "regions_disabled": every("regions_disabled"),
        "operations": every("operations"),
        "config": every("config"),
        "severity": min((run["severity"] for run in runs), key=SEVERITIES.index),
        "vcs": common("vcs"),
        "pipeline": common("pipeline"),
        "skipped": skipped,
        "suppressions_unused": every("suppressions_unused"),
    }


def _groups(reports: Sequence[Report]) -> list[list[Report]]:
    """Runs of the same targets together: what they passed is the same, and counts once."""
    found: dict[str, list[Report]] = {}
    for report in reports:
        run = report["run"]
        found.setdefault(repr((run["command"], run["targets"], run["account"], run["regions"])), []).append(report)
    return list(found.values())


def _summary(reports: Sequence[Report], bag: Bag, rules: int) -> Any:
    """Counts over all runs, less what was told twice; nothing but findings can be told apart, so what runs of the same
    targets passed is taken from the one that passed most."""
    groups = _groups(reports)
    made: dict[str, Any] = {}
    for key in ("files", "resources", "pass", "not_applicable"):
        made[key] = sum(max(cast("Any", each)["summary"][key] for each in group) for group in groups)
    for key in ("fail", "unknown", "suppressed", "under_review"):
        made[key] = sum(cast("Any", each)["summary"][key] for each in reports)
    severities = {
        one: sum(cast("Any", each)["summary"]["open_by_severity"][one] for each in reports) for one in SEVERITIES
    }
    for finding in bag.dropped:
        verdict, hidden = finding["verdict"], finding["suppression"]
        if verdict in ("fail", "unknown") or len(groups) > 1:
            made[verdict] -= 1
        if verdict == "fail" and hidden is not None and hidden["status"] != "expired":
            made["suppressed"] -= 1
            made["under_review"] -= hidden["status"] == "under_review"
        elif verdict == "fail":
            severities[finding["severity"]] -= 1
    numbers = {key: max(value, 0) for key, value in made.items()}
    decided = numbers["pass"] + numbers["fail"]
    return {
        **{key: numbers[key] for key in ("files", "resources")},
        "rules": max(rules, *(each["summary"]["rules"] for each in reports)),
        **{key: numbers[key] for key in ("pass", "fail", "unknown", "not_applicable", "suppressed", "under_review")},
        "open_by_severity": {one: max(value, 0) for one, value in severities.items()},
        "evaluated_percent": percent(decided, decided + numbers["unknown"]),
        "compliance_percent": percent(numbers["pass"], decided + numbers["unknown"]),
    }


def _controls(reports: Sequence[Report], dropped: Sequence[ReportFinding]) -> list[ControlStatus]:
    """Each control once: counts added up, the status that claims least."""
    found: dict[tuple[str, str], ControlStatus] = {}
    for report in reports:
        for entry in report["controls"]:
            key = (entry["framework"], entry["control"])
            known = found.get(key)
            found[key] = entry if known is None else _both(known, entry)
    for finding in dropped:
        verdict = finding["verdict"]
        for framework, names in finding["controls"].items():
            for name in names:
                status = found.get((framework, name))
                if status is not None and verdict != "not_applicable" and status[verdict] > 0:
                    status[verdict] -= 1
                    status["suppressed"] -= bool(verdict == "fail" and finding["suppression"] and status["suppressed"])
    for entry in found.values():
        decided = entry["pass"] + entry["fail"]
        entry["evaluated_percent"] = percent(decided, decided + entry["unknown"])
    order = {framework: index for index, framework in enumerate(dict.fromkeys(key[0] for key in found))}
    return sorted(found.values(), key=lambda entry: order[entry["framework"]])


def _both(one: ControlStatus, other: ControlStatus) -> ControlStatus:
    exempted = next((entry for entry in (one, other) if entry.get("exemption")), None)
    ranked = sorted((one, other), key=lambda entry: STATES.index(entry["status"]))
    first = exempted or ranked[0]
    status, reason = first["status"], first.get("reason", "")
    if status == "unknown" and not (one["unknown"] or other["unknown"]) and (one["pass"] or other["pass"]):
        status = "pass_automated_part"  # the rules that one run did not have, the other may have had
        reason = f"what was judged passes; in another run {reason}"
    elif one["status"] == other["status"]:
        reason = "; ".join(dict.fromkeys(filter(None, (one.get("reason"), other.get("reason")))))
    notes = dict.fromkeys(entry["manual"] for entry in ranked if entry["manual"])
    made: ControlStatus = {
        **first,
        "status": status,
        "reason": reason,
        "pass": one["pass"] + other["pass"],
        "fail": one["fail"] + other["fail"],
        "unknown": one["unknown"] + other["unknown"],
        "suppressed": one["suppressed"] + other["suppressed"],
        "manual": " ".join(notes),
        "rules": list(dict.fromkeys([*one.get("rules", ()), *other.get("rules", ())])),
        "resources": max(one.get("resources", 0), other.get("resources", 0)),
        "planes": sorted({*one.get("planes", ()), *other.get("planes", ())}),
    }
    return made


def _evidence(reports: Sequence[Report], dropped: Sequence[ReportFinding]) -> dict[str, Any]:
    """What each rule said over all runs, less what was told twice."""
    found: dict[str, dict[str, Any]] = {}
    for report in reports:
        for rule, entry in report.get("evidence", {}).items():
            known = found.get(rule)
            if known is None:
                found[rule] = {**entry}
                continue
            for key in ("pass", "fail", "unknown", "not_applicable", "suppressed", "resources"):
                known[key] += cast("Any", entry)[key]
            known["planes"] = sorted({*known["planes"], *entry["planes"]})
    for finding in dropped:
        row = found.get(finding["rule"])
        if row is not None and row[finding["verdict"]]:
            row[finding["verdict"]] -= 1
            row["resources"] -= bool(finding["verdict"] != "not_applicable" and row["resources"])
            row["suppressed"] -= bool(finding["verdict"] == "fail" and finding["suppression"] and row["suppressed"])
    return dict(sorted(found.items()))


def _order(finding: ReportFinding) -> tuple[Any, ...]:
    place, resource = finding["location"], finding["resource"]
    start = ("", 0, 0) if place is None else (place["file"], place["line"], place["column"])
    return (*start, finding["rule"], resource["address"], finding["instance"], resource["root"], finding["fingerprint"])


def _distinct(entries: list[Any]) -> list[Any]:
    return list({repr(entry): entry for entry in entries}.values())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
