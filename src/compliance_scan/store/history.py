"""What the history tells: past runs, how they go, what changed, one finding's life; and how it is kept short."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import delete, func, or_, select

from compliance_scan.store import chain
from compliance_scan.store.record import now, series_of
from compliance_scan.store.tables import aliases, changes, findings, runs

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from compliance_scan.model.report import Report, TrendPoint

SEVERITIES = ("critical", "high", "medium", "low", "info")


class Life(NamedTuple):
    """One finding and all that happened to it."""

    finding: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]]
    """Oldest first: `started, run, kind, before, after`."""


class Purged(NamedTuple):
    """What a purge took away."""

    runs: int
    findings: int


def past(engine: "Engine", limit: int, series: str | None = None) -> list[dict[str, Any]]:
    """The newest runs first; `series` is part of a series' name."""
    query = select(runs).order_by(runs.c.id.desc()).limit(limit)
    if series:
        query = query.where(runs.c.series_name.contains(series, autoescape=True))
    with engine.connect() as connection:
        return [_shown(row) for row in connection.execute(query).mappings()]


def run(engine: "Engine", number: int | None, series: str | None = None) -> dict[str, Any] | None:
    """A run by its number; without one the newest."""
    query = select(runs).order_by(runs.c.id.desc()).limit(1)
    if number is not None:
        query = query.where(runs.c.id == number)
    if series:
        query = query.where(runs.c.series_name.contains(series, autoescape=True))
    with engine.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _shown(row)


def before(engine: "Engine", run_: Mapping[str, Any]) -> dict[str, Any] | None:
    """The run of the same series before a run."""
    query = (
        select(runs)
        .where(runs.c.series_name == run_["series"], runs.c.id < run_["run"])
        .order_by(runs.c.id.desc())
        .limit(1)
    )
    with engine.connect() as connection:
        row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _shown(row)


def changed(engine: "Engine", number: int) -> list[dict[str, Any]]:
    """What a run changed against the one before, by severity."""
    query = (
        select(changes.c.kind, changes.c.before, changes.c.after, *_FINDING)
        .join(findings, findings.c.id == changes.c.finding)
        .where(changes.c.run == number)
        .order_by(changes.c.id)
    )
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    order = {"new": 0, "reopened": 1, "changed": 2, "resolved": 3}
    rows.sort(key=lambda row: (order[row["kind"]], SEVERITIES.index(row["severity"]), row["rule"], row["address"]))
    return rows


_FINDING = [
    findings.c[name] for name in ("fingerprint", "rule", "severity", "address", "arn", "file", "line", "message")
]


def trend(
    engine: "Engine", limit: int, series: str | None = None, framework: str | None = None
) -> list[dict[str, Any]]:
    """How a series goes, oldest first: open findings by severity, compliance, and the controls of a framework."""
    rows = past(engine, limit, series)
    out = []
    for row in reversed(rows):
        summary = row["summary"]
        each = {
            "run": row["run"],
            "started": row["started"],
            "series": row["series"],
            "open": summary.get("open_by_severity", {}),
            "compliance_percent": summary["compliance_percent"],
            "evaluated_percent": summary["evaluated_percent"],
        }
        if framework is not None:
            found = [states for name, states in row["frameworks"].items() if _is(name, framework)]
            if not found:
                continue
            each["controls"] = found[0]
        out.append(each)
    return out


def leading_to(engine: "Engine", report: "Report", limit: int = 60) -> "list[TrendPoint]":
    """The newest runs of a report's own series before it (which is not recorded yet), oldest first."""
    series, _ = series_of(report)
    query = select(runs).where(runs.c.series == series, runs.c.started <= report["run"]["started"])
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(runs.c.id.desc()).limit(limit)).mappings().all()
    return [
        {
            "started": row["started"],
            "open_by_severity": row["summary"].get("open_by_severity", {}),
            "unknown": row["summary"]["unknown"],
            "compliance_percent": row["summary"]["compliance_percent"],
            "frameworks": row["frameworks"],
        }
        for row in map(_shown, reversed(rows))
    ]


def _is(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(wanted + "-")


def life(engine: "Engine", name: str) -> list[Life]:
    """The findings known by a fingerprint (whole, or its first eight characters at least), with what happened."""
    like = or_(findings.c.fingerprint.startswith(name, autoescape=True), findings.c.id.in_(_by_alias(name)))
    lives = []
    with engine.connect() as connection:
        for row in connection.execute(select(findings).where(like).order_by(findings.c.id)).mappings().all():
            query = (
                select(runs.c.started, changes.c.run, changes.c.kind, changes.c.before, changes.c.after)
                .join(runs, runs.c.id == changes.c.run)
                .where(changes.c.finding == row["id"])
                .order_by(changes.c.id)
            )
            found = {key: value for key, value in row.items() if key not in ("id", "series")}
            lives.append(Life(found, [dict(each) for each in connection.execute(query).mappings()]))
    return lives


def _by_alias(name: str) -> Any:
    return select(aliases.c.finding).where(aliases.c.alias.startswith(name, autoescape=True))


def purge(engine: "Engine", keep: timedelta, who: str) -> Purged:
    """Forgets runs that are older than `keep`, and findings that were resolved before; the log keeps its entries and
    gets one more. The newest run of each series stays."""
    limit = (datetime.now(UTC) - keep).strftime("%Y-%m-%dT%H:%M:%SZ")
    with engine.begin() as connection:
        chain.alone(connection)
        newest = select(func.max(runs.c.id)).group_by(runs.c.series)
        old = runs.c.started < limit
        gone = connection.execute(delete(runs).where(old, runs.c.id.not_in(newest))).rowcount
        forgotten = _forget(connection, limit)
        chain.append(
            connection,
            now(),
            {"kind": "purge", "who": who, "before": limit, "runs": gone, "findings": forgotten},
        )
    return Purged(gone, forgotten)


def _forget(connection: "Connection", limit: str) -> int:
    """Findings resolved before the limit of which no kept run speaks."""
    spoken = select(changes.c.finding)
    resolved = findings.c.resolved.is_not(None)
    return connection.execute(
        delete(findings).where(resolved, findings.c.resolved < limit, findings.c.id.not_in(spoken))
    ).rowcount


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    found = dict(row)
    return {"run": found.pop("id"), **found, "series": found["series_name"]}
