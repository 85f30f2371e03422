"""Values and blocks as `terraform fmt` writes them."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

INDENT = "  "
_NAME = re.compile(r"[A-Za-z_][\w-]*\Z")


def literal(value: Any, indent: str = "") -> str:
    """A plain value as an expression; a mapping and a list of objects take several lines, indented from `indent`."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else repr(value)
    if isinstance(value, str):
        return text(value)
    inner = indent + INDENT
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        names = [name if _NAME.match(name) else text(name) for name in map(str, value)]
        pairs = zip(names, value.values(), strict=True)
        return "{\n" + aligned([(name, literal(item, inner)) for name, item in pairs], inner) + f"{indent}}}"
    items = list(value)
    if any(isinstance(item, Mapping | list) for item in items):
        return "[\n" + "".join(f"{inner}{literal(item, inner)},\n" for item in items) + f"{indent}]"
    return "[" + ", ".join(literal(item) for item in items) + "]"


def text(value: str) -> str:
    """A quoted text; what would be a template in it is escaped."""
    quoted = json.dumps(value, ensure_ascii=False)
    return quoted.replace("${", "$${").replace("%{", "%%{").replace("\x7f", "\\u007f")


def aligned(pairs: Iterable[tuple[str, str]], indent: str) -> str:
    """Lines `name = value`, the equals signs of neighbours below one another; a value of several lines stands alone."""
    out: list[str] = []
    run: list[tuple[str, str]] = []

    def flush() -> None:
        width = max((len(name) for name, _ in run), default=0)
        out.extend(f"{indent}{name:{width}} = {value}\n" for name, value in run)
        run.clear()

    for name, value in pairs:
        if "\n" in value:
            flush()
            out.append(f"{indent}{name} = {value}\n")
        else:
            run.append((name, value))
    flush()
    return "".join(out)
