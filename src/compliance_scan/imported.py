"""Other tools' results as a report of ours: under our rule where one is the same, else under their own id.

A finding made here has the message id `imported` and names its tool among the related places, so that every format
shows where it comes from. Its fingerprint is ours wherever the place in the code is told well enough to know it.
"""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from compliance_scan import __version__
from compliance_scan.control_report import Question, answer
from compliance_scan.frameworks import Frameworks
from compliance_scan.frameworks.status import Limits
from compliance_scan.report import HOME, fix_text, help_uri, percent
from compliance_scan.report_finding import Controls
from compliance_scan.shape.identity import fingerprint
from compliance_scan.suppressions.directive import FAMILIES, plain_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compliance_scan.bridges import Foreign, Imported
    from compliance_scan.model.report import Location, Report, ReportFinding, ReportRule, Run, Severity, Suppression
    from compliance_scan.model.rule import Rule
    from compliance_scan.ruleset import Ruleset

IMPORTED = "imported"
MAX_TEXT = 2000
UNRATED: Severity = "medium"
"""Of a rule that only another tool has, where that tool gives no severity."""


class Mapping(NamedTuple):
    """Which of our rules another tool's id is the same as."""

    by_id: dict[tuple[str, str], list[Rule]]
    own: dict[str, Rule]

    def candidates(self, tool: str, foreign: Foreign) -> list[Rule]:
        """Our rules, those that judge the finding's type first."""
        if tool == "compliance-scan":
            own = self.own.get(foreign.rule)
            return [own] if own is not None else []
        found = [
            rule
            for name in FAMILIES.get(tool, (tool,))
            for rule in self.by_id.get((name, _plain(name, foreign.rule)), ())
        ]
        fitting = [rule for rule in found if foreign.type in rule.resource]
        return fitting or found


def mapping(ruleset: Ruleset) -> Mapping:
    """The index over all rules."""
    found: dict[tuple[str, str], list[Rule]] = {}
    rules = ruleset.all()
    for rule in rules:
        for tool, ids in rule.equivalents.items():
            for each in ids.get("same", ()):
                found.setdefault((tool, _plain(tool, each)), []).append(rule)
    return Mapping(found, {name: rule for rule in rules for name in (rule.id, rule.code)})


def _plain(tool: str, name: str) -> str:
    """An id for comparing; Trivy writes one id as `AVD-KSV-0001`, `KSV-0001` and `KSV001`."""
    made = plain_id(name)
    if tool == "trivy":
        parts = re.fullmatch(r"([A-Z]+)-?0*(\d+)", made)
        if parts:
            return f"{parts[1]}-{int(parts[2]):04}"
    return made


def reports(found: Sequence[Imported], source: str, ruleset: Ruleset, frameworks: Sequence[str]) -> list[Report]:
    """A report for each tool in a file; `frameworks` are ids whose controls are wanted, `source` the file as shown."""
    index = mapping(ruleset)
    opened = Frameworks.open() if frameworks else None
    controls = Controls(opened, list(frameworks))
    return [_report(each, source, ruleset, index, controls) for each in found]


def _report(found: Imported, source: str, ruleset: Ruleset, index: Mapping, controls: Controls) -> Report:
    rules: dict[str, ReportRule] = {}
    findings: list[ReportFinding] = []
    for foreign in found.findings:
        candidates = index.candidates(found.tool, foreign)
        rule = candidates[0] if candidates else None
        name = rule.id if rule is not None else f"{found.tool}:{foreign.rule}"
        if name not in rules:
            rules[name] = _known(rule, ruleset, controls) if rule is not None else _unknown(found, foreign)
        findings.append(_finding(found, foreign, name, rules[name], rule))
    findings = _once(findings)
    made: Any = {
        "schema_version": 1,
        "tool": {
            "name": "compliance-scan",
            "version": __version__,
            "information_uri": HOME,
            "rules_digest": ruleset.digest,
        },
        "run": _run(found, findings, source, list(controls.selected)),
        "summary": summary(findings, len(rules)),
        "frameworks": controls.described(),
        "rules": dict(sorted(rules.items())),
        "findings": findings,
        **_controls(found, findings, ruleset, index, controls),
        "planes": [],
        "drift": [],
        "not_covered": [],
        "incomplete": [
            {**entry, "message": _cut(entry["message"]), "where": _cut(entry["where"])} for entry in found.incomplete
        ],
    }
    return cast("Report", made)


class Counted(NamedTuple):
    """A finding as the law of controls counts it."""

    finding: Any
    hidden: bool


class Judged(NamedTuple):
    """What of a finding that law looks at."""

    rule: str
    verdict: str
    resource: Any


class Place(NamedTuple):
    """A resource as it is counted."""

    root: str
    address: str
    plane: str


class Ran(NamedTuple):
    """A rule that another tool judged by its own."""

    rule: Rule


def _controls(
    found: Imported, findings: Sequence[ReportFinding], ruleset: Ruleset, index: Mapping, controls: Controls
) -> Any:
    """The controls that the results serve; they pass no control as a whole, since nobody knows what the tool saw."""
    if controls.frameworks is None:
        return {"controls": []}
    told = [each for each in findings if each["rule"] in index.own]
    counted: Any = [
        Counted(
            Judged(
                each["rule"],
                each["verdict"],
                Place(each["resource"]["root"], each["resource"]["address"], each["resource"]["plane"]),
            ),
            each["suppression"] is not None,
        )
        for each in told
    ]
    ran: Any = [Ran(index.own[name]) for name in dict.fromkeys(each["rule"] for each in told)]
    limits = Limits(only_part=f"judged by {found.tool}, of which only the results are known")
    return answer(Question(controls.frameworks, controls.selected, limits), counted, ran, ruleset, ())._asdict()


def _known(rule: Rule, ruleset: Ruleset, controls: Controls) -> ReportRule:
    prose = ruleset.prose(rule.id)
    return {
        "code": rule.code,
        "title": rule.title,
        "severity": rule.severity,
        "status": "preview" if rule.status == "preview" else "stable",
        "why": prose.why,
        "fix": fix_text(prose.fix, manifest=rule.provider == "kubernetes"),
        "help_uri": help_uri(rule.id),
        "objectives": list(rule.objectives),
        "controls": controls.of(rule),
        "equivalents": {
            peer: {"same": list(ids.get("same", ())), "related": list(ids.get("related", ()))}
            for peer, ids in rule.equivalents.items()
        },
    }


def _unknown(found: Imported, foreign: Foreign) -> ReportRule:
    """A rule that only the other tool has."""
    digits = int(hashlib.sha256(f"{found.tool}\0{foreign.rule}".encode("utf-8", "surrogatepass")).hexdigest(), 16)
    prefix = "".join(one for one in found.tool.upper() if "A" <= one <= "Z")[:8] or "OTHER"
    return {
        "code": f"{prefix}-{digits % 10**6:06}-{digits // 10**6 % 10**6:06}",
        "title": _cut(foreign.title),
        "severity": foreign.severity or UNRATED,
        "status": "stable",
        "why": f"A rule of {found.tool} that none of ours is the same as.",
        "fix": _cut(foreign.fix),
        "help_uri": foreign.help_uri if foreign.help_uri.startswith(("https://", "http://")) else "",
        "objectives": [],
        "controls": {},
        "equivalents": {found.tool: {"same": [foreign.rule], "related": []}},
    }


def _finding(found: Imported, foreign: Foreign, name: str, about: ReportRule, rule: Rule | None) -> ReportFinding:
    address = foreign.address or (f"{foreign.file}:{foreign.line}" if foreign.file else foreign.rule)
    kind = foreign.type if foreign.type.startswith("aws_") or rule is None else rule.resource[0]
    root = (foreign.file.rpartition("/")[0] or ".") if not foreign.live else ""
    identity = foreign.arn or (f"{root}\0{address}" if "." in address else f"{foreign.file}:{foreign.line}\0{address}")
    place: Location | None = None
    if foreign.file:
        line = max(foreign.line, 1)
        end = max(foreign.end_line, line)
        place = {"file": foreign.file, "line": line, "column": 1, "end_line": end, "end_column": 1}
    version = f" {found.version}" if found.version else ""
    return {
        "rule": name,
        "instance": name,
        "code": about["code"],
        "severity": about["severity"] if rule is not None else foreign.severity or UNRATED,
        "verdict": foreign.verdict,
        "message": _cut(foreign.message or foreign.title).rstrip("."),
        "message_id": IMPORTED,
        "message_arguments": [],
        "resource": {
            "address": address,
            "root": root,
            "type": kind,
            "plane": "live" if foreign.live else "code",
            "arn": foreign.arn or None,
            "account": foreign.account or None,
            "region": foreign.region or None,
            "conditional": False,
        },
        "path": "",
        "expected": None,
        "actual": None,
        "guilty": "",
        "location": place,
        "context": None,
        "snippet": None,
        "line_hash": None,
        "related": [
            {"message": f"reported by {found.tool}{version} as {foreign.rule}", "address": None, "location": None}
        ],
        "unknown_cause": "not_collected" if foreign.verdict == "unknown" else None,
        "unknown_detail": f"{found.tool} leaves it to a person" if foreign.verdict == "unknown" else None,
        "suppression": _suppression(found, foreign),
        "baseline": None,
        "fix": None,
        "fingerprint": fingerprint(name, name, identity),
        "aliases": [],
        "controls": about["controls"],
        "statements": [],
    }


def _suppression(found: Imported, foreign: Foreign) -> Suppression | None:
    if foreign.suppressed is None or foreign.verdict != "fail":
        return None
    return {
        "kind": "foreign",
        "reason": _cut(foreign.suppressed or f"suppressed in {found.tool}"),
        "owner": None,
        "until": None,
        "where": None,
        "status": "accepted" if foreign.suppressed else "under_review",
    }


def _once(findings: Iterable[ReportFinding]) -> list[ReportFinding]:
    """Each rule and resource once, the worst verdict of several, since peers split what one rule of ours says."""
    ranks = {"fail": 0, "unknown": 1, "pass": 2, "not_applicable": 3}
    best: dict[tuple[str, str], ReportFinding] = {}
    for finding in findings:
        key = (finding["instance"], finding["fingerprint"])
        known = best.get(key)
        rank = (ranks[finding["verdict"]], finding["suppression"] is not None)
        if known is None or rank < (ranks[known["verdict"]], known["suppression"] is not None):
            if known is not None:
                finding["related"] = [*known["related"], *finding["related"]]
            best[key] = finding
        elif finding["related"][0] not in known["related"]:
            known["related"].append(finding["related"][0])
    return list(best.values())


def summary(findings: Sequence[ReportFinding], rules: int) -> Any:
    """Counts over findings that are all there is, as those of another tool's file."""
    counts: dict[str, int] = dict.fromkeys(("pass", "fail", "unknown", "not_applicable"), 0)
    severities = dict.fromkeys(("critical", "high", "medium", "low", "info"), 0)
    suppressed = under_review = 0
    for finding in findings:
        counts[finding["verdict"]] += 1
        hidden = finding["suppression"]
        if finding["verdict"] == "fail" and hidden is not None:
            suppressed += 1
            under_review += hidden["status"] == "under_review"
        elif finding["verdict"] == "fail":
            severities[finding["severity"]] += 1
    decided = counts["pass"] + counts["fail"]
    resources = {(each["resource"]["root"], each["resource"]["address"]) for each in findings}
    return {
        "files": len({each["location"]["file"] for each in findings if each["location"]}),
        "resources": len(resources),
        "rules": rules,
        **counts,
        "suppressed": suppressed,
        "under_review": under_review,
        "open_by_severity": severities,
        "evaluated_percent": percent(decided, decided + counts["unknown"]),
        "compliance_percent": percent(counts["pass"], decided + counts["unknown"]),
    }


def _run(found: Imported, findings: Sequence[ReportFinding], source: str, frameworks: list[str]) -> Run:
    accounts = {each["resource"]["account"] for each in findings if each["resource"]["account"]}
    now = time.gmtime()
    failing = sum(each["verdict"] == "fail" and each["suppression"] is None for each in findings)
    code = 4 if found.incomplete else 1 if failing else 0
    return {
        "command": "report",
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", now),
        "seconds": 0.0,
        "as_of": time.strftime("%Y-%m-%d", now),
        "targets": [source],
        "frameworks": frameworks,
        "account": min(accounts, default=None),
        "regions": sorted({str(each["resource"]["region"]) for each in findings if each["resource"]["region"]}),
        "regions_disabled": [],
        "accounts": sorted(accounts),
        "operations": [],
        "inventory": None,
        "config": [],
        "fail_on": "low",
        "severity": "info",
        "exit_code": code,
        "exit_reason": f"{failing} finding{'' if failing == 1 else 's'} of {found.tool} at or above low",
        "root": ".",
        "root_prefix": "",
        "vcs": None,
        "pipeline": None,
        "skipped": {},
        "suppressions_unused": [],
    }


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
