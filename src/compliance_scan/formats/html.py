"""The page for whoever answers for security: one file that opens anywhere, sends nothing and asks nothing of a network.

Its first screen says how bad it is, where, and what to do first; the rest is one search or one link away. The report
stands in the page as JSON that no browser executes; a content-security policy allows our own script and style by their
digests and nothing else, so that no text of a scanned file can ever run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from compliance_scan.formats._html import page, payload

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown")


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes the page with the findings that `options.verdicts` selects; counts and controls always cover all."""
    shown = frozenset(VERDICTS) if options.verdicts is None else options.verdicts
    before, after = page.around(report)
    out.write(before)
    out.writelines(page.inert(piece) for piece in payload.pieces(report, shown))
    out.write(after)
