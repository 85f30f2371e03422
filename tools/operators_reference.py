"""Writes the table of operators into docs/rules-language.md: `python tools/operators_reference.py [--check]`."""

import os
import sys

from compliance_scan import operators

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docs", "rules-language.md")
START = "<!-- operators: made by `python tools/operators_reference.py` -->\n"
END = "<!-- end of operators -->"


def table() -> str:
    """One row an operator."""
    rows = ["| operator | on | argument | true when | example |", "|---|---|---|---|---|"]
    for name in operators.names():
        module = operators.load(name)
        cells = (f"`{name}`", module.ON, f"`{module.ARGUMENT}`", module.MEANS, f"`{module.EXAMPLE}`")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def page(text: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{table()}\n{END}{after}"


def main() -> int:
    """Writes the page; with `--check` only compares, 1 where it is stale."""
    with open(PAGE, encoding="utf-8") as handle:
        text = handle.read()
    new = page(text)
    if "--check" in sys.argv:
        if new != text:
            print("docs/rules-language.md is stale: run python tools/operators_reference.py")
        return int(new != text)
    with open(PAGE, "w", encoding="utf-8") as handle:
        handle.write(new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
