"""A file's mode that gives no more than another."""

import re

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import Pieces, any_text, causes_of, wrong_type

ARGUMENT = "string"
ON = "text"
MEANS = "the octal mode of a file gives nobody a right that this one does not (`600`, `0644`)"
EXAMPLE = '{path: mode, mode_within: "600"}'
MESSAGE = "{path} is {actual}, expected {expected} or tighter"
NEGATED = "{path} is {actual}, expected wider than {expected}"

_MODE = re.compile(r"0?o?[0-7]{1,4}")


def check(argument: str) -> str:
    """What is wrong with the argument, else empty."""
    return "" if _MODE.fullmatch(argument) else "expected an octal mode as text"


def judge(value: Value, argument: str, _context: Context) -> Tri:
    """Whether all bits of the mode are among the argument's."""
    allowed = int(argument.replace("o", ""), 8)

    def one(pieces: "str | Pieces") -> Tri:
        if not isinstance(pieces, str):
            return causes_of(pieces)
        if not _MODE.fullmatch(pieces):
            return wrong_type(value, "an octal mode")
        return not int(pieces.replace("o", ""), 8) & ~allowed

    return any_text(value, one)
