"""What a canonical statement says of a principal, an action, a resource: wildcards, negated elements, conditions."""

from typing import Any

from compliance_scan.model.logic import Tri, maybe, tri_all, tri_any, tri_not
from compliance_scan.model.value import Open, Reference, Unknown, Value, resolved
from compliance_scan.operators.kit.compare import same
from compliance_scan.operators.kit.globs import glob
from compliance_scan.operators.kit.policy import Statements
from compliance_scan.operators.kit.text import causes_of, options, pieces_of

OWN = "own/*"
"""As a resource: all that lies in the thing to which the policy belongs."""
_HOLE = "\0"


def check(argument: Any) -> str:
    """What is wrong with the argument of `policy_allows` and `policy_denies`, else empty."""
    known = ("principal", "action", "resource", "condition")
    for key, value in argument.items():
        if key not in known:
            return f"`{key}` is none of {', '.join(known)}"
        if key == "condition":
            if value not in ("none", "unrestricted") and not _is_condition(value):
                return "`condition` is `none`, `unrestricted`, or conditions as IAM writes them"
        elif not (isinstance(value, str) or (isinstance(value, list) and all(isinstance(i, str) for i in value))):
            return f"`{key}` is text, or a list of texts"
    return ""


def _is_condition(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(inside, dict) for inside in value.values())


def allows(statements: Statements, argument: "dict[str, Any]") -> Tri:
    """Whether some statement allows what is asked under some circumstances, and none denies it under all."""
    granted = _any(statements, lambda item: _says(item, "Allow", argument))
    if granted is False:
        return False
    refused = tri_any(_refuses(item.value, argument) for item in statements.items)
    return tri_all((granted, tri_not(refused)))


def denies(statements: Statements, argument: "dict[str, Any]") -> Tri:
    """Whether some statement denies all that is asked, under all circumstances or those of `condition`."""
    return _any(statements, lambda item: _says(item, "Deny", argument))


def _any(statements: Statements, holds: Any) -> Tri:
    verdicts: list[Tri] = [holds(item.value) for item in statements.items]
    return tri_any(verdicts if statements.more is None else [*verdicts, maybe(statements.more)])


def _refuses(statement: "dict[str, Value]", argument: "dict[str, Any]") -> Tri:
    return _says(statement, "Deny", {"action": "*", "resource": "*", **argument, "condition": "none"})


def _says(statement: "dict[str, Value]", effect: str, argument: "dict[str, Any]") -> Tri:
    verdict = same(statement.get("effect"), effect)
    if verdict is False:
        return False
    combine = tri_all if effect == "Deny" else tri_any
    parts: list[Tri] = [verdict]
    if "principal" in argument:
        parts.append(combine(principal(statement, wanted) for wanted in options(argument["principal"])))
    if "action" in argument:
        parts.append(combine(action(statement, wanted) for wanted in options(argument["action"])))
    if "resource" in argument:
        parts.append(combine(resource(statement, wanted) for wanted in options(argument["resource"])))
    parts.append(condition(statement, argument.get("condition"), effect))
    return tri_all(parts)


def action(statement: "dict[str, Value]", wanted: str) -> Tri:
    """Whether the statement speaks of all actions that a pattern stands for."""
    return _covered(statement.get("actions"), statement.get("not_actions"), wanted.lower(), lower=True)


def resource(statement: "dict[str, Value]", wanted: str) -> Tri:
    """Whether the statement speaks of all resources that a pattern stands for; one without any speaks of its owner."""
    if _is_empty(statement.get("resources")) and _is_empty(statement.get("not_resources")):
        return True
    if wanted == OWN:
        items, more = _items(statement.get("resources"))
        verdicts = [_covers_own(item) for item in items]
        return tri_any(verdicts if more is None else [*verdicts, maybe(more)])
    return _covered(statement.get("resources"), statement.get("not_resources"), wanted, lower=False)


def _covers_own(pattern: Value) -> Tri:
    """Whether a pattern stands for all that lies in one thing (`arn:aws:s3:::logs/*`), and not for a folder of it."""
    if isinstance(pattern, Reference) and isinstance(resolved(pattern), Unknown):
        return False  # the ARN of the thing itself
    pieces = pieces_of(pattern)
    if pieces is None or isinstance(pieces, Unknown):
        return False if pieces is None else maybe(pieces)
    text = pieces if isinstance(pieces, str) else "".join(p if isinstance(p, str) else _HOLE for p in pieces)
    _owner, slash, rest = text.partition("/")
    if not slash:
        return text.endswith("*")
    if _HOLE in rest:
        return causes_of(pieces) if not isinstance(pieces, str) else False
    return bool(rest) and not rest.strip("*")


def principal(statement: "dict[str, Value]", wanted: str) -> Tri:
    """Whether the statement speaks of a principal: `*` for everyone, an id, an account, `service:NAME`."""
    others = statement.get("not_principals")
    if not _is_empty(others):
        return same(statement.get("effect"), "Allow") if wanted == "*" else tri_not(_among(others, wanted))
    return _among(statement.get("principals"), wanted)


def _among(principals: Value, wanted: str) -> Tri:
    items, more = _items(principals)
    verdicts: list[Tri] = []
    for item in items:
        if not isinstance(item, dict):
            continue
        kind = item.get("type")
        verdicts.append(True if kind == "any" else _is_principal(item, kind, wanted))
    return tri_any(verdicts if more is None else [*verdicts, maybe(more)])


def _is_principal(item: "dict[str, Value]", kind: Value, wanted: str) -> Tri:
    if wanted == "*":
        return same(item.get("id"), "*") if kind == "aws" else False
    if wanted.startswith("service:"):
        return same(item.get("id"), wanted[8:]) if kind == "service" else False
    return tri_any((same(item.get("id"), wanted), same(item.get("account"), wanted)))


def condition(statement: "dict[str, Value]", wanted: Any, effect: str) -> Tri:
    """Whether the statement's conditions let it apply: see `check` for what may be asked."""
    items, more = _items(statement.get("conditions"))
    rest: list[Tri] = [] if more is None else [maybe(more)]
    if wanted is None and effect == "Allow":
        return True
    if wanted is None or wanted == "none":
        return tri_all([not items, *rest])
    if wanted == "unrestricted":
        return tri_all([*(tri_not(_limits(item)) for item in items), *rest])
    return tri_all([*(_implied(item, wanted) for item in items), *rest])


def _limits(item: Value) -> Tri:
    """Whether one condition narrows down who may act, so that everyone is no longer everyone."""
    return same(item.get("limits"), True) if isinstance(item, dict) else False


def _implied(item: Value, wanted: "dict[str, dict[str, Any]]") -> Tri:
    """Whether a condition holds wherever those that are asked about hold."""
    if not isinstance(item, dict):
        return False
    verdicts: list[Tri] = []
    for operator, entries in wanted.items():
        if operator.lower().removesuffix("ifexists") != item.get("operator"):
            continue
        for key, asked in entries.items():
            if key.lower() == item.get("key"):
                values, more = _items(item.get("values"))
                found = tri_all(tri_any(same(value, want) for value in values) for want in _listed(asked))
                verdicts.append(found if more is None or found is True else tri_any((found, maybe(more))))
    return tri_any(verdicts)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _items(value: Value) -> "tuple[list[Value], Unknown | None]":
    plain = resolved(value)
    if isinstance(plain, Open):
        return list(plain.items), plain.more
    if isinstance(plain, Unknown):
        return [], plain
    return (plain, None) if isinstance(plain, list) else ([], None)


def _is_empty(value: Value) -> bool:
    items, more = _items(value)
    return not items and more is None


def _covered(listed: Value, excluded: Value, wanted: str, *, lower: bool) -> Tri:
    if not _is_empty(excluded):
        items, more = _items(excluded)
        touched: list[Tri] = [
            tri_any((covers(item, wanted, lower=lower), _within(item, wanted, lower=lower))) for item in items
        ]
        return tri_not(tri_any(touched if more is None else [*touched, maybe(more)]))
    items, more = _items(listed)
    verdicts: list[Tri] = [covers(item, wanted, lower=lower) for item in items]
    return tri_any(verdicts if more is None else [*verdicts, maybe(more)])


def covers(pattern: Value, wanted: str, *, lower: bool) -> Tri:
    """Whether an IAM pattern stands for everything that another one stands for. Parts that are not known may be
    anything: where even that does not cover, the answer is no."""
    pieces = pieces_of(pattern)
    if pieces is None:
        return False
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    if isinstance(pieces, str):
        return glob(pieces.lower() if lower else pieces, wanted)
    loose = "".join(piece if isinstance(piece, str) else "*" for piece in pieces)
    return causes_of(pieces) if glob(loose.lower() if lower else loose, wanted) else False


def _within(pattern: Value, wanted: str, *, lower: bool) -> Tri:
    pieces = pieces_of(pattern)
    if isinstance(pieces, str):
        return glob(wanted, pieces.lower() if lower else pieces)
    if pieces is None:
        return False
    return maybe(pieces) if isinstance(pieces, Unknown) else causes_of(pieces)
