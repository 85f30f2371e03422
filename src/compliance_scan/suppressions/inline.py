"""Our own comment: `compliance-scan:ignore RULE[,RULE] until=2027-01-31 owner=team reason="why"`."""

import re
from collections.abc import Iterator

from compliance_scan.suppressions.directive import Directive

MARK = "compliance-scan:ignore"
_BARE = r"[^\s\"',=]++(?!\s*=)"
_WORD = re.compile(
    r'\s*(?:(\w+)\s*=\s*)?(?:"((?:[^"\\]|\\.)*)"|'
    rf"'([^']*)'|({_BARE}(?:,\s*{_BARE})*))"
)
KEYS = ("reason", "owner", "until")


def parse(text: str, file: str, line: int) -> Iterator[Directive]:
    """The directives in a comment's text, one a named rule; each line of the text may hold one."""
    if MARK not in text:
        return
    for offset, each in enumerate(text.splitlines()):
        _, mark, rest = each.partition(MARK)
        if mark:
            yield from body(rest, file, line + offset)


def body(text: str, file: str, line: int) -> Iterator[Directive]:
    """The directives in what follows the mark (or is the value of an annotation)."""
    names, settings, problem = _words(text[:4096])
    if not names:
        names, problem = ["(none)"], problem or "it names no rule"
    reason = settings.get("reason", "").strip()
    until = settings.get("until")
    if not problem and not reason:
        problem = 'it has no reason, so it hides nothing: add reason="..."'
    if not problem and until is not None:
        from compliance_scan.config import iso_date

        if iso_date(until) is None:
            problem = f"until={until} is no date, so it hides nothing: write until=YYYY-MM-DD"
    for name in names:
        yield Directive(
            kind="inline",
            tool="compliance-scan",
            rule=name,
            reason=reason,
            owner=settings.get("owner"),
            until=until,
            file=file,
            line=line,
            blanket=not name.strip("*?"),
            problem=problem,
        )


def _words(text: str) -> tuple[list[str], dict[str, str], str]:
    names: list[str] = []
    settings: dict[str, str] = {}
    position = 0
    text = text.lstrip(":").rstrip().removesuffix("*/").removesuffix("-->").rstrip()
    while position < len(text):
        found = _WORD.match(text, position)
        if found is None:
            return names, settings, f"it cannot be read from {text[position : position + 20].strip()!r} on"
        position = found.end()
        key, double, single, bare = found.groups()
        value = double.replace('\\"', '"') if double is not None else single if single is not None else bare
        if key is None:
            names.extend(part.strip() for part in value.split(",") if part.strip())
        elif key in KEYS:
            settings[key] = value
        else:
            return names, settings, f"it has no setting {key!r}, only {', '.join(KEYS)}"
    return names, settings, ""
