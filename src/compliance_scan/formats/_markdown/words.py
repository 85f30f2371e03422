"""Text in Markdown that stays text: no links, no mentions, no issue numbers, no HTML, whatever was scanned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from compliance_scan.formats._sarif.places import web_address
from compliance_scan.formats._shared import cut, harmless

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance_scan.model.report import Location, Run

MAX_CODE = 160
MAX_PROSE = 400
_PUNCTUATION = re.compile(r"([\\`*_\[\]<>#|~&$:])")
_REFERENCES = re.compile(r"(?<=[@#!&$%~])(?=[\w\"(])|(?<=\w)(?=@\w)")
_JOINER = "\u2060"


def code(text: str, most: int = MAX_CODE) -> str:
    """A code span: nothing in it is read as Markdown, HTML, a mention or a number of an issue."""
    made = cut(harmless(text), most).replace("|", "\\|")  # a table splits at bars even within code
    if not made.strip():
        return "` `"
    longest = max((len(run) for run in re.findall(r"`+", made)), default=0)
    fence = "`" * (longest + 1)
    around = " " if made[0] in "` " or made[-1] in "` " else ""
    return f"{fence}{around}{made}{around}{fence}"


def prose(text: str, most: int = MAX_PROSE) -> str:
    """Words shown as they are: punctuation escaped, what sites turn into mentions and references torn apart."""
    made = cut(harmless(" ".join(text.split())), most)
    made = made.replace("://", f":{_JOINER}//").replace("www.", f"www{_JOINER}.")
    return _PUNCTUATION.sub(r"\\\1", _REFERENCES.sub(_JOINER, made))


def linker(run: Run, relative: Callable[[str], str]) -> Callable[[Location], str]:
    """Makes links to lines of the scanned revision, plain places where the repository's site is not known."""
    vcs = run["vcs"]
    base = web_address(vcs["repository"]) if vcs else None
    revision = vcs["revision"] if vcs else None
    host = (base or "").partition("://")[2].partition("/")[0].lower()
    between = {"github": "/blob/", "gitlab": "/-/blob/"}
    way = next((path for name, path in between.items() if name in host), None)

    def link(place: Location) -> str:
        file = relative(place["file"])
        shown = code(f"{file}:{place['line']}")
        if way is None or base is None or not revision or file.startswith("../"):
            return shown
        from urllib.parse import quote_from_bytes

        path = quote_from_bytes(file.encode("utf-8", "surrogatepass"), safe="/-._~")
        address = base.replace("(", "%28").replace(")", "%29")
        return f"[{shown}]({address}{way}{revision}/{path}#L{place['line']})"

    return link
