"""Opens the history: SQLite in a file of the user's, or PostgreSQL by URL; both brought to the newest schema first."""

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from compliance_scan.errors import ScanError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

HEAD = "0001"
"""The newest migration; a test compares it with the folder."""
MIGRATION_LOCK = 0x636F6D70
"""PostgreSQL's advisory lock that makes concurrent starts migrate one after the other."""


class StoreError(ScanError):
    """The history cannot be opened, read or written."""


def default_url() -> str:
    """`sqlite:///…/compliance-scan/history.db` in the user's data folder (`XDG_DATA_HOME`)."""
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return f"sqlite:///{os.path.join(base, 'compliance-scan', 'history.db')}"


def url_of(text: str | None) -> str:
    """What `--store` names: nothing for the default, a URL, the path of an SQLite file, or `@FILE` for a file that
    holds one of these (a mounted secret); raises `UsageError`."""
    if not text:
        return default_url()
    if text.startswith("@"):
        try:
            with open(text[1:], encoding="utf-8") as stream:
                return url_of(stream.read(4096).strip())
        except (OSError, ValueError, RecursionError) as error:
            raise UsageError(f"--store {text} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if "://" not in text:
        return f"sqlite:///{os.path.abspath(text)}"
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        return text
    if scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    raise UsageError(f"--store {scheme}:// is no history", "name a file, sqlite:///FILE or postgresql://HOST/DATABASE")


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    scheme, separator, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    user = credentials.partition(":")[0]
    return f"{scheme}{separator}{user}{at}{place}" if at else url


def engine_for(url: str, *, create: bool = True) -> "Engine":
    """An engine whose database has the newest schema; raises `StoreError`.

    With `create` false a history that is not there is an error rather than made.
    """
    if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
        raise StoreError("the history needs SQLAlchemy and Alembic", "pip install 'compliance-scan[store]'")
    if url.startswith("postgresql") and find_spec("psycopg") is None:
        raise StoreError("PostgreSQL needs psycopg", "pip install 'compliance-scan[postgresql]'")
    from sqlalchemy import NullPool, create_engine
    from sqlalchemy.exc import SQLAlchemyError

    _prepare(url, create=create)
    try:
        engine = create_engine(url, poolclass=NullPool)
        if url.startswith("sqlite"):
            _tune(engine)
        with engine.begin() as connection:
            _migrate(connection)
    except SQLAlchemyError as error:
        raise StoreError(f"the history {without_password(url)} cannot be opened: {reason(error)}") from error
    return engine


def reason(error: Exception) -> str:
    """The driver's own words in one line."""
    inner = getattr(error, "orig", None) or error
    return str(inner).strip().split("\n", 1)[0][:200] or type(inner).__name__


def _prepare(url: str, *, create: bool) -> None:
    """The folder of an SQLite file, closed to others; the file too, since a history tells where an account is weak."""
    if not url.startswith("sqlite:///"):
        return
    path = url.removeprefix("sqlite:///")
    if os.path.isdir(path):
        raise StoreError(f"the history {path} is a folder")
    if os.path.exists(path):
        return
    if not create:
        raise StoreError(f"there is no history at {path}", "audit writes one; --store names another")
    try:
        os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(f"the history {path} cannot be written: {error.strerror or error}") from error


def _tune(engine: "Engine") -> None:
    """Writers wait for one another, and a transaction that writes takes its lock at once: no run is lost to a race."""
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=60000"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(connection: "Connection") -> None:
    from sqlalchemy import inspect, text

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    if inspect(connection).has_table("alembic_version"):
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if version == HEAD:
            return
        if version is not None and version > HEAD:
            raise StoreError(f"the history was written by a newer compliance-scan (schema {version})", "upgrade")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", os.path.join(os.path.dirname(__file__), "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
