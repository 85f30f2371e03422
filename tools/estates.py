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
from typing import Any, NamedTuple

import yaml

from compliance_scan import formats
from compliance_scan.formats import FormatOptions
from compliance_scan.scan import Request, Result, scan

REPOSITORY = Path(__file__).resolve().parent.parent
FIXTURES = REPOSITORY / "fixtures"
REPORTS = REPOSITORY / "reports"
TABLE = REPOSITORY / "docs" / "estates.md"
AS_OF = date(2026, 11, 21)
"""The day of all reports, so that they do not change as versions age."""
EVERY_VERDICT = frozenset({"pass", "fail", "unknown", "not_applicable"})


class Statement(NamedTuple):
    """One promise."""

    id: str
    text: str
    kind: str
    """`enforced`, `org` (people and process), `tool` (what the scanner itself does) or `open`."""
    note: str
    """Why it is not enforced, or which test shows it."""


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
    return Estate(folder.name, told["title"], folder, tuple(statements), tuple(breaks), tuple(instances))


def _kind(value: Mapping[str, str]) -> tuple[str, str, str]:
    kind = next(key for key in ("open", "org", "tool") if key in value)
    return value["text"], kind, value[kind]


def request(estate: Estate, **more: Any) -> Request:
    """The scan of an estate by its own profile."""
    root = str(estate.folder)
    given: dict[str, Any] = {
        "root": root,
        "targets": ["."],
        "folder": root,
        "as_of": AS_OF,
        "profile": str(estate.folder / "profile.yaml"),
        "exclude": ["profile.yaml", "broken.yaml", "statements.yaml"],
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
    """The estate as it is, judged by the rules that carry statements."""
    return scan(request(estate, rules=_rules(each for each in estate.instances if each.get("statement"))))


def broken(estate: Estate, change: Break) -> Result:
    """The estate with one change, judged by the rules that carry the statement. What the change cannot touch is not
    read again: a change of Terraform leaves manifests alone, unless a rule looks at both."""
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
        "finding; `tests/estates` holds each to it. None is claimed for the live account yet.",
        "",
    ]
    for estate in estates():
        wanted = [each for each in estate.statements if each.kind in {"enforced", "open"}]
        held = [each for each in wanted if each.kind == "enforced"]
        out += [
            f"## {estate.title}",
            "",
            f"`fixtures/{estate.name}`: {len(held)} of {len(wanted)} statements enforced.",
            "",
        ]
        out += ["| id | statement | rules | code | live |", "| --- | --- | --- | --- | --- |"]
        out += [_row(estate, each) for each in estate.statements]
        out.append("")
    return "\n".join(out)


def _row(estate: Estate, statement: Statement) -> str:
    instances = ", ".join(f"`{each.get('as', each['rule'])}`" for each in estate.of(statement.id)) or "-"
    code = {
        "enforced": "yes",
        "open": f"no: {statement.note}",
        "org": f"people and process: {statement.note}",
        "tool": f"the scanner: {statement.note}",
    }[statement.kind]
    live = "not yet shown" if statement.kind in {"enforced", "open"} else "-"
    return f"| {statement.id} | {statement.text} | {instances} | {code} | {live} |"


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
