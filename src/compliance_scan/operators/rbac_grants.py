"""A rule of an RBAC role that allows something."""

from typing import Any

from compliance_scan.model.logic import Maybe, Tri, maybe, tri_all, tri_any, tri_not
from compliance_scan.model.value import Open, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.compare import same
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.members import members
from compliance_scan.operators.kit.text import wrong_type

ARGUMENT = "map"
ON = "RBAC rules"
MEANS = (
    "the rule of a role allows any of these `verbs` on any of these `resources` (`pods/exec` for a part) of any of the "
    '`groups` (left out: `""`), stars included as the API server reads them; a rule that is limited to `resourceNames` '
    "counts only with `named: true`"
)
EXAMPLE = '{path: ".", rbac_grants: {verbs: [get, list], resources: [secrets]}}'
MESSAGE = "{path} is {actual}, expected a rule that allows {expected}"
NEGATED = "{path} is {actual}, which allows {expected}"
_KEYS = {"verbs": list, "resources": list, "groups": list, "named": bool}


def check(argument: "dict[str, Any]") -> str:
    """What is wrong with the argument, else empty."""
    for key, value in argument.items():
        if key not in _KEYS or not isinstance(value, _KEYS[key]):
            return "expected `verbs: [...]`, `resources: [...]`, and perhaps `groups: [...]` and `named: true`"
    return "" if {"verbs", "resources"} <= argument.keys() else "expected `verbs` and `resources`"


def judge(value: Value, argument: "dict[str, Any]", _context: Context) -> Tri:
    """Whether the rule allows one of the verbs on one of the resources."""
    if is_nothing(value):
        return False
    plain = resolved(value)
    if isinstance(plain, Unknown):
        return maybe(plain)
    more: Unknown | None = None
    rule: Any = plain
    if isinstance(plain, Open):
        rule, more = plain.items, plain.more
    if not isinstance(rule, dict):
        return wrong_type(value, "a rule of a role")

    def part(name: str) -> Value:
        found: Value = rule.get(name)
        return more if more is not None and is_nothing(found) else found

    verbs = _any(part("verbs"), argument["verbs"])
    if verbs is False:
        return False
    resources = _any(part("resources"), [name for wanted in argument["resources"] for name in _names(wanted)])
    if resources is False:
        return False
    unlimited: Tri = True if argument.get("named") else _nobody(part("resourceNames"))
    return tri_all((verbs, _any(part("apiGroups"), argument.get("groups", [""])), resources, unlimited))


def _names(resource: str) -> tuple[str, ...]:
    """How a rule may spell a resource besides `*`: a part also as `*/part`."""
    _main, slash, part = resource.partition("/")
    return (resource, f"*/{part}") if slash else (resource,)


def _any(value: Value, wanted: "list[str]") -> Tri:
    items = members(value) if not is_nothing(value) else None
    if items is None or isinstance(items, Maybe):
        return False if items is None else items
    if items.more is None and all(type(item) is str for item in items.values):  # as nearly all are
        return any(item == "*" or item in wanted for item in items.values)
    known = tri_any(same(item, name) for name in ("*", *wanted) for item in items.values)
    return known if items.more is None else tri_any((known, items.more))


def _nobody(value: Value) -> Tri:
    items = members(value) if not is_nothing(value) else None
    if items is None or isinstance(items, Maybe):
        return True if items is None else tri_not(items)
    return False if items.values else (True if items.more is None else items.more)
