"""`fix`: shows, or with --write makes, the safe edits."""

import difflib
import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli.messages import tell, wants_colour
from compliance_scan.cli.options import CHOICE, COMMON, READING, ReadingCommand, option, request_from, with_options
from compliance_scan.cli.output import aside, emit
from compliance_scan.formats._text.style import Page, harmless
from compliance_scan.formats._text.style import name as plain

if TYPE_CHECKING:
    from compliance_scan.fix import Fixes, Proposal
    from compliance_scan.scan import Loaded


@click.command("fix", cls=ReadingCommand, short_help="Show, or make, the safe edits.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option("--write", "-w", is_flag=True, env=False, help="Change the files.")
@option("--ask", "-a", is_flag=True, env=False, help="Show the changes one by one and ask for each.")
@with_options(CHOICE, READING, COMMON)
def command(paths: tuple[str, ...], write: bool, ask: bool, **given: Any) -> int:
    """Shows the edits that mend findings below the PATHs as a diff. Each was judged again before it is shown.

    Exit codes: 0 nothing to change or changed, 1 there are edits that --write would make, 2 usage, 3 nothing to scan.
    """
    from compliance_scan import scan
    from compliance_scan.choice import Choice
    from compliance_scan.fix import open_findings, prove

    request = request_from("fix", paths, given)
    with scan.batch():
        loaded = scan.load(request)
        choice = Choice(request, loaded)
        findings = open_findings(choice, loaded)
        fixes = prove(request, loaded, choice, findings)
    page = Page(wants_colour(sys.stdout, refused=given["no_color"]), 100)
    if ask:
        chosen = _asked(fixes, loaded, page)
        left_out = {each.fingerprint for each in fixes.proven} - chosen
        if left_out:  # what was proven together is proven anew without them
            with scan.batch():
                fixes = prove(request, loaded, choice, findings, only=chosen)
    else:
        emit("".join(_diffs(fixes.files.items(), loaded, page)))
    if not given["quiet"]:
        _say(fixes)
    if not fixes.files:
        return 0
    if not (write or ask):
        tell(f"--write makes these changes in {_count(len(fixes.files), 'file')}")
        return 1
    for path, (_, after) in fixes.files.items():
        with aside(os.path.join(request.root, path)) as out:
            out.write(after)
        tell(f"changed {plain(os.path.relpath(os.path.join(request.root, path)))}")
    return 0


def _asked(fixes: "Fixes", loaded: "Loaded", page: Page) -> set[str]:
    """Fingerprints of what is to be mended. One edit that mends many findings, as in a module, is one change."""
    from compliance_scan.edit import changed

    changes: dict[Any, list[Proposal]] = {}
    for each in fixes.proven:
        changes.setdefault(each.edits, []).append(each)
    chosen: set[str] = set()
    answer = "n"
    for number, (edits, mends) in enumerate(changes.items(), 1):
        if answer != "a":
            texts = [(one.file, (one.before, one.after)) for one in changed(loaded, edits)]
            emit("".join(_diffs(texts, loaded, page)))
            for each in mends:
                tell(f"mends {each.rule} on {each.address}")
            answer = click.prompt(
                f"change {number} of {len(changes)}: make it? yes, no, all from here, quit",
                type=click.Choice(["y", "n", "a", "q"]),
                err=True,
            )
        if answer == "q":
            break
        if answer in ("y", "a"):
            chosen |= {each.fingerprint for each in mends}
    return chosen


def _diffs(files: "Iterable[tuple[str, tuple[str, str]]]", loaded: "Loaded", page: Page) -> Iterator[str]:
    for path, (before, after) in files:
        shown = os.path.relpath(os.path.join(loaded.workspace.root, path)).replace(os.sep, "/")
        for line in difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"a/{shown}", f"b/{shown}", lineterm=""
        ):
            style = {"+": "good", "-": "bad", "@": "info"}.get(line[:1], "dim")
            yield page.paint(harmless(line), "bold" if line[:3] in ("+++", "---") else style) + "\n"
        yield "\n"


def _say(fixes: "Fixes") -> None:
    for each in fixes.proven:
        tell(f"mends {each.rule} on {each.address}: {each.description}")
    for refused in fixes.refused:
        tell(f"left alone: {refused.rule} on {refused.address}: {refused.why}")
    if not fixes.proven and not fixes.refused:
        tell("no finding has a fix that can be made by an edit")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
