"""The report as the page's script reads it: what the page shows of it, texts that repeat stored once.

`findings` holds findings without what is empty; their `controls` and `context` are numbers of entries in `pools`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from compliance_scan.formats import selected
from compliance_scan.formats._shared import cut
from compliance_scan.formats.json import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_scan.model.report import Context, Json, Report, ReportFinding, Verdict

WHOLE = ("tool", "run", "summary", "frameworks", "rules", "incomplete", "not_covered", "planes", "drift")
MAYBE = ("evidence", "comparison")
MAX_VALUE = 600
_PLAIN = (
    "rule",
    "severity",
    "verdict",
    "message",
    "path",
    "unknown_cause",
    "unknown_detail",
    "suppression",
    "baseline",
    "fix",
    "fingerprint",
)


class Pool:
    """Values that many findings share, each once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[object, int] = {}

    def number(self, key: object, value: Any) -> int:
        """The value's place in `values`; equal keys are one value."""
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = len(self.values)
            self.values.append(value)
        return known


class _Slim:
    """Makes findings small."""

    def __init__(self) -> None:
        self.controls, self.contexts = Pool(), Pool()

    def finding(self, finding: ReportFinding) -> dict[str, Any]:
        """What the page shows of a finding."""
        whole: Any = finding
        slim = {key: whole[key] for key in _PLAIN if whole[key]}
        slim.update({key: value for key, value in whole["resource"].items() if value and key != "plane"})
        slim["plane"] = whole["resource"]["plane"]
        for key in ("expected", "actual"):
            if whole[key] is not None:
                slim[key] = _value(whole[key])
        if finding["location"]:
            slim["location"] = finding["location"]
        if finding["context"]:
            slim["context"] = self._context(finding["context"])
        if finding["related"]:
            slim["related"] = [
                {**entry, "context": self._context(entry["context"])} if entry.get("context") else entry  # type: ignore[arg-type]
                for entry in finding["related"]
            ]
        if finding["controls"]:
            known = tuple((framework, *controls) for framework, controls in finding["controls"].items())
            slim["controls"] = self.controls.number(known, finding["controls"])
        return slim

    def _context(self, context: Context) -> int:
        return self.contexts.number((context["line"], context["text"]), context)


def pieces(report: Report, shown: frozenset[Verdict]) -> Iterator[str]:
    """The JSON text in pieces, ASCII throughout."""
    slim, whole = _Slim(), dict[str, Any](report)
    yield "{"
    for key in (*WHOLE, *(name for name in MAYBE if name in whole)):
        yield f'"{key}": {dumps(whole[key])},\n'
    yield '"controls": ' + dumps(report["controls"]) + ',\n"findings": [\n'
    yield ",\n".join([dumps(slim.finding(finding)) for finding in selected(report, shown)])
    yield "\n],\n"
    if gate := report.get("gate"):
        made: dict[str, Any] = {**gate}
        for key in ("newly_failing", "fixed"):
            made[key] = [slim.finding(finding) for finding in made[key]]
        yield f'"gate": {dumps(made)},\n'
    yield f'"pools": {dumps({"controls": slim.controls.values, "contexts": slim.contexts.values})}}}'


def _value(value: Json) -> str:
    """A value as people read it, cut: a whole policy document helps nobody here."""
    try:
        return cut(json.dumps(value, ensure_ascii=False), MAX_VALUE)
    except (ValueError, RecursionError):
        return "(nested too deeply)"
