"""The reference estates: what each promises, what enforces it, and proof that it does.

    python -m tools.estates [--check]             writes docs/estates.md (with --check: exit code 1 where it differs)
    python -m tools.estates --reports [--check]   writes reports/<estate>/

An estate is a folder of `fixtures` with `statements.yaml` (its promises), `profile.yaml` (which rules hold them) and
`broken.yaml` (for each promise, one change that breaks it).
"""

import argparse
import hashlib
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml

from compliance_scan import formats
from compliance_scan.audit import audit
from compliance_scan.formats import FormatOptions
from compliance_scan.inputs.aws.source import FileSource
from compliance_scan.ruleset import Ruleset
from compliance_scan.scan import Request, Result, scan

REPOSITORY = Path(__file__).resolve().parent.parent
FIXTURES = REPOSITORY / "fixtures"
REPORTS = REPOSITORY / "reports"
TABLE = REPOSITORY / "docs" / "estates.md"
ACCOUNT = "account.jsonl"
"""What an account shows that no code declares, as an inventory."""
AS_OF = date(2026, 11, 21)
"""The day of all reports, so that they do not change as versions age."""
NOT_LIVE = "not about resources of AWS that an account shows"
EVERY_VERDICT = frozenset({"pass", "fail", "unknown", "not_applicable"})


class Statement(NamedTuple):
    """One promise."""

    id: str
    text: str
    kind: str
    """`enforced`, `org` (people and process), `tool` (what the scanner itself does) or `open`."""
    note: str
    """Why it is not enforced, what part of it no configuration shows, or which test shows it."""


class Break(NamedTuple):
    """One change that breaks a promise."""

    statement: str
    file: str
    find: str
    replace: str
    rule: str
    resource: str
    at: str
    """Text of the line that the finding has to point at; empty: a line that the change wrote."""
    demo: bool


class Estate(NamedTuple):
    """One folder of fixtures."""

    name: str
    title: str
    folder: Path
    statements: tuple[Statement, ...]
    breaks: tuple[Break, ...]
    instances: tuple[Mapping[str, Any], ...]
    """The profile's rule instances."""
    region: str
    """Where its provider without an alias works."""
    incomplete: frozenset[str]
    """Kinds of what is known not to be read of it, as a chart of somebody else."""

    def of(self, statement: str) -> list[Mapping[str, Any]]:
        """The instances that carry a statement."""
        return [each for each in self.instances if statement in _list(each.get("statement"))]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


@cache
def estates() -> tuple[Estate, ...]:
    """All estates that have statements, by name."""
    return tuple(_estate(path.parent) for path in sorted(FIXTURES.glob("*/statements.yaml")))


def _estate(folder: Path) -> Estate:
    told = yaml.safe_load((folder / "statements.yaml").read_text())
    statements = [
        Statement(name, *(_kind(value) if isinstance(value, dict) else (value, "enforced", "")))
        for name, value in told["statements"].items()
    ]
    breaks = [
        Break(
            each.get("statement", ""),
            each["file"],
            each["find"],
            each["replace"],
            each["breaks"]["rule"],
            each["breaks"]["resource"],
            each["breaks"].get("at", ""),
            bool(each.get("demo")),
        )
        for each in yaml.safe_load((folder / "broken.yaml").read_text())
    ]
    rules = yaml.safe_load((folder / "profile.yaml").read_text())["rules"]
    instances = [each if isinstance(each, dict) else {"rule": each} for each in rules]
    return Estate(
        folder.name,
        told["title"],
        folder,
        tuple(statements),
        tuple(breaks),
        tuple(instances),
        told.get("region", "us-east-1"),
        frozenset(told.get("incomplete", ())),
    )


def _kind(value: Mapping[str, str]) -> tuple[str, str, str]:
    kind = next(key for key in ("open", "org", "tool", "part") if key in value)
    return value["text"], "enforced" if kind == "part" else kind, value[kind]


def request(estate: Estate, **more: Any) -> Request:
    """The scan of an estate by its own profile."""
    root = str(estate.folder)
    given: dict[str, Any] = {
        "root": root,
        "targets": ["."],
        "folder": root,
        "as_of": AS_OF,
        "profile": str(estate.folder / "profile.yaml"),
        "exclude": ["profile.yaml", "broken.yaml", "statements.yaml", "live.yaml", ACCOUNT],
        "verdicts": EVERY_VERDICT,
    }
    return Request(**{**given, **more})


def broken_text(estate: Estate, change: Break) -> str:
    """A file with the change made; raises `ValueError` where the text to change does not stand there exactly once."""
    text = (estate.folder / change.file).read_text()
    if text.count(change.find) != 1:
        raise ValueError(f"{estate.name}/{change.file}: {text.count(change.find)} places of {change.find!r}, not one")
    return text.replace(change.find, change.replace)


def whole(estate: Estate) -> Result:
    """The estate as it is, judged by the rules that carry statements; what no code shows, by its seeded account."""
    instances = [each for each in estate.instances if each.get("statement")]
    made = scan(request(estate, rules=_rules(instances)))
    if (estate.folder / ACCOUNT).is_file():
        judged = [each for each in instances if is_live_only(each)]
        made.report["findings"] += _audited(estate, judged, (estate.folder / ACCOUNT).read_text()).report["findings"]
    return made


def is_live_only(instance: Mapping[str, Any]) -> bool:
    """Whether a rule judges what only an account shows: who has a second factor, what the root user did."""
    return Ruleset.open().rule(instance["rule"]).planes == ("live",)


def _audited(estate: Estate, instances: Sequence[Mapping[str, Any]], inventory: str) -> Result:
    """The audit of an estate's seeded account."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / ACCOUNT
        path.write_text(inventory)
        given = request(estate, command="audit", rules=_rules(instances), exclude=())
        return audit(given, lambda _wanted: FileSource(str(path), ACCOUNT))


def broken(estate: Estate, change: Break) -> Result:
    """The estate with one change, judged by the rules that carry the statement. What the change cannot touch is not
    read again: a change of Terraform leaves manifests alone, unless a rule looks at both."""
    if change.file == ACCOUNT:
        judged = [each for each in estate.of(change.statement) if is_live_only(each)]
        return _audited(estate, judged, broken_text(estate, change))
    rules = _rules(estate.of(change.statement))
    top = change.file.split("/", 1)[0]
    targets = ["."] if change.rule.startswith("k8s-account-role") else [top]
    overlay = {change.file: broken_text(estate, change).encode()}
    return scan(request(estate, targets=targets, overlay=overlay, rules=rules))


def _rules(instances: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({each["rule"] for each in instances})


def table() -> str:
    """`docs/estates.md`."""
    out = [
        "# The reference estates",
        "",
        "Made by `python -m tools.estates`. A statement is enforced on the code plane when its estate passes, and one",
        "change (`broken.yaml`) makes the scan fail on the right resource and line, with the statement's id in the",
        "finding; `tests/estates` holds each to it. It is shown on the account when the same holds of the estate built",
        "in a stand-in (`python -m tools.estates_live`, a slow test), audited beside its code by its own profile; what",
        "the stand-in cannot show is listed with the reason.",
        "",
        "| estate | on code | on the account | not about AWS | people and process, or the scanner |",
        "| --- | --- | --- | --- | --- |",
        *map(_summary, estates()),
        "",
    ]
    for estate in estates():
        seen = live(estate)
        out += [f"## {estate.title}", "", f"`fixtures/{estate.name}`", ""]
        out += ["| id | statement | rules | code | account |", "| --- | --- | --- | --- | --- |"]
        out += [_row(estate, each, seen.get(each.id)) for each in estate.statements]
        out += ["", *_beyond(estate, seen)]
    return "\n".join(out)


def live(estate: Estate) -> dict[str, Any]:
    """What was seen of each statement on the account."""
    path = estate.folder / "live.yaml"
    return (yaml.safe_load(path.read_text()) or {}) if path.is_file() else {}


def _summary(estate: Estate) -> str:
    seen = live(estate)
    wanted = [each for each in estate.statements if each.kind in {"enforced", "open"}]
    held = [each for each in wanted if each.kind == "enforced"]
    shown = sum(bool(seen.get(each.id, {}).get("shown")) for each in held)
    others = sum(seen.get(each.id, {}).get("reason") == NOT_LIVE for each in held)
    return (
        f"| {estate.title} | {len(held)} of {len(wanted)} | {shown} of {len(held) - others} | {others} "
        f"| {len(estate.statements) - len(wanted)} |"
    )


def _row(estate: Estate, statement: Statement, seen: Mapping[str, Any] | None) -> str:
    instances = ", ".join(f"`{each.get('as', each['rule'])}`" for each in estate.of(statement.id)) or "-"
    code = {
        "enforced": f"yes; {statement.note}" if statement.note else "yes",
        "open": f"no: {statement.note}",
        "org": f"people and process: {statement.note}",
        "tool": f"the scanner: `{statement.note}`",
    }[statement.kind]
    live = "-"
    if statement.kind == "enforced":
        live = "not tried" if seen is None else "yes" if seen["shown"] else _cell(seen["reason"])
        live += " (in part, see below)" if seen is not None and seen["shown"] and "beyond" in seen else ""
    return f"| {statement.id} | {statement.text} | {instances} | {code} | {live} |"


def _beyond(estate: Estate, seen: Mapping[str, Any]) -> list[str]:
    """The rules of shown statements that the stand-in cannot show."""
    rows = [
        f"| {statement.id} | `{name}` | {_cell(why)} |"
        for statement in estate.statements
        if seen.get(statement.id, {}).get("shown")
        for name, why in seen[statement.id].get("beyond", {}).items()
    ]
    if not rows:
        return []
    return [
        "What the stand-in does not show of statements that it shows:",
        "",
        "| id | rule | reason |",
        "| --- | --- | --- |",
        *rows,
        "",
    ]


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


@contextmanager
def _changed(estate: Estate) -> Iterator[dict[str, bytes]]:
    """The files of an estate with all changes of the demo."""
    texts: dict[str, str] = {}
    for change in estate.breaks:
        if change.demo:
            text = texts.get(change.file, (estate.folder / change.file).read_text())
            texts[change.file] = text.replace(change.find, change.replace, 1)
    yield {name: text.encode() for name, text in texts.items()}


def reports(estate: Estate) -> dict[str, str]:
    """Name of each report to its text: of the estate as it is, and the SARIF of the broken one."""
    good = scan(request(estate)).report
    with _changed(estate) as overlay:
        bad = scan(request(estate, overlay=overlay)).report
    for report in (good, bad):
        _still(report)
    digest = hashlib.sha256(_written("json", good).encode()).hexdigest()
    return {
        "findings.txt": _written("text", good),
        "controls.md": _written("markdown", good),
        "broken.sarif": _written("sarif", bad),
        "digest.txt": f"sha256 of the JSON report: {digest}\n",
    }


def _still(report: Any) -> None:
    """Takes out of a report what changes from run to run and from machine to machine."""
    run = report["run"]
    run["started"] = "2026-11-21T00:00:00Z"
    for key in ("seconds", "duration", "seconds_taken"):
        if key in run:
            run[key] = 0
    for key in ("root", "folder", "revision", "branch", "repository", "vcs"):
        if key in run:
            run[key] = "." if key in {"root", "folder"} else None


def _written(name: str, report: Any) -> str:
    out = io.StringIO()
    formats.load(name).write(report, out, FormatOptions())
    return out.getvalue()


def stale() -> list[str]:
    """What differs from what is written now, relative to the repository."""
    return [
        str((REPORTS / estate.name / name).relative_to(REPOSITORY))
        for estate in estates()
        for name, text in reports(estate).items()
        if not (REPORTS / estate.name / name).is_file() or (REPORTS / estate.name / name).read_text() != text
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 where something differs")
    parser.add_argument("--reports", action="store_true", help="the reports rather than the table")
    arguments = parser.parse_args()
    if arguments.check:
        differing = stale() if arguments.reports else ["docs/estates.md"] * (TABLE.read_text() != table())
        print(json.dumps(differing))
        return 1 if differing else 0
    if not arguments.reports:
        TABLE.write_text(table())
        return 0
    for estate in estates():
        (REPORTS / estate.name).mkdir(parents=True, exist_ok=True)
        for name, text in reports(estate).items():
            (REPORTS / estate.name / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
