"""Fixes: the edits that a rule's `fix.set` asks for, each evaluated again before anybody is shown it as safe.

propose from the rule's data -> lay all over the files -> judge again -> keep what mends its finding and harms nothing
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.edit import changed, edits_of, overlap, text_of
from compliance_scan.inputs.terraform.edits import CannotEdit, TextEdit, together
from compliance_scan.inputs.terraform.hcl_write import literal

if TYPE_CHECKING:
    from compliance_scan.choice import Choice
    from compliance_scan.model.finding import Finding
    from compliance_scan.model.report import Report
    from compliance_scan.ruleset import Ruleset
    from compliance_scan.scan import Loaded, Request
    from compliance_scan.shape.world import World

MAX_TRIES = 100
"""How often the files are judged again."""
MENDED = frozenset({"pass", "not_applicable"})
"""What a finding has to be afterwards; one that is no longer found is not known to be mended."""


class Proposal(NamedTuple):
    """What would mend a finding."""

    fingerprint: str
    rule: str
    instance: str
    address: str
    description: str
    edits: tuple[TextEdit, ...]


class Refused(NamedTuple):
    """A finding whose rule knows a fix that could not be made here."""

    fingerprint: str
    rule: str
    address: str
    why: str


class Fixes(NamedTuple):
    """What can be mended, and what not."""

    proven: tuple[Proposal, ...]
    refused: tuple[Refused, ...]
    files: Mapping[str, tuple[str, str]]
    """Root-relative path to text before and after all proven edits."""


def proposals(
    findings: Iterable["Finding"], world: "World", ruleset: "Ruleset"
) -> tuple[list[Proposal], list[Refused]]:
    """What the rules' own words would change for these failing findings."""
    made: list[Proposal] = []
    refused: list[Refused] = []
    for finding in findings:
        wanted = ruleset.prose(finding.rule).fix.get("set", {})
        if not wanted:
            continue
        try:
            edits = [edit for path, value in wanted.items() for edit in _edits(finding, world, path, value)]
        except CannotEdit as error:
            refused.append(Refused(finding.fingerprint, finding.rule, finding.resource.address, str(error)))
            continue
        title = ", ".join(f"{path} = {literal(value)}" for path, value in wanted.items())
        address = finding.resource.address
        made.append(
            Proposal(finding.fingerprint, finding.rule, finding.instance, address, f"Set {title}", tuple(edits))
        )
    return made, refused


def _edits(finding: "Finding", world: "World", path: str, value: Any) -> list[TextEdit]:
    """The edits for one path of a rule, which may lead to a satellite."""
    from compliance_scan.ruleset.paths import parse

    cursor = world.cursor(finding.resource).get(tuple(parse(path)))
    resource = cursor.resource
    facts = world.catalog.type(finding.resource.type)
    names = [step for step in cursor.path if isinstance(step, str)]
    if facts is not None and resource is finding.resource and names and names[0] in facts.folds:
        raise CannotEdit(f"{names[0]} is said by a resource of its own, and none is there")
    return edits_of(resource, cursor.path, value, world.catalog)


def open_findings(choice: "Choice", loaded: "Loaded") -> "list[Finding]":
    """The failing findings that nobody has accepted."""
    from compliance_scan import scan

    suppressions, baseline = scan.suppressions_of(loaded, choice), scan.baseline_of(loaded.request)
    found = []
    for finding in scan.judge(choice.instances, loaded):
        if finding.verdict != "fail":
            continue
        suppression = suppressions.of(finding, choice.ruleset.rule(finding.rule))
        names = (finding.fingerprint, *finding.aliases)
        state = baseline.compare(finding.instance, names, "fail", finding.guilty) if baseline is not None else "new"
        if state != "unchanged" and (suppression is None or not suppression.hides):
            found.append(finding)
    return found


def prove(
    request: "Request",
    loaded: "Loaded",
    choice: "Choice",
    findings: Sequence["Finding"],
    only: Collection[str] | None = None,
) -> Fixes:
    """The fixes of failing findings that were seen to mend them and to break nothing. `findings`: all that there are;
    `only`: the fingerprint of the one that is to be mended.

    Edits beside one another cannot be laid over one text at once, so this goes in rounds, each over the files of the
    round before.
    """
    failing = [finding for finding in findings if finding.verdict == "fail"]
    wanted = [finding for finding in failing if only is None or finding.fingerprint in only]
    first, refused = proposals(wanted, loaded.world, choice.ruleset)
    whole = {each.fingerprint: each for each in first}
    prover = _Prover(request, choice, loaded, {finding.fingerprint for finding in failing})
    waiting = first
    while waiting:
        good = prover.round(waiting)
        left = [each for each in waiting if each.fingerprint not in {*good, *prover.why}]
        if not good or not left:
            break
        names = {each.fingerprint for each in left}
        again = [finding for finding in prover.findings if finding.verdict == "fail" and finding.fingerprint in names]
        waiting, _ = proposals(again, prover.loaded.world, choice.ruleset)
    proven = tuple(each for each in first if each.fingerprint in prover.mended)
    why = "it does not go with another fix"
    refused += [
        Refused(each.fingerprint, each.rule, each.address, prover.why.get(each.fingerprint, why))
        for each in whole.values()
        if each.fingerprint not in prover.mended
    ]
    return Fixes(proven, tuple(refused), prover.files())


def attach(request: "Request", loaded: "Loaded", report: "Report") -> None:
    """Puts the proven edits of a run into its report, each with the finding that it mends. An edit is laid over the
    files as they are; of edits beside one another the reader lays the last first."""
    from compliance_scan.choice import Choice
    from compliance_scan.excerpt import Excerpts

    choice = Choice(request, loaded)
    proven = {each.fingerprint: each for each in prove(request, loaded, choice, open_findings(choice, loaded)).proven}
    excerpts = Excerpts(loaded.workspace, loaded.world.catalog, request.folder)
    for finding in report["findings"]:
        each = proven.get(finding["fingerprint"])
        if each is None:
            continue
        places = [(excerpts.location(edit.span), edit.text) for edit in together(list(each.edits))]
        finding["fix"] = {
            "description": each.description,
            "safe": True,
            "edits": [{**place, "text": text} for place, text in places if place is not None],
        }


class _Prover:
    """Files on their way, judged again after each step."""

    def __init__(self, request: "Request", choice: "Choice", loaded: "Loaded", failing: set[str]) -> None:
        self.request, self.choice, self.loaded, self.first = request, choice, loaded, loaded
        self.failing = failing
        self.findings: list[Finding] = []
        self.mended: set[str] = set()
        self.why: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self._tries = 0

    def round(self, waiting: Sequence[Proposal]) -> set[str]:
        """Takes what goes together; what mends nothing or harms is named in `why`. Gives what is mended now."""
        before = set(self.mended)
        self._search(_compatible(waiting))
        return self.mended - before

    def _search(self, made: Sequence[Proposal]) -> None:
        """All at once, else by halves: what does harm is found in few steps."""
        if not made:
            return
        if self._tries >= MAX_TRIES:
            self.why |= {each.fingerprint: "too much to try" for each in made}
            return
        problem = self._take(made)
        if not problem:
            return
        if len(made) == 1:
            self.why[made[0].fingerprint] = problem
            return
        middle = len(made) // 2
        self._search(made[:middle])
        # The first half may have moved the lines of the second: it waits for the next round.
        if not self._moved(made[:middle], made[middle:]):
            self._search(made[middle:])

    def _moved(self, tried: Sequence[Proposal], others: Sequence[Proposal]) -> bool:
        files = {edit.span.file for each in tried if each.fingerprint in self.mended for edit in each.edits}
        return any(edit.span.file in files for each in others for edit in each.edits)

    def _take(self, made: Sequence[Proposal]) -> str:
        """Tries edits; keeps them and gives nothing, or says why not."""
        from compliance_scan import scan

        self._tries += 1
        edits = list(dict.fromkeys(edit for each in made for edit in each.edits))
        texts = {**self.texts, **{path: after for path, _, after in changed(self.loaded, edits)}}
        overlay = {**self.request.overlay, **{path: text.encode() for path, text in texts.items()}}
        again = scan.load(self.request._replace(overlay=overlay, diff=None, changed=False))
        if len(again.incomplete()) > len(self.first.incomplete()):
            return "the file could not be read afterwards"
        findings = scan.judge(self.choice.instances, again, None, MENDED | {"fail", "unknown"})
        verdicts = {name: each.verdict for each in findings for name in (each.fingerprint, *each.aliases)}
        if any(each.verdict == "fail" and not self.failing & {each.fingerprint, *each.aliases} for each in findings):
            return "it breaks another rule"
        if any(verdicts.get(each.fingerprint) not in MENDED for each in made):
            return "it does not mend the finding"
        self.texts, self.loaded, self.findings = texts, again, findings
        self.mended |= {name for name in self.failing if verdicts.get(name) in MENDED}
        return ""

    def files(self) -> dict[str, tuple[str, str]]:
        """Root-relative path to text before and after."""
        found = {path: (text_of(self.first, path), after) for path, after in sorted(self.texts.items())}
        return {path: pair for path, pair in found.items() if pair[0] != pair[1]}


def _compatible(made: Sequence[Proposal]) -> list[Proposal]:
    """Those whose edits do not touch one another; equal edits are one."""
    taken: dict[TextEdit, None] = {}
    good = []
    for each in made:
        fits = all(edit in taken or not any(overlap(edit, other) for other in taken) for edit in each.edits)
        if fits:
            good.append(each)
            taken.update(dict.fromkeys(each.edits))
    return good
