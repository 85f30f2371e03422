"""A security policy that refuses older TLS."""

import re

from compliance_scan.model.logic import Tri, maybe, tri_all
from compliance_scan.model.value import Open, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.tables import table
from compliance_scan.operators.kit.text import causes_of, pieces_of, wrong_type

ARGUMENT = "'1.0'|'1.1'|'1.2'|'1.3'"
ON = "security policies"
MEANS = (
    "the named policy (of a load balancer, CloudFront, API Gateway, OpenSearch, Transfer …) or version offers "
    "nothing older; a policy that the table does not have is unknown"
)
EXAMPLE = '{path: ssl_policy, tls_at_least: "1.2"}'
MESSAGE = "{path} is {actual}, expected TLS {expected} or newer only"
NEGATED = "{path} is {actual}, which offers nothing older than TLS {expected}"


_ORDER = ("SSLv2", "SSLv3", "1.0", "1.1", "1.2", "1.3")


def judge(value: Value, argument: str, _context: Context) -> Tri:
    """Whether the lowest version that the policy offers is no older; of a list of versions, the lowest counts."""
    if is_nothing(value):
        return False
    plain = resolved(value)
    if isinstance(plain, list):
        return tri_all(judge(item, argument, _context) for item in plain) if plain else False
    if isinstance(plain, Open) and isinstance(plain.items, list):
        return tri_all([*(judge(item, argument, _context) for item in plain.items), maybe(plain.more)])
    pieces = pieces_of(value)
    if isinstance(pieces, str):
        lowest = minimum(pieces)
        if lowest is None:
            return maybe(Unknown("unsupported", f"the TLS policy {pieces[:80]} is not in the table"))
        return _ORDER.index(lowest) >= _ORDER.index(argument)
    if pieces is None:
        return False if is_nothing(plain) else wrong_type(value, "a TLS policy")
    return maybe(pieces) if isinstance(pieces, Unknown) else causes_of(pieces)


def minimum(name: str) -> str | None:
    """The lowest version that a policy offers; None where the table does not have it."""
    found = table("tls").get(name)
    if found is not None:
        return str(found)
    match = re.fullmatch(r"(?:TLS|SSL)?[_ ]?v?\.?([123])(?:[._]([0-3]))?", name.strip(), re.IGNORECASE)
    if match is None:
        return None
    if name.upper().startswith("SSL"):
        return f"SSLv{match[1]}" if match[1] in "23" else None
    return f"1.{match[2] or 0}" if match[1] == "1" else None
