"""`lsp`: the language server."""

import gc
from importlib.util import find_spec

import click

from compliance_scan.errors import UsageError


@click.command("lsp", short_help="Serve an editor over standard input and output.")
def command() -> int:
    """Findings as one types, why and controls on hover, proven fixes as code actions. Speaks LSP on standard input."""
    if find_spec("pygls") is None:
        raise UsageError("the language server needs pygls", "pip install 'compliance-scan[lsp]'")
    from compliance_scan.lsp.server import make

    gc.enable()  # this one runs for long
    make().start_io()
    return 0
