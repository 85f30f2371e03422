"""Other scanners' results: each is one module of this folder that reads the JSON of one tool.

A module has `NAME` (how people call the file), `recognises(document)` and `read(document)`, which gives an `Imported`;
it looks at the content alone, never at the file's name. What it reads is hostile: nothing is assumed of its shape, and
what is not as documented is skipped and counted.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance_scan.model.report import IncompleteEntry, Severity, Verdict

_INDEX = re.compile(r"\[[^\]]*\]")
SEVERITIES: dict[str, Severity] = {
    "critical": "critical",
    "fatal": "critical",
    "high": "high",
    "error": "high",
    "medium": "medium",
    "moderate": "medium",
    "warning": "medium",
    "low": "low",
    "note": "low",
    "info": "info",
    "informational": "info",
    "negligible": "info",
}


class Foreign(NamedTuple):
    """One result of another tool, in its words; empty where it says nothing."""

    rule: str
    """The tool's id: `CKV_AWS_16`."""
    title: str
    verdict: Verdict
    message: str = ""
    severity: Severity | None = None
    address: str = ""
    type: str = ""
    file: str = ""
    """With `/`, without a leading one, relative to what the tool scanned."""
    line: int = 0
    end_line: int = 0
    arn: str = ""
    account: str = ""
    region: str = ""
    live: bool = False
    help_uri: str = ""
    fix: str = ""
    suppressed: str | None = None
    """The reason of a suppression by the tool's own means; None where it is none."""


class Imported(NamedTuple):
    """What a file of another tool holds."""

    tool: str
    """As in the rules' `equivalents`: `checkov`, `trivy`, `prowler`, or any other name."""
    version: str
    findings: list[Foreign]
    incomplete: list[IncompleteEntry]
    """What the tool could not read, and entries that are not as its documentation has them."""


class Importer(Protocol):
    """What a module of this folder is."""

    NAME: str

    def recognises(self, document: Any) -> bool:
        """Whether a JSON document is of this tool."""
        ...

    def read(self, document: Any) -> list[Imported]:
        """Its results, an entry a tool; raises nothing for what is malformed."""
        ...


def importers() -> Iterator[Importer]:
    """All importers, by name."""
    import importlib

    with os.scandir(os.path.dirname(__file__)) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(".py") and not entry.name.startswith("_"))
    for name in names:
        yield cast("Importer", importlib.import_module(f"{__name__}.{name.removesuffix('.py')}"))


def text(value: Any, *path: str | int) -> str:
    """The text at a path of a JSON value; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number(value: Any, *path: str | int) -> int:
    """The positive whole number at a path; 0 where there is none."""
    found = at(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def at(value: Any, *path: str | int) -> Any:
    """What stands at a path of a JSON value, None where nothing does."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


def items(value: Any, *path: str | int) -> list[Any]:
    """The list at a path; empty where there is none."""
    found = at(value, *path)
    return found if isinstance(found, list) else []


def severity(word: str) -> Severity | None:
    """A tool's word for a severity as ours; None where it is not known."""
    return SEVERITIES.get(word.strip().lower())


def relative(path: str) -> str:
    """A path as the tool prints it, without what makes it absolute or repeats the folder."""
    made = path.replace("\\", "/").removeprefix("file://")
    while made.startswith(("/", "./")):
        made = made[1:] if made.startswith("/") else made[2:]
    return made


def type_of(address: str) -> str:
    """The resource type in a Terraform address; empty where it is none."""
    steps = _INDEX.sub("", address[:4096]).split(".")
    if len(steps) > 1 and steps[-2].startswith(("aws_", "kubernetes_", "azurerm_", "google_")):
        return steps[-2]
    return ""


def odd(tool: str, count: int) -> list[IncompleteEntry]:
    """The note of entries that could not be understood."""
    if not count:
        return []
    told = f"{count} entr{'y is' if count == 1 else 'ies are'} not as the tool's documentation has them"
    return [{"kind": "unsupported", "where": tool, "message": told, "hint": "import the tool's own JSON"}]
