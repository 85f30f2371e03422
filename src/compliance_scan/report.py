"""Findings to the JSON report of the contract: the one thing from which all formats are made."""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from compliance_scan import __version__, yields
from compliance_scan.model.finding import SEVERITIES, Finding
from compliance_scan.report_finding import Controls, Noted, gone, shown_at, written

if TYPE_CHECKING:
    from compliance_scan.baseline import Baseline
    from compliance_scan.control_report import Question
    from compliance_scan.errors import Incomplete
    from compliance_scan.excerpt import Excerpts
    from compliance_scan.model.report import (
        ConfigNote,
        Pipeline,
        Report,
        ReportFinding,
        ReportRule,
        Severity,
        Summary,
        UnusedSuppression,
    )
    from compliance_scan.model.report import Suppression as ReportSuppression
    from compliance_scan.model.report_live import Operation
    from compliance_scan.model.rule import Instance
    from compliance_scan.ruleset import Ruleset
    from compliance_scan.suppressions import Suppressions

HOME = "https://github.com/compliance-scan/compliance-scan"


class Judged(NamedTuple):
    """What a run has made before it is written down."""

    findings: Sequence[Finding]
    instances: Sequence["Instance"]
    ruleset: "Ruleset"
    controls: Controls
    suppressions: "Suppressions"
    baseline: "Baseline | None"
    excerpts: "Excerpts"
    in_scope: Callable[[str], bool]
    """Whether a root-relative file belongs to what was scanned: entries of the baseline elsewhere are not absent."""
    question: "Question | None" = None
    """What to say of which controls; None where no framework was selected."""


class Live(NamedTuple):
    """What the report says of a live account."""

    accounts: Sequence[str]
    regions: Sequence[str]
    regions_disabled: Sequence[str]
    operations: Sequence["Operation"]
    """How every operation ended."""
    inventory: str | None
    """The inventory file, relative to the working directory."""


class Facts(NamedTuple):
    """What the report says of the run as a whole."""

    command: str
    started: str
    seconds: float
    as_of: str
    targets: Sequence[str]
    root: str
    """Absolute."""
    folder: str
    """The working directory."""
    config: Sequence["ConfigNote"]
    severity: "Severity"
    fail_on: "Severity"
    allow_incomplete: bool
    verdicts: frozenset[str]
    files: int
    resources: int
    incomplete: Sequence["Incomplete"]
    not_covered: Mapping[tuple[str, str], int]
    skipped: Mapping[str, int]
    live: "Live | None" = None


def build(judged: Judged, facts: Facts, *, whole: bool) -> "Report":
    """The whole report; `findings` are those with one of `facts.verdicts`, all else counts everything. `whole`: the
    whole repository was judged."""
    instances = {instance.name: instance for instance in judged.instances}
    noted = yields.applied(_noted(judged, instances))
    _hide_secrets(noted, judged.excerpts)
    judged.excerpts.expect(shown_at(each.finding) for each in noted if each.finding.verdict in facts.verdicts)
    findings = [
        written(each, judged.excerpts, judged.controls) for each in noted if each.finding.verdict in facts.verdicts
    ]
    findings += _absent(judged, facts)
    findings.sort(key=_order)
    summary = _summary(noted, facts, len({instance.rule.id for instance in judged.instances}))
    code, reason = exit_code(noted, facts)
    said = _controls(noted, judged, facts)
    rules = {name: _rule(name, judged) for name in sorted({finding["rule"] for finding in findings})}
    made: Report = {
        "schema_version": 1,
        "tool": {
            "name": "compliance-scan",
            "version": __version__,
            "information_uri": HOME,
            "rules_digest": judged.ruleset.digest,
        },
        "run": {
            "command": facts.command,
            "started": facts.started,
            "seconds": round(facts.seconds, 3),
            "as_of": facts.as_of,
            "targets": list(facts.targets),
            "frameworks": list(judged.controls.selected),
            "account": facts.live.accounts[0] if facts.live is not None and facts.live.accounts else None,
            "accounts": list(facts.live.accounts) if facts.live is not None else [],
            "regions": list(facts.live.regions) if facts.live is not None else [],
            "regions_disabled": list(facts.live.regions_disabled) if facts.live is not None else [],
            "operations": list(facts.live.operations) if facts.live is not None else [],
            "inventory": facts.live.inventory if facts.live is not None else None,
            "config": list(facts.config),
            "fail_on": facts.fail_on,
            "severity": facts.severity,
            "exit_code": code,
            "exit_reason": reason,
            "root": os.path.relpath(facts.root, facts.folder).replace(os.sep, "/"),
            "root_prefix": root_prefix(facts.root, facts.folder),
            "vcs": _vcs(facts.root),
            "pipeline": pipeline(os.environ),
            "skipped": dict(sorted(facts.skipped.items())),
            "suppressions_unused": _unused(judged, whole=whole),
        },
        "summary": summary,
        "frameworks": judged.controls.described(),
        "rules": rules,
        "findings": findings,
        "controls": said["controls"],
        "planes": [],
        "drift": [],
        "not_covered": [
            {"type": kind, "count": count, "reason": reason}
            for (kind, reason), count in sorted(facts.not_covered.items())
        ],
        "incomplete": [
            {"kind": each.kind, "where": each.where, "message": each.message, "hint": each.hint}
            for each in sorted(facts.incomplete, key=lambda each: (each.where, each.kind, each.message))
        ],
    }
    if "evidence" in said:
        made["evidence"] = said["evidence"]
    return made


def _noted(judged: Judged, instances: Mapping[str, "Instance"]) -> list[Noted]:
    """All findings with what the run says beside them. What is only counted may be one object many times over, and is
    noted once."""
    counted: dict[int, Noted] = {}
    found = []
    for finding in judged.findings:
        note = counted.get(id(finding))
        if note is None:
            note = _note(finding, instances[finding.instance], judged)
            if finding.verdict not in ("fail", "unknown"):
                counted[id(finding)] = note
        found.append(note)
    return found


def _note(finding: Finding, instance: "Instance", judged: Judged) -> Noted:
    if finding.verdict not in ("fail", "unknown"):
        return Noted(finding, instance, None, "new" if judged.baseline is not None else None)
    state = None
    suppression = judged.suppressions.of(finding, instance.rule)
    found = cast("ReportSuppression", suppression._asdict()) if suppression is not None else None
    if found is not None and found["kind"] != "config":
        file, _, line = str(found["where"]).rpartition(":")
        found["where"] = f"{judged.excerpts.path(file)}:{line}"
    if judged.baseline is not None:
        names = (finding.fingerprint, *finding.aliases)
        state = judged.baseline.compare(finding.instance, names, finding.verdict, finding.guilty)
        if state == "unchanged" and (found is None or found["status"] == "expired"):
            found = {
                "kind": "baseline",
                "reason": "accepted in the baseline",
                "owner": None,
                "until": None,
                "where": judged.baseline.shown,
                "status": "accepted",
            }
    return Noted(finding, instance, found, state)


def _hide_secrets(noted: Iterable[Noted], excerpts: "Excerpts") -> None:
    """Before any text is cut out: what one finding hides must not stand in the context of another."""
    for each in noted:
        if each.finding.verdict not in ("fail", "unknown"):
            continue
        excerpts.hide_sensitive(each.finding.resource)
        for evidence in each.finding.evidence:
            excerpts.hide_sensitive(evidence.resource)
            if evidence.actual == "(sensitive)":
                excerpts.hide(evidence.span)
                for origin in evidence.origins:
                    excerpts.hide(origin.span)


def _order(finding: "ReportFinding") -> tuple[Any, ...]:
    place, address = finding["location"], finding["resource"]["address"]
    start = ("", 0, 0) if place is None else (place["file"], place["line"], place["column"])
    return (*start, finding["rule"], address, finding["instance"], finding["resource"]["root"], finding["fingerprint"])


def _rule(name: str, judged: Judged) -> "ReportRule":
    rule, prose = judged.ruleset.rule(name), judged.ruleset.prose(name)
    return {
        "code": rule.code,
        "title": rule.title,
        "severity": rule.severity,
        "status": cast("Any", rule.status),
        "why": prose.why,
        "fix": fix_text(prose.fix, manifest=rule.provider == "kubernetes"),
        "help_uri": help_uri(rule.id),
        "objectives": list(rule.objectives),
        "controls": judged.controls.of(rule),
        "equivalents": {
            peer: {"same": list(ids.get("same", ())), "related": list(ids.get("related", ()))}
            for peer, ids in rule.equivalents.items()
        },
    }


def fix_text(fix: Mapping[str, Any], *, manifest: bool) -> str:
    """What to do, as a sentence: the values to set as they are written in code or in a manifest, and the note."""
    between = ": " if manifest else " = "
    parts = [f"`{path}{between}{json.dumps(value, ensure_ascii=False)}`" for path, value in fix.get("set", {}).items()]
    first = f"Set {', '.join(parts)}. " if parts else ""
    return first + str(fix.get("note", "")).strip()


def help_uri(rule: str) -> str:
    """The page of a rule."""
    return f"{HOME}/blob/main/docs/rules/{rule}.md"


def _absent(judged: Judged, facts: Facts) -> list["ReportFinding"]:
    """Accepted findings that are gone, as the baseline remembers them."""
    if judged.baseline is None:
        return []
    ran = {instance.rule.id for instance in judged.instances}
    absent = judged.baseline.absent(ran, judged.in_scope)
    return [
        gone(each, judged.ruleset.rule(each.rule), judged.excerpts, judged.controls)
        for each in absent
        if each.verdict in facts.verdicts
    ]


def _summary(noted: Sequence[Noted], facts: Facts, rules: int) -> "Summary":
    counts = dict.fromkeys(("pass", "fail", "unknown", "not_applicable"), 0)
    by_severity = dict.fromkeys(SEVERITIES, 0)
    suppressed = under_review = 0
    for each in noted:
        verdict = each.finding.verdict
        counts[verdict] += 1
        if verdict == "fail" and each.hidden:
            suppressed += 1
            under_review += each.suppression is not None and each.suppression["status"] == "under_review"
        elif verdict == "fail":
            by_severity[each.instance.severity] += 1
    decided = counts["pass"] + counts["fail"]
    judged = decided + counts["unknown"]
    return cast(
        "Summary",
        {
            "files": facts.files,
            "resources": facts.resources,
            "rules": rules,
            **counts,
            "suppressed": suppressed,
            "under_review": under_review,
            "open_by_severity": by_severity,
            "evaluated_percent": percent(decided, judged),
            "compliance_percent": percent(counts["pass"], judged),
        },
    )


def percent(part: int, whole: int) -> float | None:
    """A percentage with one digit, never rounded up to a hundred that is none, nor down to a nought."""
    if not whole:
        return None
    rounded = round(100 * part / whole, 1)
    if part < whole and rounded == 100.0:
        return 99.9
    return 0.1 if part and rounded == 0.0 else rounded


def exit_code(noted: Iterable[Noted], facts: Facts) -> tuple[int, str]:
    """The exit code of the contract with its reason."""
    lowest = SEVERITIES.index(facts.fail_on)
    failing = sum(
        1
        for each in noted
        if each.finding.verdict == "fail" and not each.hidden and SEVERITIES.index(each.instance.severity) <= lowest
    )
    found = f"{_count(failing, 'finding')} at or above {facts.fail_on}"
    if facts.incomplete and not facts.allow_incomplete:
        missing = f"{_count(len(facts.incomplete), 'thing')} could not be read"
        return 4, f"{missing} (--allow-incomplete accepts that); {found}"
    if failing:
        return 1, found
    return 0, f"no finding at or above {facts.fail_on}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _controls(noted: Sequence[Noted], judged: Judged, facts: Facts) -> dict[str, Any]:
    """What is said of controls; without a framework, that there is nothing to say."""
    if judged.question is None:
        return {"controls": []}
    from compliance_scan.control_report import answer

    return answer(judged.question, noted, judged.instances, judged.ruleset, facts.incomplete)._asdict()


def root_prefix(root: str, folder: str) -> str:
    """The working directory below the root with a slash at its end; empty at the root itself and outside it."""
    relative = os.path.relpath(os.path.realpath(folder), root).replace(os.sep, "/")
    return "" if relative == "." or relative.startswith("..") else relative + "/"


def _vcs(root: str) -> Any:
    from compliance_scan import vcs

    found = vcs.checkout(root)
    return None if found is None else found._asdict()


def pipeline(environment: Mapping[str, str]) -> "Pipeline | None":
    """The Azure pipeline that runs us, None outside one."""
    if not environment.get("TF_BUILD"):
        return None
    try:
        return {
            "organization": environment["SYSTEM_COLLECTIONURI"].rstrip("/").rpartition("/")[2],
            "project": environment["SYSTEM_TEAMPROJECT"],
            "definition_id": int(environment["SYSTEM_DEFINITIONID"]),
            "definition_name": environment["BUILD_DEFINITIONNAME"],
            "phase_id": environment["SYSTEM_PHASEID"],
            "phase_name": environment["SYSTEM_PHASENAME"],
            "build_id": int(environment["BUILD_BUILDID"]),
        }
    except (KeyError, ValueError):
        return None


def _unused(judged: Judged, *, whole: bool) -> "list[UnusedSuppression]":
    """What met nothing; to be asked when all findings have been noted."""
    ran = {instance.rule.id for instance in judged.instances}
    found = judged.suppressions.unused(judged.ruleset.all, ran, whole=whole)
    named = []
    for each in found:
        entry = cast("UnusedSuppression", each._asdict())
        if each.kind == "inline":
            file, _, line = each.where.rpartition(":")
            entry["where"] = f"{judged.excerpts.path(file)}:{line}"
        named.append(entry)
    return named
