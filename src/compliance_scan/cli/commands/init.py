"""`init`: writes the set-up of a hook or pipeline into a repository."""

import difflib
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from compliance_scan.cli.messages import tell, wants_colour
from compliance_scan.cli.options import option
from compliance_scan.cli.output import aside, emit
from compliance_scan.errors import UsageError
from compliance_scan.formats._text.style import Page, harmless

if TYPE_CHECKING:
    from types import ModuleType


@click.command("init", short_help="Set up the hook or the pipeline of a repository.")
@click.argument("setups", nargs=-1, metavar="[SETUP]...")
@option("--root", metavar="DIR", default=".", env=False, help="The repository.  [default: here]")
@option("--yes", "-y", is_flag=True, env=False, help="Write without asking.")
@option("--list", "list_", is_flag=True, env=False, help="List the set-ups.")
def command(setups: tuple[str, ...], root: str, yes: bool, list_: bool) -> int:
    """Shows what each SETUP (default: those that fit the repository) would write, and writes it when you agree."""
    known = names()
    if list_:
        emit("".join(f"{name:12} {_load(name).SUMMARY}\n" for name in known))
        return 0
    if not os.path.isdir(root):
        raise UsageError(f"there is no folder {root}")
    for name in setups:
        if name not in known:
            from compliance_scan.config import did_you_mean

            raise UsageError(f"{name!r} is no set-up", did_you_mean(name, known))
    chosen = list(setups) or [name for name in known if _load(name).detected(root)]
    if not chosen:
        raise UsageError("nothing here says which set-up fits", f"name one: {', '.join(known)}")
    for name in chosen:
        _write(name, root, yes=yes)
    return 0


def names() -> list[str]:
    """The set-ups, found by listing their folder."""
    folder = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "setups")
    files = (entry.removesuffix(".py") for entry in os.listdir(folder) if entry.endswith(".py"))
    return sorted(name.replace("_", "-") for name in files if not name.startswith("_"))


def _load(name: str) -> "ModuleType":
    return import_module(f"compliance_scan.setups.{name.replace('-', '_')}")


def _write(name: str, root: str, *, yes: bool) -> None:
    setup = _load(name)
    path = os.path.join(root, setup.PATH)
    if not os.path.realpath(path).startswith(os.path.realpath(root) + os.sep):
        raise UsageError(f"{setup.PATH} leads out of the repository")
    before = _read(path)
    after = setup.content(before)
    if after == (before or ""):
        tell(f"{name}: {setup.PATH} has it already")
        return
    page = Page(wants_colour(sys.stdout), 100)
    old, new = ((before or "").splitlines(), after.splitlines())
    origin = f"a/{setup.PATH}" if before is not None else os.devnull
    for line in difflib.unified_diff(old, new, origin, f"b/{setup.PATH}", lineterm=""):
        emit(page.paint(harmless(line), {"+": "good", "-": "bad"}.get(line[:1], "dim")) + "\n")
    if not yes and not click.confirm(f"write {setup.PATH}?", err=True):
        tell(f"{name}: nothing was written")
        return
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with aside(path) as out:
        out.write(after)
    tell(f"{name}: wrote {setup.PATH}")


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
