"""`baseline`: accepts today's findings."""

import os
from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli.messages import tell
from compliance_scan.cli.options import CHOICE, COMMON, READING, ReadingCommand, option, request_from, with_options
from compliance_scan.cli.output import aside, emit
from compliance_scan.errors import UsageError

if TYPE_CHECKING:
    from compliance_scan.model.report import Report, ReportFinding
    from compliance_scan.scan import Request

NAME = ".compliance-scan-baseline.json"


@click.command("baseline", cls=ReadingCommand, short_help="Accept today's findings, so that only new ones fail.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option(
    "--output",
    "-o",
    metavar="FILE",
    env=False,
    help=f"Where to, - for standard output.  [default: {NAME}]",
)
@option("--prune", is_flag=True, env=False, help="Accept nothing new: only take out what is gone.")
@option("--allow-incomplete", is_flag=True, default=None, help="Write it although something could not be read.")
@with_options(CHOICE, READING, COMMON)
def command(paths: tuple[str, ...], output: str | None, *, prune: bool, **given: Any) -> int:
    """Writes the findings below the PATHs as accepted. What the file held for other paths or rules stays in it.

    --prune is the ratchet: run it after mending, and what was mended fails when it comes back.

    Then: compliance-scan scan --baseline FILE, which fails only for what is new or worse.
    """
    from compliance_scan import baseline
    from compliance_scan.scan import scan, scope_of

    request = request_from("baseline", paths, given)
    request = request._replace(baseline=None)
    report, judged = scan(request)
    if report["incomplete"] and not request.allow_incomplete:
        first, count = report["incomplete"][0], len(report["incomplete"])
        tell(f"not written: {count} things could not be read, first {first['where']}: {first['message']}")
        return 4
    path = output or os.path.join(request.root, NAME)
    if prune:
        return _prune(path, report, judged, request)
    kept: list[baseline.Accepted] = []
    if path != "-" and os.path.exists(path):
        before = baseline.read(path, os.path.relpath(path))
        kept = before.others(judged, scope_of(request))
    text, count = baseline.render(report["findings"], _from_root(request.root), kept)
    if path == "-":
        emit(text)
    else:
        with aside(path) as out:
            out.write(text)
        tell(f"accepted {count} findings in {os.path.relpath(path)}")
    return 0


def _prune(path: str, report: "Report", judged: frozenset[str], request: "Request") -> int:
    """Takes out of the file what no finding meets any more."""
    from compliance_scan import baseline
    from compliance_scan.scan import scope_of

    shown = path if path == "-" else os.path.relpath(path)
    if path == "-" or not os.path.exists(path):
        raise UsageError(f"there is no baseline {shown} to prune", "write one without --prune")
    before = baseline.read(path, shown)
    new = 0
    for finding in report["findings"]:
        if finding["verdict"] in baseline.ACCEPTED:
            names = (finding["fingerprint"], *finding["aliases"])
            state = before.compare(finding["instance"], names, finding["verdict"], finding["guilty"])
            new += state != "unchanged" and not _is_suppressed(finding)
    kept = before.pruned(judged, scope_of(request))
    text, count = baseline.render((), str, kept)
    with aside(path) as out:
        out.write(text)
    gone = before.size - count
    told = f"{gone} finding{' that is' if gone == 1 else 's that are'} gone"
    tell(f"took {told} out of {shown}; {count} stay, {new} new or worse were not added")
    return 0


def _is_suppressed(finding: "ReportFinding") -> bool:
    suppression = finding["suppression"]
    return suppression is not None and suppression["status"] != "expired"


def _from_root(root: str) -> Any:
    return lambda path: os.path.relpath(os.path.realpath(path), root).replace(os.sep, "/")
