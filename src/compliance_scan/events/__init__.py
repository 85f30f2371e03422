"""Events of a finished run: CloudEvents 1.0, one JSON object each, to a receiver over HTTP or to a file.

Types: `dev.compliance-scan.run.finished`, and `dev.compliance-scan.finding.` or `.drift.` with `new`, `changed`,
`reopened` or `resolved`. The id of an event is made from the run and the finding, so that one that is sent twice
can be told by its receiver.
"""

import uuid
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from compliance_scan.model.change import DRIFT, Change, as_finding

if TYPE_CHECKING:
    from compliance_scan.model.report import Report

PREFIX = "dev.compliance-scan."
NAMESPACE = uuid.UUID("6f1d8a52-6c43-5b0e-9b57-3d4f4c1c2a11")
Event = dict[str, Any]


def of(report: "Report", changes: Iterable[Change] | None) -> Iterator[Event]:
    """All events of a run, the run itself last. `changes`: news of its findings, from the history."""
    place = (source_of(report), report["run"]["started"])
    key = "|".join(place)
    for change in unremembered(report) if changes is None else changes:
        subject = "drift" if change.rule == DRIFT else "finding"
        data = change._asdict()
        yield _event(
            f"{subject}.{change.kind}",
            place,
            f"{key}|{subject}|{change.kind}|{change.fingerprint}",
            change.address,
            data,
        )
    run = report["run"]
    finished = {
        **{key: run[key] for key in ("command", "account", "regions", "exit_code", "exit_reason")},
        "rules_digest": report["tool"]["rules_digest"],
        "summary": report["summary"],
        "incomplete": len(report["incomplete"]),
        "drift": len(report["drift"]),
    }
    yield _event("run.finished", place, f"{key}|run", run["command"], finished)


def unremembered(report: "Report") -> Iterator[Change]:
    """The news of a run without a history: against its baseline where it has one, else every open fail is new."""
    kinds = {None: "new", "new": "new", "worsened": "changed", "absent": "resolved"}
    for finding in report["findings"]:
        hidden = finding["suppression"] is not None and finding["suppression"]["status"] != "expired"
        kind = kinds.get(finding["baseline"])
        if finding["verdict"] != "fail" or kind is None or (hidden and kind != "resolved"):
            continue
        yield Change(
            kind,
            finding["fingerprint"],
            finding["rule"],
            finding["severity"],
            finding["resource"]["address"],
            "",
            "" if kind == "resolved" else finding["verdict"],
            None if kind == "resolved" else finding,
        )
    for drift in report["drift"]:
        made = as_finding(drift)
        yield Change("new", made["fingerprint"], DRIFT, made["severity"], drift["address"], "", drift["kind"], made)


def source_of(report: "Report") -> str:
    """Whose events these are: the account, the repository, or just this tool."""
    run = report["run"]
    if run["account"]:
        return f"urn:compliance-scan:aws:{run['account']}"
    if run["vcs"] is not None and run["vcs"]["repository"]:
        return str(run["vcs"]["repository"])
    return "urn:compliance-scan:local"


def _event(kind: str, place: tuple[str, str], key: str, subject: str, data: Any) -> Event:
    source, time = place
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid5(NAMESPACE, key)),
        "source": source,
        "type": PREFIX + kind,
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    }
