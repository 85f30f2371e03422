"""Report formats: each is one module of this folder that turns the JSON report into text.

A format module has `write(report, out, options)` and the constant `VERDICTS`, the verdicts that it shows where the
user names none. Its file name, with `-` for `_`, is the format's name; names starting with `_` are no formats. The
folder is listed, never imported as a whole: a format costs nothing until somebody asks for it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Protocol, TextIO, cast

from compliance_scan.errors import UsageError

if TYPE_CHECKING:
    from compliance_scan.model.report import Report, ReportFinding, Verdict

SARIF_PROFILES = ("github", "gitlab", "azure", "full")


class FormatOptions(NamedTuple):
    """How to write; a format ignores what does not concern it."""

    color: bool = False
    """Whether ANSI colours may be written (the command line knows the terminal and `NO_COLOR`)."""
    width: int = 100
    """Columns of the terminal; longer lines are cut."""
    verbose: bool = False
    quiet: bool = False
    sarif_profile: str = "github"
    """One of `SARIF_PROFILES`."""
    verdicts: frozenset[Verdict] | None = None
    """Which findings to write; None: the format's own choice."""


class Format(Protocol):
    """What a format module is."""

    VERDICTS: tuple[Verdict, ...]

    def write(self, report: Report, out: TextIO, options: FormatOptions) -> None:
        """Writes the whole report as text; raises nothing but what `out` raises."""
        ...


def names() -> tuple[str, ...]:
    """Names of all formats, sorted."""
    with os.scandir(os.path.dirname(__file__)) as entries:
        modules = (entry.name for entry in entries if entry.name.endswith(".py") and not entry.name.startswith("_"))
        return tuple(sorted(module.removesuffix(".py").replace("_", "-") for module in modules))


def load(name: str) -> Format:
    """The module of a format; raises `UsageError` for a name that is none."""
    import importlib

    if name not in names():
        raise UsageError(f"{name!r} is no format", f"choose one of {', '.join(names())}")
    return cast("Format", importlib.import_module(f"{__name__}.{name.replace('-', '_')}"))


def verdicts_shown(name: str, options: FormatOptions) -> frozenset[Verdict]:
    """The verdicts that a format will write with these options: what the report has to hold for it."""
    if options.verdicts is not None:
        return options.verdicts
    if name == "sarif" and options.sarif_profile != "full":
        return frozenset({"fail"})
    return frozenset(load(name).VERDICTS)


def selected(report: Report, shown: frozenset[Verdict]) -> list[ReportFinding]:
    """The findings with one of these verdicts, in the order that every format keeps."""
    return sorted((finding for finding in report["findings"] if finding["verdict"] in shown), key=finding_order)


def finding_order(finding: ReportFinding) -> tuple[str, int, int, str, str, str]:
    """By place, then rule, then resource; what has no place comes first."""
    place, address = finding["location"], finding["resource"]["address"]
    if place is None:
        return ("", 0, 0, finding["rule"], address, finding["instance"])
    return (place["file"], place["line"], place["column"], finding["rule"], address, finding["instance"])
