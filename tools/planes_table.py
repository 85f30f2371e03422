"""The truth table of planes in docs/planes.md: `python tools/planes_table.py`, with `--check` to only compare."""

import sys
from itertools import product
from pathlib import Path

from compliance_scan.formats._text.planes import MEANINGS
from compliance_scan.model.finding import Verdict
from compliance_scan.planes.meaning import meaning

PAGE = Path(__file__).resolve().parent.parent / "docs" / "planes.md"
START, END = "<!-- table: made by `python tools/planes_table.py` -->", "<!-- end of the table -->"
VERDICTS: tuple[Verdict | None, ...] = (None, "pass", "fail", "unknown", "not_applicable")


def shown(verdict: Verdict | None) -> str:
    return "-" if verdict is None else verdict.replace("_", " ")


def table() -> str:
    """One row a state, in the order code or plan, state, account."""
    rows = ["| code or plan | state | account | meaning | why it cannot be told |", "|---|---|---|---|---|"]
    for declared, state, live in product(VERDICTS, repeat=3):
        told = meaning(declared=declared, state=state, live=live)
        rows.append(f"| {shown(declared)} | {shown(state)} | {shown(live)} | `{told.meaning}` | {told.why} |")
    for live in VERDICTS[1:]:
        told = meaning(declared=None, state=None, live=live, missing="declared")
        rows.append(f"| nobody declares it | - | {shown(live)} | `{told.meaning}` | {told.why} |")
    told = meaning(declared="pass", state=None, live=None, missing="live")
    rows.append(f"| any | any | it is not there | `{told.meaning}` | |")
    words = ["", "| meaning | in words |", "|---|---|", *(f"| `{name}` | {text} |" for name, text in MEANINGS.items())]
    return "\n".join([*rows, *words])


def page(text: str) -> str:
    """The page with the table of today."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{table()}\n\n{END}{after}"


def main() -> int:
    """1 where the page is not as it should be and may not be written."""
    text = PAGE.read_text()
    made = page(text)
    if "--check" in sys.argv:
        return int(made != text)
    PAGE.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
