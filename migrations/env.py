"""How Alembic meets the application; run through `flask db` and at each start."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

import app as _whole_application  # noqa: F401 - every room's tables are known
from core.db import Base, owners, writing
from core.fences import everything


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001 - Alembic's call
    return not (kind == "table" and name is not None and name.startswith("test_"))


@contextmanager
def _rebuilding(connection: Connection) -> Iterator[None]:
    """Let SQLite rebuild a table, which is how it changes one, under the rows that point to it.

    To drop the old table counts as deleting its rows: it would fail, or take others along. Within
    a transaction the switch does nothing, so it is thrown before.
    """
    raw = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or raw is None:
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        lost = raw.execute("PRAGMA foreign_key_check").fetchone()
        if lost is not None:
            raise RuntimeError(f"rows of {lost[0]} point to rows of {lost[2]} that are gone")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


owner_url = current_app.extensions["settings"].owner_url
with writing(), everything(), owners(owner_url) as engine, engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        include_object=_ours,
        transaction_per_migration=True,
    )
    with _rebuilding(connection), context.begin_transaction():
        context.run_migrations()
