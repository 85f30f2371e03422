"""Operators: one file each, three-valued functions of a value, an argument and a context.

An operator's module has:

- `ARGUMENT`: the argument's type (see `kit.arguments`), and optionally `check(argument) -> str`, a further problem;
- `judge(value, argument, context) -> Tri`: pure, over the whole closed union of values;
- `MESSAGE` and `NEGATED`: templates over `{path}`, `{actual}`, `{expected}` for what does not hold, or must not;
- `ON`, `MEANS`, `EXAMPLE`: its row in the reference.

A file's name is the operator's name; a trailing underscore keeps Python's own words free (`in_.py` is `in`).
"""

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from compliance_scan.model.logic import Tri
from compliance_scan.model.value import Value
from compliance_scan.operators.kit.context import Context


class Operator(Protocol):
    """What an operator's module offers."""

    ARGUMENT: str
    MESSAGE: str
    NEGATED: str
    ON: str
    MEANS: str
    EXAMPLE: str
    judge: Callable[[Value, Any, Context], Tri]


def names() -> list[str]:
    """All operators, sorted, found by listing the folder; nothing is imported."""
    with os.scandir(os.path.dirname(__file__)) as entries:
        files = [entry.name for entry in entries if entry.name.endswith(".py")]
    return sorted(name[:-3].rstrip("_") for name in files if not name.startswith("_"))


@cache
def load(name: str) -> Operator:
    """An operator's module; raises `KeyError` where there is none of this name."""
    for file in (name, f"{name}_"):
        if os.path.exists(os.path.join(os.path.dirname(__file__), f"{file}.py")) and name.isidentifier():
            return cast("Operator", import_module(f"{__name__}.{file}"))
    raise KeyError(name)
