"""`.driftignore`: what a repository says to leave alone. Nothing disappears: it is marked, with its line.

A line is `TYPE.ID` or an address, with `*` for anything; `TYPE.ID.ATTRIBUTE` names an attribute, `!` takes back what a
line above said, `#` begins a comment.
"""

import fnmatch
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from compliance_scan.model.report_planes import Drift
    from compliance_scan.workspace import Workspace


class Line(NamedTuple):
    """One line of the file."""

    pattern: re.Pattern[str]
    number: int
    keeps: bool
    """`!`: what fits is drift all the same."""


class DriftIgnore:
    """The lines of one file."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._lines: list[Line] = []
        for number, line in enumerate(text.splitlines(), 1):
            written = line.strip()
            if written and not written.startswith("#"):
                keeps = written.startswith("!")
                pattern = written.lstrip("!").replace("[", "[[]")
                self._lines.append(Line(re.compile(fnmatch.translate(pattern)), number, keeps))

    @classmethod
    def read(cls, workspace: "Workspace", file: str) -> "DriftIgnore":
        """The file at the root, empty where there is none."""
        from compliance_scan.workspace import decode

        data = workspace.read(file) if workspace.exists(file) else None
        return cls(decode(data)[0] if data is not None else "", file)

    def marked(self, drift: "Iterable[Drift]") -> "list[Drift]":
        """The drift, with a suppression on what a line names; an attribute that a line names is taken out of its
        resource's list where others remain."""
        found = []
        for each in drift:
            number = self._line(self._names(each))
            attributes = [
                (attribute, self._line([f"{name}.{attribute['path']}" for name in self._names(each)]))
                for attribute in each["attributes"]
            ]
            if number is None and attributes and all(line is not None for _, line in attributes):
                number = attributes[0][1]
            if number is not None:
                each["suppression"] = {
                    "kind": "config",
                    "reason": f"{self._file} names it",
                    "owner": None,
                    "until": None,
                    "where": f"{self._file}:{number}",
                    "status": "accepted",
                }
            found.append(each)
        return found

    def _names(self, each: "Drift") -> list[str]:
        names = [each["address"]]
        if each["arn"]:
            names += [each["arn"], f"{each['type']}.{each['arn'].rpartition(':')[2].rpartition('/')[2]}"]
        if "@" in each["address"]:
            names.append(f"{each['type']}.{each['address'].rpartition('/')[2]}")
        return names

    def _line(self, names: Iterable[str]) -> int | None:
        """The line that holds for any of these names: the last that fits."""
        names = list(names)
        last = next((line for line in reversed(self._lines) if any(map(line.pattern.match, names))), None)
        return None if last is None or last.keeps else last.number
