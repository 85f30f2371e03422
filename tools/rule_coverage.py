"""What of the requirements that any known scanner checks a rule of ours covers: docs/coverage.md.

python tools/rule_coverage.py       prints the share of each service, and what no rule covers
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import yaml

from compliance_scan.model.rule import Rule
from compliance_scan.ruleset import Ruleset

HERE = Path(__file__).resolve().parent
WANTED = HERE.parents[1] / "shared" / "frameworks" / "rules_wanted.csv"
PEERS = ("checkov", "trivy", "prowler", "steampipe", "kubescape", "kube-linter")
LEFT_OUT = HERE / "left_out.yaml"


class Requirement(NamedTuple):
    """One wanted requirement, with the rules that name a peer's check of it."""

    id: str
    provider: str
    rank: int
    service: str
    title: str
    same: tuple[str, ...]
    related: tuple[str, ...]
    reason: str
    """Why no rule covers it; empty where one does."""


def requirements(rules: Iterable[Rule], wanted: Path = WANTED) -> list[Requirement]:
    """The list, in its order."""
    named: dict[str, dict[tuple[str, str], list[str]]] = {"same": defaultdict(list), "related": defaultdict(list)}
    for rule in rules:
        for peer, kinds in rule.equivalents.items():
            for kind, ids in kinds.items():
                for one in ids:
                    named[kind][peer, one].append(rule.id)
    reasons = yaml.safe_load(LEFT_OUT.read_text(encoding="utf-8")) or {}
    with wanted.open(encoding="utf-8") as handle:
        return [_requirement(row, named, reasons) for row in csv.DictReader(handle)]


def _requirement(
    row: dict[str, str], named: dict[str, dict[tuple[str, str], list[str]]], reasons: dict[str, str]
) -> Requirement:
    ids = [(peer, one.removeprefix("AVD-")) for peer in PEERS for one in row[peer].split()]
    same = tuple(sorted({rule for one in ids for rule in named["same"].get(one, ())}))
    related = tuple(sorted({rule for one in ids for rule in named["related"].get(one, ())} - set(same)))
    reason = "" if same or related else reasons.get(row["id"], "")
    title = " ".join(row["requirement"].split())
    return Requirement(row["id"], row["provider"], int(row["rank"]), row["service"], title, same, related, reason)


def page(rules: Iterable[Rule]) -> str | None:
    """The page; None where the list is not here."""
    if not WANTED.exists():
        return None
    found = requirements(rules)
    lines = ["# Coverage", "", "<!-- made by `python tools/docs.py` -->", ""]
    lines += [
        "What any of the known scanners (Checkov, Trivy, Prowler, Steampipe, Kubescape, KubeLinter) checks, and what",
        "of it our rules check. *Same*: a rule names a peer's check of the requirement as the same. *Related*: a",
        "rule is about it, but judges otherwise than the peer.",
        "",
    ]
    for provider in ("aws", "kubernetes"):
        ours = [one for one in found if one.provider == provider]
        lines += _service_table(provider, ours)
    lines += ["## Left out", "", "| rank | requirement | service | reason |", "|---|---|---|---|"]
    lines += [
        f"| {one.rank} | {_cell(one.title)} ({one.id}) | {one.service} | {_cell(one.reason)} |"
        for one in found
        if not one.same and not one.related
    ]
    lines += ["", "## By requirement", "", "| rank | requirement | rules |", "|---|---|---|"]
    for one in found:
        if one.same or one.related:
            told = ", ".join(f"[{rule}](rules/{rule}.md)" for rule in (*one.same, *one.related)[:6])
            lines.append(f"| {one.rank} | {_cell(one.title)} ({one.id}) | {told} |")
    return "\n".join(lines) + "\n"


def _service_table(provider: str, found: list[Requirement]) -> list[str]:
    services: dict[str, list[Requirement]] = defaultdict(list)
    for one in found:
        services[one.service].append(one)
    lines = [f"## {provider}", "", f"{share(found)}.", "", "| service | wanted | same | related | left out | share |"]
    lines.append("|---|---|---|---|---|---|")
    for service, inside in sorted(services.items()):
        same = sum(bool(one.same) for one in inside)
        related = sum(bool(one.related) and not one.same for one in inside)
        covered = 100 * (same + related) // len(inside)
        left = len(inside) - same - related
        lines.append(f"| {service} | {len(inside)} | {same} | {related} | {left} | {covered} % |")
    return [*lines, ""]


def share(found: list[Requirement]) -> str:
    """`640 of 668 requirements (95 %)`."""
    covered = sum(bool(one.same or one.related) for one in found)
    return f"{covered} of {len(found)} requirements ({100 * covered // max(1, len(found))} %)"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> int:
    """Prints the shares; 1 where something is left out without a reason."""
    found = requirements(Ruleset.open().all())
    for provider in ("aws", "kubernetes"):
        print("\n".join(_service_table(provider, [one for one in found if one.provider == provider])))
    missing = [one for one in found if not one.same and not one.related and not one.reason]
    for one in missing:
        print(f"no rule and no reason: {one.rank} {one.id} {one.service}: {one.title}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
