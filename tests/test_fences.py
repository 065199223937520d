"""Three walls keep a child's rows to those who answer for them (docs/safety.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, func, inspect, select, text, union_all, update
from sqlalchemy.event import listen, remove
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from app import create_app
from children.access import services as access
from children.access.reveals.services import reveal
from children.access.rules import Reason
from children.access.services import Asked
from children.consents.models import Consent
from children.fence import queries as fence
from children.models import Child, ChildFreeTime
from children.sealed.rules import SealedField
from core import fences
from core.db import AnySelect, Base, db, transaction, writing
from core.errors import NotYours
from core.fences import Fenced, everything, fenced_models, seeing
from core.scopes import find, scopes
from pairings.models import Pairing
from pairings.rules import Stage
from places.models import Area
from places.rules import Level
from rooms import sight
from serve import prepare
from tests.builders.children import a_consented_child
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.sealed import a_sealed_part
from tests.builders.visits import members_of
from tests.conftest import settings_for
from tests.test_house import ROOT, SOURCES
from visits.assignments.queries import assigned

MIGRATIONS = str(ROOT / "migrations")
CHILD = aliased(Child)
WITH_CONSENT = select(Consent.child_id).where(Consent.state == "given")
FORMS: dict[str, AnySelect] = {
    "entities": select(Child),
    "columns": select(Child.id),
    "an alias": select(CHILD.id),
    "a join": select(Child.id).join(Consent, Consent.child_id == Child.id),
    "an outer join": select(Child.id)
    .select_from(Area)
    .outerjoin(Child, Child.village_id == Area.id),
    "a self join": select(Child.id).join(CHILD, CHILD.id == Child.id),
    "a sub-select": select(Area.id).where(Area.id.in_(select(Child.village_id))),
    "a scalar sub-select": select(select(Child.id).limit(1).scalar_subquery()),
    "exists": select(Area.id).where(select(Child.id).where(Child.village_id == Area.id).exists()),
    "a derived table": select(select(Child.id).subquery()),
    "a common table expression": select(select(Child.id).cte()),
    "a union": union_all(select(Child.id), select(CHILD.id)),  # type: ignore[dict-item]  # a select too
    "grouping": select(Child.village_id).group_by(Child.village_id),
    "free times": select(ChildFreeTime.id),
    "consents": select(Consent.id),
    "consents within": select(Area.id).where(
        Area.id.in_(select(Child.village_id).where(Child.id.in_(WITH_CONSENT)))
    ),
    "a window": select(func.row_number().over(order_by=Child.id)).select_from(Child),
    "the lock of a row": select(Child.id).with_for_update(),
}


@pytest.fixture
def two_villages(app: Flask) -> tuple[Child, Child]:
    """A child each in two counties, with consents and free times."""
    return a_consented_child(a_village()), a_consented_child(a_village())


def _found(query: AnySelect) -> list[object]:
    with transaction() as session:
        return [row[0] for row in session.execute(query) if row[0] is not None]


def _sees(role: Role, area_id: int) -> fences.Sight:
    return sight(actor_for(a_member_of_staff(role, area_id=area_id)))


@pytest.mark.parametrize("form", FORMS)
def test_without_a_sight_no_form_of_query_finds_a_child(
    two_villages: tuple[Child, Child], form: str
) -> None:
    assert _found(FORMS[form])  # there is something to hide

    with seeing(fences.NOTHING):
        assert _found(FORMS[form]) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.CHILD_DIRECTOR, "village_id"),
        (Role.CHILD_SUPERVISOR, "township_id"),
        (Role.COORDINATOR, "county_id"),
    ],
)
def test_everybody_finds_the_children_of_their_own_place(
    two_villages: tuple[Child, Child], form: str, role: Role, place: str
) -> None:
    mine, _theirs = two_villages
    both = len(_found(FORMS[form]))

    with seeing(_sees(role, getattr(mine, place))):
        found = _found(FORMS[form])

    assert 0 < len(found) <= max(1, both // 2)


def test_counting_counts_only_what_is_seen(two_villages: tuple[Child, Child]) -> None:
    counted = select(func.count()).select_from(Child)

    with seeing(_sees(Role.COORDINATOR, two_villages[0].county_id)):
        assert _found(counted) == [1]
    with seeing(fences.NOTHING):
        assert _found(counted) == [0]


def test_a_change_reaches_only_what_is_seen(two_villages: tuple[Child, Child]) -> None:
    mine, theirs = two_villages

    with seeing(_sees(Role.COORDINATOR, mine.county_id)), transaction() as session:
        session.execute(update(Child).values(interests="下棋"))

    db.session.expire_all()
    assert (mine.interests, theirs.interests) == ("下棋", "画画")


def test_the_city_sees_numbers_not_children(two_villages: tuple[Child, Child]) -> None:
    with seeing(_sees(Role.CITY_COORDINATOR, a_city().id)):
        assert _found(select(Child.id)) == []


def test_a_team_sees_the_child_it_accompanies_while_it_does(app: Flask) -> None:
    pairing = a_pairing(stage=Stage.ACTIVE)
    (leader, _volunteer_id), *_rest = members_of(pairing)
    a_consented_child()

    with seeing(sight(actor_for(leader))):
        assert _found(select(Child.id)) == [pairing.child_id]
        assert set(_found(select(Consent.child_id))) == {pairing.child_id}
    with transaction():
        pairing.stage = Stage.ENDED
    with seeing(sight(actor_for(leader))):
        assert _found(select(Child.id)) == []


def test_a_proposal_tells_the_team_nothing_yet(app: Flask) -> None:
    pairing = a_pairing(stage=Stage.PROPOSED)
    (leader, _volunteer_id), *_rest = members_of(pairing)

    with seeing(sight(actor_for(leader))):
        assert _found(select(Child.id)) == []


def test_whoever_holds_a_link_about_a_child_sees_that_one(
    two_villages: tuple[Child, Child],
) -> None:
    with seeing(fence.only(two_villages[1].id)):
        assert _found(select(Child.id)) == [two_villages[1].id]
        assert set(_found(select(Consent.child_id))) == {two_villages[1].id}


def test_a_request_does_not_inherit_the_sight_of_another(app: Flask) -> None:
    seen: list[fences.Sight] = []
    app_under_test = app.test_client()

    def look() -> str:
        seen.append(fences.sight())
        return "ok"

    with everything():
        app.view_functions["health.healthz"], kept = look, app.view_functions["health.healthz"]
        try:
            app_under_test.get("/healthz")
        finally:
            app.view_functions["health.healthz"] = kept

        assert fences.sight() is fences.EVERYTHING
    assert seen in ([], [fences.NOTHING])  # a view without an audience is not even called


# -- what is fenced, and who may look over the fence


UNFENCED = {
    "pairings": "scoped by place and by team, and shown to the team",
    "guardian_links": "found by a secret, before anybody knows which child it is about",
    "rights_requests": "the city's data protection officer handles them by number",
    "erasures": "as the requests that lead to them",
}


def test_every_table_that_names_a_child_is_fenced() -> None:
    fenced = {model.__tablename__ for model in fenced_models()}  # type: ignore[attr-defined]  # mapped
    naming = {
        table.name
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "children" and not table.name.startswith("test_")
    }

    assert naming - fenced == set(UNFENCED)
    assert "children" in fenced


def test_every_fenced_table_but_the_children_names_its_child() -> None:
    for model in fenced_models():
        assert model is Child or "child_id" in inspect(model).columns


MAY_SEE_EVERYTHING = {
    "jobs.py": "what runs by itself looks after everybody's rows",
    "demo/services.py": "fills an empty site with invented children",
    "children/sealed/search/services.py": "whether the county has a file of that name and phone",
    "children/queries.py": "numbers a county, and whether an alias or a uid is any child's",
    "children/access/queries.py": "requests and logs for the city and auditors, who see no child",
    "children/access/planting/services.py": "plants decoys in every county",
    "core/rotation.py": "changes the key of everything that is sealed",
    "core/keychecks.py": "tries whether what is sealed opens, and gives nothing back",
    "serve.py": "compares keys and vault with the database before anybody comes",
    "rights/retention/queries.py": "numbers of what is over its term, for the DPO and the job",
}
FORBIDDEN = {
    "sqlalchemy.text",
    "sqlalchemy.literal_column",
    "sqlalchemy.table",
    "sqlalchemy.Table",
    "from_statement",
    "bulk_insert_mappings",
    "bulk_update_mappings",
    "bulk_save_objects",
    "exec_driver_sql",
    "__table__",
    "get_bind",
}
"""Ways past the second wall: raw SQL, and statements on tables instead of models."""
MAY_GO_PAST = {
    "campaigns/numbers/services.py": "asks which engine it is, for an upsert of public numbers",
    "core/db.py": "opens connections and transactions",
    "core/audit.py": "creates the triggers that keep audit rows",
    "core/policies.py": "creates the third wall",
    "core/checking.py": "streams audit rows, which hold names of fields and no values",
    "core/heads.py": "audit rows too",
    "core/seals.py": "audit rows too",
    "core/limits.py": "counts tries by upsert; keys are digests",
    "core/tiers.py": "declares the tier of each column",
    "demo/bulk.py": "writes invented rows by table, reads none of them",
}


def _calls(source: Path) -> set[str]:
    tree = ast.parse(source.read_text())
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    return called | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def _past_the_models(source: Path) -> set[str]:
    """Return what a module imports or calls that does not go through the models."""
    imported = {
        f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    return (imported | _calls(source)) & FORBIDDEN


def _named(source: Path) -> str:
    return str(source.relative_to(ROOT))


@pytest.mark.parametrize("source", SOURCES, ids=_named)
def test_nobody_else_looks_over_the_fence(source: Path) -> None:
    imported = {
        f"{node.module}.{name.name}"
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    looks = "core.fences.everything" in imported or "fences.everything" in source.read_text()
    assert not looks or _named(source) in MAY_SEE_EVERYTHING


@pytest.mark.parametrize("source", SOURCES, ids=_named)
def test_nobody_else_speaks_to_the_database_past_the_models(source: Path) -> None:
    found = _past_the_models(source)
    if source.name == "models.py":
        found -= {"sqlalchemy.text"}  # the condition of a partial index

    assert not found or _named(source) in MAY_GO_PAST


UNSEEN_BY_THE_FENCE = {"over", "within_group", "filter"}
"""Of a function with one of these, SQLAlchemy does not see which model it is about."""


@pytest.mark.parametrize("source", SOURCES, ids=_named)
def test_whoever_counts_in_parts_names_what_is_counted(source: Path) -> None:
    fenced = {model.__name__ for model in fenced_models()}
    tree = ast.parse(source.read_text())
    if not fenced & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
        return
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            used = {one.attr for one in ast.walk(function) if isinstance(one, ast.Attribute)}
            assert not used & UNSEEN_BY_THE_FENCE or "select_from" in used, function.name


@pytest.mark.parametrize("source", SOURCES, ids=_named)
def test_no_child_is_loaded_by_its_bare_key(source: Path) -> None:
    fenced = {model.__name__ for model in fenced_models()}
    bare = [
        node.lineno
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"get", "get_one", "refresh", "merge"}
        and any(isinstance(word, ast.Name) and word.id in fenced for word in node.args)
    ]

    assert bare == []


# -- the third wall


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


def test_a_fenced_model_says_so_by_its_base() -> None:
    assert {Child, ChildFreeTime, Consent} <= set(fenced_models())
    assert all(issubclass(model, Fenced) for model in fenced_models())
    assert not issubclass(Pairing, Fenced)
    assert Level.COUNTY in Level


# -- one way to every record

PUBLIC_NAMES = {
    "Assessment": "a register that everybody in its audience may read whole",
    "Breach": "likewise",
    "GuardianLink": "found with its child",
    "CampaignPicture": "public while its campaign is; found with the campaign by its editors",
    "Organisation": "organisations are public",
    "Slot": "found with its campaign: by everybody while people join, by its editors before",
    "Person": "only administrators open people, and they may open all",
    "Message": "only administrators send again, and they see no content",
}
LOOKED_UP = {
    "accounts/admin/queries.py": {"person"},
    "accounts/admin/services.py": {"give_role", "disable", "reset_factor"},
    "accounts/approvals/services.py": {"_named"},
    "accounts/exports/files/services.py": {"_claim"},
    "accounts/exports/services.py": {"_wait_for_somebody_else", "approved"},
    "campaigns/signups/queries.py": {"joining"},
    "campaigns/signups/services.py": {"sign_up"},
    "campaigns/signups/confirming/services.py": {"confirm_by_call"},
    "campaigns/manage/services.py": {"_why_not"},
    "children/queries.py": {"exists"},
    "messages/services.py": {"send_again"},
    "pairings/queries.py": {"exists"},
    "visits/assignments/queries.py": {"exists"},
    "children/consents/links/services.py": {"revoke"},
    "rights/assessments/queries.py": {"assessment"},
    "rights/assessments/services.py": {"rewrite", "approve", "_find"},
    "rights/breaches/queries.py": {"breach"},
    "rights/breaches/services.py": {"amend", "_step", "step", "edit"},
    "rights/requests/queries.py": {"exists"},
    "rights/erasures/queries.py": {"exists"},
    "rights/requests/services.py": {"_move", "_close", "_moved"},
    "pairings/proposals/services.py": {"_team"},
    "pairings/services.py": {"locked_pairing"},
    "volunteers/queries.py": {"name_of"},
}
"""Where a record is looked up by its public name after its scope has been asked, or has none."""
SCOPING = {"visible", "within", "find", "in_reach", "without_a_way_in", "own_or_under", "led_teams"}


def test_every_record_with_a_public_name_says_who_may_see_it() -> None:
    named = {
        mapper.class_.__name__
        for mapper in Base.registry.mappers
        if "uid" in mapper.columns and not mapper.class_.__tablename__.startswith("test_")
    }
    scoped = {model.__name__ for model in scopes()}

    assert named - scoped == set(PUBLIC_NAMES)


def _looks_up(function: ast.FunctionDef) -> bool:
    """Whether a function compares a model's public name with what somebody sent."""
    return any(
        isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr == "uid"
        and isinstance(node.left.value, ast.Name)
        and node.left.value.id[0].isupper()
        and isinstance(node.ops[0], ast.Eq)
        for node in ast.walk(function)
    )


@pytest.mark.parametrize("source", SOURCES, ids=_named)
def test_whoever_looks_a_record_up_asks_whose_it_is(source: Path) -> None:
    for function in ast.walk(ast.parse(source.read_text())):
        if not isinstance(function, ast.FunctionDef) or not _looks_up(function):
            continue
        asked = {
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for node in ast.walk(function)
            if isinstance(node, ast.Call)
        }
        explained = LOOKED_UP.get(_named(source), set())
        assert asked & SCOPING or function.name in explained, f"{source}: {function.name}"


@pytest.mark.parametrize("model", scopes(), ids=lambda model: model.__name__)
def test_a_missing_and_a_foreign_record_cost_the_same_work(app: Flask, model: type[Base]) -> None:
    nobody = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    asked: list[str] = []

    def note(*context: object) -> None:
        asked.append(str(context[2]))

    listen(db.engine, "before_cursor_execute", note)
    try:
        with pytest.raises(NotYours):
            find(model, "A" * 22, nobody)
    finally:
        remove(db.engine, "before_cursor_execute", note)
    assert len(asked) == 1, "one statement, whether the record is missing or another's"
