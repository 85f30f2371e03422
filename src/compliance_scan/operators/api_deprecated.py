"""An API that a version of Kubernetes still serves, with a warning or for the last time."""

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit import apis
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import Pieces, any_text, causes_of

ARGUMENT = "string"
ON = "kinds of Kubernetes"
MEANS = (
    "the object's `apiVersion` is deprecated in this version of Kubernetes, or gone from it, by the table of APIs; "
    "the value is `group/version Kind`"
)
EXAMPLE = '{path: api, api_deprecated: "1.34"}'
MESSAGE = "{path} is {actual}, expected one that is deprecated in {expected}"
NEGATED = "{path} is {actual}, which is deprecated in Kubernetes {expected}"


def check(argument: str) -> str:
    """What is wrong with the argument, else empty."""
    return "" if apis.release(argument) is not None else "expected a version such as 1.34"


def judge(value: Value, argument: str, _context: Context) -> Tri:
    """Whether the API has come to this stage by the version."""

    def one(pieces: "str | Pieces") -> Tri:
        if not isinstance(pieces, str):
            return causes_of(pieces)
        api, _space, kind = pieces.partition(" ")
        return apis.reached(api, kind, "deprecated", argument)

    return any_text(value, one)
