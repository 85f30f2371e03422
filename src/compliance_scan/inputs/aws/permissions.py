"""The least-privilege policy of an audit: from the operations that its rules need to the actions that allow them."""

import json
import lzma
import os
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, NamedTuple

ALWAYS: Final = (("sts", "get_caller_identity"), ("ec2", "describe_regions"))
ORGANIZATION: Final = ("organizations", "list_accounts")


class Permissions(NamedTuple):
    """What an audit must be allowed to do."""

    actions: list[str]
    unresolved: list[str]
    """Operations of which nobody knows the action."""

    def policy(self) -> dict[str, Any]:
        """As an IAM policy. Listing needs the resource `*`, and what is listed is not known beforehand."""
        statement = {"Sid": "ComplianceScanAudit", "Effect": "Allow", "Action": self.actions, "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [statement]}


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "actions.json.xz")
    with lzma.open(path, "rt", encoding="utf-8") as handle:
        table: dict[str, dict[str, list[str]]] = json.load(handle)
    return table


def permissions(operations: Iterable[tuple[str, str]]) -> Permissions:
    """The actions of (service, operation) pairs, as boto3 names them."""
    actions: set[str] = set()
    unresolved: set[str] = set()
    for service, operation in {*ALWAYS, *operations}:
        found = _table().get(service, {}).get(operation)
        if found is None:
            unresolved.add(f"{service}.{operation}")
        else:
            actions.update(found)
    return Permissions(sorted(actions, key=str.lower), sorted(unresolved))
