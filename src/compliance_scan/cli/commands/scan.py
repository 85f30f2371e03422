"""`scan`: judges Terraform and Kubernetes files."""

from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli import output
from compliance_scan.cli.aftermath import ARCHIVING, REMEMBERING, keep, remember, with_trend
from compliance_scan.cli.messages import tell, warn
from compliance_scan.cli.options import COMMON, JUDGING, READING, ReadingCommand, option, request_from, with_options
from compliance_scan.formats import SARIF_PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from compliance_scan.model.report import Report
    from compliance_scan.scan import Loaded, Request

FORMATS = (
    option(
        "--format",
        "-f",
        multiple=True,
        metavar="NAME[=FILE]",
        help="A report, to standard output or to FILE (repeatable).  [default: text]",
    ),
    option(
        "--sarif-profile",
        type=click.Choice(SARIF_PROFILES),
        default="github",
        help="Who reads the SARIF.  [default: github]",
    ),
)
SCOPE = (
    option("--diff", metavar="REV", env=False, help="Only findings on resources that differ from the revision."),
    option(
        "--changed",
        is_flag=True,
        env=False,
        help="The PATHs are changed files: judge what reaches them, report what lies in their folders.",
    ),
    option(
        "--engine",
        type=click.Choice(("checkov",)),
        multiple=True,
        env=False,
        help="A second scanner, installed into the user's cache, whose results join ours.",
    ),
    option("--fixes", is_flag=True, help="Put the safe edits into the report; each is judged again."),
)


@click.command("scan", cls=ReadingCommand, short_help="Judge Terraform and Kubernetes files.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@with_options(FORMATS, JUDGING, SCOPE, READING, ARCHIVING, REMEMBERING, COMMON)
def command(paths: tuple[str, ...], **given: Any) -> int:
    """Judges the Terraform and Kubernetes files below the PATHs (default: here).

    Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration, 3 nothing to scan, 4 incomplete.
    """
    if given["changed"] and given["diff"]:
        raise click.UsageError("--changed and --diff cannot be combined")
    if given["plan"] and (given["changed"] or given["diff"]):
        raise click.UsageError("--plan cannot be combined with --changed or --diff")
    if given["engine"] and (given["changed"] or given["diff"]):
        raise click.UsageError("--engine cannot be combined with --changed or --diff")
    if given["changed"] and not paths:
        raise click.UsageError("--changed needs the changed files as PATHs")
    writing = output.Writing(given)
    request = request_from("scan", paths, given, writing.shown, diff=given["diff"], changed=given["changed"])
    from compliance_scan.scan import scan

    report, judged = scan(request, _then(given, request))
    if given["engine"]:
        report = _with_engine(report, request, judged, offline=given["offline"])
    report = with_trend(report, given["store"])
    writing.write(report)
    if given["store"] or given["events"]:
        remember(report, judged, given["store"], given["events"])
    for unused in report["run"]["suppressions_unused"]:
        if unused["reason"].startswith("["):
            warn(f"{unused['where']}: the suppression of {unused['rule']} hides nothing: {unused['reason'][1:-1]}")
    if report["incomplete"] and given["quiet"]:
        first, count = report["incomplete"][0], len(report["incomplete"])
        things = f"{count} thing{'' if count == 1 else 's'}"
        warn(f"{things} could not be read, first {first['where']}: {first['message']}")
    return report["run"]["exit_code"]


def _then(given: "Mapping[str, Any]", request: "Request") -> "Callable[[Loaded, Report], None] | None":
    """What is done with the run while what was read is at hand."""
    archive = keep(given["evidence"]) if given["evidence"] else None
    if not given["fixes"]:
        return archive

    def both(loaded: "Loaded", report: "Report") -> None:
        from compliance_scan import fix

        fix.attach(request, loaded, report)
        if archive is not None:
            archive(loaded, report)

    return both


def _with_engine(report: "Report", request: "Request", judged: frozenset[str], *, offline: bool) -> "Report":
    """The report with a second engine's results in it."""
    from compliance_scan import engines
    from compliance_scan.engines import checkov

    found = checkov.run(request.root, request.targets, offline=offline, tell=tell)
    wanted = engines.Wanted(
        judged,
        own_ids=not (request.rules or request.frameworks or request.profile),
        severity=report["run"]["severity"],
        allow_incomplete=request.allow_incomplete,
        rule_folders=request.rule_folders,
    )
    return engines.joined(report, found, request.root, wanted)
