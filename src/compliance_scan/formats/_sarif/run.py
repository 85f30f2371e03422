"""What a run tells of itself: the tool, how it ended, what it could not read, where the sources come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.formats._sarif.messages import cut, plain
from compliance_scan.formats._sarif.places import ROOT, Places, web_address
from compliance_scan.formats._sarif.taxonomies import sentence

if TYPE_CHECKING:
    from compliance_scan.model.report import IncompleteEntry, Report, Run


class Notice(NamedTuple):
    """A kind of notification."""

    code: str
    name: str
    what: str
    help: str
    of_file: bool = True


NOTICES = {
    "syntax_error": Notice("CSN1001", "SyntaxError", "A file does not parse.", "Mend the syntax at the place named."),
    "file_unreadable": Notice("CSN1002", "FileUnreadable", "A file cannot be read.", "Give read permission."),
    "outside_root": Notice(
        "CSN1003", "OutsideRoot", "A path leads out of the repository root.", "Scan a root that holds it."
    ),
    "limit_reached": Notice("CSN1004", "LimitReached", "A limit was reached.", "Scan the parts one by one."),
    "module_not_fetched": Notice("CSN1005", "ModuleNotFetched", "A module is not there.", "Run terraform init."),
    "chart_not_rendered": Notice(
        "CSN1006", "ChartNotRendered", "A chart or kustomization was not rendered.", "Install helm or kubectl."
    ),
    "denied": Notice("CSN1007", "Denied", "A permission was denied.", "Grant the permission named.", of_file=False),
    "throttled": Notice("CSN1008", "Throttled", "The service refused calls.", "Run again later.", of_file=False),
    "unsupported": Notice("CSN1009", "Unsupported", "Something is not supported.", "See the message."),
    "error": Notice("CSN1010", "Error", "Something went wrong.", "See the message."),
    "suppressed": Notice(
        "CSN2001", "SuppressedFindings", "Suppressed findings are left out.", "The profile full shows them."
    ),
    "results_cut": Notice(
        "CSN2002", "ResultsCut", "There are more results than the reader takes.", "Mend the most severe first."
    ),
}
INCOMPLETE_TEMPLATE = "At '{0}': '{1}'. To mend: '{2}'."
TEMPLATES = {
    "suppressed": "'{0}' suppressed findings are left out of this log.",
    "results_cut": "The '{0}' least severe of '{1}' findings are left out of this log.",
}
MAX_NOTIFICATIONS = 1000
NO_DEFINITION = -1
NO_PHASE = "0c6f5a52-5ca0-4f0e-9c0d-c0a1d5ca4001"
_AZURE = "azuredevops/pipeline/build/"


def notifications(
    report: Report, places: Places, *, written: int, suppressed: int, cut_away: int
) -> list[dict[str, Any]]:
    """`toolExecutionNotifications`: each entry of `incomplete`, and what this log leaves out."""
    made = [_incomplete(entry, places) for entry in report["incomplete"][:MAX_NOTIFICATIONS]]
    if suppressed:
        made.append(_notification("suppressed", "note", TEMPLATES["suppressed"], [str(suppressed)]))
    if cut_away:
        words = [str(cut_away), str(cut_away + written)]
        made.append(_notification("results_cut", "warning", TEMPLATES["results_cut"], words))
    return made


def _incomplete(entry: IncompleteEntry, places: Places) -> dict[str, Any]:
    words = [entry["where"], entry["message"].rstrip("."), (entry["hint"] or "see the message").rstrip(".")]
    made = _notification(entry["kind"], "error", INCOMPLETE_TEMPLATE, words)
    file, line = _file_and_line(entry["where"])
    if NOTICES[entry["kind"]].of_file and file:
        place: dict[str, Any] = {"artifactLocation": places.artifact(file)}
        if line:
            place["region"] = {"startLine": line}
        made["locations"] = [{"physicalLocation": place}]
    else:
        made["locations"] = [{"logicalLocations": [{"fullyQualifiedName": entry["where"], "kind": "resource"}]}]
    return made


def _notification(kind: str, level: str, template: str, words: list[str]) -> dict[str, Any]:
    shown = [plain(cut(word)) for word in words]
    text = re.sub(r"\{(\d)\}", lambda hole: shown[int(hole[1])], template)
    index = list(NOTICES).index(kind)
    return {
        "descriptor": {"id": NOTICES[kind].code, "index": index},
        "level": level,
        "message": {"text": text, "id": "default", "arguments": shown},
    }


def _file_and_line(where: str) -> tuple[str, int]:
    file, _, line = where.rpartition(":")
    if file and line.isdecimal() and int(line) > 0:
        return file, int(line)
    return where, 0


def descriptors() -> list[dict[str, Any]]:
    """`driver.notifications`."""
    made = []
    for kind, notice in NOTICES.items():
        template = TEMPLATES.get(kind, INCOMPLETE_TEMPLATE)
        level = {"suppressed": "note", "results_cut": "warning"}.get(kind, "error")
        made.append(
            {
                "id": notice.code,
                "name": notice.name,
                "shortDescription": {"text": notice.what},
                "fullDescription": {"text": notice.what},
                "help": {"text": notice.help, "markdown": notice.help},
                "messageStrings": {"default": {"text": template}},
                "defaultConfiguration": {"level": level},
            }
        )
    return made


def invocation(run: Run, made: list[dict[str, Any]]) -> dict[str, Any]:
    """`run.invocations[0]`; no command line, which may hold values that must not be told."""
    return {
        "executionSuccessful": run["exit_code"] in (0, 1, 4),
        "exitCode": run["exit_code"],
        "exitCodeDescription": sentence(run["exit_reason"]),
        "startTimeUtc": run["started"],
        "toolExecutionNotifications": made,
    }


def provenance(run: Run) -> list[dict[str, Any]]:
    """`run.versionControlProvenance`; empty where there is no repository, or one without a commit and a remote."""
    vcs = run["vcs"]
    if vcs is None:
        return []
    uri = web_address(vcs["repository"])
    if uri is None and vcs["revision"] and len(vcs["revision"]) == 40:
        uri = f"swh:1:rev:{vcs['revision']}"  # no remote: the commit's own name, which is a URI too
    if uri is None:
        return []
    made: dict[str, Any] = {"repositoryUri": uri, "mappedTo": {"uriBaseId": ROOT}}
    if vcs["revision"]:
        made["revisionId"] = vcs["revision"]
    if vcs["branch"]:
        made["branch"] = vcs["branch"]
    return [made]


def category(run: Run) -> str:
    """`automationDetails.id`: GitHub keeps one set of alerts a category, so it names what was scanned."""
    targets = [target for target in run["targets"] if target not in (".", "./")]
    named = re.sub(r"[^A-Za-z0-9._/+-]", "_", "+".join(targets))[:200].strip("/")
    return f"compliance-scan/{run['command']}/{named}/" if named else f"compliance-scan/{run['command']}/"


def pipeline(run: Run) -> dict[str, Any]:
    """`automationDetails` as Azure DevOps reads it; outside a pipeline with the numbers that mean none there."""
    known = run["pipeline"]
    branch = (run["vcs"] and run["vcs"]["branch"]) or "-"
    if known is None:
        organization, project, build = "-", "-", 0
        definition, name, phase, phase_name = NO_DEFINITION, "compliance-scan", NO_PHASE, run["command"]
    else:
        organization, project, build = known["organization"], known["project"], known["build_id"]
        definition, name = known["definition_id"], known["definition_name"]
        phase, phase_name = known["phase_id"], known["phase_name"]
    steps = (organization, project, definition, phase, branch, build)
    return {
        "id": _AZURE + "/".join(re.sub(r"[^A-Za-z0-9._-]", "_", str(step)) for step in steps),
        "properties": {
            f"{_AZURE}buildDefinitionId": definition,
            f"{_AZURE}buildDefinitionName": name,
            f"{_AZURE}phaseId": phase,
            f"{_AZURE}phaseName": phase_name,
        },
    }
