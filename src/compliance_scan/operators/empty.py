"""Nothing, or nothing in it."""

from compliance_scan.model.logic import Tri, maybe, tri_not
from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value, resolved
from compliance_scan.operators.kit.compare import nothing
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, pieces_of

ARGUMENT = "bool"
ON = "anything"
MEANS = "`true`: null, absent, or a text, list or map without content"
EXAMPLE = "{path: ingress, empty: true}"
MESSAGE = "{path} is {actual}, expected it to be empty"
NEGATED = "{path} is {actual}, expected something in it"
NAMES = frozenset({"id", "arn"})
"""What everything that exists has, and has content in."""


def judge(value: Value, argument: bool, context: Context) -> Tri:
    """Whether the value is without content (`true`) or has some (`false`)."""
    found = _is_empty(value, context)
    return found if argument else tri_not(found)


def is_nothing_here(value: Value, context: Context) -> Tri:
    """Whether a value is null or absent; the graph says whether what a reference points at exists."""
    if isinstance(value, Reference) and value.presence is None:
        known = resolved(value)
        if isinstance(known, Unknown):
            if known.not_null:
                return False
            present = context.presence(value)
            return maybe(known) if present is None else tri_not(present)
    return nothing(value)


def _is_empty(value: Value, context: Context) -> Tri:
    plain = resolved(value)
    match plain:
        case Unknown():
            named = isinstance(value, Reference) and value.path in NAMES and is_nothing_here(value, context) is False
            masked = plain.cause == "redacted" and plain.not_null  # only content is masked
            return False if named or masked else maybe(plain)
        case str() | list() | dict():
            return not plain
        case Text():
            pieces = pieces_of(plain)
            assert pieces is not None
            assert not isinstance(pieces, Unknown)
            if isinstance(pieces, str):
                return not pieces
            return False if any(isinstance(piece, str) for piece in pieces) else causes_of(pieces)
        case Encoded(tree=tree):
            return _is_empty(tree, context)
        case Open(items=items, more=more):
            return False if items else maybe(more)
    return is_nothing_here(value, context)
