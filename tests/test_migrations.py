"""The migrations lead to the models, on both engines, and can be undone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import CheckConstraint, bindparam, inspect, select, text
from sqlalchemy.exc import IntegrityError

from accounts.rules import Role
from accounts.sessions.services import open_session
from app import create_app
from campaigns.reports.models import ClosingReport
from children.models import Child
from core import audit
from core.audit import AuditRow
from core.checking import check
from core.db import Base, UtcDateTime, db, transaction, writing
from core.fences import everything
from pairings.models import Pairing
from pairings.rules import DeclineReason, Stage
from pairings.steps.models import PairingStep
from tests.builders.campaigns import a_correction, a_reported_campaign
from tests.builders.children import a_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.rights import an_assessment, an_erasure
from tests.builders.visits import a_record, a_visit, members_of
from tests.builders.volunteers import a_team
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


def _indexes() -> dict[str, object]:
    """Return each index of the database with the condition it holds under."""
    found = inspect(db.engine)
    dialect = db.engine.dialect.name
    return {
        str(index["name"]): index.get("dialect_options", {}).get(f"{dialect}_where") is not None
        for table in Base.metadata.sorted_tables
        if not table.name.startswith("test_")
        for index in found.get_indexes(table.name)
    }


def test_every_check_and_partial_index_of_the_models_is_in_the_database(fresh: Flask) -> None:
    """SQLite forgets checks when a table is rebuilt, and comparing models does not notice."""
    upgrade(str(ROOT / "migrations"))
    found, tables = inspect(db.engine), Base.metadata.sorted_tables
    tables = [table for table in tables if not table.name.startswith("test_")]
    stated = {
        (table.name, db.engine.dialect.identifier_preparer.format_constraint(one))
        for table in tables
        for one in table.constraints
        if isinstance(one, CheckConstraint)
    }
    partial = {
        str(index.name)
        for table in tables
        for index in table.indexes
        if index.dialect_options["sqlite"]["where"] is not None
    }

    assert stated == {
        (table.name, str(one["name"]))
        for table in tables
        for one in found.get_check_constraints(table.name)
    }
    assert partial == {name for name, narrowed in _indexes().items() if narrowed}


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("erasures", "carried_out_at = asked_at"),
        ("assessments", "state = 'approved', approved_at = written_at, review_on = '2027-01-01'"),
    ],
)
def test_nobody_is_no_second_person(fresh: Flask, table: str, change: str) -> None:
    upgrade(str(ROOT / "migrations"))
    with everything():
        child, by = a_child(), a_member_of_staff(Role.DPO)
        an_erasure(child, by)
        an_assessment(by)

    with pytest.raises(IntegrityError), writing(), db.engine.begin() as connection:
        connection.execute(text(f"UPDATE {table} SET {change}"))  # noqa: S608 - our own words


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


def test_of_a_corrected_report_what_is_public_comes_back_through_every_step(fresh: Flask) -> None:
    upgrade(str(ROOT / "migrations"))
    campaign = a_reported_campaign()
    given = {"published_by_id": a_person().id, "published_at": NOON}
    a_correction(campaign, text="现在公开的", **given)
    a_correction(campaign, text="放弃的", given_up_by_id=a_person().id, given_up_at=NOON)
    a_correction(campaign, text="还没有公布的")
    alone = a_reported_campaign()
    a_correction(alone, text="也没有公布")
    first = db.session.scalars(
        select(ClosingReport.text).where(
            ClosingReport.campaign_id == alone.id, ClosingReport.number == 1
        )
    ).one()
    db.session.remove()

    downgrade(str(ROOT / "migrations"), revision="0024")
    with db.engine.connect() as connection:
        texts = connection.scalars(text("SELECT text FROM closing_reports ORDER BY campaign_id"))
        assert list(texts) == ["现在公开的", first]
    upgrade(str(ROOT / "migrations"))

    for found in db.session.scalars(select(ClosingReport)):
        assert (found.number, found.version, found.reason) == (1, 1, "")
        assert found.begun_at == found.written_at
        assert found.published_at


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


OLD_PAIRING = (
    "INSERT INTO pairings (uid, child_id, team_id, stage, score, reasons, note, proposed_by_id,"
    " proposed_at, decided_by_id, decided_at, decision_note, starts_on, ends_on, ended_at,"
    " end_reason, version, county_id, township_id, village_id) VALUES (:uid, :child, :team, :stage,"
    " 80, '[]', '', :one, :at, :two, :at, '', '2026-09-01', '2027-07-10', :ended, :why, 1, :county,"
    " :township, :village)"
)


OLD_VISIT = (
    "INSERT INTO visits (uid, pairing_id, starts_at, ends_at, place_kind, place_text,"
    " state, code, guardian_agreed, planned_at, version, county_id) VALUES ('v',"
    " :visited, :at, :later, 'station', '', 'planned', '1', false, :at, 1, :county)"
)


def _pairings_of_before() -> list[dict[str, object]]:
    """Return rows of each stage that there was, as they are to be inserted."""
    with everything():
        children = {stage: a_child() for stage in ("approved", "visited", "active", "declined")}
        ended, team = a_child(), a_team()
        one, two = (a_member_of_staff(Role.COORDINATOR) for _turn in range(2))
        return [
            {
                "uid": stage.ljust(22, "x"),
                "child": child.id,
                "team": team.id,
                "stage": "approved" if stage == "visited" else stage,
                "one": one,
                "two": two,
                "at": NOON,
                "ended": NOON if stage == "ended" else None,
                "why": "term_over" if stage == "ended" else None,
                "county": child.county_id,
                "township": child.township_id,
                "village": child.village_id,
            }
            for stage, child in {**children, "ended": ended}.items()
        ]


def _store_of_before(rows: list[dict[str, object]]) -> None:
    moments = [bindparam(name, type_=UtcDateTime) for name in ("at", "ended")]
    with writing(), everything(), db.engine.begin() as connection:
        connection.execute(text(OLD_PAIRING).bindparams(*moments), rows)
        visited = connection.scalar(text("SELECT id FROM pairings WHERE uid LIKE 'visited%'"))
        later = NOON + timedelta(hours=1)
        connection.execute(
            text(OLD_VISIT).bindparams(
                *(bindparam(name, type_=UtcDateTime) for name in ("at", "later"))
            ),
            {"visited": visited, "at": NOON, "later": later, "county": rows[1]["county"]},
        )


def test_pairings_of_before_the_keys_are_told_apart_by_what_is_known(fresh: Flask) -> None:
    """Nobody's answer is invented: what was agreed before says so, what had not begun begins."""
    migrations = str(ROOT / "migrations")
    upgrade(migrations)
    rows = _pairings_of_before()
    db.session.remove()
    downgrade(migrations, revision="0027-1")
    _store_of_before(rows)

    upgrade(migrations)

    with everything():
        found = {row.uid.rstrip("x"): row for row in db.session.scalars(select(Pairing))}
        steps = db.session.scalars(select(PairingStep).order_by(PairingStep.id)).all()
        assert {name: row.stage for name, row in found.items()} == {
            "approved": Stage.APPROVED,
            "visited": Stage.SCHEDULED_INTRO,
            "active": Stage.ACTIVE,
            "declined": Stage.DECLINED,
            "ended": Stage.ENDED,
        }
        assert {name for name, row in found.items() if row.agreed_before} == {
            *("visited", "active", "ended"),
        }
        assert not any(row.guardian_yes_on or row.agreed_on for row in found.values())
        assert found["declined"].decline_reason is DeclineReason.OTHER
        last = {step.pairing_id: step for step in steps}
        assert all(last[row.id].stage is row.stage for row in found.values())
        assert last[found["active"].id].by_id is None
        assert "没有逐步记录" in last[found["active"].id].reason
    db.session.remove()
    downgrade(migrations, revision="0027-1")
    with everything(), db.engine.connect() as connection:
        stages = connection.execute(text("SELECT uid, stage FROM pairings")).all()
    assert {uid.rstrip("x"): stage for uid, stage in stages} == {
        "approved": "approved",
        "visited": "approved",
        "active": "active",
        "declined": "declined",
        "ended": "ended",
    }
