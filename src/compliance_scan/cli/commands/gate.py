"""`gate`: what a plan would do to the controls of the account."""

from typing import Any

import click

from compliance_scan.cli import output
from compliance_scan.cli.aftermath import REMEMBERING, remember
from compliance_scan.cli.commands.scan import FORMATS
from compliance_scan.cli.live import LIVE, opener
from compliance_scan.cli.options import COMMON, JUDGING, option, request_from, with_options

GATE = (
    option(
        "--ratchet/--no-ratchet", default=True, env=False, help="Fail only for what gets worse.  [default: ratchet]"
    ),
    option("--live", is_flag=True, env=False, help="Lay the plan over the live account that the environment names."),
)
ACCOUNT = ("region", "aws_profile", "role_arn", "organization_role", "endpoint_url", "inventory", "live")
"""Any of these lays the plan over an account; else the plan's own prior state stands for it."""


@click.command("gate", short_help="Show what a plan would do to the controls.")
@click.argument("plan", metavar="PLAN")
@with_options(FORMATS, GATE, LIVE, JUDGING, REMEMBERING, COMMON)
def command(plan: str, **given: Any) -> int:
    """Lays PLAN (terraform show -json) over the account, or over its own prior state, and judges before and after.

    Exit codes: 0 nothing gets worse, 1 something does, 2 usage or configuration, 3 no plan, 4 incomplete.
    """
    writing = output.Writing(given, always=True)
    request = request_from("gate", (plan,), given, writing.shown)
    from compliance_scan.gate import gate

    source = opener(given, request.root) if any(given[name] for name in ACCOUNT) else None
    report, judged = gate(request, request.targets[0], source, ratchet=given["ratchet"])
    writing.write(report)
    if given["store"] or given["events"]:
        remember(report, judged, given["store"], given["events"])
    return report["run"]["exit_code"]
