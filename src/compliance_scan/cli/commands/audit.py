"""`audit`: collects a live account and judges it."""

from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli import output
from compliance_scan.cli.aftermath import ARCHIVING, REMEMBERING, inventory_kept, keep_audit, remember, with_trend
from compliance_scan.cli.cluster import CLUSTER, judge
from compliance_scan.cli.commands.scan import FORMATS
from compliance_scan.cli.live import LIVE, opener
from compliance_scan.cli.messages import warn
from compliance_scan.cli.options import COMMON, JUDGING, option, request_from, with_options

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from compliance_scan.model.report import Report
    from compliance_scan.scan import Result

DECLARED = (
    option("--state", metavar="FILE", help="A state: findings sit on what declares them, planes are compared."),
    option("--code", metavar="DIR", env=False, help="The code, likewise."),
    option("--force", is_flag=True, env=False, help="Compare although the state is another account's."),
)


@click.command("audit", short_help="Collect a live AWS account or cluster and judge it.")
@with_options(FORMATS, CLUSTER, LIVE, DECLARED, JUDGING, ARCHIVING, REMEMBERING, COMMON)
def command(**given: Any) -> int:
    """Collects the live AWS account, or with --context a live cluster, and judges it by the rules that judge the code.

    Only what the selected rules read is called; nothing is ever changed. Exit codes: 0 clean, 1 findings at or above
    --fail-on, 2 usage or configuration, 3 nothing to scan, 4 incomplete: something could not be read.
    """
    store = _store(given)
    writing = output.Writing(given, always=store is not None)
    inventory = "" if given["context"] else inventory_kept(given)
    report, judged = _audited(given, writing.shown)
    report = with_trend(report, store)
    writing.write(report)
    if given["evidence"]:
        keep_audit(given["evidence"], inventory, report)
    if store is not None or given["events"]:
        _remember(report, judged, store, given)
    if not report["summary"]["resources"]:
        what = ("cluster " if given["context"] else "account ") + ", ".join(report["run"]["accounts"])
        warn(f"{what} has no resources of the types that the selected rules judge")
    if report["incomplete"] and given["quiet"]:
        first, count = report["incomplete"][0], len(report["incomplete"])
        warn(f"{count} thing{'' if count == 1 else 's'} could not be read, first {first['where']}: {first['message']}")
    return report["run"]["exit_code"]


def _store(given: dict[str, Any]) -> str | None:
    """The history of the run: that which is named, else the user's own; none with `none`, of a saved inventory, and
    where nothing keeps one."""
    named: str | None = given["store"]
    if named is not None:
        return None if named == "none" else named
    from importlib.util import find_spec

    return None if given["inventory"] or find_spec("sqlalchemy") is None else ""


def _remember(report: "Report", judged: "Collection[str]", store: str | None, given: dict[str, Any]) -> None:
    """Records and publishes the run; that the user's own history cannot be written takes nothing from the audit."""
    if store != "":
        remember(report, judged, store, given["events"])
        return
    from compliance_scan.store.connect import StoreError

    try:
        remember(report, judged, store, given["events"])
    except StoreError as error:
        warn(f"{error.message}; --store names another history, `--store none` keeps none")
        remember(report, judged, None, given["events"])


def _audited(given: dict[str, Any], shown: "Callable[[frozenset[str] | None], Any]") -> "Result":
    """The audit of a cluster or an account, beside what is declared where that is named."""
    places = [each for each in (given["code"], given["state"]) if each]
    request = request_from("audit", places, {**given, "state": None}, shown)
    if given["context"]:
        if places:
            raise click.UsageError("--code and --state belong to an account, not to a cluster")
        return judge(request, given)
    if not places:
        from compliance_scan.audit import audit

        return audit(request, opener(given, request.root))
    from compliance_scan.drift import Options
    from compliance_scan.drift import audit as audit_beside

    return audit_beside(request, opener(given, request.root), Options(force=given["force"]))
