"""Messages for people: always on standard error, one line each, plain where nobody watches."""

import os
import sys
from collections.abc import Mapping
from typing import IO

_CONTROL = {code: None for code in range(32) if code != 9} | dict.fromkeys(range(127, 160))


def clean(text: str) -> str:
    """A message without control characters: names in what we scan could carry escape sequences."""
    return text.replace("\r\n", "\n").replace("\n", " ").translate(_CONTROL)


def complain(message: str, hint: str = "") -> None:
    """One error with its hint."""
    _write(f"{_paint('error', '31;1')}: {clean(message)}\n")
    if hint:
        _write(f"  {_paint('hint', '36')}: {clean(hint)}\n")


def warn(message: str, hint: str = "") -> None:
    """One warning; the run goes on."""
    _write(f"{_paint('warning', '33;1')}: {clean(message)}{f' ({clean(hint)})' if hint else ''}\n")


def tell(message: str) -> None:
    """Progress or news."""
    _write(clean(message) + "\n")


def wants_colour(stream: IO[str], *, refused: bool = False, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour: a terminal, and neither `--no-color` nor a `NO_COLOR` that is not empty."""
    if refused or environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return stream.isatty()


def silence_stdout() -> None:
    """Points standard output at nothing after its reader went away, so that the flush at exit stays quiet too."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())


def _paint(text: str, codes: str) -> str:
    return f"\x1b[{codes}m{text}\x1b[0m" if wants_colour(sys.stderr) else text


def _write(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):  # nobody listens any more
        return
