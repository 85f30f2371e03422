"""What follows a report that was written: the run goes into the history, its news to whoever listens."""

import os
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from compliance_scan.cli.messages import tell, warn
from compliance_scan.cli.options import option

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_scan.model.change import Change
    from compliance_scan.model.report import Report
    from compliance_scan.scan import Loaded

REMEMBERING = (
    option(
        "--store",
        metavar="URL",
        help="Record the run here: a file, sqlite:///… or postgresql://…; an audit records by itself, but for `none`.",
    ),
    option("--events", metavar="URL|FILE", help="Publish the run and its news as CloudEvents."),
)
ARCHIVING = (option("--evidence", metavar="DIR", help="Add the run to this archive of evidence (see verify)."),)


def with_trend(report: "Report", store: str | None) -> "Report":
    """The report with the runs of its series that led to it, where `store` names a history.

    A history that cannot be read costs the trend and no more: what is wrong with it is said when the run is recorded.
    """
    if store is None:
        return report
    from compliance_scan.store import connect

    try:
        engine = connect.engine_for(connect.url_of(store))
    except connect.StoreError:
        return report
    from sqlalchemy.exc import SQLAlchemyError

    from compliance_scan.store import history

    try:
        return {**report, "run": {**report["run"], "trend": history.leading_to(engine, report)}}
    except SQLAlchemyError:
        return report


def remember(report: "Report", judged: Collection[str], store: str | None, events: str | None) -> None:
    """Records the run where `store` names a history, then publishes where `events` names a receiver.

    The report must hold all fails and unknowns. Raises `StoreError` and `UsageError`; a receiver that is away is only
    warned of, since its events wait in the spool.
    """
    changes: tuple[Change, ...] | None = None
    if events is not None:
        from compliance_scan.events.deliver import receiver_of

        receiver_of(events)
    if store is not None:
        changes = _record(report, judged, store)
    if events is not None:
        _publish(report, changes, events)


def keep(folder: str) -> "Callable[[Loaded, Report], None]":
    """Archives a run's evidence, to be called while what was read is at hand; the report must hold every verdict."""

    def archive(loaded: "Loaded", report: "Report") -> None:
        from compliance_scan import evidence, listing

        made = evidence.archive(folder, report, listing.records(loaded))
        tell(f"evidence: {made.folder}, manifest sha256:{made.head}")

    return archive


def inventory_kept(given: dict[str, Any]) -> str:
    """The inventory file that the evidence of an account is taken from: the one that is read or written, else one
    beside the runs; to be called before the account is read."""
    if given["evidence"] and not (given["inventory"] or given["inventory_out"]):
        from compliance_scan.evidence import LAST_INVENTORY

        os.makedirs(given["evidence"], exist_ok=True)
        given["inventory_out"] = os.path.join(given["evidence"], LAST_INVENTORY)
    return str(given["inventory"] or given["inventory_out"] or "")


def keep_audit(folder: str, inventory: str, report: "Report") -> None:
    """Archives an audit's evidence with what it judged of its inventory file; the report must hold every verdict."""
    from compliance_scan import evidence

    made = evidence.archive(folder, report, evidence.lines_of(inventory) if inventory else ())
    tell(f"evidence: {made.folder}, manifest sha256:{made.head}")


def _record(report: "Report", judged: Collection[str], store: str) -> "tuple[Change, ...]":
    from compliance_scan.store import connect, who

    engine = connect.engine_for(connect.url_of(store))
    from sqlalchemy.exc import SQLAlchemyError

    from compliance_scan.store.record import record

    try:
        return record(engine, report, judged, who()).changes
    except SQLAlchemyError as error:
        raise connect.StoreError(f"the run was not recorded: {connect.reason(error)}") from error


def _publish(report: "Report", changes: "tuple[Change, ...] | None", target: str) -> None:
    from compliance_scan.events import of
    from compliance_scan.events.deliver import KEY, deliver

    done = deliver(of(report, changes), target, key=os.environ.get(KEY))
    if done.spooled:
        warn(f"{done.spooled} events wait for the next run: {done.reason}")
    if done.refused:
        warn(f"{done.refused} events were refused: {done.reason}")
