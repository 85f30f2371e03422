"""The end-of-life table: which product and cycle a version belongs to, and whether it is still supported."""

from datetime import date
from typing import Any

from compliance_scan.model.value import ABSENT, Unknown, Value, resolved
from compliance_scan.operators.kit.context import Context
from compliance_scan.operators.kit.tables import table


def cycle(version: str, context: Context, product: str | None) -> "dict[str, Any] | Unknown":
    """The table's row for a version of the attribute that is judged, or of a named product."""
    row: dict[str, Any] = {"product": product, "take": "longest"}
    if product is None:
        found = _row(context)
        if isinstance(found, Unknown):
            return found
        row = found
    cycles: dict[str, dict[str, Any]] | None = table("eol")["products"].get(row["product"])
    if cycles is None:
        return Unknown("unsupported", f"no end-of-life dates of {row['product']}")
    for name in _names(version, row):
        if name in cycles:
            return cycles[name]
    return Unknown("unsupported", f"no end-of-life date of {row['product']} {version[:40]}")


def _row(context: Context) -> "dict[str, Any] | Unknown":
    rows = [
        row for row in table("eol")["attributes"].get(context.type, ()) if row["path"].split(".")[-1] == context.key
    ]
    for row in rows:
        fits = True
        for name, wanted in row.get("when", {}).items():
            beside: Value = resolved(context.beside((name,)))
            if isinstance(beside, Unknown):
                return beside
            fits = fits and (None if beside is ABSENT else beside) in wanted
        if fits:
            return dict(row)
    return Unknown("unsupported", f"no end-of-life table for {context.type} {context.key}")


def _names(version: str, row: "dict[str, Any]") -> list[str]:
    mapped = row.get("map")
    if mapped is not None:
        name = mapped.get(version, mapped.get("*"))
        return [name] if name is not None else []
    take = row.get("take", "exact")
    if take.startswith("after:"):
        prefix = take.removeprefix("after:")
        return _short(version.removeprefix(prefix)) if version.startswith(prefix) else []
    if take == "exact":
        return [version]
    if take == "major":
        return [version.lstrip("v").split(".")[0]]
    return _short(version)


def _short(version: str) -> list[str]:
    """A version and what it begins with: `8.0.35` is `8.0.35`, `8.0`, `8`."""
    parts = version.lstrip("v").split("-")[0].split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def is_alive(row: "dict[str, Any]", day: date, *, extended: bool) -> bool:
    """Whether support (of the paid kind too, where asked) has not ended on a day."""
    ends = [row.get("standard"), *([row.get("extended")] if extended and "extended" in row else [])]
    return any(end is None or (end != "past" and date.fromisoformat(end) >= day) for end in ends)
