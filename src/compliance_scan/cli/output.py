"""Writing reports: which formats, where to, and never half a file."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TextIO

from compliance_scan import formats
from compliance_scan.cli.messages import silence_stdout, wants_colour
from compliance_scan.config import did_you_mean
from compliance_scan.errors import UsageError

if TYPE_CHECKING:
    from compliance_scan.formats import FormatOptions
    from compliance_scan.model.report import Report

MAX_WIDTH = 120


class Output(NamedTuple):
    """One `-f NAME[=FILE]`."""

    format: str
    file: str | None
    """None for standard output."""


def outputs(texts: Sequence[str], default: str = "text") -> list[Output]:
    """The outputs that the user asks for; raises `UsageError`."""
    found = []
    known = formats.names()
    for text in texts or (default,):
        name, equals, file = text.partition("=")
        if name not in known:
            raise UsageError(f"{name!r} is no format", did_you_mean(name, known))
        if equals and not file:
            raise UsageError(f"-f {text} names no file", "leave out the = for standard output")
        if file and os.path.isdir(file):
            raise UsageError(f"-f {text}: {file} is a folder")
        if file and not os.path.isdir(os.path.dirname(file) or "."):
            raise UsageError(f"-f {text}: there is no folder {os.path.dirname(file)}")
        found.append(Output(name, file or None))
    if sum(output.file is None for output in found) > 1:
        raise UsageError("only one format can go to standard output", "give the others a file: -f sarif=results.sarif")
    files = [os.path.realpath(output.file) for output in found if output.file]
    if len(set(files)) < len(files):
        raise UsageError("two formats would write the same file")
    return found


def needed_verdicts(chosen: Sequence[Output], options: "FormatOptions") -> frozenset[str]:
    """The verdicts that the report has to hold for all outputs."""
    return frozenset().union(*(formats.verdicts_shown(output.format, options) for output in chosen))


def write(report: "Report", chosen: Sequence[Output], options: "FormatOptions") -> None:
    """Writes all outputs, files first, standard output last."""
    for output in sorted(chosen, key=lambda each: each.file is None):
        if output.file is None:
            _to_stdout(report, output.format, options)
        else:
            with aside(output.file) as out:
                formats.load(output.format).write(report, out, options._replace(color=False, width=MAX_WIDTH))


@contextlib.contextmanager
def aside(path: str) -> Iterator[TextIO]:
    """A text file that appears under its name only when it is whole; raises `UsageError` where it cannot be written."""
    if os.path.exists(path) and not os.path.isfile(path):  # /dev/stdout, a pipe: nothing to rename
        with open(path, "w", encoding="utf-8", newline="\n") as out:
            yield out
        return
    target = os.path.realpath(path)
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        out = open(temporary, "x", encoding="utf-8", newline="\n", errors="backslashreplace")  # noqa: SIM115
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
    whole = False
    try:
        with out:
            yield out
        os.replace(temporary, target)
        whole = True
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if not whole:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _to_stdout(report: "Report", name: str, options: "FormatOptions") -> None:
    whole = io.BytesIO()  # bytes at once: as text, a large report would stand in memory several times
    text = io.TextIOWrapper(whole, encoding="utf-8", errors="backslashreplace", newline="\n")
    formats.load(name).write(report, text, options)
    text.flush()
    try:
        _emit(whole.getbuffer())
    except BrokenPipeError:  # `| head`: the verdict, and with it the exit code, stands all the same
        silence_stdout()


def emit(text: str) -> None:
    """Writes to standard output as UTF-8, whatever the locale is; raises `BrokenPipeError` when nobody reads."""
    _emit(memoryview(text.encode("utf-8", "backslashreplace")))


def _emit(data: memoryview) -> None:
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(str(data, "utf-8"))
        return
    sys.stdout.flush()
    buffer.write(data)
    buffer.flush()


def format_options(
    *, no_color: bool, verbose: bool, quiet: bool, sarif_profile: str, verdicts: frozenset[str] | None
) -> "FormatOptions":
    """How to write, as far as the terminal and the flags say."""
    width = 100
    if sys.stdout.isatty():
        with contextlib.suppress(OSError):
            width = max(40, min(os.get_terminal_size(sys.stdout.fileno()).columns, MAX_WIDTH))
    return formats.FormatOptions(
        color=wants_colour(sys.stdout, refused=no_color),
        width=width,
        verbose=verbose,
        quiet=quiet,
        sarif_profile=sarif_profile,
        verdicts=verdicts,  # type: ignore[arg-type]
    )


EVERY: Final = frozenset({"fail", "unknown", "pass", "not_applicable"})


class Writing:
    """The reports that a judging command's flags ask for."""

    def __init__(self, given: Mapping[str, Any], *, always: bool = False) -> None:
        """`always`: whether the report has to hold what fails and what is unknown, whoever reads it. Raises
        `UsageError`."""
        self._chosen = outputs(given["format"])
        self._options = format_options(
            no_color=given["no_color"],
            verbose=given["verbose"],
            quiet=given["quiet"],
            sarif_profile=given["sarif_profile"],
            verdicts=None,
        )
        self._all = bool(given.get("evidence"))
        self._always = always or bool(given["store"] or given["events"])

    def shown(self, verdicts: frozenset[str] | None) -> frozenset[str]:
        """The verdicts that the report has to hold, once it is known which are asked for."""
        self._options = self._options._replace(verdicts=verdicts)  # type: ignore[arg-type]
        if self._all:
            return EVERY
        needed = needed_verdicts(self._chosen, self._options)
        return needed | {"fail", "unknown"} if self._always else needed

    def has(self, *names: str) -> bool:
        """Whether one of these formats is among those asked for."""
        return any(each.format in names for each in self._chosen)

    def write(self, report: "Report") -> None:
        """Writes them all."""
        write(report, self._chosen, self._options)
