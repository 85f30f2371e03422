"""A version that is new enough."""

import re

from compliance_scan.model.logic import Tri, maybe
from compliance_scan.model.value import Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, pieces_of, wrong_type

ARGUMENT = "string|number"
ON = "versions"
MEANS = (
    "the version is this one or newer, compared number by number; one that is too short to tell (`16` beside "
    "`16.1`) is unknown"
)
EXAMPLE = '{path: engine_version, version_at_least: "16.1"}'
MESSAGE = "{path} is {actual}, expected {expected} or newer"
NEGATED = "{path} is {actual}, expected older than {expected}"


def judge(value: Value, argument: "str | float", _context: Context) -> Tri:
    """Whether the version is no older than the argument."""
    if is_nothing(value):
        return False
    pieces = pieces_of(value)
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    if pieces is None:
        return False if is_nothing(resolved(value)) else wrong_type(value, "a version")
    known = pieces if isinstance(pieces, str) else pieces[0]
    if not isinstance(known, str):
        return causes_of(pieces) if not isinstance(pieces, str) else False
    found, wanted = numbers(known), numbers(str(argument))
    if isinstance(pieces, str):
        if not found or not wanted:
            return wrong_type(value, "a version")
        rest: Tri = maybe(Unknown("computed", "the version leaves its later numbers open"))
    else:
        # A number at the end of the known part may go on in the unknown one.
        found = found[:-1] if known[-1:].isdigit() else found
        rest = causes_of(pieces)
    for have, want in zip(found, wanted, strict=False):
        if have != want:
            return have > want
    return True if len(found) >= len(wanted) or not any(wanted[len(found) :]) else rest


def numbers(text: str) -> list[int]:
    """The numbers of a version: `v1.28.3-eks-1` is 1, 28, 3."""
    match = re.search(r"\d{1,9}(?:\.\d{1,9})*", text[:200])
    return [int(number) for number in match[0].split(".")] if match else []
