"""Pages of the site that are made from --help, the README and CONTRIBUTING, so that nothing is told twice."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from compliance_scan.cli.app import COMMANDS, application

REPOSITORY = Path(__file__).resolve().parents[1]
WIDTH = 100
COMPLETION = """\
## Completion in a shell

Commands, options and their choices complete with Tab once the shell knows how.

- bash 4.4 or newer, in `~/.bashrc`: `eval "$(_COMPLIANCE_SCAN_COMPLETE=bash_source compliance-scan)"`
- zsh, in `~/.zshrc` after `compinit`: `eval "$(_COMPLIANCE_SCAN_COMPLETE=zsh_source compliance-scan)"`
- fish, in `~/.config/fish/config.fish`: `_COMPLIANCE_SCAN_COMPLETE=fish_source compliance-scan | source`
"""


def commands() -> str:
    """Every command and subcommand with what `--help` says."""
    note = "<!-- made by `python tools/docs.py` from --help -->"
    listed = [f"- [`{name}`](#{name}): {summary}" for name, summary in COMMANDS.items()]
    parts = ["# Commands", "", note, "", *listed, "- [completion](#completion-in-a-shell)", ""]
    for words, text in _helps(application, (), None):
        parts += [f"{'#' * (len(words) + 1)} {' '.join(words)}", "", "```text", text, "```", ""]
    return "\n".join(parts) + "\n" + COMPLETION


def _helps(
    command: click.Command, words: tuple[str, ...], above: click.Context | None
) -> Iterator[tuple[tuple[str, ...], str]]:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, above, words[-1] if words else "compliance-scan", **settings)
    if words:
        yield words, command.get_help(context)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None:
                yield from _helps(found, (*words, below), context)


def start() -> str:
    """The first minutes of each user: the README from its first examples to its last."""
    text = (REPOSITORY / "README.md").read_text()
    found = re.search(r"^## First minutes: the engineer\n.*?(?=^## More\n)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise SystemExit("README.md has no first minutes")
    return f"# The first minutes\n\n{_linked(found[0])}"


def guides() -> str:
    """How to add a rule, a collector, a framework, a format: CONTRIBUTING from its first anatomy to its last."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text()
    found = re.search(r"^## Anatomy of a rule\n.*?(?=^## Habits\n)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise SystemExit("CONTRIBUTING.md has no anatomies")
    collector = "## Anatomy of a collector\n\n[Collectors](collectors.md) has it whole.\n\n"
    return (
        f"# Guides\n\nEverything that can be added is one new file.\n\n{_linked(found[0])}{collector}".rstrip() + "\n"
    )


def _linked(text: str) -> str:
    """Names of pages as links to them."""
    return re.sub(r"`docs/([\w/-]+\.md)`", r"[\1](\1)", text)
