"""From a condition as it is written to its compiled form (see `model.rule`), with every mistake at its line."""

from collections.abc import Mapping
from typing import Any

from compliance_scan._yaml import Document, Place, nearest, places
from compliance_scan.errors import ConfigError
from compliance_scan.model.rule import ANY, PARAMETER, VALUE_OF, Condition, Parameter
from compliance_scan.model.value import Path
from compliance_scan.operators.kit import arguments
from compliance_scan.ruleset import paths
from compliance_scan.ruleset.lookup import OPERATORS, SharedConditions

QUANTIFIERS = ("every", "some", "none")
WORDS = ("all", "any", "not", *QUANTIFIERS, "count", "use", "path")
COUNT_OPERATORS = ("at_least", "at_most", "between", "equals")
HOMES = ("account", "region", "namespace")


class Reader:
    """Compiles the conditions of one file; `reads` gathers the paths that they read, for linting."""

    def __init__(
        self, document: Document, parameters: Mapping[str, Parameter], shared: SharedConditions, depth: int = 0
    ) -> None:
        self.document = document
        self.parameters = parameters
        self.shared = shared
        self.depth = depth
        self.reads: list[tuple[Place, tuple[Any, ...]]] = []
        """(place, chain): the chain starts at the judged resource; its members are steps, or a source of another
        resource; ends with the path's steps."""

    def read(self, value: Any, place: Place, base: "tuple[Any, ...]" = ()) -> Condition:
        """The compiled condition at a place; raises `ConfigError`."""
        if isinstance(value, list):
            if not value:
                raise self._error(place, "an empty list of conditions")
            children = [self.read(item, (*place, index), base) for index, item in enumerate(value)]
            return children[0] if len(children) == 1 else ("all", children)
        if not isinstance(value, dict):
            raise self._error(place, "a condition is a mapping, or a list of them")
        found = [word for word in WORDS if word in value]
        if not found:
            names = [*WORDS, *OPERATORS.names()]
            first = next(iter(value), "")
            raise self._error(place, f"no condition: `{first}` is none of them{nearest(str(first), names)}")
        if len(found) > 1:
            raise self._error(place, f"one condition holds both `{found[0]}` and `{found[1]}`; make it a list")
        word = found[0]
        where = (*place, word)
        match word:
            case "all" | "any":
                self._only(value, place, (word,))
                return self._group(word, value[word], where, base)
            case "not":
                self._only(value, place, ("not",))
                return ("not", self.read(value["not"], where, base))
            case "count":
                return self._count(value, place, base)
            case "use":
                return self._use(value, place, base)
            case "path":
                return self._leaf(value, place, base)
        self._only(value, place, (word,))
        return self._each(word, value[word], where, base)

    def _error(self, place: Place, message: str, hint: str = "") -> ConfigError:
        return self.document.error(place, message, hint)

    def _only(self, value: Mapping[str, Any], place: Place, allowed: tuple[str, ...]) -> None:
        for key in value:
            if key not in allowed:
                raise self._error((*place, key), f"`{key}` does not go with `{allowed[0]}`{nearest(key, allowed)}")

    def _group(self, word: str, value: Any, place: Place, base: "tuple[Any, ...]") -> Condition:
        if not isinstance(value, list) or not value:
            raise self._error(place, f"`{word}` takes a list of conditions")
        return (word, [self.read(item, (*place, index), base) for index, item in enumerate(value)])

    def _path(self, text: Any, place: Place, base: "tuple[Any, ...]") -> Path:
        if not isinstance(text, str):
            raise self._error(place, "a path is text")
        try:
            steps = paths.parse(text)
        except ValueError as error:
            raise self._error(place, str(error)) from None
        self.reads.append((place, (*base, *steps) if steps[:1] != ("^",) else steps[1:]))
        return steps

    def _leaf(self, value: Mapping[str, Any], place: Place, base: "tuple[Any, ...]") -> Condition:
        names = [key for key in value if key != "path"]
        if len(names) != 1:
            what = "one operator" if not names else f"one operator, not both `{names[0]}` and `{names[1]}`"
            raise self._error(place, f"a leaf is a path and {what}", "operators: " + ", ".join(OPERATORS.names()))
        path = self._path(value["path"], (*place, "path"), base)
        argument, dynamic = self._argument(names[0], value[names[0]], (*place, names[0]), base)
        return ("leaf", path, names[0], argument, dynamic)

    def _argument(self, name: str, value: Any, place: Place, base: "tuple[Any, ...]") -> tuple[Any, bool]:
        if name not in OPERATORS.names():
            raise self._error(place, f"unknown operator `{name}`{nearest(name, OPERATORS.names())}")
        if isinstance(value, dict) and set(value) == {VALUE_OF}:
            steps = self._path(value[VALUE_OF], (*place, VALUE_OF), base)
            return {VALUE_OF: steps}, True
        dynamic = False
        filled = value
        for where, item in places(value, place):
            if isinstance(item, str) and item.startswith(PARAMETER):
                parameter = self.parameters.get(item[len(PARAMETER) :])
                if parameter is None:
                    raise self._error(
                        where,
                        f"no parameter `{item[len(PARAMETER) :]}`{nearest(item[len(PARAMETER) :], self.parameters)}",
                        "declare it under `parameters:`",
                    )
                filled = _with(filled, where[len(place) :], sample(parameter))
                dynamic = True
        problem = OPERATORS.problem(name, filled)
        if problem:
            raise self._error(place, f"`{name}`: {problem}")
        return value, dynamic

    def _source(self, value: Any, place: Place, base: "tuple[Any, ...]") -> "tuple[Condition, tuple[Any, ...]]":
        """A quantified collection, and the base of the paths inside it."""
        if isinstance(value, str):
            steps = self._path(value, place, base)
            inner = (*base, *steps) if steps[:1] != ("^",) else steps[1:]
            return ("path", steps), (*inner, "*")
        if isinstance(value, dict) and len(value) == 1:
            kind, inside = next(iter(value.items()))
            if kind == "statements":
                steps = self._path(inside, (*place, kind), base)
                return ("statements", steps), (("statements",),)
            if kind == "related":
                return self._related(inside, (*place, kind), base)
        raise self._error(
            place, "`in` takes a path, `{related: ...}` or `{statements: PATH}`", "in: entries, in: {related: account}"
        )

    def _related(self, value: Any, place: Place, base: "tuple[Any, ...]") -> "tuple[Condition, tuple[Any, ...]]":
        if isinstance(value, str):
            if value not in HOMES:
                raise self._error(place, f"`related: {value}` is none of {', '.join(HOMES)}{nearest(value, HOMES)}")
            return ("related", value, "home", ()), (("type", value),)
        if isinstance(value, dict) and "any" in value:
            return self._referring(value, place)
        self.document.require_keys(place, value, ("type", "by", "to", "selects"), ("type",))
        kinds = [kind for kind in ("by", "to", "selects") if kind in value]
        if len(kinds) != 1:
            raise self._error(place, "`related` takes a type and one of `by`, `to`, `selects`")
        kind = kinds[0]
        if not isinstance(value["type"], str):
            raise self._error((*place, "type"), "a type is text")
        other = (("type", value["type"]),)
        steps = self._path(value[kind], (*place, kind), other if kind == "by" else base)
        return ("related", value["type"], kind, steps), other

    def _referring(self, value: Mapping[str, Any], place: Place) -> "tuple[Condition, tuple[Any, ...]]":
        """Whoever refers to us: `any` is a pattern of the attribute's own name, `except` lists types that do not count,
        `live` those of which an account is asked."""
        self.document.require_keys(place, value, ("any", "except", "live"), ("any", "live"))
        lists = [value.get("except", []), value["live"]]
        if not isinstance(value["any"], str) or not value["any"]:
            raise self._error((*place, "any"), "`any` is a pattern of attributes' names, as `*security_group*`")
        for name, kinds in zip(("except", "live"), lists, strict=True):
            if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
                raise self._error((*place, name), f"`{name}` is a list of types")
            self.reads.extend(((*place, name), (("type", kind),)) for kind in kinds)
        return ("related", ANY, "any", [value["any"]], *lists), (("type", ANY),)

    def _each(self, word: str, value: Any, place: Place, base: "tuple[Any, ...]") -> Condition:
        allowed = ("in", "where", "assert", "empty") if word == "every" else ("in", "where", "assert")
        self.document.require_keys(place, value, allowed, ("in",))
        source, inner = self._source(value["in"], (*place, "in"), base)
        where = self.read(value["where"], (*place, "where"), inner) if "where" in value else None
        assertion = self.read(value["assert"], (*place, "assert"), inner) if "assert" in value else None
        empty = value.get("empty")
        if word == "every":
            if assertion is None:
                raise self._error(place, "`every` lacks `assert`")
            if empty not in ("pass", "fail", "not_applicable"):
                raise self._error(
                    (*place, "empty"),
                    "`every` must say what it means that there is no item: `empty: pass`, `fail` or `not_applicable`",
                )
        return ("each", word, source, where, assertion, empty)

    def _count(self, value: Mapping[str, Any], place: Place, base: "tuple[Any, ...]") -> Condition:
        names = [key for key in value if key != "count"]
        if len(names) != 1 or names[0] not in COUNT_OPERATORS:
            raise self._error(place, f"`count` takes one of {', '.join(COUNT_OPERATORS)} beside it")
        where = (*place, "count")
        inside = self.document.require_keys(where, value["count"], ("in", "where", "assert", "distinct"), ("in",))
        source, inner = self._source(inside["in"], (*where, "in"), base)
        condition = self.read(inside["where"], (*where, "where"), inner) if "where" in inside else None
        assertion = self.read(inside["assert"], (*where, "assert"), inner) if "assert" in inside else None
        distinct = self._path(inside["distinct"], (*where, "distinct"), inner) if "distinct" in inside else None
        argument, dynamic = self._argument(names[0], value[names[0]], (*place, names[0]), base)
        return ("count", source, condition, assertion, distinct, names[0], argument, dynamic)

    def _use(self, value: Mapping[str, Any], place: Place, base: "tuple[Any, ...]") -> Condition:
        self._only(value, place, ("use", "with"))
        if self.depth > 8:
            raise self._error(place, "shared conditions use one another more than 8 deep")
        document, body, at = self.shared.expand(self.document, place, value)
        inner = Reader(document, self.parameters, self.shared, self.depth + 1)
        condition = inner.read(body, at, base)
        self.reads.extend(((*place, "use"), chain) for _where, chain in inner.reads)
        return condition


def sample(parameter: Parameter) -> Any:
    """A value of a parameter's type: its default, else any."""
    if parameter.default is not None:
        return parameter.default
    samples: dict[str, Any] = {
        "string": "x",
        "number": 1,
        "bool": True,
        "port": 22,
        "cidr": "10.0.0.0/8",
        "duration": "1d",
    }
    kind, wraps = parameter.type, 0
    while kind.startswith("list("):
        kind, wraps = kind[5:-1], wraps + 1
    value = samples[kind]
    for _ in range(wraps):
        value = [value]
    return value


def _with(value: Any, place: Place, new: Any) -> Any:
    """A copy of a value with another one at a place."""
    if not place:
        return new
    if isinstance(value, list):
        return [_with(item, place[1:], new) if index == place[0] else item for index, item in enumerate(value)]
    return {key: _with(item, place[1:], new) if key == place[0] else item for key, item in value.items()}


def read_parameters(document: Document, place: Place, value: Any) -> dict[str, Parameter]:
    """The declared parameters at a place; raises `ConfigError`."""
    out: dict[str, Parameter] = {}
    if not isinstance(value, dict):
        raise document.error(place, "`parameters` is a mapping of names")
    for name, inside in value.items():
        where = (*place, name)
        document.require_keys(where, inside, ("type", "default", "description"), ("type",))
        if not arguments.is_parameter_type(inside["type"]):
            raise document.error(
                (*where, "type"),
                f"`{inside['type']}` is no parameter type",
                "types: string, number, bool, port, cidr, duration, list(T)",
            )
        default = inside.get("default")
        if default is not None and not arguments.fits(default, inside["type"]):
            raise document.error((*where, "default"), f"the default is no {inside['type']}")
        out[name] = Parameter(name, inside["type"], default, str(inside.get("description", "")))
    return out
