"""`baseline`: accepts today's findings."""

import os
from typing import Any

import click

from compliance_scan.cli.messages import tell
from compliance_scan.cli.options import CHOICE, COMMON, READING, ReadingCommand, option, request_from, with_options
from compliance_scan.cli.output import aside, emit

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
@option("--allow-incomplete", is_flag=True, default=None, help="Write it although something could not be read.")
@with_options(CHOICE, READING, COMMON)
def command(paths: tuple[str, ...], output: str | None, **given: Any) -> int:
    """Writes the findings below the PATHs as accepted. What the file held for other paths or rules stays in it.

    Then: compliance-scan scan --baseline FILE, which fails only for what is new or worse.
    """
    from compliance_scan import baseline
    from compliance_scan.scan import scan, scope_of

    request = request_from("baseline", paths, given)
    request.baseline = None
    report, judged = scan(request)
    if report["incomplete"] and not request.allow_incomplete:
        first, count = report["incomplete"][0], len(report["incomplete"])
        tell(f"not written: {count} things could not be read, first {first['where']}: {first['message']}")
        return 4
    path = output or os.path.join(request.root, NAME)
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


def _from_root(root: str) -> Any:
    return lambda path: os.path.relpath(os.path.realpath(path), root).replace(os.sep, "/")
