"""Other scanners' comments. They count for rules that name the other's id as `same`; without a reason, or meaning
everything, they work but wait for a person's word."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from compliance_scan.suppressions.directive import Directive

if TYPE_CHECKING:
    from compliance_scan.model.resource import Comment

_CHECKOV = re.compile(r"(?:checkov|bridgecrew|cortex):skip=([\w*]+(?:\s*,\s*[\w*]+)*)(?::([^\n]*))?")
_TRIVY = re.compile(r"(trivy|tfsec):ignore:([\w*-]+)((?::[\w-]+:[\w.*-]+)*)")
_KICS = re.compile(r"kics-scan\s+(ignore-line|ignore-block|ignore\b|disable=([\w,\s-]+))")
_TERRASCAN = re.compile(r"ts:skip=([\w.-]+)[ \t]*([^\n]*)")


def parse(comment: "Comment") -> Iterator[Directive]:
    """All directives of other tools in a comment."""
    text = comment.text[:16_384]
    if "skip=" in text:
        yield from _checkov(comment, text)
        yield from _terrascan(comment, text)
    if ":ignore:" in text:
        yield from _trivy(comment, text)
    if "kics-scan" in text:
        yield from _kics(comment, text)


def make(tool: str, rule: str, reason: str, file: str, line: int, **more: object) -> Directive:
    """A directive of another tool; an id with `*`, or `all`, is a blanket."""
    blanket = "*" in rule or rule.lower() == "all"
    name = "*" if rule.lower() == "all" else rule
    owner_until = {"owner": None, "until": None, **more}
    return Directive("foreign", tool, name, reason.strip(), file=file, line=line, blanket=blanket, **owner_until)  # type: ignore[arg-type]


def _checkov(comment: "Comment", text: str) -> Iterator[Directive]:
    for found in _CHECKOV.finditer(text):
        for name in found[1].split(","):
            yield make("checkov", name.strip(), found[2] or "", comment.file, _line(comment, text, found))


def _trivy(comment: "Comment", text: str) -> Iterator[Directive]:
    said = " ".join(_TRIVY.sub(" ", text).replace("#", " ").replace("//", " ").split())
    for found in _TRIVY.finditer(text):
        until = None
        parts = found[3].split(":")[1:]
        for key, value in zip(parts[::2], parts[1::2], strict=False):
            if key == "exp":
                until = value
        yield make(found[1], found[2], said, comment.file, _line(comment, text, found), until=until)


def _kics(comment: "Comment", text: str) -> Iterator[Directive]:
    for found in _KICS.finditer(text):
        line = _line(comment, text, found)
        if found[2]:
            for name in found[2].replace(",", " ").split():
                yield make("kics", name, "", comment.file, line)
        elif found[1] == "ignore-line":
            yield make("kics", "*", "", comment.file, line, only_line=line + 1)
        else:
            yield make("kics", "*", "", comment.file, line)


def _terrascan(comment: "Comment", text: str) -> Iterator[Directive]:
    for found in _TERRASCAN.finditer(text):
        yield make("terrascan", found[1], found[2], comment.file, _line(comment, text, found))


def _line(comment: "Comment", text: str, found: "re.Match[str]") -> int:
    return comment.line + text.count("\n", 0, found.start())
