"""A policy that lets its holder gain more permissions than it gives."""

from compliance_scan.model.logic import Tri, tri_all, tri_any
from compliance_scan.model.value import Value, is_nothing
from compliance_scan.operators.kit import grants
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.policy import Statements, statements_of
from compliance_scan.operators.kit.tables import table

ARGUMENT = "'classic'|'more'|'any'"
ON = "IAM policies in any form"
MEANS = (
    "all actions of a known way to more permissions are allowed on every resource, under no condition: `classic` "
    "ways that every published list has, `more` that are newer, indirect or need something that exists, or `any`"
)
EXAMPLE = "{path: policy, escalates: classic}"
MESSAGE = "{path} opens no known way to more permissions ({expected})"
NEGATED = "{path} opens a known way to more permissions ({expected})"


def judge(value: Value, argument: str, _context: Context) -> Tri:
    """Whether the policy opens one of the known ways."""
    if is_nothing(value):
        return False
    policy = statements_of(value)
    allowed: dict[str, Tri] = {}
    verdicts: list[Tri] = []
    for way in table("escalation"):
        if argument in ("any", way["tier"]):
            verdicts.append(tri_all(_allows(policy, action, allowed) for action in way["actions"]))
            if verdicts[-1] is True:
                return True
    return tri_any(verdicts)


def _allows(policy: Statements, action: str, known: "dict[str, Tri]") -> Tri:
    found = known.get(action)
    if found is None:
        found = known[action] = grants.allows(policy, {"action": action, "resource": "*", "condition": "none"})
    return found
