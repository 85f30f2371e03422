"""The value is one of these."""

from typing import Any

from compliance_scan.model.logic import Tri, tri_any
from compliance_scan.model.value import Value, is_nothing
from compliance_scan.operators.kit.compare import same
from compliance_scan.operators.kit.context import Context

ARGUMENT = "list(any)"
ON = "anything"
MEANS = "the value equals one of these"
EXAMPLE = '{path: tls_version, in: ["1.2", "1.3"]}'
MESSAGE = "{path} is {actual}, expected one of {expected}"
NEGATED = "{path} is {actual}, expected none of {expected}"


def judge(value: Value, argument: "list[Any]", _context: Context) -> Tri:
    """Whether the value equals any of the argument's items; nothing is in no list."""
    if is_nothing(value):
        return False
    return tri_any(same(value, wanted) for wanted in argument if wanted is not None)
