"""`permissions`: what an audit must be allowed to do."""

import json
from typing import Any

import click

from compliance_scan.cli import output
from compliance_scan.cli.messages import warn
from compliance_scan.cli.options import CHOICE, COMMON, option, request_from, with_options


@click.command("permissions", short_help="Print the least-privilege policy that an audit needs.")
@with_options(
    CHOICE,
    (
        option("--kubernetes", is_flag=True, help="The cluster role for audits of a live cluster instead."),
        option("--context", metavar="NAME", help="The same, for the cluster of this context."),
    ),
    (option("--drift", is_flag=True, help="Also what `drift` reads of who changed what."),),
    (option("--organization-role", metavar="NAME", help="Also what auditing an organisation in this role needs."),),
    COMMON,
)
def command(**given: Any) -> int:
    """Prints the IAM policy that an audit with the same rules needs: the read-only actions behind its operations.

    With --kubernetes it is the cluster role that lets an audit list what the rules read: `kubectl apply -f -` takes it.
    """
    request = request_from("permissions", (), given)
    if given["kubernetes"] or given["context"]:
        from compliance_scan.audit_cluster import permissions as of_cluster

        output.emit(json.dumps(of_cluster(request), indent=2) + "\n")
        return 0
    from compliance_scan.audit import want
    from compliance_scan.inputs.aws.actors import LOOKUP
    from compliance_scan.inputs.aws.permissions import ORGANIZATION, permissions
    from compliance_scan.inputs.aws.plan import AuditPlan

    wanted = want(request)
    plan = AuditPlan(wanted.reads, wanted.catalog)
    operations = set(plan.operations())
    role = given["organization_role"]
    more = ({ORGANIZATION} if role else set()) | ({LOOKUP} if given["drift"] else set())
    found = permissions(operations | more)
    policy = found.policy()
    if role:
        policy["Statement"].append(
            {
                "Sid": "ComplianceScanMembers",
                "Effect": "Allow",
                "Action": ["sts:AssumeRole"],
                "Resource": f"arn:aws:iam::*:role/{role}",
            }
        )
    for name in found.unresolved:
        warn(f"nobody knows which action {name} needs; without it what hangs on it stays unknown")
    output.emit(json.dumps(policy, indent=2) + "\n")
    return 0
