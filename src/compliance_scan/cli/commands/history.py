"""`history`: past runs, trends, what changed since the last one, one finding's life."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli.messages import tell
from compliance_scan.cli.options import option, with_options
from compliance_scan.cli.output import emit
from compliance_scan.errors import ScanError, UsageError
from compliance_scan.formats._text.style import name as plain

if TYPE_CHECKING:
    from sqlalchemy import Engine

SHARED = (
    option("--store", metavar="URL", help="The history.  [default: a file in the user's data folder]"),
    option("--format", "-f", type=click.Choice(("text", "json")), default="text", env=False, help="text or json."),
    option("--series", metavar="TEXT", env=False, help="Only runs whose series (account, repository) holds this."),
)
LIMIT = option("--limit", type=click.IntRange(min=1), default=20, env=False, help="How many runs.  [default: 20]")
UNITS = {"d": 1, "w": 7, "y": 365}


class Nothing(ScanError):
    """The history has nothing that was asked for."""

    exit_code = 3


@click.group("history", invoke_without_command=True, short_help="Show past runs, trends and what changed.")
@with_options(SHARED, (LIMIT,))
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """Past runs, newest first. Subcommands show trends, changes and one finding's life."""
    context.obj = given
    if context.invoked_subcommand is not None:
        return 0
    from compliance_scan.store import history

    rows = history.past(_engine(given), given["limit"], given["series"])
    if given["format"] == "json":
        return _json(rows)
    if not rows:
        raise Nothing("the history holds no run", "audit records one; scan and drift do with --store")
    out = [f"{'run':>5}  {'started':20}  {'exit':4}  {'fail':>5}  {'unknown':>7}  {'compliant':>9}  series"]
    for row in rows:
        summary = row["summary"]
        out.append(
            f"{row['run']:>5}  {row['started']:20}  {row['exit_code']:>4}  {summary['fail']:>5}  "
            f"{summary['unknown']:>7}  {_percent(summary['compliance_percent']):>9}  {plain(row['series'])}"
        )
    emit("\n".join(out) + "\n")
    return 0


@command.command("changes")
@click.argument("run", type=int, required=False, metavar="[RUN]")
@with_options(SHARED)
def changes(run: int | None, **given: Any) -> int:
    """What a run (default: the newest) found new, reopened, changed and resolved since the one before it."""
    from compliance_scan.store import history

    engine = _engine(given)
    found = history.run(engine, run, given["series"])
    if found is None:
        raise Nothing(f"there is no run {run}" if run is not None else "the history holds no run")
    before, rows = history.before(engine, found), history.changed(engine, found["run"])
    if given["format"] == "json":
        return _json({"run": found, "before": before, "changes": rows})
    since = f"since run {before['run']} of {before['started']}" if before else "the first of its series"
    out = [f"run {found['run']} of {found['started']}, {since}: {plain(found['series'])}"]
    for kind in ("new", "reopened", "changed", "resolved"):
        told = [row for row in rows if row["kind"] == kind]
        if told:
            out += ["", f"{kind} ({len(told)})", *(f"  {_line(row)}" for row in told)]
    if not rows:
        out.append("nothing changed")
    emit("\n".join(out) + "\n")
    return 0


@command.command("trend")
@option("--framework", metavar="ID", env=False, help="The controls of this framework too.")
@with_options(SHARED, (LIMIT,))
def trend(framework: str | None, **given: Any) -> int:
    """How it goes, oldest first: open findings by severity, share compliant, controls of a framework."""
    from compliance_scan.store import history

    rows = history.trend(_engine(given), given["limit"], given["series"], framework)
    if given["format"] == "json":
        return _json(rows)
    if not rows:
        raise Nothing("the history holds no such run")
    severities = history.SEVERITIES
    out = [f"{'started':20}  " + "  ".join(f"{each:>8}" for each in severities) + "  compliant  evaluated"]
    for row in rows:
        counts = "  ".join(f"{row['open'].get(each, 0):>8}" for each in severities)
        line = f"{row['started']:20}  {counts}  {_percent(row['compliance_percent']):>9}"
        line += f"  {_percent(row['evaluated_percent']):>9}"
        if "controls" in row:
            line += "  " + ", ".join(f"{count} {state}" for state, count in sorted(row["controls"].items()))
        out.append(line)
    emit("\n".join(out) + "\n")
    return 0


@command.command("show")
@click.argument("fingerprint")
@with_options(SHARED)
def show(fingerprint: str, **given: Any) -> int:
    """One finding's life: when it was first seen, what changed, when it was resolved or came back."""
    from compliance_scan.store import history

    if len(fingerprint) < len("cs1:") + 4:
        raise UsageError("the fingerprint is too short", "give at least eight characters: cs1:1a2b")
    lives = history.life(_engine(given), fingerprint)
    if given["format"] == "json":
        return _json([{**life.finding, "changes": life.changes} for life in lives])
    if not lives:
        raise Nothing(f"the history knows no finding {fingerprint}")
    emit("\n\n".join("\n".join(_life(life.finding, life.changes)) for life in lives) + "\n")
    return 0


@command.command("purge")
@option("--keep", metavar="AGE", required=True, env=False, help="How long runs stay: 400d, 60w, 2y.")
@with_options(SHARED)
def purge(keep: str, **given: Any) -> int:
    """Forgets older runs and what was resolved before them; the hash-chained log stays whole."""
    matched = re.fullmatch(r"(\d{1,5})([dwy])", keep)
    if matched is None:
        raise UsageError(f"--keep {keep} is no age", "write it as 400d, 60w or 2y")
    from compliance_scan.store import history, who

    days = int(matched[1]) * UNITS[matched[2]]
    gone = history.purge(_engine(given), timedelta(days=days), who())
    if given["format"] == "json":
        return _json(gone._asdict())
    tell(f"forgot {gone.runs} runs and {gone.findings} resolved findings")
    return 0


def _engine(given: Mapping[str, Any]) -> "Engine":
    from compliance_scan.store import connect

    above = click.get_current_context().obj or {}
    url = given["store"] or above.get("store")
    return connect.engine_for(connect.url_of(url), create=False)


def _line(row: Mapping[str, Any]) -> str:
    place = f"{row['file']}:{row['line']}" if row["file"] else row["arn"] or ""
    return (
        f"{row['severity']} {row['rule']}: {plain(row['address'])} {plain(place)}".rstrip() + f" [{row['fingerprint']}]"
    )


def _life(finding: Mapping[str, Any], told: Sequence[Mapping[str, Any]]) -> list[str]:
    state = f"resolved {finding['resolved']}" if finding["resolved"] else f"open, {finding['verdict']}"
    out = [
        f"{finding['severity']} {finding['rule']}: {plain(finding['address'])}",
        f"  {finding['fingerprint']}",
        f"  {state}; first seen {finding['first_seen']}, last seen {finding['last_seen']}",
    ]
    if finding["reopened"]:
        out.append(f"  came back {finding['reopened']} time{'' if finding['reopened'] == 1 else 's'}")
    for each in told:
        what = " -> ".join(_words(text) for text in (each["before"], each["after"]) if text)
        out.append(f"  {each['started']}  run {each['run']}  {each['kind']}{': ' if what else ''}{what}")
    return out


def _words(state: str) -> str:
    """A stored state without its digest."""
    return " ".join(state.split()[:3])


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:g} %"


def _json(value: Any) -> int:
    emit(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    return 0
