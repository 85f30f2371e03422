"""Logarithm, exponential and power digit for digit as Go computes them on today's 64-bit x86 (with FMA).

Go brings its own: the last digits differ from the C library's, and Terraform shows them all.
"""

import math
from typing import Final

_LN2_HI: Final = 6.93147180369123816490e-01
_LN2_LO: Final = 1.90821492927058770002e-10
_L: Final = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
_LOG2E: Final = 1.4426950408889634073599246810018920
_LN2_UPPER: Final = 0.69314718055966295651160180568695068359375
_LN2_LOWER: Final = 0.28235290563031577122588448175013436025525412068e-12
_TAYLOR: Final = (
    1.9841269841269841270e-4,
    1.3888888888888888889e-3,
    8.3333333333333333333e-3,
    4.1666666666666666667e-2,
    1.6666666666666666667e-1,
    0.5,
    1.0,
)


def log(x: float) -> float:
    """The natural logarithm; NaN for negative numbers, -Inf for zero."""
    if x < 0 or math.isnan(x):
        return math.nan
    if x == 0:
        return -math.inf
    if math.isinf(x):
        return x
    f1, exponent = math.frexp(x)
    if f1 < math.sqrt(2) / 2:
        f1 *= 2
        exponent -= 1
    f = f1 - 1
    k = float(exponent)
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    t1 = s2 * (_L[0] + s4 * (_L[2] + s4 * (_L[4] + s4 * _L[6])))
    t2 = s4 * (_L[1] + s4 * (_L[3] + s4 * _L[5]))
    r = t1 + t2
    half = 0.5 * f * f
    return k * _LN2_HI - ((half - (s * (half + r) + k * _LN2_LO)) - f)


def _fma(a: float, b: float, c: float) -> float:
    """`a * b + c`, rounded once."""
    from fractions import Fraction

    return float(Fraction(a) * Fraction(b) + Fraction(c))


def exp(x: float) -> float:
    """The exponential of a finite number."""
    if x > 7.09782712893384e02:
        return math.inf
    power = round(_LOG2E * x)
    k = float(power)
    x = _fma(-k, _LN2_UPPER, x)
    x = _fma(-k, _LN2_LOWER, x)
    x *= 0.0625
    sum_ = 2.4801587301587301587e-5
    for term in _TAYLOR:
        sum_ = _fma(sum_, x, term)
    x *= sum_
    for _ in range(3):
        x *= x + 2.0
    x = _fma(x, x + 2.0, 1.0)
    return math.ldexp(x, power) if power > -1023 else 0.0


def _odd(x: float) -> bool:
    return abs(x) < 2.0**53 and x == math.floor(x) and int(x) % 2 == 1


def power(x: float, y: float) -> float:
    """`x` to the power of `y`; NaN where there is none."""
    if y == 0 or x == 1:
        return 1.0
    if y == 1:
        return x
    if x == 0:
        return math.copysign(math.inf if y < 0 else 0.0, x if _odd(y) else 1.0)
    if math.isinf(y):
        return 1.0 if x == -1 else 0.0 if (abs(x) < 1) == (y > 0) else math.inf
    if math.isinf(x):
        sign = -1.0 if x < 0 and _odd(y) else 1.0
        return math.copysign(0.0 if y < 0 else math.inf, sign)
    if abs(y) == 0.5:
        if x < 0:
            return math.nan
        return math.sqrt(x) if y > 0 else 1 / math.sqrt(x)
    return _power(x, y)


def _power(x: float, y: float) -> float:
    yf, yi = math.modf(abs(y))
    if yf != 0 and x < 0:
        return math.nan
    if yi >= 2.0**63:
        return 1.0 if x == -1 else 0.0 if (abs(x) < 1) == (y > 0) else math.inf
    a1, ae = 1.0, 0
    if yf != 0:
        if yf > 0.5:
            yf -= 1
            yi += 1
        a1 = exp(yf * log(x))
    x1, xe = math.frexp(x)
    count = int(yi)
    while count:
        if not -(1 << 12) <= xe <= 1 << 12:
            ae += xe
            break
        if count & 1:
            a1 *= x1
            ae += xe
        x1 *= x1
        xe <<= 1
        if x1 < 0.5:
            x1 += x1
            xe -= 1
        count >>= 1
    if y < 0:
        a1 = 1 / a1
        ae = -ae
    try:
        return math.ldexp(a1, ae)
    except OverflowError:
        return math.copysign(math.inf, a1)
