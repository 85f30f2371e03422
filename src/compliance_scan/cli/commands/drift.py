"""`drift`: compares code, plan or state with a live account."""

from typing import Any

import click

from compliance_scan.cli import output
from compliance_scan.cli.aftermath import ARCHIVING, REMEMBERING, inventory_kept, keep_audit, remember, with_trend
from compliance_scan.cli.commands.scan import FORMATS
from compliance_scan.cli.live import LIVE, opener
from compliance_scan.cli.options import COMMON, JUDGING, READING, ReadingCommand, option, request_from, with_options

DRIFT = (
    option("--only-controls", is_flag=True, help="Only drift that made a rule fail."),
    option(
        "--fail-on-drift",
        type=click.Choice(("flips", "any")),
        default="flips",
        help="What gives exit 1: a control that flipped, or any drift.  [default: flips]",
    ),
    option("--force", is_flag=True, env=False, help="Compare although the state is another account's."),
    option("--code", metavar="DIR", env=False, help="The code beside a state: like naming DIR as a PATH."),
)


@click.command("drift", cls=ReadingCommand, short_help="Compare code, plan or state with a live account.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@with_options(FORMATS, DRIFT, LIVE, JUDGING, READING, ARCHIVING, REMEMBERING, COMMON)
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Compares what the PATHs (default: here) declare with a live account, or with an --inventory.

    Ranked by consequence: first what made a rule fail. Exit codes: 0 no control flipped, 1 one did (or, with
    --fail-on-drift any, there is drift), 2 usage or configuration, 3 nothing to compare, 4 incomplete.
    """
    writing = output.Writing(given, always=True)
    code = (given["code"],) if given["code"] else ()
    request = request_from("drift", (*paths, *code), given, writing.shown)
    from compliance_scan.drift import Options, drift

    inventory = inventory_kept(given)
    options = Options(given["only_controls"], given["fail_on_drift"], given["force"])
    report, judged = drift(request, opener(given, request.root), options)
    report = with_trend(report, given["store"])
    writing.write(report)
    if given["evidence"]:
        keep_audit(given["evidence"], inventory, report)
    if given["store"] or given["events"]:
        remember(report, judged, given["store"], given["events"])
    return report["run"]["exit_code"]
