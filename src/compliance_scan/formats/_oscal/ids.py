"""Identifiers as OSCAL wants them: tokens, and UUIDs that the same run always gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance_scan.model.report import Report

NAMESPACE = UUID("6f0c0a52-9d0e-5c5b-9f5a-2f2b0d1c7e41")
PROPERTIES = "https://compliance-scan.dev/ns/oscal"
_NIST = re.compile(r"([A-Z]{2})-(\d+)(?:\((\d+)\))?\Z")


class Names:
    """UUIDs of one report: the same parts of the same run always get the same."""

    def __init__(self, report: Report) -> None:
        run = report["run"]
        self._space = _made(NAMESPACE, (run["started"], run["command"], *run["targets"]))

    def uuid(self, *parts: str) -> str:
        """The UUID of a part."""
        return str(_made(self._space, parts))


def _made(space: UUID, parts: Iterable[str]) -> UUID:
    return uuid5(space, ascii("\0".join(parts)))  # names of hostile files need not be Unicode


def control_token(framework: str, control: str) -> str:
    """A control's id as OSCAL's catalogs write it (NIST's own: `AC-2(1)` is `ac-2.1`), else as a token after the
    framework's id."""
    found = _NIST.match(control) if framework.startswith("nist-800-53") else None
    if found:
        family, number, enhancement = found.groups()
        return f"{family.lower()}-{number}" + (f".{enhancement}" if enhancement else "")
    return token(f"{framework}_{control}")


def token(text: str) -> str:
    """A text as a token: letters, digits, dots, hyphens and underscores, a letter or underscore first."""
    made = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("_")
    return made if made[:1].isalpha() else f"_{made}"
