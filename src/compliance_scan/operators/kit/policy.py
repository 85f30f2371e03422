"""IAM policies in any form, as canonical statements.

A statement is a map of `sid`, `effect`, `actions`, `not_actions`, `resources`, `not_resources`, `principals`,
`not_principals` and `conditions`; see docs/rules-language.md for their values. Statements that are canonical already
(folded from several documents) stay as they are.
"""

import json
from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.model.value import Encoded, Open, Path, Text, Unknown, Value, holes, is_nothing, resolved

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
    "principals": "Principal",
    "not_principals": "NotPrincipal",
    "conditions": "Condition",
}
_PRINCIPALS = {"AWS": "aws", "Service": "service", "Federated": "federated", "CanonicalUser": "canonical"}
MAX_POLICY = 1_000_000


class Statement(NamedTuple):
    """A canonical statement and where it stands in the document."""

    value: "dict[str, Value]"
    path: Path


class Statements(NamedTuple):
    """The statements of a policy."""

    items: list[Statement]
    more: Unknown | None
    """Set where there may be others: a document or a part of it is not known, or is no policy."""


def statements_of(value: Value) -> Statements:
    """The statements of a policy given as JSON text, tree, list or canonical statements; none of nothing."""
    plain = resolved(value)
    match plain:
        case str():
            return _of_text(plain)
        case Encoded(tree=tree):
            return statements_of(tree) if not isinstance(tree, Encoded) else Statements([], _broken("no policy"))
        case Unknown():
            return Statements([], plain)
        case Text():
            return Statements([], next(holes(plain), _broken("no JSON")))
        case dict():
            return _of_map(plain)
        case list():
            return _of_list(plain, (), None)
        case Open(items=list() as items, more=more):
            return _of_list(items, (), more)
        case Open(items=dict() as entries, more=more):
            found = _of_map(entries)
            return Statements(found.items, found.more or more)
    if is_nothing(plain):
        return Statements([], None)
    return Statements([], _broken("neither text nor a document"))


def _broken(what: str) -> Unknown:
    return Unknown("error", f"not a policy: {what}")


def _of_text(text: str) -> Statements:
    if not text.strip():
        return Statements([], None)
    if len(text) > MAX_POLICY:
        return Statements([], Unknown("limit_reached", "the policy is larger than a million characters"))
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return Statements([], _broken("its text is no JSON"))
    return statements_of(tree) if isinstance(tree, (dict, list)) else Statements([], _broken("its JSON is no object"))


def _of_map(document: "dict[str, Value]") -> Statements:
    if "Statement" in document:
        body = resolved(document["Statement"])
        match body:
            case list():
                return _of_list(body, ("Statement",), None)
            case Open(items=list() as items, more=more):
                return _of_list(items, ("Statement",), more)
            case dict():
                return Statements([Statement(_canonical(body), ("Statement",))], None)
            case Unknown():
                return Statements([], body)
        return Statements([], None if is_nothing(body) else _broken("`Statement` is no list"))
    if "Effect" in document or "effect" in document:
        return Statements([Statement(_canonical(document), ())], None)
    if not document or set(document) <= {"Version", "Id"}:
        return Statements([], None)
    return Statements([], _broken("it has no `Statement`"))


def _of_list(items: "list[Value]", prefix: Path, more: Unknown | None) -> Statements:
    out: list[Statement] = []
    for index, item in enumerate(items):
        plain = resolved(item)
        match plain:
            case dict():
                out.append(Statement(_canonical(plain), (*prefix, index)))
            case Unknown():
                more = more or plain
            case Open(items=dict() as entries, more=rest):
                out.append(Statement(_canonical(entries), (*prefix, index)))
                more = more or rest
            case _:
                more = more or (None if is_nothing(plain) else _broken("a statement is no object"))
    return Statements(out, more)


def _canonical(statement: "dict[str, Value]") -> "dict[str, Value]":
    if "effect" in statement and "actions" in statement:
        return statement
    get = statement.get
    return {
        "sid": get("Sid"),
        "effect": get("Effect"),
        "actions": as_list(get("Action")),
        "not_actions": as_list(get("NotAction")),
        "resources": as_list(get("Resource")),
        "not_resources": as_list(get("NotResource")),
        "principals": _each(get("Principal"), _principals),
        "not_principals": _each(get("NotPrincipal"), _principals),
        "conditions": _each(get("Condition"), _conditions),
    }


def as_list(value: Value) -> Value:
    """A list of what may be one thing or several; open where it is not known."""
    plain = resolved(value)
    match plain:
        case list() | Open():
            return plain
        case Unknown():
            return Open([], plain)
    return [] if is_nothing(plain) else [value]


def _each(value: Value, read: "Callable[[str, Value], list[Value]]") -> Value:
    """Items read from each entry of a map; open where some are not known."""
    plain = resolved(value)
    match plain:
        case Unknown():
            return Open([], plain)
        case str() | Text():
            return read("", plain)
        case Open(items=dict() as entries, more=more):
            return Open([item for key, inside in entries.items() for item in read(key, inside)], more)
        case dict():
            out: list[Value] = []
            unknown: Unknown | None = None
            for key, inside in plain.items():
                inner = resolved(inside)
                if isinstance(inner, Unknown):
                    unknown = unknown or inner
                elif isinstance(inner, Open):
                    unknown = unknown or inner.more
                out.extend(read(key, inside))
            return out if unknown is None else Open(out, unknown)
    return [] if is_nothing(plain) else Open([], _broken("an element of the wrong type"))


def _principals(kind: str, value: Value) -> "list[Value]":
    if not kind:
        return [_principal("any" if value == "*" else "aws", value)]
    listed = as_list(value)
    items = listed.items if isinstance(listed, Open) else listed
    assert isinstance(items, list)
    name = _PRINCIPALS.get(kind, kind.lower())
    return [_principal("any" if item == "*" and name == "aws" else name, item) for item in items]


def _principal(kind: str, value: Value) -> "dict[str, Value]":
    return {"type": kind, "id": value, "account": _account(kind, value)}


def _account(kind: str, value: Value) -> Value:
    plain = resolved(value)
    if kind != "aws":
        return None
    if isinstance(plain, str):
        number = plain.split(":")[4] if plain.startswith("arn:") and plain.count(":") >= 5 else plain
        return number if number.isdigit() and len(number) == 12 else None
    if isinstance(plain, Unknown):
        return plain
    return next(holes(plain), None)


def _conditions(operator: str, value: Value) -> "list[Value]":
    entries = resolved(value)
    if isinstance(entries, Open):
        entries = entries.items
    if not isinstance(entries, dict):
        return []
    name, scope = operator.lower(), ""
    for prefix in ("foranyvalue:", "forallvalues:"):
        if name.startswith(prefix):
            name, scope = name[len(prefix) :], prefix[3:6]
    exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    return [
        {"operator": name, "key": key.lower(), "values": as_list(inside), "if_exists": exists, "for": scope}
        for key, inside in entries.items()
    ]
