"""Whether a condition of a policy limits who may call, so that `*` no longer means everyone.

Only keys that say who calls or from where count: what every caller can bring along (a user's name, a service in
between, the resource's own account) limits nobody, nor does a test that holds where the key is missing (`...IfExists`,
`ForAllValues:`), nor a value that stands for all.
"""

from compliance_scan.model.logic import Tri, maybe, tri_any, tri_not
from compliance_scan.model.value import Open, Reference, Unknown, Value, resolved
from compliance_scan.operators.kit.network import is_open_to_internet, network_of
from compliance_scan.operators.kit.text import causes_of, pieces_of

_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpcsourceip",
        "kms:calleraccount",
        "lambda:eventsourcetoken",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "sts:externalid",
    }
)
_ADDRESSES = frozenset({"aws:sourceip", "aws:vpcsourceip"})
_MADE_BY_PROVIDERS = (":sub", ":aud", ":amr")
"""How the keys of web identities end that say who it is, or for whom."""
_FLAGS = frozenset({"elasticfilesystem:accessedviamounttarget"})
"""Keys that limit callers where they are true."""
_EXACT = frozenset({"stringequals", "stringequalsignorecase"})
_PATTERNS = frozenset({"stringlike", "arnlike", "arnequals"})


def limits(operator: str, key: str, values: Value, *, if_exists: bool, scope: str) -> Tri:
    """Whether a condition limits callers; `operator` and `key` in lower case, `scope` is `any`, `all` or empty."""
    if if_exists or scope == "all":
        return False
    found = resolved(values)
    items, more = (found.items, found.more) if isinstance(found, Open) else (found, None)
    if not isinstance(items, list):
        return False
    if operator == "bool":
        holds: Tri = key in _FLAGS and tri_not(tri_any(_is_false(item) for item in items))
    elif operator == "ipaddress":
        holds = key in _KEYS and tri_not(tri_any(_is_wide_network(item) for item in items))
    elif operator in _EXACT or operator in _PATTERNS:
        if key not in _KEYS and not key.endswith(_MADE_BY_PROVIDERS):
            return False
        holds = tri_not(tri_any(_is_wide(item, key, operator) for item in items))
        if operator in _EXACT and key not in _ADDRESSES and holds is not False:
            return True  # without patterns no value stands for all, whichever it is
    else:
        return False
    # An open list may hold a value that stands for all.
    return maybe(more) if more is not None and holds is True else holds


def _is_false(value: Value) -> Tri:
    known = pieces_of(value)
    if isinstance(known, str):
        return known.lower() != "true"
    return maybe(known) if isinstance(known, Unknown) else True


def _is_wide_network(value: Value) -> Tri:
    known = _text(value)
    if not isinstance(known, str):
        return known
    network = network_of(known)
    return "*" in known if network is None else is_open_to_internet(network)


def _is_wide(value: Value, key: str, operator: str) -> Tri:
    known = _text(value)
    if not isinstance(known, str):
        return known
    if key in _ADDRESSES:
        return _is_wide_network(known)
    return known == "*" or (operator in _PATTERNS and _stands_for_all(known, key))


def _text(value: Value) -> "str | Tri":
    """The known text of a value; else whether it may stand for all: what a provider computes, or a template gives
    whose known parts hold no wildcard, is one thing."""
    plain = resolved(value)
    if isinstance(plain, Unknown):
        made = isinstance(value, Reference) and plain.cause == "computed"
        return False if made else maybe(plain)
    pieces = pieces_of(plain)
    if isinstance(pieces, Unknown):
        return maybe(pieces)
    if pieces is None or isinstance(pieces, str):
        return pieces or False
    wild = any(isinstance(piece, str) and ("*" in piece or "?" in piece) for piece in pieces)
    return causes_of(pieces) if wild else False


def _stands_for_all(text: str, key: str) -> bool:
    if "*" not in text and "?" not in text:
        return False
    if text.lower().startswith("arn:"):
        parts = [*text.split(":", 5), *[""] * 5][:6]
        whole = text.count(":") >= 5
        account, rest = parts[4], parts[5]
        return _is_wild(account) or (not account and (not whole or not rest.strip("*?/:")))
    head = text.replace("?", "*").partition("*")[0]
    if key.endswith("orgpaths"):
        return "/" not in head
    if key == "aws:userid" or key.endswith(_MADE_BY_PROVIDERS):
        return head in ("", "repo:")
    # An organisation, an account, a network: a part of its name says nothing of whose it is.
    return True


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text
