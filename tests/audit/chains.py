"""An audit with rows in it, and ways to do it harm behind the site's back."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from core import audit
from core.checking import Report, check
from core.db import db, transaction


def some_rows(many: int, *, at_once: int = 3, by: int | None = None) -> None:
    """Write that many rows, a few in a transaction."""
    for start in range(0, many, at_once):
        with transaction():
            for number in range(start, min(start + at_once, many)):
                fields = ["name", "备注"][: number % 3]
                audit.record(f"deed_{number % 5}", "child", f"ref{number}", by=by, fields=fields)


def home_of(app: Flask) -> Path:
    home: Path = app.extensions["settings"].home
    return home


def checked(app: Flask) -> Report:
    db.session.rollback()
    return check(home_of(app))


@contextmanager
def behind_its_back(app: Flask) -> Iterator[sqlite3.Connection]:
    """Open the database's file as a thief would: past the site, without what refuses changes.

    By the site's own SQLite: two of them in one process do not see each other's locks.
    """
    library: Any = db.engine.dialect.loaded_dbapi
    db.session.remove()
    db.engine.dispose()
    with closing(library.connect(str(home_of(app) / "tongxing.db"), isolation_level=None)) as raw:
        for name in ("audit_rows_kept", "audit_rows_fixed"):
            raw.execute(f"DROP TRIGGER IF EXISTS {name}")
        yield raw


def lose_a_row(name: str) -> None:
    """Write a row, and let its transaction fail."""
    audit.record("deed", "child", name, by=None)
    db.session.flush()
    raise ZeroDivisionError
