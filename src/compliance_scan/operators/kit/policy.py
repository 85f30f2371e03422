"""IAM policies in any form, as canonical statements.

A statement is a map of `sid`, `effect`, `actions`, `not_actions`, `resources`, `not_resources`, `principals`,
`not_principals` and `conditions`; see docs/rules-language.md for their values. Statements that are canonical already
(folded from several documents) stay as they are.
"""

from typing import TYPE_CHECKING, NamedTuple

from compliance_scan.model import json_text
from compliance_scan.model.value import (
    Encoded,
    Open,
    Path,
    Reference,
    Text,
    Unknown,
    Value,
    holes,
    is_nothing,
    resolved,
)
from compliance_scan.operators.kit.callers import limits

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
            if isinstance(tree, (Encoded, list)):
                return Statements([], _broken("its JSON is no object"))
            return statements_of(tree)
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
        tree = json_text.loads(text)
    except (ValueError, RecursionError):
        return Statements([], _broken("its text is no JSON"))
    return statements_of(tree) if isinstance(tree, dict) else Statements([], _broken("its JSON is no object"))


def _of_map(document: "dict[str, Value]") -> Statements:
    name = next((key for key in document if key.lower() == "statement"), None)
    if name is not None:
        body = resolved(document[name])
        match body:
            case list():
                return _of_list(body, (name,), None)
            case Open(items=list() as items, more=more):
                return _of_list(items, (name,), more)
            case Open(items=dict() as entries, more=more):
                return Statements([Statement(_canonical(entries, more), (name,))], None)
            case dict():
                return Statements([Statement(_canonical(body), (name,))], None)
            case Unknown():
                return Statements([], body)
        return Statements([], None if is_nothing(body) else _broken("`Statement` is no list"))
    if any(key.lower() == "effect" for key in document):
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
                out.append(Statement(_canonical(entries, rest), (*prefix, index)))
            case _:
                more = more or (None if is_nothing(plain) else _broken("a statement is no object"))
    return Statements(out, more)


def _canonical(statement: "dict[str, Value]", more: Unknown | None = None) -> "dict[str, Value]":
    """`more`: why elements that are not there may be, or may say something else."""
    if "effect" in statement and "actions" in statement:
        return statement
    elements = {key.lower(): value for key, value in statement.items()}

    def get(name: str) -> Value:
        return elements.get(name, more)

    effect = _effect(get("effect"))
    principals = _each(get("principal"), _principals)
    if "notprincipal" in elements and not is_nothing(elements["notprincipal"]) and effect != "Deny":
        principals = [_principal("any", "*")]  # to allow all but some is to allow everyone
    actions = _starred(as_list(get("action")), _is_any)
    if _is_written(elements, "notaction") and not _is_written(elements, "action"):
        from compliance_scan.operators.kit.complement import all_but

        actions = all_but(as_list(elements["notaction"]))
    resources = _starred(as_list(get("resource")), _is_any_resource)
    if _is_written(elements, "notresource") and effect != "Deny":
        resources = _any_but(as_list(elements["notresource"]))
    return {
        "sid": get("sid"),
        "effect": effect,
        "actions": actions,
        "not_actions": as_list(get("notaction")),
        "resources": resources,
        "not_resources": as_list(get("notresource")),
        "principals": principals,
        "not_principals": _each(get("notprincipal"), _principals),
        "conditions": _each(get("condition"), _conditions),
    }


def _effect(value: Value) -> Value:
    """Allow or Deny: AWS takes no other word, and no statement without one."""
    if isinstance(value, (str, list, dict, bool, int, float)) or is_nothing(value):
        return value if value in ("Allow", "Deny") else _broken("a statement's `Effect` is neither Allow nor Deny")
    return value


def _is_written(elements: "dict[str, Value]", name: str) -> bool:
    return name in elements and not is_nothing(elements[name]) and elements[name] != []


def _any_but(excluded: Value) -> Value:
    """To allow all resources but some is to allow every resource, unless every one is left out."""
    items = excluded.items if isinstance(excluded, Open) else excluded
    everything = isinstance(items, list) and any(_is_star(item) for item in items)
    return [] if everything else ["*"]


def _is_star(item: Value) -> bool:
    known = resolved(item)
    return isinstance(known, str) and _is_any_resource(known)


def _is_any(text: str) -> bool:
    return "*" in text and not text.strip("*?:")


def _is_any_resource(text: str) -> bool:
    if text.startswith("arn:") and text.endswith("*"):
        return not text[4:].partition(":")[2].strip("*?:/")
    return _is_any(text)


def _starred(values: Value, is_any: "Callable[[str], bool]") -> Value:
    """The list with `*` for each item that says as much in another spelling (`*:*`, `arn:aws:*`)."""
    items = values.items if isinstance(values, Open) else values
    if not isinstance(items, list) or not any(_spells_any(item, is_any) for item in items):
        return values
    plain: list[Value] = ["*" if _spells_any(item, is_any) else item for item in items]
    return Open(plain, values.more) if isinstance(values, Open) else plain


def _spells_any(value: Value, is_any: "Callable[[str], bool]") -> bool:
    known = resolved(value)
    return isinstance(known, str) and known != "*" and is_any(known)


_NO_TEXT = _broken("an element that is no text")


def as_list(value: Value) -> Value:
    """A list of texts, of what may be one or several; open where it is not known."""
    listed = _values(value)
    if isinstance(listed, list) and not all(map(_is_text, listed)):
        return [one if _is_text(one) else _NO_TEXT for one in listed]
    return listed


def _values(value: Value) -> Value:
    plain = resolved(value)
    match plain:
        case list() | Open():
            return plain
        case Unknown():
            return [value] if _is_one(value, plain) else Open([], plain)
    return [] if is_nothing(plain) else [value]


def _is_text(value: Value) -> bool:
    """Whether it is, or may be, the text that IAM wants in a list."""
    return not isinstance(resolved(value), bool | int | float | dict | list)


def _is_one(value: Value, known: Unknown) -> bool:
    """Whether what is not known is one text all the same, and no list."""
    if known.type == "string" and known.not_null:
        return True
    return isinstance(value, Reference) and value.path.rpartition("_")[2].rpartition(".")[2] in ("arn", "id")


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
        # Besides a map there is `*` alone; any other text is no principal, for AWS either.
        return [_principal("any", value)] if value == "*" else [_principal("aws", _no_principal(value))]
    listed = as_list(value)
    items = listed.items if isinstance(listed, Open) else listed
    assert isinstance(items, list)
    name = _PRINCIPALS.get(kind, kind.lower())
    return [_principal("any" if item == "*" and name == "aws" else name, item) for item in items]


def _principal(kind: str, value: Value) -> "dict[str, Value]":
    value = value if isinstance(resolved(value), str | Text | Unknown) else _broken("a principal that is no text")
    return {"type": kind, "id": value, "account": _account(kind, value)}


def _no_principal(value: Value) -> Value:
    """A bare ARN or account is read as what it names; other text outside a map names nobody."""
    if not isinstance(value, str) or value.startswith("arn:") or (value.isdigit() and len(value) == 12):
        return value
    return _broken("a principal that is neither `*` nor a map")


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
    return [_condition(name, key.lower(), _values(inside), exists, scope) for key, inside in entries.items()]


def _condition(operator: str, key: str, values: Value, exists: bool, scope: str) -> "dict[str, Value]":
    verdict = limits(operator, key, values, if_exists=exists, scope=scope)
    found: Value = verdict if isinstance(verdict, bool) else verdict.causes[0]
    return {"operator": operator, "key": key, "values": values, "if_exists": exists, "for": scope, "limits": found}
