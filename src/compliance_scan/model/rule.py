"""Rules as they are read from a compiled pack, and the instances of them that a run judges.

Conditions are nested tuples, small enough to be read from JSON as they are. The first member names the kind:

    ("all", [condition, ...])                       ("any", [condition, ...])              ("not", condition)
    ("leaf", path, operator, argument, dynamic)     dynamic: the argument holds a `param.x` or a `value_of`
    ("each", quantifier, source, where, assert, empty)
                                                    every | some | none; where and assert may be None;
                                                    empty: "pass" | "fail" (every only)
    ("count", source, where, assert, distinct, operator, argument, dynamic)

A path is a list of steps; a first step `"^"` starts at the judged resource instead of the item. A source is
`("path", path)`, `("statements", path)` for the statements of a policy document, or
`("related", type, kind, path)`; of kind `any` the type is `ANY`, the path a pattern of attributes' names, and
two lists of types follow: those that do not count, and those of which a live account is asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from compliance_scan.model.finding import Severity

Condition: TypeAlias = Sequence[Any]

ANY = "*"
"""The type of a relation to resources of whatever type."""
PARAMETER = "param."
"""An argument (or a part of one) that starts so stands for a parameter's value."""
VALUE_OF = "value_of"
"""An argument `{value_of: PATH}` stands for the value at another path of the item or, with `^`, of the resource."""


class Parameter(NamedTuple):
    """What a profile may set."""

    name: str
    type: str
    """string | number | bool | port | cidr | duration | list(T)"""
    default: Any
    """None where the rule has no default: a profile must give it, else the rule is not run."""
    description: str = ""


class Rule:
    """A rule without its prose and examples."""

    __slots__ = (
        "assertion",
        "code",
        "deprecated",
        "equivalents",
        "id",
        "objectives",
        "origin",
        "parameters",
        "planes",
        "resource",
        "severity",
        "since",
        "status",
        "title",
        "when",
        "yields_to",
    )

    def __init__(self, record: Mapping[str, Any]) -> None:
        """`record`: the compiled pack's JSON value."""
        self.id: str = record["id"]
        self.code: str = record["code"]
        self.title: str = record["title"]
        self.severity: Severity = record["severity"]
        self.status: str = record["status"]
        self.since: str = record.get("since", "")
        self.deprecated: str = record.get("deprecated", "")
        """Empty, or why and what replaces it."""
        self.planes: tuple[str, ...] = tuple(record["planes"])
        self.resource: tuple[str, ...] = tuple(record["resource"])
        self.when: Condition | None = record["when"]
        self.assertion: Condition = record["assert"]
        self.parameters: dict[str, Parameter] = {
            name: Parameter(name, *values) for name, values in record["parameters"].items()
        }
        self.yields_to: tuple[str, ...] = tuple(record.get("yields_to", ()))
        """Rules that speak of the same cause more plainly: where one of them fails, this one is not shown."""
        self.objectives: tuple[str, ...] = tuple(record["objectives"])
        self.equivalents: dict[str, dict[str, list[str]]] = record["equivalents"]
        """Peer to `same` and `related` ids: `{"checkov": {"same": ["CKV_AWS_16"], "related": []}}`."""
        self.origin: str = record.get("origin", "")
        """File that it was read from, relative to its pack's folder."""

    @property
    def provider(self) -> str:
        """`aws` or `kubernetes`."""
        aws = any(kind.startswith("aws_") or kind in ("account", "region") for kind in self.resource)
        return "aws" if aws else "kubernetes"

    def __repr__(self) -> str:
        return f"Rule({self.id})"


class Prose(NamedTuple):
    """What a person reads of a rule; read from the pack only when it is shown."""

    why: str
    fix: Mapping[str, Any]
    """`note` always; `set` (paths to values) where an edit is safe to propose."""
    examples: Sequence[Mapping[str, Any]]
    """With `line`: where the example starts in the rule's file."""
    file: str
    line: int


class Scope(NamedTuple):
    """Which resources an instance judges: globs (`*`, `?`), each of a name given matching any of its patterns."""

    type: tuple[str, ...] = ()
    address: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = {}


class Instance(NamedTuple):
    """A rule as a run applies it: with parameters, a scope and a severity of its own."""

    rule: Rule
    name: str
    """`instance` in reports: the profile's `as`, else the rule's id."""
    parameters: Mapping[str, Any]
    """Every parameter of the rule with its value."""
    severity: Severity
    scope: Scope | None = None
    statements: tuple[str, ...] = ()
    """Ids of the promises that it enforces (`C-10`)."""
    forbids: bool = False
    """Whether its promises are kept where nothing is there to judge: they say what must not be."""


def instance_of(rule: Rule) -> Instance:
    """A rule as it is, with its defaults."""
    return Instance(rule, rule.id, {p.name: p.default for p in rule.parameters.values()}, rule.severity)
