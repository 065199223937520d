"""The migrations lead to the models, on both engines, and can be undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import bindparam, inspect, select, text

from accounts.rules import Role
from accounts.sessions.services import open_session
from app import create_app
from children.models import Child
from core import audit
from core.audit import AuditRow
from core.checking import check
from core.db import Base, UtcDateTime, db, transaction, writing
from core.fences import everything
from pairings.rules import Stage
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.visits import a_record, a_visit, members_of
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


def _rows() -> dict[str, int]:
    names = set(inspect(db.engine).get_table_names()) - {"alembic_version"}
    with everything(), db.engine.connect() as connection:
        return {
            name: connection.scalar(text(f"SELECT count(*) FROM {name}")) or 0  # noqa: S608 - our own names
            for name in names
        }


def test_rows_of_the_first_release_come_through_every_step(fresh: Flask) -> None:
    upgrade(str(ROOT / "migrations"))
    with everything():
        pairing = a_pairing(stage=Stage.ACTIVE)
        visit, child_id = a_visit(pairing), pairing.child_id
        a_record(visit, members_of(pairing)[0][0])
        open_session(a_member_of_staff(Role.DPO), agent="tests")
    db.session.remove()
    downgrade(str(ROOT / "migrations"), revision="0001")
    first = _rows() | {"sign_in_sessions": 0}  # everybody signs in anew, with a second factor

    upgrade(str(ROOT / "migrations"))

    assert {name: many for name, many in _rows().items() if name in first} == first
    assert {"children", "consents", "visits", "people", "audit_rows"} <= {
        name for name, many in first.items() if many
    }
    with everything():
        assert db.session.scalar(select(Child.id)) == child_id


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
