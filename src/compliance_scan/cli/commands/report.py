"""`report`: renders, merges and compares saved results."""

from typing import Any

import click

from compliance_scan.cli import output
from compliance_scan.cli.commands.scan import FORMATS
from compliance_scan.cli.messages import tell
from compliance_scan.cli.options import option, verdicts_of, with_options
from compliance_scan.model.finding import SEVERITIES

CHOICE = (
    option("--compare", metavar="OLD", env=False, help="An older report: what is new, fixed, still there."),
    option("--framework", multiple=True, metavar="ID", help="Controls for other tools' results (repeatable)."),
    option("--verdicts", metavar="LIST", help="Findings to show: fail,unknown,pass,not_applicable or all."),
    option("--fail-on", type=click.Choice(SEVERITIES), help="Lowest severity that gives exit code 1."),
    option("--allow-incomplete", is_flag=True, default=False, help="Exit as if nothing had been unreadable."),
    option("--rules", multiple=True, metavar="DIR", help="A folder of own rules beside the built-in ones."),
    option("--quiet", "-q", is_flag=True, help="Only findings and the last line."),
    option("--verbose", "-v", is_flag=True, help="Everything, tracebacks included."),
    option("--no-color", is_flag=True, help="No colours (NO_COLOR is honoured too)."),
)


@click.command("report", short_help="Render, merge and compare saved results.")
@click.argument("results", nargs=-1, metavar="RESULTS...", required=True)
@with_options(FORMATS, CHOICE)
def command(results: tuple[str, ...], compare: str | None, **given: Any) -> int:
    """Renders saved results: JSON reports of this program, and JSON of Checkov, Trivy, Prowler (OCSF) and SARIF.

    Several become one report: each finding once, other tools' results under the rules that are the same. The exit code
    is the worst of all. - stands for standard input.
    """
    chosen = output.outputs(given["format"])
    verdicts = verdicts_of(given["verdicts"])
    written = output.format_options(
        no_color=given["no_color"],
        verbose=given["verbose"],
        quiet=given["quiet"],
        sarif_profile=given["sarif_profile"],
        verdicts=verdicts,
    )
    from compliance_scan import results as saved_results

    request = saved_results.Request(
        results,
        compare=compare,
        frameworks=given["framework"],
        rule_folders=given["rules"],
        fail_on=given["fail_on"],
        allow_incomplete=given["allow_incomplete"],
    )
    made = saved_results.report(request)
    output.write(made.report, chosen, written)
    if made.joined or made.disagreeing:
        tell(f"{made.joined} results of other tools joined findings of ours; {made.disagreeing} say otherwise")
    return made.report["run"]["exit_code"]
