"""A policy that lets somebody do something."""

from typing import Any

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value, is_nothing
from compliance_scan.operators.kit import grants
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.policy import statements_of

ARGUMENT = "map"
ON = "IAM policies in any form"
MEANS = (
    'some statement allows it and none denies it outright: `principal` (`"*"` for everyone, an id, an account,'
    " `service:NAME`), `action`, `resource` (patterns that must be wholly covered; of a list any), "
    "`condition`: `none` counts only statements without conditions, `unrestricted` those that no condition "
    "narrows to certain callers, left out: any"
)
EXAMPLE = '{path: policy, policy_allows: {principal: "*", condition: unrestricted}}'
MESSAGE = "{path} does not allow {expected}"
NEGATED = "{path} allows {expected}"


def check(argument: "dict[str, Any]") -> str:
    """What is wrong with the argument, else empty."""
    return grants.check(argument)


def judge(value: Value, argument: "dict[str, Any]", _context: Context) -> Tri:
    """Whether the policy allows what is asked; nothing allows nothing."""
    return False if is_nothing(value) else grants.allows(statements_of(value), argument)
