"""A map has these keys."""

from compliance_scan.model.logic import Tri, maybe, tri_all, tri_not
from compliance_scan.model.value import Encoded, Open, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.empty import is_nothing_here
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import options, wrong_type

ARGUMENT = "string|list(string)"
ON = "maps"
MEANS = "the map has every one of these keys, with a value"
EXAMPLE = "{path: tags, has_keys: param.required}"
MESSAGE = "{path} is {actual}, expected the keys {expected}"
NEGATED = "{path} is {actual}, expected not all of the keys {expected}"


def judge(value: Value, argument: "str | list[str]", context: Context) -> Tri:
    """Whether each key is there with a value that is not null."""
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
            return tri_all(tri_not(is_nothing_here(plain.get(key), context)) for key in options(argument))
        case Open(items=dict() as items, more=more):
            return tri_all(
                tri_not(is_nothing_here(items[key], context)) if key in items else maybe(more)
                for key in options(argument)
            )
    return wrong_type(value, "a map")
