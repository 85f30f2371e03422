"""An API server of recorded shape: discovery, lists in pages, refusals; over real HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Object = dict[str, Any]
TOKEN = "t0ken"


class FakeApi:
    """What the server has; `asked` is what it was asked for."""

    def __init__(self) -> None:
        self.lists: dict[str, list[Object]] = {}
        """Path of a list to its items."""
        self.refused: dict[str, tuple[int, str]] = {}
        """Path to status and message."""
        self.expire_once: set[str] = set()
        """Lists whose first continuation has expired."""
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.kinds: dict[str, list[tuple[str, str]]] = {
            "v1": [
                ("pods", "Pod"),
                ("secrets", "Secret"),
                ("services", "Service"),
                ("serviceaccounts", "ServiceAccount"),
            ],
            "apps/v1": [("deployments", "Deployment"), ("deployments/scale", "Scale"), ("replicasets", "ReplicaSet")],
            "networking.k8s.io/v1": [("networkpolicies", "NetworkPolicy")],
        }

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Object]:
        """The status and body of a GET."""
        self.asked.append((path, query))
        if path in self.refused:
            status, message = self.refused[path]
            return status, {
                "kind": "Status",
                "apiVersion": "v1",
                "status": "Failure",
                "message": message,
                "code": status,
            }
        if path == "/apis":
            groups = [version for version in self.kinds if "/" in version]
            return 200, {
                "kind": "APIGroupList",
                "groups": [{"name": v.split("/")[0], "preferredVersion": {"groupVersion": v}} for v in groups],
            }
        version = path.removeprefix("/apis/").removeprefix("/api/")
        if version in self.kinds:
            served = [
                {"name": name, "kind": kind, "namespaced": True, "verbs": ["get", "list"]}
                for name, kind in self.kinds[version]
            ]
            return 200, {"kind": "APIResourceList", "groupVersion": version, "resources": served}
        return self._page(path, query)

    def _page(self, path: str, query: dict[str, str]) -> tuple[int, Object]:
        start, size = int(query.get("continue") or 0), min(int(query.get("limit", 500)), 2)
        if start and path in self.expire_once:
            self.expire_once.remove(path)
            return 410, {"kind": "Status", "message": "The provided continue parameter is too old", "code": 410}
        items = self.lists.get(path, [])
        more = str(start + size) if start + size < len(items) else ""
        return 200, {"kind": "List", "metadata": {"continue": more}, "items": items[start : start + size]}


@contextmanager
def serving(api: FakeApi, folder: Path) -> Iterator[Path]:
    """Serves it on the loopback; the kubeconfig with the context `test`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            status, body = (
                api.answer(parts.path, dict(parse_qsl(parts.query))) if allowed else (401, {"message": "who?"})
            )
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kubeconfig(folder, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def kubeconfig(folder: Path, server: str) -> Path:
    """A kubeconfig with one context, `test`."""
    path = folder / "kubeconfig"
    path.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": server}}],
                "users": [{"name": "u", "user": {"token": TOKEN}}],
                "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "test",
            }
        )
    )
    return path


def pod(name: str, namespace: str = "prod", **spec: Any) -> Object:
    """An item of a list of pods: such items do not say their kind."""
    metadata = {"name": name, "namespace": namespace, "uid": f"uid-{name}", "managedFields": [{"manager": "x"}]}
    return {"metadata": metadata, "spec": {"containers": [{"name": "app", "image": "nginx:1"}], **spec}}
