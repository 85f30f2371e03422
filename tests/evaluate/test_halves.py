"""Judging in two processes comes to what one process comes to, whatever happens to the second."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import compliance_scan.evaluate as evaluating
from compliance_scan.evaluate import evaluate, halves
from compliance_scan.model.finding import Finding
from compliance_scan.model.resource import Resource
from compliance_scan.scan import Request, scan
from tests.evaluate.fake import UNKNOWN, FakeWorld, instance, resource, rule

if TYPE_CHECKING:
    from compliance_scan.errors import Incomplete

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "fixtures" / "investment-platform" / "kubernetes"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="one processor, or no Linux"
)


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """However little there is to judge is shared; the process ids of those that were begun."""
    begun: list[int] = []
    fork = os.fork

    def noted() -> int:
        begun.append(child := fork())
        return child

    monkeypatch.setattr(evaluating, "MANY", 0)
    monkeypatch.setattr(halves, "MAX_HELD", 2**40)
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # a runner of tests has its own
    monkeypatch.setattr(os, "fork", noted)
    return begun


def in_one(judging: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """What one process alone comes to."""
    with monkeypatch.context() as alone:
        alone.setattr(evaluating, "MANY", 10**9)
        return judging()


def some() -> list[Resource]:
    made = (resource(name=f"r{number}", encrypted=[True, False, UNKNOWN][number % 3]) for number in range(10))
    return [each._replace(address=f"aws_x.r{number % 7}") for number, each in enumerate(made)]


def told(findings: Sequence[Finding]) -> list[tuple[Any, ...]]:
    """All of them: findings and evidence are otherwise told apart by identity."""
    return [tuple(each._replace(evidence=tuple(map(tuple, each.evidence)))) for each in findings]  # type: ignore[arg-type]


def judged(resources: Sequence[Resource], notes: "list[Incomplete] | None" = None) -> list[Finding]:
    rules = [instance(rule({"path": "encrypted", "equals": True})), instance(rule({"path": "name", "exists": False}))]
    return list(evaluate(rules, FakeWorld(resources), notes=notes))


def test_a_half_that_another_process_judged_is_no_different(forks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    resources = some()
    alone = in_one(lambda: judged(resources), monkeypatch)
    assert not forks
    assert told(judged(resources)) == told(alone)
    assert len(forks) == 1


def test_manifests_give_the_same_report(forks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """With evidence on other objects than the judged one, pods that no input wrote, relations and namespaces."""

    def reported() -> dict[str, Any]:
        request = Request(str(KUBERNETES), ["."], str(KUBERNETES), date(2026, 12, 1), verdicts=ALL)
        report = dict(scan(request).report)
        del report["run"]
        return report

    alone = in_one(reported, monkeypatch)
    assert len(alone["findings"]) > 500
    assert reported() == alone
    assert forks


def test_evidence_stands_on_the_resource_that_decided(forks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """One that an input read, and one that nobody can number: that verdict is come to again here."""
    resources = [resource()._replace(address=f"aws_x.r{number}") for number in range(4)]
    logs = [resource("aws_log.l", on=False)._replace(address=f"aws_log.{number}") for number in range(2)]
    related = {("aws_x.r2", "aws_log"): [logs[0]], ("aws_x.r3", "aws_log"): [logs[1]]}
    world = FakeWorld([*resources, logs[0]], related)
    source = {"related": {"type": "aws_log", "by": "target"}}
    every = {"every": {"in": source, "empty": "pass", "assert": {"path": "on", "equals": True}}}

    def verdicts() -> list[tuple[str, list[str]]]:
        found = evaluate([instance(rule(every))], world)
        return [(each.verdict, [evidence.resource.address for evidence in each.evidence]) for each in found]

    alone = in_one(verdicts, monkeypatch)
    assert alone[2:] == [("fail", ["aws_log.0"]), ("fail", ["aws_log.1"])]
    assert verdicts() == alone
    assert forks


ALL = frozenset({"pass", "fail", "unknown", "not_applicable"})


@pytest.mark.parametrize("end", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(0), lambda: 1 // 0])
def test_what_a_process_that_ends_leaves_is_judged_here(
    end: Callable[[], object], forks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    resources, here = some(), os.getpid()
    alone = in_one(lambda: judged(resources), monkeypatch)
    packed = halves._packed

    def ends(*given: Any) -> Any:
        assert os.getpid() != here
        end()
        return packed(*given)

    monkeypatch.setattr(halves, "_packed", ends)
    assert told(judged(resources)) == told(alone)
    assert forks


def test_a_rule_that_breaks_there_is_noted_here(forks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    resources = some()

    class Broken(dict[str, Any]):
        def __contains__(self, name: object) -> bool:
            raise ValueError("broken")

    resources[-1].attributes["encrypted"] = {"deep": Broken()}  # type: ignore[index]
    notes: list[Incomplete] = []
    others: list[Incomplete] = []

    def broken(into: "list[Incomplete]") -> list[Finding]:
        deep = instance(rule({"path": "encrypted.deep.er", "equals": True}))
        return list(evaluate([deep], FakeWorld(resources), notes=into))

    alone = in_one(lambda: broken(others), monkeypatch)
    assert told(broken(notes)) == told(alone)
    assert len(forks) == 1
    assert notes == others
    assert len(notes) == 1


def test_what_is_worked_out_while_it_is_judged_stays_in_one_process(forks: list[int]) -> None:
    """Terraform's attributes: what is noted while they are worked out would be lost."""

    class Lazy(dict[str, Any]):
        pass

    assert judged(
        [each._replace(attributes=Lazy({name: each.attributes[name] for name in each.attributes})) for each in some()]
    )
    assert not forks


def test_an_interrupted_scan_leaves_no_process(forks: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()
    whole = evaluating._judged

    def interrupted(*given: Any) -> Any:
        if os.getpid() == here:
            raise KeyboardInterrupt
        signal.pause()
        return whole(*given)

    monkeypatch.setattr(evaluating, "_judged", interrupted)
    with pytest.raises(KeyboardInterrupt):
        judged(some())
    with pytest.raises(ProcessLookupError):
        os.kill(forks[0], 0)
