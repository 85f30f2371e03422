"""Values of a root module's variables, in Terraform's order of precedence, and where each was given."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from compliance_scan.inputs.terraform.ast import Attribute, Block, Expr, Variable
from compliance_scan.inputs.terraform.evaluate import evaluate
from compliance_scan.inputs.terraform.expansion import ENVIRONMENT
from compliance_scan.inputs.terraform.module import read_source
from compliance_scan.inputs.terraform.scope import Result
from compliance_scan.inputs.terraform.syntax import SourceFile, parse_expression
from compliance_scan.inputs.terraform.syntax_lex import SyntaxIssue
from compliance_scan.inputs.terraform.types import ANY, Constraint, convert_to, parse_type
from compliance_scan.inputs.terraform.values import EvalError, TfValue, is_null
from compliance_scan.model.value import Unknown
from compliance_scan.workspace import Workspace

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Given(NamedTuple):
    """A value for a root variable: an argument of a tfvars file, or raw text of a flag or the environment."""

    attribute: Attribute | None
    text: str = ""
    origin: str = ""
    """`--var`, `TF_VAR_x`; empty for files."""


class Setting(NamedTuple):
    """A flag: `--var` with name and text, or `--var-file` with the file's path and None."""

    name: str
    text: str | None


class Constants:
    """The scope of tfvars files and flags: no names at all."""

    root = module = folder = "."

    def name(self, name: str) -> Result:
        """Raises `EvalError`: no names are allowed there."""
        raise EvalError(f"{name}: a variable's value must be constant")

    def read_file(self, path: str) -> bytes | None:  # noqa: ARG002 - the protocol's name
        """None: no files are read there."""
        return None


def constraint_of(block: Block) -> Constraint | Unknown:
    """What a variable accepts; an unknown where its type cannot be read."""
    attribute = block.body.attributes.get("type")
    if attribute is None:
        return ANY
    try:
        return parse_type(attribute.expr)
    except EvalError as error:
        return Unknown("error", f"the type of var.{block.labels[0]}: {error.message}")


def takes_text(block: Block) -> bool:
    """Whether a flag's text is the value itself; else it is an expression (for lists, maps, `any`)."""
    attribute = block.body.attributes.get("type")
    if attribute is None:
        return True
    return isinstance(attribute.expr, Variable) and attribute.expr.name in {"string", "number", "bool"}


class RootInputs:
    """What a root's variables are given.

    From low to high: `TF_VAR_…`, `terraform.tfvars`, `terraform.tfvars.json`, `*.auto.tfvars(.json)` by name, files
    of `--var-file` in order, `--var`; where the user's order of both is known, that order.
    """

    def __init__(  # noqa: PLR0917 - each is one source of values
        self,
        workspace: Workspace,
        folder: str,
        var: Mapping[str, str],
        var_files: Sequence[str],
        environment: Mapping[str, str],
        settings: Sequence[Setting] = (),
    ) -> None:
        """`settings`: flags in the user's order, instead of `var` and `var_files`."""
        self._given: dict[str, Given] = {}
        self.files: list[SourceFile] = []
        for name, text in environment.items():
            if name.startswith("TF_VAR_"):
                self._given[name[7:]] = Given(None, text, name)
        prefix = "" if folder == "." else folder + "/"
        for found in tfvars_files(workspace.listdir(folder)):
            self._read(workspace, prefix + found)
        flags = settings or [*(Setting(path, None) for path in var_files), *(Setting(*pair) for pair in var.items())]
        for name, given in flags:
            if given is None:
                self._read(workspace, name)
            else:
                self._given[name] = Given(None, given, "--var")

    def _read(self, workspace: Workspace, path: str) -> None:
        file = read_source(workspace, path)
        if file is not None:
            self.files.append(file)
            for name, attribute in file.body().attributes.items():
                self._given[name] = Given(attribute)

    def names(self) -> list[str]:
        """The environment's and flags' own names (`TF_VAR_x`, `--var`) and the files that gave something."""
        return [given.origin for given in self._given.values()]

    def from_environment(self, declared: Iterable[str]) -> Iterator[str]:
        """The texts that the environment gave to variables of these names: whole, and those within lists and maps."""
        for name in declared:
            given = self._given.get(name)
            if given is not None and given.origin.startswith("TF_VAR_"):
                yield given.text
                yield from (match[1] for match in _QUOTED.finditer(given.text))

    def given(self, name: str) -> Given | None:
        """What a variable was given last, by precedence."""
        return self._given.get(name)

    def value(self, block: Block) -> TfValue | None:
        """A variable's value as given, unconverted; None where nothing gives one."""
        given = self._given.get(block.labels[0])
        if given is None:
            return None
        try:
            return evaluate(_expression(given, block), Constants()) if _is_code(given, block) else given.text
        except (EvalError, SyntaxIssue) as error:
            return Unknown("error", f"var.{block.labels[0]}: {error.message}")


def _is_code(given: Given, block: Block) -> bool:
    return given.attribute is not None or not takes_text(block)


def _expression(given: Given, block: Block) -> Expr:
    if given.attribute is not None:
        return given.attribute.expr
    assert not takes_text(block)
    return parse_expression(given.text)


def tfvars_files(names: Sequence[str]) -> list[str]:
    """Of a folder's file names those that Terraform loads by itself, in the order in which later ones win."""
    automatic = sorted(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))
    fixed = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    return fixed + automatic


def variable_value(block: Block, given: TfValue | None, scope: str, root: str) -> TfValue:
    """A variable's value: given, else its default, converted to its type.

    `scope` is the module path, `root` the root's folder: together they name an unknown variable.
    """
    name = block.labels[0]
    constraint = constraint_of(block)
    if isinstance(constraint, Unknown):
        return constraint
    attributes = block.body.attributes
    nullable = _flag(block, "nullable", default=True)
    try:
        default = attributes.get("default")
        if given is None or (is_null(given) and not nullable and default is not None):
            if default is None:
                return without_value(block, constraint, scope, root)
            given = evaluate(default.expr, Constants())
        elif type(given) is Unknown and not (nullable or given.not_null or default is None):
            given = _or_default(given, evaluate(default.expr, Constants()), f"{root}|{scope}.var.{name}")
        return convert_to(given, constraint)
    except EvalError as error:
        return Unknown("error", f"var.{name}: {error.message}")


def _or_default(given: Unknown, default: TfValue, variable: str) -> Unknown:
    """What a variable has that takes its default for null, where it is given what may be null."""
    options = tuple([default if is_null(each) else each for each in given.options])
    symbol = f"{given.symbol} or {variable}" if given.symbol else ""
    return Unknown(given.cause, given.detail, given.type, True, symbol, options=options)  # type: ignore[arg-type]


def without_value(block: Block, constraint: Constraint, scope: str, root: str) -> TfValue:
    """The unknown that stands for a variable which nobody gives a value."""
    name = block.labels[0]
    symbol = f"{root}|{scope}.var.{name}" if scope else f"{root}|var.{name}"
    where = f"{scope}.var.{name}" if scope else f"var.{name}"
    unknown = Unknown("variable_without_value", f"{where} has no value", "", False, symbol)
    if not _flag(block, "nullable", default=True):
        unknown = Unknown(unknown.cause, unknown.detail, "", True, symbol)
    return convert_to(unknown, constraint)


def _flag(block: Block, name: str, *, default: bool) -> bool:
    attribute = block.body.attributes.get(name)
    if attribute is None:
        return default
    text = attribute.file.text[attribute.value_start : attribute.end]
    if text in {"true", "false"}:
        return text == "true"
    from compliance_scan.inputs.terraform.ast import Literal

    expr = attribute.expr
    return expr.value if isinstance(expr, Literal) and isinstance(expr.value, bool) else default


def marks_of(block: Block, given: Given | None) -> frozenset[str]:
    """The marks that a variable puts on its value."""
    marks = {name for name in ("sensitive", "ephemeral") if _flag(block, name, default=False)}
    if given is not None and given.origin.startswith("TF_VAR_"):
        marks |= ENVIRONMENT
    return frozenset(marks)


def local_folder(folder: str, source: str) -> str | None:
    """The folder that a local module source means; None for any other source; `..` parts first where it leads out."""
    if not source.startswith(("./", "../")) and source not in {".", ".."}:
        return None
    return posixpath.normpath(posixpath.join(folder, source))
