"""The tables of the history; Alembic's migrations make them, a test holds both together.

Times are RFC 3339 texts in UTC with `Z`: they sort, and read the same in SQLite and PostgreSQL.
"""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import JSON

metadata = MetaData()

NUMBER = BigInteger().with_variant(Integer, "sqlite")

runs = Table(
    "runs",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("series", String(64), nullable=False, doc="What is comparable: command, account or repository, targets."),
    Column("series_name", Text, nullable=False),
    Column("command", String(32), nullable=False),
    Column("started", String(32), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("as_of", String(10), nullable=False),
    Column("account", String(32)),
    Column("revision", String(64)),
    Column("who", Text, nullable=False),
    Column("tool_version", String(32), nullable=False),
    Column("rules_digest", String(80), nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("incomplete", Integer, nullable=False),
    Column("summary", JSON, nullable=False, doc="The report's summary."),
    Column("frameworks", JSON, nullable=False, doc="Framework to counts of control states."),
    Column("report_digest", String(80), nullable=False),
    Index("runs_series", "series", "id"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("series", String(64), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("rule", Text, nullable=False),
    Column("instance", Text, nullable=False),
    Column("code", String(32), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("verdict", String(16), nullable=False, doc="As last seen: fail or unknown."),
    Column("suppressed", Integer, nullable=False),
    Column("guilty", String(80), nullable=False),
    Column("address", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("plane", String(8), nullable=False),
    Column("root", Text, nullable=False),
    Column("arn", Text),
    Column("account", String(32)),
    Column("region", String(32)),
    Column("file", Text),
    Column("line", Integer),
    Column("message", Text, nullable=False),
    Column("controls", JSON, nullable=False),
    Column("first_run", NUMBER, nullable=False),
    Column("first_seen", String(32), nullable=False),
    Column("last_run", NUMBER, nullable=False),
    Column("last_seen", String(32), nullable=False),
    Column("resolved", String(32), doc="When it was gone, null while it is open."),
    Column("reopened", Integer, nullable=False, doc="How often it came back."),
    Index("findings_identity", "series", "fingerprint", unique=True),
    Index("findings_fingerprint", "fingerprint"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("series", String(64), primary_key=True),
    Column("alias", String(64), primary_key=True),
    Column("finding", NUMBER, ForeignKey("findings.id", ondelete="CASCADE"), nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("run", NUMBER, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("finding", NUMBER, ForeignKey("findings.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False, doc="new, changed, resolved or reopened."),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index("changes_run", "run"),
    Index("changes_finding", "finding"),
)

log = Table(
    "log",
    metadata,
    Column("sequence", NUMBER, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("entry", Text, nullable=False, doc="Canonical JSON: who ran what, with which rules, and what came out."),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
"""Append-only: each hash covers the entry and the hash before it, so that no line changes or goes unseen."""
