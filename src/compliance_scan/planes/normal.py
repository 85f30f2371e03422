"""Values in the form in which two can be compared: what reads differently and means the same is the same here."""

import base64
import hashlib
import json
import re
from ipaddress import ip_network
from typing import Any

from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value, holes, is_nothing, resolved
from compliance_scan.planes.noise import Noise
from compliance_scan.shape.facts import SPath

_ARN = re.compile(r"arn:[\w-]+:[\w-]*:[\w-]*:\d*:(.+)", re.DOTALL)


class Hole:
    """A value, or a part of one, that is not known: nothing can be said of a difference there."""

    def __repr__(self) -> str:
        return "?"


HOLE = Hole()


def known(value: Value) -> Any:
    """The value as plain JSON; `HOLE` where it, or any of it that has no place of its own, is not known."""
    value = resolved(value)
    if isinstance(value, Unknown | Reference | Open):
        return HOLE
    if isinstance(value, Text):
        return HOLE
    if isinstance(value, Encoded):
        if value.text is not None:
            return value.text
        return HOLE if next(holes(value.tree), None) is not None else json.dumps(known(value.tree), sort_keys=True)
    if isinstance(value, dict):
        return {name: known(item) for name, item in value.items()}
    if isinstance(value, list):
        return [known(item) for item in value]
    return None if is_nothing(value) else value


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: null, an empty text or collection, false, zero (providers write it for a number
    that nobody set), an object of such values."""
    if isinstance(value, dict):
        return all(is_empty(item) for item in value.values())
    if isinstance(value, list):
        return all(is_empty(item) for item in value)
    return value is None or value in (False, "", 0)


def same_scalar(ours: Any, theirs: Any, place: SPath, noise: Noise) -> bool:
    """Whether two scalars mean the same, `ours` as it is declared."""
    if is_empty(ours) and is_empty(theirs):
        return True
    a, b = _text(ours), _text(theirs)
    if a == b or (place in noise.case and a.lower() == b.lower()):
        return True
    if place in noise.prefix and a and (b + ".").startswith(a + "."):
        return True
    if any({a, b} == set(pair) for pair in noise.equal.get(place, ())):
        return True
    if isinstance(ours, str) and isinstance(theirs, str):
        return same_text(a, b, place, noise)
    return False


def same_text(a: str, b: str, place: SPath, noise: Noise) -> bool:
    """Whether two texts that differ mean the same: names and ARNs, documents, networks, encoded forms."""
    if _same_name(a, b) or a.strip().rstrip(".") == b.strip().rstrip("."):
        return True
    if "alias/" in a or "alias/" in b:
        return _same_name(_key_of(a, noise), _key_of(b, noise)) or _key_of(a, noise) == _key_of(b, noise)
    if a[:1].strip() in ("{", "[", "") or a[:1] in "{[":
        return _same_document(a, b, place, noise)
    return _same_network(a, b) or _same_encoded(a, b) or _same_encoded(b, a)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _same_name(a: str, b: str) -> bool:
    """Whether one is the ARN of what the other names: `arn:…:key/1234` and `1234`, with a version or without."""
    for arn, name in ((a, b), (b, a)):
        if not arn.startswith("arn:") or name.startswith("arn:") or not name:
            continue
        matched = _ARN.fullmatch(arn)
        if matched is None:
            continue
        rest = matched[1]
        if rest == name or rest.endswith(("/" + name, ":" + name)):
            return True
    return False


def _key_of(text: str, noise: Noise) -> str:
    """The id of the key that an alias, named plainly or by ARN, stands for; the text itself where nobody knows."""
    alias = text[text.index("alias/") :] if "alias/" in text else text
    return noise.aliases.get(alias, text)


def _same_network(a: str, b: str) -> bool:
    """Whether two texts are one network: `10.0.0.5/24` and `10.0.0.0/24`, `::/0` and its long form."""
    if "/" not in a or "/" not in b or not (a[0] in _HEX and b[0] in _HEX):
        return False
    try:
        return ip_network(a, strict=False) == ip_network(b, strict=False)
    except ValueError:
        return False


_HEX = "0123456789abcdefABCDEF:"
_SHA1 = re.compile(r"[0-9a-f]{40}")
_BASE64 = re.compile(r"[A-Za-z0-9+/\r\n]{8,}={0,2}")


def _same_encoded(a: str, b: str) -> bool:
    """Whether one text is the other in base64, or (as providers once kept user data) its SHA-1."""
    if _SHA1.fullmatch(a):
        return hashlib.sha1(b.encode(), usedforsecurity=False).hexdigest() == a
    if len(a) < len(b) or not _BASE64.fullmatch(a):
        return False
    try:
        return base64.b64decode(a, validate=False) == b.encode()
    except ValueError:
        return False


def _same_document(a: str, b: str, place: SPath, noise: Noise) -> bool:
    """Whether two JSON texts say the same: order of keys, of statements, actions and principals aside, and what AWS
    fills in."""
    if not (a.lstrip()[:1] in ("{", "[") and b.lstrip()[:1] in ("{", "[")):
        return False
    try:
        ours, theirs = json.loads(a), json.loads(b)
    except (ValueError, RecursionError):
        return False
    if isinstance(ours, dict) and "Statement" in ours:
        return bool(document(ours) == document(theirs))
    return sort_key(_bare(ours, place, noise)) == sort_key(_bare(theirs, place, noise))


def _bare(value: Any, place: SPath, noise: Noise) -> Any:
    """A document without what AWS fills in where nobody says anything."""
    if isinstance(value, dict):
        return {
            name: _bare(item, (*place, name), noise)
            for name, item in value.items()
            if (*place, name) not in noise.defaults or noise.defaults[*place, name] != item
        }
    return [_bare(item, place, noise) for item in value] if isinstance(value, list) else value


def document(value: Any) -> Any:
    """A JSON document in one form. In policies a single text and a list of it are one, and lists are sets."""
    if not (isinstance(value, dict) and "Statement" in value):
        return value
    statements = value["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return {
        "Version": value.get("Version", "2008-10-17"),
        "Statement": sorted((_statement(each) for each in listed), key=_key),
    }


def _statement(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    out: dict[str, Any] = {}
    for name, item in value.items():
        if name == "Sid" and not item:
            continue
        if name in ("Principal", "NotPrincipal"):
            out[name] = _principal(item)
        elif name == "Condition":
            out[name] = _condition(item)
        else:
            out[name] = item if name in ("Sid", "Effect") else _set(item, lower=name in ("Action", "NotAction"))
    return out


def _principal(value: Any) -> Any:
    if isinstance(value, dict):
        return {kind: _set(ids, account=True) for kind, ids in value.items()}
    return {"AWS": ["*"]} if value == "*" else value


def _condition(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        operator: {str(key).lower(): _set(values) for key, values in tests.items()}
        if isinstance(tests, dict)
        else tests
        for operator, tests in value.items()
    }


def _set(value: Any, *, account: bool = False, lower: bool = False) -> Any:
    listed = value if isinstance(value, list) else [value]
    texts = [_text(each) if isinstance(each, bool | int | float) else each for each in listed]
    if lower:
        texts = [each.lower() if isinstance(each, str) else each for each in texts]
    if account:
        texts = [_root(each) if isinstance(each, str) else each for each in texts]
    return sorted({_key(each): each for each in texts}.values(), key=_key)


def _root(name: str) -> str:
    """An account by number is its root by ARN."""
    return f"arn:aws:iam::{name}:root" if name.isdigit() and len(name) == 12 else name


def _key(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def sort_key(value: Any) -> str:
    """A text that is the same for equal values, empty parts and the order of sets aside."""
    return _key(_reduced(value))


def _reduced(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reduced(item) for name, item in value.items() if not is_empty(item)}
    if isinstance(value, list):
        return sorted((_reduced(item) for item in value if not is_empty(item)), key=_key)
    return _text(value)
