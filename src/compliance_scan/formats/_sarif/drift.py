"""Drift that flipped no rule, as results of its own: where a rule flipped, its finding tells of it already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.formats._sarif.messages import cut, plain
from compliance_scan.formats.json import dumps, quoted

if TYPE_CHECKING:
    from compliance_scan.formats._sarif.places import Places
    from compliance_scan.formats._sarif.results import Results
    from compliance_scan.model.report import Report
    from compliance_scan.model.report_planes import Drift

LEVEL = "note"
RANK = 10.0
FINGERPRINT = "complianceScan/v1"


class Kind(NamedTuple):
    """A kind of drift as a reporting descriptor."""

    code: str
    name: str
    title: str
    help: str
    template: str


KINDS = {
    "changed": Kind(
        "CSD0001", "DriftChanged", "A live resource is not as it is declared.",
        "Apply what is declared, or change the code to what is live.",
        "'{0}' is declared otherwise than it is live, in '{1}'.",
    ),
    "missing": Kind(
        "CSD0002", "DriftMissing", "A declared resource is not in the account.",
        "Apply what is declared, or take it out of the code.",
        "'{0}', of type '{1}', is declared and is not in the account.",
    ),
    "unmanaged": Kind(
        "CSD0003", "DriftUnmanaged", "A live resource is declared nowhere.",
        "Import it into the code, or remove it from the account.",
        "'{0}', of type '{1}', is in the account and is declared nowhere.",
    ),
}  # fmt: skip


def alone(report: Report, *, suppressed: bool) -> list[Drift]:
    """The drift of which no finding tells; `suppressed`: also what somebody accepted."""
    return [
        each
        for each in report["drift"]
        if not any(flip["live"] == "fail" for flip in each["rules"]) and (suppressed or not _is_accepted(each))
    ]


def _is_accepted(each: Drift) -> bool:
    suppression = each.get("suppression")
    return suppression is not None and suppression["status"] != "expired"


def descriptors(found: list[Drift]) -> list[dict[str, Any]]:
    """The kinds that were found, for the end of `driver.rules`."""
    return [
        {
            "id": kind.code,
            "name": kind.name,
            "shortDescription": {"text": kind.title},
            "fullDescription": {"text": kind.title},
            "help": {"text": kind.help, "markdown": kind.help},
            "messageStrings": {"default": {"text": kind.template}},
            "defaultConfiguration": {"level": LEVEL},
            "properties": {"tags": ["compliance", "drift"], "precision": "high", "problem.severity": "recommendation"},
        }
        for kind in _kinds(found)
    ]


def _kinds(found: list[Drift]) -> list[Kind]:
    met = {each["kind"] for each in found}
    return [kind for name, kind in KINDS.items() if name in met]


def lines(report: Report, found: list[Drift], places: Places, results: Results, *, first: int) -> list[str]:
    """The results as JSON; `first`: the index of the first of `descriptors` among the rules."""
    codes = [kind.code for kind in _kinds(found)]
    return [_result(each, report, places, results, first + codes.index(KINDS[each["kind"]].code)) for each in found]


def _result(each: Drift, report: Report, places: Places, results: Results, index: int) -> str:
    kind = KINDS[each["kind"]]
    paths = ", ".join(attribute["path"] for attribute in each["attributes"])
    words = [plain(cut(word)) for word in (each["address"], paths if each["kind"] == "changed" else each["type"])]
    place = next((one["location"] for one in each["attributes"] if one["location"]), None) or each.get("location")
    physical = places.physical(place) if place else places.fallback(report)
    name = f'{{"name": {quoted(each["address"])}, "fullyQualifiedName": {quoted(each["arn"] or each["address"])}'
    made: dict[str, Any] = {
        "ruleId": kind.code,
        "ruleIndex": index,
        "kind": "fail",
        "level": LEVEL,
        "message": {
            "text": kind.template.replace("{0}", words[0]).replace("{1}", words[1]),
            "id": "default",
            "arguments": words,
        },
    }
    rest = dumps(
        {
            "fingerprints": {FINGERPRINT: each["fingerprint"]},
            **results.accepted(each.get("suppression"), RANK),
            "properties": {
                "drift": each["kind"],
                "type": each["type"],
                **({"actor": each["actor"]} if each["actor"] else {}),
            },
        }
    )
    location = f'{{"physicalLocation": {physical}, "logicalLocations": [{name}, "kind": "resource"}}]}}'
    return f'{dumps(made)[:-1]}, "locations": [{location}], {rest[1:]}'
