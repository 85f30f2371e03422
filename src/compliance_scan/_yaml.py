"""Strict reading of our own YAML files (rules, profiles, configuration), with the line of every value.

Duplicate keys, tags and several documents are errors; `yes`, `on` and dates stay text, as in YAML 1.2, so that nothing
changes its meaning by its spelling. Parsing is by events and without recursion: a configuration file may lie in a
hostile repository.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from compliance_scan.errors import ConfigError

MAX_DEPTH = 60
MAX_NODES = 200_000

Place = tuple[str | int, ...]


class Document:
    """One file's value; `lines` gives the line of each key or item by its path from the top."""

    __slots__ = ("data", "file", "lines")

    def __init__(self, file: str, data: Any, lines: dict[Place, int]) -> None:
        self.file = file
        self.data = data
        self.lines = lines

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest one above it that was written."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, place: Place, message: str, hint: str = "") -> ConfigError:
        """An error that names the file and the line of a place."""
        return ConfigError(f"{self.file}:{self.line(place)}: {message}", hint)

    def require_keys(
        self, place: Place, mapping: Any, allowed: Iterable[str], required: Iterable[str] = (), what: str = "key"
    ) -> Mapping[str, Any]:
        """The mapping at a place, with no key beyond `allowed` and all of `required`; raises `ConfigError`."""
        names = list(allowed)
        if not isinstance(mapping, dict):
            raise self.error(place, f"{_named(place)} must be a mapping of keys to values")
        for key in mapping:
            if key not in names:
                raise self.error((*place, key), f"unknown {what} `{key}`{nearest(str(key), names)}")
        for key in required:
            if key not in mapping:
                raise self.error(place, f"{_named(place)} lacks the {what} `{key}`")
        return mapping


def nearest(name: str, names: Iterable[str]) -> str:
    """`, did you mean ...?` with the nearest valid name, or the empty string where none is near."""
    import difflib

    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f", did you mean `{found[0]}`?" if found else ""


def read(text: str | bytes, file: str) -> Document:
    """The document in a YAML text; raises `ConfigError` with `file:line:` where it is none or breaks a rule."""
    import yaml

    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(f"{file}:1: not UTF-8 text: {error.reason}", "save the file as UTF-8") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = getattr(error, "problem", None) or "cannot be read"
        raise ConfigError(f"{file}:{line}: not valid YAML: {problem}", "check indentation and quotes") from None
    return Document(file, builder.data, builder.lines)


def _named(place: Place) -> str:
    return f"`{'.'.join(str(step) for step in place)}`" if place else "the file"


class _Frame:
    """A list or mapping under construction."""

    __slots__ = ("anchor", "before", "key", "place", "value")

    def __init__(self, value: Any, place: Place, anchor: str | None, before: int) -> None:
        self.value = value
        self.place = place
        self.anchor = anchor
        self.before = before
        self.key: str | None = None


class _Builder:
    """Builds plain values from YAML events."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: Any = None
        self.lines: dict[Place, int] = {}
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, int]] = {}
        """Value and how many values are in it: an alias counts as if it were written out."""
        self.nodes = 0
        self.documents = 0

    def take(self, event: Any) -> None:
        kind = type(event).__name__
        line = event.start_mark.line + 1
        if kind == "DocumentStartEvent":
            self.documents += 1
            if self.documents > 1:
                raise ConfigError(f"{self.file}:{line}: a second document; one file holds one")
        elif kind == "ScalarEvent":
            self._no_tag(event, line)
            if self._is_key():
                self._key(event.value, line)
                return
            plain = event.implicit[0] and event.style in (None, "")
            self._value(_scalar(event.value) if plain else event.value, event.anchor, line)
        elif kind == "AliasEvent":
            if event.anchor not in self.anchors:
                raise ConfigError(f"{self.file}:{line}: the anchor *{event.anchor} is not defined above")
            value, size = self.anchors[event.anchor]
            self.nodes += size
            self._value(value, None, line)
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            self._no_tag(event, line)
            self._open({} if kind.startswith("M") else [], event.anchor, line)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            frame = self.stack.pop()
            if frame.anchor:
                self.anchors[frame.anchor] = (frame.value, self.nodes - frame.before)

    def _no_tag(self, event: Any, line: int) -> None:
        if event.tag and event.tag != "!":
            raise ConfigError(f"{self.file}:{line}: the tag {event.tag} is not allowed; plain values only")

    def _is_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None

    def _key(self, name: str, line: int) -> None:
        frame = self.stack[-1]
        if name in frame.value:
            first = self.lines.get((*frame.place, name), line)
            raise ConfigError(f"{self.file}:{line}: duplicate key `{name}` (first on line {first})")
        frame.key = name
        self.lines[(*frame.place, name)] = line

    def _open(self, value: Any, anchor: str | None, line: int) -> None:
        if self._is_key():
            raise ConfigError(f"{self.file}:{line}: a key must be plain text")
        if len(self.stack) >= MAX_DEPTH:
            raise ConfigError(f"{self.file}:{line}: nested more than {MAX_DEPTH} deep")
        place = self._value(value, None, line)
        self.stack.append(_Frame(value, place, anchor, self.nodes))

    def _value(self, value: Any, anchor: str | None, line: int) -> Place:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ConfigError(f"{self.file}:{line}: more than {MAX_NODES} values")
        if anchor:
            self.anchors[anchor] = (value, 0)
        if not self.stack:
            self.data = value
            self.lines.setdefault((), line)
            return ()
        frame = self.stack[-1]
        if isinstance(frame.value, list):
            place = (*frame.place, len(frame.value))
            self.lines[place] = line
            frame.value.append(value)
            return place
        key = frame.key
        assert key is not None
        frame.value[key] = value
        frame.key = None
        return (*frame.place, key)


_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    digits = text[1:] if text[:1] in "+-" else text
    if digits.isascii() and digits.isdigit():
        return int(text) if digits == "0" or digits[0] != "0" else text
    if digits[:1].isdigit() and set(digits) <= set("0123456789.eE+-"):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def places(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value below a value with its place, itself first, in order of writing."""
    stack: list[tuple[Place, Any]] = [(place, value)]
    while stack:
        where, item = stack.pop()
        yield where, item
        if isinstance(item, dict):
            stack.extend(((*where, key), child) for key, child in reversed(item.items()))
        elif isinstance(item, list):
            stack.extend(((*where, index), child) for index, child in reversed(list(enumerate(item))))
