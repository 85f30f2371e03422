"""`verify`: checks an evidence archive or the history's hash chain."""

import json
import os
from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli.options import option, with_options
from compliance_scan.cli.output import emit
from compliance_scan.errors import UsageError
from compliance_scan.formats._text.style import name as plain

if TYPE_CHECKING:
    from collections.abc import Sequence

OPTIONS = (
    option("--format", "-f", type=click.Choice(("text", "json")), default="text", env=False, help="text or json."),
    option("--head", metavar="HASH", env=False, help="A hash that was written down: it must still be there."),
)


@click.command("verify", short_help="Check an evidence archive or the history's hash chain.")
@click.argument("path", metavar="PATH")
@with_options(OPTIONS)
def command(path: str, **given: Any) -> int:
    """Checks an archive of evidence (a folder that --evidence wrote, or one run of it) or a history (its file or URL).

    Exit codes: 0 whole, 1 something was changed, taken away or added, 2 neither an archive nor a history.
    """
    from compliance_scan import evidence

    if evidence.is_archive(path):
        kind, unit, found = "evidence", "run", evidence.verify(path, given["head"])
        return _told(given["format"], kind, unit, path, (found.runs, found.head, found.problems))
    if "://" in path or os.path.isfile(path):
        return _told(given["format"], "history", "entry", path, _history(path, given["head"]))
    raise UsageError(f"{path} is neither an evidence archive nor a history", "name a folder that --evidence wrote")


def _history(path: str, head: str | None) -> "tuple[int, str, Sequence[str]]":
    """Entries, the last one's hash, and what is wrong."""
    from sqlalchemy.exc import SQLAlchemyError

    from compliance_scan.store import chain, connect

    engine = connect.engine_for(connect.url_of(path), create=False)
    try:
        with engine.connect() as connection:
            found = chain.check(connection, head)
    except SQLAlchemyError as error:
        raise connect.StoreError(f"the history cannot be checked: {connect.reason(error)}") from error
    return found.entries, found.head, found.problems


def _told(form: str, kind: str, unit: str, path: str, found: "tuple[int, str, Sequence[str]]") -> int:
    count, head, problems = found
    if form == "json":
        told = {"kind": kind, "path": path, "count": count, "head": head, "problems": list(problems)}
        emit(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
        return 1 if problems else 0
    several = {"run": "runs", "entry": "entries"}[unit]
    out = [f"{plain(problem)}\n" for problem in problems]
    state = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}" if problems else "whole"
    out.append(f"{plain(path)}: {count} {unit if count == 1 else several}, {state}; head {head or 'none'}\n")
    emit("".join(out))
    return 1 if problems else 0
