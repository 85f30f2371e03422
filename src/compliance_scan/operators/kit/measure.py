"""Numbers with units: plain numbers, Kubernetes quantities, durations."""

import re
from collections.abc import Callable
from functools import lru_cache

from compliance_scan.model.logic import Tri, maybe
from compliance_scan.model.value import Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.compare import number_text
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, pieces_of, wrong_type

_SUFFIXES = {
    "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
}  # fmt: skip
_SECONDS = {
    "ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000,
    "second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000,
}  # fmt: skip
_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "twelve": 12, "fifteen": 15,
    "twenty": 20, "thirty": 30, "twentyfour": 24, "sixty": 60,
}  # fmt: skip
_NAMED = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1), ("week", 604800), ("year", 31536000))


def measured(value: Value, argument: "float | str", context: Context, holds: Callable[[float, float], bool]) -> Tri:
    """Whether a value compares so with a number, quantity or duration; nothing never does."""
    if is_nothing(value):
        return False
    plain = resolved(value)
    if isinstance(plain, Unknown):
        return maybe(plain)
    pieces = pieces_of(plain)
    if pieces is None or isinstance(plain, bool):
        return False if is_nothing(plain) else wrong_type(value, "a number")
    if not isinstance(pieces, str):
        return maybe(pieces) if isinstance(pieces, Unknown) else causes_of(pieces)
    limit = duration(argument) if isinstance(argument, str) else None
    if limit is not None:
        number = duration(pieces)
        if number is None and (bare := number_text(pieces)) is not None:
            number = bare * unit_of_name(context.key)
        expected = "a duration"
    else:
        limit = quantity(str(argument))
        number = quantity(pieces)
        expected = "a number"
    if number is None or limit is None:
        return wrong_type(value, expected)
    return holds(number, limit)


@lru_cache(maxsize=1024)
def quantity(text: str) -> float | None:
    """A number or a Kubernetes quantity: `2`, `500m`, `1Gi`, `1e3`."""
    number = number_text(text)
    if number is not None:
        return number
    for width in (2, 1):
        factor = _SUFFIXES.get(text[-width:])
        if factor is not None:
            number = number_text(text[:-width])
            return None if number is None else number * factor
    return None


@lru_cache(maxsize=1024)
def duration(text: str) -> float | None:
    """Seconds of `7d`, `1h30m`, `15min`, `PT15M`, `rate(5 minutes)`, `FIFTEEN_MINUTES`; None for anything else, a bare
    number included."""
    if len(text) > 64:
        return None
    word = text.strip().lower()
    if match := re.fullmatch(r"([a-z]+)_(second|minute|hour|day|week|month|year)s?", word):
        count = _WORDS.get(match[1])
        return None if count is None else float(count * _SECONDS[match[2]])
    if match := re.fullmatch(r"(?:rate\()?(\d+) ?(second|minute|hour|day|week|month|year)s?\)?", word):
        return float(int(match[1]) * _SECONDS[match[2]])
    if match := re.fullmatch(r"p(?:(\d+)d)?(?:t(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?)?", word):
        parts = [int(part or 0) for part in match.groups()]
        return float(parts[0] * 86400 + parts[1] * 3600 + parts[2] * 60 + parts[3]) if word not in ("p", "pt") else None
    if not re.fullmatch(r"(?:\d+(?:\.\d+)?(?:ms|min|[smhdwy]))+", word):
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in re.findall(r"(\d+(?:\.\d+)?)(ms|min|[smhdwy])", word))


def unit_of_name(name: str) -> int:
    """Seconds in the unit that an attribute's name speaks of: `retention_in_days` counts days; else seconds."""
    low = name.lower()
    for word, seconds in _NAMED:
        if word in low:
            return seconds
    return 1
