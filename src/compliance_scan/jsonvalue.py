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
from compliance_scan.operators.kit.secrets import is_secret_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from compliance_scan.model.resource import Resource

MAX_DEPTH = 60
SENSITIVE = "(sensitive)"
ENVIRONMENT = "(environment)"


class Plain:
    """Turns values into JSON; `unknown` collects path to cause."""

    def __init__(
        self, masked: "Collection[Path]" = (), environment: "Collection[Path]" = (), *, secrets: bool = True
    ) -> None:
        """`masked` and `environment` are paths whose values are not shown (of every item of a list); with `secrets`
        what looks like a secret is not shown either."""
        self._secrets = secrets
        self.unknown: dict[str, str] = {}
        self._masked = frozenset(map(_shape, masked))
        self._environment = frozenset(map(_shape, environment))

    def of(self, value: Value, path: Path = ()) -> Any:
        """The value at a path; what is not known is None there and named in `unknown`."""
        if self._environment and _shape(path) in self._environment:
            return None if is_nothing(value) else ENVIRONMENT
        if self._masked and _shape(path) in self._masked:
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
                if self._secrets and (label := _label(value)) and is_secret_text(resolved_text(value["value"]), label):
                    value = {**value, "value": SENSITIVE}
                return {str(key): self.of(item, (*path, str(key))) for key, item in value.items()}
            case list() | tuple():
                return [self.of(item, (*path, index)) for index, item in enumerate(value)]
            case str():
                return SENSITIVE if self._secrets and is_secret_text(value, _key(path)) else value
            case bool() | int() | float():
                return value
        return None

    def _not_known(self, path: Path, cause: str) -> None:
        self.unknown[path_text(path)] = cause


def reference_text(value: Reference) -> str:
    """A reference to what is not known here, as it could be written: `${aws_kms_key.a.arn}`."""
    return f"${{{value.address}{'.' if value.path else ''}{value.path}}}"


def _shape(path: Path) -> Path:
    return tuple(step for step in path if isinstance(step, str))


def _key(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _label(value: "dict[str, Value]") -> str:
    """The name that the value of a pair goes by: `{name: DB_PASSWORD, value: …}`."""
    if "value" not in value:
        return ""
    label = value.get("name", value.get("Name", value.get("key")))
    return label if isinstance(label, str) else ""


def resolved_text(value: Value) -> str:
    """The known text of a value, empty where there is none."""
    known = resolved(value)
    return known if isinstance(known, str) else ""


def digest(resource: "Resource") -> str:
    """Equal for two readings of a resource that say the same, whatever their places."""
    import json

    plain = Plain(secrets=False)
    written = {name: plain.of(resource.attributes[name], (name,)) for name in sorted(resource.attributes)}
    return json.dumps([written, plain.unknown, resource.conditional is not None], sort_keys=True, default=str)


def _part(part: Unknown | Reference) -> str:
    inner = resolved(part)
    if isinstance(part, Reference) and isinstance(inner, Unknown):
        return reference_text(part)
    return inner if isinstance(inner, str) else "${…}"
