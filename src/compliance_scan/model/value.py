"""The closed union of values that rules see, the same on all planes.

Known values are plain Python: `None` (null), `bool`, `int`, `float`, `str`, `list` and `dict`; a plain list or dict is
*closed* (nothing else is in it). They are never changed after they were made. What is not plainly known is one of the
classes below. None of them knows where it was written: spans and provenance come from the resource's source, on demand.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, TypeAlias, Union

Cause = Literal[
    "variable_without_value",
    "computed",
    "module_not_fetched",
    "unsupported_expression",
    "impure",
    "outside_root",
    "limit_reached",
    "denied",
    "throttled",
    "region_disabled",
    "unsupported",
    "not_collected",
    "ambiguous_join",
    "redacted",
    "error",
]


class _Plain:
    """What is known only in part: a class of plain slots, equal where all of them are, and never changed once made.

    A frozen dataclass costs a cold start a millisecond each, and four times as long for every one that is made.
    """

    __slots__: tuple[str, ...] = ()

    def _parts(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name in self.__slots__])

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and self._parts() == other._parts())

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"


class Unknown(_Plain):
    """A value that cannot be known here, with the reason; it flows through every operator."""

    __slots__ = ("cause", "detail", "not_null", "options", "symbol", "type")

    def __init__(
        self,
        cause: Cause,
        detail: str = "",
        type: str = "",  # noqa: A002 - as every other type is called
        not_null: bool = False,
        symbol: str = "",
        *,
        options: "tuple[Value, ...]" = (),
    ) -> None:
        self.cause: Cause = cause
        self.detail = detail
        """What exactly is not known, for people: `var.encrypted has no value`."""
        self.type = type
        """Terraform's type where it is known (`string`, `list(string)`), else empty."""
        self.not_null = not_null
        """True where the value is certainly neither null nor absent."""
        self.symbol = symbol
        """Two unknowns with the same non-empty symbol are one value (a variable of one root, an attribute of it)."""
        self.options = options
        """Where it is certainly one of some values (`c ? 1 : 2`), these; they may be unknown themselves. What is true
        of all of them is true. Empty where anything is possible. Who makes another value of it makes it of the options
        too, or leaves them out (`chosen`)."""

    def _parts(self) -> tuple[object, ...]:
        return (self.cause, self.detail, self.type, self.not_null, self.symbol)

    def __eq__(self, other: object) -> bool:
        return self is other or (
            type(other) is Unknown and self._parts() == other._parts() and self.options == other.options
        )

    __hash__ = _Plain.__hash__  # the options may be lists

    def __repr__(self) -> str:
        return f"Unknown({self.cause}: {self.detail})" if self.detail else f"Unknown({self.cause})"


class Reference(_Plain):
    """A traversal into another resource: the edge is kept whatever its value is."""

    __slots__ = ("address", "path", "presence", "value")

    def __init__(self, address: str, path: str, value: "Value", presence: bool | None = None) -> None:
        self.address = address
        """Address of the target, module path and instance key included: `module.a.aws_kms_key.k["x"]`."""
        self.path = path
        """What is read there: `arn`, `id`, `versioning[0].enabled`; empty for the whole resource."""
        self.value = value
        """What is written there where that is known, else an `Unknown`."""
        self.presence = presence
        """True: certainly exists. False: certainly not. None: the graph decides by the target and its schema."""

    def _parts(self) -> tuple[object, ...]:
        return (self.address, self.path, self.value, self.presence)


class Text(_Plain):
    """A template with known and unknown parts: `"${aws_s3_bucket.b.arn}/*"`; at least one part is not a `str`."""

    __slots__ = ("parts",)

    def __init__(self, parts: "tuple[str | Unknown | Reference, ...]") -> None:
        self.parts = parts


class Encoded(_Plain):
    """Text that encodes a tree (`jsonencode`, JSON in a heredoc, a policy document); holes are unknowns in the tree."""

    __slots__ = ("format", "text", "tree")

    def __init__(self, format: Literal["json", "yaml"], tree: "Value", text: str | None = None) -> None:  # noqa: A002
        self.format: Literal["json", "yaml"] = format
        self.tree = tree
        self.text = text
        """The text itself where it is wholly known; None where the tree has holes."""


class Open(_Plain):
    """A collection that holds these items and perhaps others."""

    __slots__ = ("each", "items", "more")

    def __init__(self, items: "list[Value] | dict[str, Value]", more: Unknown, each: "tuple[Value, ...]" = ()) -> None:
        self.items = items
        self.more = more
        """Why it is not known whether there are others."""
        self.each = each
        """Of a list: where all others are certainly like one of these, these; empty where nothing is known of them."""


class Absent:
    """Nothing is there: no attribute, no block, no part. Behaves like null in every operator."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent()

Scalar: TypeAlias = bool | int | float | str | None
Value: TypeAlias = Union[Scalar, "list[Value]", "dict[str, Value]", Unknown, Reference, Text, Encoded, Open, Absent]

Path: TypeAlias = tuple[str | int, ...]
"""Steps from a resource's attributes: `("ingress", 0, "cidr_blocks")`."""


def is_nothing(value: Value) -> bool:
    """Whether the value is null or absent, which rules treat alike."""
    return value is None or value is ABSENT


def resolved(value: Value) -> Value:
    """A reference's written value, anything else unchanged."""
    while isinstance(value, Reference):
        value = value.value
    return value


MAX_ALTERNATIVES: Final = 16
"""Values that are tried for one that may be several, choices within it multiplied."""


def alternatives(value: Value) -> "tuple[Value, ...]":
    """All that a value may be where it, or items of it, are one of several; nothing where it is not so or too much."""
    if isinstance(value, Unknown):
        return value.options
    if isinstance(value, Reference):
        return tuple([Reference(value.address, value.path, each, value.presence) for each in alternatives(value.value)])
    if isinstance(value, Open):
        return tuple([Open(each, value.more) for each in alternatives(value.items)])  # type: ignore[arg-type]
    if isinstance(value, list):
        return tuple([list(each) for each in _combined(value)])
    if isinstance(value, dict):
        return tuple([dict(zip(value, each, strict=True)) for each in _combined(list(value.values()))])
    return ()


def chosen(value: Value) -> Value:
    """A value that claims no choices, in itself or its items: for one that is read by another meaning than it has."""
    if isinstance(value, Unknown) and value.options:
        return Unknown(value.cause, value.detail, value.type, value.not_null, value.symbol)
    if isinstance(value, Reference) and alternatives(value):
        return Reference(value.address, value.path, chosen(value.value), value.presence)
    if isinstance(value, Open):
        items = chosen(value.items)
        return value if items is value.items else Open(items, value.more)  # type: ignore[arg-type]
    if isinstance(value, list) and any(isinstance(item, Unknown) and item.options for item in value):
        return [chosen(item) for item in value]
    if isinstance(value, dict) and any(isinstance(item, Unknown) and item.options for item in value.values()):
        return {key: chosen(item) for key, item in value.items()}
    return value


def _combined(items: "list[Value]") -> "list[tuple[Value, ...]]":
    """Items with all choices made in every way; nothing where there is none to make, or more than can be tried."""
    from math import prod

    choices = [alternatives(item) if isinstance(item, Unknown | Reference) else () for item in items]
    count = prod([len(choice) or 1 for choice in choices])
    if count == 1 or count > MAX_ALTERNATIVES:
        return []
    from itertools import product

    return list(product(*[choice or (item,) for choice, item in zip(choices, items, strict=True)]))


def hole(cause: Unknown) -> Unknown:
    """The unknown value that stands where `cause` keeps one from knowing: what is known of the cause's own value (that
    it is no null, its type, its symbol) says nothing of this one."""
    return Unknown(cause.cause, cause.detail)


def holes(value: Value) -> Iterator[Unknown]:
    """All unknowns inside a value, in order, without recursion (scanned trees may be deep)."""
    stack: list[Value] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Unknown):
            yield item
        elif isinstance(item, Reference):
            stack.append(item.value)
        elif isinstance(item, Text):
            stack.extend(reversed(item.parts))
        elif isinstance(item, Encoded):
            stack.append(item.tree)
        elif isinstance(item, Open):
            stack.append(item.more)
            stack.append(item.items)
        elif isinstance(item, dict):
            stack.extend(reversed(item.values()))
        elif isinstance(item, list):
            stack.extend(reversed(item))


@lru_cache(maxsize=4096)  # what many resources have in common is said over and over
def path_text(path: Path) -> str:
    """A path as people write it: `ingress[0].cidr_blocks`, `tags["a.b"]`."""
    out = ""
    for step in path:
        if isinstance(step, int):
            out += f"[{step}]"
        elif step.isascii() and step.replace("-", "_").isidentifier() and step[0] != "-":
            out += f".{step}" if out else step
        else:
            quoted = step.replace("\\", "\\\\").replace('"', '\\"')
            out += f'["{quoted}"]'
    return out
