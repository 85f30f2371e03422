"""What a workload or a service account may do in AWS, in words: by which role, and what that role's policies say."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan.model.resource import Resource, Span
from compliance_scan.model.value import Open, Text, Unknown, Value, is_nothing, resolved
from compliance_scan.model.view import Cursor, surely

if TYPE_CHECKING:
    from compliance_scan.shape.world import World

MAX_STATEMENTS = 100


class Rights(NamedTuple):
    """One role of a workload."""

    role: str
    """Its address, else its ARN."""
    through: str
    """`annotation` or `pod_identity`."""
    says: list[str]
    """`Allow s3:GetObject on arn:aws:s3:::data/*`, one a statement."""
    unknown: str | None
    """Why there may be more."""
    where: Span | None
    """Where the role is given."""


def may_do(world: "World", resource: Resource) -> Iterator[Rights]:
    """The roles of a service account, or of the account that a workload runs as, where both were read."""
    for subject in _accounts(world, resource):
        for item in subject.get(("awsRoles",)).items().items:
            cursor = item.cursor
            role, arn = cursor.get(("role",)).value, cursor.get(("arn",)).value
            statements = surely(cursor.get(("statements",)).items())
            said = [_said(each.cursor) for each in statements.items[:MAX_STATEMENTS]]
            unread = None if not is_nothing(role) else "the role was not read"
            more = statements.more.detail or statements.more.cause if statements.more is not None else unread
            yield Rights(
                _word(role) if not is_nothing(role) else _word(arn),
                _word(cursor.get(("through",)).value),
                said,
                more,
                cursor.resource.source.span_of(cursor.path),
            )


def _accounts(world: "World", resource: Resource) -> Iterator[Cursor]:
    if resource.type == "ServiceAccount":
        yield world.cursor(resource)
    yield from (pod for pod in world.subjects(("pod",)) if pod.resource is resource)


def _said(statement: Cursor) -> str:
    def words(*names: str) -> str:
        for name in names:
            value = statement.get((name,)).value
            if not is_nothing(value) and value != []:
                return ("all but " if name.startswith("not_") else "") + _word(value)
        return "(nothing)"

    limits = statement.get(("conditions",)).value
    condition = ", under conditions" if not is_nothing(limits) and limits != [] else ""
    effect, actions = _word(statement.get(("effect",)).value), words("actions", "not_actions")
    return f"{effect} {actions} on {words('resources', 'not_resources')}{condition}"


def _word(value: Value) -> str:
    plain: Any = resolved(value)
    if isinstance(plain, Open):
        return f"{_word(plain.items)} and others"
    if isinstance(plain, list):
        return ", ".join(map(_word, plain))
    if isinstance(plain, Text):
        return "".join(part if isinstance(part, str) else _word(part) for part in plain.parts)
    if isinstance(plain, Unknown):
        return f"({plain.detail or 'not known'})"
    return str(plain)
