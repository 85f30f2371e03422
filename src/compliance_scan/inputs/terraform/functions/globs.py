"""Patterns of `fileset`: `*`, `?`, `**`, `[a-z]`, `{a,b}`."""

import re
from typing import Any

from compliance_scan.inputs.terraform.functions.strings import compile_pattern
from compliance_scan.inputs.terraform.values import EvalError


def compiled(pattern: str) -> Any:
    """A pattern for whole relative paths; raises `EvalError` for a broken one."""
    if len(pattern) > 1000 or pattern.count("*") > 40:
        raise EvalError("failed to glob: the pattern is too long")
    if any(part.count("{") != part.count("}") for part in pattern.split("/")):
        raise EvalError("failed to glob: syntax error in pattern")  # patterns are cut at every slash
    out, pos, depth = "", 0, 0
    while pos < len(pattern):
        char = pattern[pos]
        pos += 1
        if char == "*":
            if pattern.startswith("*/", pos) and (pos == 1 or pattern[pos - 2] in "/{,"):
                pos += 2
                out += "(?:[^/]+/)*"
            elif pattern.startswith("*", pos):
                pos += 1
                out += ".*" if pos == 2 or pattern[pos - 3] == "/" else "[^/]*"
            else:
                out += "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif char == "[":
            end = pattern.find("]", pos + 1)
            if end < 0:
                raise EvalError("failed to glob: syntax error in pattern")
            body = pattern[pos:end].replace("\\", "\\\\").replace("[", "\\[")
            out += "[^" + body[1:] + "]" if body[0] in "^!" else f"[{body}]"
            pos = end + 1
        elif char == "{":
            out += "(?:"
            depth += 1
        elif char == "}" and depth:
            out += ")"
            depth -= 1
        elif char == "," and depth:
            out += "|"
        elif char == "\\" and pos < len(pattern):
            out += re.escape(pattern[pos])
            pos += 1
        else:
            out += re.escape(char)
    if depth:
        raise EvalError("failed to glob: syntax error in pattern")
    return compile_pattern("(?s)" + out)
