"""`rules new` without an id: asks for what a rule says, writes it, and runs its examples."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from compliance_scan._yaml import nearest
from compliance_scan.errors import UsageError
from compliance_scan.model.finding import SEVERITIES
from compliance_scan.ruleset import draft as drafts
from compliance_scan.ruleset.draft import Draft
from compliance_scan.shape.catalog import Catalog
from compliance_scan.shape.nodes import Field


def ask(catalog: Catalog, objectives: Sequence[str]) -> tuple[str, Draft]:
    """The id of a new rule and what it says, question by question; a wrong answer is asked again."""
    kind = _until("Resource type (aws_db_instance)", lambda text: _known(catalog, text))
    path = _until(
        "Attribute (storage_encrypted, metadata_options.http_tokens)", lambda text: _path(catalog, kind, text)
    )
    field = drafts.steps(catalog, kind, path)[-1]
    open_to = drafts.choices(field)
    operator = open_to[0]
    if len(open_to) > 1:
        operator = click.prompt("It must be", type=click.Choice(open_to), default=operator)
    argument, wanted, bad = _values(field, operator)
    short = kind.removeprefix("aws_").replace("_", "-")
    end = path.split(".")[-1].replace("_", "-")
    name = click.prompt("Id of the rule", default=f"org-{short}-{end}")
    title = click.prompt("Title: what holds when all is well", default=_title(kind, path, operator, argument))
    severity = click.prompt("Severity", type=click.Choice(SEVERITIES), default="medium")
    objective = _until("Objective (frameworks show lists them)", lambda text: _objective(objectives, text))
    why = click.prompt("Why: what happens otherwise, and to whom")
    note = click.prompt("Fix: what to change, and what that does to a running system")
    draft = Draft(kind, tuple(path.split(".")), operator, argument, wanted, bad, title, severity, objective, why, note)
    return name, draft


def _until(question: str, taken: Callable[[str], str]) -> str:
    """Asks until the answer is one that can be used; says why it is not."""
    while True:
        text: str = click.prompt(question)
        try:
            return taken(text.strip())
        except UsageError as error:
            click.echo(f"  {error.message}", err=True)


def _known(catalog: Catalog, kind: str) -> str:
    kind = catalog.canonical(kind)
    if "_" not in kind or not catalog.known(kind):
        raise UsageError(f"no Terraform type `{kind}`{nearest(kind, catalog.types())}")
    return kind


def _path(catalog: Catalog, kind: str, text: str) -> str:
    drafts.steps(catalog, kind, text)
    return text


def _objective(objectives: Sequence[str], text: str) -> str:
    if text not in objectives:
        raise UsageError(f"no objective `{text}`{nearest(text, objectives)}")
    return text


def _values(field: Field, operator: str) -> tuple[Any, Any, Any]:
    """The operator's argument, a value that is right, and one that is wrong."""
    if operator in ("true", "false"):
        return None, operator == "true", operator != "true"
    if operator == "set":
        wanted = "example" if field.node.kind in ("string", "any") else {"key": "example"}
        return None, ["example"] if field.node.kind in ("list", "set") else wanted, None
    if operator == "one-of":
        values = [drafts.read(field, each.strip()) for each in click.prompt("Values, by commas").split(",")]
        return values, values[0], _wrong(field, lambda value: value not in values)
    argument = drafts.read(field, click.prompt("Value"))
    if operator == "at-least":
        return argument, argument, argument - 1
    if operator == "at-most":
        return argument, argument, argument + 1
    return argument, argument, _wrong(field, lambda value: value != argument)


def _wrong(field: Field, fits: Callable[[Any], bool]) -> Any:
    def taken(text: str) -> str:
        if not fits(drafts.read(field, text)):
            raise UsageError(f"the rule would take `{text}`")
        return text

    return drafts.read(field, _until("A value that is wrong, for an example", taken))


def _title(kind: str, path: str, operator: str, argument: Any) -> str:
    said = {"one-of": "one of", "at-least": "at least", "at-most": "at most", "value": ""}.get(operator, operator)
    return " ".join(f"{kind} has {path} {said} {'' if argument is None else argument}".split())
