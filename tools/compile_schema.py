"""Makes the compact provider schemas that the program carries.

    python tools/compile_schema.py ../shared/schema/aws.json.xz src/compliance_scan/types/aws.schema.json.xz

Kept of each type: attributes and blocks with their mode, type, default, sensitivity, nullable type and whether a change
replaces the resource; the import id. Documentation hints are folded into one bit: `z` marks an optional bool of the old
plugin SDK, without default, that reads as false when unset.
"""

import json
import lzma
import sys
from typing import Any

ATTRIBUTE_KEYS = ("t", "m", "d", "dx", "s", "wo", "nt", "fn", "dep")
BLOCK_KEYS = ("n", "mn", "mx", "m", "tr", "fn", "dep")
TYPE_KEYS = ("imp", "tags", "fw", "svc", "dep", "nogo")


def attribute(record: dict[str, Any], *, framework: bool) -> dict[str, Any]:
    """One attribute, with `z` where unset means false."""
    out = {key: record[key] for key in ATTRIBUTE_KEYS if key in record}
    plain_bool = record["t"] == "bool" and record["m"] == "o" and "d" not in record and "dx" not in record
    if plain_bool and not framework and "nt" not in record and record.get("doc") is not True:
        out["z"] = 1
    if "sub" in record:
        out["sub"] = {name: {k: v for k, v in sub.items() if k in ("m", "d")} for name, sub in record["sub"].items()}
    return out


def body(record: dict[str, Any], *, framework: bool) -> dict[str, Any]:
    """Attributes and blocks of a type or block."""
    out: dict[str, Any] = {}
    if record.get("a"):
        out["a"] = {name: attribute(value, framework=framework) for name, value in sorted(record["a"].items())}
    if record.get("b"):
        out["b"] = {name: block(value, framework=framework) for name, value in sorted(record["b"].items())}
    return out


def block(record: dict[str, Any], *, framework: bool) -> dict[str, Any]:
    """One nested block."""
    return {key: record[key] for key in BLOCK_KEYS if key in record} | body(record, framework=framework)


def compile_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """The compact form of a whole provider."""
    out: dict[str, Any] = {"provider": schema["provider"], "version": schema["version"]}
    for part in ("resources", "data_sources"):
        out[part] = {}
        for name, record in sorted(schema[part].items()):
            kept = {key: record[key] for key in TYPE_KEYS if key in record}
            out[part][name] = kept | body(record, framework=bool(record.get("fw")))
    return out


def main(source: str, target: str) -> None:
    """Reads one schema and writes its compact form."""
    with lzma.open(source, "rt", encoding="utf-8") as handle:
        compact = compile_schema(json.load(handle))
    text = json.dumps(compact, separators=(",", ":"), ensure_ascii=False)
    with open(target, "wb") as out:
        out.write(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{target}: {len(compact['resources'])} resources, {len(compact['data_sources'])} data sources")


if __name__ == "__main__":
    main(*sys.argv[1:])
