"""YAML as Terraform's decoder reads it: one document, YAML 1.1's booleans, 1.2's numbers, times as RFC 3339."""

import re
from typing import Any

from compliance_scan.inputs.terraform.operators.bigfloat import INF, NEG_INF, LimitError, parse_number
from compliance_scan.inputs.terraform.operators.decimaltext import text
from compliance_scan.inputs.terraform.values import NULL, EvalError, Null, ObjectVal, TupleVal, nfc

MAX_NODES = 100_000
"""Nodes with aliases expanded: an alias bomb ends here."""
_TAG = "tag:yaml.org,2002:"
_BOOLS = {name: True for word in ("y", "yes", "true", "on") for name in (word, word.capitalize(), word.upper())}
_BOOLS |= {name: False for word in ("n", "no", "false", "off") for name in (word, word.capitalize(), word.upper())}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NUMBER = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)
_BASED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_INFINITE = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NAN = frozenset({".nan", ".NaN", ".NAN"})
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:(?:([Tt])(\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?(Z|[-+]\d\d:\d\d))"
    r"|(?: (\d\d?):(\d\d?):(\d\d?)(?:\.\d+)?))?",
    re.ASCII,
)


def read(source: str) -> Any:
    """The document's value; mappings become objects, sequences tuples. Raises `EvalError`, `LimitError`."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if "\x85" in source or "\u2028" in source:
        raise LimitError("yamldecode() of a text with Unicode's own line ends")
    reader = _Reader(source)
    try:
        for event in yaml.parse(source, Loader=loader):
            reader.take(event)
    except yaml.YAMLError as error:
        if "\\'" in source:
            # Terraform's reader takes this escape, ours does not.
            raise LimitError("yamldecode() of a text with an unusual escape") from None
        raise EvalError(f"invalid YAML: {str(error).splitlines()[0]}") from None
    if reader.documents != 1:
        raise EvalError("invalid YAML: exactly one document is required")
    return reader.result


class _Open:
    """A collection whose end has not come yet."""

    __slots__ = ("anchor", "items", "key", "keyed", "merging")

    def __init__(self, *, keyed: bool, anchor: str | None) -> None:
        self.keyed = keyed
        self.anchor = anchor
        self.items: Any = {} if keyed else []
        self.key: str | None = None
        self.merging = False


class _Reader:
    """Builds the value from events, without recursion."""

    __slots__ = ("anchors", "documents", "nodes", "result", "source", "stack")

    def __init__(self, source: str) -> None:
        self.source = source
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.documents = 0
        self.nodes = 0
        self.result: Any = NULL

    def take(self, event: Any) -> None:
        """Handles one event."""
        kind = type(event).__name__
        if kind == "ScalarEvent":
            self._count(1)
            self._add(self._scalar(event), event.anchor, 1, key=event.value)
        elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
            self._count(1)
            expected = "map" if kind == "MappingStartEvent" else "seq"
            if event.tag not in (None, _TAG + expected):
                raise EvalError(f"unsupported tag {event.tag}")
            if event.anchor is not None:
                self.anchors.pop(event.anchor, None)
            self.stack.append(_Open(keyed=expected == "map", anchor=event.anchor))
            if len(self.stack) > 200:
                raise LimitError("YAML is nested too deeply")
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            done = self.stack.pop()
            value = self._closed(done)
            self._add(value, done.anchor, self.nodes if done.anchor is not None else 0)
        elif kind == "AliasEvent":
            found = self.anchors.get(event.anchor)
            if found is None:
                raise EvalError(f"reference to undefined anchor {event.anchor}")
            self._count(found[1])
            self._add(found[0], None, 0)
        elif kind == "DocumentStartEvent":
            self.documents += 1
            if event.version not in (None, (1, 1)):
                raise EvalError("found incompatible YAML document")

    def _count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise LimitError(f"YAML of more than {MAX_NODES} nodes")

    def _closed(self, done: _Open) -> Any:
        if not done.keyed:
            return TupleVal(done.items)
        return ObjectVal({key: done.items[key] for key in sorted(done.items)})

    def _add(self, value: Any, anchor: str | None, size: int, key: str | None = None) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, size)
        if not self.stack:
            self.result = value
            return
        top = self.stack[-1]
        if not top.keyed:
            top.items.append(value)
        elif top.key is None and not top.merging:
            if key == "<<":
                top.merging = True
            else:
                top.key = _key(value)
        elif top.merging:
            top.merging = False
            if type(value) is not ObjectVal:
                raise EvalError("cannot merge: a mapping is required")
            top.items.update(value.items)
        else:
            top.items[top.key] = value
            top.key = None

    def _scalar(self, event: Any) -> Any:
        value: str = event.value
        tag = event.tag
        if event.style in ('"', "'", "|", ">"):
            if event.style == '"' and "\\/" in value + self.source[event.start_mark.index : event.end_mark.index]:
                raise EvalError("found unknown escape character")
            if tag is not None and not tag.startswith(_TAG):
                raise EvalError(f"unsupported tag {tag}")
            return nfc(value)
        if tag is None:
            return _plain(value)
        return _tagged(tag, value)


def _key(value: Any) -> str:
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is Null or hasattr(value, "items"):
        raise EvalError("a mapping's key must be a string")
    return text(value)


def _tagged(tag: str, value: str) -> Any:
    kind = tag.removeprefix(_TAG)
    if kind == "str":
        return nfc(value)
    if kind == "null":
        return NULL
    if kind == "binary":
        from compliance_scan.inputs.terraform.functions.encoding import base64_bytes

        base64_bytes(value)
        return value
    if kind in ("int", "float", "bool", "timestamp") and kind != tag:
        found = _plain(value)
        if type(found) is str and (kind != "timestamp" or found == value):
            raise EvalError(f"cannot parse {value!r} as !!{kind}")
        return found
    raise EvalError(f"unsupported tag {tag}")


def _plain(value: str) -> Any:
    if value in _NULLS:
        return NULL
    known = _BOOLS.get(value)
    if known is not None:
        return known
    first = value[0]
    if first in "+-.0123456789":
        if _NUMBER.fullmatch(value):
            return parse_number(value)
        if _BASED.fullmatch(value):
            if len(value) > 400:
                raise LimitError("a number is too long")
            return int(value[2:], 16 if value[1] == "x" else 8)
        infinite = _INFINITE.fullmatch(value)
        if infinite is not None:
            return NEG_INF if infinite[1] == "-" else INF
        if value in _NAN:
            raise EvalError("floating point NaN is not supported")
        return _time(value)
    return nfc(value)


def _time(value: str) -> str:
    match = _TIME.fullmatch(value)
    if match is None:
        return nfc(value)
    year, month, day = match[1], int(match[2]), int(match[3])
    clock = [int(match[i] or 0) for i in ((5, 6, 7) if match[4] else (9, 10, 11))]
    zone = match[8] or "Z"
    stamp = f"{year}-{month:02d}-{day:02d}T{clock[0]:02d}:{clock[1]:02d}:{clock[2]:02d}"
    from compliance_scan.inputs.terraform.functions.dates import parse

    try:
        parse(stamp + zone)
    except EvalError:
        return nfc(value)
    return stamp + ("Z" if zone in ("+00:00", "-00:00") else zone)
