"""A version that its maker still supports."""

from typing import Any

from compliance_scan.model.logic import Tri, maybe
from compliance_scan.model.value import Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit import eol
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, pieces_of, wrong_type

ARGUMENT = "bool|map"
ON = "versions"
MEANS = (
    "the version is in standard support on the day of `--as-of`, by the end-of-life table; `{product: NAME, "
    "extended: true}` names the product, or accepts paid extended support"
)
EXAMPLE = "{path: runtime, supported: true}"
MESSAGE = "{path} is {actual}, which is no longer supported"
NEGATED = "{path} is {actual}, which is still supported"


def check(argument: "bool | dict[str, Any]") -> str:
    """What is wrong with the argument, else empty."""
    if isinstance(argument, bool):
        return ""
    extra = set(argument) - {"product", "extended"}
    return f"`{min(extra)}` is neither `product` nor `extended`" if extra else ""


def judge(value: Value, argument: "bool | dict[str, Any]", context: Context) -> Tri:
    """Whether the version's support has not ended; a version or product that the table does not have is unknown."""
    if is_nothing(value):
        return False
    pieces = pieces_of(value)
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    if not isinstance(pieces, str):
        if pieces is None:
            return False if is_nothing(resolved(value)) else wrong_type(value, "a version")
        return causes_of(pieces)
    options = argument if isinstance(argument, dict) else {}
    found = eol.cycle(pieces, context, options.get("product"))
    if isinstance(found, Unknown):
        return maybe(found)
    alive = eol.is_alive(found, context.as_of, extended=bool(options.get("extended")))
    return alive if argument is not False else not alive
