"""`format` and `formatlist`: Go's verbs as Terraform means them; unknown arguments leave holes in the text."""

import re
from typing import Any, NamedTuple

from compliance_scan.inputs.terraform.functions.spec import Spec
from compliance_scan.inputs.terraform.functions.strings import bounded
from compliance_scan.inputs.terraform.operators.bigfloat import LimitError, Number, is_infinite, minus, parts, sign_of
from compliance_scan.inputs.terraform.operators.decimaltext import decimal_digits, rounded_digits, shortest
from compliance_scan.inputs.terraform.operators.equality import bare
from compliance_scan.inputs.terraform.types_convert import convert
from compliance_scan.inputs.terraform.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    EvalError,
    ListVal,
    Null,
    SetVal,
    TupleVal,
    cause_of,
    is_unknown,
    is_wholly_known,
)
from compliance_scan.model.value import Unknown

MAX_WIDTH = 100_000
_VERB = re.compile(r"%([ +\-#0]*)(\d*)(?:(\.)(\d*))?(?:\[(\d+)\])?(.?)", re.DOTALL)


class Verb(NamedTuple):
    """One verb of a format string."""

    flags: str
    width: int
    precision: int
    """-1 where none is given."""
    mode: str


def _format(template: Any, *args: Any) -> Any:
    return _untyped(args, STRING) or _formatted(template, args)


def _untyped(args: tuple[Any, ...], of: str) -> Unknown | None:
    """Terraform itself gets an unknown value of an untyped null, even when it applies."""
    if any(type(arg) is Null and arg.type == DYNAMIC for arg in args):
        return Unknown("unsupported_expression", "format() of an untyped null", of, not_null=True)
    return None


def _formatted(template: Any, args: tuple[Any, ...] | list[Any]) -> Any:
    from compliance_scan.inputs.terraform.templates import Builder

    if is_unknown(template):
        cause = cause_of(template)
        return Unknown(cause.cause, cause.detail, STRING, not_null=True)
    builder = Builder()
    pos = used = next_arg = 0
    while True:
        start = template.find("%", pos)
        if start < 0:
            builder.add_text(template[pos:])
            break
        builder.add_text(template[pos:start])
        match = _VERB.match(template, start)
        assert match is not None
        pos = match.end()
        flags, width, dot, precision, index, mode = match.groups()
        if mode == "%" and match[0] == "%%":
            builder.add_text("%")
            continue
        if len(width) > 6 or len(precision or "") > 6 or int(width or 0) > MAX_WIDTH:
            raise LimitError("format() with a huge width")
        verb = Verb(flags, int(width or 0), int(precision or 0) if dot else -1, mode)
        number = int(index) if index is not None else next_arg + 1
        if mode not in _MODES or not mode:
            raise EvalError(f"unsupported format verb {mode!r} at offset {start}")
        if not 1 <= number <= len(args):
            raise EvalError(f"not enough arguments for {match[0]!r} at {start}: need index {number}")
        next_arg = number
        used = max(used, number)
        _append(builder, verb, args[number - 1])
    if used < len(args):
        raise EvalError(f"too many arguments; only {used} used by format string")
    return builder.result()


def _append(builder: Any, verb: Verb, value: Any) -> None:
    value = bare(value)
    if is_wholly_known(value):
        builder.add_text(_MODES[verb.mode](verb, value))
    elif verb.mode in "sv" and not verb.width and verb.precision < 0 and is_unknown(value) and _textual(value):
        builder.add_value(value, None)
    else:
        cause = cause_of(value)
        builder.add_hole(Unknown(cause.cause, cause.detail, STRING, not_null=True))


def _textual(value: Any) -> bool:
    from compliance_scan.inputs.terraform.types_core import type_of

    return type_of(value) in (STRING, DYNAMIC) and type(value).__name__ != "OpenVal"


def _pad(verb: Verb, text: str) -> str:
    if verb.width <= len(text) and text.isascii():
        return text
    from compliance_scan.inputs.terraform.functions.graphemes import count

    missing = verb.width - count(text)
    if missing <= 0:
        return text
    if "-" in verb.flags:
        return text + " " * missing
    return ("0" if "0" in verb.flags else " ") * missing + text


def _any(verb: Verb, value: Any) -> str:
    if "#" not in verb.flags:
        if type(value) is str:
            return _pad(verb, value)
        if isinstance(value, int | Number) and type(value) is not bool:
            return _pad(verb, general(value, -1))
    from compliance_scan.inputs.terraform.functions.jsontext import encode

    return _pad(verb, encode(value))


def _text(verb: Verb, value: Any) -> str:
    value = _needed(value, STRING)
    if verb.precision >= 0:
        from compliance_scan.inputs.terraform.functions.graphemes import split

        value = "".join(split(value)[: verb.precision])
    return _pad(verb, value)


def _quoted(verb: Verb, value: Any) -> str:
    from compliance_scan.inputs.terraform.functions.jsontext import quote

    return _pad(verb, quote(_needed(value, STRING)))


def _truth(_: Verb, value: Any) -> str:
    # Terraform does not pad these.
    return "true" if _needed(value, BOOL) else "false"


def _needed(value: Any, of: str) -> Any:
    if type(value) is Null:
        raise EvalError("null value cannot be formatted")
    return bare(convert(value, of))


_BASES = {"b": ("0b", 2), "d": ("", 10), "o": ("0", 8), "x": ("0x", 16), "X": ("0X", 16)}


def _integer(verb: Verb, value: Any) -> str:
    number = _needed(value, NUMBER)
    if isinstance(number, Number):
        raise EvalError("an integer is required")
    prefix, base = _BASES[verb.mode]
    digits = _in_base(abs(int(number)), base)
    if verb.mode == "X":
        digits = digits.upper()
    if verb.precision >= 0:
        digits = digits.zfill(verb.precision) if number or verb.precision else ""
    if "#" in verb.flags:
        digits = prefix + digits if not (verb.mode == "o" and digits.startswith("0")) else digits
    return _signed(verb, digits, negative=number < 0, zeros=verb.precision < 0)


def _in_base(number: int, base: int) -> str:
    return {2: f"{number:b}", 8: f"{number:o}", 16: f"{number:x}"}.get(base) or str(number)


def _signed(verb: Verb, digits: str, *, negative: bool, zeros: bool) -> str:
    sign = "-" if negative else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    if "0" in verb.flags and "-" not in verb.flags and zeros:
        prefix = digits[:2] if digits[:2] in ("0x", "0X", "0b") and "#" in verb.flags else ""
        return sign + prefix + digits[len(prefix) :].zfill(verb.width - len(sign) - len(prefix))
    shown = sign + digits
    return shown.ljust(verb.width) if "-" in verb.flags else shown.rjust(verb.width)


def _float(verb: Verb, value: Any) -> str:
    number = _needed(value, NUMBER)
    if is_infinite(number):
        sign = "-" if number.m < 0 else "+" if "+" in verb.flags else ""
        return _pad(verb, (sign or "+") + "Inf")
    mode = verb.mode.lower()
    magnitude = abs_of(number)
    if mode == "f":
        digits = fixed(magnitude, 6 if verb.precision < 0 else verb.precision)
    elif mode == "e":
        digits = exponential(magnitude, 6 if verb.precision < 0 else verb.precision)
    else:
        digits = general(magnitude, verb.precision)
    if verb.mode.isupper():
        digits = digits.upper()
    return _signed(verb, digits, negative=sign_of(number) < 0, zeros=True)


def abs_of(number: Any) -> Any:
    """A number without its sign."""
    if isinstance(number, Number):
        return Number(abs(number.m), number.e, number.prec)
    return abs(int(number))


def _decimal(number: Any) -> tuple[str, int]:
    m, e = parts(number)
    return decimal_digits(abs(m), e) if m else ("", 0)


def fixed(number: Any, precision: int) -> str:
    """`%.<precision>f` of a number that is not negative."""
    digits, point = _decimal(number)
    if digits:
        digits, point = rounded_digits(digits, point, point + precision) if point + precision >= 0 else ("", 0)
    if digits == "0":
        digits, point = "", 0
    whole = digits[:point].ljust(point, "0") if point > 0 else "0"
    fraction = ("0" * -point + digits if point < 0 else digits[point:])[:precision].ljust(precision, "0")
    return f"{whole}.{fraction}" if precision else whole


def exponential(number: Any, precision: int) -> str:
    """`%.<precision>e` of a number that is not negative; -1: as many digits as name it."""
    if sign_of(number) == 0:
        digits, point = "0", 1
    elif precision < 0:
        digits, point = shortest(number)
    else:
        digits, point = rounded_digits(*_decimal(number), precision + 1)
    fraction = digits[1:] if precision < 0 else digits[1:].ljust(precision, "0")
    exponent = point - 1
    mantissa = f"{digits[0]}.{fraction}" if fraction else digits[0]
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def general(number: Any, precision: int) -> str:
    """`%.<precision>g`; -1: as many digits as name it."""
    if is_infinite(number):
        return "+Inf" if number.m > 0 else "-Inf"
    if sign_of(number) < 0:
        return "-" + general(abs_of(number), precision)
    if sign_of(number) == 0:
        return "-0" if minus(number) else "0"
    if precision < 0:
        digits, point = shortest(number)
        limit = 6
    else:
        precision = precision or 1
        digits, point = rounded_digits(*_decimal(number), precision)
        limit = len(digits) if precision > len(digits) >= point else precision
    exponent = point - 1
    if exponent < -4 or exponent >= limit:
        return exponential(number, len(digits) - 1)
    return fixed(number, max(len(digits) - point, 0))


_MODES = {
    "v": _any,
    "t": _truth,
    "s": _text,
    "q": _quoted,
    **dict.fromkeys("bdoxX", _integer),
    **dict.fromkeys("eEfgG", _float),
}


def _format_list(template: Any, *args: Any) -> Any:
    if is_unknown(template):
        cause = cause_of(template)
        return Unknown(cause.cause, cause.detail, "list(string)", not_null=True)
    untyped = _untyped(args, "list(string)")
    if untyped is not None:
        return untyped
    length = -1
    for value in args:
        found = bare(value)
        if type(found) in (ListVal, SetVal, TupleVal):
            if length >= 0 and len(found.items) != length:
                raise EvalError("arguments have different lengths")
            length = len(found.items)
        elif is_unknown(found) and not _textual(found):
            cause = cause_of(found)
            return Unknown(cause.cause, cause.detail, "list(string)", not_null=True)
        elif type(found) is Unknown and found.type == "":
            return Unknown(found.cause, found.detail, "list(string)", not_null=True)
    if length < 0:
        length = 1
    out = []
    total = 0
    for place in range(length):
        out.append(_formatted(template, [_at(value, place) for value in args]))
        total += len(out[-1]) if type(out[-1]) is str else 0
        bounded(total)
    return ListVal(out, STRING)


def _at(value: Any, place: int) -> Any:
    found = bare(value)
    return found.items[place] if type(found) in (ListVal, SetVal, TupleVal) else value


FUNCTIONS = {
    "format": Spec(_format, (STRING,), DYNAMIC, nullable_rest=True, raw=True),
    "formatlist": Spec(_format_list, (STRING,), DYNAMIC, returns=("list", STRING), nullable_rest=True, raw=True),
}
