"""The JSON report itself: one record a line, so that it diffs, greps and writes quickly.

Nothing but ASCII leaves here: control characters and marks that turn the reading direction come out as escapes,
and so do the brackets that build servers obey anywhere in a log (`##[`, `##vso[`).
"""

from __future__ import annotations

from json import JSONEncoder
from json.encoder import encode_basestring_ascii
from math import isfinite
from typing import TYPE_CHECKING, Any, TextIO

from compliance_scan.formats import selected

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown")

KEYS = (
    "schema_version",
    "tool",
    "run",
    "summary",
    "frameworks",
    "rules",
    "findings",
    "controls",
    "evidence",
    "planes",
    "drift",
    "gate",
    "comparison",
    "not_covered",
    "incomplete",
)
MAX_DEPTH = 60


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes the report with the findings that `options.verdicts` selects."""
    shown = frozenset(VERDICTS) if options.verdicts is None else options.verdicts
    parts: dict[str, Any] = {**report, "findings": selected(report, shown)}
    names = [name for name in KEYS if name in parts]
    out.write("{\n")
    for name in names:
        comma = "" if name == names[-1] else ","
        out.write(f'  "{name}": ')
        _part(parts[name], out)
        out.write(f"{comma}\n")
    out.write("}\n")


def _part(value: Any, out: TextIO) -> None:
    """A top-level value: lists and maps take one line an entry, and each is written before the next is made."""
    if isinstance(value, list) and value:
        out.writelines(f"{',' if index else '['}\n    {dumps(item)}" for index, item in enumerate(value))
        out.write("\n  ]")
    elif isinstance(value, dict) and value:
        out.writelines(
            f"{',' if index else '{'}\n    {dumps(key)}: {dumps(item)}"
            for index, (key, item) in enumerate(value.items())
        )
        out.write("\n  }")
    else:
        out.write(dumps(value))


_encode = JSONEncoder(allow_nan=False, check_circular=False).encode  # the check costs a third; reports are trees


def dumps(value: Any) -> str:
    """JSON on one line; what JSON cannot say (NaN, endless nesting) is said as text rather than failing the report."""
    try:
        text = _encode(value)
    except (ValueError, RecursionError):
        text = _encode(_sayable(value, MAX_DEPTH))
    return _kept(text)


def quoted(text: str) -> str:
    """`dumps` of a text, for who puts a record together of many."""
    return _kept(encode_basestring_ascii(text))


def _kept(text: str) -> str:
    """JSON without what build servers obey, nor halves of characters (of a file's name that is no UTF-8): strict
    readers refuse a document for one; they come out as the text of their escape."""
    if "##" in text:
        text = text.replace("##", "#\\u0023")
    if "\\ud" in text:
        import re

        halves = r"(\\\\|\\ud[89ab]..\\ud[c-f]..)|(\\ud[89a-f]..)"
        text = re.sub(halves, lambda found: found[1] or f"\\{found[2]}", text)
    return text


def _sayable(value: Any, depth: int) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: _sayable(item, depth - 1) for key, item in value.items()} if depth else "(nested too deeply)"
    if isinstance(value, list):
        return [_sayable(item, depth - 1) for item in value] if depth else "(nested too deeply)"
    return value
