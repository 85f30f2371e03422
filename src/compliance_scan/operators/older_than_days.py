"""A date further back than so many days."""

from datetime import date

from compliance_scan.model.logic import Tri, maybe
from compliance_scan.model.value import Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, pieces_of, wrong_type

ARGUMENT = "number"
ON = "dates"
MEANS = "the date lies more days before `--as-of` than this"
EXAMPLE = "{path: create_date, older_than_days: 90}"
MESSAGE = "{path} is {actual}, expected more than {expected} days ago"
NEGATED = "{path} is {actual}, more than {expected} days ago"


def judge(value: Value, argument: float, context: Context) -> Tri:
    """Whether the date is older, counted from the context's day."""
    if is_nothing(value):
        return False
    pieces = pieces_of(value)
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    if not isinstance(pieces, str):
        if pieces is None:
            return False if is_nothing(resolved(value)) else wrong_type(value, "a date")
        return causes_of(pieces)
    day = date_of(pieces)
    return wrong_type(value, "a date") if day is None else (context.as_of - day).days > argument


def date_of(text: str) -> date | None:
    """The day of `2026-01-31` or `2026-01-31T10:00:00Z`; None for anything else."""
    try:
        return date.fromisoformat(text[:10]) if len(text) == 10 or text[10:11] in ("T", " ") else None
    except ValueError:
        return None
