"""Judging much in two processes: the second gets one half of the subjects and gives back what it found.

Only where that can change nothing but the time: all that is judged was read before (no attribute is worked out while
somebody asks), nothing else runs in this process, and what it holds is small enough to be held twice.
"""

import os
import pickle
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from compliance_scan.errors import Incomplete
from compliance_scan.model.finding import Evidence, Finding
from compliance_scan.model.resource import Resource
from compliance_scan.model.value import Unknown

if TYPE_CHECKING:
    from compliance_scan.evaluate import Group
    from compliance_scan.model.resource import Inventory

MAX_HELD = 256 * 1024
"""KiB that this process may hold."""
OWN = -1
"""Evidence on the judged resource itself, where no input read it as such (a pod of a deployment)."""

_BARE = 3
Found = tuple[int, int, int, Finding]
"""Group, subject and judge by number, and what they came to."""
Judged = Callable[[int, int], Iterator[Found]]
"""The findings of one part of so many parts of the subjects."""


_Row = tuple[int, int, int, "tuple[Any, ...] | None"]
"""A finding on its way between the processes: group, subject, judge, and what was found with its resource, and those of
its evidence, by number. Rule, instance and verdict alone where that is all; None for what cannot be sent: it is judged
again here. No class of its own, which would be named once a row."""


def in_two(
    groups: "Sequence[Group]", judged: Judged, inventory: "Inventory", notes: list[Incomplete]
) -> Iterator[Finding]:
    """All findings of all groups, as one process alone would find them; `judged` gives those of one part. What it
    notes reaches `notes` from both processes."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _work(judged, inventory, notes, reading, writing)
    os.close(writing)
    told = None
    try:
        with os.fdopen(reading, "rb") as pipe:
            mine = list(judged(0, 2))
            told = pipe.read()
    finally:
        if told is None:  # somebody interrupts
            os.kill(child, signal.SIGKILL)
        whole = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    theirs: Iterable[Found]
    if whole and told:
        rows, more = pickle.loads(told)  # noqa: S301 - from the process that was begun above
        notes += (note for note in more if note not in notes)
        theirs = _unpacked(rows, groups, inventory)
    else:
        theirs = judged(1, 2)
    yield from (finding for *_, finding in merge(mine, theirs, key=itemgetter(0, 1, 2)))


def possible(inventory: "Inventory") -> bool:
    """Whether judging in two processes is safe here, and of use."""
    return (
        sys.platform == "linux"
        and len(os.sched_getaffinity(0)) > 1
        and threading.active_count() == 1
        and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss <= MAX_HELD
        and all(each.attributes.__class__ is dict for each in inventory.resources)
    )


def _work(judged: Judged, inventory: "Inventory", notes: list[Incomplete], reading: int, writing: int) -> None:
    """The life of the second process. It ends without a word: what it does not say, the first judges itself."""
    code = 1
    try:
        os.close(reading)
        known = len(notes)
        numbers = {each: number for number, each in enumerate(inventory.resources)}
        rows = [_packed(*each, numbers) for each in judged(1, 2)]
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump((rows, notes[known:]), pipe, pickle.HIGHEST_PROTOCOL)
        code = 0
    finally:
        os._exit(code)


def _packed(group: int, subject: int, judge: int, finding: Finding, numbers: dict[Resource, int]) -> _Row:
    rule, instance, on, verdict, evidence, cause, *rest = finding
    if not evidence and cause is None and not any(rest):
        return group, subject, judge, (rule, instance, verdict)
    sent = []
    for each in evidence:
        number = OWN if each.resource is on else numbers.get(each.resource)
        if number is None:
            return group, subject, judge, None
        sent.append((number, *each[1:]))
    if cause is not None and cause.options:
        return group, subject, judge, None
    told = None if cause is None else (cause.cause, cause.detail, cause.type, cause.not_null, cause.symbol)
    return group, subject, judge, (rule, instance, verdict, sent, told, *rest)


def _unpacked(rows: list[_Row], groups: "Sequence[Group]", inventory: "Inventory") -> Iterator[Found]:
    for group, index, judge, sent in rows:
        subject = groups[group].subjects[index]
        on = subject.resource
        if sent is None:
            finding = groups[group].judges[judge](subject, on)
            if finding is not None:
                yield group, index, judge, finding
            continue
        if len(sent) == _BARE:
            rule, instance, verdict = sent
            yield group, index, judge, Finding(rule, instance, on, verdict)
            continue
        rule, instance, verdict, told, cause, *rest = sent
        evidence = tuple(
            Evidence(on if number == OWN else inventory.resources[number], *fields) for number, *fields in told
        )
        why = None if cause is None else Unknown(*cause)
        yield group, index, judge, Finding(rule, instance, on, verdict, evidence, why, *rest)
