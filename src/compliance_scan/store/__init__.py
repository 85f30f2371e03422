"""The history of runs: recorded by `record`, told by `history`, kept honest by `chain`.

SQLite by default, PostgreSQL by URL; SQLAlchemy and Alembic are imported only when a history is asked for.
"""

import getpass
import os
import socket


def who() -> str:
    """Who runs this: user and host, and the actor of a pipeline where one says so."""
    actor = (
        os.environ.get("GITHUB_ACTOR") or os.environ.get("GITLAB_USER_LOGIN") or os.environ.get("BUILD_REQUESTEDFOR")
    )
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no name for this user id, as in a container
        user = f"uid {os.getuid()}"
    return f"{actor} ({user}@{socket.gethostname()})" if actor else f"{user}@{socket.gethostname()}"
