"""Brings events to their receiver: a file, or one host over HTTP with retries and a spool for when it is away.

Only the configured host is ever called: redirects are not followed. With a key each body is signed by HMAC-SHA256 in
the header `X-Compliance-Scan-Signature: sha256=<hex>`.
"""

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from compliance_scan.errors import UsageError
from compliance_scan.events import Event

ATTEMPTS = 4
FIRST_WAIT = 0.5
"""Seconds before the second attempt, doubled after each."""
TIMEOUT = 10.0
GIVE_UP = 2
"""After so many events in a row that did not arrive the receiver counts as away, and the rest is spooled at once."""
KEY = "COMPLIANCE_SCAN_EVENTS_KEY"
SIGNATURE = "X-Compliance-Scan-Signature"
TYPE = "application/cloudevents+json; charset=UTF-8"
MAX_SPOOL = 100_000


class Delivery(NamedTuple):
    """What became of the events."""

    sent: int
    spooled: int
    refused: int
    """Told off by the receiver for good (a 4xx answer): they are not kept."""
    reason: str = ""
    """Why something did not arrive."""


class Receiver(NamedTuple):
    """Where events go."""

    scheme: str
    host: str
    port: int | None
    path: str


def receiver_of(target: str) -> Receiver | None:
    """The receiver that a URL names, None for a file; raises `UsageError`."""
    if "://" not in target:
        return None
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--events {parts.scheme}:// is no receiver", "name a file, or an http:// or https:// address")
    if parts.username or parts.password:
        raise UsageError("--events may not hold a password", f"sign with a key in {KEY}")
    try:
        port = parts.port
    except ValueError as error:
        raise UsageError(f"--events: {error}") from error
    return Receiver(
        parts.scheme, parts.hostname, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    )


def deliver(
    events: Iterable[Event],
    target: str,
    *,
    key: str | None = None,
    spool: str | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> Delivery:
    """Appends to a file (JSON Lines), or posts, earlier spooled ones first; raises `UsageError` for a bad target."""
    receiver = receiver_of(target)
    if receiver is None:
        return _append(events, target)
    folder = os.path.join(spool or spool_folder(), hashlib.sha256(target.encode()).hexdigest()[:16])
    return _Post(receiver, key, folder, wait).all(events)


def spool_folder() -> str:
    """Where events wait for a receiver that is away (`XDG_STATE_HOME`)."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(base, "compliance-scan", "events")


def body_of(event: Event) -> bytes:
    """The event as it is sent and signed."""
    return json.dumps(event, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def signature(key: str, body: bytes) -> str:
    """The header's value for a body."""
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def _append(events: Iterable[Event], path: str) -> Delivery:
    sent = 0
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with open(handle, "ab") as out:
            for event in events:
                out.write(body_of(event) + b"\n")
                sent += 1
    except OSError as error:
        raise UsageError(f"--events {path} cannot be written: {error.strerror or error}") from error
    return Delivery(sent, 0, 0)


class _Post:
    """One delivery over HTTP."""

    def __init__(self, receiver: Receiver, key: str | None, folder: str, wait: Callable[[float], None]) -> None:
        self.receiver, self.key, self.folder, self.wait = receiver, key, folder, wait
        self.sent = self.spooled = self.refused = self.lost = 0
        self.reason = ""
        self.connection: http.client.HTTPConnection | None = None

    def all(self, events: Iterable[Event]) -> Delivery:
        try:
            for path in self._waiting():
                self._old(path)
            for event in events:
                self._new(event)
        finally:
            if self.connection is not None:
                self.connection.close()
        return Delivery(self.sent, self.spooled, self.refused, self.reason)

    def _waiting(self) -> Sequence[str]:
        with contextlib.suppress(OSError):
            return sorted(os.path.join(self.folder, name) for name in os.listdir(self.folder) if name.endswith(".json"))
        return ()

    def _old(self, path: str) -> None:
        with contextlib.suppress(OSError):
            with open(path, "rb") as stream:
                body = stream.read()
            if self._try(body) is not None:
                os.unlink(path)

    def _new(self, event: Event) -> None:
        body = body_of(event)
        if self._try(body) is None:
            self._keep(event["id"], body)

    def _try(self, body: bytes) -> bool | None:
        """True where it arrived, False where the receiver refuses it, None where nobody answered."""
        if self.lost >= GIVE_UP:
            return None
        for attempt in range(ATTEMPTS):
            if attempt:
                self.wait(FIRST_WAIT * 2 ** (attempt - 1))
            status = self._post(body)
            if status is not None and 200 <= status < 300:
                self.sent += 1
                self.lost = 0
                return True
            if status is not None and status not in (408, 425, 429) and status < 500:
                self.refused += 1
                self.reason = self.reason or f"{self.receiver.host} answered {status}"
                return False
            if status is not None:
                self.reason = f"{self.receiver.host} answered {status}"
        self.lost += 1
        return None

    def _post(self, body: bytes) -> int | None:
        headers = {"Content-Type": TYPE, "User-Agent": "compliance-scan"}
        if self.key:
            headers[SIGNATURE] = signature(self.key, body)
        try:
            connection = self.connection or self._connect()
            self.connection = connection
            connection.request("POST", self.receiver.path, body=body, headers=headers)
            answer = connection.getresponse()
            answer.read(65536)
            if answer.will_close or not answer.isclosed():
                self._drop()
        except (OSError, http.client.HTTPException) as error:
            self._drop()
            self.reason = f"{self.receiver.host}: {error or type(error).__name__}"
            return None
        return answer.status

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self.receiver.host, self.receiver.port
        if self.receiver.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT)

    def _drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _keep(self, name: str, body: bytes) -> None:
        """Spools one event for the next run; a file aside, then its name, so that no half event is ever sent."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        if self.spooled == 0 and len(os.listdir(self.folder)) >= MAX_SPOOL:
            self.reason = f"the spool {self.folder} is full"
            self.refused += 1
            return
        path = os.path.join(self.folder, f"{time.time_ns():020}-{name}")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(body)
        os.replace(path, path + ".json")
        self.spooled += 1


def spooled(folder: str) -> Iterator[str]:
    """Paths of the events that wait below a spool folder."""
    for where, _, names in os.walk(folder):
        yield from sorted(os.path.join(where, name) for name in names if name.endswith(".json"))
