"""The migrations lead to the models, on both engines, and can be undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import bindparam, inspect, text

from app import create_app
from core import audit
from core.audit import AuditRow
from core.checking import check
from core.db import Base, UtcDateTime, db, transaction, writing
from tests.conftest import NOON, settings_for

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application with an empty database, not even tables."""
    given = {}
    if request.param == "postgresql":
        given["database_url"] = request.getfixturevalue("postgres_url")
    app = create_app(settings_for(tmp_path, **given))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_the_migrations_lead_to_the_models(fresh: Flask) -> None:
    upgrade(str(ROOT / "migrations"))

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_can_be_undone(fresh: Flask) -> None:
    upgrade(str(ROOT / "migrations"))
    downgrade(str(ROOT / "migrations"), revision="base")

    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade(str(ROOT / "migrations"))


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_rows SET reason = 'x'", "DELETE FROM audit_rows"]
)
def test_the_database_itself_refuses_to_change_the_audit(fresh: Flask, statement: str) -> None:
    upgrade(str(ROOT / "migrations"))
    with transaction() as session:
        session.add(AuditRow(at=NOON, action="look", kind="child", ref="1", fields=[], reason=""))

    with (
        pytest.raises(Exception, match="only ever added"),
        writing(),
        db.engine.begin() as connection,
    ):
        connection.execute(text(statement))


def test_audit_rows_of_before_the_chain_are_marked_by_the_migration(fresh: Flask) -> None:
    migrations = str(ROOT / "migrations")
    upgrade(migrations, revision="0001")
    old = text(
        "INSERT INTO audit_rows (at, action, kind, ref, fields, reason)"
        " VALUES (:at, 'look', 'child', '榆次 1', '[\"name\"]', 'x')"
    ).bindparams(bindparam("at", type_=UtcDateTime))
    with writing(), db.engine.begin() as connection:
        for _turn in range(3):
            connection.execute(old, {"at": NOON})

    upgrade(migrations)
    with transaction():
        audit.record("look", "child", "2", by=None)

    report = check(fresh.extensions["settings"].home)
    assert (report.rows, report.trouble) == (4, None)
    db.session.remove()
    downgrade(migrations, revision="0001")
    upgrade(migrations)
    assert check(fresh.extensions["settings"].home).trouble is None
    db.session.remove()
    with (
        pytest.raises(Exception, match="only ever added"),
        writing(),
        db.engine.begin() as connection,
    ):
        connection.execute(text("DELETE FROM audit_rows"))
