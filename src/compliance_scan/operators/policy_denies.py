"""A policy that forbids something to somebody."""

from typing import Any

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value, is_nothing
from compliance_scan.operators.kit import grants
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.policy import statements_of

ARGUMENT = "map"
ON = "IAM policies in any form"
MEANS = (
    "a statement denies all of it, always, or wherever `condition` holds (written as IAM does); `principal`, "
    "`action`, `resource` as in `policy_allows` (`own/*`: all that lies in the policy's owner), of a list all"
)
EXAMPLE = (
    '{path: policy, policy_denies: {principal: "*", action: "s3:*", condition: {Bool: {"aws:SecureTransport": '
    '"false"}}}}'
)
MESSAGE = "{path} does not deny {expected}"
NEGATED = "{path} denies {expected}"


def check(argument: "dict[str, Any]") -> str:
    """What is wrong with the argument, else empty."""
    return grants.check(argument)


def judge(value: Value, argument: "dict[str, Any]", _context: Context) -> Tri:
    """Whether the policy denies what is asked; nothing denies nothing."""
    return False if is_nothing(value) else grants.denies(statements_of(value), argument)
