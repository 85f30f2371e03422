"""Text that a regular expression finds."""

import re
from functools import lru_cache
from typing import Any

from compliance_scan.model.logic import Tri, tri_any
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import Pieces, any_text, causes_of, options

ARGUMENT = "string|list(string)"
ON = "text"
MEANS = (
    "the expression (RE2, linear time; anchor it with `^` and `$`) is found in the text; of a list: any item; "
    "of several expressions: any"
)
EXAMPLE = '{path: image, matches: "^registry[.]example[.]com/"}'
MESSAGE = "{path} is {actual}, expected to match {expected}"
NEGATED = "{path} is {actual}, expected not to match {expected}"

_LOOKS_AROUND = re.compile(r"[\^$]|\\[bBAzZ]")
"""Expressions that depend on what stands around a part."""
_FIXED_START = re.compile(r"\^[^|]*\Z")
_PLAIN_START = re.compile(r"\^((?:[\w/:@ -](?![?*+{]))*)")


def check(argument: "str | list[str]") -> str:
    """What is wrong with the argument, else empty."""
    import re2

    for pattern in options(argument):
        try:
            re2.compile(pattern)
        except re2.error as error:
            return f"`{pattern}` is no expression: {error}"
    return ""


def judge(value: Value, argument: "str | list[str]", _context: Context) -> Tri:
    """Whether any of the expressions is found in the text, or in any text of a list."""
    return any_text(value, lambda pieces: tri_any(_found(pieces, pattern) for pattern in options(argument)))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    import re2

    return re2.compile(pattern)


def _found(pieces: "str | Pieces", pattern: str) -> Tri:
    expression = _compiled(pattern)
    if isinstance(pieces, str):
        return expression.search(pieces) is not None
    if not _LOOKS_AROUND.search(pattern):
        # Without anchors what is found in a part is found in the whole, whatever the rest will be.
        if any(isinstance(piece, str) and expression.search(piece) for piece in pieces):
            return True
    elif isinstance(pieces[0], str) and _FIXED_START.match(pattern):
        return causes_of(pieces) if _may_start(pattern, pieces[0]) else False
    return causes_of(pieces)


def _may_start(pattern: str, known: str) -> bool:
    """Whether a text that starts with `known` can match an expression that starts with `^`: its first plain letters
    must not differ."""
    match = _PLAIN_START.match(pattern)
    plain = match[1] if match is not None else ""
    return known.startswith(plain) or plain.startswith(known)
