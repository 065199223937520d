"""A seat is kept while somebody is being cleared, and until a date only."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from accounts.queries import actor_for
from campaigns.models import Slot
from campaigns.numbers.services import recount
from campaigns.rules import SlotKind
from campaigns.seats.rules import SeatState
from campaigns.signups.models import SignUp
from campaigns.signups.own import services as own
from campaigns.signups.readiness.services import look_after
from campaigns.signups.services import Wish, sign_up
from core.db import db
from messages.models import Message
from messages.rules import Channel
from messages.texts import render
from tests.builders.campaigns import a_campaign, a_slot
from tests.builders.volunteers import a_volunteer, an_active_volunteer, an_evidence, cleared
from tests.conftest import NOON, SetClock
from volunteers.models import Volunteer
from volunteers.rules import EvidenceKind

TODAY = NOON.date()


def a_slot_in(days: int, **given: object) -> Slot:
    first = TODAY + timedelta(days=days)
    campaign = a_campaign(visits_from=first, visits_until=first + timedelta(days=30))
    return a_slot(campaign, **given)


def joined(slot: Slot, volunteer: Volunteer) -> str:
    return own.join(slot.uid, by=actor_for(volunteer.person_id))


def state(uid: str) -> SeatState:
    db.session.expire_all()
    return db.session.scalars(select(SignUp.state).where(SignUp.uid == uid)).one()


def told() -> list[tuple[str, int | None]]:
    rows = db.session.execute(
        select(Message.kind, Message.person_id)
        .where(Message.channel == Channel.INAPP, Message.kind.startswith("seat_"))
        .order_by(Message.id)
    )
    return [(row.kind, row.person_id) for row in rows]


def test_a_seat_waits_for_the_clearance_until_a_week_before(
    app: Flask, set_clock: SetClock
) -> None:
    slot, late, ready = a_slot_in(14, capacity=2), a_volunteer(), an_active_volunteer()
    uids = {one: joined(slot, one) for one in (late, ready)}
    sign_up(slot.uid, Wish("样例", "p1@example.org", "个人", queue=True))
    assert look_after() == 0
    assert told() == []

    set_clock(NOON + timedelta(days=1))
    for _turn in range(2):
        assert look_after() == 0
    assert told() == [("seat_unready", late.person_id)]
    message = db.session.scalars(select(Message).where(Message.kind == "seat_unready")).first()
    assert message is not None
    body = render(message.kind, "zh_Hans", message.params).body
    assert f"请在 {slot.starts_on - timedelta(days=7)}（含当天）前办好" in body

    set_clock(NOON + timedelta(days=7))
    assert look_after() == 0
    set_clock(NOON + timedelta(days=8))
    assert [look_after(), look_after()] == [1, 0]

    assert (state(uids[late]), state(uids[ready])) == (SeatState.CANCELLED, SeatState.CONFIRMED)
    assert told()[1:] == [("seat_released", late.person_id)]
    waiting = db.session.scalars(select(SignUp.state).where(SignUp.contact == "p1@example.org"))
    assert waiting.one() is SeatState.OFFERED
    assert db.session.scalars(select(Slot.taken)).one() == 2
    assert recount(mend=False) == []


def test_only_what_a_slot_asks_for_has_to_be_done(app: Flask, set_clock: SetClock) -> None:
    asked = {"kind": SlotKind.GROUP_ACTIVITY, "with_children": False, "screened": False}
    trained_only, nothing = a_slot_in(20, **asked), a_slot_in(20, trained=False, **asked)
    some, none = a_volunteer(), a_volunteer()
    an_evidence(some, EvidenceKind.TRAINING)
    uids = [joined(trained_only, some), joined(trained_only, none), joined(nothing, none)]

    set_clock(NOON + timedelta(days=14))
    look_after()

    assert [state(uid) for uid in uids] == [
        SeatState.CONFIRMED,
        SeatState.CANCELLED,
        SeatState.CONFIRMED,
    ]


def test_whoever_is_cleared_but_not_in_service_does_not_meet_children(
    app: Flask, set_clock: SetClock
) -> None:
    slot, volunteer = a_slot_in(10), cleared(a_volunteer())
    uid = joined(slot, volunteer)

    set_clock(NOON + timedelta(days=4))

    assert look_after() == 1
    assert state(uid) is SeatState.CANCELLED


def test_an_activity_that_has_begun_takes_no_seat_away(app: Flask, set_clock: SetClock) -> None:
    uid = joined(a_slot_in(14), a_volunteer())

    set_clock(NOON + timedelta(days=15))

    assert look_after() == 0
    assert state(uid) is SeatState.CONFIRMED
