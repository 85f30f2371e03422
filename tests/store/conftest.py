"""A history in a file, and one in a real PostgreSQL where its server is installed."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def _binaries() -> str | None:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if found:
        return os.path.dirname(found[-1])
    initdb = shutil.which("initdb")
    return os.path.dirname(initdb) if initdb else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a database in a server of our own; skips where PostgreSQL's server is not installed."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's server (Debian: postgresql) is not installed")
    with tempfile.TemporaryDirectory(prefix="compliance-scan-pg-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if as_user:
            shutil.chown(folder, "postgres")
        data = os.path.join(folder, "data")
        initdb = [*as_user, f"{binaries}/initdb", "-D", data, "-A", "trust", "-U", "tests", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder)
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
        control = [*as_user, f"{binaries}/pg_ctl", "-D", data]
        log = os.path.join(folder, "log")
        subprocess.run([*control, "-w", "-l", log, "-o", options, "start"], check=True, capture_output=True, cwd=folder)
        try:
            yield f"postgresql://tests@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd=folder)
            time.sleep(0.1)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty history, once a database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'history.db'}"
        return
    base = request.getfixturevalue("postgresql")
    import psycopg

    name = f"h{time.time_ns()}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield base.replace("/postgres", f"/{name}").replace("postgresql:", "postgresql+psycopg:", 1)
