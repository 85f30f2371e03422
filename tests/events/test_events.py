"""Events of a run, and their way to a receiver that may be away."""

import hashlib
import hmac
import json
import stat
from pathlib import Path

import pytest

from compliance_scan import events
from compliance_scan.errors import UsageError
from compliance_scan.events import Event
from compliance_scan.events.deliver import Delivery, deliver, spooled
from compliance_scan.model.change import Change
from tests.events.receiver import receiver
from tests.store.reports import finding, report


def news(*kinds: str) -> list[Event]:
    changes = [Change(kind, f"cs1:{kind}", "rule", "high", "address", "", "fail", None) for kind in kinds]
    return list(events.of(report(), changes))


def ignore(_seconds: float) -> None:
    """No wait between attempts."""


def test_a_run_and_its_news() -> None:
    told = list(events.of(report(), [Change("new", "cs1:a", "rule", "high", "address", "", "fail", finding("a"))]))
    assert [event["type"] for event in told] == ["dev.compliance-scan.finding.new", "dev.compliance-scan.run.finished"]
    for event in told:
        assert event["specversion"] == "1.0"
        assert event["source"] == "urn:compliance-scan:aws:123456789012"
        assert event["time"] == "2026-11-01T02:00:00Z"
    assert told[0]["data"]["finding"]["fingerprint"] == "cs1:a"
    assert told[1]["data"]["summary"]["pass"] == 3


def test_the_same_event_has_the_same_id() -> None:
    assert [event["id"] for event in news("new", "resolved")] == [event["id"] for event in news("new", "resolved")]
    assert len({event["id"] for event in news("new", "resolved")}) == 3


def test_without_a_history_the_baseline_tells() -> None:
    run = report(
        finding("plain", baseline="new"),
        finding("worse", baseline="worsened"),
        finding("known", baseline="unchanged"),
        finding("gone", baseline="absent"),
        finding("unsure", baseline="new", verdict="unknown"),
    )
    told = [(event["type"].rpartition(".")[2], event["data"].get("fingerprint")) for event in events.of(run, None)]
    assert told == [("new", "cs1:plain"), ("changed", "cs1:worse"), ("resolved", "cs1:gone"), ("finished", None)]


def test_a_file_gets_a_line_an_event(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert deliver(news("new"), str(path)) == Delivery(2, 0, 0)
    assert deliver(news("resolved"), str(path)).sent == 2
    assert [json.loads(line)["type"].rpartition(".")[2] for line in path.read_text().splitlines()] == [
        "new",
        "finished",
        "resolved",
        "finished",
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_posts_are_signed(tmp_path: Path) -> None:
    with receiver() as there:
        assert deliver(news("new"), there.url, key="k3y", spool=str(tmp_path)).sent == 2
    for body, headers in zip(there.bodies, there.headers, strict=True):
        expected = hmac.new(b"k3y", body, hashlib.sha256).hexdigest()
        assert headers["X-Compliance-Scan-Signature"] == f"sha256={expected}"
        assert headers["Content-Type"] == "application/cloudevents+json; charset=UTF-8"
    assert list(spooled(str(tmp_path))) == []


def test_a_passing_fault_is_tried_again(tmp_path: Path) -> None:
    waits: list[float] = []
    with receiver() as there:
        there.answers = [503, 429]
        assert deliver(news(), there.url, spool=str(tmp_path), wait=waits.append).sent == 1
    assert waits == [0.5, 1.0]


def test_a_receiver_that_is_away_gets_everything_later_in_order(tmp_path: Path) -> None:
    with receiver() as there:
        there.answers = [500] * 100
        first = deliver(news("new", "changed"), there.url, spool=str(tmp_path), wait=ignore)
        assert (first.sent, first.spooled) == (0, 3)
        assert len(list(spooled(str(tmp_path)))) == 3
        there.answers = []
        assert deliver(news("resolved"), there.url, spool=str(tmp_path), wait=ignore).sent == 5
    kinds = [json.loads(body)["type"].rpartition(".")[2] for body in there.bodies]
    assert kinds == ["new", "changed", "finished", "resolved", "finished"]
    assert list(spooled(str(tmp_path))) == []


def test_nobody_listens(tmp_path: Path) -> None:
    with receiver() as there:
        url = there.url
    done = deliver(news("new"), url, spool=str(tmp_path), wait=ignore)
    assert (done.sent, done.spooled) == (0, 2)
    assert "127.0.0.1" in done.reason


def test_another_host_is_never_called(tmp_path: Path) -> None:
    with receiver() as elsewhere, receiver() as there:
        there.answers, there.location = [307], elsewhere.url
        done = deliver(news(), there.url, spool=str(tmp_path), wait=ignore)
        assert (done.sent, done.refused, elsewhere.bodies) == (0, 1, [])
        assert "307" in done.reason


@pytest.mark.parametrize("target", ["ftp://host/x", "https://user:password@host/", "http:///x", "http://host:99999/"])
def test_targets_that_are_none(target: str) -> None:
    with pytest.raises(UsageError) as caught:
        deliver([], target)
    assert "password@" not in caught.value.message
