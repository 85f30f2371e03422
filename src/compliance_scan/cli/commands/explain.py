"""`explain`: why a verdict came out so."""

import json
from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli.messages import clean
from compliance_scan.cli.options import CHOICE, COMMON, READING, ReadingCommand, option, request_from, with_options
from compliance_scan.cli.output import emit

if TYPE_CHECKING:
    from compliance_scan.explain import Answer, Explained, Line, Value

MAX_VALUE = 160


@click.command("explain", cls=ReadingCommand, short_help="Show why a verdict came out so.")
@click.argument("target", metavar="FINGERPRINT|RULE|ADDRESS")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@option("--format", "-f", type=click.Choice(("text", "json")), default="text", env=False, help="text or json.")
@with_options(CHOICE, READING, COMMON)
def command(target: str, paths: tuple[str, ...], **given: Any) -> int:
    """Shows every condition of a finding (by fingerprint), of a rule on all its resources, or of all rules on a
    resource (by address), each with its value and where the value was written; PATH as in scan.
    """
    from compliance_scan.explain import explain

    answer = explain(request_from("explain", paths, given), target)
    if given["format"] == "json":
        emit(json.dumps(as_json(answer), indent=2, ensure_ascii=False) + "\n")
    else:
        emit("\n".join(as_text(answer)) + "\n")
    return 0


def as_json(answer: "Answer") -> dict[str, Any]:
    """The answer for programs."""
    return {
        "kind": answer.kind,
        "name": answer.name,
        "findings": [
            {
                **each._asdict(),
                "when": [line._asdict() for line in each.when],
                "assertion": [line._asdict() for line in each.assertion],
            }
            for each in answer.explained
        ],
        "values": [value._asdict() for value in answer.values],
        "left_out": answer.more,
    }


def as_text(answer: "Answer") -> list[str]:
    """The answer for people."""
    out: list[str] = []
    for each in answer.explained:
        out += [*_finding(each), ""]
    if answer.values:
        out += [
            f"{clean(answer.name)} as it is written",
            *(line for value in answer.values for line in _value(value)),
            "",
        ]
    if answer.more:
        out.append(f"… and {answer.more} more resources; name one by its fingerprint or address")
    if not answer.explained and not answer.values:
        out.append(f"{clean(answer.name)} judges nothing here")
    while out and not out[-1]:
        out.pop()
    return out


def _finding(each: "Explained") -> list[str]:
    name = each.instance if each.instance == each.rule else f"{each.instance} (rule {each.rule})"
    out = [
        f"{each.severity} {name}: {each.title}",
        f"  {clean(each.address)} at {clean(each.where)}",
        f"  verdict: {each.verdict}" + (f", because {clean(each.cause)}" if each.cause else ""),
    ]
    if each.when:
        out += ["  concerns it where", *(text for line in each.when for text in _line(line))]
    out += ["  asks that", *(text for line in each.assertion for text in _line(line))]
    return [*out, f"  fingerprint: {each.fingerprint}"]


def _line(line: "Line") -> list[str]:
    indent = "    " + "  " * line.depth
    text = f"{indent}[{line.holds}] {clean(line.text)}"
    if line.actual is not None:
        text += f": {clean(line.actual)[:MAX_VALUE]}"
    if line.where is not None:
        text += f", {clean(line.where)}"
    return [text, *(f"{indent}    {clean(origin)}" for origin in line.origins)]


def _value(value: "Value") -> list[str]:
    shown = json.dumps(value.value, ensure_ascii=False)
    shown = shown if len(shown) <= MAX_VALUE else shown[: MAX_VALUE - 1] + "…"
    text = f"  {clean(value.path)} = {clean(shown)}"
    if value.unknown:
        text += f" (not known: {clean(value.unknown)[:MAX_VALUE]})"
    if value.where:
        text += f", {clean(value.where)}"
    return [text, *(f"      {clean(origin)}" for origin in value.origins)]
