"""One HTTP session for all clients of a run, and one TLS context.

botocore makes an HTTP session for each client, and urllib3 reads the certificates of all authorities for each
connection: some twenty milliseconds, for each of a thousand hosts.
"""

import threading
from typing import Any, Final

from botocore.httpsession import URLLib3Session

HOSTS: Final = 1_000
"""Hosts whose connections are kept: each service has one in each region."""


class SharedSession(URLLib3Session):  # type: ignore[misc] # botocore has no types
    """A session whose TLS context has its authorities from the first connection on."""

    _reading = threading.Lock()

    def _setup_ssl_cert(self, conn: Any, url: str, verify: Any) -> None:
        super()._setup_ssl_cert(conn, url, verify)
        context = conn.conn_kw.get("ssl_context")
        if not conn.ca_certs or context is None:
            return
        with self._reading:
            known = self.__dict__.setdefault("_authorities", set())
            if (id(context), conn.ca_certs) not in known:
                context.load_verify_locations(cafile=conn.ca_certs)
                known.add((id(context), conn.ca_certs))
        conn.ca_certs = None


def shared(session: URLLib3Session) -> URLLib3Session:
    """A client's session, made fit for all of them: they differ in nothing, since all have the same configuration."""
    from urllib3._collections import RecentlyUsedContainer

    session.__class__ = SharedSession
    manager = session._manager  # noqa: SLF001 - botocore leaves the number of its pools to urllib3, which keeps ten
    manager.pools = RecentlyUsedContainer(HOSTS)
    return session
