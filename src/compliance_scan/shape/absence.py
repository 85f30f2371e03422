"""What an unwritten or null value means, by plane, schema and facts: the table of the rule language, row by row."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from compliance_scan.model.logic import Maybe, Tri, maybe, tri_all, tri_any, tri_not
from compliance_scan.model.value import (
    ABSENT,
    Encoded,
    Open,
    Reference,
    Text,
    Unknown,
    Value,
    hole,
    is_nothing,
    path_text,
    resolved,
)
from compliance_scan.model.view import Standing
from compliance_scan.shape.facts import AbsentRow, SPath, TypeFacts
from compliance_scan.shape.nodes import Field, Record

if TYPE_CHECKING:
    from compliance_scan.model.view import Cursor


class Meaning(NamedTuple):
    """What absence means at one place."""

    value: Value
    standing: Standing


NOTHING = Meaning(ABSENT, "nothing")


def not_collected(place: SPath) -> Meaning:
    """Silence of a live answer or of a state."""
    return Meaning(Unknown("not_collected", f"{path_text(place)} was not collected"), "nothing")


UNREAD = "owner not read: "
"""How the symbol of an unknown begins that only says that a satellite's owner was not read."""
UNDECLARED = "undeclared"
"""The symbol of what a repository does not say of its account."""


def because(cause: Unknown, *steps: str | int) -> Unknown:
    """The unknown that stands at a place for the reason of another one: of a collection, an object above, a condition.
    That one's type, and that it is certainly not null, say nothing of this place; its identity does with the steps."""
    symbol = cause.symbol
    if symbol.startswith((UNREAD, UNDECLARED)):
        return Unknown(cause.cause, cause.detail, symbol=symbol)
    if symbol and steps:
        return Unknown(cause.cause, cause.detail, symbol=f"{symbol}.{path_text(steps)}")
    return hole(cause)


REGION: Final = ("region",)


def unread(facts: TypeFacts, place: SPath) -> Meaning:
    """What a partial owner says of all but the part that its satellite declares."""
    what = f"{path_text(place)} of a {facts.name} that was not read"
    return Meaning(Unknown("not_collected", what, symbol=UNREAD + what), "nothing")


def computed(place: SPath) -> Meaning:
    """A value that AWS or the provider decides at apply."""
    return Meaning(Unknown("computed", f"{path_text(place)} is known after apply"), "nothing")


def declared(facts: TypeFacts, place: SPath, field: Field | None, beside: "Cursor", above: Value | None) -> Meaning:
    """What an unwritten value of code or of a plan means. `beside` is the cursor of the object it would stand in,
    `above` what is there of it: None where it is present, else ABSENT or why it is not known."""
    if field is not None and field.has_default and (above is None or facts.deep):
        return Meaning(field.default, "default")
    rows = facts.absent.get(place)
    if rows is not None:
        return _by_rows(rows, beside, place)
    if place == REGION and beside.resource.region is not None and facts.provider != "kubernetes":
        return Meaning(beside.resource.region, "fact")  # the provider's own, or that of its alias
    if above is not None:
        return Meaning(because(above, place[-1]) if isinstance(above, Unknown) else above, "nothing")
    if len(place) == 1 and place[0] in ("id", "arn") and facts.provider != "kubernetes":
        detail = f"{path_text(place)} is known after apply"
        return Meaning(Unknown("computed", detail, type="string", not_null=True), "nothing")
    if field is None:
        if facts.known:
            return Meaning(Unknown("error", f"{facts.name} has no {path_text(place)}"), "nothing")
        return computed(place)
    if field.zero:
        return Meaning(False, "nothing")
    return NOTHING if field.mode in ("o", "r") else computed(place)


def _by_rows(rows: list[AbsentRow], beside: "Cursor", place: SPath) -> Meaning:
    for row in rows:
        holds = True if row.when is None else holds_for(row.when, beside)
        if holds is True:
            return Meaning(row.value, "undeclared" if row.undeclared else "fact")
        if isinstance(holds, Maybe):
            return Meaning(because(holds.causes[0]), "nothing")
    return computed(place)


def holds_for(condition: Record, beside: "Cursor") -> Tri:
    """A condition of a facts file, at the object that holds the value; `^.a` starts at the resource."""
    if "all" in condition:
        return tri_all([holds_for(part, beside) for part in condition["all"]])
    if "any" in condition:
        return tri_any([holds_for(part, beside) for part in condition["any"]])
    if "not" in condition:
        return tri_not(holds_for(condition["not"], beside))
    path: str = condition["path"]
    start = beside
    if path.startswith("^."):
        start, path = root_of(beside), path[2:]
    steps = tuple(path.split("."))
    if "exists" in condition and _is_unwritten(start, steps):
        return condition["exists"] is False
    cursor = start.get(steps)
    if "exists" in condition and getattr(cursor, "above", None) is not None:
        return condition["exists"] is False  # in facts, to exist is to be written: what AWS computes does not count
    return _leaf(condition, cursor.value)


def _is_unwritten(start: "Cursor", steps: SPath) -> bool:
    """Whether nobody wrote an attribute, told without asking what that means: rows may ask for one another."""
    written: Any = getattr(start, "raw", None)
    facts = getattr(getattr(start, "frame", None), "facts", None)
    if len(steps) != 1 or facts is None or steps[0] in facts.folds or getattr(start, "above", None) is not None:
        return False
    if isinstance(written, str | list) or not hasattr(written, "__contains__"):
        return False
    return steps[0] not in written or is_nothing(written[steps[0]])


def root_of(cursor: "Cursor") -> "Cursor":
    """The cursor at the root of the resource on which a cursor stands."""
    root = getattr(cursor, "root", None)
    found: Cursor = cursor if root is None else root
    return found


def _leaf(condition: Record, value: Value) -> Tri:
    exists = value_exists(value)
    if "exists" in condition:
        return exists if condition["exists"] else tri_not(exists)
    if "empty" in condition:
        without = _without_content(value)
        return without if condition["empty"] else tri_not(without)
    known = resolved(value)
    if isinstance(known, Encoded):
        known = known.text if known.text is not None else Unknown("computed", "text with unknown parts")
    if isinstance(known, Text):
        known = Unknown("computed", "text with unknown parts")
    if isinstance(known, Unknown):
        return maybe(known)
    if "starts_with" in condition:
        return isinstance(known, str) and known.startswith(condition["starts_with"])
    wanted: Any = condition["in"] if "in" in condition else [condition.get("equals")]
    return any(_same(known, item) for item in wanted)


def _without_content(value: Value) -> Tri:
    """Whether it is nothing, or a text, list or map with nothing in it."""
    known = resolved(value)
    if isinstance(known, Encoded):
        known = known.tree if known.text is None else known.text
    if isinstance(known, Text):
        known = Unknown("computed", "text with unknown parts")
    if isinstance(known, Open):
        return False if known.items else maybe(known.more)
    return maybe(known) if isinstance(known, Unknown) else is_nothing(known) or known in ("", [], {})


def _same(value: Value, wanted: Any) -> bool:
    if is_nothing(value):
        return wanted is None
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted


def value_exists(value: Value) -> Tri:
    """Whether a value is certainly there."""
    if isinstance(value, Reference):
        if value.presence is not None:
            return value.presence
        inner = value.value
        return value_exists(inner) if not isinstance(inner, Unknown) or inner.not_null else maybe(inner)
    if isinstance(value, Unknown):
        return True if value.not_null else maybe(value)
    return not is_nothing(value)
