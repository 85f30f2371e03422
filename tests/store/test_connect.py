"""Where a history lies, and what is said when it cannot be opened."""

import stat
from pathlib import Path

import pytest

from compliance_scan.errors import UsageError
from compliance_scan.store import connect


def test_urls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert connect.url_of(None) == f"sqlite:///{tmp_path}/compliance-scan/history.db"
    assert connect.url_of(str(tmp_path / "h.db")) == f"sqlite:///{tmp_path}/h.db"
    assert connect.url_of("postgres://u:p@db/x") == "postgresql+psycopg://u:p@db/x"
    (tmp_path / "url").write_text("postgresql://u:p@db/y\n")
    assert connect.url_of(f"@{tmp_path}/url") == "postgresql+psycopg://u:p@db/y"
    with pytest.raises(UsageError, match="cannot be read"):
        connect.url_of(f"@{tmp_path}/none")
    with pytest.raises(UsageError, match="is no history"):
        connect.url_of("mysql://db/x")


def test_passwords_are_not_shown() -> None:
    assert connect.without_password("postgresql+psycopg://u:secret@db/x") == "postgresql+psycopg://u@db/x"
    with pytest.raises(connect.StoreError) as caught:
        connect.engine_for("postgresql+psycopg://u:secret@127.0.0.1:1/x")
    assert "secret" not in caught.value.message


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "history.db"
    connect.engine_for(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_no_history_and_no_database(tmp_path: Path) -> None:
    with pytest.raises(connect.StoreError, match="there is no history"):
        connect.engine_for(f"sqlite:///{tmp_path / 'none.db'}", create=False)
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database, and long enough to be seen as none" * 40)
    with pytest.raises(connect.StoreError, match="cannot be opened"):
        connect.engine_for(f"sqlite:///{broken}")
