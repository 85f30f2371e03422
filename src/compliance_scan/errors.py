"""Errors that are meant for people, and the notes of what a scan could not read.

A `ScanError` is the user's to mend: it carries one sentence and one hint, and only the command line catches it.
An `Incomplete` is no error: the scan goes on, and the exit code says that it did not see everything.
"""

from typing import Literal, NamedTuple

IncompleteKind = Literal[
    "syntax_error",
    "file_unreadable",
    "outside_root",
    "limit_reached",
    "module_not_fetched",
    "chart_not_rendered",
    "denied",
    "throttled",
    "unsupported",
    "error",
]


class ScanError(Exception):
    """Something the user has to mend; `hint` says how.

    `exit_code` is the process's exit code when this error reaches the command line.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ScanError):
    """A flag, an argument or a name on the command line is wrong."""


class ConfigError(ScanError):
    """A configuration, profile, rule or framework file is wrong; the message starts with `file:line:`."""


class NothingToScan(ScanError):
    """The targets hold nothing that this tool reads."""

    exit_code = 3


class Incomplete(NamedTuple):
    """Something that exists but could not be read: an entry of the report's `incomplete`."""

    kind: IncompleteKind
    where: str
    """`path`, `path:line`, or an operation with its region."""
    message: str
    hint: str = ""
