"""Makes the operators' tables of TLS policies, ends of life, removed APIs and IAM actions from ../shared/facts.

python tools/facts_tables.py
"""

import json
import lzma
import os

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FACTS = os.path.join(HERE, "..", "shared", "facts")
TABLES = os.path.join(HERE, "src", "compliance_scan", "operators", "kit", "tables")


def read(name: str) -> dict:  # type: ignore[type-arg]
    with open(os.path.join(FACTS, name), encoding="utf-8") as handle:
        return json.load(handle)  # type: ignore[no-any-return]


def tls() -> dict[str, str]:
    """Policy name to the lowest version that it offers."""
    out: dict[str, str] = {}
    for service, rows in read("tls_policies.json").items():
        if service != "meta":
            for row in rows["policies"]:
                if row.get("min") is not None and out.setdefault(row["name"], row["min"]) != row["min"]:
                    raise SystemExit(f"{row['name']} has two minimum versions")
    return out


def eol() -> dict[str, object]:
    """`products`: product to cycle to its dates. `attributes`: type to how an attribute names a cycle."""
    facts = read("eol.json")
    products = {
        name: {
            row["cycle"]: {key: row[key] for key in ("standard", "extended") if key in row} for row in inside["cycles"]
        }
        for name, inside in facts["products"].items()
    }
    attributes: dict[str, list[dict[str, object]]] = {}
    for row in facts["terraform"]:
        if "same_as" in row:
            for same in facts["terraform"]:
                if same["type"] == row["same_as"]:
                    attributes.setdefault(row["type"], []).append(_row(same))
        else:
            attributes.setdefault(row["type"], []).append(_row(row))
    return {"products": products, "attributes": attributes}


def kubernetes_apis() -> dict[str, dict[str, str]]:
    """`group/version Kind` to the releases that deprecate and remove it, and what takes its place."""
    keys = ("deprecated", "removed", "replacement")
    return {
        f"{row['api']} {row['kind']}": {key: row[key] for key in keys if key in row}
        for row in read("k8s_api_removals.json")["apis"]
    }


def _row(row: dict[str, object]) -> dict[str, object]:
    return {key: row[key] for key in ("path", "when", "product", "take", "map") if key in row}


def actions() -> dict[str, list[str]]:
    """Service prefix to the names of its actions."""
    with lzma.open(os.path.join(FACTS, "iam_actions.json.xz"), "rt", encoding="utf-8") as handle:
        services = json.load(handle)["services"]
    return {
        service: sorted(name for names in levels.values() for name in names) for service, levels in services.items()
    }


def write_packed(name: str, value: object) -> None:
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    with open(os.path.join(TABLES, name), "wb") as handle:
        handle.write(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def write(name: str, value: object) -> None:
    os.makedirs(TABLES, exist_ok=True)
    with open(os.path.join(TABLES, name), "w", encoding="utf-8") as handle:
        json.dump(value, handle, indent=1, sort_keys=True)
        handle.write("\n")


if __name__ == "__main__":
    write("tls.json", tls())
    write("eol.json", eol())
    write("kubernetes_apis.json", kubernetes_apis())
    write_packed("iam_actions.json.xz", actions())
