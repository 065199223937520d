"""A sign-up becomes a volunteer by the link that was sent."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from accounts.models import Person, SignInSession
from accounts.rules import Role
from campaigns.numbers.models import DayCount
from campaigns.rules import Stage
from campaigns.seats.rules import SeatState
from campaigns.signups.leaving.services import expire_pending
from campaigns.signups.models import SignUp
from core import clock
from core.db import db
from messages.models import Message
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot
from tests.builders.people import a_member_of_staff, a_person
from tests.conftest import NOON, AtMost, SetClock
from tests.test_signups import LATER, SECRET, a_form, one_sign_up
from volunteers.models import Volunteer


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
