"""Seeds for laws of the whole pipeline: the rules' own examples, their literals and blocks, and the comparison of
verdicts. `REDTEAM_ALL=1` tries every place of every example; otherwise a fixed share of them, so that the time stays
bounded as rules grow in number."""

import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from compliance_scan.errors import ScanError
from compliance_scan.evaluate import evaluate
from compliance_scan.selftest import AS_OF
from compliance_scan.shape.world import World
from tests.redteam.redteam_world import catalog, instances, read, ruleset

ALL = bool(os.environ.get("REDTEAM_ALL"))
SHARE = 100
"""How many mutations a law tries at most, else."""
_LITERAL = re.compile(r'(?m)^([ \t]*)([a-z_]+)([ \t]*=[ \t]*)("[^"$%\\\n]*"|true|false|\d+)[ \t]*$')
_INLINE = re.compile(r'([{,][ \t]*)([a-z_]+)([ \t]*=[ \t]*)("[^"$%\\\n]*"|true|false|\d+)(?=[ \t]*[,}])')
_KEPT = frozenset({"source", "version", "count", "for_each", "default", "alias", "backend", "type_hint", "nullable"})
"""Arguments that must be literal, or that say how many of a thing there are."""
BLOCK = re.compile(
    r"(?m)^(?:resource|data|module|locals|variable|output|provider|terraform|moved|removed|check|import)\b"
)


class Seed(NamedTuple):
    """An example of a rule in Terraform."""

    rule: str
    name: str
    files: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.files["main.tf"]

    def but(self, text: str, **more: str) -> dict[str, str]:
        """The files with another main file."""
        return {**self.files, "main.tf": text, **{name.replace("__", "/"): body for name, body in more.items()}}


def examples(kind: str) -> Iterator[Seed]:
    """The examples of all rules whose defaults stand."""
    file = "main.tf" if kind == "terraform" else "manifest.yaml"
    for instance in instances():
        for example in ruleset().prose(instance.rule.id).examples:
            body = example.get(kind)
            if body is None or example.get("with"):
                continue
            files = dict(body) if isinstance(body, dict) else {file: body}
            if file in files:
                yield Seed(instance.rule.id, example["name"], files)


SEEDS = list(examples("terraform"))
Verdicts = dict[str, tuple[str, tuple[str, ...]]]
Case = tuple[Seed, Callable[[], tuple[str, Mapping[str, str]]]]
"""A seed, and what makes its rewritten files with a name for people."""


def judged(rule: str, files: Mapping[str, str]) -> Verdicts | None:
    """Verdict and messages by address; None where the files cannot be read."""
    try:
        inventory = read(files)
    except ScanError:
        return None
    if any(note.kind == "syntax_error" for note in inventory.incomplete):
        return None
    world = World(inventory, catalog(), as_of=AS_OF)
    return {
        finding.resource.address: (finding.verdict, tuple(evidence.message for evidence in finding.evidence))
        for finding in evaluate(instances([rule]), world)
    }


def some(cases: list[Case]) -> Iterator[tuple[Seed, str, Mapping[str, str], Verdicts]]:
    """The cases that are tried, each made when its turn comes, with the verdicts over the seed itself."""
    step = 1 if ALL else max(1, len(cases) // SHARE)
    for index, (seed, make) in enumerate(cases):
        if (index + zlib.crc32(seed.rule.encode())) % step == 0:
            what, files = make()
            yield seed, what, files, original(seed)


_ORIGINALS: dict[tuple[str, str], Verdicts] = {}


def original(seed: Seed) -> Verdicts:
    """What is said of the example as it is."""
    found = _ORIGINALS.get((seed.rule, seed.name))
    if found is None:
        told = judged(seed.rule, seed.files)
        assert told is not None, f"{seed.rule} [{seed.name}] cannot be read"
        found = _ORIGINALS[seed.rule, seed.name] = told
    return found


def hold(cases: list[Case], law: Callable[[list[str], Seed, str, Verdicts, Verdicts | None], None]) -> None:
    """Asserts a law over all cases, and tells every one that breaks it."""
    broken: list[str] = []
    for seed, what, files, before in some(cases):
        law(broken, seed, what, before, judged(seed.rule, files))
    assert cases
    assert not broken, "\n".join(broken)


def literals(seed: Seed) -> Iterator[re.Match[str]]:
    """Literals that are values of arguments."""
    for pattern in (_LITERAL, _INLINE):
        for match in pattern.finditer(seed.text):
            if match[2] not in _KEPT and not in_variable(seed.text, match.start()):
                yield match


def in_variable(text: str, place: int) -> bool:
    """Whether a place lies where values must be literal, or in text that is no expression."""
    starts = [match for match in BLOCK.finditer(text) if match.start() <= place]
    head = text[starts[-1].start() :].split(None, 1)[0] if starts else ""
    return head in ("variable", "terraform", "moved", "import", "removed", "output") or "<<" in text[:place]


def replaced(seed: Seed, match: re.Match[str], by: str) -> str:
    return seed.text[: match.start(4)] + by + seed.text[match.end(4) :]


def compare_messages(broken: list[str], seed: Seed, what: str, before: Verdicts, after: Verdicts | None) -> None:
    """As `compare`, for what is told besides."""
    compare(broken, seed, what, before, after, messages=True)


def compare(
    broken: list[str], seed: Seed, what: str, before: Verdicts, after: Verdicts | None, *, messages: bool = False
) -> None:
    """Notes each address whose verdict is another one."""
    if after is None:
        broken.append(f"{seed.rule} [{seed.name}] {what}: cannot be read")
        return
    for address, (verdict, told) in before.items():
        now = after.get(address, ("not judged", ()))
        if now[0] != verdict or (messages and now[1] != told):
            broken.append(f"{seed.rule} [{seed.name}] {what}: {address} {verdict} -> {now[0]} {told} -> {now[1]}")


_LESS_KNOWN = {
    "pass": {"pass", "unknown"},
    "fail": {"fail", "unknown"},
    "unknown": {"unknown"},
    "not_applicable": {"not_applicable", "pass", "unknown"},
}
"""What a verdict may become where less is known; where it is open whether a rule concerns it, it may pass anyway."""


def worse(broken: list[str], seed: Seed, what: str, before: Verdicts, after: Verdicts | None) -> None:
    """Notes each address of which more is said than before, though less is known."""
    if after is None:
        broken.append(f"{seed.rule} [{seed.name}] {what}: cannot be read")
        return
    for address, (verdict, _told) in before.items():
        now = after.get(address, ("not judged", ()))[0]
        undeclared = address in ("account", "region") and now == "not_applicable"  # the rest may be declared elsewhere
        if now not in _LESS_KNOWN[verdict] and not undeclared:
            broken.append(f"{seed.rule} [{seed.name}] {what}: {address} {verdict} -> {now}")


def blocks(text: str) -> list[str]:
    """The top-level blocks of a file."""
    found: list[str] = []
    current: list[str] = []
    depth = 0
    end = ""
    for line in text.splitlines():
        current.append(line)
        if end:
            if line.strip() == end:
                end = ""
            continue
        heredoc = re.search(r"<<-?(\w+)\s*$", line)
        if heredoc:
            end = heredoc[1]
        plain = re.sub(r'"(?:[^"\\]|\\.)*"', "", line).partition("#")[0]
        depth += sum(map(plain.count, "{[(")) - sum(map(plain.count, "}])"))
        if depth == 0 and plain.strip():
            found.append("\n".join(current) + "\n")
            current = []
    return found
