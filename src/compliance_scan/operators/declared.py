"""Whether anyone wrote it."""

from compliance_scan.model.logic import Tri, maybe, tri_not
from compliance_scan.model.value import Unknown, Value
from compliance_scan.operators.empty import is_nothing_here
from compliance_scan.operators.kit.context import Context

ARGUMENT = "bool"
ON = "anything"
MEANS = (
    "`true`: the code (or the plan, state or account) says it itself; `false`: what stands there is the provider's "
    "default, a fact of what silence means, or nothing"
)
EXAMPLE = "{path: policy, declared: true}"
MESSAGE = "{path} is not declared, expected {expected}"
NEGATED = "{path} is declared, expected {expected}"


def judge(value: Value, argument: bool, context: Context) -> Tri:
    """Whether somebody wrote the value where it stands."""
    written = _written(value, context)
    return written if argument else tri_not(written)


def _written(value: Value, context: Context) -> Tri:
    if context.cursor is None or context.cursor.standing == "written":
        return tri_not(is_nothing_here(value, context))
    # Unwritten and computed is plainly unwritten; what was not collected or is ambiguous may be written.
    return maybe(value) if isinstance(value, Unknown) and value.cause != "computed" else False
