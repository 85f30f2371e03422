"""Functions on numbers."""

import math
from typing import Any

from compliance_scan.inputs.terraform.evaluate_access import whole_index
from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.operators.bigfloat import (
    MAX_BITS,
    LimitError,
    MinusZero,
    NaNError,
    Num,
    Number,
    ShortInt,
    compare,
    floor,
    from_float,
    make,
    negate,
    sign_of,
)
from compliance_scan.inputs.terraform.types_convert import convert
from compliance_scan.inputs.terraform.values import DYNAMIC, NUMBER, STRING, EvalError, Null

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _abs(number: Num) -> Num:
    return negate(number) if sign_of(number) < 0 else number or 0


def _ceil(number: Num) -> Num:
    return negate(floor(negate(number))) or 0


def _log(number: Num, base: Num) -> Num:
    from compliance_scan.inputs.terraform.functions.gomath import log

    return from_float(_divide(log(float(number)), log(float(base))))


def _divide(a: float, b: float) -> float:
    if b == 0:
        if a == 0 or math.isnan(a):
            raise NaNError
        return math.copysign(math.inf, a) * math.copysign(1, b)
    return a / b


def _float(number: Num) -> float:
    return -0.0 if type(number) is MinusZero else float(number)


def _pow(number: Num, power: Num) -> Num:
    from compliance_scan.inputs.terraform.functions.gomath import power as go_power

    return from_float(go_power(_float(number), _float(power)))


def _most(sign: int) -> Any:
    def choose(*numbers: Num) -> Num:
        if not numbers:
            raise EvalError("must pass at least one number")
        best = numbers[0]
        for number in numbers[1:]:
            if compare(number, best) == sign:
                best = number
        return best

    return choose


def _parse_int(text: Any, base: Num) -> Num:
    if type(text) is not str:
        raise EvalError("first argument must be a string")
    radix = whole_index(base)
    if not 2 <= radix <= 62:
        raise EvalError("base must be a whole number between 2 and 62 inclusive")
    if len(text) > MAX_BITS:
        raise LimitError("a number is too long")
    value = _value_of(text, radix)
    if value is None:
        raise EvalError(f'cannot parse "{text}" as a base {radix} integer')
    bits = abs(value).bit_length()
    return ShortInt(value) if bits <= 64 else make(value, 0, max(bits, 64))


def _value_of(text: str, radix: int) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits:
        return None
    value = 0
    for char in digits:
        if radix <= 36:
            digit = _DIGITS.find(char.lower()) if char.isascii() else -1
        else:
            digit = (_DIGITS + _DIGITS[10:].upper()).find(char)
        if not 0 <= digit < radix:
            return None
        value = value * radix + digit
    return -value if text[0] == "-" else value


def _signum(number: Num) -> Num:
    return ShortInt(sign_of(whole_index(number)))


FUNCTIONS = {
    "abs": Spec(_abs, (NUMBER,), returns=NUMBER),
    "ceil": Spec(_ceil, (NUMBER,), returns=NUMBER),
    "floor": Spec(floor, (NUMBER,), returns=NUMBER),
    "log": Spec(_log, (NUMBER, NUMBER), returns=NUMBER),
    "max": Spec(_most(1), (), NUMBER, returns=NUMBER),
    "min": Spec(_most(-1), (), NUMBER, returns=NUMBER),
    "parseint": Spec(_parse_int, (DYNAMIC, NUMBER), returns=NUMBER),
    "pow": Spec(_pow, (NUMBER, NUMBER), returns=NUMBER),
    "signum": Spec(_signum, (NUMBER,), returns=NUMBER),
}
_ = (Number, convert, STRING, Null)
