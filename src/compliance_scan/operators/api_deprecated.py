"""An API that a version of Kubernetes still serves, with a warning or for the last time."""

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit import apis
from compliance_scan.operators.kit.context import Context

ARGUMENT = "string"
ON = "kinds of Kubernetes"
MEANS = (
    "the object's `apiVersion` is deprecated in this version of Kubernetes, or gone from it, by the table of APIs; "
    "the value is `group/version Kind`"
)
EXAMPLE = '{path: api, api_deprecated: "1.34"}'
MESSAGE = "{path} is {actual}, expected one that is deprecated in {expected}"
NEGATED = "{path} is {actual}, which is deprecated in Kubernetes {expected}"

check = apis.release_problem


def judge(value: Value, argument: str, _context: Context) -> Tri:
    """Whether the API has come to this stage by the version."""
    return apis.any_reached(value, "deprecated", argument)
