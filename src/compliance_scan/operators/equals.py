"""The value is exactly this."""

from typing import Any

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.compare import same
from compliance_scan.operators.kit.context import Context

ARGUMENT = "any"
ON = "anything"
MEANS = "the value is this one; `null` asks for nothing; order in lists does not matter"
EXAMPLE = "{path: storage_encrypted, equals: true}"
MESSAGE = "{path} is {actual}, expected {expected}"
NEGATED = "{path} is {actual}, which is not allowed"


def judge(value: Value, argument: Any, context: Context) -> Tri:
    """Whether the value is the argument."""
    if argument is None:
        from compliance_scan.operators import empty

        return empty.is_nothing_here(value, context)
    return same(value, argument)
