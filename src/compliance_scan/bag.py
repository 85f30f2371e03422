"""Findings of several reports, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance_scan.imported import IMPORTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from compliance_scan.model.report import ReportFinding, Verdict

RANKS: dict[Verdict, int] = {"fail": 0, "unknown": 1, "pass": 2, "not_applicable": 3}
UNSAID = ("pass", "not_applicable")
MAX_RELATED = 50


class Bag:
    """Takes findings one by one; another tool's result joins what already says it."""

    def __init__(self, files: Iterable[str], planes: Iterable[str] = ()) -> None:
        """`files`: those in which our own findings lie; `planes`: those that we judged ourselves."""
        self._files = frozenset(files)
        self._planes = frozenset(planes)
        self._index: dict[tuple[str, str, str], int] = {}
        self._by_rule: dict[str, list[int]] = {}
        self._all: list[ReportFinding] = []
        self.dropped: list[ReportFinding] = []
        """What another finding says already."""
        self.joined = 0
        """Other tools' results that agree with what they joined."""
        self.disagreeing = 0
        """Those that do not."""

    def findings(self) -> list[ReportFinding]:
        """All that were kept, in the order of coming."""
        return list(self._all)

    def align(self, findings: Sequence[ReportFinding]) -> None:
        """Gives another tool's findings the paths that ours have, where the tool ran in another folder: all of its
        files that lie among ours do so by one and the same prefix, put on or taken away."""
        files = {finding["location"]["file"] for finding in findings if finding["location"]}
        if not files or files & self._files:
            return
        longer = {mine.removesuffix(file) for file in files for mine in self._files if mine.endswith("/" + file)}
        shorter = {file.removesuffix(mine) for file in files for mine in self._files if file.endswith("/" + mine)}
        put_on = [prefix for prefix in longer if all(prefix + file in self._files for file in files)]
        taken = [prefix for prefix in shorter if all(file.startswith(prefix) for file in files)]
        for finding in findings:
            place = finding["location"]
            if place is None:
                continue
            if len(put_on) == 1:
                place["file"] = put_on[0] + place["file"]
            elif len(taken) == 1 and not put_on:
                place["file"] = place["file"].removeprefix(taken[0])

    def add(self, finding: ReportFinding) -> None:
        """Adds a finding, or finds that what it says is said."""
        known = next((self._index[key] for key in _keys(finding) if key in self._index), None)
        if known is not None:
            self._twice(known, finding)
            return
        if finding["message_id"] == IMPORTED:
            same = list(self._same(finding))
            if same:
                for index in same:
                    self._join(index, finding)
                self.dropped.append(finding)
                return
            if finding["verdict"] in UNSAID and finding["resource"]["plane"] in self._planes and _is_ours(finding):
                self.dropped.append(finding)  # our own run has counted what holds, without telling each
                return
        index = len(self._all)
        self._all.append(finding)
        self._by_rule.setdefault(finding["rule"], []).append(index)
        for key in _keys(finding):
            self._index.setdefault(key, index)

    def _twice(self, index: int, finding: ReportFinding) -> None:
        """The worse of two that are one; an open one is worse than a suppressed one."""
        known = self._all[index]
        if finding["message_id"] == IMPORTED and known["message_id"] != IMPORTED:
            self._join(index, finding)
            self.dropped.append(finding)
            return
        worse, other = (finding, known) if _rank(finding) < _rank(known) else (known, finding)
        if finding["message_id"] == IMPORTED:
            _tell(worse, other, other["related"])
        self._all[index] = worse
        self.dropped.append(other)

    def _join(self, index: int, finding: ReportFinding) -> None:
        """Tells on a finding that another tool has a result for the same."""
        known = self._all[index]
        if known["message_id"] == IMPORTED and _rank(finding) < _rank(known):
            _tell(finding, known, known["related"])
            self._all[index] = finding
            return
        if known["verdict"] == finding["verdict"]:
            self.joined += 1
        else:
            self.disagreeing += 1
        _tell(known, finding, finding["related"])

    def _same(self, finding: ReportFinding) -> Iterator[int]:
        """Findings of the same rule on the same resource, or where that is not told, on the same lines."""
        found = self._by_rule.get(finding["rule"], ())
        resource = finding["resource"]
        named = [index for index in found if _same_resource(self._all[index], finding)]
        if named or resource["arn"]:
            yield from named
            return
        place = finding["location"]
        if place is None:
            return
        for index in found:
            mine = self._all[index]["location"]
            if mine is None or mine["file"] != place["file"]:
                continue
            if mine["line"] <= place["end_line"] and place["line"] <= mine["end_line"]:
                yield index


def _keys(finding: ReportFinding) -> Iterator[tuple[str, str, str]]:
    for name in (finding["fingerprint"], *finding["aliases"]):
        if name:
            yield finding["instance"], finding["resource"]["plane"], name


def _is_ours(finding: ReportFinding) -> bool:
    """Whether the rule is one that we have too."""
    return ":" not in finding["rule"]


def _rank(finding: ReportFinding) -> tuple[int, bool]:
    suppression = finding["suppression"]
    return RANKS[finding["verdict"]], suppression is not None and suppression["status"] != "expired"


def _same_resource(one: ReportFinding, other: ReportFinding) -> bool:
    mine, theirs = one["resource"], other["resource"]
    if theirs["arn"] is not None:
        return mine["arn"] == theirs["arn"]
    place, there = one["location"], other["location"]
    in_file = place is None or there is None or place["file"] == there["file"]
    return in_file and mine["address"] == theirs["address"]


def _tell(kept: ReportFinding, other: ReportFinding, entries: Sequence[object]) -> None:
    """Adds who else says it, and what where that is something else."""
    for entry in other["related"]:
        if entry not in entries or len(kept["related"]) >= MAX_RELATED:
            continue
        message = entry["message"]
        if kept["verdict"] != other["verdict"] and message.startswith("reported by"):
            message = f"{message}, which says {other['verdict'].replace('_', ' ')}"
        told = {**entry, "message": message}
        if told not in kept["related"]:
            kept["related"].append(told)  # type: ignore[arg-type]
