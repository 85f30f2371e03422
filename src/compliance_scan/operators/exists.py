"""Something is there."""

from compliance_scan.model.logic import Tri, tri_not
from compliance_scan.model.value import Value
from compliance_scan.operators.empty import is_nothing_here
from compliance_scan.operators.kit.context import Context

ARGUMENT = "bool"
ON = "anything"
MEANS = "`true`: a known value or a reference to something that certainly exists; `false`: null or absent"
EXAMPLE = "{path: kms_key_id, exists: true}"
MESSAGE = "{path} is {actual}, expected it to be set"
NEGATED = "{path} is {actual}, expected it not to be set"


def judge(value: Value, argument: bool, context: Context) -> Tri:
    """Whether the value is there (`true`) or not (`false`)."""
    here = tri_not(is_nothing_here(value, context))
    return here if argument else tri_not(here)
