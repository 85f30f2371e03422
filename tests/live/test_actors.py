"""Who changed what drifted: asked of an endpoint that speaks CloudTrail's protocol, since moto keeps no events."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest

from compliance_scan.inputs.aws import actors
from compliance_scan.inputs.aws.actors import Trail
from compliance_scan.inputs.aws.clients import Access, Clients
from compliance_scan.inputs.aws.engine import Place

ACCOUNT, REGION = "123456789012", "eu-west-1"
EVE = f"arn:aws:iam::{ACCOUNT}:user/eve"


def event(name: str, time: float, *, who: str = EVE, reads: bool = False, error: str | None = None) -> dict[str, Any]:
    record = {"userIdentity": {"arn": who}, **({"errorCode": error} if error else {})}
    return {
        "EventName": name, "EventTime": time, "ReadOnly": str(reads).lower(), "Username": "eve",
        "CloudTrailEvent": json.dumps(record),
    }  # fmt: skip


class Events:
    """What the endpoint answers, and what it was asked."""

    def __init__(self) -> None:
        self.of: dict[str, list[dict[str, Any]]] = {}
        self.asked: list[str] = []
        self.denied = False
        self.url = ""

    def answer(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        [wanted] = body["LookupAttributes"]
        assert wanted["AttributeKey"] == "ResourceName"
        self.asked.append(wanted["AttributeValue"])
        if self.denied:
            return 400, {"__type": "AccessDeniedException", "message": "not authorized"}
        return 200, {"Events": self.of.get(wanted["AttributeValue"], [])}


@pytest.fixture
def events() -> Iterator[Events]:
    made = Events()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, said = made.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def trail(events: Events) -> Trail:
    session = boto3.Session(aws_access_key_id="standin", aws_secret_access_key="standin", region_name=REGION)
    clients = Clients(session, Access(endpoint_url=events.url, region=REGION))
    return Trail([Place(ACCOUNT, "aws", (REGION,), "us-east-1", clients)])


def test_the_last_write_that_was_let_through(events: Events, trail: Trail) -> None:
    events.of["jobs"] = [
        event("SetQueueAttributes", 1_764_000_000.0),
        event("GetQueueAttributes", 1_764_000_300.0, reads=True),
        event("SetQueueAttributes", 1_764_000_200.0, error="AccessDenied"),
        event("TagQueue", 1_764_000_100.0),
    ]
    told = trail.actor(ACCOUNT, REGION, ["https://sqs/jobs", "jobs", "never-asked"])
    assert told == f"{EVE}, TagQueue at 2025-11-24T16:01:40Z"
    assert events.asked == ["https://sqs/jobs", "jobs"]
    assert list(trail.troubles) == []


def test_what_is_denied_is_said_and_asked_once(events: Events, trail: Trail) -> None:
    events.denied = True
    assert trail.actor(ACCOUNT, REGION, ["one", "two"]) is None
    assert trail.actor(ACCOUNT, REGION, ["three"]) is None
    assert events.asked == ["one"]
    [trouble] = trail.troubles
    assert trouble == f"cloudtrail:LookupEvents in {ACCOUNT}/{REGION}: denied (AccessDeniedException)"


def test_the_calls_are_bounded(events: Events, trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actors, "CALLS", 2)
    assert trail.actor(ACCOUNT, REGION, ["one", "two", "three"]) is None
    assert events.asked == ["one", "two"]
    assert list(trail.troubles) == ["only the first 2 look-ups were made"]


def test_another_account_is_not_asked(events: Events, trail: Trail) -> None:
    assert trail.actor("999999999999", REGION, ["one"]) is None
    assert trail.actor(None, REGION, ["one"]) is None
    assert events.asked == []
