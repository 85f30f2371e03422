"""Terraform's numbers: binary floats of 512 bits (64 or 53 for what some functions give), rounded half to even.

A whole number is a plain `int` where its precision is 512 bits. `ShortInt` (64 bits) and `DoubleInt` (53 bits) are
whole numbers that functions made; the difference shows only where a division or a product has to round. `Number` is
anything that is not whole: `m * 2**e` with an odd `m`. Infinities are two constants.
"""

from math import copysign, isnan
from typing import Any, Final, TypeAlias

FULL: Final = 512
MAX_BITS: Final = 8192
"""Larger exponents are Terraform's, but not ours: `LimitError`."""


class LimitError(Exception):
    """A computation that is allowed but grows beyond our bounds; its result is unknown (`limit_reached`)."""


class ShortInt(int):
    """A whole number of 64 bits of precision, such as `length` gives."""

    __slots__ = ()


class DoubleInt(ShortInt):
    """A whole number of 53 bits of precision, such as `pow` gives."""

    __slots__ = ()


class MinusZero(ShortInt):
    """Zero with a sign: it equals zero, but its text is `-0`."""

    __slots__ = ()


MINUS_ZERO: Final = MinusZero(0)


class Number:
    """A number that is not whole: `m * 2**e`, `m` odd and `e` negative; or an infinity (`e` is None)."""

    __slots__ = ("e", "m", "prec")

    def __init__(self, m: int, e: int | None, prec: int = FULL) -> None:
        self.m = m
        self.e = e
        self.prec = prec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.m == other.m and self.e == other.e

    def __hash__(self) -> int:
        return hash((self.m, self.e))

    def __float__(self) -> float:
        if self.e is None:
            return float("inf") if self.m > 0 else float("-inf")
        try:
            return self.m / (1 << -self.e)
        except OverflowError:
            return 0.0 if abs(self.m).bit_length() < -self.e else float("inf") * self.m

    def __repr__(self) -> str:
        return f"Number({self.m} * 2**{self.e})"


Num: TypeAlias = int | Number

INF: Final = Number(1, None)
NEG_INF: Final = Number(-1, None)


class NaNError(Exception):
    """An operation of infinities (or zero by zero) that has no answer."""


def precision(value: Num) -> int:
    """Bits of precision that a number carries."""
    cls = type(value)
    if cls is int or cls is MinusZero:
        return FULL
    if isinstance(value, Number):
        return value.prec
    return 53 if cls is DoubleInt else 64


def parts(value: Num) -> tuple[int, int]:
    """A finite number as `(m, e)`."""
    if isinstance(value, Number):
        return value.m, value.e or 0
    return int(value), 0


def is_infinite(value: Num) -> bool:
    """Whether the number is one of the infinities."""
    return isinstance(value, Number) and value.e is None


def make(m: int, e: int, prec: int = FULL, *, sticky: bool = False) -> Num:
    """The number nearest to `m * 2**e` in this precision; `sticky`: the true value is slightly further from zero."""
    if m == 0:
        return whole(0, prec)
    bits = abs(m).bit_length()
    if bits > prec:
        m, e = _round(m, e, bits - prec, sticky=sticky)
    if m % 2 == 0:
        shift = (m & -m).bit_length() - 1
        m >>= shift
        e += shift
    if e >= 0:
        if e + abs(m).bit_length() > MAX_BITS:
            raise LimitError("a number is too large")
        return whole(m << e, prec)
    if e < -MAX_BITS:
        raise LimitError("a number is too small")
    return Number(m, e, prec)


def _round(m: int, e: int, drop: int, *, sticky: bool) -> tuple[int, int]:
    sign = -1 if m < 0 else 1
    m = abs(m)
    rest = m & ((1 << drop) - 1)
    half = 1 << (drop - 1)
    m >>= drop
    if rest > half or (rest == half and (sticky or m & 1)):
        m += 1
    return sign * m, e + drop


def whole(value: int, prec: int) -> int:
    """A whole number that carries this precision."""
    if prec == 64:
        return ShortInt(value)
    if prec == 53:
        return DoubleInt(value)
    return value


def from_float(value: float) -> Num:
    """A number of 53 bits, as functions make that compute with Go's float64."""
    if isnan(value):
        raise NaNError
    if value in (float("inf"), float("-inf")):
        return INF if value > 0 else NEG_INF
    if value == 0 and copysign(1, value) < 0:
        return MINUS_ZERO
    numerator, denominator = value.as_integer_ratio()
    return make(numerator, 1 - denominator.bit_length(), 53)


def parse_number(literal: str) -> Num | None:
    """A decimal number as Terraform reads it from text; None where it is none. Raises `LimitError`."""
    import re

    match = re.fullmatch(r"([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:([eEpP])([+-]?\d+))?", literal, re.ASCII)
    if match is None:
        if re.fullmatch(r"[+-]?[iI]nf", literal):
            return NEG_INF if literal[0] == "-" else INF
        return None
    sign, digits, fraction, bare, letter, exponent = match.groups()
    fraction = (fraction or "") if digits is not None else bare
    digits = (digits or "") + fraction
    power = (int(exponent) if exponent and len(exponent) < 8 else 0) - len(fraction)
    if letter in ("p", "P"):
        return _binary_exponent(digits, len(fraction), exponent, negative=sign == "-")
    if sign == "-" and not digits.strip("0"):
        return MINUS_ZERO
    if len(digits) > 4000 or (exponent and len(exponent) >= 8) or abs(power) > 4000:
        if not digits.strip("0"):
            return 0
        raise LimitError("a number is too long")
    return decimal_number(int(digits) * (-1 if sign == "-" else 1), power)


def _binary_exponent(digits: str, fraction: int, exponent: str, *, negative: bool) -> Num:
    """`1.5p3`: decimal digits times a power of two, as Go reads them."""
    if len(digits) > 4000 or len(exponent) >= 6:
        raise LimitError("a number is too long")
    value = -int(digits) if negative else int(digits)
    return ratio(value, 10**fraction, int(exponent), FULL) if value else 0


def decimal_number(digits: int, power: int) -> Num:
    """The number nearest to `digits * 10**power`."""
    if power >= 0:
        return make(digits * 10**power, 0)
    return ratio(digits, 10**-power, 0, FULL)


def ratio(numerator: int, denominator: int, e: int, prec: int) -> Num:
    """`numerator / denominator * 2**e`, rounded."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    numerator, denominator = abs(numerator), abs(denominator)
    shift = max(0, prec + 2 - numerator.bit_length() + denominator.bit_length())
    quotient, rest = divmod(numerator << shift, denominator)
    if rest:
        quotient = quotient * 2 + 1
        shift += 1
    return make(sign * quotient, e - shift, prec)


def compare(a: Num, b: Num) -> int:
    """-1, 0 or 1."""
    if not isinstance(a, Number) and not isinstance(b, Number):
        return (a > b) - (a < b)
    if is_infinite(a) or is_infinite(b):
        left = sign_of(a) if is_infinite(a) else 0
        right = sign_of(b) if is_infinite(b) else 0
        return (left > right) - (left < right)
    (ma, ea), (mb, eb) = parts(a), parts(b)
    low = min(ea, eb)
    ma <<= ea - low
    mb <<= eb - low
    return (ma > mb) - (ma < mb)


def add(a: Num, b: Num) -> Num:
    """`a + b`."""
    if type(a) is int and type(b) is int:
        total = a + b
        return total if -_BIG < total < _BIG else make(total, 0)
    if is_infinite(a) or is_infinite(b):
        if is_infinite(a) and is_infinite(b) and a != b:
            raise NaNError
        return a if is_infinite(a) else b
    if type(a) is MinusZero and type(b) is MinusZero:
        return MINUS_ZERO
    (ma, ea), (mb, eb) = parts(a), parts(b)
    low = min(ea, eb)
    return make((ma << (ea - low)) + (mb << (eb - low)), low, max(precision(a), precision(b)))


def negate(a: Num) -> Num:
    """`-a`."""
    if isinstance(a, Number):
        return Number(-a.m, a.e, a.prec)
    if not a:
        return 0 if type(a) is MinusZero else MINUS_ZERO
    return whole(-a, precision(a))


def subtract(a: Num, b: Num) -> Num:
    """`a - b`."""
    return add(a, negate(b))


def multiply(a: Num, b: Num) -> Num:
    """`a * b`, exact up to 512 bits whatever the operands' precision."""
    if type(a) is int and type(b) is int and a and b:
        product = a * b
        return product if -_BIG < product < _BIG else make(product, 0)
    if is_infinite(a) or is_infinite(b):
        if sign_of(a) * sign_of(b) == 0:
            raise NaNError
        return INF if sign_of(a) * sign_of(b) > 0 else NEG_INF
    if not sign_of(a) * sign_of(b):
        return MINUS_ZERO if minus(a) != minus(b) else 0
    (ma, ea), (mb, eb) = parts(a), parts(b)
    exact = make(ma * mb, ea + eb, FULL)
    prec = max(precision(a), precision(b))
    m, e = parts(exact)
    need = (abs(m) >> ((m & -m).bit_length() - 1)).bit_length() if m else 0
    return make(m, e, max(prec, need))


def divide(a: Num, b: Num) -> Num:
    """`a / b`; by zero it is an infinity."""
    if sign_of(b) == 0 or is_infinite(a):
        if sign_of(a) == 0 or is_infinite(b):
            raise NaNError
        return INF if minus(a) == minus(b) else NEG_INF
    if is_infinite(b) or not sign_of(a):
        return MINUS_ZERO if minus(a) != minus(b) else 0
    if type(a) is int and type(b) is int:
        quotient, rest = divmod(a, b)
        if not rest:
            return quotient
    (ma, ea), (mb, eb) = parts(a), parts(b)
    return ratio(ma, mb, ea - eb, max(precision(a), precision(b)))


def modulo(a: Num, b: Num) -> Num:
    """`a % b` with the sign of `a`; by zero it is `a`."""
    if is_infinite(a) or is_infinite(b):
        raise NaNError
    if sign_of(b) == 0:
        return a
    # Terraform works with the precision of the left operand here.
    prec = precision(a)
    (mb, eb), whole_part = parts(b), truncate(divide(a, b))
    return reduced(subtract(a, make(mb * whole_part, eb, prec)), prec)


def reduced(a: Num, prec: int) -> Num:
    """The number rounded to a precision."""
    return a if type(a) is MinusZero else make(*parts(a), prec)


def truncate(a: Num) -> int:
    """The whole part, towards zero."""
    if isinstance(a, Number):
        if a.e is None:
            raise NaNError
        m, e = parts(a)
        return m >> -e if m >= 0 else -(-m >> -e)
    return int(a)


def floor(a: Num) -> Num:
    """The next whole number below."""
    if isinstance(a, Number) and a.e is not None:
        return whole(a.m >> -a.e, a.prec)
    return a or 0


def minus(a: Num) -> bool:
    """Whether the number has a minus sign, which zero may have, too."""
    return sign_of(a) < 0 or type(a) is MinusZero


def sign_of(a: Num) -> int:
    """-1, 0 or 1."""
    m = a.m if isinstance(a, Number) else int(a)
    return (m > 0) - (m < 0)


_BIG: Final = 1 << FULL


def as_number(value: Any) -> Num | None:
    """The value where it is a known number, else None."""
    cls = type(value)
    return value if cls in _NUMBERS else None


_NUMBERS: Final = frozenset({int, ShortInt, DoubleInt, MinusZero, Number})
