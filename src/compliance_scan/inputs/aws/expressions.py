"""The expressions of collectors and seeds: JMESPath with our own functions, and texts with `${…}` holes.

An expression is evaluated over a context: the fields of an item, and beside them names that begin with `_` (what
describing gave, `_item`, `_parent`, `_account`, `_region`, `_partition`). `docs/collectors.md` has the whole list.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError

from compliance_scan.errors import ConfigError
from compliance_scan.inputs.aws.functions import FUNCTIONS, dig

Context = Mapping[str, Any]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\Z")
HOLE = re.compile(r"\$\{([^}]*)\}")


def _register() -> Any:
    """Our functions in the form in which JMESPath takes them: a class of methods that bear their signature."""

    def method(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(_self: Any, *arguments: Any) -> Any:
            return function(*arguments)

        call.signature = ({"types": []},) * function.__code__.co_argcount  # type: ignore[attr-defined]
        return call

    methods = {f"_func_{name}": method(function) for name, function in FUNCTIONS.items()}
    return type("_Functions", (functions.Functions,), methods)()


_OPTIONS = jmespath.Options(custom_functions=_register())


class Expression:
    """One compiled expression."""

    __slots__ = ("_evaluate", "names", "text")

    def __init__(self, text: str) -> None:
        """Raises `ConfigError` where the text is no expression."""
        self.text = text
        self.names: frozenset[str]
        """The names beginning with `_` that it reads at the top of its context."""
        if "${" in text:
            parts = [Expression(part) for part in HOLE.findall(text)]
            self.names = frozenset().union(*(part.names for part in parts))
            self._evaluate: Callable[[Any], Any] = _template(HOLE.split(text)[::2], parts)
            return
        try:
            parsed = jmespath.compile(text)
        except JMESPathError as error:
            raise ConfigError(f"`{text}` is no JMESPath: {error}", "docs/collectors.md describes expressions") from None
        self.names = frozenset(_names(parsed.parsed))
        self._evaluate = _plain(text.split(".")) if _PLAIN.match(text) else _search(parsed)

    def __call__(self, context: Any) -> Any:
        """The value over a context, None where there is none; raises `ValueError` where a function refuses its
        argument."""
        return self._evaluate(context)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


@cache
def expression(text: str) -> Expression:
    """The compiled form of a text; raises `ConfigError`."""
    return Expression(text)


def _plain(steps: list[str]) -> Callable[[Any], Any]:
    """Most expressions are a path: walking it is twenty times as fast as JMESPath's interpreter."""
    if len(steps) == 1:
        only = steps[0]
        return lambda context: context.get(only) if isinstance(context, dict) else None
    return lambda context: dig(context, steps)


def _search(parsed: Any) -> Callable[[Any], Any]:
    def search(context: Any) -> Any:
        try:
            return parsed.search(context, options=_OPTIONS)
        except (JMESPathError, TypeError, AttributeError, KeyError) as error:
            raise ValueError(f"{parsed.expression}: {error}") from error

    return search


def _template(texts: list[str], parts: list[Expression]) -> Callable[[Any], Any]:
    def fill(context: Any) -> Any:
        out = texts[0]
        for part, text in zip(parts, texts[1:], strict=True):
            value = part(context)
            if value is None:
                return None
            out += f"{value}{text}"
        return out

    return fill


def _names(node: Any) -> set[str]:
    found: set[str] = set()
    stack = [node]
    while stack:
        here = stack.pop()
        if here.get("type") == "field" and str(here["value"]).startswith("_"):
            found.add(here["value"])
        stack.extend(child for child in here.get("children", ()) if isinstance(child, dict))
    return found


class Arguments:
    """The arguments of a call: texts with a leading `$` are expressions, `$$` is a dollar, `${…}` are holes."""

    __slots__ = ("_fill", "names", "spec")

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.spec = spec
        names: set[str] = set()
        self._fill = _argument(dict(spec), names)
        self.names = frozenset(names)

    def __call__(self, context: Any) -> dict[str, Any]:
        """The arguments over a context, without what is null and what is empty for that reason."""
        made = _bare(self._fill(context))
        return made if isinstance(made, dict) else {}


def _argument(spec: Any, names: set[str]) -> Callable[[Any], Any]:
    if isinstance(spec, str) and "$" in spec:
        if spec.startswith("$$"):
            text = spec[1:]
            return lambda _context: text
        if spec.startswith("$") and not spec.startswith("${"):
            made = expression(spec[1:])
        elif "${" in spec:
            made = expression(spec)
        else:
            return lambda _context: spec
        names |= made.names
        return made
    if isinstance(spec, dict):
        inner = {key: _argument(value, names) for key, value in spec.items()}
        return lambda context: {key: fill(context) for key, fill in inner.items()} if inner else _EMPTY
    if isinstance(spec, list):
        each = [_argument(value, names) for value in spec]
        return lambda context: [fill(context) for fill in each] if each else []
    return lambda _context: spec


_EMPTY: Final[dict[str, Any]] = {}
"""A `{}` that was written as such is meant."""


def _bare(value: Any) -> Any:
    if value is _EMPTY:
        return {}
    if isinstance(value, dict):
        kept = {key: bare for key, item in value.items() if (bare := _bare(item)) is not None}
        return kept or (None if value else {})
    if isinstance(value, list):
        items = [bare for item in value if (bare := _bare(item)) is not None]
        return items if items or not value else None
    return value
