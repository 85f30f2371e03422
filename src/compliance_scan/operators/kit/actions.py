"""The actions of IAM by what they do, from AWS's service authorization reference (`tables/iam.json`)."""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from compliance_scan.operators.kit.globs import glob
from compliance_scan.operators.kit.tables import table

LEVELS = {"read": "R", "list": "L", "write": "W", "tagging": "T", "permissions": "P"}


@cache
def by_service() -> dict[str, list[str]]:
    """Service to the names of all its actions, as AWS spells them."""
    return {service: sorted(" ".join(levels.values()).split()) for service, levels in table("iam").items()}


class Kind(NamedTuple):
    """Which actions are meant: those of these levels' letters (lower case: cannot be limited to resources) that are
    among these names, in lower case; no names: all."""

    letters: str
    among: tuple[str, ...]

    @classmethod
    def of(cls, argument: "dict[str, Any]") -> "Kind":
        """The kind that an operator's argument describes."""
        letters = "".join(LEVELS[level] for level in argument.get("level", LEVELS))
        loose = "" if argument.get("restrictable") else letters.lower()
        return cls(letters + loose, tuple(str(name).lower() for name in argument.get("among", ())))

    def met_by(self, pattern: str) -> bool:
        """Whether a pattern of actions takes in one of the kind."""
        return _met(self, pattern.lower())

    def met_beside(self, patterns: Iterable[str]) -> bool:
        """Whether one of the kind is taken in by none of these patterns."""
        lower = [pattern.lower() for pattern in patterns]
        names = [name for name in self.among if self.has(name)] if self.among else _all(self.letters)
        return any(not any(glob(pattern, name) for pattern in lower) for name in names)

    def has(self, name: str) -> bool:
        """Whether an action, in lower case, is of the kind's levels."""
        if len(self.letters) == 2 * len(LEVELS):
            return True  # every level: also an action that the table does not have
        return name in _of_service(name.partition(":")[0], self.letters)


@lru_cache(maxsize=8192)  # policies say the same over and over
def _met(kind: Kind, pattern: str) -> bool:
    if kind.among:
        return any(glob(pattern, name) and kind.has(name) for name in kind.among)
    return any(glob(pattern, name) for name in _named(pattern, kind.letters))


def _named(pattern: str, letters: str) -> Iterator[str]:
    """The actions of these levels in the services that a pattern may stand for."""
    service = pattern.partition(":")[0]
    if "*" in service or "?" in service:
        yield from _all(letters)
    else:
        yield from _of_service(service, letters)


def _all(letters: str) -> Iterator[str]:
    for service in table("iam"):
        yield from _of_service(service, letters)


@cache
def _of_service(service: str, letters: str) -> frozenset[str]:
    levels = table("iam").get(service, {})
    return frozenset(f"{service}:{name.lower()}" for level in letters for name in levels.get(level, "").split())
