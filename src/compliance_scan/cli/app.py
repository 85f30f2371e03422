"""The group of commands, and what becomes of everything that goes wrong."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from compliance_scan import __version__
from compliance_scan.cli.messages import complain, silence_stdout
from compliance_scan.errors import ScanError

COMMANDS = {
    "scan": "Judge Terraform and Kubernetes files.",
    "audit": "Collect a live AWS account or cluster and judge it.",
    "drift": "Compare code, plan or state with a live account.",
    "gate": "Show what a plan would do to the controls.",
    "permissions": "Print the least-privilege policy that an audit needs.",
    "inventory": "Print the resources as the rules see them.",
    "explain": "Show why a verdict came out so.",
    "report": "Render, merge and compare saved results.",
    "baseline": "Accept today's findings, so that only new ones fail.",
    "rules": "List, show, test and start rules.",
    "frameworks": "List and show frameworks and what serves each control.",
    "fix": "Show, or make, the safe edits.",
    "lsp": "Serve an editor over standard input and output.",
    "demo": "Show all of it on a reference estate, with a stand-in for AWS.",
    "init": "Set up the hook or the pipeline of a repository.",
    "history": "Show past runs, trends and what changed.",
    "verify": "Check an evidence archive or the history's hash chain.",
}
"""Name to summary; each lives in `commands/<name>.py` as `command`."""

COMPLETE = "_COMPLIANCE_SCAN_COMPLETE"
"""Set by the shell's completion script: click answers it."""
INTERRUPTED = 130
BROKEN = 70
"""An error of ours (`EX_SOFTWARE`): none of the contract's codes, so that no script takes it for findings."""


class LazyGroup(click.Group):
    """Commands whose modules are imported when they are called, not when they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"compliance_scan.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from compliance_scan.config import nearest

            near = nearest(args[0], COMMANDS)
            hint = f", did you mean {near!r}?" if near else ""
            raise click.UsageError(f"there is no command {args[0]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 nothing to scan, 4 incomplete.",
)
@click.version_option(__version__, prog_name="compliance-scan", message="%(prog)s %(version)s")
def application() -> None:
    """One rule judges Terraform, Kubernetes and the live AWS account."""


def run(arguments: Sequence[str]) -> int:
    """Runs the command line; every error ends here, in one message and one exit code."""
    verbose = "--verbose" in arguments or "-v" in arguments
    try:
        code = _invoke(list(arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
        return 0
    except KeyboardInterrupt:
        complain("interrupted; nothing was written")
        return INTERRUPTED
    except ScanError as error:
        complain(error.message, error.hint)
        return error.exit_code
    except click.ClickException as error:
        where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx is not None else ""
        complain(error.format_message().rstrip("."), f"see '{where} --help'" if where else "")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last door: what gets here is a fault of the program
        return _ours(error, verbose=verbose)
    return code


def _invoke(arguments: list[str]) -> int:
    instruction = os.environ.get(COMPLETE)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(application, {}, "compliance-scan", COMPLETE, instruction)
    try:
        # Not `application.main`, which writes of its own when it is interrupted.
        with application.make_context("compliance-scan", arguments) as context:
            result: Any = application.invoke(context)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.Abort as abort:
        raise KeyboardInterrupt from abort
    return result if isinstance(result, int) else 0


def _ours(error: Exception, *, verbose: bool) -> int:
    if verbose:
        import traceback

        sys.stderr.write("".join(traceback.format_exception(error)))
    first = str(error).split("\n", 1)[0][:200]
    complain(
        f"a fault of compliance-scan itself: {type(error).__name__}{': ' + first if first else ''}",
        "please report it" + (" with the traceback above" if verbose else "; --verbose shows the traceback to send"),
    )
    return BROKEN
