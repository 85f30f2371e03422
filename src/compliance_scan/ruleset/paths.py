"""Paths as rules write them: `a.b`, `a[0]`, `a["k.x"]`, `.`, `^.a`."""

import re

from compliance_scan.model.value import Path

_STEP = re.compile(r"""\.?([A-Za-z_$][\w$-]*)|\[(\d{1,6})\]|\["((?:[^"\\]|\\.)*)"\]|\['([^']*)'\]""")


def parse(text: str) -> Path:
    """The steps of a path; raises `ValueError` with what is wrong. `^` stays as the first step."""
    if text in (".", ""):
        if not text:
            raise ValueError("an empty path; `.` is the item itself")
        return ()
    steps: list[str | int] = []
    position = 0
    if text.startswith("^"):
        steps.append("^")
        position = 1
        if text in ("^", "^."):
            return ("^",)
    while position < len(text):
        if position and text[position] not in ".[" and not (position == 1 and steps == ["^"]):
            raise ValueError(f"`{text}` is no path: expected `.` or `[` at character {position + 1}")
        match = _STEP.match(text, position)
        if match is None:
            raise ValueError(f"`{text}` is no path: cannot read it from character {position + 1}")
        name, index, quoted, single = match.groups()
        if index is not None:
            steps.append(int(index))
        elif quoted is not None:
            steps.append(quoted.replace('\\"', '"').replace("\\\\", "\\"))
        else:
            steps.append(name if name is not None else single)
        position = match.end()
    return tuple(steps)
