"""Functions on dates and times."""

import re
from typing import Any

from compliance_scan.inputs.terraform.functions.hashes import impure
from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.operators.bigfloat import ShortInt
from compliance_scan.inputs.terraform.values import NUMBER, STRING, EvalError

_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAY = 86_400


class Moment:
    """A time: seconds since year 1 as its zone's clocks show them, nanoseconds, and the zone."""

    __slots__ = ("local", "nanos", "offset", "utc_name")

    def __init__(self, local: int, nanos: int, offset: int, *, utc_name: bool) -> None:
        self.local = local
        self.nanos = nanos
        self.offset = offset
        self.utc_name = utc_name


def parse(stamp: str) -> Moment:
    """An RFC 3339 time; raises `EvalError`."""
    match = _STAMP.fullmatch(stamp)
    if match is None:
        raise EvalError(f'not a valid RFC3339 timestamp: "{stamp}"')
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    if not 1 <= month <= 12 or not 1 <= day <= _month_length(year, month):
        raise EvalError("not a valid RFC3339 timestamp: no such day")
    if hour > 23 or minute > 59 or second > 59:
        raise EvalError("not a valid RFC3339 timestamp: no such time")
    zone = match[8]
    offset = 0
    if zone != "Z":
        if int(zone[1:3]) > 23 or int(zone[4:]) > 59:
            raise EvalError("not a valid RFC3339 timestamp: no such zone")
        offset = (int(zone[1:3]) * 60 + int(zone[4:])) * 60 * (-1 if zone[0] == "-" else 1)
    nanos = int((match[7] or "0")[:9].ljust(9, "0"))
    local = _days(year, month, day) * _DAY + hour * 3600 + minute * 60 + second
    return Moment(local, nanos, offset, utc_name=zone == "Z")


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _month_length(year: int, month: int) -> int:
    return 29 if month == 2 and _leap(year) else _LENGTHS[month - 1]


def _days(year: int, month: int, day: int) -> int:
    """Days from the first day of year 1."""
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    return days + sum(_month_length(year, m) for m in range(1, month)) + day - 1


def _date(days: int) -> tuple[int, int, int]:
    year = days * 400 // 146_097 + 1
    while _days(year, 1, 1) > days:
        year -= 1
    while _days(year + 1, 1, 1) <= days:
        year += 1
    month = 12
    while _days(year, month, 1) > days:
        month -= 1
    return year, month, days - _days(year, month, 1) + 1


def _stamp(moment: Moment) -> str:
    year, month, day = _date(moment.local // _DAY)
    rest = moment.local % _DAY
    clock = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{year:04d}-{month:02d}-{day:02d}T{clock}{_zone(moment, ':', z=moment.offset == 0)}"


def _zone(moment: Moment, colon: str, *, z: bool) -> str:
    if z:
        return "Z"
    minutes = abs(moment.offset) // 60
    return f"{'-' if moment.offset < 0 else '+'}{minutes // 60:02d}{colon}{minutes % 60:02d}"


def duration(text: str) -> int:
    """Go's duration in nanoseconds; raises `EvalError`."""
    body = text[1:] if text[:1] in ("+", "-") else text
    if body == "0":
        return 0
    total, pos = 0, 0
    while pos < len(body):
        match = _DURATION.match(body, pos)
        if match is None:
            break
        whole, _, fraction = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole or "0") * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)
        pos = match.end()
    if not body or pos < len(body) or total > 2**63 - 1:
        raise EvalError(f'invalid duration "{text}"')
    return -total if text[0] == "-" else total


def _time_add(stamp: str, text: str) -> str:
    moment = parse(stamp)
    nanos = moment.nanos + duration(text)
    moment.local += nanos // 10**9
    moment.nanos = nanos % 10**9
    return _stamp(moment)


def _time_compare(a: str, b: str) -> Any:
    first, second = parse(a), parse(b)
    left = (first.local - first.offset, first.nanos)
    right = (second.local - second.offset, second.nanos)
    return ShortInt((left > right) - (left < right))


_TOKEN = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z']+|'", re.DOTALL)


def _format_date(layout: str, stamp: str) -> str:
    moment = parse(stamp)
    out = []
    for match in _TOKEN.finditer(layout):
        piece = match[0]
        if piece == "''":
            out.append("'")
        elif piece[0] == "'":
            if len(piece) < 2 or not piece.endswith("'"):
                raise EvalError("unterminated literal '")
            out.append(piece[1:-1].replace("''", "'"))
        elif match[1] is None:
            out.append(piece)
        else:
            out.append(_field(piece, moment))
    return "".join(out)


def _field(verb: str, moment: Moment) -> str:
    year, month, day = _date(moment.local // _DAY)
    rest = moment.local % _DAY
    hour, minute, second = rest // 3600, rest // 60 % 60, rest % 60
    half = hour % 12 or 12
    weekday = _DAYS[(moment.local // _DAY) % 7]
    fields: dict[str, Any] = {
        "YY": lambda: f"{year % 100:02d}",
        "YYYY": lambda: f"{year:04d}",
        "M": lambda: str(month),
        "MM": lambda: f"{month:02d}",
        "MMM": lambda: _MONTHS[month - 1][:3],
        "MMMM": lambda: _MONTHS[month - 1],
        "D": lambda: str(day),
        "DD": lambda: f"{day:02d}",
        "EEE": lambda: weekday[:3],
        "EEEE": lambda: weekday,
        "h": lambda: str(hour),
        "hh": lambda: f"{hour:02d}",
        "H": lambda: str(half),
        "HH": lambda: f"{half:02d}",
        "AA": lambda: "AM" if hour < 12 else "PM",
        "aa": lambda: "am" if hour < 12 else "pm",
        "m": lambda: str(minute),
        "mm": lambda: f"{minute:02d}",
        "s": lambda: str(second),
        "ss": lambda: f"{second:02d}",
        "Z": lambda: _zone(moment, ":", z=moment.offset == 0),
        "ZZZ": lambda: "UTC" if moment.offset == 0 else _zone(moment, "", z=False),
        "ZZZZ": lambda: _zone(moment, "", z=False),
        "ZZZZZ": lambda: _zone(moment, ":", z=False),
    }
    field = fields.get(verb)
    if field is None:
        raise EvalError(f'invalid date format verb "{verb}"')
    return str(field())


FUNCTIONS = {
    "formatdate": Spec(_format_date, (STRING, STRING)),
    "timeadd": Spec(_time_add, (STRING, STRING)),
    "timecmp": Spec(_time_compare, (STRING, STRING), returns=NUMBER),
    "timestamp": Spec(impure("timestamp"), ()),
    "plantimestamp": Spec(impure("plantimestamp"), ()),
}
