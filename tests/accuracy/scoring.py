"""How our verdicts compare with labelled fixtures, by the definition that lies beside them.

A label says that a check of a public scanner passes or fails an address. It is ours to meet where a rule of ours names
that check as the *same*. Several rules that name it count together: any fail is a fail, else any unknown is an unknown.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

Finding = Mapping[str, Any]


class Case(NamedTuple):
    """One labelled folder of one check."""

    id: str
    check: str
    path: str
    passing: tuple[str, ...]
    failing: tuple[str, ...]
    failed: int
    """How many objects fail, for cases without addresses."""


class Outcome(NamedTuple):
    """One label and what we said."""

    case: str
    check: str
    address: str
    """Empty where the case gives only numbers."""
    wanted: str
    ours: str
    """pass, fail, unknown, not_applicable, missing; for numbers what we counted."""

    @property
    def key(self) -> str:
        """How disagreements.yaml names the label."""
        return f"{self.case} {self.address}".strip()

    @property
    def agrees(self) -> bool:
        return self.ours == self.wanted

    @property
    def false_pass(self) -> bool:
        """We say that all is well and the label says that it is not."""
        return self.ours == "pass" and self.wanted == "fail"


def cases(corpus: Path) -> list[Case]:
    """All cases of the list, in its order."""
    found = []
    for line in (corpus / "cases.jsonl").read_text().splitlines():
        one = json.loads(line)
        found.append(
            Case(
                one["id"],
                one["check"],
                one["path"],
                tuple(one["pass"]),
                tuple(one["fail"]),
                one["counts"].get("failed", 0),
            )
        )
    return found


def same_checks(equivalents: Mapping[str, Mapping[str, Mapping[str, list[str]]]], peer: str) -> dict[str, list[str]]:
    """Check of a peer to the rules that name it as the same; `equivalents` by rule id."""
    found: dict[str, list[str]] = defaultdict(list)
    for rule, peers in equivalents.items():
        for check in peers.get(peer, {}).get("same", ()):
            found[check].append(rule)
    return dict(found)


def score(case: Case, findings: Iterable[Finding], rules: Iterable[str], folder: Path) -> Iterator[Outcome]:
    """What became of each label of a case; `findings` are those of a scan of its folder, of every verdict."""
    wanted = set(rules)
    ours = [finding for finding in findings if finding["rule"] in wanted]
    if not case.passing and not case.failing:
        yield from _score_numbers(case, ours)
        return
    blocks = Blocks(folder)
    for label, addresses in (("pass", case.passing), ("fail", case.failing)):
        for address in addresses:
            said = _verdict(address, ours, blocks)
            if said != label and address in case.passing and address in case.failing:
                # One address in several root modules, each with a label of its own.
                roots = {finding["resource"]["root"] for finding in ours}
                parts = [[finding for finding in ours if finding["resource"]["root"] == root] for root in roots]
                said = label if label in {_verdict(address, part, blocks) for part in parts} else said
            yield Outcome(case.id, case.check, address, label, said)


def _score_numbers(case: Case, findings: list[Finding]) -> Iterator[Outcome]:
    """The number of failing objects counts; where it differs, files named for their verdict are held to it."""
    findings = [
        finding for finding in findings if not finding["suppression"]
    ]  # what a fixture skips, it does not count
    failing = {_identity(finding) for finding in findings if finding["verdict"] == "fail"}
    judged = [finding for finding in findings if finding["verdict"] != "not_applicable"]
    named = all(re.search("PASSED|FAILED", _file(finding).upper()) for finding in judged)
    wrong = sum(("FAILED" in _file(finding).upper()) != (finding["verdict"] == "fail") for finding in judged)
    if judged and named and len(failing) != case.failed:
        yield Outcome(case.id, case.check, "", "all as named", "all as named" if not wrong else f"{wrong} otherwise")
    else:
        yield Outcome(case.id, case.check, "", f"{case.failed} fail", f"{len(failing)} fail")


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding["resource"]["root"], finding["resource"]["address"], _file(finding)


def _file(finding: Finding) -> str:
    return str((finding["location"] or {}).get("file", "")).rsplit("/", 1)[-1]


def _verdict(address: str, findings: list[Finding], blocks: "Blocks") -> str:
    """Our verdict on an address: on itself, or through a finding that lies in its block or names it."""
    own = [finding for finding in findings if matches(address, finding["resource"]["address"])]
    # Instances of one block share its place: what one of them does says nothing of the others.
    others = [finding for finding in findings if not (own and _sibling(address, finding["resource"]["address"]))]
    touching = [finding for finding in others if _touches(finding, address, blocks)]
    said = {finding["verdict"] for finding in (*own, *touching)}
    for verdict in ("fail", "unknown", "pass"):
        if verdict in said:
            return verdict
    owners = [finding for finding in findings if blocks.related(address, finding["resource"]["address"])]
    if any(finding["verdict"] in ("pass", "fail", "unknown") for finding in owners):
        return "pass"  # its owner was judged, and nothing that was found lies here or names it
    return "not_applicable" if said else "missing"


def _touches(finding: Finding, address: str, blocks: "Blocks") -> bool:
    if finding["verdict"] not in ("fail", "unknown"):
        return False
    places = [finding["location"], *(related["location"] for related in finding["related"])]
    if any(blocks.holds(address, place) for place in places if place):
        return True
    return any(matches(address, related["address"]) for related in finding["related"] if related["address"])


def matches(label: str, address: str) -> bool:
    """Whether a label's address is ours: data sources with or without `data.`, Kubernetes objects in either spelling."""
    if label == address or f"data.{label}" == address:
        return True
    if "[" not in label and re.sub(r"\[[^\]]*\]$", "", address) == label:
        return True  # the block as a whole: each of its instances
    if '["?"]' in address:  # whatever instances an unknown count makes
        pattern = r"(\[[^\]]*\])?".join(map(re.escape, address.split('["?"]')))
        return re.fullmatch(pattern, label) is not None
    ours = address.split("/")
    theirs = label.split(".", 2)
    if len(ours) >= 2 and len(theirs) == 3:
        namespace = ours[-2] if len(ours) >= 3 and ours[-3][:1].isupper() else "default"
        kind = ours[-3] if len(ours) >= 3 and ours[-3][:1].isupper() else ours[-2]
        namespace = "default" if namespace == "-" else namespace
        if theirs[0] == "Pod" and kind != "Pod":  # the pod of a workload, named for it and for its label
            return [namespace, ours[-1]] == [theirs[1], theirs[2].split(".")[0]]
        return theirs == [kind, namespace, ours[-1]]
    return False


_HEADER = re.compile(r'^\s*(resource|data)\s+"?([\w-]+)"?\s+"?([\w.-]+)"?\s*\{', re.MULTILINE)


class Blocks:
    """Where the blocks of a fixture's files stand, found by their headers and indentation alone."""

    def __init__(self, folder: Path) -> None:
        self._blocks: dict[str, list[tuple[str, int, int, str]]] = defaultdict(list)
        for path in sorted(folder.rglob("*.tf")):
            text = path.read_text(errors="replace")
            heads = list(_HEADER.finditer(text))
            for number, head in enumerate(heads):
                end = heads[number + 1].start() if number + 1 < len(heads) else len(text)
                first, last = text.count("\n", 0, head.start(2)) + 1, text.count("\n", 0, end)
                body = text[head.start() : end]
                name = f"{head[2]}.{head[3]}"
                self._blocks[name].append((str(path), first, max(first, last), body))

    def holds(self, address: str, place: Mapping[str, Any]) -> bool:
        """Whether a place lies in the block of an address."""
        return any(
            path.endswith(str(place["file"]).lstrip("./")) and first <= place["line"] <= last
            for path, first, last, _body in self._blocks.get(_plain(address), ())
        )

    def related(self, address: str, other: str) -> bool:
        """Whether the block of one names the other."""
        here, there = _plain(address), _plain(other)
        return here != there and (self._names(here, there) or self._names(there, here))

    def _names(self, here: str, there: str) -> bool:
        pattern = re.compile(rf"(?<![\w.]){re.escape(there)}(?![\w-])")
        return any(pattern.search(body) for _path, _first, _last, body in self._blocks.get(here, ()))


def _sibling(address: str, other: str) -> bool:
    return "[" in address and address != other and _plain(address) == _plain(other)


def _plain(address: str) -> str:
    """`type.name` of an address, without module path, instance key and `data.`."""
    parts = re.sub(r"\[[^\]]*\]", "", address).split(".")
    return ".".join(parts[-2:])
