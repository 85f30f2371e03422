"""Within two limits."""

from compliance_scan.model.logic import Tri, tri_all
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.measure import measured

ARGUMENT = "list(number|duration|quantity)"
ON = "numbers, sizes, durations"
MEANS = "at least the first and at most the second"
EXAMPLE = "{path: password_max_age, between: [1, 90]}"
MESSAGE = "{path} is {actual}, expected between {expected}"
NEGATED = "{path} is {actual}, expected not between {expected}"


def check(argument: "list[float | str]") -> str:
    """What is wrong with the argument, else empty."""
    return "" if len(argument) == 2 else "expected two limits, [lowest, highest]"


def judge(value: Value, argument: "list[float | str]", context: Context) -> Tri:
    """Whether the value lies within the two limits, both included."""
    low, high = argument
    return tri_all(
        (
            measured(value, low, context, lambda number, limit: number >= limit),
            measured(value, high, context, lambda number, limit: number <= limit),
        )
    )
