"""A proxy in front of the stand-in that disturbs: denies, throttles, drops connections, answers nonsense, is slow."""

import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self


class Call(NamedTuple):
    """A request as it is signed."""

    service: str
    region: str
    operation: str
    """The query protocol's `Action`, the JSON protocols' target, else method and path: `GET /my-bucket?policy`."""
    path: str


class Answer(NamedTuple):
    """What the proxy says itself; `status` 0 drops the connection."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


Decide = Callable[[Call], "Answer | None"]


def error(call: Call, status: int, code: str, message: str = "by the proxy") -> Answer:
    """An error in the form that every protocol's parser understands."""
    if call.service in ("s3", "s3control", "route53", "cloudfront"):
        body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        if call.service != "s3":
            body = f"<ErrorResponse>{body}</ErrorResponse>"
        return Answer(status, body.encode(), (("Content-Type", "application/xml"),))
    if call.service == "ec2":
        body = f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors></Response>"
        return Answer(status, body.encode(), (("Content-Type", "text/xml"),))
    if call.service in QUERY:
        body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        return Answer(status, body.encode(), (("Content-Type", "text/xml"),))
    return Answer(
        status,
        f'{{"__type": "{code}", "message": "{message}"}}'.encode(),
        (("Content-Type", "application/json"), ("x-amzn-ErrorType", code)),
    )


QUERY = ("rds", "iam", "sts", "elasticloadbalancing", "autoscaling", "sns", "cloudformation", "redshift", "elasticache",
         "elasticbeanstalk", "monitoring", "email", "sqs")  # fmt: skip


class Proxy:
    """Forwards to the stand-in what `decide` lets through."""

    def __init__(self, target: str, decide: Decide, *, latency: float = 0.0) -> None:
        self.calls: list[Call] = []
        self.attempts = 0
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else b""
                call = _call(self.command, self.path, dict(self.headers.items()), body)
                with lock:
                    proxy.calls.append(call)
                if latency:
                    time.sleep(latency)
                answer = decide(call)
                if answer is None:
                    answer = _forward(target + self.path, self.command, dict(self.headers.items()), body)
                if not answer.status:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer.body)

            def log_message(self, *_: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

        for method in ("GET", "POST", "PUT", "DELETE", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.handle_any)
        proxy = self
        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _call(method: str, path: str, headers: dict[str, str], body: bytes) -> Call:
    scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", headers.get("Authorization", ""))
    region, service = scope.groups() if scope else ("", "")
    target = headers.get("X-Amz-Target", "").rsplit(".", 1)[-1]
    action = re.search(rb"(?:^|&)Action=(\w+)", body)
    operation = target or (action[1].decode() if action else f"{method} {path}")
    return Call(service, region, operation, path)


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _forward(url: str, method: str, headers: dict[str, str], body: bytes) -> Answer:
    kept = {name: value for name, value in headers.items() if name.lower() not in ("connection", "content-length")}
    request = urllib.request.Request(url, data=body or None, method=method, headers=kept)
    try:
        with _OPENER.open(request, timeout=60) as answer:
            return Answer(answer.status, answer.read(), _headers(answer.headers))
    except urllib.error.HTTPError as failed:
        return Answer(failed.code, failed.read(), _headers(failed.headers))


def _headers(headers: Any) -> tuple[tuple[str, str], ...]:
    skipped = ("connection", "content-length", "transfer-encoding", "server", "date")
    return tuple((name, value) for name, value in headers.items() if name.lower() not in skipped)
