"""Joining a campaign in two screens, and what makes it count."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from wtforms.validators import StopValidation

from accounts.models import Person, RoleGrant, SignInSession
from accounts.rules import Role
from app import create_app
from campaigns.models import Campaign, Slot
from campaigns.numbers.models import DayCount
from campaigns.rules import Stage
from campaigns.seats.rules import SeatState
from campaigns.signups.confirming import services as confirming
from campaigns.signups.forms import a_contact
from campaigns.signups.models import SignUp
from campaigns.signups.services import Wish, expire_pending, sign_up
from campaigns.signups.telling.services import link_secret
from core import clock, ids
from core.db import db, writing
from core.errors import RuleBroken
from messages.models import Message
from messages.texts import render
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot
from tests.builders.people import a_member_of_staff, a_person
from tests.builders.places import a_county
from tests.conftest import NOON, AtMost, BrowseAs, SetClock, settings_for
from volunteers.models import Volunteer

SECRET = "s" * 43
LATER = timedelta(hours=48)


def a_form(**given: Any) -> dict[str, Any]:
    fields = {"name": "李样例", "contact": "li@example.org", "org": "示例大学", "agree": "y"}
    return fields | given


def one_sign_up() -> SignUp:
    return db.session.scalars(select(SignUp)).one()


def test_two_screens_hold_a_seat(visitor: Browser, at_most: AtMost) -> None:
    slot = a_slot()
    slug = db.session.get_one(Campaign, slot.campaign_id).slug

    with at_most(8):
        choose = visitor.get(f"/campaigns/{slug}/join")
    assert choose.links("/slots/") == [f"/slots/{slot.uid}/join"]
    with at_most(8):
        join = visitor.get(f"/slots/{slot.uid}/join")
    assert join.form("/join").keys() >= {"name", "contact", "org"}
    page = visitor.post(f"/slots/{slot.uid}/join", a_form())

    assert page.heading == "收到了，还差一步"
    assert (slot.taken, one_sign_up().state) == (1, SeatState.HELD)


def test_the_link_goes_out_sealed_and_opens_only_there(visitor: Browser) -> None:
    slot = a_slot()

    visitor.post(f"/slots/{slot.uid}/join", a_form())

    message = db.session.scalars(select(Message)).one()
    found = one_sign_up()
    sealed = message.params["sealed"]
    secret = link_secret(sealed, found.uid)
    assert ids.digest(secret) == found.token_hash
    assert len(secret) == 43
    assert secret not in str(message.params)
    assert f"/sign-ups/confirm/{secret}" in render(message.kind, "zh_Hans", message.params).body
    assert "李样例" not in render(message.kind, "zh_Hans", message.params).body


def test_the_message_speaks_the_language_of_the_form(visitor: Browser) -> None:
    slot = a_slot()

    visitor.post(f"/en/slots/{slot.uid}/join", a_form())

    message = db.session.scalars(select(Message)).one()
    assert message.language == "en"
    assert (
        "http://localhost/en/sign-ups/confirm/" in render(message.kind, "en", message.params).body
    )


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "请填姓名"),
        ("name", " ", "请填姓名"),
        ("name", "李", "请填真实姓名"),
        ("name", "李" * 41, "请填真实姓名"),
        ("name", "李\x00明", "含有无法识别的字符"),
        ("name", "李😀明", "请只用文字"),
        ("name", "13800138000", "请填真实姓名"),
        ("contact", "", "请填手机号或邮箱"),
        ("contact", "123", "请填 11 位手机号"),
        ("contact", "二三", "请填 11 位手机号"),
        ("contact", "a@b", "邮箱地址不完整"),
        ("contact", "a..b@example.org", "邮箱地址不完整"),
        ("contact", "@example.org", "邮箱地址不完整"),
        ("contact", "a@b@example.org", "邮箱地址不完整"),
        ("contact", "李@example.org", "暂时不能用带中文"),
        ("contact", "a@例子.中国", "暂时不能用带中文"),
        ("contact", "a" * 65 + "@example.org", "邮箱地址不完整"),
        ("contact", "a@" + "b" * 130 + ".org", "邮箱地址不完整"),
        ("contact", "a😀@example.org", "暂时不能用带中文"),
        ("contact", "a@example.org\x00", "含有无法识别的字符"),
        ("org", "", "请填学校或单位"),
        ("org", "大" * 81, "最多 80 个字"),
        ("org", "大学🎓", "请只用文字"),
        ("agree", None, "三项都要同意"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    field: str, value: str | None, told: str, visitor: Browser
) -> None:
    slot = a_slot()
    sent = {name: text for name, text in a_form(**{field: value}).items() if text is not None}

    page = visitor.post(f"/slots/{slot.uid}/join", sent, status=422)

    assert told in " ".join(page.texts(f"#{field}-wrong"))
    assert (slot.taken, db.session.scalars(select(SignUp)).all()) == (0, [])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１３８ ００１３ ８０００", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        (" Li.Ming＠Example.ORG ", "li.ming@example.org"),
    ],
)
def test_a_contact_may_be_typed_in_many_ways(typed: str, kept: str, visitor: Browser) -> None:
    visitor.post(f"/slots/{a_slot().uid}/join", a_form(contact=typed))

    assert one_sign_up().contact == kept


@pytest.mark.parametrize("name", ["欧阳样例", "阿依古丽·买买提", "𠮷田", "Mary O'Neill", "José"])
def test_names_come_as_people_write_them(name: str, visitor: Browser) -> None:
    visitor.post(f"/slots/{a_slot().uid}/join", a_form(name=name))

    assert one_sign_up().name == name


@given(st.text(max_size=140))
def test_a_contact_is_kept_in_one_way_or_refused(text: str) -> None:
    with suppress(StopValidation):
        kept = a_contact(text)

        assert kept == a_contact(kept)
        assert kept.isascii()
        assert len(kept) <= 120


def test_the_same_form_twice_is_one_sign_up(visitor: Browser) -> None:
    slot = a_slot()
    form = a_form(form_key="k" * 22)

    first = visitor.post(f"/slots/{slot.uid}/join", form)
    second = visitor.post(f"/slots/{slot.uid}/join", form)

    assert first.text == second.text
    assert slot.taken == 1
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_known_contact_is_told_the_same_and_gets_no_second_message(visitor: Browser) -> None:
    slot = a_slot()

    first = visitor.post(f"/slots/{slot.uid}/join", a_form())
    second = visitor.post(
        f"/slots/{slot.uid}/join", a_form(name="别的名字", contact="LI@example.org")
    )

    assert first.text == second.text
    assert (slot.taken, one_sign_up().name) == (1, "李样例")
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_a_full_slot_says_so_and_keeps_nothing(visitor: Browser) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot, email="first@example.org")

    page = visitor.post(f"/slots/{slot.uid}/join", a_form(), status=422)

    assert "这个名额已满" in " ".join(page.errors)
    assert slot.taken == 1
    assert one_sign_up().email == "first@example.org"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"stage": Stage.WRAP_UP}, "报名已结束"),
        ({"recruit_until": NOON.date() - timedelta(days=1)}, "报名已结束"),
        ({"recruit_from": NOON.date() + timedelta(days=1)}, "报名还没有开始"),
    ],
)
def test_a_closed_door_stays_closed(given: dict[str, Any], told: str, visitor: Browser) -> None:
    slot = a_slot(a_campaign(**given))

    page = visitor.post(f"/slots/{slot.uid}/join", a_form(), status=422)

    assert told in " ".join(page.errors)
    assert slot.taken == 0


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.APPROVED, Stage.SUSPENDED, Stage.CANCELLED])
def test_nobody_joins_what_is_not_public(stage: Stage, visitor: Browser) -> None:
    campaign = a_campaign(stage=stage)
    slot = a_slot(campaign)

    visitor.get(f"/slots/{slot.uid}/join", status=404)
    visitor.post(f"/slots/{slot.uid}/join", a_form(), status=404)
    visitor.get(f"/campaigns/{campaign.slug}/join", status=404)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each of its databases."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    url = request.getfixturevalue("postgres_url")
    made = create_app(settings_for(tmp_path, database_url=url))
    with made.app_context():
        with writing():
            db.create_all()
        db.session.remove()
        yield made
        db.session.remove()
        db.engine.dispose()


def all_at_once(app: Flask, work: Callable[[int], object], many: int) -> None:
    """Let so many people do something at the same moment."""

    def alone(number: int) -> None:
        with app.app_context():
            work(number)

    threads = [threading.Thread(target=alone, args=(number,)) for number in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()


def test_ten_seats_take_exactly_ten_of_sixty(either: Flask) -> None:
    uid = a_slot(capacity=10).uid
    refused: list[str] = []

    def try_it(number: int) -> None:
        try:
            sign_up(uid, Wish(f"样例{number}", f"p{number}@example.org", "示例大学"))
        except RuleBroken as full:
            refused.extend(full.reasons)

    all_at_once(either, try_it, 60)

    assert len(refused) == 50
    assert db.session.scalars(select(Slot.taken)).all() == [10]
    assert len(db.session.scalars(select(SignUp)).all()) == 10
    assert len(db.session.scalars(select(Message)).all()) == 10


def test_one_contact_at_once_is_one_sign_up(either: Flask) -> None:
    uid = a_slot(capacity=10).uid

    all_at_once(either, lambda _number: sign_up(uid, Wish("样例", "a@example.org", "个人")), 10)

    assert db.session.scalars(select(Slot.taken)).all() == [1]
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_one_person_confirming_twice_at_once_counts_once(either: Flask) -> None:
    campaign = a_campaign()
    first, second = (
        a_slot(campaign, starts_on=day, ends_on=day)
        for day in (campaign.visits_from, campaign.visits_until)
    )
    secrets = ["s" * 43, "t" * 43]
    for slot, secret in zip((first, second), secrets, strict=True):
        a_sign_up(slot, secret=secret, email="li@example.org")
    a_person(email="li@example.org")

    all_at_once(either, lambda number: confirming.confirm(secrets[number]), 2)

    assert db.session.scalars(select(DayCount.count)).all() == [1]
    assert len(db.session.scalars(select(Volunteer)).all()) == 1


def test_a_link_shows_a_button_first(visitor: Browser, at_most: AtMost) -> None:
    found = a_sign_up(secret=SECRET, name="李样例")

    with at_most(4):
        page = visitor.get(f"/sign-ups/confirm/{SECRET}")

    assert "李样例" in page.text
    assert page.form("/sign-ups/confirm/")
    assert found.state is SeatState.HELD


def test_using_the_link_makes_a_volunteer_who_is_signed_in(visitor: Browser) -> None:
    slot = a_slot()
    found = a_sign_up(slot, secret=SECRET, name="李样例", email="li@example.org")

    visitor.post(f"/sign-ups/confirm/{SECRET}", status=302, follow=False)

    person = db.session.scalars(select(Person)).one()
    volunteer = db.session.scalars(select(Volunteer)).one()
    assert (found.state, found.person_id) == (SeatState.CONFIRMED, person.id)
    assert (person.name, person.email, person.password_hash) == ("李样例", "li@example.org", None)
    assert (volunteer.person_id, volunteer.county_id) == (person.id, slot.county_id)
    assert (slot.taken, db.session.scalars(select(DayCount.count)).all()) == (1, [1])
    assert visitor.get("/volunteers/me").heading


def test_a_link_works_once(visitor: Browser, app: Flask) -> None:
    a_sign_up(secret=SECRET)
    visitor.post(f"/sign-ups/confirm/{SECRET}")

    other = Browser(app)
    page = other.post(f"/sign-ups/confirm/{SECRET}", status=422)
    other.get("/volunteers/me", status=302)

    assert "已经确认过" in page.text
    assert other.get(f"/sign-ups/confirm/{SECRET}").links("/sign-in")


def test_a_double_click_is_answered_twice_the_same(app: Flask) -> None:
    a_sign_up(secret=SECRET)
    form = {"form_key": "k" * 22}
    first, second = Browser(app), Browser(app)

    first.post(f"/sign-ups/confirm/{SECRET}", form)
    second.post(f"/sign-ups/confirm/{SECRET}", form)

    assert second.get("/volunteers/me").heading
    assert len(db.session.scalars(select(Volunteer)).all()) == 1
    assert db.session.scalars(select(DayCount.count)).all() == [1]


def test_an_old_form_opens_nothing(app: Flask, set_clock: SetClock) -> None:
    a_sign_up(secret=SECRET)
    form = {"form_key": "k" * 22}
    Browser(app).post(f"/sign-ups/confirm/{SECRET}", form)
    set_clock(NOON + timedelta(minutes=11))

    late = Browser(app)
    late.post(f"/sign-ups/confirm/{SECRET}", form)

    late.get("/volunteers/me", status=302)


def test_an_unknown_link_leads_nowhere(visitor: Browser) -> None:
    visitor.get(f"/sign-ups/confirm/{'x' * 43}", status=404)
    visitor.post(f"/sign-ups/confirm/{'x' * 43}", status=404)


def test_a_lapsed_link_leads_back_to_the_campaign(visitor: Browser, set_clock: SetClock) -> None:
    found = a_sign_up(secret=SECRET)
    set_clock(NOON + LATER)

    page = visitor.get(f"/sign-ups/confirm/{SECRET}", status=410)
    visitor.post(f"/sign-ups/confirm/{SECRET}", status=410)

    assert page.links("/campaigns/campaign-")
    assert found.state is SeatState.HELD
    assert db.session.scalars(select(Person)).all() == []


def test_nobody_confirms_while_a_campaign_is_suspended(visitor: Browser) -> None:
    slot = a_slot(a_campaign(stage=Stage.SUSPENDED))
    found = a_sign_up(slot, secret=SECRET)

    page = visitor.post(f"/sign-ups/confirm/{SECRET}", status=422)

    assert "活动已暂停" in " ".join(page.errors)
    assert found.state is SeatState.HELD


def test_whoever_is_here_already_is_linked_and_left_as_they_are(visitor: Browser) -> None:
    person = a_person(name="原来的名字", email="li@example.org", phone="15400000001")
    before = person.password_hash
    found = a_sign_up(secret=SECRET, name="别的名字", email="li@example.org")

    visitor.post(f"/sign-ups/confirm/{SECRET}")

    assert found.person_id == person.id
    assert (person.name, person.phone, person.password_hash) == (
        "原来的名字",
        "15400000001",
        before,
    )
    assert len(db.session.scalars(select(Person)).all()) == 1


def test_a_mailbox_alone_does_not_open_the_rights_of_staff(visitor: Browser) -> None:
    person_id = a_member_of_staff(Role.ADMIN, email="admin@example.org")
    found = a_sign_up(secret=SECRET, email="admin@example.org")

    page = visitor.post(f"/sign-ups/confirm/{SECRET}")

    assert page.url == "/sign-in"
    assert found.person_id == person_id
    assert db.session.scalars(select(SignInSession)).all() == []


def test_a_disabled_person_stays_out(visitor: Browser) -> None:
    a_person(email="gone@example.org", disabled_at=clock.now())
    found = a_sign_up(secret=SECRET, email="gone@example.org")

    page = visitor.post(f"/sign-ups/confirm/{SECRET}", status=422)

    assert "已停用" in " ".join(page.errors)
    assert found.state is SeatState.HELD


def test_who_joins_two_slots_of_a_campaign_counts_once(visitor: Browser) -> None:
    campaign = a_campaign()
    first = a_slot(campaign)
    second = a_slot(campaign, starts_on=campaign.visits_until, ends_on=campaign.visits_until)
    a_sign_up(first, secret=SECRET, email="li@example.org")
    a_sign_up(second, secret="t" * 43, email="li@example.org")

    visitor.post(f"/sign-ups/confirm/{SECRET}")
    visitor.post(f"/sign-ups/confirm/{'t' * 43}")

    assert db.session.scalars(select(DayCount.count)).all() == [1]
    assert len(db.session.scalars(select(Volunteer)).all()) == 1


def test_unconfirmed_seats_come_back_after_two_days(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot()
    lapsing = a_sign_up(slot)
    kept = a_sign_up(slot, state=SeatState.CONFIRMED)
    set_clock(NOON + LATER)

    assert expire_pending() == 1
    assert expire_pending() == 0

    assert (slot.taken, lapsing.state, kept.state) == (
        1,
        SeatState.ABANDONED,
        SeatState.CONFIRMED,
    )


def test_who_lapsed_may_sign_up_again_with_a_new_link(
    visitor: Browser, set_clock: SetClock
) -> None:
    slot = a_slot()
    visitor.post(f"/slots/{slot.uid}/join", a_form())
    old = one_sign_up().token_hash
    set_clock(NOON + LATER)
    expire_pending()

    visitor.post(f"/slots/{slot.uid}/join", a_form(name="新名字"))

    found = one_sign_up()
    assert (slot.taken, found.state, found.name) == (1, SeatState.HELD, "新名字")
    assert found.token_hash != old
    assert len(db.session.scalars(select(Message)).all()) == 2


def test_names_nobody_confirmed_are_forgotten(app: Flask, set_clock: SetClock) -> None:
    a_sign_up()
    set_clock(NOON + LATER)
    expire_pending()
    set_clock(NOON + LATER + timedelta(days=30))

    expire_pending()

    assert db.session.scalars(select(SignUp)).all() == []


def a_caller(browse_as: BrowseAs, county_id: int) -> Browser:
    return browse_as(a_member_of_staff(Role.COORDINATOR, area_id=county_id))


def test_a_number_alone_waits_for_a_call(visitor: Browser, browse_as: BrowseAs) -> None:
    slot = a_slot()

    page = visitor.post(f"/slots/{slot.uid}/join", a_form(contact="13800138000"))
    waiting = a_caller(browse_as, slot.county_id).get("/sign-ups")

    assert "县中心会打您留的电话" in page.text
    assert db.session.scalars(select(Message)).all() == []
    assert waiting.links("tel:138") == ["tel:13800138000"]
    assert waiting.texts(".card h2") == ["李样例"]


def test_the_list_of_calls_costs_the_same_for_many(browse_as: BrowseAs, at_most: AtMost) -> None:
    slot = a_slot(capacity=50)
    for number in range(20):
        a_sign_up(slot, phone=f"154000000{number:02}")
    browser = a_caller(browse_as, slot.county_id)

    with at_most(8):
        page = browser.get("/sign-ups")

    assert len(page.texts(".card h2")) == 20


def test_a_call_makes_a_volunteer_and_a_code_to_read_out(
    browse_as: BrowseAs, visitor: Browser
) -> None:
    slot = a_slot()
    found = a_sign_up(slot, phone="15400000001", name="李样例")

    page = a_caller(browse_as, slot.county_id).post(f"/sign-ups/{found.uid}/confirm")
    (shown,) = page.texts(".code-big")
    code = shown.replace(" ", "")
    visitor.post("/sign-in/code", {"login": "15400000001", "code": code})

    assert len(code) == 8
    assert found.state is SeatState.CONFIRMED
    assert visitor.get("/volunteers/me").heading
    assert db.session.scalars(select(DayCount.count)).all() == [1]


def test_the_same_call_noted_twice_gives_the_newest_code(browse_as: BrowseAs) -> None:
    found = a_sign_up(a_slot(), phone="15400000001")
    county_id = db.session.get_one(Slot, found.slot_id).county_id
    caller = a_caller(browse_as, county_id)
    form = {"form_key": "k" * 22}

    first = caller.post(f"/sign-ups/{found.uid}/confirm", form)
    second = caller.post(f"/sign-ups/{found.uid}/confirm", form)

    assert first.texts(".code-big") != second.texts(".code-big")
    assert len(db.session.scalars(select(Volunteer)).all()) == 1


def test_no_code_opens_an_account_that_was_there_before(browse_as: BrowseAs) -> None:
    slot = a_slot()
    person_id = a_member_of_staff(Role.ADMIN, phone="15400000001", name="原来的名字")
    found = a_sign_up(slot, phone="15400000001", name="别的名字")
    caller = a_caller(browse_as, slot.county_id)

    page = caller.post(f"/sign-ups/{found.uid}/confirm")
    caller.post(f"/sign-ups/{found.uid}/code", status=404)

    assert page.texts(".code-big") == []
    assert found.person_id == person_id
    assert db.session.get_one(Person, person_id).name == "原来的名字"
    roles = select(RoleGrant.role).where(RoleGrant.person_id == person_id)
    assert set(db.session.scalars(roles)) == {Role.ADMIN, Role.VOLUNTEER}


def test_a_fresh_code_for_who_has_no_other_way_in(browse_as: BrowseAs) -> None:
    slot = a_slot()
    found = a_sign_up(slot, phone="15400000001")
    caller = a_caller(browse_as, slot.county_id)
    caller.post(f"/sign-ups/{found.uid}/confirm")

    page = caller.get("/sign-ups")

    assert page.form(f"/sign-ups/{found.uid}/code")
    assert caller.post(f"/sign-ups/{found.uid}/code").texts(".code-big")
    db.session.scalars(select(Person).where(Person.phone == "15400000001")).one()


def test_who_does_not_want_to_come_gives_the_seat_back(browse_as: BrowseAs) -> None:
    slot = a_slot()
    found = a_sign_up(slot, phone="15400000001")
    caller = a_caller(browse_as, slot.county_id)

    page = caller.post(f"/sign-ups/{found.uid}/drop")

    assert "没有等您打电话的报名" in page.text
    assert (slot.taken, found.state) == (0, SeatState.CANCELLED)
    caller.post(f"/sign-ups/{found.uid}/drop", status=404)


def test_a_neighbour_finds_nobody_to_call(browse_as: BrowseAs) -> None:
    found = a_sign_up(phone="15400000001")
    neighbour = a_caller(browse_as, a_county().id)

    assert neighbour.get("/sign-ups").texts(".card h2") == []
    for verb in ("confirm", "code", "drop"):
        neighbour.post(f"/sign-ups/{found.uid}/{verb}", status=404)
    assert found.state is SeatState.HELD


def test_a_link_is_not_confirmed_by_a_call(browse_as: BrowseAs) -> None:
    slot = a_slot()
    found = a_sign_up(slot, email="li@example.org")

    page = a_caller(browse_as, slot.county_id).post(f"/sign-ups/{found.uid}/confirm", status=409)

    assert "已经确认过" in page.text
    assert found.state is SeatState.HELD


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.ADMIN, Role.EDITOR])
def test_only_coordinators_call(role: Role, browse_as: BrowseAs) -> None:
    browse_as(a_member_of_staff(role)).get("/sign-ups", status=403)


def test_a_visitor_is_sent_to_sign_in(visitor: Browser) -> None:
    visitor.get("/sign-ups", status=302)


def test_calls_wait_on_the_coordinators_home(browse_as: BrowseAs) -> None:
    slot = a_slot()
    a_sign_up(slot, phone="15400000001")
    a_sign_up(slot, email="li@example.org")
    a_sign_up(phone="15400000002")

    page = a_caller(browse_as, slot.county_id).get("/home")

    (action,) = [text for text in page.texts(".action") if "请打电话核实报名" in text]
    assert action.endswith("1")
