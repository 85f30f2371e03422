"""The account of an audit: how every operation ended, in every region, for every resource."""

import threading
from typing import Any, NamedTuple

from compliance_scan.errors import Incomplete
from compliance_scan.inputs.aws.answers import FailedStatus, Failure

MAX_NAMED = 200
"""Most resources that a row names; all are counted."""
_HINTS: dict[str, str] = {
    "denied": "allow the action: `compliance-scan permissions` prints the policy",
    "throttled": "slow down with --max-calls-per-second, or run it again with --resume",
    "unsupported": "the endpoint does not know the operation",
    "error": "run it again with --resume",
}


class Row(NamedTuple):
    """One operation in one region of an account that ended in one way."""

    operation: str
    account: str
    region: str


class Ledger:
    """Counts every call's end; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Row, dict[str, int]] = {}
        self._failed: dict[tuple[Row, FailedStatus], list[dict[str, str]]] = {}
        self.calls = 0

    def ok(self, row: Row, count: int = 1) -> None:
        """A call that was answered."""
        with self._lock:
            self.calls += 1
            counts = self._counts.setdefault(row, {})
            counts["ok"] = counts.get("ok", 0) + count

    def failed(self, row: Row, failure: Failure, who: str) -> None:
        """A call that was not."""
        with self._lock:
            self.calls += 1
            counts = self._counts.setdefault(row, {})
            counts[failure.status] = counts.get(failure.status, 0) + 1
            named = self._failed.setdefault((row, failure.status), [])
            if len(named) < MAX_NAMED:
                named.append({"resource": who, "code": failure.code, "message": failure.message})

    def load(self, record: dict[str, Any]) -> None:
        """Takes in a row that was written down."""
        row = Row(record["operation"], record["account"], record["region"])
        counts = self._counts.setdefault(row, {})
        for status, count in record["counts"].items():
            counts[status] = counts.get(status, 0) + count
        for each in record["failures"]:
            named = {key: each[key] for key in ("resource", "code", "message")}
            self._failed.setdefault((row, each["status"]), []).append(named)

    def records(self) -> list[dict[str, Any]]:
        """The report's rows, in stable order."""
        return [
            {
                "operation": row.operation,
                "account": row.account,
                "region": row.region,
                "counts": dict(sorted(counts.items())),
                "failures": [
                    {"status": status, **each}
                    for (other, status), named in sorted(self._failed.items())
                    if other == row
                    for each in sorted(named, key=lambda entry: (entry["resource"], entry["code"]))
                ],
            }
            for row, counts in sorted(self._counts.items())
        ]

    def incomplete(self) -> list[Incomplete]:
        """One note for each operation that somewhere was not answered; a disabled region is complete."""
        found = []
        for (row, status), named in sorted(self._failed.items()):
            if status == "region_disabled":
                continue
            count = self._counts[row][status]
            first = named[0]
            what = f"{row.operation} {_TOLD[status]}"
            times = f" ({count} times, first for {first['resource']})" if count > 1 else ""
            told = f": {first['code']}" + (f": {first['message']}" if first["message"] else "")
            where = f"{row.operation} {row.account}/{row.region}"
            found.append(Incomplete(status, where, f"{what}{times}{told}", _HINTS[status]))
        return found


_TOLD = {
    "denied": "is not allowed",
    "throttled": "was throttled to the end",
    "unsupported": "is not supported there",
    "error": "failed",
}
