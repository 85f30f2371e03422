"""Whose KMS key it is."""

from compliance_scan.model.logic import Maybe, Tri, maybe
from compliance_scan.model.value import Reference, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, options, pieces_of, wrong_type

ARGUMENT = "'customer'|'aws_managed'|'aws_owned'|list('customer'|'aws_managed'|'aws_owned')"
ON = "KMS references"
MEANS = (
    "whose key it is: a reference to `aws_kms_key` or an alias of one's own is a customer's, `alias/aws/…` is "
    "managed by AWS; the bare id of a key cannot tell; nothing is no key"
)
EXAMPLE = "{path: kms_key_id, key_is: customer}"
MESSAGE = "{path} is {actual}, expected a key of kind {expected}"
NEGATED = "{path} is {actual}, a key of kind {expected}"

_CUSTOMER = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_replica_external_key")
_OWNED = ("AWS_OWNED_KMS_KEY", "AWS_OWNED_KEY", "AWS_OWNED")
"""How services, and facts about what no key means, name a key that AWS owns."""


def judge(value: Value, argument: "str | list[str]", _context: Context) -> Tri:
    """Whether the key is of the named kind, or of one of them."""
    kind = kind_of(value)
    return kind if isinstance(kind, Maybe) else kind in options(argument) if kind else False


def kind_of(value: Value) -> "str | Maybe":
    """`customer`, `aws_managed`, empty for nothing, or why it cannot be told."""
    if isinstance(value, Reference):
        kind = _target(value.address)
        if kind in _CUSTOMER:
            return "customer"
        if kind and isinstance(resolved(value), Unknown):
            return maybe(Unknown("computed", f"{value.address} does not show whose key it is"))
    pieces = pieces_of(value)
    if pieces is None:
        return "" if is_nothing(resolved(value)) else wrong_type(value, "a KMS key")
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    if isinstance(pieces, str) and pieces.upper() in _OWNED:
        return "aws_owned"
    known = pieces if isinstance(pieces, str) else "".join(piece for piece in pieces[:1] if isinstance(piece, str))
    _, found, alias = known.rpartition("alias/")
    if found and alias.startswith("aws/"):
        return "aws_managed"
    if found and (isinstance(pieces, str) or not "aws/".startswith(alias[:4])):
        return "customer"
    if not isinstance(pieces, str):
        return causes_of(pieces)
    return maybe(Unknown("computed", "the id of a key does not show whose it is")) if pieces else ""


def _target(address: str) -> str:
    parts = [part.split("[")[0] for part in address.split(".")]
    if len(parts) < 2:
        return ""
    return f"data.{parts[-2]}" if len(parts) > 2 and parts[-3] == "data" else parts[-2]
