"""Flags that several commands share, and what they come to: flags, then the environment, then the configuration."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from compliance_scan import config as configuration
from compliance_scan.errors import UsageError
from compliance_scan.model.finding import SEVERITIES

if TYPE_CHECKING:
    from compliance_scan.config import Config
    from compliance_scan.model.report import ConfigNote
    from compliance_scan.scan import Request

Command = TypeVar("Command", bound=Callable[..., Any])
_ORDER = "compliance_scan.order"
VERDICT_NAMES = (*configuration.VERDICTS, "all")


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """A flag that the environment can give as `COMPLIANCE_SCAN_…` (`env=False`: it cannot)."""
    long = next(name for name in names if name.startswith("--"))
    if settings.pop("env", True):
        settings["envvar"] = configuration.environment_name(long.partition("/")[0])
    return click.option(*names, **settings)


_LEVEL = click.Choice(SEVERITIES)

CHOICE = (
    option("--framework", multiple=True, metavar="ID", help="Only rules that serve this framework (repeatable)."),
    option("--profile", metavar="FILE|NAME", help="Rules, parameters and scopes of an organisation."),
    option("--rule", multiple=True, metavar="ID", help="Only this rule, by id or code (repeatable)."),
    option("--skip-rule", multiple=True, metavar="ID", help="Leave this rule out (repeatable)."),
    option("--rules", multiple=True, metavar="DIR", help="A folder of own rules beside the built-in ones."),
    option("--severity", type=_LEVEL, help="Lowest severity that is judged and reported.  [default: info]"),
    option("--preview/--no-preview", default=None, help="Also judge rules in preview."),
)
JUDGING = (
    *CHOICE,
    option("--fail-on", type=_LEVEL, help="Lowest severity that gives exit code 1.  [default: low]"),
    option(
        "--verdicts",
        metavar="LIST",
        help="Findings to report: fail,unknown,pass,not_applicable or all.  [default: fail,unknown]",
    ),
    option("--baseline", metavar="FILE", help="Accepted findings: only new and worse ones fail."),
    option("--allow-incomplete", is_flag=True, default=None, help="Exit as if nothing had been unreadable."),
)
READING = (
    option("--var", multiple=True, metavar="NAME=VALUE", env=False, help="A Terraform variable (repeatable)."),
    option("--var-file", multiple=True, metavar="FILE", help="A Terraform variables file (repeatable)."),
    option("--workspace", metavar="NAME", help="The Terraform workspace."),
    option("--helm-values", multiple=True, metavar="FILE", help="A values file for the Helm charts (repeatable)."),
    option("--plan", metavar="FILE", help="A plan (terraform show -json) to judge in place of its code."),
    option("--state", metavar="FILE", help="A state (a state file, or terraform show -json) to judge too."),
    option("--include", multiple=True, metavar="GLOB", help="Only files that fit (repeatable)."),
    option("--exclude", multiple=True, metavar="GLOB", help="Leave out files and folders that fit (repeatable)."),
    option("--stdin-filename", metavar="NAME", env=False, help="With PATH -: the name of standard input."),
)
COMMON = (
    option("--as-of", metavar="DATE", help="Judge dates and versions as of this day.  [default: today]"),
    option("--root", metavar="DIR", help="The repository root.  [default: nearest folder with .git, else PATH]"),
    option("--config", metavar="FILE", help="The configuration.  [default: .compliance-scan.yaml at the root]"),
    option("--no-config", is_flag=True, help="Read no configuration."),
    option("--policy", metavar="FILE", help="Locks what a configuration in the repository may weaken."),
    option("--quiet", "-q", is_flag=True, help="Only findings and the last line."),
    option("--verbose", "-v", is_flag=True, help="Everything, tracebacks included."),
    option("--no-color", is_flag=True, help="No colours (NO_COLOR is honoured too)."),
    option("--no-progress", is_flag=True, help="No progress."),
    option("--jobs", type=click.IntRange(min=1), metavar="N", help="Most workers; a scan uses one."),
    option("--no-cache", is_flag=True, help="Use no results of earlier runs; a scan keeps none."),
    option("--offline", is_flag=True, help="Use no network; a scan uses none without --allow-network."),
    option("--allow-network", is_flag=True, default=None, help="Let kustomizations fetch their remote bases."),
)


def with_options(*groups: Sequence[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    """Adds groups of flags to a command, in their order."""

    def decorate(command: Command) -> Command:
        for each in reversed([flag for group in groups for flag in group]):
            command = each(command)
        return command

    return decorate


def verdicts_of(named: "str | Sequence[str] | None") -> frozenset[str] | None:
    """The verdicts that the user names, None where nothing was said."""
    if not named:
        return None
    names = [name.strip() for name in named.split(",")] if isinstance(named, str) else list(named)
    for name in names:
        if name not in VERDICT_NAMES:
            raise UsageError(f"{name!r} is no verdict", configuration.did_you_mean(name, VERDICT_NAMES))
    return frozenset(configuration.VERDICTS) if "all" in names else frozenset(names)


def _default_verdicts(named: frozenset[str] | None) -> frozenset[str]:
    return frozenset({"fail", "unknown"}) if named is None else named


def request_from(
    command: str,
    paths: Sequence[str],
    given: dict[str, Any],
    shown: "Callable[[frozenset[str] | None], Any]" = _default_verdicts,
    **more: Any,
) -> "Request":
    """What the user asks for, from a command's paths and flags; raises `UsageError` and `ConfigError`.

    `shown` turns the verdicts that the user named (None: none) into those that the report has to hold.
    """
    from compliance_scan.scan import Request

    root, targets, overlay = _places(paths, given)
    config, policy = _configuration(root, given)
    settled, ignored = configuration.locked(config, policy)
    overridden = [key for key in configuration.KEYS if given.get(key) not in (None, ())]
    notes = [*configuration.notes(settled, overridden), *ignored]
    listed = settled.entries.get("suppressions") if settled is not None else None

    def choose(key: str, default: Any = None) -> Any:
        return configuration.choose(key, given, settled, default)

    return Request(
        command=command,
        root=root,
        targets=targets,
        folder=os.getcwd(),
        as_of=_day(given.get("as_of")),
        rules=choose("rule", ()),
        skip=choose("skip_rule", ()),
        rule_folders=choose("rules", ()),
        frameworks=choose("framework", ()),
        profile=choose("profile"),
        severity=choose("severity"),
        fail_on=choose("fail_on"),
        preview=choose("preview", default=False),
        verdicts=shown(verdicts_of(choose("verdicts"))),
        allow_incomplete=choose("allow_incomplete", default=False),
        baseline=choose("baseline"),
        include=choose("include", ()),
        exclude=choose("exclude", ()),
        var=_variables(given.get("var") or ()),
        var_files=[_relative(path, root) for path in choose("var_file", ())],
        workspace=choose("workspace"),
        helm_values=[_relative(path, root, "values") for path in choose("helm_values", ())],
        allow_network=bool(choose("allow_network", default=False)) and not given.get("offline"),
        settings=_settings(given, root),
        plan=_shown(given.get("plan"), root, "plan"),
        state=_shown(given.get("state"), root, "state"),
        environment=dict(os.environ),
        overlay=overlay,
        suppressions=choose("suppressions", ()),
        suppressions_file=listed.file if listed is not None else "",
        inline_suppressions=choose("inline_suppressions", default=True),
        foreign_suppressions=choose("foreign_suppressions", default=True),
        config=[cast("ConfigNote", note._asdict()) for note in notes],
        **more,
    )


def _places(paths: Sequence[str], given: dict[str, Any]) -> tuple[str, list[str], dict[str, bytes]]:
    """The root, the root-relative targets, and what stands for files."""
    from compliance_scan.workspace import OutsideRoot, Workspace

    stdin = list(paths) == ["-"]
    name = given.get("stdin_filename")
    if stdin != bool(name):
        raise UsageError("standard input needs a name", "give PATH - together with --stdin-filename NAME")
    named = [str(name)] if stdin else list(paths or ["."])
    for path in named:
        if not stdin and not os.path.lexists(path):
            raise UsageError(f"there is no file or folder {path}")
    root = os.path.realpath(given["root"]) if given.get("root") else _common_root(named)
    if not os.path.isdir(root):
        raise UsageError(f"the root {given.get('root')} is no folder")
    workspace = Workspace(root)
    targets = []
    for path in named:
        try:
            targets.append(workspace.relative(path))
        except OutsideRoot:
            raise UsageError(
                f"{path} lies outside the repository root {os.path.relpath(root)}", "set the root with --root"
            ) from None
    return root, targets, {targets[0]: sys.stdin.buffer.read()} if stdin else {}


def _common_root(paths: Sequence[str]) -> str:
    from compliance_scan.workspace import Workspace

    roots = {Workspace.find_root(path) for path in paths}
    return roots.pop() if len(roots) == 1 else os.path.commonpath(sorted(roots))


def _configuration(root: str, given: dict[str, Any]) -> "tuple[Config | None, Config | None]":
    policy = configuration.read_config(given["policy"], root, policy=True) if given.get("policy") else None
    if given.get("config"):
        return configuration.read_config(given["config"], root), policy
    if given.get("no_config"):
        return None, policy
    path = configuration.find_config(root)
    return (configuration.read_config(path, root) if path is not None else None), policy


def _day(text: str | None) -> date:
    if not text:
        return date.today()  # noqa: DTZ011 - the user's own day
    day = configuration.iso_date(text)
    if day is None:
        raise UsageError(f"--as-of {text} is no date", "write it as YYYY-MM-DD")
    return day


def _variables(texts: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--var {text} is not NAME=VALUE")
        found[name] = value
    return found


class ReadingCommand(click.Command):
    """A command that remembers in which order its flags stood."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        parser = self.make_parser(ctx)
        _, _, order = parser.parse_args(args=list(args))
        ctx.meta[_ORDER] = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


def _settings(given: dict[str, Any], root: str) -> list[tuple[str, str | None]]:
    """`--var` and `--var-file` as they stood, where both were given: the later wins, as in Terraform."""
    context = click.get_current_context(silent=True)
    order = [] if context is None else context.meta.get(_ORDER, [])
    variables, files = list(given.get("var") or ()), list(given.get("var_file") or ())
    if not variables or not files or order.count("var_file") != len(files):
        return []
    found: list[tuple[str, str | None]] = []
    for name in order:
        if name == "var":
            found += _variables([variables.pop(0)]).items()
        elif name == "var_file":
            found.append((_relative(files.pop(0), root), None))
    return found


def _relative(path: str, root: str, what: str = "variables") -> str:
    from compliance_scan.workspace import OutsideRoot, Workspace

    if not os.path.isfile(path):
        raise UsageError(f"there is no {what} file {path}")
    try:
        return Workspace(root).relative(path)
    except OutsideRoot:
        raise UsageError(f"the {what} file {path} lies outside the repository root", "set --root") from None


def _shown(path: str | None, root: str, what: str) -> str | None:
    return None if path is None else _relative(path, root, what)
