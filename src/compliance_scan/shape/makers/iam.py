"""Statements of IAM policies in the operators' canonical form, from JSON, policy documents and attachments, each where
it was written."""

from typing import TYPE_CHECKING, Any

from compliance_scan.model.value import Open, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Cursor, Item, Items, surely
from compliance_scan.operators.kit.policy import NAMES, statements_of
from compliance_scan.shape.cursor import Frame
from compliance_scan.shape.made import Made, Shaped, shaped, spot

if TYPE_CHECKING:
    from compliance_scan.shape.world import World


def statements(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """The statements of a policy in JSON at `base`."""
    return of_policy(base)


def inline_policies(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """The statements of all `inline_policy` blocks of a role."""
    found = base.items()
    items: list[Item] = []
    more = found.more
    for block in found.items:
        policy = of_policy(shaped(block.cursor).step("policy"))
        items += [Item(item.cursor, block.present) for item in policy.items]
        more = more or policy.more
    return Items(items, more)


def of_policy(base: Shaped) -> Items:
    """The statements of the policy at a cursor; nothing declares none, an unknown policy may hold any."""
    found = statements_of(base.value)
    items = []
    for statement in found.items:
        where = (*base.path, *statement.path)
        fields = {
            name: spot(base.frame, (*where, NAMES.get(name, name)), (), value)
            for name, value in statement.value.items()
        }
        items.append(Item(Made(base.frame, where, (), fields), True))
    return Items(items, found.more)


def document(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """The statements that an `aws_iam_policy_document` writes itself."""
    found = base.items()
    return Items([Item(_written(shaped(item.cursor)), item.present) for item in found.items], found.more)


_BLOCKS = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
    "Sid": "sid",
    "Effect": "effect",
}
_WRITTEN = {"principals": "principals", "not_principals": "not_principals", "conditions": "condition"}


def _written(block: Shaped) -> Made:
    """A statement block as the canonical statement of the JSON that it renders to."""
    tree: dict[str, Value] = {name: block.step(written).value for name, written in _BLOCKS.items()}
    tree["Principal"] = _principals(block.step("principals"))
    tree["NotPrincipal"] = _principals(block.step("not_principals"))
    tree["Condition"] = _conditions(block.step("condition"))
    found = statements_of([tree]).items[0].value
    fields: dict[str, Any] = {
        name: spot(block.frame, block.step(_WRITTEN.get(name, name)).path, (), value) for name, value in found.items()
    }
    return Made(block.frame, block.path, (), fields)


def _principals(blocks: Shaped) -> Value:
    found: dict[str, Value] = {}
    items = surely(blocks.items())
    more = items.more
    for item in items.items:
        kind = resolved(item.cursor.get(("type",)).value)
        if not isinstance(kind, str):
            more = more or (kind if isinstance(kind, Unknown) else Unknown("error", "a principal without a type"))
            continue
        kind = "AWS" if kind == "*" else kind
        found[kind] = _joined(found.get(kind), item.cursor.get(("identifiers",)).value)
    return Open(found, more) if more is not None else found or None


def _conditions(blocks: Shaped) -> Value:
    found: dict[str, Value] = {}
    items = surely(blocks.items())
    more = items.more
    for item in items.items:
        test = resolved(item.cursor.get(("test",)).value)
        key = resolved(item.cursor.get(("variable",)).value)
        unknown = next((value for value in (test, key) if isinstance(value, Unknown)), None)
        if not isinstance(test, str) or not isinstance(key, str):
            more = more or unknown or Unknown("error", "a condition without a test or a variable")
            continue
        tests = found.setdefault(test, {})
        assert isinstance(tests, dict)
        tests[key] = _joined(tests.get(key), item.cursor.get(("values",)).value)
    return Open(found, more) if more is not None else found or None


def _joined(before: Value, value: Value) -> Value:
    """Two lists as one; open where one of them is."""
    if before is None:
        return value
    lists: list[Value] = []
    more: Unknown | None = None
    for part in (before, value):
        plain = resolved(part)
        if isinstance(plain, Open):
            more, plain = more or plain.more, plain.items
        if isinstance(plain, list):
            lists += plain
        elif isinstance(plain, Unknown):
            more = more or plain
    return Open(lists, more) if more is not None else lists


def attached(world: "World", base: Shaped, _owner: Frame) -> Items:
    """The statements of the policies that an attachment, or a list of ARNs, names."""
    found: list[Item] = []
    more: Unknown | None = None
    facts = world.catalog.type("aws_iam_policy")
    keys = facts.keys if facts is not None else (("arn",),)
    for value in _arns(base):
        named = world.named(value, base.resource, "aws_iam_policy", keys)
        for match in named.matches:
            policy = of_policy(world.cursor(match.resource).get(("policy",)))
            more = more or policy.more
            found += [Item(item.cursor, item.present if match.sure is True else match.sure) for item in policy.items]
        if named.loose is not None:
            more = more or _managed(value, named.loose)
    return Items(found, more)


def _arns(base: Cursor) -> list[Value]:
    value = base.value
    plain = resolved(value)
    if is_nothing(plain):
        return []
    if isinstance(plain, list):
        return list(plain)
    if isinstance(plain, Open) and isinstance(plain.items, list):
        return [*plain.items, plain.more]
    return [value]


def _managed(value: Value, loose: Unknown) -> Unknown:
    plain = resolved(value)
    if isinstance(plain, str) and ":aws:policy/" in plain:
        return Unknown("not_collected", f"what {plain} allows is decided by AWS", not_null=True)
    return loose


def arns(_world: "World", base: Shaped, _owner: Frame) -> Items:
    """The ARNs of the policies that an attachment, or a list, names: one text an item."""
    plain = resolved(base.value)
    more: Unknown | None = None
    if isinstance(plain, Unknown) and base.standing == "nothing":
        return Items((), None)
    if isinstance(plain, Open) and isinstance(plain.items, list):
        more = plain.more
    return Items([Item(spot(base.frame, base.path, (), one), True) for one in _arns(base) if one is not more], more)
