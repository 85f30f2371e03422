"""A stand-in's answers, each after a delay: `python bench/slow.py TARGET SECONDS` prints its address and serves.

An answer is asked of the target once and then given again: what is measured is the caller and the distance, not the
stand-in's own work, which one process does for one caller after the other.
"""

import asyncio
import http.client
import re
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/")
_BEGINS = re.compile(rb"(?:^|&)Action=Generate")
"""What begins something and is asked again until it is done: its first answer is not its last."""


class Recorder:
    """Answers by method, path, body, service and region."""

    def __init__(self, target: str, seconds: float) -> None:
        parts = urlsplit(target)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self.seconds = seconds
        self.answers: dict[tuple[object, ...], bytes] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                method, path, headers = _parsed(head)
                body = await reader.readexactly(int(headers.get("content-length") or 0))
                scope = _SCOPE.search(headers.get("authorization", ""))
                key = (method, path, body, scope and scope.groups(), headers.get("x-amz-target"))
                sleeping = asyncio.ensure_future(asyncio.sleep(self.seconds))
                answer = self.answers.get(key)
                if answer is None:
                    answer = await asyncio.to_thread(self.ask, method, path, body, headers)
                    if not _BEGINS.search(body):
                        self.answers[key] = answer
                await sleeping
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The target's answer, as it goes over the wire."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        connection.request(method, path, body, {n: v for n, v in headers.items() if n not in ("connection", "expect")})
        answer = connection.getresponse()
        content = answer.read()
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        lines += [
            f"{name}: {value}"
            for name, value in answer.getheaders()
            if name.lower() not in ("connection", "content-length", "transfer-encoding")
        ]
        connection.close()
        lines.append(f"Content-Length: {len(content)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if method == "HEAD" else content)


def _parsed(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *rest = head.decode("latin-1").split("\r\n")
    method, path, _version = first.split(" ", 2)
    fields = (line.partition(":") for line in rest if line)
    return method, path, {name.lower(): value.strip() for name, _, value in fields}


async def main(target: str, seconds: float) -> None:
    server = await asyncio.start_server(Recorder(target, seconds).serve, "127.0.0.1", 0, backlog=256, limit=2**20)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
