"""No more than."""

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.measure import measured

ARGUMENT = "number|duration|quantity"
ON = "numbers, sizes, durations"
MEANS = "no more than this; a bare number beside a duration is read by its name (`_in_days`), else as seconds"
EXAMPLE = "{path: max_session_duration, at_most: 1h}"
MESSAGE = "{path} is {actual}, expected at most {expected}"
NEGATED = "{path} is {actual}, expected more than {expected}"


def judge(value: Value, argument: "float | str", context: Context) -> Tri:
    """Whether the value is no more than the argument."""
    return measured(value, argument, context, lambda number, limit: number <= limit)
