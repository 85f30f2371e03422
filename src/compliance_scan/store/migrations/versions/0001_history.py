"""Runs, findings with their names and changes, and the hash-chained log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Makes the first tables."""
    op.create_table(
        "runs",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("series", sa.String(64), nullable=False),
        sa.Column("series_name", sa.Text, nullable=False),
        sa.Column("command", sa.String(32), nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("account", sa.String(32)),
        sa.Column("revision", sa.String(64)),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("tool_version", sa.String(32), nullable=False),
        sa.Column("rules_digest", sa.String(80), nullable=False),
        sa.Column("exit_code", sa.Integer, nullable=False),
        sa.Column("incomplete", sa.Integer, nullable=False),
        sa.Column("summary", sa.JSON, nullable=False),
        sa.Column("frameworks", sa.JSON, nullable=False),
        sa.Column("report_digest", sa.String(80), nullable=False),
    )
    op.create_index("runs_series", "runs", ["series", "id"])
    _findings()
    op.create_table(
        "changes",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("run", NUMBER, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("finding", NUMBER, sa.ForeignKey("findings.id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
    )
    op.create_index("changes_run", "changes", ["run"])
    op.create_index("changes_finding", "changes", ["finding"])
    op.create_table(
        "log",
        sa.Column("sequence", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("entry", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("series", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("instance", sa.Text, nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("suppressed", sa.Integer, nullable=False),
        sa.Column("guilty", sa.String(80), nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("plane", sa.String(8), nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("arn", sa.Text),
        sa.Column("account", sa.String(32)),
        sa.Column("region", sa.String(32)),
        sa.Column("file", sa.Text),
        sa.Column("line", sa.Integer),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("controls", sa.JSON, nullable=False),
        sa.Column("first_run", NUMBER, nullable=False),
        sa.Column("first_seen", sa.String(32), nullable=False),
        sa.Column("last_run", NUMBER, nullable=False),
        sa.Column("last_seen", sa.String(32), nullable=False),
        sa.Column("resolved", sa.String(32)),
        sa.Column("reopened", sa.Integer, nullable=False),
    )
    op.create_index("findings_identity", "findings", ["series", "fingerprint"], unique=True)
    op.create_index("findings_fingerprint", "findings", ["fingerprint"])
    op.create_table(
        "aliases",
        sa.Column("series", sa.String(64), primary_key=True),
        sa.Column("alias", sa.String(64), primary_key=True),
        sa.Column("finding", NUMBER, sa.ForeignKey("findings.id", ondelete="CASCADE"), nullable=False),
    )


def downgrade() -> None:
    """Takes them away again."""
    for table in ("changes", "aliases", "findings", "runs", "log"):
        op.drop_table(table)
