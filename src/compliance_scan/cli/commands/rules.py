"""`rules`: the rules, their examples, and new ones."""

import json
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli.options import option, with_options
from compliance_scan.cli.output import emit
from compliance_scan.errors import UsageError
from compliance_scan.report import fix_text

if TYPE_CHECKING:
    from compliance_scan.frameworks import Frameworks
    from compliance_scan.model.rule import Rule
    from compliance_scan.ruleset import Ruleset

FORMAT = option("--format", "-f", type=click.Choice(("text", "json")), default="text", env=False, help="text or json.")
FOLDERS = option("--rules", multiple=True, metavar="DIR", help="A folder of own rules beside the built-in ones.")
FRAMEWORK = option(
    "--framework", multiple=True, metavar="ID", help="Only rules that serve this framework (repeatable)."
)


@click.group("rules", short_help="List, show, test and start rules.")
def command() -> None:
    """The rules."""


@command.command("list")
@with_options((FORMAT, FOLDERS, FRAMEWORK))
def list_(**given: Any) -> int:
    """Lists all rules."""
    from compliance_scan.ruleset import Ruleset

    ruleset = Ruleset.open(given["rules"])
    frameworks, selected = _frameworks(given["framework"], given["rules"], ruleset)
    rules = _serving(ruleset, frameworks, selected)
    if given["format"] == "json":
        emit(json.dumps([_record(rule, frameworks, selected) for rule in rules], indent=2, ensure_ascii=False) + "\n")
        return 0
    width = max((len(rule.id) for rule in rules), default=0)
    emit("".join(f"{rule.code}  {rule.severity:8}  {rule.id:{width}}  {rule.title}{_marks(rule)}\n" for rule in rules))
    return 0


@command.command("show")
@click.argument("name", metavar="ID")
@with_options((FORMAT, FOLDERS))
def show(name: str, **given: Any) -> int:
    """Shows a rule: why, how to mend, parameters, controls and examples."""
    from compliance_scan.ruleset import Ruleset

    ruleset = Ruleset.open(given["rules"])
    rule, prose = ruleset.rule(name), ruleset.prose(name)
    frameworks, selected = _frameworks((), given["rules"], ruleset)
    record = _record(rule, frameworks, selected)
    record |= {"why": prose.why, "fix": dict(prose.fix), "examples": list(prose.examples), "file": rule.origin}
    if given["format"] == "json":
        emit(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    else:
        emit("\n".join(_shown(rule, record)) + "\n")
    return 0


@command.command("test")
@click.argument("names", nargs=-1, metavar="[ID]...")
@with_options((FOLDERS,))
def test(names: tuple[str, ...], **given: Any) -> int:
    """Runs the examples of the built-in rules, or of those in the folders of --rules."""
    from compliance_scan import selftest
    from compliance_scan.ruleset import Ruleset

    if given["rules"]:
        results = [result for folder in given["rules"] for result in selftest.run_folder(folder, names)]
    else:
        results = list(selftest.run_examples(Ruleset.open(), names))
    out = []
    for result in results:
        for problem in result.problems:
            example = f" example {problem.example!r}:" if problem.example else ""
            out.append(f"{problem.file}:{problem.line}: {result.rule}:{example} {problem.message}\n")
    examples = sum(result.examples for result in results)
    refused = sum(bool(result.problems) for result in results)
    out.append(f"{len(results)} rules, {examples} examples, {refused} rules refused\n")
    emit("".join(out))
    return 1 if selftest.failed(results) else 0


@command.command("new")
@click.argument("name", required=False, metavar="[ID]")
@option("--service", metavar="FOLDER", env=False, help="Folder of the rule: aws/rds, kubernetes/pod.")
@option("--resource", metavar="TYPE", default="", env=False, help="The type that it judges.")
@option("--rules", metavar="DIR", env=False, help="The pack.  [default: the built-in one of a checkout]")
def new(name: str | None, service: str | None, resource: str, rules: str | None) -> int:
    """Starts a rule: a file with the next free code and examples to fill in.

    Without an ID it asks what the rule says, writes it whole, and runs its examples.
    """
    from compliance_scan import compiled
    from compliance_scan.cli.messages import tell
    from compliance_scan.ruleset.scaffold import scaffold

    if rules is None and compiled.data_folder() is not None:
        raise UsageError("an installed copy's rules cannot be added to", "name your own pack with --rules DIR")
    folder = rules or compiled.source_folder("rules")
    if not os.path.isdir(folder):
        raise UsageError(f"there is no folder {folder}", "make it first; it becomes your pack")
    if name is None:
        return _asked(folder, service, builtin=rules is None)
    if service is None:
        raise UsageError("rules new ID needs --service FOLDER", "or leave the ID out: then it asks")
    path, text = scaffold(folder, service, name, resource)
    place = _put(folder, path, text)
    tell(
        f"{os.path.relpath(place)}: fill it in, then: compliance-scan rules test {name}"
        + (f" --rules {rules}" if rules else "")
    )
    return 0


def _put(folder: str, path: str, text: str) -> str:
    from compliance_scan.cli.output import aside

    place = os.path.join(folder, path)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with aside(place) as out:
        out.write(text)
    return place


def _asked(folder: str, service: str | None, *, builtin: bool) -> int:
    """A rule from answers, written and tried."""
    from compliance_scan import selftest
    from compliance_scan.cli import wizard
    from compliance_scan.cli.messages import tell
    from compliance_scan.ruleset import build, draft, scaffold
    from compliance_scan.shape.catalog import Catalog

    catalog = Catalog.open()
    try:
        name, answers = wizard.ask(catalog, (*build.objectives(), *build.objectives(folder)))
    except click.Abort:
        raise UsageError(
            "the answers ended before the rule did", "give an ID and --service to start from a file"
        ) from None
    service = service or "aws/" + answers.kind.removeprefix("aws_").split("_")[0]
    path, _ = scaffold.scaffold(folder, service, name, answers.kind)
    place = _put(folder, path, draft.text_of(answers, scaffold.next_code(folder, service), catalog))
    results = list(selftest.run_folder(folder, (name,), builtin=builtin))
    for problem in (problem for result in results for problem in result.problems):
        emit(f"{problem.file}:{problem.line}: {problem.message}\n")
    tell(f"{os.path.relpath(place)}: {sum(result.examples for result in results)} examples run")
    return 1 if selftest.failed(results) else 0


def _frameworks(wanted: Iterable[str], folders: Sequence[str], ruleset: "Ruleset") -> "tuple[Frameworks, list[str]]":
    from compliance_scan.frameworks import Frameworks

    frameworks = Frameworks.open(folders, ruleset.ids() if folders else ())
    return frameworks, [frameworks.resolve(name) for name in wanted]


def _serving(ruleset: "Ruleset", frameworks: "Frameworks", selected: list[str]) -> "list[Rule]":
    rules = ruleset.all()
    if not selected:
        return rules
    served = {rule.id: rule.objectives for rule in rules}
    wanted = set().union(*(frameworks.rules_for(name, served) for name in selected))
    return [rule for rule in rules if rule.id in wanted]


def _record(rule: "Rule", frameworks: "Frameworks", selected: list[str]) -> dict[str, Any]:
    return {
        "id": rule.id,
        "code": rule.code,
        "title": rule.title,
        "severity": rule.severity,
        "status": rule.status,
        "deprecated": rule.deprecated,
        "planes": list(rule.planes),
        "resource": list(rule.resource),
        "provider": rule.provider,
        "objectives": list(rule.objectives),
        "equivalents": rule.equivalents,
        "controls": frameworks.controls_for(rule.id, rule.objectives, selected or frameworks.ids()),
        "parameters": {
            each.name: {"type": each.type, "default": each.default, "description": each.description}
            for each in rule.parameters.values()
        },
    }


def _marks(rule: "Rule") -> str:
    return (" (preview)" if rule.status == "preview" else "") + (" (deprecated)" if rule.deprecated else "")


def _shown(rule: "Rule", record: dict[str, Any]) -> list[str]:
    out = [f"{rule.id} ({rule.code}, {rule.severity}){_marks(rule)}", f"  {rule.title}", ""]
    out += [
        record["why"].strip(),
        "",
        f"To mend: {fix_text(record['fix'], manifest=record['provider'] == 'kubernetes')}",
        "",
    ]
    out.append(f"Judges: {', '.join(rule.resource)}")
    out.append(f"Objectives: {', '.join(rule.objectives)}")
    out += [f"Controls in {name}: {', '.join(controls)}" for name, controls in record["controls"].items()]
    for peer, ids in rule.equivalents.items():
        out += [f"{peer}, {kind}: {', '.join(names)}" for kind, names in ids.items() if names]
    for name, each in record["parameters"].items():
        default = "must be given" if each["default"] is None else f"default {json.dumps(each['default'])}"
        out.append(f"Parameter {name} ({each['type']}, {default}) {each['description']}".rstrip())
    out.append(f"File: {record['file']}; examples: {', '.join(example['name'] for example in record['examples'])}")
    return out
