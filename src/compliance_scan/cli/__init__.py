"""The command line: the only place that prints or exits."""

import gc
import os
import sys
from collections.abc import Sequence


def entry() -> None:
    """The program: runs the command of `sys.argv` and ends the process.

    A run makes many objects and little garbage, and the system takes its memory back faster than the interpreter can
    give it: without the collector and the interpreter's own tidying up, a cold start is a fifth shorter.
    """
    gc.disable()
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # the reader has gone; what it has read is whole lines
            continue
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit code of the contract (0 to 4; 130 after an interrupt)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:  # answered before anything is loaded: scripts ask it often
        from compliance_scan import __version__

        sys.stdout.write(f"compliance-scan {__version__}\n")
        return 0
    from compliance_scan.cli import later

    later.put_off_inspect()
    try:
        from compliance_scan.cli.app import run
    except KeyboardInterrupt:  # so early that nothing is loaded that could say it nicely
        sys.stderr.write("error: interrupted\n")
        return 130
    return run(given)
