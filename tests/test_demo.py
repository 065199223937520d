"""The demonstration: the same for the same seed, true to every rule, and nobody real in it."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.models import Person
from accounts.queries import actor_for
from accounts.rules import Role
from accounts.services import NewPerson, add_person, sign_in
from accounts.sessions.services import begin_session
from app import create_app
from campaigns.models import Campaign, Slot
from campaigns.rules import Stage
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from children.access.decoys.models import DecoyChild
from children.models import Child
from children.sealed.models import ChildSealed
from children.sealed.rules import SealedField
from children.sealed.services import opened_of
from core import clock, sealing
from core.actions import next_actions
from core.db import Base, db, writing
from core.errors import RuleBroken
from demo import services
from demo.children import DECOYS
from demo.sizes import SIZES
from demo.staff import SEATS
from messages.alerts.models import Alert
from places.models import Area
from places.rules import Level
from places.services import load_own_city
from rights.requests.models import RightsRequest
from rights.requests.rules import RequestKind
from tests.browser import IDENTITY, Browser
from tests.builders.people import a_code_app, a_member_of_staff, code_on
from tests.conftest import NOON, BrowseAs, SetClock, settings_for

PHONE = re.compile(r"(?<![\d.])1[3-9]\d{9}(?!\d)")
MAIL = re.compile(r"[\w.+-]+@[\w.-]+")
HASHES = {"token_hash", "password_hash", "signature", "public"}
"""Columns of digits and letters that nobody chose."""
Load = Callable[..., None]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the database of a small demonstration is kept for the tests of this file."""
    return tmp_path_factory.mktemp("demo") / "small.db"


@pytest.fixture
def demonstration(app: Flask, kept: Path) -> Flask:
    """A site with our own city and a small demonstration, loaded at noon."""
    home: Path = app.extensions["settings"].home
    if kept.exists():
        shutil.copy(kept, home / "tongxing.db")
        return app
    load_own_city()
    services.load("small")
    db.session.remove()
    db.engine.dispose()
    shutil.copy(home / "tongxing.db", kept)
    return app


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every row of the site with the name of its table."""
    for table in Base.metadata.sorted_tables:
        order = list(table.primary_key.columns)
        for row in db.session.execute(select(table).order_by(*order)):
            yield table.name, dict(row._mapping)  # noqa: SLF001 - the documented way


def told() -> list[tuple[str, dict[str, Any]]]:
    """Return all rows but the salted hash and what is sealed, which differ by design."""
    parts = {column.name for column in Base.metadata.tables["children_sealed"].c}
    differs = {
        table.name: {column.name for column in table.c if sealing.SEALED_BY in column.info}
        for table in Base.metadata.sorted_tables
    } | {"children_sealed": parts - {"id", "child_id", "version"}}
    return [
        (
            table,
            {
                name: value
                for name, value in row.items()
                if name != "password_hash" and name not in differs[table]
            },
        )
        for table, row in rows()
    ]


def count(model: type[Base], *conditions: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def person_of(login: str) -> int:
    found = db.session.scalar(select(Person.id).where(Person.email == f"{login}@demo.example.org"))
    assert found is not None
    return found


def fresh(app: Flask) -> None:
    """Empty the site."""
    with writing():
        Base.metadata.drop_all(db.engine)
        Base.metadata.create_all(db.engine)
    db.session.remove()
    load_own_city()


def test_the_same_seed_gives_the_same_rows(app: Flask) -> None:
    load_own_city()
    services.load("small", seed=7)
    first = told()
    fresh(app)
    services.load("small", seed=7)

    assert told() == first


def sealed_of_all() -> dict[int, dict[SealedField, str]]:
    kept = db.session.scalars(select(ChildSealed.child_id)).all()
    return opened_of(kept, list(SealedField))


def test_some_children_have_a_sealed_part_and_it_is_as_invented_as_the_rest(app: Flask) -> None:
    load_own_city()
    services.load("small", seed=7)
    first = sealed_of_all()
    fresh(app)
    services.load("small", seed=7)

    assert sealed_of_all() == first
    assert len(first) >= 12
    for texts in first.values():
        assert texts[SealedField.REAL_NAME].endswith("样例")
        assert texts[SealedField.GUARDIAN_PHONE].startswith("154")
        assert all("样例" in text or text.isdigit() for text in texts.values())


def test_another_seed_gives_other_people(demonstration: Flask) -> None:
    before = db.session.scalars(select(Person.name)).all()
    fresh(demonstration)
    services.load("small", seed=8)

    assert db.session.scalars(select(Person.name)).all() != before


def test_a_small_one_has_what_the_recipe_says(demonstration: Flask) -> None:
    size, tables = SIZES["small"], Base.metadata.tables
    numbers = {
        name: db.session.scalar(select(func.count()).select_from(tables[name]))
        for name in ("children", "volunteers", "pairings", "visits", "brands", "campaigns")
    }

    assert numbers["children"] == size.children + DECOYS
    assert numbers["volunteers"] == size.volunteers
    assert (numbers["pairings"] or 0) >= size.pairings
    assert abs((numbers["visits"] or 0) - size.visits) <= size.visits // 5
    assert (numbers["brands"], numbers["campaigns"]) == (5, 15)


def test_the_articles_brands_are_there_by_name(demonstration: Flask, visitor: Browser) -> None:
    page = visitor.get("/campaigns")
    for name in (
        "合力监护·相伴成长",
        "情暖新春·共护未来",
        "把爱带回家·暖童心护成长",
        "筑梦同行·共护未来",
        "爱心圆梦",
    ):
        assert name in page.text


@pytest.mark.parametrize(
    "moment",
    [NOON, datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2027, 8, 31, 23, tzinfo=UTC)],
    ids=["November", "New Year's Eve", "September"],
)
def test_a_campaign_recruits_today_and_has_room(
    app: Flask, set_clock: SetClock, moment: datetime
) -> None:
    set_clock(moment)
    load_own_city()
    services.load("small")

    current = db.session.scalars(select(Campaign).where(Campaign.stage == Stage.RECRUITING)).one()
    assert current.recruit_from < clock.today() < current.recruit_until
    assert current.slug.startswith("qingnuan-xinchun-")
    assert count(Slot, Slot.campaign_id == current.id, Slot.taken < Slot.capacity) >= 2
    assert count(Slot, Slot.campaign_id == current.id, Slot.taken == Slot.capacity) == 1
    today = clock.today()
    on_today = select(Slot.id).where(Slot.starts_on == today, Slot.ends_on == today)
    for state in (SeatState.CONFIRMED, SeatState.ARRIVED, SeatState.COMPLETED):
        assert count(SignUp, SignUp.slot_id.in_(on_today), SignUp.state == state) >= 1
    assert count(SignUp, SignUp.state == SeatState.NO_SHOW) == 1
    assert count(SignUp, SignUp.asked == 2) == 2


def test_this_winters_edition_has_its_name(demonstration: Flask, visitor: Browser) -> None:
    page = visitor.get("/campaigns/qingnuan-xinchun-2027")
    assert "情暖新春·共护未来 2027" in page.heading


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.SAFEGUARDING_REVIEW, Stage.APPROVED])
def test_campaigns_wait_at_every_desk(demonstration: Flask, stage: Stage) -> None:
    assert count(Campaign, Campaign.stage == stage) == 1


# the rights desk


@pytest.mark.parametrize(
    ("login", "path", "seen"),
    [
        ("dpo", "/rights", ["查看", "复制"]),
        ("dpo", "/rights?tab=closed", ["已办完", "不予办理"]),
        ("dpo", "/breaches", ["样例：值班手机遗失半天", "已结案"]),
        ("dpo", "/assessments", ["样例：结对陪伴中的儿童信息"]),
        ("director", "/rights", ["查看"]),
        ("pingyao", "/rights", ["查看"]),
    ],
)
def test_the_rights_desk_has_something_to_show(
    demonstration: Flask, browse_as: BrowseAs, login: str, path: str, seen: list[str]
) -> None:
    page = browse_as(person_of(login), stepped_up=True).get(path)
    assert page.texts(".empty") == []
    assert [word for word in seen if word not in page.text] == []


def test_a_coordinator_of_the_demonstration_can_print_the_copy_that_was_asked_for(
    demonstration: Flask, browse_as: BrowseAs
) -> None:
    uid = db.session.scalars(
        select(RightsRequest.uid).where(RightsRequest.kind == RequestKind.COPY)
    ).one()
    browse_as(person_of("coordinator"), stepped_up=True).get(f"/rights/{uid}/copy")


def test_two_counties_have_a_decoy_that_alarms(demonstration: Flask, browse_as: BrowseAs) -> None:
    decoys = db.session.scalars(
        select(Child).join(DecoyChild, DecoyChild.child_id == Child.id).order_by(Child.id)
    ).all()
    browse_as(person_of("coordinator")).get(f"/children/{decoys[0].uid}")

    assert len({child.county_id for child in decoys}) == len(decoys) == DECOYS
    assert db.session.scalars(select(Alert.ref)).all() == [decoys[0].uid]


# who is in it


def test_nobody_in_it_is_real(demonstration: Flask) -> None:
    names = db.session.scalars(select(Person.name)).all()
    assert names
    assert all(name.endswith("样例") for name in names)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def test_numbers_and_addresses_belong_to_nobody(demonstration: Flask) -> None:
    for table, row in rows():
        for name, value in row.items():
            for text in texts(value):
                where = f"{table}.{name}: {text}"
                assert not IDENTITY.search(text) or name in HASHES, where
                if name not in HASHES | {"uid", "nbs_code"}:
                    assert all(found.startswith("154") for found in PHONE.findall(text)), where
                assert all(
                    found.endswith(("@example.org", "@demo.example.org"))
                    for found in MAIL.findall(text)
                ), where


def test_public_pages_name_no_village(demonstration: Flask, visitor: Browser) -> None:
    villages = set(db.session.scalars(select(Area.name).where(Area.level == Level.VILLAGE)))
    addresses = ["/", "/campaigns", "/network", "/help", "/about"]
    addresses += [
        f"/campaigns/{slug}"
        for slug in db.session.scalars(
            select(Campaign.slug).where(Campaign.stage.in_((Stage.RECRUITING, Stage.ARCHIVED)))
        )
    ]
    for address in addresses:
        page = visitor.get(address)
        assert not {name for name in villages if name in page.text}, address


# the sign-ins


def test_everybody_who_signs_in_finds_something_to_do(
    demonstration: Flask, browse_as: BrowseAs
) -> None:
    idle = []
    for account in services.accounts():
        login = account.login.split("@")[0]
        if not browse_as(person_of(login)).get(account.home).texts(".actions li"):
            idle.append(login)
    assert idle == []


def test_every_role_has_a_sign_in_that_works(demonstration: Flask) -> None:
    accounts = services.accounts()

    assert {account.role for account in accounts} == {role.value for role in Role}
    assert [account.role for account in accounts].count("coordinator") == 3
    assert sign_in(accounts[0].login, accounts[0].password, agent="tests")
    assert count(Person, Person.password_hash.is_not(None)) == len(SEATS)


def test_the_coordinators_answer_for_two_counties(demonstration: Flask) -> None:
    reaches = [
        actor_for(person_of(login)).reaches(Role.COORDINATOR)
        for login in ("coordinator", "coordinator2", "pingyao")
    ]
    assert reaches[0] == reaches[1] != reaches[2]


@pytest.mark.parametrize("login", ["leader", "volunteer"])
def test_a_visit_waits_today(demonstration: Flask, login: str) -> None:
    with demonstration.test_request_context("/"):
        titles = [action.title for action in next_actions(actor_for(person_of(login)))]
    assert "今天有走访，到了请签到" in titles


def test_a_team_of_sign_ins_can_visit_today(demonstration: Flask, browse_as: BrowseAs) -> None:
    page = browse_as(person_of("director")).get("/home")
    (link,) = [link for link in page.links("/visits/") if len(link) > 20][:1] or [""]
    assert page.links("/visits"), link


# commands


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Callable[[bool], Flask]]:
    """Make a site of its own, a demonstration or a real one."""
    made: list[Flask] = []

    def make(demo: bool) -> Flask:
        app = create_app(settings_for(tmp_path, demo=demo))
        with app.app_context():
            with writing():
                db.create_all()
            db.session.remove()
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
    clock.shiftable(None)


def run(app: Flask, *args: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["demo", *args])
    return done.exit_code, done.output


@pytest.mark.parametrize(
    "args", [("load", "--size", "small"), ("accounts",), ("clock", "--advance", "1d")]
)
def test_a_real_site_refuses_with_one_line(
    stage: Callable[[bool], Flask], args: tuple[str, ...]
) -> None:
    code, output = run(stage(False), *args)
    assert code == 1
    assert output.strip() == "Error: this is a real site: demo commands need TONGXING_DEMO=1"


def test_the_commands_fill_and_list(stage: Callable[[bool], Flask]) -> None:
    app = stage(True)
    assert run(app, "load", "--size", "small") == (
        1,
        "Error: there are no places yet: load them first (flask places load)\n",
    )
    with app.app_context():
        load_own_city()
    code, output = run(app, "load", "--size", "small", "--seed", "3")
    assert (code, output.endswith("rows of invented data.\n")) == (0, True)
    again, output = run(app, "load", "--size", "small")
    assert (again, "invented data needs an empty site" in output) == (1, True)

    accounts = json.loads(run(app, "accounts", "--json")[1])
    assert set(accounts[0]) == {
        "role", "name", "login", "password", "code_app", "home"
    }  # fmt: skip
    listed = run(app, "accounts")[1]
    assert all(account["login"] in listed for account in accounts)
    assert accounts[0]["password"] in listed


def test_invented_staff_find_their_code_on_the_page(stage: Callable[[bool], Flask]) -> None:
    app = stage(True)
    with app.app_context():
        load_own_city()
        services.load("small")
        staff = next(one for one in services.accounts() if one.role == Role.COORDINATOR.value)
        browser = Browser(app)
        page = browser.post("/sign-in", {"login": staff.login, "password": staff.password})
        (code,) = page.texts("[data-demo-code]")

        assert code == code_on(staff.code_app)
        assert browser.post("/sign-in/factor", {"code": code}).url == "/home"
        again = browser.get("/account/step-up").texts("[data-demo-code]")
        assert again == [code_on(staff.code_app, later=1)]  # the first one is used up
        browser.post("/account/step-up", {"code": again[0]})
        assert browser.get("/account/step-up").texts("[data-demo-code]") == []


def test_a_real_site_shows_nobodys_code(app: Flask) -> None:
    person_id = a_member_of_staff(Role.AUDITOR)
    a_code_app(person_id)
    page = Browser(app, begin_session(person_id, agent="tests")).get("/sign-in/factor")
    assert page.texts("[data-demo-code]") == []


def test_the_clock_moves_ahead(stage: Callable[[bool], Flask]) -> None:
    app = stage(True)
    assert run(app, "clock") == (0, "2026-11-24 12:00 in Jinzhong\n")
    assert run(app, "clock", "--advance", "7d") == (0, "2026-12-01 12:00 in Jinzhong\n")
    assert run(app, "clock", "--advance", "1d5h30m") == (0, "2026-12-02 17:30 in Jinzhong\n")


@pytest.mark.parametrize("length", ["", "7", "-1d", "7w", "１d", "0d", "99999d", "1h1d"])
def test_the_clock_refuses_what_is_no_length(stage: Callable[[bool], Flask], length: str) -> None:
    code, output = run(stage(True), "clock", "--advance", length)
    assert (code, "give a length of time" in output) == (1, True)


def test_a_site_with_people_is_left_alone(demonstration: Flask) -> None:
    assert not services.is_empty()
    with pytest.raises(RuleBroken):
        services.load("small")


@pytest.mark.postgres
def test_a_big_database_takes_it_as_well(tmp_path: Path, postgres_url: str) -> None:
    app = create_app(settings_for(tmp_path, database_url=postgres_url, demo=True))
    with app.app_context():
        with writing():
            db.create_all()
        db.session.remove()
        load_own_city()
        services.load("small")
        newcomer = add_person(NewPerson("新人样例", email="new@example.org"))

        assert newcomer == db.session.scalar(select(func.max(Person.id)))
        db.session.remove()
        db.engine.dispose()
    clock.shiftable(None)
