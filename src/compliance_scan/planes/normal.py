"""Values in the form in which two can be compared: what reads differently and means the same is the same here."""

import json
import re
from typing import Any

from compliance_scan.model.value import Encoded, Open, Reference, Text, Unknown, Value, holes, is_nothing, resolved
from compliance_scan.planes.noise import Noise
from compliance_scan.shape.facts import SPath

NOTHING = (None, "", False)
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
    """Whether a value says nothing: null, an empty text or collection, false, an object of such values."""
    if isinstance(value, dict):
        return all(is_empty(item) for item in value.values())
    if isinstance(value, list):
        return all(is_empty(item) for item in value)
    return value is None or value is False or value == ""


def same_scalar(ours: Any, theirs: Any, place: SPath, noise: Noise) -> bool:
    """Whether two scalars mean the same."""
    if ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool):
        return True
    if is_empty(ours) and is_empty(theirs):
        return True
    a, b = _text(ours), _text(theirs)
    if a == b:
        return True
    if place in noise.case and a.lower() == b.lower():
        return True
    if any({a, b} == set(pair) for pair in noise.equal.get(place, ())):
        return True
    if isinstance(ours, str) and isinstance(theirs, str):
        return _same_name(a, b) or a.rstrip("\n.") == b.rstrip("\n.") or _same_document(a, b)
    return False


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _same_name(a: str, b: str) -> bool:
    """Whether one is the ARN of what the other names: `arn:…:key/1234` and `1234`, with a version or without."""
    for arn, name in ((a, b), (b, a)):
        matched = _ARN.fullmatch(arn)
        if matched is None or name.startswith("arn:") or not name:
            continue
        rest = matched[1]
        if rest == name or rest.endswith(("/" + name, ":" + name)):
            return True
    return False


def _same_document(a: str, b: str) -> bool:
    """Whether two JSON texts say the same: order of keys, of statements, actions and principals aside."""
    if not (a.lstrip()[:1] in ("{", "[") and b.lstrip()[:1] in ("{", "[")):
        return False
    try:
        ours, theirs = json.loads(a), json.loads(b)
    except (ValueError, RecursionError):
        return False
    return bool(document(ours) == document(theirs))


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
            out[name] = item if name in ("Sid", "Effect") else _set(item)
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


def _set(value: Any, *, account: bool = False) -> Any:
    listed = value if isinstance(value, list) else [value]
    texts = [_text(each) if isinstance(each, bool | int | float) else each for each in listed]
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
