"""Text that ends so."""

from compliance_scan.model.logic import Tri, tri_any
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import Pieces, any_text, causes_of, options

ARGUMENT = "string|list(string)"
ON = "text"
MEANS = "the text ends with this, or with one of these; of a list: any item"
EXAMPLE = '{path: endpoint, ends_with: ".internal"}'
MESSAGE = "{path} is {actual}, expected to end with {expected}"
NEGATED = "{path} is {actual}, expected not to end with {expected}"


def judge(value: Value, argument: "str | list[str]", _context: Context) -> Tri:
    """Whether the text, or any in a list, ends with any of the argument's."""
    return any_text(value, lambda pieces: tri_any(_one(pieces, wanted) for wanted in options(argument)))


def _one(pieces: "str | Pieces", wanted: str) -> Tri:
    known = pieces if isinstance(pieces, str) else pieces[-1]
    if isinstance(known, str) and known.endswith(wanted):
        return True
    if isinstance(pieces, str) or (isinstance(known, str) and not wanted.endswith(known)):
        return False
    return causes_of(pieces) if wanted else True
