"""Runs over time: new, changed, gone, back again, and not looked at."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from compliance_scan.model.report import Report
from compliance_scan.store import chain, connect, history
from compliance_scan.store.record import Recorded, record, series_of
from compliance_scan.store.tables import metadata, runs
from tests.store.reports import finding, report

RULE = "aws-rds-storage-encrypted"


@pytest.fixture
def engine(url: str) -> Engine:
    return connect.engine_for(url)


def kinds(recorded: Recorded) -> list[tuple[str, str]]:
    return [(change.kind, change.fingerprint) for change in recorded.changes]


def take(engine: Engine, made: Report, judged: tuple[str, ...] = (RULE,)) -> Recorded:
    return record(engine, made, judged, "nightly@host")


def test_new_then_resolved_then_reopened(engine: Engine) -> None:
    assert kinds(take(engine, report(finding("a"), finding("b")))) == [("new", "cs1:a"), ("new", "cs1:b")]
    assert kinds(take(engine, report(finding("a"), started="2026-11-02T02:00:00Z"))) == [("resolved", "cs1:b")]
    assert kinds(take(engine, report(finding("a"), finding("b"), started="2026-11-03T02:00:00Z"))) == [
        ("reopened", "cs1:b")
    ]
    [life] = history.life(engine, "cs1:b")
    assert [(each["started"][:10], each["kind"]) for each in life.changes] == [
        ("2026-11-01", "new"),
        ("2026-11-02", "resolved"),
        ("2026-11-03", "reopened"),
    ]
    assert life.finding["reopened"] == 1
    assert life.finding["first_seen"] == "2026-11-01T02:00:00Z"
    assert life.finding["last_seen"] == "2026-11-03T02:00:00Z"
    assert life.finding["resolved"] is None


def test_a_finding_is_known_by_any_of_its_names(engine: Engine) -> None:
    take(engine, report(finding("old", aliases=["cs1:arn"])))
    recorded = take(engine, report(finding("moved", aliases=["cs1:arn"]), started="2026-11-02T02:00:00Z"))
    assert kinds(recorded) == []
    assert kinds(take(engine, report(finding("moved"), started="2026-11-03T02:00:00Z"))) == []
    assert len(history.life(engine, "cs1:moved")) == 1


def test_a_worse_severity_new_guilt_or_another_verdict_is_a_change(engine: Engine) -> None:
    take(engine, report(finding("a")))
    for started, changed in (
        ("2026-11-02T02:00:00Z", finding("a", severity="critical")),
        ("2026-11-03T02:00:00Z", finding("a", severity="critical", guilty="sha256:2")),
        ("2026-11-04T02:00:00Z", finding("a", severity="critical", guilty="sha256:2", verdict="unknown")),
    ):
        assert kinds(take(engine, report(changed, started=started))) == [("changed", "cs1:a")]


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(
            report(finding("denied", verdict="unknown", address="aws_db_instance@123456789012/eu-west-1", arn=None)),
            id="the list was denied",
        ),
        pytest.param(report(regions=["us-east-1"]), id="another region was looked at"),
    ],
)
def test_what_was_not_looked_at_is_not_resolved(engine: Engine, made: Report) -> None:
    take(engine, report(finding("a")))
    made["run"]["started"] = "2026-11-02T02:00:00Z"
    assert ("resolved", "cs1:a") not in kinds(take(engine, made))
    assert history.life(engine, "cs1:a")[0].finding["resolved"] is None


def test_a_rule_that_did_not_run_resolves_nothing(engine: Engine) -> None:
    take(engine, report(finding("a")))
    assert kinds(take(engine, report(started="2026-11-02T02:00:00Z"), judged=("aws-s3-bucket-versioning",))) == []


def test_a_file_that_could_not_be_read_resolves_nothing(engine: Engine) -> None:
    place = {"file": "db/main.tf", "line": 1, "column": 1, "end_line": 1, "end_column": 2}
    of_code: dict[str, Any] = {
        "plane": "code",
        "account": None,
        "region": None,
        "arn": None,
        "address": "aws_db_instance.db",
    }
    scan: dict[str, Any] = {"command": "scan", "account": None, "regions": []}
    take(engine, report(finding("a", location=place, **of_code), **scan))
    broken = report(started="2026-11-02T02:00:00Z", **scan)
    broken["incomplete"] = [{"kind": "syntax_error", "where": "db/main.tf:3", "message": "", "hint": ""}]
    assert kinds(take(engine, broken)) == []
    assert kinds(take(engine, report(started="2026-11-03T02:00:00Z", **scan))) == [("resolved", "cs1:a")]


def test_accounts_are_series_of_their_own(engine: Engine) -> None:
    take(engine, report(finding("a")))
    other = report(account="210987654321")
    assert series_of(other) != series_of(report())
    assert kinds(take(engine, other)) == []
    assert history.life(engine, "cs1:a")[0].finding["resolved"] is None


def test_changes_and_trend(engine: Engine) -> None:
    take(engine, report(finding("a", severity="low"), finding("b", severity="critical")))
    take(engine, report(finding("a", severity="low"), started="2026-11-02T02:00:00Z"))
    newest = history.run(engine, None)
    assert newest is not None
    assert [(row["kind"], row["fingerprint"]) for row in history.changed(engine, newest["run"])] == [
        ("resolved", "cs1:b")
    ]
    assert [row["severity"] for row in history.changed(engine, newest["run"] - 1)] == ["critical", "low"]
    earlier = history.before(engine, newest)
    assert earlier is not None
    assert earlier["run"] == newest["run"] - 1
    told = history.trend(engine, 10, framework="soc2")
    assert [(row["started"][:10], row["open"]["high"], row["controls"]) for row in told] == [
        ("2026-11-01", 2, {"fail": 1}),
        ("2026-11-02", 1, {"fail": 1}),
    ]


def test_the_chain_holds_and_notices(engine: Engine) -> None:
    first = take(engine, report(finding("a")))
    take(engine, report(started="2026-11-02T02:00:00Z"))
    with engine.begin() as connection:
        whole = chain.check(connection, first.hash)
        assert (whole.entries, whole.problems) == (2, ())
        assert chain.check(connection, "f" * 64).problems == (
            f"no entry has the hash {'f' * 64}: entries were taken away",
        )
    with engine.begin() as connection:
        connection.execute(text("UPDATE log SET entry = replace(entry, 'nightly', 'mallory') WHERE sequence = 1"))
        assert any("entry 1" in problem and "changed" in problem for problem in chain.check(connection).problems)


def test_a_run_that_was_changed_afterwards_is_noticed(engine: Engine) -> None:
    number = take(engine, report(finding("a"))).run
    with engine.begin() as connection:
        connection.execute(runs.update().values(exit_code=0))
        assert chain.check(connection).problems == (f"run {number} was changed after it was recorded",)


def test_an_entry_taken_out_is_noticed(engine: Engine) -> None:
    for day in (1, 2, 3):
        take(engine, report(started=f"2026-11-0{day}T02:00:00Z"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM log WHERE sequence = 2"))
        assert "entry 2 is missing" in chain.check(connection).problems


def test_purge_keeps_the_log_and_what_is_open(engine: Engine) -> None:
    take(engine, report(finding("open"), finding("gone"), started="2020-01-01T02:00:00Z"))
    take(engine, report(finding("open"), started="2020-01-02T02:00:00Z"))
    take(engine, report(finding("open"), started="2026-11-02T02:00:00Z"))
    assert history.purge(engine, timedelta(days=400), "tests") == (2, 1)
    assert [row["started"][:4] for row in history.past(engine, 10)] == ["2026"]
    assert history.life(engine, "cs1:gone") == []
    assert len(history.life(engine, "cs1:open")) == 1
    with engine.begin() as connection:
        whole = chain.check(connection)
    assert (whole.entries, whole.problems) == (4, ())


def test_concurrent_runs_wait_for_one_another(url: str) -> None:
    connect.engine_for(url)
    faults: list[BaseException] = []

    def one(number: int) -> None:
        try:
            take(connect.engine_for(url), report(finding("a"), finding(f"own-{number}")))
        except BaseException as error:  # noqa: BLE001 - shown by the main thread
            faults.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    engine = connect.engine_for(url)
    with engine.begin() as connection:
        whole = chain.check(connection)
        assert (whole.entries, whole.problems) == (6, ())
        assert connection.execute(select(runs.c.id)).all().__len__() == 6


def test_migrations_make_the_tables(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_newest_migration_is_the_one_that_is_expected() -> None:
    folder = Path(connect.__file__).parent / "migrations" / "versions"
    assert max(path.name[:4] for path in folder.glob("[0-9]*.py")) == connect.HEAD


def test_a_newer_history_is_refused(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(connect.StoreError, match="newer compliance-scan"):
        connect.engine_for(url)
