"""`inventory`: the resources as the rules see them."""

import json
from typing import Any

import click

from compliance_scan.cli.messages import warn
from compliance_scan.cli.options import COMMON, READING, ReadingCommand, option, request_from, with_options
from compliance_scan.cli.output import emit

CHUNK = 500


@click.command("inventory", cls=ReadingCommand, short_help="Print the resources as the rules see them.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option(
    "--graph",
    type=click.Choice(("mermaid", "dot")),
    env=False,
    help="Print who refers or talks to whom instead.",
)
@option("--allow-incomplete", is_flag=True, default=None, help="Exit as if nothing had been unreadable.")
@with_options(READING, COMMON)
def command(paths: tuple[str, ...], graph: str | None, **given: Any) -> int:
    """Prints one JSON object a line for each resource below the PATHs, or the graph of their references and,
    of pods, of who may talk to whom on which port.

    Values that are not known are null and named in "unknown"; secrets are masked.
    """
    from compliance_scan import listing, scan

    request = request_from("inventory", paths, given)
    with scan.batch():
        loaded = scan.load(request)
        if graph is not None:
            write = listing.mermaid if graph == "mermaid" else listing.dot
            emit("".join(write(*listing.edges(loaded))))
        else:
            _print(listing.records(loaded))
    incomplete = loaded.incomplete()
    for note in incomplete:
        warn(note.message if note.message.startswith(note.where) else f"{note.where}: {note.message}", note.hint)
    return 4 if incomplete and not request.allow_incomplete else 0


def _print(records: Any) -> None:
    lines: list[str] = []
    for record in records:
        lines.append(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
        if len(lines) >= CHUNK:
            emit("".join(lines))
            lines.clear()
    emit("".join(lines))
