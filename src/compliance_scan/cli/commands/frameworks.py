"""`frameworks`: the frameworks and what serves each control."""

import json
from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli.options import option, with_options
from compliance_scan.cli.output import emit

if TYPE_CHECKING:
    from compliance_scan.frameworks import Frameworks

SHARED = (
    option("--format", "-f", type=click.Choice(("text", "json")), default="text", env=False, help="text or json."),
    option("--rules", multiple=True, metavar="DIR", help="A folder of own rules beside the built-in ones."),
)


@click.group("frameworks", short_help="List and show frameworks and what serves each control.")
def command() -> None:
    """The frameworks, their controls and the rules that serve them."""


@command.command("list")
@with_options(SHARED)
def list_(**given: Any) -> int:
    """Lists all frameworks."""
    frameworks, _ = _open(given)
    rows = [
        {"id": name, "title": frameworks.title(name), "version": frameworks.version(name)} for name in frameworks.ids()
    ]
    if given["format"] == "json":
        return _json(rows)
    width = max(len(row["id"]) for row in rows)
    emit("".join(f"{row['id']:{width}}  {row['title']} {row['version']}\n" for row in rows))
    return 0


@command.command("show")
@click.argument("name", metavar="ID")
@with_options(SHARED)
def show(name: str, **given: Any) -> int:
    """Shows a framework's controls with the objectives and rules that serve them."""
    frameworks, rules = _open(given)
    found = frameworks.resolve(name)
    controls = frameworks.show(found, rules)
    if given["format"] == "json":
        return _json(
            {
                "id": found,
                "title": frameworks.title(found),
                "version": frameworks.version(found),
                "controls": [
                    {
                        "id": control.id,
                        "title": control.title,
                        "objectives": list(control.objectives),
                        "rules": list(control.rules),
                        "coverage": control.coverage,
                        "manual": control.manual,
                    }
                    for control in controls
                ],
            }
        )
    out = [f"{frameworks.title(found)} {frameworks.version(found)}"]
    for control in controls:
        out += ["", f"{control.id}  {control.title} ({control.coverage})"]
        out += [f"  rule {rule}" for rule in control.rules]
        if control.manual:
            out.append(f"  manual: {control.manual}")
    emit("\n".join(out) + "\n")
    return 0


@command.command("coverage")
@with_options(SHARED)
def coverage(**given: Any) -> int:
    """Counts how many controls of each framework rules decide wholly, in part and not at all."""
    frameworks, rules = _open(given)
    counts = [frameworks.coverage(name, rules) for name in frameworks.ids()]
    if given["format"] == "json":
        return _json([count._asdict() for count in counts])
    width = max(len(count.id) for count in counts)
    out = [f"{'framework':{width}}  controls  full  partial  manual"]
    out += [f"{c.id:{width}}  {c.controls:8}  {c.full:4}  {c.partial:7}  {c.manual:6}" for c in counts]
    emit("\n".join(out) + "\n")
    return 0


def _open(given: dict[str, Any]) -> "tuple[Frameworks, dict[str, tuple[str, ...]]]":
    from compliance_scan.frameworks import Frameworks
    from compliance_scan.ruleset import Ruleset

    ruleset = Ruleset.open(given["rules"])
    rules = {rule.id: rule.objectives for rule in ruleset.all() if not rule.deprecated}
    return Frameworks.open(given["rules"], ruleset.ids()), rules


def _json(value: Any) -> int:
    emit(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    return 0
