"""The hook that refuses a bad commit; joins a configuration that is there."""

import re

from compliance_scan.errors import ScanError
from compliance_scan.setups._shared import HOME, has, release

PATH = ".pre-commit-config.yaml"
SUMMARY = "pre-commit: judge what a commit changes"


def detected(root: str) -> bool:
    """Whether the repository uses pre-commit; every repository may begin to."""
    return has(root, PATH, ".git")


def content(before: str | None) -> str:
    """The file with our hook; unchanged where it has one."""
    entry = f"  - repo: {HOME}\n    rev: {release()}\n    hooks:\n      - id: compliance-scan\n"
    if not before or not before.strip():
        return f"repos:\n{entry}"
    if re.search(r"^\s*-\s*id:\s*compliance-scan", before, re.MULTILINE):
        return before
    found = re.search(r"^repos:[ \t]*(\[\])?[ \t]*(#.*)?$", before, re.MULTILINE)
    if found is None:
        raise ScanError(f"{PATH} has no list of repos that could be added to", "add the hook by hand: see README.md")
    rest = before[found.end() :]
    indent = re.match(r"\s*\n( *)- ", rest)
    lead = indent[1] if indent else "  "
    entry = "".join(lead + line[2:] + "\n" for line in entry.splitlines())
    end = re.search(r"^(?=[^\s#-])", rest, re.MULTILINE)
    cut = found.end() + (end.start() if end else len(rest))
    head = before[:cut].rstrip("\n").replace(found[0], "repos:" + (f"  {found[2]}" if found[2] else ""), 1)
    return f"{head}\n{entry}{before[cut:]}"
