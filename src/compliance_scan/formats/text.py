"""The report for a person at a terminal: what fails file by file, what is not known and why, what to do first.

Nothing from the scanned files reaches the terminal as it is: see `_text.style`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from compliance_scan.formats import selected
from compliance_scan.formats._groups import is_hidden
from compliance_scan.formats._text import findings, notes, summary
from compliance_scan.formats._text.style import Page

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown")
NARROWEST = 40


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes the report; its last line says which exit code and why."""
    page = Page(options.color, max(options.width, NARROWEST))
    lines = _quiet(report, options, page) if options.quiet else _lines(report, options, page)
    text = "\n".join([*lines, summary.exit_line(report, page)]) + "\n"
    out.write(_writable(_no_commands(text), out.encoding))


def _lines(report: Report, options: FormatOptions, page: Page) -> list[str]:
    chosen = selected(report, frozenset(VERDICTS) if options.verdicts is None else options.verdicts)
    shown = [finding for finding in chosen if finding["baseline"] != "absent"]
    verbose = options.verbose
    comparison = report.get("comparison")
    planes = _planes(report, page, verbose=verbose)
    open_fails = [finding for finding in shown if finding["verdict"] == "fail" and not is_hidden(finding)]
    return [
        *findings.failing(open_fails, report, page, verbose=verbose),
        *findings.unknown([finding for finding in shown if finding["verdict"] == "unknown"], page, verbose=verbose),
        *findings.others([finding for finding in shown if finding["verdict"] in ("pass", "not_applicable")], page),
        *planes,
        *notes.suppressed(
            [finding for finding in shown if finding["verdict"] == "fail" and is_hidden(finding)], page, verbose=verbose
        ),
        *notes.gone(
            [finding for finding in chosen if finding["baseline"] == "absent"],
            page,
            verbose=verbose,
            comparison=comparison,
        ),
        *notes.unused(report, page, verbose=verbose),
        *notes.configured(report, page, verbose=verbose),
        *notes.not_covered(report, page, verbose=verbose),
        *notes.skipped(report, page, verbose=verbose),
        *notes.incomplete(report, page),
        *_controls(report, page, verbose=verbose),
        *(notes.compared(comparison, page) if comparison else ()),
        *summary.summary(report, open_fails, page, verbose=verbose),
    ]


def _planes(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """What only runs about a plan or an account have; loaded for them alone."""
    if not (report["planes"] or report["drift"] or "gate" in report):
        return []
    from compliance_scan.formats._text import planes

    return [
        *planes.gate(report, page, verbose=verbose),
        *planes.drift(report, page, verbose=verbose),
        *planes.planes(report, page, verbose=verbose),
    ]


def _controls(report: Report, page: Page, *, verbose: bool) -> list[str]:
    """What only runs for a framework have; loaded for them alone."""
    if not report["controls"]:
        return []
    from compliance_scan.formats._text.controls import controls

    return controls(report, page, verbose=verbose)


def _quiet(report: Report, options: FormatOptions, page: Page) -> list[str]:
    shown = selected(report, frozenset({"fail"}) if options.verdicts is None else options.verdicts)
    return findings.terse([f for f in shown if not is_hidden(f) and f["baseline"] != "absent"], page)


def _no_commands(text: str) -> str:
    """The text with what build servers obey in a log broken: `##[…]` and `##vso[…]` anywhere, `::name::` at a line's
    start, as the name of a scanned file could be."""
    if "##" in text:
        text = text.replace("##", "#\\x23")
    if "\n::" in f"\n{text}" or " ::" in text:
        lines = text.split("\n")
        text = "\n".join(line.replace("::", ":\\x3a", 1) if line.lstrip().startswith("::") else line for line in lines)
    return text


def _writable(text: str, encoding: str | None) -> str:
    """The text in what the stream can encode: a terminal in another character set must not fail the report."""
    if not encoding or text.isascii() or encoding.lower().replace("-", "").startswith("utf"):
        return text
    return text.encode(encoding, "backslashreplace").decode(encoding)
