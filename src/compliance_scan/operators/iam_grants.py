"""A statement whose actions take in some of a kind."""

from collections.abc import Iterator
from typing import Any

from compliance_scan.model.logic import Tri, maybe, tri_any
from compliance_scan.model.value import Open, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit import actions
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, pieces_of, wrong_type

ARGUMENT = "map"
ON = "statements of a policy"
MEANS = (
    "its actions, or all but its `NotAction`, take in one that is: `level` (of read, list, write, tagging, "
    "permissions), `restrictable: true` (AWS can limit it to resources), `among` (one of these names). All that is "
    "given must hold of the same action; wildcards stand for every action that AWS documents"
)
EXAMPLE = "{path: ., iam_grants: {level: [write], restrictable: true}}"
MESSAGE = "{path} allows no action that is {expected}"
NEGATED = "{path} allows an action that is {expected}"

_KEYS = {"level", "restrictable", "among"}


def check(argument: "dict[str, Any]") -> str:
    """What is wrong with the argument, else empty."""
    unknown = sorted(set(argument) - _KEYS)
    if unknown:
        return f"unknown key {unknown[0]!r}, known are {', '.join(sorted(_KEYS))}"
    if not argument:
        return "an empty argument asks for nothing"
    levels = [level for level in argument.get("level", ()) if level not in actions.LEVELS]
    return f"unknown level {levels[0]!r}, known are {', '.join(actions.LEVELS)}" if levels else ""


def judge(value: Value, argument: "dict[str, Any]", _context: Context) -> Tri:
    """Whether the statement's actions take in an action of the kind."""
    statement = resolved(value)
    if isinstance(statement, Unknown):
        return maybe(statement)
    if is_nothing(statement):
        return False
    if not isinstance(statement, dict):
        return wrong_type(value, "a statement")
    kind = actions.Kind.of(argument)
    excluded = resolved(statement.get("not_actions"))
    if not is_nothing(excluded) and excluded != []:
        return _all_but(excluded, kind)
    return _some(statement.get("actions"), kind)


def _some(value: Value, kind: actions.Kind) -> Tri:
    patterns, more = _patterns(value)
    verdicts: list[Tri] = []
    for pattern in patterns:
        pieces = pieces_of(pattern)
        if isinstance(pieces, Unknown):
            verdicts.append(maybe(pieces))
        elif isinstance(pieces, str):
            verdicts.append(kind.met_by(pieces))
        elif pieces is not None:
            loose = "".join(piece if isinstance(piece, str) else "*" for piece in pieces)
            verdicts.append(causes_of(pieces) if kind.met_by(loose) else False)
    if more is not None:
        verdicts.append(maybe(more))
    return tri_any(verdicts)


def _all_but(value: Value, kind: actions.Kind) -> Tri:
    patterns, more = _patterns(value)
    texts = [pieces for pieces in map(pieces_of, patterns) if isinstance(pieces, str)]
    if not kind.met_beside(texts):
        return False
    unknown = next(_causes(patterns), more)
    return True if unknown is None else maybe(unknown)


def _causes(patterns: list[Value]) -> Iterator[Unknown]:
    for pattern in patterns:
        pieces = pieces_of(pattern)
        if isinstance(pieces, Unknown):
            yield pieces
        elif pieces is not None and not isinstance(pieces, str):
            yield causes_of(pieces).causes[0]


def _patterns(value: Value) -> "tuple[list[Value], Unknown | None]":
    plain = resolved(value)
    if isinstance(plain, Open):
        return list(plain.items), plain.more
    if isinstance(plain, Unknown):
        return [], plain
    return (plain, None) if isinstance(plain, list) else ([], None)
