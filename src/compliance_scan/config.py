"""`.compliance-scan.yaml`: read strictly, with file and line in every error, and never trusted beyond what it may say.

The file belongs to whoever wrote the repository. It may choose and weaken (which is listed in the report, and which a
policy of the caller locks), but it may not lead the program to other hosts, credentials or files.
"""

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from compliance_scan.errors import ConfigError, UsageError
from compliance_scan.model.finding import SEVERITIES

if TYPE_CHECKING:
    from datetime import date

    from compliance_scan._yaml import Document, Place

CONFIG_NAMES = (".compliance-scan.yaml", ".compliance-scan.yml")
MAX_CONFIG_BYTES = 1024 * 1024

Kind = Literal["severity", "verdicts", "names", "text", "flag", "path", "paths", "profile", "suppressions", "keys"]


class Key(NamedTuple):
    """What one key of the file takes."""

    kind: Kind
    weakens: bool = False
    """Whether it makes the scan report or refuse less than it would without it."""


KEYS: dict[str, Key] = {
    "fail_on": Key("severity", weakens=True),
    "severity": Key("severity", weakens=True),
    "verdicts": Key("verdicts", weakens=True),
    "rule": Key("names", weakens=True),
    "skip_rule": Key("names", weakens=True),
    "framework": Key("names", weakens=True),
    "profile": Key("profile", weakens=True),
    "baseline": Key("path", weakens=True),
    "include": Key("names", weakens=True),
    "exclude": Key("names", weakens=True),
    "allow_incomplete": Key("flag", weakens=True),
    "rules": Key("paths"),
    "preview": Key("flag"),
    "var_file": Key("paths"),
    "workspace": Key("text"),
    "inline_suppressions": Key("flag"),
    "foreign_suppressions": Key("flag"),
    "suppressions": Key("suppressions", weakens=True),
}
POLICY_KEYS: dict[str, Key] = {**KEYS, "allow": Key("keys")}
REFUSED = {
    "endpoint_url": "--endpoint-url",
    "endpoint": "--endpoint-url",
    "store": "--store",
    "events": "--events",
    "aws_profile": "--aws-profile",
    "credentials": "--aws-profile",
    "role": "--role-arn",
    "role_arn": "--role-arn",
    "external_id": "--external-id",
    "evidence": "--evidence",
    "format": "--format",
    "policy": "--policy",
    "root": "--root",
    "allow_network": "--allow-network",
}
"""What a repository may never set; a person or a pipeline gives it as a flag or in the environment."""

VERDICTS = ("fail", "unknown", "pass", "not_applicable")
SUPPRESSION_KEYS = ("rule", "resource", "account", "tag", "reason", "owner", "until")


class Entry(NamedTuple):
    """One setting and where it stands."""

    value: Any
    line: int
    file: str
    inside: bool
    """Whether the repository under scan brought it."""


class SuppressionEntry(NamedTuple):
    """One entry of `suppressions`."""

    rule: str
    """Rule id or glob."""
    resource: str
    """Glob over addresses, `*` where the entry names none."""
    reason: str
    owner: str | None
    until: str | None
    """ISO date."""
    line: int
    account: str = "*"
    """Glob over account numbers."""
    tag: str = "*"
    """`name=value`, a glob on either side; `name` alone stands for any value."""


class Config(NamedTuple):
    """A configuration or policy file as it was read."""

    file: str
    """As it is shown to people: relative to the working directory."""
    inside: bool
    """Whether the repository under scan brought it."""
    entries: dict[str, Entry]

    def get(self, key: str) -> Any:
        """A key's value, None where the file does not set it."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value


class Note(NamedTuple):
    """A setting that a file made, for `run.config`."""

    key: str
    value: str
    file: str
    line: int
    weakens: bool


def find_config(root: str) -> str | None:
    """The configuration at the repository root, None where there is none."""
    for name in CONFIG_NAMES:
        path = os.path.join(root, name)
        if os.path.isfile(path):
            return path
    return None


def read_config(path: str, root: str, *, shown: str | None = None, policy: bool = False) -> Config:
    """A configuration (or, with `policy`, a policy) read strictly; raises `ConfigError` with `file:line:`.

    A file inside `root` is the repository's and held to what a repository may say, unless it is the caller's policy.
    """
    shown = shown or os.path.relpath(path)
    real, base = os.path.realpath(path), os.path.realpath(root)
    inside = not policy and (real == base or real.startswith(base.rstrip(os.sep) + os.sep))
    if os.path.islink(path) and not inside and not policy and os.path.abspath(path).startswith(base + os.sep):
        raise ConfigError(f"{shown}:1: the configuration is a link that leads outside the repository root")
    return parse_config(_read_file(path, shown), shown, os.path.dirname(real), base, inside=inside, policy=policy)


def parse_config(data: bytes, shown: str, folder: str, root: str, *, inside: bool, policy: bool = False) -> Config:
    """A configuration from its text; `folder` is where its relative paths start."""
    from compliance_scan import _yaml

    keys = POLICY_KEYS if policy else KEYS
    document = _yaml.read(data, shown)
    top = {} if document.data is None else document.data
    if isinstance(top, dict):
        for key in top:
            if key in REFUSED:
                raise document.error((key,), f"{key} may not be set by a configuration file", _instead(REFUSED[key]))
    reader = _Reader(document, folder, root if inside else None)
    entries = {
        key: Entry(reader.value(keys[key].kind, (key,), value), document.line((key,)), shown, inside)
        for key, value in document.require_keys((), top, keys).items()
    }
    return Config(shown, inside, entries)


def _instead(flag: str) -> str:
    return f"give it as {flag} or as {environment_name(flag)}"


def locked(config: Config | None, policy: Config | None) -> tuple[Config | None, list[Note]]:
    """The configuration with all that the policy does not allow taken out and the policy's own values put in its
    place, and notes of what was ignored. Without a policy the configuration stays as it is."""
    if policy is None:
        return config, []
    allowed = set(policy.get("allow") or ())
    ignored: list[Note] = []
    entries: dict[str, Entry] = {}
    if config is not None:
        for key, entry in config.entries.items():
            if KEYS[key].weakens and key not in allowed:
                text = f"{_shown_value(entry.value)} (ignored: {policy.file} locks it)"
                ignored.append(Note(key, text, entry.file, entry.line, weakens=False))
            else:
                entries[key] = entry
    for key, entry in policy.entries.items():
        if key == "allow" or (key in entries and key in allowed):
            continue
        entries[key] = entry
    shown = config.file if config is not None else policy.file
    return Config(shown, config.inside if config is not None else False, entries), ignored


def notes(config: Config | None, overridden: Iterable[str]) -> list[Note]:
    """What the files set, in their order, less what a flag or the environment overrode."""
    gone = set(overridden)
    return [
        Note(key, _shown_value(entry.value), entry.file, entry.line, entry.inside and KEYS[key].weakens)
        for key, entry in (config.entries.items() if config is not None else ())
        if key not in gone
    ]


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name most like a mistyped one, None where nothing is like it."""
    from difflib import get_close_matches

    pool = {each.replace("_", "-"): each for each in names}
    found = get_close_matches(name.replace("_", "-"), pool, 1, 0.6)
    return pool[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A hint with the nearest name, or with all of a few."""
    pool = list(names)
    near = nearest(name, pool)
    if near is not None:
        return f"did you mean {near!r}?"
    return "one of: " + ", ".join(pool) if len(pool) <= 24 else ""


def _read_file(path: str, shown: str) -> bytes:
    from compliance_scan.workspace import open_regular

    try:
        with open(path, "rb", opener=open_regular) as handle:
            data = handle.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_CONFIG_BYTES:
        raise ConfigError(f"{shown}:1: larger than 1 MiB, which no configuration is")
    return data


def _shown_value(value: Any) -> str:
    if isinstance(value, tuple):
        if value and isinstance(value[0], SuppressionEntry):
            return f"{len(value)} suppression{'s' if len(value) != 1 else ''}"
        return ", ".join(_shown_value(item) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    # Paths were made absolute when they were read; a report names none of the machine's.
    return os.path.relpath(value) if isinstance(value, str) and os.path.isabs(value) else str(value)


class _Reader:
    """Typed reading of one key's value."""

    def __init__(self, document: "Document", folder: str, root: str | None) -> None:
        self.document = document
        self.folder = folder
        self.root = root
        """Set where paths must stay inside it."""

    def value(self, kind: Kind, place: "Place", value: Any) -> Any:
        if kind == "flag":
            if not isinstance(value, bool):
                raise self.document.error(place, f"{_name(place)} must be true or false")
            return value
        if kind == "severity":
            return self._choice(place, value, SEVERITIES)
        if kind == "text":
            return self._text(place, value)
        if kind == "path":
            return self._path(place, value)
        if kind == "profile":
            text = self._text(place, value)
            return self._path(place, text) if "/" in text or text.endswith((".yaml", ".yml")) else text
        items = self._items(place, value)
        if kind == "verdicts":
            chosen = tuple(self._choice(at, item, (*VERDICTS, "all")) for at, item in items)
            return VERDICTS if "all" in chosen else chosen
        if kind == "keys":
            return tuple(self._choice(at, item, tuple(KEYS)) for at, item in items)
        if kind == "paths":
            return tuple(self._path(at, item) for at, item in items)
        if kind == "suppressions":
            return tuple(read_suppression(self.document, at, item) for at, item in items)
        return tuple(self._text(at, item) for at, item in items)

    def _items(self, place: "Place", value: Any) -> "list[tuple[Place, Any]]":
        if value is None:
            return []
        if isinstance(value, list):
            return [((*place, index), item) for index, item in enumerate(value)]
        return [(place, value)]

    def _text(self, place: "Place", value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
            raise self.document.error(place, f"{_name(place)} must be a text")
        return str(value)

    def _choice(self, place: "Place", value: Any, choices: tuple[str, ...]) -> str:
        if value not in choices:
            raise self.document.error(place, f"{_name(place)} is {value!r}", did_you_mean(str(value), choices))
        return str(value)

    def _path(self, place: "Place", value: Any) -> str:
        text = self._text(place, value)
        path = os.path.realpath(os.path.join(self.folder, text))
        if self.root is not None and path != self.root and not path.startswith(self.root.rstrip(os.sep) + os.sep):
            raise self.document.error(
                place,
                f"{_name(place)} leads outside the repository root: {text}",
                "a configuration inside the repository may only name files of the repository",
            )
        return path


def read_suppression(document: "Document", place: "Place", value: Any) -> SuppressionEntry:
    """One entry of a list of suppressions, in a configuration or a profile; raises `ConfigError`."""
    found = dict(document.require_keys(place, value, SUPPRESSION_KEYS, ("rule", "reason"), "suppression key"))
    for key, text in found.items():
        if not isinstance(text, str) or not text.strip():
            raise document.error((*place, key), f"a suppression's {key} must be a text that is not empty")
    if "until" in found and iso_date(found["until"]) is None:
        raise document.error((*place, "until"), f"until is {found['until']!r}, which is no date", "write YYYY-MM-DD")
    line = document.line(place)
    return SuppressionEntry(
        found["rule"],
        found.get("resource", "*"),
        found["reason"].strip(),
        found.get("owner"),
        found.get("until"),
        line,
        str(found.get("account", "*")),
        str(found.get("tag", "*")),
    )


def iso_date(text: str) -> "date | None":
    """A date written as YYYY-MM-DD, None where it is none."""
    from datetime import date

    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _name(place: "Place") -> str:
    return next((str(step) for step in reversed(place) if isinstance(step, str)), "this")


def environment_name(flag: str) -> str:
    """The environment variable of a long flag: `--fail-on` is `COMPLIANCE_SCAN_FAIL_ON`."""
    return "COMPLIANCE_SCAN_" + flag.lstrip("-").replace("-", "_").upper()


def choose(key: str, given: Mapping[str, Any], config: Config | None, default: Any) -> Any:
    """A setting by precedence: what the caller gave (flag or environment), then the file, then the default."""
    value = given.get(key)
    if value is not None and value != ():
        return value
    if config is not None and key in config.entries:
        return config.entries[key].value
    return default
