"""A policy's statements as items of a quantifier: cursors over canonical ones that know where they were written."""

from compliance_scan.model.resource import Resource
from compliance_scan.model.value import ABSENT, Open, Path, Unknown, Value, path_text, resolved
from compliance_scan.model.view import Cursor, Item, Items, Standing
from compliance_scan.operators.kit.policy import NAMES, statements_of
from compliance_scan.shape.absence import because


def statement_items(policy: Cursor) -> Items:
    """The statements of the policy at a cursor."""
    found = statements_of(policy.value)
    return Items(
        [
            Item(StatementCursor(policy, statement.value, statement.path, (), index), True)
            for index, statement in enumerate(found.items)
        ],
        found.more,
    )


class StatementCursor:
    """A value inside a canonical statement."""

    __slots__ = ("_index", "_policy", "_steps", "_where", "value")

    def __init__(self, policy: Cursor, value: Value, where: Path, steps: Path, index: int) -> None:
        self._policy = policy
        self._where = where
        self._steps = steps
        self._index = index
        self.value: Value = value

    @property
    def resource(self) -> Resource:
        """Where the policy lies."""
        return self._policy.resource

    @property
    def path(self) -> Path:
        """The statement's place in the document, with the element as the document names it."""
        step = self._steps[0] if self._steps else None
        element = (NAMES[step],) if isinstance(step, str) and step in NAMES else ()
        return (*self._policy.path, *self._where, *element)

    @property
    def shown(self) -> str:
        """`policy.statements[0].actions`."""
        steps = path_text(self._steps)
        dot = "." if steps and not steps.startswith("[") else ""
        return f"{self._policy.shown}.statements[{self._index}]{dot}{steps}"

    @property
    def standing(self) -> Standing:
        """A statement is written, or there is nothing."""
        return "nothing" if self.value is None or self.value is ABSENT else "written"

    @property
    def sensitive(self) -> bool:
        """As the policy."""
        return self._policy.sensitive

    def get(self, path: Path) -> "StatementCursor":
        """The cursor below; what is not there is ABSENT, below an unknown is that unknown."""
        value: Value = self.value
        for step in path:
            value = _below(value, step)
        return StatementCursor(self._policy, value, self._where, (*self._steps, *path), self._index)

    def items(self) -> Items:
        """The items of a list, or of one thing where several are possible."""
        plain = resolved(self.value)
        more: Unknown | None = None
        if isinstance(plain, Open):
            more, plain = plain.more, plain.items
        if isinstance(plain, Unknown):
            return Items([], plain)
        if plain is None or plain is ABSENT:
            return Items([], None)
        count = len(plain) if isinstance(plain, list) else 0
        if isinstance(plain, list):
            return Items([Item(self.get((index,)), True) for index in range(count)], more)
        return Items([Item(self, True)], more)


def _below(value: Value, step: str | int) -> Value:
    plain = resolved(value)
    more: Unknown | None = None
    if isinstance(plain, Open):
        more, plain = plain.more, plain.items
    if isinstance(plain, Unknown):
        return because(plain, step)
    if isinstance(plain, list) and isinstance(step, int) and step < len(plain):
        return plain[step]
    if isinstance(plain, dict) and step in plain:
        return plain[str(step)]
    return ABSENT if more is None else because(more, step)
