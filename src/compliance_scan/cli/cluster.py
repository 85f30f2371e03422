"""The flag of the commands that reach a live cluster, and what it comes to."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from compliance_scan.cli.options import option
from compliance_scan.errors import UsageError

if TYPE_CHECKING:
    from compliance_scan.scan import Request, Result

CLUSTER = (option("--context", metavar="NAME", help="Audit the cluster of this context of the kubeconfig instead."),)
_OF_ACCOUNTS = (
    "region",
    "aws_profile",
    "role_arn",
    "external_id",
    "organization_role",
    "endpoint_url",
    "inventory",
    "inventory_out",
    "resume",
)


def judge(request: "Request", given: Mapping[str, Any]) -> "Result":
    """The audit of the cluster that the flags name; raises `UsageError` where flags of an account stand beside it."""
    used = [name for name in _OF_ACCOUNTS if given.get(name)]
    if used:
        raise UsageError(
            f"--{used[0].replace('_', '-')} is of an account, --context of a cluster", "audit them one by one"
        )
    if given["offline"]:
        raise UsageError("--offline allows no calls")
    from compliance_scan.audit_cluster import audit_cluster
    from compliance_scan.inputs.kubernetes.cluster import connect

    return audit_cluster(request, connect(given["context"]))
