"""What conditions are read against: the operators that there are, and the shared conditions of `_shared/`."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from compliance_scan import operators
from compliance_scan._yaml import Document, Place, nearest
from compliance_scan.operators.kit import arguments


class Operators:
    """Names and argument checks of all operators; modules are imported when their argument is checked."""

    @cache  # noqa: B019 - one instance for the life of the process
    def names(self) -> list[str]:
        """All operators, sorted."""
        return operators.names()

    def problem(self, name: str, argument: Any) -> str:
        """What is wrong with an operator's argument, else empty."""
        module = operators.load(name)
        if not arguments.fits(argument, module.ARGUMENT):
            return f"the argument must be {module.ARGUMENT.replace('|', ' or ')}"
        check = getattr(module, "check", None)
        return str(check(argument)) if check is not None else ""


OPERATORS = Operators()


class Shared(NamedTuple):
    """A shared condition: one file of `_shared/`, its name the file's."""

    document: Document
    arguments: Mapping[str, tuple[str, Any]]
    """Name to type and default (None: must be given)."""


class SharedConditions:
    """All shared conditions of a pack, and the built-in ones under them."""

    def __init__(self, conditions: Mapping[str, Shared]) -> None:
        self.conditions = conditions

    def expand(self, document: Document, place: Place, use: Mapping[str, Any]) -> tuple[Document, Any, Place]:
        """The condition that `{use: NAME, with: {...}}` stands for, its arguments filled in; raises `ConfigError`."""
        name = use["use"]
        shared = self.conditions.get(name) if isinstance(name, str) else None
        if shared is None:
            raise document.error((*place, "use"), f"no shared condition `{name}`{nearest(str(name), self.conditions)}")
        given = use.get("with") or {}
        document.require_keys((*place, "with"), given, shared.arguments, (), "argument")
        values: dict[str, Any] = {}
        for argument, (kind, default) in shared.arguments.items():
            value = given.get(argument, default)
            if value is None:
                raise document.error(place, f"`{name}` needs the argument `{argument}`")
            if not (isinstance(value, str) and value.startswith(("param.", "arg."))) and not arguments.fits(
                value, kind
            ):
                raise document.error((*place, "with", argument), f"`{argument}` must be {kind}")
            values[argument] = value
        return shared.document, _filled(shared.document.data["condition"], values), ("condition",)


def read_shared(document: Document) -> Shared:
    """A shared condition's file; raises `ConfigError`."""
    data = document.require_keys((), document.data, ("means", "arguments", "condition"), ("means", "condition"))
    found: dict[str, tuple[str, Any]] = {}
    for name, inside in (data.get("arguments") or {}).items():
        place = ("arguments", name)
        document.require_keys(place, inside, ("type", "default"), ("type",))
        kind, default = inside["type"], inside.get("default")
        if kind != "path" and not arguments.is_parameter_type(kind):
            raise document.error((*place, "type"), f"`{kind}` is no argument type")
        if default is not None and not arguments.fits(default, kind):
            raise document.error((*place, "default"), f"the default is no {kind}")
        found[name] = (kind, default)
    return Shared(document, found)


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value.startswith("arg.") and value[4:] in values:
        return values[value[4:]]
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    return value
