"""Several attributes of one object at once."""

from typing import Any

from compliance_scan.model.logic import Tri, maybe, tri_all
from compliance_scan.model.value import Encoded, Open, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.compare import same
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import wrong_type

ARGUMENT = "map"
ON = "an object, a block"
MEANS = "each named attribute of the object equals its value"
EXAMPLE = "{path: public_access_block, all_equal: {block_public_acls: true, ignore_public_acls: true}}"
MESSAGE = "{path} is {actual}, expected all of {expected}"
NEGATED = "{path} is {actual}, which is not allowed"


def judge(value: Value, argument: "dict[str, Any]", context: Context) -> Tri:
    """Whether each named attribute has its value; more attributes are allowed."""
    if is_nothing(value):
        return False
    plain = resolved(value)
    match plain:
        case Unknown():
            return maybe(plain)
        case None:
            return False
        case Encoded(tree=tree):
            return judge(tree, argument, context)
        case dict():
            return tri_all(same(plain.get(name), wanted) for name, wanted in argument.items())
        case Open(items=dict() as items, more=more):
            return tri_all(
                same(items[name], wanted) if name in items else maybe(more) for name, wanted in argument.items()
            )
    return wrong_type(value, "an object")
