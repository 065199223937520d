"""How Alembic meets the application; run through `flask db` and at each start."""

from typing import Any

from alembic import context
from flask import current_app

import app as _whole_application  # noqa: F401 - every room's tables are known
from core.db import Base, owners, writing
from core.fences import everything


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:  # noqa: FBT001 - Alembic's call
    return not (kind == "table" and name is not None and name.startswith("test_"))


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
    with context.begin_transaction():
        context.run_migrations()
