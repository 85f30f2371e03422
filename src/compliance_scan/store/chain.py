"""The append-only log: who ran what, with which rules, and what came out; each entry's hash covers the one before."""

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, insert, select

from compliance_scan.store.tables import changes, findings, log, runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

START = "0" * 64
"""What stands before the first entry."""


class Check(NamedTuple):
    """What `verify` says of a history."""

    entries: int
    head: str
    """Hash of the last entry: whoever writes it down elsewhere can tell later that nothing was cut off."""
    problems: tuple[str, ...]


def alone(connection: "Connection") -> None:
    """Writers come one after the other: to be called first in a transaction (SQLite's begins with the lock)."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE log IN EXCLUSIVE MODE")


def append(connection: "Connection", at: str, entry: dict[str, Any]) -> str:
    """Adds an entry and gives its hash; the caller's transaction holds the lock of `alone`."""
    sequence = connection.execute(select(func.max(log.c.sequence))).scalar()
    previous = START
    if sequence is not None:
        previous = connection.execute(select(log.c.hash).where(log.c.sequence == sequence)).scalar_one()
    text = canonical(entry)
    number = (sequence or 0) + 1
    digest = _hash(number, at, text, previous)
    connection.execute(insert(log).values(sequence=number, at=at, entry=text, previous=previous, hash=digest))
    return digest


def check(connection: "Connection", expected: str | None = None) -> Check:
    """Recomputes the chain, and what its entries say of the runs that are still kept."""
    problems: list[str] = []
    previous, count, seen = START, 0, expected is None
    recorded: dict[int, str] = {}
    for row in connection.execute(select(log).order_by(log.c.sequence)):
        count += 1
        if row.sequence != count:
            problems.append(f"entry {count} is missing")
            count = row.sequence
        if row.previous != previous:
            problems.append(f"entry {row.sequence} does not follow the entry before it")
        if _hash(row.sequence, row.at, row.entry, row.previous) != row.hash:
            problems.append(f"entry {row.sequence} of {row.at} was changed")
        previous = row.hash
        seen = seen or row.hash == expected
        recorded |= _recorded(row.entry)
    if not seen:
        problems.append(f"no entry has the hash {expected}: entries were taken away")
    problems += _runs(connection, recorded)
    return Check(count, previous, tuple(problems))


def _recorded(entry: str) -> dict[int, str]:
    try:
        said = json.loads(entry)
        return {int(said["run"]): str(said["content"])} if said.get("kind") == "run" else {}
    except (ValueError, KeyError, TypeError):
        return {}


def _runs(connection: "Connection", recorded: dict[int, str]) -> list[str]:
    problems = []
    for (number,) in connection.execute(select(runs.c.id).order_by(runs.c.id)).all():
        if number not in recorded:
            problems.append(f"run {number} stands in no entry")
        elif content(connection, number) != recorded[number]:
            problems.append(f"run {number} was changed after it was recorded")
    return problems


def content(connection: "Connection", run: int) -> str:
    """Digest of all that a run recorded: its row and its changes."""
    row = connection.execute(select(runs).where(runs.c.id == run)).mappings().one()
    told = connection.execute(
        select(findings.c.fingerprint, changes.c.kind, changes.c.before, changes.c.after)
        .join(findings, findings.c.id == changes.c.finding)
        .where(changes.c.run == run)
        .order_by(changes.c.id)
    ).all()
    text = canonical({"run": dict(row), "changes": [list(each) for each in told]})
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _hash(sequence: int, at: str, entry: str, previous: str) -> str:
    return hashlib.sha256(f"{previous}\n{sequence}\n{at}\n{entry}".encode()).hexdigest()
