"""Writes a run into the history: what is new, what changed, what is gone, and what merely was not seen this time."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import insert, select, update

from compliance_scan.model.change import DRIFT, Change, as_finding
from compliance_scan.store import chain
from compliance_scan.store.tables import aliases, changes, findings, runs

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from compliance_scan.model.report import Report, ReportFinding

OPEN = ("fail", "unknown")
BATCH = 500


class Recorded(NamedTuple):
    """What became of a run."""

    run: int
    series: str
    hash: str
    """The log's new head."""
    changes: tuple[Change, ...]


def series_of(report: "Report") -> tuple[str, str]:
    """Key and name of what a run can be compared with: the same command on the same account or repository."""
    run = report["run"]
    vcs = run["vcs"]
    place = run["account"] or (vcs["repository"] if vcs else None) or run["root"]
    name = f"{run['command']} {place}"
    if run["command"] != "audit":
        name += " " + " ".join(sorted(run["targets"]))
    return hashlib.sha256(name.encode()).hexdigest(), name


def record(engine: "Engine", report: "Report", judged: Collection[str], who: str) -> Recorded:
    """Records a report whose findings hold all fails and unknowns, in one transaction.

    `judged`: ids of the rules that ran; only their findings can be resolved.
    """
    series, name = series_of(report)
    with engine.begin() as connection:
        chain.alone(connection)
        number = _run(connection, report, series, name, who)
        at = report["run"]["started"]
        told = _Findings(connection, series, number, at).take(report, judged)
        head = chain.append(
            connection,
            now(),
            {
                "kind": "run",
                "run": number,
                "who": who,
                "command": report["run"]["command"],
                "series": name,
                "rules": report["tool"]["rules_digest"],
                "version": report["tool"]["version"],
                "exit_code": report["run"]["exit_code"],
                "summary": {key: report["summary"][key] for key in ("pass", "fail", "unknown", "suppressed")},
                "report": digest(report),
                "content": chain.content(connection, number),
            },
        )
    return Recorded(number, series, head, tuple(told))


def now() -> str:
    """The time of the log, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(report: "Report") -> str:
    """`sha256:` of the report but for `run`, which differs between equal runs."""
    parts = {key: value for key, value in report.items() if key != "run"}
    return "sha256:" + hashlib.sha256(chain.canonical(parts).encode()).hexdigest()


def _run(connection: "Connection", report: "Report", series: str, name: str, who: str) -> int:
    run, summary = report["run"], report["summary"]
    counted: dict[str, dict[str, int]] = {}
    for control in report["controls"]:
        states = counted.setdefault(control["framework"], {})
        states[control["status"]] = states.get(control["status"], 0) + 1
    made = connection.execute(
        insert(runs).values(
            series=series,
            series_name=name,
            command=run["command"],
            started=run["started"],
            seconds=run["seconds"],
            as_of=run["as_of"],
            account=run["account"],
            revision=run["vcs"]["revision"] if run["vcs"] else None,
            who=who,
            tool_version=report["tool"]["version"],
            rules_digest=report["tool"]["rules_digest"],
            exit_code=run["exit_code"],
            incomplete=len(report["incomplete"]),
            summary=dict(summary),
            frameworks=counted,
            report_digest=digest(report),
        )
    )
    key = made.inserted_primary_key
    assert key is not None
    return int(key[0])


class _Findings:
    """The findings of one series against those of a run."""

    def __init__(self, connection: "Connection", series: str, run: int, at: str) -> None:
        self.connection, self.series, self.run, self.at = connection, series, run, at
        rows = connection.execute(select(findings).where(findings.c.series == series)).mappings()
        self.known: dict[int, Mapping[str, Any]] = {row["id"]: dict(row) for row in rows}
        self.names: dict[str, int] = {row["fingerprint"]: number for number, row in self.known.items()}
        for alias, number in connection.execute(
            select(aliases.c.alias, aliases.c.finding).where(aliases.c.series == series)
        ):
            self.names.setdefault(alias, number)
        self.changes: list[Change] = []
        self.rows: list[dict[str, Any]] = []
        self.aliases: list[dict[str, Any]] = []
        self.same: list[int] = []

    def take(self, report: "Report", judged: Collection[str]) -> list[Change]:
        seen: set[int] = set()
        fresh: list[ReportFinding] = []
        for finding in (*report["findings"], *(as_finding(drift) for drift in report["drift"])):
            if finding["verdict"] not in OPEN or finding["baseline"] == "absent":
                continue
            number = self._number(finding)
            if number is None:
                fresh.append(finding)
            elif number not in seen:
                seen.add(number)
                self._again(number, finding)
        self._insert(fresh)
        self._gone(set(self.known) - seen, report, judged)
        self._touch()
        for table, rows in ((aliases, self.aliases), (changes, self.rows)):
            for start in range(0, len(rows), BATCH):
                self.connection.execute(insert(table), rows[start : start + BATCH])
        return self.changes

    def _number(self, finding: "ReportFinding") -> int | None:
        for name in (finding["fingerprint"], *finding["aliases"]):
            if name in self.names:
                return self.names[name]
        return None

    def _tell(
        self, kind: str, number: int, row: Mapping[str, Any], before: str, finding: "ReportFinding | None"
    ) -> None:
        after = _state(finding) if finding is not None else ""
        self.rows.append({"run": self.run, "finding": number, "kind": kind, "before": before, "after": after})
        self.changes.append(
            Change(kind, row["fingerprint"], row["rule"], row["severity"], row["address"], before, after, finding)
        )

    def _again(self, number: int, finding: "ReportFinding") -> None:
        old = self.known[number]
        values = _columns(finding)
        del values["fingerprint"]  # the name it had first stays its own; the new ones are aliases
        self._name(number, finding)
        if not old["resolved"] and all(old[key] == value for key, value in values.items()):
            self.same.append(number)
            return
        values |= {"last_run": self.run, "last_seen": self.at, "resolved": None}
        if old["resolved"]:
            values["reopened"] = old["reopened"] + 1
        self.connection.execute(update(findings).where(findings.c.id == number).values(**values))
        if old["resolved"]:
            self._tell("reopened", number, {**old, **values}, "", finding)
        elif _stored(old) != _state(finding):
            self._tell("changed", number, {**old, **values}, _stored(old), finding)

    def _touch(self) -> None:
        """What is as it was: only when it was last seen moves on."""
        for start in range(0, len(self.same), BATCH):
            some = self.same[start : start + BATCH]
            query = update(findings).where(findings.c.id.in_(some))
            self.connection.execute(query.values(last_run=self.run, last_seen=self.at))

    def _insert(self, fresh: "Sequence[ReportFinding]") -> None:
        named: dict[str, ReportFinding] = {}
        for finding in fresh:  # two findings of one run may go by one name
            if not any(name in named for name in (finding["fingerprint"], *finding["aliases"])):
                named |= dict.fromkeys((finding["fingerprint"], *finding["aliases"]), finding)
        distinct = list({id(finding): finding for finding in named.values()}.values())
        for start in range(0, len(distinct), BATCH):
            some = distinct[start : start + BATCH]
            rows = [self._row(finding) for finding in some]
            query = insert(findings).returning(findings.c.id, sort_by_parameter_order=True)
            numbers = self.connection.execute(query, rows).scalars().all()
            for number, row, finding in zip(numbers, rows, some, strict=True):
                self.names[finding["fingerprint"]] = number
                self._name(number, finding)
                self._tell("new", number, row, "", finding)

    def _row(self, finding: "ReportFinding") -> dict[str, Any]:
        return {
            **_columns(finding),
            "series": self.series,
            "first_run": self.run,
            "first_seen": self.at,
            "last_run": self.run,
            "last_seen": self.at,
            "resolved": None,
            "reopened": 0,
        }

    def _name(self, number: int, finding: "ReportFinding") -> None:
        for name in (finding["fingerprint"], *finding["aliases"]):
            if name not in self.names:
                self.names[name] = number
                self.aliases.append({"series": self.series, "alias": name, "finding": number})

    def _gone(self, numbers: Iterable[int], report: "Report", judged: Collection[str]) -> None:
        unseen = Unseen(report)
        for number in sorted(numbers):
            row = self.known[number]
            ran = row["rule"] in judged or (row["rule"] == DRIFT and report["run"]["command"] == "drift")
            if row["resolved"] or not ran or unseen.hides(row):
                continue
            self.connection.execute(update(findings).where(findings.c.id == number).values(resolved=self.at))
            self._tell("resolved", number, row, _stored(row), None)


class Unseen:
    """What a run could not see: a finding there is neither resolved nor still open, it just was not looked at."""

    def __init__(self, report: "Report") -> None:
        self.lists: set[tuple[str, str | None, str | None]] = set()
        for finding in report["findings"]:
            resource = finding["resource"]
            if finding["verdict"] == "unknown" and resource["address"].startswith(f"{resource['type']}@"):
                self.lists.add((finding["rule"], resource["account"], resource["region"]))
        self.files = {entry["where"].partition(":")[0] for entry in report["incomplete"]}
        self.folders = {file.rpartition("/")[0] for file in self.files if file}
        self.regions = set(report["run"]["regions"]) | {None}
        self.live = report["run"]["command"] in ("audit", "drift")

    def hides(self, row: Mapping[str, Any]) -> bool:
        """Whether the finding of a row may stand where this run could not look."""
        if row["plane"] == "live":
            keys = ((row["rule"], row["account"], region) for region in (row["region"], None))
            return (self.live and row["region"] not in self.regions) or any(key in self.lists for key in keys)
        return row["file"] is not None and row["file"].rpartition("/")[0] in self.folders


def _state(finding: "ReportFinding") -> str:
    """What of a finding makes it another one: its verdict, its severity, its guilty items, whether it is accepted."""
    hidden = _hidden(finding)
    return " ".join([finding["verdict"], finding["severity"], "suppressed" if hidden else "open", finding["guilty"]])


def _stored(row: Mapping[str, Any]) -> str:
    hidden = "suppressed" if row["suppressed"] else "open"
    return " ".join([row["verdict"], row["severity"], hidden, row["guilty"]])


def _hidden(finding: "ReportFinding") -> bool:
    return finding["suppression"] is not None and finding["suppression"]["status"] != "expired"


def _columns(finding: "ReportFinding") -> dict[str, Any]:
    resource, place = finding["resource"], finding["location"]
    return {
        "fingerprint": finding["fingerprint"],
        "rule": finding["rule"],
        "instance": finding["instance"],
        "code": finding["code"],
        "severity": finding["severity"],
        "verdict": finding["verdict"],
        "suppressed": int(_hidden(finding)),
        "guilty": finding["guilty"],
        "address": resource["address"],
        "type": resource["type"],
        "plane": resource["plane"],
        "root": resource["root"],
        "arn": resource["arn"],
        "account": resource["account"],
        "region": resource["region"],
        "file": place["file"] if place else None,
        "line": place["line"] if place else None,
        "message": finding["message"],
        "controls": finding["controls"],
    }
