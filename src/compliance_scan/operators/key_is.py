"""Whose KMS key it is."""

from compliance_scan.model.logic import Maybe, Tri, maybe
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Reference, Unknown, Value, is_nothing, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.text import causes_of, options, pieces_of, wrong_type

ARGUMENT = "'customer'|'aws_managed'|'aws_owned'|'named'|list('customer'|'aws_managed'|'aws_owned'|'named')"
ON = "KMS references"
MEANS = (
    "whose key it is: a reference to `aws_kms_key` or an alias of one's own is a customer's, `alias/aws/…` is "
    "managed by AWS; the bare id of a key cannot tell but in a live account, where AWS names its own; nothing is no "
    "key. `named`: any key that somebody names and that is not known to be one of AWS, for services that have no key "
    "of AWS that could be named"
)
EXAMPLE = "{path: kms_key_id, key_is: customer}"
MESSAGE = "{path} is {actual}, expected a key of kind {expected}"
NEGATED = "{path} is {actual}, a key of kind {expected}"

_CUSTOMER = (
    "aws_kms_key",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_kms_replica_external_key",
    "aws_kms_alias",
)
"""What only customers make: AWS keeps the aliases `alias/aws/` for itself, and lets none of ours point at its keys."""
_LOOKED_UP = {"data.aws_kms_alias": "name", "data.aws_kms_key": "key_id"}
"""Data sources of keys, and their attribute that says which key is looked up."""
_DEPTH = 4
NAMED = "named"
_OWNED = ("AWS_OWNED_KMS_KEY", "AWS_OWNED_KEY", "AWS_OWNED")
"""How services, and facts about what no key means, name a key that AWS owns."""


def judge(value: Value, argument: "str | list[str]", context: Context) -> Tri:
    """Whether the key is of the named kind, or of one of them."""
    kind = kind_of(value, context)
    if isinstance(kind, Maybe):
        return _is_named(value, context, kind) if NAMED in options(argument) else kind
    return bool(kind) and (kind in options(argument) or (kind == "customer" and NAMED in options(argument)))


def _is_named(value: Value, context: Context, kind: Maybe) -> Tri:
    """Of a key of which is not known whose it is: whether it is certainly named."""
    if isinstance(value, Reference):
        present = context.presence(value)
        return kind if present is None else present
    written = context.plane in ("code", "plan")  # elsewhere the service itself names the key that it has taken
    return True if isinstance(value, str) and written else kind


def kind_of(value: Value, context: Context, depth: int = 0) -> "str | Maybe":
    """`customer`, `aws_managed`, `aws_owned`, empty for nothing, or why it cannot be told."""
    if isinstance(value, Reference):
        kind = _target(value.address)
        if kind in _CUSTOMER:
            return "customer"
        looked_up = _looked_up(value, kind, context) if depth < _DEPTH else None
        if looked_up is not None:
            return kind_of(looked_up, context, depth + 1)
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
    return _by_id(pieces, context) if pieces else ""


def _by_id(key: str, context: Context) -> "str | Maybe":
    """Whose key it is of which only the id or ARN is written: that of a key that was read."""
    listed = context.key_owner(key)
    if listed is not None:
        return listed
    found = context.named(key, "aws_kms_key")
    if len(found) == 1 and found[0].plane != "live":
        return "customer"
    manager = resolved(_attribute(found[0], "key_manager")) if len(found) == 1 else None
    if manager in ("CUSTOMER", "AWS"):
        return "customer" if manager == "CUSTOMER" else "aws_managed"
    return maybe(Unknown("computed", "the id of a key does not show whose it is"))


def _looked_up(value: Reference, kind: str, context: Context) -> Value:
    """What a data source of a key looks up, where one alone was read."""
    found = context.targets(value) if kind in _LOOKED_UP else ()
    return _attribute(found[0], _LOOKED_UP[kind]) if len(found) == 1 else None


def _attribute(resource: Resource, name: str) -> Value:
    return resource.attributes[name] if name in resource.attributes else None  # noqa: SIM401 - no mapping


def _target(address: str) -> str:
    parts = [part.split("[")[0] for part in address.split(".")]
    if len(parts) < 2:
        return ""
    return f"data.{parts[-2]}" if len(parts) > 2 and parts[-3] == "data" else parts[-2]
