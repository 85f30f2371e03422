"""SARIF 2.1.0 for code scanning: plain dicts, written a result a line.

`options.sarif_profile` chooses the consumer: `github` (the default), `gitlab`, `azure`, or `full`, which leaves nothing
out. What they differ in stands in `_sarif.profiles`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from compliance_scan.formats import finding_order, selected
from compliance_scan.formats._groups import grouped, is_hidden
from compliance_scan.formats._sarif import drift as drifting
from compliance_scan.formats._sarif import run as runs
from compliance_scan.formats._sarif.places import REDACTIONS, Places, web_address
from compliance_scan.formats._sarif.profiles import PROFILES, Profile
from compliance_scan.formats._sarif.results import Results
from compliance_scan.formats._sarif.rules import Rules
from compliance_scan.formats._sarif.taxonomies import Taxonomies
from compliance_scan.formats.json import dumps

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report, ReportFinding, Verdict

VERDICTS: tuple[Verdict, ...] = ("fail", "unknown", "pass", "not_applicable")
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SEVERITIES = ("critical", "high", "medium", "low", "info")


def write(report: Report, out: TextIO, options: FormatOptions) -> None:
    """Writes a log with one run."""
    run, results = _run(report, PROFILES[options.sarif_profile], options.verdicts)
    out.write(f'{{"$schema": {dumps(SCHEMA)},\n "version": "2.1.0",\n "runs": [\n{{\n')
    parts = [f" {dumps(key)}: {_laid_out(value, 4 if key == 'tool' else 1)}" for key, value in run.items()]
    out.write(",\n".join(parts))
    out.write(',\n "results": [\n' + ",\n".join(results) + "]\n}]}\n")


def _run(report: Report, profile: Profile, verdicts: frozenset[Verdict] | None) -> tuple[dict[str, Any], list[str]]:
    """The run without its results, and the results as JSON."""
    shown = selected(report, frozenset(profile.verdicts) if verdicts is None else verdicts)
    suppressed = 0
    if not profile.suppressed:
        kept = [finding for finding in shown if not is_hidden(finding) and finding["baseline"] != "absent"]
        suppressed = sum(is_hidden(finding) for finding in shown)
        shown = kept
    shown, cut_away = _within(shown, profile)
    drift = drifting.alone(report, suppressed=profile.suppressed)
    if profile.max_results is not None:
        drift, rest = drift[: profile.max_results - len(shown)], len(drift)
        cut_away += rest - len(drift)
    taxonomies = Taxonomies(report)
    places = Places(report["run"], from_root=profile.from_root)
    rules = Rules(report, shown, taxonomies, every=profile.all_rules or not (shown or drift))
    made_of = Results(report, profile, places, rules, taxonomies)
    results = made_of.lines(shown)
    results += drifting.lines(report, drift, places, made_of, first=len(rules.descriptors()) if drift else 0)
    notes = runs.notifications(
        report, places, written=len(shown) + len(drift), suppressed=suppressed, cut_away=cut_away
    )
    made: dict[str, Any] = {
        "tool": {"driver": _driver(report, [*rules.descriptors(), *drifting.descriptors(drift)], taxonomies)},
        "automationDetails": runs.pipeline(report["run"]) if profile.pipeline else {"id": runs.category(report["run"])},
        "invocations": [runs.invocation(report["run"], notes)],
        "versionControlProvenance": runs.provenance(report["run"]),
        "originalUriBaseIds": places.bases(),
        "columnKind": "unicodeCodePoints",
        "redactionTokens": list(REDACTIONS),
        "taxonomies": taxonomies.components(),
        "properties": {"summary": report["summary"], "suppressed": suppressed, "notShown": cut_away},
    }
    return {key: value for key, value in made.items() if value}, results


def _within(findings: list[ReportFinding], profile: Profile) -> tuple[list[ReportFinding], int]:
    """The most severe findings that the consumer takes, in the order that stood, and how many were left out."""
    limit = profile.max_results
    if limit is None or len(findings) <= limit:
        return findings, 0
    groups = grouped(findings) if profile.grouped else []
    if profile.grouped and len(groups) <= limit:
        return findings, 0
    ranked = sorted(groups, key=lambda group: SEVERITIES.index(group.first["severity"]))
    kept = [finding for group in ranked[:limit] for finding in group.findings]
    return sorted(kept, key=finding_order), len(findings) - len(kept)


def _driver(report: Report, rules: list[dict[str, Any]], taxonomies: Taxonomies) -> dict[str, Any]:
    tool = report["tool"]
    made = {
        "name": tool["name"],
        "fullName": f"{tool['name']} {tool['version']}",
        "version": tool["version"],
        "semanticVersion": tool["version"],
        "informationUri": web_address(tool["information_uri"]),
        "language": "en-US",
        "properties": {"rulesDigest": tool["rules_digest"]},
        "supportedTaxonomies": taxonomies.supported(),
        "rules": rules,
        "notifications": runs.descriptors(),
    }
    return {key: value for key, value in made.items() if value or key == "rules"}


def _laid_out(value: Any, levels: int) -> str:
    """JSON with so many levels broken into lines."""
    if not levels or not value or not isinstance(value, (dict, list)):
        return dumps(value)
    if isinstance(value, list):
        return "[\n" + ",\n".join([_laid_out(item, levels - 1) for item in value]) + "]"
    return "{\n" + ",\n".join([f"{dumps(key)}: {_laid_out(item, levels - 1)}" for key, item in value.items()]) + "}"
