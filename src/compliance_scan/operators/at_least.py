"""No less than."""

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.measure import measured

ARGUMENT = "number|duration|quantity"
ON = "numbers, sizes, durations"
MEANS = "no less than this; a bare number beside a duration is read by its name (`_in_days`), else as seconds"
EXAMPLE = "{path: backup_retention_period, at_least: 7}"
MESSAGE = "{path} is {actual}, expected at least {expected}"
NEGATED = "{path} is {actual}, expected less than {expected}"


def judge(value: Value, argument: "float | str", context: Context) -> Tri:
    """Whether the value is no less than the argument."""
    return measured(value, argument, context, lambda number, limit: number >= limit)
