"""Writes docs/frameworks.md: how much of each standard is decided, and what the peers decide and we leave to a person.

    python tools/framework_differences.py [--check]

Reads ../shared/frameworks/universe.json (what any peer decides), tests/frameworks/differences.yaml (why we do not) and
the frameworks. With `--check` nothing is written: exit code 1 where the page differs.
"""

import json
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from compliance_scan.frameworks import Frameworks
from compliance_scan.ruleset import Ruleset

REPOSITORY = Path(__file__).resolve().parent.parent
UNIVERSE = REPOSITORY.parent / "shared" / "frameworks" / "universe.json"
PAGE = REPOSITORY / "docs" / "frameworks.md"
NAMES = {
    "soc2-2017": "soc2_tsc_2017_pof2022",
    "gdpr": "gdpr_2016_679",
    "hipaa": "hipaa_security_rule",
    "dora": "dora_2022_2554",
    "cis-kubernetes-1.12": "cis_k8s_1.12",
    "cis-kubernetes-2.0.1": "cis_k8s_2.0.1",
    "pss": "k8s_pss",
}
"""The frameworks whose name in the list of all controls differs by more than punctuation."""


def page() -> str:
    """The page."""
    published = json.loads(UNIVERSE.read_text())["frameworks"]
    reasons = yaml.safe_load((REPOSITORY / "tests" / "frameworks" / "differences.yaml").read_text())["manual"]
    frameworks, rules = Frameworks.open(), {rule.id: rule.objectives for rule in Ruleset.open().all()}
    table = ["| framework | controls | decided at least in part | decided by any peer | of those left to a person |"]
    table.append("| --- | --- | --- | --- | --- |")
    lists: list[str] = []
    for name in reasons:
        controls = {one.id: one for one in frameworks.show(name, rules)}
        known = published[NAMES.get(name, name.replace("-", "_"))]["controls"]
        peers = [each["id"] for each in known if each["automatable"]]
        left = [one for one in peers if controls[one].coverage == "manual"]
        decided = sum(one.coverage != "manual" for one in controls.values())
        table.append(f"| {name} | {len(controls)} | {decided} | {len(peers)} | {len(left)} |")
        if left:
            lists += [f"## {name}", "", "| control | | why it is for a person |", "| --- | --- | --- |"]
            lists += [f"| {one} | {controls[one].title} | {_reason(reasons[name], one)} |" for one in left]
            lists.append("")
    head = [
        "# Frameworks beside the peers",
        "",
        "Made by `python tools/framework_differences.py`. What `frameworks coverage` counts as decided (in part),",
        "beside what any other scanner decides automatically; each control that a peer decides and that we leave to a",
        "person has its reason here. An auditor's question for each of them: `compliance-scan frameworks show ID`.",
        "",
    ]
    return "\n".join([*head, *table, "", *lists])


def _reason(entries: list[dict[str, Any]], control: str) -> str:
    return next(_reasons(entries, control), "(none written)").replace("|", "\\|")


def _reasons(entries: list[dict[str, Any]], control: str) -> Iterator[str]:
    for entry in entries:
        if any(fnmatchcase(control, str(glob).replace("[", "[[]")) for glob in entry["controls"]):
            yield str(entry["reason"])


def main(arguments: list[str]) -> int:
    text = page()
    if "--check" in arguments:
        return int(PAGE.read_text() != text)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
