"""The session: clients by service and region, and calls made with them."""

import re
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance_scan import __version__
from compliance_scan.inputs.aws.answers import Failure, NoAnswer, failure, joined, plain
from compliance_scan.inputs.aws.collector import Before
from compliance_scan.inputs.aws.gather import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

WAITS = 20.0
"""Seconds that something which AWS prepares (a report) is waited for."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
CONNECTIONS = 32
ATTEMPTS = 10


class Access(NamedTuple):
    """How the account is reached."""

    profile: str | None = None
    endpoint_url: str | None = None
    region: str | None = None
    """Where global services and the account itself are asked."""


class Limit:
    """At most so many requests a second, over all threads, evenly."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self, **_event: Any) -> None:
        """Returns when the next request may go; a handler of botocore's `before-send`."""
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._gap
        if turn > now:
            time.sleep(turn - now)


class Clients:
    """One session; a client for each service and region, made under a lock and shared by all threads."""

    def __init__(self, session: Any, access: Access, limit: Limit | None = None) -> None:
        self.session = session
        self.access = access
        self.limit = limit
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        self._http: Any = None
        """The one HTTP session of all clients."""

    @classmethod
    def open(cls, access: Access) -> "Clients":
        """A session of boto3's own chain of credentials."""
        import boto3

        from compliance_scan.inputs.aws.models import cut_models

        session = boto3.Session(profile_name=access.profile, region_name=access.region)
        cut_models(session)
        return cls(session, access)

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region."""
        key = (service, region)
        found = self._made.get(key)
        if found is None:
            with self._lock:
                found = self._made.get(key)
                if found is None:
                    found = self._made[key] = self._make(service, region)
        return found

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config

        url = self.access.endpoint_url
        config = Config(
            retries={"mode": "adaptive", "max_attempts": ATTEMPTS},
            max_pool_connections=CONNECTIONS,
            connect_timeout=10,
            read_timeout=60,
            s3={"addressing_style": "path"} if url else None,
            user_agent=_agent(),
        )
        client = self.session.client(service, region_name=region, endpoint_url=url, config=config)
        if self.limit is not None:
            client.meta.events.register("before-send", self.limit.wait)
        self._share(client._endpoint, url)  # noqa: SLF001 - botocore gives each client an HTTP session of its own
        return client

    def _share(self, endpoint: Any, url: str | None) -> None:
        """Lets a client use the HTTP session of all others."""
        if self._http is None:
            from compliance_scan.inputs.aws.http import shared

            self._http = shared(endpoint.http_session)
            if url:
                _know_what_is_no_answer(self._http, url)
        endpoint.http_session = self._http

    def operation(self, asked: Asked) -> str:
        """`s3:GetBucketPolicy`: the operation in AWS's own spelling."""
        client = self._made.get((asked.service, asked.region))
        names: dict[str, str] = client.meta.method_to_api_mapping if client is not None else {}
        return f"{asked.service}:{names.get(asked.call, asked.call)}"

    def call(self, asked: Asked, before: Before | None = None) -> "dict[str, Any] | Failure":
        """The answer to a call, all its pages joined, or why there is none."""
        try:
            client = self.client(asked.service, asked.region)
            if before is not None:
                self._prepare(client, before, asked)
            return _whole(client, asked)
        except Exception as error:  # noqa: BLE001 - the boundary of one call: whatever it is, it becomes a cause
            return failure(error)

    def pages(self, asked: Asked, before: Before | None = None) -> "Iterator[dict[str, Any] | Failure]":
        """The pages of an answer as they come; in the end perhaps why there are no more."""
        try:
            client = self.client(asked.service, asked.region)
            if before is not None:
                self._prepare(client, before, asked)
            for page in _pages(client, asked):
                yield plain(page)
        except Exception as error:  # noqa: BLE001 - the boundary of one call: whatever it is, it becomes a cause
            yield failure(error)

    def _prepare(self, client: Any, before: Before, asked: Asked) -> None:
        until, pause = time.monotonic() + WAITS, FIRST_WAIT
        while True:
            answer = plain(getattr(client, before.call)(**before.arguments(asked.arguments)))
            if before.until is None or before.until(answer) or time.monotonic() + pause > until:
                return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_WAIT)


_TOKENS = ("NextToken", "nextToken", "NextMarker")
"""What operations that botocore does not page give for the next page, and take back under the same name."""


def _pages(client: Any, asked: Asked) -> "Iterator[dict[str, Any]]":
    if client.can_paginate(asked.call):
        config = {"PageSize": asked.page} if asked.page else {}
        yield from client.get_paginator(asked.call).paginate(**asked.arguments, PaginationConfig=config)
        return
    token: dict[str, Any] = {}
    while True:
        answer: dict[str, Any] = getattr(client, asked.call)(**{**asked.arguments, **token})
        yield answer
        following = {name: answer[name] for name in _TOKENS if answer.get(name)}
        if not following or following == token:
            return
        token = following


def _whole(client: Any, asked: Asked) -> dict[str, Any]:
    answer: dict[str, Any] = plain(joined(_pages(client, asked)))
    return answer


_MISSING = (b"NotImplementedError", b"not been implemented", b"NotImplemented", b"not yet implemented")


@cache
def _agent() -> str:
    """Who calls, as CloudTrail will show it; a fixed text, where botocore puts one together anew for each request."""
    import boto3

    return f"compliance-scan/{__version__} Boto3/{boto3.__version__}"


def _know_what_is_no_answer(http: Any, url: str) -> None:
    """A stand-in answers 500 to what it does not know. That is no passing trouble: it is asked once, not ten times.

    Some operations have the account or a word of theirs before the host; there is no such name where the host is an
    address, which is then asked by itself.
    """
    send = http.send  # botocore lets nobody see a response before it decides to repeat
    host = _address(url)

    def sent(request: Any) -> Any:
        if host:
            request.url = re.sub(rf"(?<=://)[^/@]+\.(?={re.escape(host)}(?:[:/]|$))", "", request.url, count=1)
        response = send(request)
        if response.status_code == 500:
            if any(word in response.content for word in _MISSING):
                raise NotImplementedError("the endpoint does not implement the operation")
            if _is_foreign(response.content):
                raise NoAnswer("the endpoint failed: HTTP 500, and no error of AWS")
        return response

    http.send = sent


def _is_foreign(body: bytes) -> bool:
    """Whether an error is a web server's own page or text: AWS writes XML, JSON or CBOR, or nothing at all."""
    start = body[:100].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return True
    return bool(start) and start[:1] not in b"<{[" and start[0] < 0x80


def _address(url: str) -> str:
    """The host of an endpoint where it is this machine or a bare address, else nothing."""
    from ipaddress import ip_address
    from urllib.parse import urlsplit

    host = urlsplit(url).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host if host == "localhost" else ""
    return host
