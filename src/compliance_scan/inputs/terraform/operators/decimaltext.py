"""Numbers as decimal text, digit for digit as Terraform writes them."""

from typing import Final

from compliance_scan.inputs.terraform.operators.bigfloat import MinusZero, Num, Number, parts, precision, sign_of

_MANTISSA: Final = 1 << 53


def text(value: Num) -> str:
    """Decimal text as Terraform writes it: the fewest digits that name this number in its precision."""
    if not isinstance(value, Number):
        if type(value) is MinusZero:
            return "-0"
        if -_MANTISSA < value < _MANTISSA:
            return int.__repr__(value)
    elif value.e is None:
        return "+Inf" if value.m > 0 else "-Inf"
    digits, point = shortest(value)
    sign = "-" if sign_of(value) < 0 else ""
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def decimal_digits(m: int, e: int) -> tuple[str, int]:
    """Exact decimal digits of `m * 2**e` (m > 0) without zeros at the end, and where the point stands after them."""
    digits = str(m << e) if e >= 0 else str(m * 5**-e)
    point = len(digits) + min(e, 0)
    return digits.rstrip("0"), point


def shortest(value: Num) -> tuple[str, int]:
    """The fewest digits that name a number other than zero, and where the point stands."""
    m, e = parts(value)
    m = abs(m)
    shift = precision(value) + 1 - m.bit_length()
    mantissa = m << shift if shift >= 0 else m >> -shift
    e -= shift
    digits, point = decimal_digits(mantissa, e)
    lower, low_point = decimal_digits(mantissa - 1, e)
    upper, high_point = decimal_digits(mantissa + 1, e)
    if low_point != point or high_point != point:
        # A bound of another length has its digits shifted: line them up as Go's code does not, and take all digits.
        lower = "0" * (point - low_point) + lower
        if high_point != point:
            digits, lower, point = "0" + digits, "0" + lower, high_point
    inclusive = mantissa & 2 == 0
    for i, digit in enumerate(digits):
        low = lower[i] if i < len(lower) else "0"
        high = upper[i] if i < len(upper) else "0"
        down = low != digit or (inclusive and i + 1 == len(lower))
        up = digit != high and (inclusive or ord(digit) + 1 < ord(high) or i + 1 < len(upper))
        if down and up:
            return rounded_digits(digits, point, i + 1)
        if down:
            return _trim(digits[: i + 1], point)
        if up:
            return _carry(digits[: i + 1], point)
    return _trim(digits, point)


def rounded_digits(digits: str, point: int, keep: int) -> tuple[str, int]:
    """Decimal digits rounded (half to even) to the first `keep`."""
    if keep < 0:
        return "0", 1
    if keep >= len(digits):
        return _trim(digits, point)
    rest = digits[keep]
    exact = rest == "5" and not digits[keep + 1 :].strip("0")
    up = rest >= "5" if not exact else keep > 0 and int(digits[keep - 1]) % 2 == 1
    return _carry(digits[:keep], point) if up else _trim(digits[:keep], point)


def _carry(digits: str, point: int) -> tuple[str, int]:
    text = str(int(digits or "0") + 1)
    grown = max(0, len(text) - len(digits)) if digits.lstrip("0") == digits else 0
    return _trim(text.zfill(len(digits)), point + grown)


def _trim(digits: str, point: int) -> tuple[str, int]:
    lead = len(digits) - len(digits.lstrip("0"))
    digits = digits[lead:].rstrip("0")
    return (digits, point - lead) if digits else ("0", 1)
