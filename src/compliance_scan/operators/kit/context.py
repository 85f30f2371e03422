"""What an operator may know beside its value: the date, the name of the attribute, its neighbours, the graph."""

from collections.abc import Callable, Sequence
from datetime import date

from compliance_scan.model.logic import Maybe, Tri
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import ABSENT, Path, Reference, Value
from compliance_scan.model.view import Cursor


class Context:
    """One is made a run; the evaluator moves `cursor` along."""

    __slots__ = ("_key_owner", "_named", "_presence", "_targets", "as_of", "cursor")

    def __init__(
        self,
        as_of: date,
        presence: Callable[[Reference, str | None], Tri] | None = None,
        cursor: Cursor | None = None,
        *,
        targets: Callable[[Reference, str], Sequence[Resource]] | None = None,
        named: Callable[[Value, Resource, str], Sequence[Resource]] | None = None,
        key_owner: Callable[[Resource, str], "str | Maybe | None"] | None = None,
    ) -> None:
        self.as_of = as_of
        """The day that stands for today: `--as-of`."""
        self.cursor = cursor
        """Where the judged value lies; None in tests of plain values."""
        self._presence = presence
        self._targets = targets
        self._named = named
        self._key_owner = key_owner

    @property
    def key(self) -> str:
        """The last name on the value's path: `password`, `retention_in_days`."""
        if self.cursor is not None:
            for step in reversed(self.cursor.path):
                if isinstance(step, str):
                    return step
        return ""

    @property
    def type(self) -> str:
        """The type of the resource in which the value lies."""
        return "" if self.cursor is None else self.cursor.resource.type

    def beside(self, path: Path) -> Value:
        """The attribute of the same resource as written there (an `engine` beside its `engine_version`)."""
        if self.cursor is None:
            return ABSENT
        value: Value = None
        attributes = self.cursor.resource.attributes
        if path and path[0] in attributes:
            value = attributes[str(path[0])]
        return ABSENT if value is None else value

    def targets(self, reference: Reference) -> Sequence[Resource]:
        """What was read at the address of a reference, in the root of the judged resource."""
        if self._targets is None or self.cursor is None:
            return ()
        return self._targets(reference, self.cursor.resource.root)

    def named(self, value: Value, kind: str) -> Sequence[Resource]:
        """The resources of a type that a value written in the judged resource certainly names."""
        return () if self._named is None or self.cursor is None else self._named(value, self.cursor.resource, kind)

    @property
    def plane(self) -> str:
        """Where the value comes from: `code`, `plan`, `state` or `live`."""
        return "code" if self.cursor is None else self.cursor.resource.plane

    def presence(self, reference: Reference) -> Tri | None:
        """Whether a reference's target value certainly exists; None where no graph is at hand."""
        root = None if self.cursor is None else self.cursor.resource.root
        return None if self._presence is None else self._presence(reference, root)

    def key_owner(self, key: str) -> "str | Maybe | None":
        """Whose the KMS key with an id or ARN is, or why that cannot be told; None where no account was listed."""
        if self._key_owner is None or self.cursor is None:
            return None
        return self._key_owner(self.cursor.resource, key)
