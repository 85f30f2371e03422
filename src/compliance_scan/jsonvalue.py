"""Values as plain JSON, with what is not known named beside them: for the inventory and for telling whether two
revisions of a resource differ."""

from typing import TYPE_CHECKING, Any

from compliance_scan.model.value import (
    Encoded,
    Open,
    Path,
    Reference,
    Text,
    Unknown,
    Value,
    is_nothing,
    path_text,
    resolved,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from compliance_scan.model.resource import Resource

MAX_DEPTH = 60
SENSITIVE = "(sensitive)"
ENVIRONMENT = "(environment)"


class Plain:
    """Turns values into JSON; `unknown` collects path to cause."""

    def __init__(self, masked: "Collection[Path]" = (), environment: "Collection[Path]" = ()) -> None:
        self.unknown: dict[str, str] = {}
        self._masked = frozenset(masked)
        self._environment = frozenset(environment)

    def of(self, value: Value, path: Path = ()) -> Any:
        """The value at a path; what is not known is None there and named in `unknown`."""
        if path in self._environment:
            return None if is_nothing(value) else ENVIRONMENT
        if path in self._masked:
            return None if is_nothing(value) else SENSITIVE
        if len(path) > MAX_DEPTH:
            return self._not_known(path, "limit_reached")
        match value:
            case Unknown(cause=cause):
                return self._not_known(path, cause)
            case Reference():
                inner = resolved(value)
                return reference_text(value) if isinstance(inner, Unknown) else self.of(inner, path)
            case Text(parts=parts):
                return "".join(part if isinstance(part, str) else _part(part) for part in parts)
            case Encoded(tree=tree):
                return self.of(tree, path)
            case Open(items=items, more=more):
                self._not_known((*path, "*"), more.cause)
                return self.of(items, path)
            case dict():
                return {str(key): self.of(item, (*path, str(key))) for key, item in value.items()}
            case list() | tuple():
                return [self.of(item, (*path, index)) for index, item in enumerate(value)]
            case bool() | int() | float() | str():
                return value
        return None

    def _not_known(self, path: Path, cause: str) -> None:
        self.unknown[path_text(path)] = cause


def reference_text(value: Reference) -> str:
    """A reference to what is not known here, as it could be written: `${aws_kms_key.a.arn}`."""
    return f"${{{value.address}{'.' if value.path else ''}{value.path}}}"


def digest(resource: "Resource") -> str:
    """Equal for two readings of a resource that say the same, whatever their places."""
    import json

    plain = Plain()
    written = {name: plain.of(resource.attributes[name], (name,)) for name in sorted(resource.attributes)}
    return json.dumps([written, plain.unknown, resource.conditional is not None], sort_keys=True, default=str)


def _part(part: Unknown | Reference) -> str:
    inner = resolved(part)
    if isinstance(part, Reference) and isinstance(inner, Unknown):
        return reference_text(part)
    return inner if isinstance(inner, str) else "${…}"
