"""What of a live account was listed, and what was not: silence means absence only where somebody was asked."""

from collections.abc import Iterable, Iterator
from typing import Final

from compliance_scan.model.value import Unknown

NOT_COLLECTED: Final = "not_collected"
"""The cause where nobody knows how to list a type."""
Key = tuple[str, str, str]
"""Type, account, region; the region is empty where the type is global."""


class Coverage:
    """For each type and place whether its listing is whole."""

    __slots__ = ("_by_type", "file", "places", "started", "states")

    def __init__(self) -> None:
        self.places: dict[str, tuple[str, ...]] = {}
        """Account to the regions that were asked."""
        self.states: dict[Key, Unknown | None] = {}
        """None where all of the type's resources there are known, else why not."""
        self.file = ""
        """The inventory file, relative to the root, whose first line tells of the whole; empty for none."""
        self.started = ""
        """When it was listed, in RFC 3339; empty where nobody knows."""
        self._by_type: dict[tuple[str, str], dict[str, Unknown | None]] = {}

    def add(self, kind: str, account: str, region: str, cause: Unknown | None) -> None:
        """Notes a listing; where one type has several, each failure counts."""
        known = self.states.get((kind, account, region))
        cause = known or cause
        self.states[kind, account, region] = cause
        self._by_type.setdefault((kind, account), {})[region] = cause

    def cause(self, kind: str, account: str | None, region: str | None = None) -> Unknown | None:
        """Why there may be more of a type in an account (or in one of its regions) than was found; None where there is
        nothing more."""
        found = self._by_type.get((kind, account or ""))
        if found is None:
            return Unknown(NOT_COLLECTED, f"{kind} is not collected")
        if region is not None and region in found:
            return found[region]
        return next((cause for cause in found.values() if cause is not None), None)

    def failures(self) -> Iterator[tuple[Key, Unknown]]:
        """The listings that are not whole."""
        for key, cause in self.states.items():
            if cause is not None:
                yield key, cause

    def homes(self) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Accounts with their regions."""
        return self.places.items()
