"""`rules test`: the examples of rules, run as scans of their own.

An example is read by the same inputs as a repository, from memory. A rule without the examples that it needs, or that
passes where nobody wrote what it reads, is refused as one whose example comes out otherwise.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

from compliance_scan._yaml import nearest
from compliance_scan.errors import ConfigError, ScanError, UsageError
from compliance_scan.evaluate import evaluate, explain
from compliance_scan.evaluate.deciding import Decider, deciding
from compliance_scan.model.finding import Finding, Verdict
from compliance_scan.model.resource import Comment, Inventory, Origin, Resource, Span
from compliance_scan.model.rule import Condition, Instance, Prose, Rule, instance_of
from compliance_scan.model.value import Path, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit import arguments
from compliance_scan.ruleset import Ruleset
from compliance_scan.ruleset.bind import argument_problem
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.world import World
from compliance_scan.workspace import Workspace

AS_OF: Final = date(2026, 1, 1)
"""The day on which examples are judged: they must not change their verdict as time goes by."""
BY_OMISSION = "by omission"
VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "unknown", "not_applicable")
_EVERYTHING = frozenset(VERDICTS)
_NO_FOLDER = "/nonexistent/compliance-scan/example"
_FILES = {"terraform": "main.tf", "kubernetes": "manifest.yaml", "plan": "plan.json", "inventory": "inventory.json"}
_LOADERS = {
    "terraform": "compliance_scan.inputs.terraform.load",
    "kubernetes": "compliance_scan.inputs.kubernetes.load",
    "plan": "compliance_scan.inputs.terraform.plan",
}


class Problem(NamedTuple):
    """Something wrong with a rule or one of its examples."""

    rule: str
    example: str
    """Its name; empty for the rule as a whole."""
    file: str
    """Within the rule's pack."""
    line: int
    message: str


class Result(NamedTuple):
    """What came of one rule's examples."""

    rule: str
    examples: int
    problems: tuple[Problem, ...]


def run_examples(ruleset: Ruleset, names: Sequence[str] = (), *, catalog: Catalog | None = None) -> Iterator[Result]:
    """The results of the rules named by id or code (none: all), by id; raises `UsageError` for an unknown name."""
    catalog = catalog or Catalog.open()
    rules = [ruleset.rule(name) for name in names] if names else ruleset.all()
    for rule in rules:
        yield _Test(rule, ruleset.prose(rule.id), catalog).run()


def run_folder(folder: str, names: Sequence[str] = (), *, builtin: bool = False) -> Iterator[Result]:
    """The same for a folder of rule files, each by itself: one that is wrong is a result, and does not hide the others.

    `names`: ids (none: all); raises `UsageError` for one that the folder does not have, `ConfigError` for a shared
    condition that is wrong.
    """
    from compliance_scan import compiled
    from compliance_scan.ruleset import build
    from compliance_scan.ruleset.lookup import SharedConditions

    shared = {} if builtin else build.shared_conditions(compiled.source_folder("rules"))
    shared.update(build.shared_conditions(folder))
    conditions, vocabulary, catalog = SharedConditions(shared), build.objectives(), Catalog.open()
    files = {os.path.splitext(os.path.basename(origin))[0]: origin for origin in build.rule_files(folder)}
    for name in names:
        if name not in files:
            raise UsageError(f"unknown rule `{name}`{nearest(name, files)}", f"the rules lie in {folder}")
    codes: dict[str, str] = {}
    for name, origin in sorted(files.items()):
        if names and name not in names:
            continue
        try:
            source = build.read_rule(folder, origin, conditions, vocabulary, builtin=builtin)
        except ConfigError as error:
            yield Result(name, 0, (_unreadable(name, origin, error),))
            continue
        result = _Test(Rule(source.record), Prose(**source.prose), catalog).run()
        other = codes.setdefault(source.record["code"], name)
        if other != name:
            taken = Problem(name, "", origin, source.document.line(("code",)), f"the code is taken by {other}")
            result = result._replace(problems=(*result.problems, taken))
        yield result


def _unreadable(name: str, origin: str, error: ConfigError) -> Problem:
    line = error.message.split(":")[1] if ":" in error.message else ""
    return Problem(name, "", origin, int(line) if line.isdigit() else 1, error.message)


class _Test:
    """One rule under test."""

    def __init__(self, rule: Rule, prose: Prose, catalog: Catalog) -> None:
        self.rule = rule
        self.prose = prose
        self.catalog = catalog
        self.problems: list[Problem] = []

    def run(self) -> Result:
        examples = self.prose.examples
        self._needed(examples)
        omitted: list[tuple[str, int, str]] = []
        for example in examples:
            omitted.extend(self._example(example))
        if not self.problems:
            omitted.extend(self._bare(examples[0]))
        allowed = any(BY_OMISSION in example["name"] and example.get("pass") for example in examples)
        if omitted and not allowed:
            name, line, path = omitted[0]
            self._problem(
                name,
                line,
                f"passes although {path} is not written, and neither schema nor facts say what that means: "
                f"add the fact, or a pass example named `... {BY_OMISSION}`",
            )
        return Result(self.rule.id, len(examples), tuple(self.problems))

    def _problem(self, example: str, line: int, message: str) -> None:
        self.problems.append(Problem(self.rule.id, example, self.prose.file, line, message))

    def _needed(self, examples: Sequence[Mapping[str, Any]]) -> None:
        needed = ["pass", "fail"]
        if self.rule.provider != "kubernetes" and _reads(self.rule):
            needed.append("unknown")
        for verdict in needed:
            if not any(example.get(verdict) for example in examples):
                self._problem("", self.prose.line, f"has no example with a resource under `{verdict}`")

    def _example(self, example: Mapping[str, Any]) -> list[tuple[str, int, str]]:
        """Runs one example; returns what passed by omission."""
        name, line = example["name"], example["line"]
        instance = self._instance(example)
        if instance is None:
            return []
        try:
            inventory = load_example(example)
        except ScanError as error:
            self._problem(name, line, error.message)
            return []
        if inventory.incomplete:
            self._problem(name, line, f"cannot be read: {inventory.incomplete[0].message}")
            return []
        world = World(inventory, self.catalog, as_of=AS_OF)
        findings = list(evaluate([instance], world, detail=_EVERYTHING))
        self._compare(example, findings)
        passed = {finding.resource.address for finding in findings if finding.verdict == "pass"}
        return [(name, line, path) for path in _omissions(instance, world, passed)]

    def _instance(self, example: Mapping[str, Any]) -> Instance | None:
        plain = instance_of(self.rule)
        values = dict(plain.parameters)
        problem = ""
        for name, value in (example.get("with") or {}).items():
            parameter = self.rule.parameters.get(name)
            if parameter is None or not arguments.fits(value, parameter.type):
                problem = f"`with`: {name} is no parameter, or its value no {parameter and parameter.type}"
            values[name] = value
        missing = [name for name, value in values.items() if value is None]
        if missing and not problem:
            problem = f"`with` must give the parameter `{missing[0]}`, which has no default"
        problem = problem or argument_problem(self.rule, values)
        if problem:
            self._problem(example["name"], example["line"], problem)
            return None
        return plain._replace(parameters=values)

    def _compare(self, example: Mapping[str, Any], findings: Sequence[Finding]) -> None:
        name, line = example["name"], example["line"]
        found: dict[str, Finding] = {}
        for finding in findings:
            for address in (finding.resource.address, *finding.resource.aliases):
                found.setdefault(address, finding)
        listed = {address: verdict for verdict in VERDICTS for address in example.get(verdict) or ()}
        for address, verdict in listed.items():
            judgement = found.get(address)
            if judgement is None:
                judged = ", ".join(finding.resource.address for finding in findings) or "nothing"
                self._problem(name, line, f"{address} is not judged (what is judged: {judged})")
            elif judgement.verdict != verdict:
                self._problem(name, line, f"{address} is {_told(judgement)}, expected {verdict}")
        for finding in findings:
            known = (finding.resource.address, *finding.resource.aliases)
            if finding.verdict != "not_applicable" and not any(address in listed for address in known):
                self._problem(name, line, f"{finding.resource.address} is {_told(finding)} and is not listed")

    def _bare(self, example: Mapping[str, Any]) -> list[tuple[str, int, str]]:
        """A resource of each type without any attribute: what it passes by is not written. Parameters without a default
        are those of an example."""
        unset = [name for name, parameter in self.rule.parameters.items() if parameter.default is None]
        given = {name: value for name, value in (example.get("with") or {}).items() if name in unset}
        instance = self._instance({"name": "", "line": self.prose.line, "with": given})
        if "code" not in self.rule.planes or instance is None or self.rule.provider != "aws":
            return []
        out: list[tuple[str, int, str]] = []
        for kind in self.rule.resource:
            if kind in self.catalog.virtual:
                continue
            mode = "data" if self.catalog.documents(kind) else "resource"
            inventory = load_example({"terraform": f'{mode} "{kind}" "bare" {{}}\n'})
            world = World(inventory, self.catalog, as_of=AS_OF)
            findings = evaluate([instance], world)
            passed = {finding.resource.address for finding in findings if finding.verdict == "pass"}
            out.extend(
                (f"({kind} without attributes)", self.prose.line, p) for p in _omissions(instance, world, passed)
            )
        return out


def _told(finding: Finding) -> str:
    told = finding.evidence[0].message if finding.evidence else ""
    cause = f"{finding.cause.cause} {finding.cause.detail}".strip() if finding.cause else ""
    reason = "; ".join(part for part in (told, cause) if part)
    return f"{finding.verdict} ({reason})" if reason else finding.verdict


def _reads(rule: Rule) -> bool:
    """Whether the rule reads anything that may be unresolved: any path but the resource itself."""
    stack: list[Condition | None] = [rule.when, rule.assertion]
    while stack:
        condition = stack.pop()
        if condition is None:
            continue
        match condition[0]:
            case "all" | "any":
                stack.extend(condition[1])
            case "not":
                stack.append(condition[1])
            case "leaf":
                if condition[1]:
                    return True
            case _:
                return True
    return False


def _omissions(instance: Instance, world: World, passed: set[str]) -> Iterator[str]:
    """The paths by whose absence resources pass, where nothing says what the absence means."""
    if not passed:
        return
    for subject in world.subjects(instance.rule.resource):
        if subject.resource.address not in passed:
            continue
        told = explain(instance, subject, world)
        nodes = [told.assertion] if told.when is None or told.when.verdict is True else [told.when, told.assertion]
        for node in nodes:
            for decider in deciding(node):
                if _is_omission(decider):
                    yield decider.node.cursor.shown or subject.resource.type


def _is_omission(decider: Decider) -> bool:
    node = decider.node
    if node.kind == "leaf":
        return node.cursor.standing == "nothing" and is_nothing(resolved(node.cursor.value))
    if node.kind not in ("every", "some", "none") or node.argument[0] == "related":
        return False
    return not node.children and node.more is None


def load_example(example: Mapping[str, Any]) -> Inventory:
    """The inventory of an example's text, or of its several files; raises `ScanError` where its input is not there."""
    kind = next(key for key in _FILES if key in example)
    body = example[kind]
    files: dict[str, str] = body if isinstance(body, dict) else {_FILES[kind]: body}
    if kind == "inventory":
        return read_inventory("\n".join(files.values()))
    if find_spec(_LOADERS[kind]) is None:
        raise ScanError(f"examples of the kind `{kind}` cannot be read")
    workspace = Workspace(_NO_FOLDER)
    for path, text in files.items():
        workspace.put(path, text.encode())
    module = import_module(_LOADERS[kind])
    options = module.TerraformOptions() if kind == "terraform" else None
    inventory: Inventory = module.load(workspace, sorted(files), options)
    inventory.incomplete.extend(note for note in workspace.incomplete if note not in inventory.incomplete)
    return inventory


def read_inventory(text: str) -> Inventory:
    """Resources from lines of JSON as `compliance-scan inventory` prints them; raises `ScanError`."""
    inventory = Inventory(files=1)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                record = json.loads(line)
                inventory.resources.append(_resource(record, number))
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise ScanError(f"line {number} of the inventory is no resource: {error}") from None
    return inventory


def _resource(record: Mapping[str, Any], line: int) -> Resource:
    attributes: dict[str, Value] = dict(record["attributes"])
    for path, cause in (record.get("unknown") or {}).items():
        _put(attributes, path, Unknown(cause))
    kind = record["type"]
    return Resource(
        address=record["address"],
        type=kind,
        root=record.get("root") or ".",
        plane=record.get("plane") or "live",
        attributes=attributes,
        source=_Line(line),
        name=record["address"].rsplit(".", 1)[-1],
        account=record.get("account"),
        region=record.get("region"),
        arn=record.get("arn"),
    )


def _put(attributes: dict[str, Any], path: str, value: Unknown) -> None:
    from compliance_scan.ruleset.paths import parse

    *above, last = parse(path)
    place: Any = attributes
    for step in above:
        place = place[step]
    place[last] = value


class _Line:
    """The source of a resource that stands on one line of an inventory."""

    def __init__(self, line: int) -> None:
        self.span = self.header = Span(_FILES["inventory"], line, 1, line + 1, 1)

    def span_of(self, path: Path) -> Span | None:  # noqa: ARG002 - the protocol's
        return self.span

    def origins_of(self, path: Path) -> tuple[Origin, ...]:  # noqa: ARG002 - the protocol's
        return ()

    def comments(self) -> tuple[Comment, ...]:
        return ()

    def text(self, span: Span) -> str:  # noqa: ARG002 - the protocol's
        return ""


def failed(results: Iterable[Result]) -> bool:
    """Whether any rule was refused."""
    return any(result.problems for result in results)
