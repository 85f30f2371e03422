"""Evaluating lone expressions, and comparing with what Terraform says of them."""

import json
import os
import posixpath
from typing import Any

from compliance_scan.inputs.terraform.evaluate import evaluate
from compliance_scan.inputs.terraform.operators.bigfloat import Number
from compliance_scan.inputs.terraform.operators.decimaltext import text
from compliance_scan.inputs.terraform.operators.symbols import plain_deep
from compliance_scan.inputs.terraform.syntax import parse_expression
from compliance_scan.inputs.terraform.syntax_lex import SyntaxIssue
from compliance_scan.inputs.terraform.types import convert_to, parse_type
from compliance_scan.inputs.terraform.types_core import type_of
from compliance_scan.inputs.terraform.values import EvalError, Null, TfValue, is_wholly_known, unmarked_deep
from tools.record_expressions import FILES, TYPE

ORACLE = os.path.join(os.path.dirname(__file__), "oracle", "answers.jsonl")


class Names:
    """A namespace over a dictionary."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    def member(self, name: str) -> Any:
        if name not in self.values:
            raise EvalError(f"{name} is not declared")
        return self.values[name]


class OneScope:
    """`var` over a dictionary, and the recorder's files."""

    root = module = folder = ""

    def __init__(self, values: dict[str, Any] | None = None) -> None:
        self.values = values or {}

    def name(self, name: str) -> Any:
        if name == "var":
            return Names(self.values)
        if name in self.values:
            return self.values[name]
        raise EvalError(f"{name} is not declared")

    def read_file(self, path: str) -> bytes | None:
        return FILES.get(posixpath.normpath(path))

    def file_exists(self, path: str) -> bool | None:
        return posixpath.normpath(path) in FILES

    def list_files(self, path: str) -> list[str] | None:
        folder = posixpath.normpath(path)
        prefix = "" if folder == "." else folder + "/"
        return [name.removeprefix(prefix) for name in FILES if name.startswith(prefix)]


def value(source: str, **variables: Any) -> TfValue:
    """The value of an expression; `var.x` and plain `x` are the keyword arguments."""
    return evaluate(parse_expression(source), OneScope(variables))


def answer(source: str) -> TfValue:
    """The value of a recorded line, which may ask for a conversion: `TYPE <= VALUE`."""
    constraint, arrow, given = source.partition(" <= ")
    if arrow and TYPE.match(constraint):
        return convert_to(value(given), parse_type(parse_expression(constraint)))
    return value(source)


def difference(row: dict[str, Any]) -> str | None:
    """How our answer differs from a recorded one; None where it does not."""
    try:
        found = answer(row["expr"])
    except (EvalError, SyntaxIssue) as error:
        return None if row.get("error") else f"{row['expr']}: we say {error}, Terraform {row['value']!r}"
    if row.get("error"):
        return f"{row['expr']}: Terraform has an error, we say {found!r}"
    plain = plain_deep(unmarked_deep(found)[0])
    if not is_wholly_known(plain):
        return f"{row['expr']}: not known to us: {plain!r}"
    ours = (shown(plain), cty_type(type_of(plain)))
    theirs = (row["value"], row["type"])
    return None if ours == theirs else f"{row['expr']}: we say {ours}, Terraform {theirs}"


def shown(found: Any) -> Any:
    """A known value as the recorder writes it."""
    if isinstance(found, Null):
        return None
    if isinstance(found, bool | str):
        return found
    if isinstance(found, int | Number):
        # The state, through which answers pass, has no negative zero.
        return {"number": text(found) if found else "0"}
    if isinstance(found.items, dict):
        return {key: shown(item) for key, item in found.items.items()}
    return [shown(item) for item in found.items]


def cty_type(of: Any) -> Any:
    """A type as Terraform's JSON writes it."""
    if isinstance(of, str):
        return of
    if of[0] == "object":
        return ["object", {name: cty_type(item) for name, item in of[1].items()}]
    if of[0] == "tuple":
        return ["tuple", [cty_type(item) for item in of[1]]]
    return [of[0], cty_type(of[1])]


def recorded() -> list[dict[str, Any]]:
    """The committed answers."""
    with open(ORACLE, encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]
