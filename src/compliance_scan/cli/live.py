"""Flags of the commands that reach a live account, and what they come to."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from compliance_scan.cli.options import option
from compliance_scan.errors import UsageError

if TYPE_CHECKING:
    from compliance_scan.audit import Collected, Wanted
    from compliance_scan.inputs.aws.source import Progress

LIVE = (
    option("--region", multiple=True, metavar="NAME", help="Only this region (repeatable).  [default: all enabled]"),
    option("--aws-profile", metavar="NAME", help="The profile of ~/.aws to sign in with."),
    option("--role-arn", metavar="ARN", help="Assume this role first."),
    option("--external-id", metavar="ID", help="The external id that the role's trust asks for."),
    option("--organization-role", metavar="NAME", help="Audit every account of the organisation, in this role there."),
    option("--endpoint-url", metavar="URL", help="Ask this endpoint instead of AWS (a stand-in)."),
    option("--inventory", metavar="FILE", help="Read this inventory instead of calling."),
    option("--inventory-out", metavar="FILE", help="Write what was collected as an inventory."),
    option("--resume", is_flag=True, help="Go on where an interrupted audit with this --inventory-out stopped."),
    option("--max-calls-per-second", type=click.FloatRange(min=0.1), metavar="N", help="At most so many requests."),
)
_EVERY = 0.2


def opener(given: Mapping[str, Any], root: str) -> "Callable[[Wanted], Collected]":
    """How the account, or the inventory in its place, is opened once it is known what is wanted of it; raises
    `UsageError` at once where flags contradict one another."""
    if given["inventory"]:
        used = [name for name in ("inventory_out", "resume", "role_arn", "organization_role") if given[name]]
        if used:
            raise UsageError(f"--{used[0].replace('_', '-')} needs an account; --inventory reads none")
        return lambda _wanted: _file(given["inventory"], root)
    if given["resume"] and not given["inventory_out"]:
        raise UsageError("--resume needs the --inventory-out of the audit that was interrupted")
    if given["offline"]:
        raise UsageError("--offline allows no calls", "give an --inventory")
    if given["external_id"] and not (given["role_arn"] or given["organization_role"]):
        raise UsageError("--external-id belongs to --role-arn")
    out = given["inventory_out"]
    if out and not os.path.isdir(os.path.dirname(os.path.realpath(out))):
        raise UsageError(f"--inventory-out {out}: there is no such folder")
    return lambda wanted: _account(wanted, given, root)


def _file(path: str, root: str) -> "Collected":
    from compliance_scan.inputs.aws.source import FileSource, relative_to

    if not os.path.isfile(path):
        raise UsageError(f"there is no inventory {path}")
    return FileSource(path, relative_to(root, path))


def _account(wanted: "Wanted", given: Mapping[str, Any], root: str) -> "Collected":
    try:
        import boto3  # noqa: F401 - only to see whether it is there
    except ImportError:
        raise UsageError("the live account needs boto3", "install compliance-scan[aws]") from None
    from compliance_scan.inputs.aws.access import reach
    from compliance_scan.inputs.aws.clients import Access, Limit
    from compliance_scan.inputs.aws.ledger import Ledger
    from compliance_scan.inputs.aws.plan import AuditPlan
    from compliance_scan.inputs.aws.source import AccountSource, relative_to

    ledger = Ledger()
    rate = given["max_calls_per_second"]
    home = given["region"][0] if given["region"] else os.environ.get("AWS_REGION") or None
    reached = reach(
        Access(given["aws_profile"], given["endpoint_url"], home),
        given["region"],
        ledger,
        role=given["role_arn"],
        external_id=given["external_id"],
        limit=Limit(rate) if rate else None,
        organization_role=given["organization_role"],
    )
    out = given["inventory_out"]
    return AccountSource(
        AuditPlan(wanted.reads, wanted.catalog),
        reached.places,
        ledger,
        disabled=reached.disabled,
        threads=given["jobs"] or 16,
        out=out,
        file=relative_to(root, out) if out else None,
        resume=given["resume"],
        progress=_progress(given),
    )


def _progress(given: Mapping[str, Any]) -> "Callable[[Progress], None] | None":
    """Progress on one line of a terminal; None where nobody watches."""
    if given["no_progress"] or given["quiet"] or not sys.stderr.isatty():
        return None
    last = [0.0]

    def show(now: "Progress") -> None:
        moment = time.monotonic()
        if moment - last[0] < _EVERY and now.remaining:
            return
        last[0] = moment
        told = f"{now.regions} regions, {now.operations} calls, {now.resources} resources, {now.remaining} to do"
        end = "" if now.remaining else "\r\x1b[K"
        sys.stderr.write(f"\r\x1b[K{told}{end}")
        sys.stderr.flush()

    return show
