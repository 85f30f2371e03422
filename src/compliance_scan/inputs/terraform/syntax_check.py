"""What a person is told about a file that is not Terraform's language.

Our own reader says where; python-hcl2, which knows the grammar's tokens, adds what it would have taken there. It is
imported for broken files only, and only for the first few of them.
"""

import re

from compliance_scan.inputs.terraform.syntax import SourceFile
from compliance_scan.workspace import Workspace

MAX_SECOND_OPINION = 256 * 1024
MAX_OPINIONS = 10

_TOKENS = re.compile(r"\* (\w+)")
_SHOWN = {"RBRACE": "}", "LBRACE": "{", "RSQB": "]", "LSQB": "[", "RPAR": ")", "LPAR": "(", "EQ": "=", "COMMA": ","}


def note_errors(workspace: Workspace, file: SourceFile, opinions: list[str]) -> None:
    """Reads the whole file and notes what is wrong with it, once a file; `opinions` counts the second readings."""
    errors = file.check()
    if errors:
        first = errors[0]
        where = f"{file.path}:{file.line(first.offset)}"
        if first.limit:
            message = f"{where}: {first.message}"
            workspace.note(
                "limit_reached", where, message, "split the expression, or leave the file out with --exclude"
            )
            return
        if _is_binary(file):
            message = f"{file.path} is no text file"
            workspace.note("syntax_error", file.path, message, "leave it out with --exclude")
            return
        message = f"{where}: {first.message}"
        if len(errors) > 1:
            message += f" (and {len(errors) - 1} more)"
        if len(file.data) <= MAX_SECOND_OPINION and len(opinions) < MAX_OPINIONS:
            opinions.append(file.path)
            message += second_opinion(file.text)
        workspace.note(
            "syntax_error", where, message, "run terraform validate there; the file's other blocks were read"
        )
    elif not file.clean:
        message = f"{file.path} is not UTF-8 and was read as Latin-1; Terraform refuses it"
        workspace.note("syntax_error", file.path, message, "save it as UTF-8")


def second_opinion(text: str) -> str:
    """python-hcl2's complaint about a text, in one clause that can follow a sentence; empty where it has none."""
    import hcl2
    from lark.exceptions import LarkError, UnexpectedInput

    try:
        hcl2.loads(text + "\n")
    except UnexpectedInput as error:
        tokens = sorted(getattr(error, "accepts", None) or getattr(error, "expected", None) or ())
        shown = [_SHOWN[token] for token in tokens if token in _SHOWN]
        expected = f", where {' '.join(shown)} could stand" if shown else ""
        return f"; python-hcl2 stops at line {error.line}, column {error.column}{expected}"
    except (LarkError, RecursionError, ValueError, KeyError, TypeError, AttributeError):
        return ""
    return ""


def _is_binary(file: SourceFile) -> bool:
    head = file.data[:4096]
    return b"\0" in head and (not file.clean or head.count(b"\0") > 8)
