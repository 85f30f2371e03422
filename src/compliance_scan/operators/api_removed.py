"""An API that a version of Kubernetes serves no more."""

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit import apis
from compliance_scan.operators.kit.context import Context

ARGUMENT = "string"
ON = "kinds of Kubernetes"
MEANS = (
    "the object's `apiVersion` is no longer served by this version of Kubernetes, by the table of APIs; "
    "the value is `group/version Kind`"
)
EXAMPLE = '{path: api, api_removed: "1.34"}'
MESSAGE = "{path} is {actual}, expected one that {expected} serves no more"
NEGATED = "{path} is {actual}, which Kubernetes {expected} does not serve"

check = apis.release_problem


def judge(value: Value, argument: str, _context: Context) -> Tri:
    """Whether the API has come to this stage by the version."""
    return apis.any_reached(value, "removed", argument)
