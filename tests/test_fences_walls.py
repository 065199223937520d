"""The third wall around a child's rows is PostgreSQL's own (docs/safety.md)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from app import create_app
from children.access import services as access
from children.access.reveals.services import reveal
from children.access.rules import Reason
from children.access.services import Asked
from children.fence import queries as fence
from children.sealed.rules import SealedField
from core.db import db, writing
from core.fences import everything, fenced_models, seeing
from pairings.rules import Stage
from rooms import sight
from serve import prepare
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.sealed import a_sealed_part
from tests.builders.visits import members_of
from tests.conftest import settings_for
from visits.assignments.queries import assigned


@pytest.fixture
def walled(postgres_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A site on PostgreSQL whose role is neither a superuser nor the tables' owner."""
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for role in ("tongxing_owner", "tongxing_site"):
            connection.execute(text(f"DROP ROLE IF EXISTS {role}"))
            connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text("ALTER DATABASE tongxing_test OWNER TO tongxing_owner"))
        connection.execute(text("ALTER SCHEMA public OWNER TO tongxing_owner"))
    settings = settings_for(
        tmp_path,
        database_url=postgres_url.replace("tongxing@", "tongxing_site@"),
        owner_url=postgres_url.replace("tongxing@", "tongxing_owner@"),
    )
    app = create_app(settings)
    with app.app_context():
        prepare(settings)
        yield app
        db.session.remove()
        db.engine.dispose()
    with admin.connect() as connection:
        connection.execute(text("ALTER DATABASE tongxing_test OWNER TO tongxing"))
        for role in ("tongxing_owner", "tongxing_site"):
            connection.execute(text(f"DROP OWNED BY {role} CASCADE"))
            connection.execute(text(f"DROP ROLE {role}"))
    admin.dispose()


RAW = text("SELECT count(*) FROM children")


def _raw_counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608 - our own names
            for table in (model.__tablename__ for model in fenced_models())  # type: ignore[attr-defined]  # mapped
        }


@pytest.mark.postgres
def test_postgresql_itself_shows_raw_sql_only_what_may_be_seen(walled: Flask) -> None:
    with everything():
        mine, _theirs = a_consented_child(), a_consented_child()
        whole = _raw_counts(db.engine)
        county_id = mine.county_id
    with seeing(fence.sight(_coordinator_at(county_id), None)):
        half = _raw_counts(db.engine)
    nothing = _raw_counts(db.engine)

    assert set(nothing.values()) == {0}
    assert all(half[table] * 2 == whole[table] for table in whole)
    assert whole["children"] == 2


def _coordinator_at(county_id: int) -> Actor:
    with everything():
        return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county_id))


@pytest.mark.postgres
def test_postgresql_follows_a_sight_that_changes_within_a_transaction(walled: Flask) -> None:
    with everything():
        county_id = a_consented_child().county_id
    db.session.rollback()

    assert db.session.scalar(RAW) == 0
    with everything():
        assert db.session.scalar(RAW) == 1
    assert db.session.scalar(RAW) == 0
    with seeing(fence.sight(_coordinator_at(county_id), None)):
        assert db.session.scalar(RAW) == 1


@pytest.mark.postgres
def test_postgresql_shows_a_team_the_child_it_accompanies(walled: Flask) -> None:
    with everything():
        pairing = a_pairing(stage=Stage.ACTIVE)
        a_consented_child()
        leader = actor_for(members_of(pairing)[0][0])
    with seeing(sight(leader)):
        assert db.session.scalars(text("SELECT id FROM children")).all() == [pairing.child_id]


@pytest.mark.postgres
def test_postgresql_shows_a_city_wide_role_every_county_of_the_city(walled: Flask) -> None:
    with everything():
        a_consented_child()
        lead = actor_for(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=a_city().id))
    with seeing(sight(lead)):
        assert db.session.scalar(RAW) == 1


@pytest.mark.postgres
def test_the_city_is_shown_one_name_through_the_wall_and_no_file(walled: Flask) -> None:
    with everything():
        child = a_consented_child()
        a_sealed_part(child)
        uid, county_id = child.uid, child.county_id
        city = actor_for(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))
    lead, name = _coordinator_at(county_id), frozenset({SealedField.REAL_NAME})
    asked = Asked(name, Reason.SAFETY, "核对一条线索")
    db.session.rollback()
    with seeing(sight(city)):
        request = access.ask(uid, asked, by=city)
        assert reveal(uid, asked, by=city, assigned=assigned).refused == tuple(name)
    with seeing(sight(lead)):
        access.approve(request, "", by=lead)
    with seeing(sight(city)):
        shown = reveal(uid, asked, by=city, assigned=assigned).shown
        assert db.session.scalar(RAW) == 0
    with seeing(sight(lead)):
        access.revoke(request, by=lead)
    with seeing(sight(city)):
        refused = reveal(uid, asked, by=city, assigned=assigned).refused

    assert set(shown) == set(name)
    assert refused == tuple(name)


@pytest.mark.postgres
def test_postgresql_refuses_a_child_of_another_county(walled: Flask) -> None:
    with everything():
        county, village = a_county(), a_village(a_township())
    sight = fence.sight(_coordinator_at(county.id), None)

    with seeing(sight), pytest.raises(DBAPIError, match="row-level security"):
        a_consented_child(village)


@pytest.mark.postgres
def test_the_sites_role_can_neither_change_audit_rows_nor_take_the_wall_down(walled: Flask) -> None:
    for statement in (
        "ALTER TABLE children DISABLE ROW LEVEL SECURITY",
        "DROP POLICY sight ON children",
        "UPDATE audit_rows SET reason = 'x'",
        "DELETE FROM audit_rows",
        "ALTER TABLE audit_rows DISABLE TRIGGER ALL",
    ):
        with (
            writing(),
            pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
            db.engine.begin() as connection,
        ):
            connection.execute(text(statement))


@pytest.mark.postgres
def test_a_real_site_does_not_start_with_a_role_that_can_pass_the_wall(
    postgres_url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, database_url=postgres_url)
    app = create_app(settings)
    with app.app_context():
        with pytest.raises(Exception, match="TONGXING_OWNER_URL"):
            prepare(settings)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.postgres
def test_every_fenced_table_has_the_wall(walled: Flask) -> None:
    with db.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
                " WHERE relrowsecurity AND relforcerowsecurity"
            )
        )
        walled_tables = {row.relname for row in rows}

    assert walled_tables == {model.__tablename__ for model in fenced_models()}  # type: ignore[attr-defined]  # mapped
