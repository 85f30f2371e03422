"""An AWS stand-in as a real process over HTTP: moto's server, for tests, the demo and the writing of collectors."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from types import TracebackType
from typing import Any, Final, Self

from compliance_scan.errors import ScanError
from compliance_scan.inputs.aws.clients import Access, Clients

CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "standin",
    "AWS_SECRET_ACCESS_KEY": "standin",
    "AWS_EC2_METADATA_DISABLED": "true",
}
STARTS_WITHIN = 60.0


class StandIn:
    """A server on a free port of this machine; a context manager that ends it."""

    def __init__(self, *, environment: dict[str, str] | None = None) -> None:
        self.environment = environment or {}
        self.url = ""
        self.account = ""
        """The account in which what signs in through `clients` is; empty for the stand-in's own."""
        self._process: subprocess.Popen[bytes] | None = None
        self._log: Any = None

    def __enter__(self) -> Self:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        environment = {**os.environ, "MOTO_EC2_LOAD_DEFAULT_AMIS": "false", **self.environment}
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, env=environment)
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._log is not None:
            self._log.close()

    def _wait(self) -> None:
        assert self._process is not None
        until = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < until:
            if self._process.poll() is not None:
                self._log.seek(0)
                raise ScanError(f"the stand-in did not start: {self._log.read().decode(errors='replace')[-300:]}")
            try:
                urllib.request.urlopen(f"{self.url}/moto-api/data.json", timeout=5).close()  # noqa: S310 - our own server
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
            else:
                return
        raise ScanError("the stand-in did not start in time")

    def clients(self, region: str) -> Clients:
        """A session that signs in to it."""
        import boto3

        session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=region,
        )
        session.events.register("before-send", self._name_account)
        return Clients(session, Access(endpoint_url=self.url, region=region))

    def _name_account(self, request: Any, **_event: Any) -> None:
        """An empty account costs a header, where `reset` costs seconds."""
        if self.account:
            request.headers["x-moto-account-id"] = self.account

    def reset(self) -> None:
        """An empty account again."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")  # noqa: S310 - our own server
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310 - our own server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
