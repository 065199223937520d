"""Seats and the queue for them: none sold twice, nobody passed by, and a reason for everything."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts.models import Person
from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.manage.slots.services import change_places
from campaigns.models import Slot
from campaigns.numbers.services import recount
from campaigns.rules import Door, SlotKind, Timing
from campaigns.seats.rules import GONE, SEATED, Act, Party, Seats, SeatState, Why, can
from campaigns.signups.confirming import services as confirming
from campaigns.signups.leaving.services import expire_pending, leave, leave_own
from campaigns.signups.models import SignUp
from campaigns.signups.own import services as own
from campaigns.signups.services import Wish, sign_up
from campaigns.signups.telling.services import link_secret
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.models import Message
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.volunteers import an_active_volunteer
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from volunteers.models import Volunteer
from volunteers.rules import Sex

SECRET = "s" * 43


def wish(number: int, **given: object) -> Wish:
    return Wish(f"样例{number}", f"p{number}@example.org", "示例大学", **given)  # type: ignore[arg-type]


def states(slot: Slot) -> dict[str, SeatState]:
    db.session.expire_all()
    rows = db.session.execute(select(SignUp.contact, SignUp.state).where(SignUp.slot_id == slot.id))
    return {row.contact.partition("@")[0]: row.state for row in rows}


def truth(slot: Slot) -> int:
    """Return how many seats the sign-ups themselves say are taken."""
    db.session.expire_all()
    return db.session.scalars(
        select(func.coalesce(func.sum(SignUp.party), 0)).where(
            SignUp.slot_id == slot.id, SignUp.state.in_(SEATED)
        )
    ).one()


# --- what one may do ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("party", "seats", "join", "queue"),
    [
        (Party(), Seats(Door.OPEN, 3, 2), None, Why.STILL_ROOM),
        (Party(), Seats(Door.FULL, 3, 3), Why.FULL, None),
        (Party(2), Seats(Door.OPEN, 3, 2, most_party=3), Why.NO_ROOM_FOR_ALL, None),
        (Party(2), Seats(Door.OPEN, 3, 0), Why.TOO_MANY, Why.TOO_MANY),
        (Party(4), Seats(Door.OPEN, 3, 0, most_party=9), Why.TOO_MANY, Why.TOO_MANY),
        (Party(), Seats(Door.UPCOMING, 3, 0), Why.UPCOMING, Why.UPCOMING),
        (Party(), Seats(Door.CLOSED, 3, 3), Why.CLOSED, Why.CLOSED),
        (Party(), Seats(Door.OPEN, 3, 2, lacking_women=1), Why.FOR_WOMEN, None),
        (Party(woman=True), Seats(Door.OPEN, 3, 2, lacking_women=1), None, Why.STILL_ROOM),
        (Party(), Seats(Door.OPEN, 3, 2, lacking_experienced=1), Why.FOR_EXPERIENCED, None),
        (Party(state=SeatState.HELD), Seats(Door.OPEN, 3, 1), Why.ALREADY_IN, Why.ALREADY_IN),
        (Party(state=SeatState.CANCELLED), Seats(Door.OPEN, 3, 1), None, Why.STILL_ROOM),
    ],
)
def test_every_refusal_has_its_reason(
    party: Party, seats: Seats, join: Why | None, queue: Why | None
) -> None:
    assert (can(party, Act.JOIN, seats), can(party, Act.QUEUE, seats)) == (join, queue)


@given(
    st.integers(1, 12),
    st.integers(0, 12),
    st.integers(1, 4),
    st.sampled_from([None, *SeatState]),
    st.sampled_from(list(Door)),
)
def test_nobody_may_both_sit_and_queue_and_whoever_left_may_come_back(
    capacity: int, taken: int, size: int, state: SeatState | None, door: Door
) -> None:
    party = Party(size, state=state)
    seats = Seats(door, capacity, min(taken, capacity), most_party=4)
    sits, queues = (can(party, act, seats) is None for act in (Act.JOIN, Act.QUEUE))

    assert not (sits and queues)
    assert not (sits and seats.left < size)
    if state not in GONE | {None}:
        assert (sits, queues) == (False, False)


# --- the queue ------------------------------------------------------------------------------------


def test_a_full_slot_offers_its_queue_and_tells_nobody_who_is_in_it(visitor: Browser) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot)
    page = visitor.get(f"/slots/{slot.uid}/join")
    form = page.form("/join")
    assert form["queue"] == "y"

    sent = form | {"name": "李样例", "contact": "li@example.org", "org": "个人", "agree": "y"}
    page = visitor.post(f"/slots/{slot.uid}/join", sent)

    assert "一共有 1 组在排队" in page.text
    assert states(slot)["li"] is SeatState.WAITING
    assert (slot.taken, slot.queued) == (1, 1)
    message = db.session.scalars(select(Message)).one()
    assert message.kind == "sign_up_queued"
    secret = link_secret(message.params["sealed"], message.params["sign_up"])
    assert "您排在第 1 位" in visitor.get(f"/sign-ups/confirm/{secret}").text


def test_nobody_queues_unasked(visitor: Browser) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot)

    with pytest.raises(RuleBroken, match="已满"):
        sign_up(slot.uid, wish(1))

    assert len(states(slot)) == 1


def test_whoever_leaves_makes_room_for_the_first_who_fits(app: Flask) -> None:
    slot = a_slot(
        a_campaign(), kind=SlotKind.GROUP_ACTIVITY, capacity=2, with_children=False, most_party=2
    )
    first, second = a_sign_up(slot, secret=SECRET), a_sign_up(slot)
    for number, party in ((1, 2), (2, 1), (3, 1)):
        sign_up(slot.uid, wish(number, party=party, queue=True))

    leave(SECRET)

    assert (first.state, second.state) == (SeatState.CANCELLED, SeatState.HELD)
    assert states(slot) | {"p1": SeatState.WAITING, "p2": SeatState.OFFERED} == states(slot)
    assert states(slot)["p3"] is SeatState.WAITING
    assert truth(slot) == slot.taken == 2
    kinds = db.session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert kinds == [*["sign_up_queued"] * 3, "sign_up_offered"]


def test_an_offer_nobody_takes_goes_to_the_next(set_clock: SetClock, app: Flask) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot, secret=SECRET)
    for number in (1, 2):
        sign_up(slot.uid, wish(number, queue=True))
    leave(SECRET)
    assert states(slot)["p1"] is SeatState.OFFERED

    set_clock(NOON + timedelta(hours=25))
    assert expire_pending() == 1

    assert states(slot) | {"p1": SeatState.ABANDONED, "p2": SeatState.OFFERED} == states(slot)
    assert truth(slot) == slot.taken == 1


def test_whoever_comes_back_queues_behind_everybody_else(app: Flask) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot, secret="t" * 43)
    for number in (1, 2):
        sign_up(slot.uid, wish(number, queue=True))
    first = db.session.scalars(select(SignUp).where(SignUp.contact == "p1@example.org")).one()
    person = an_active_volunteer()
    with transaction() as session:
        session.get_one(SignUp, first.id).person_id = person.person_id
    leave_own(first.uid, by=actor_for(person.person_id))

    sign_up(slot.uid, wish(1, queue=True))

    rows = db.session.execute(
        select(SignUp.contact, SignUp.ticket)
        .where(SignUp.state == SeatState.WAITING)
        .order_by(SignUp.ticket)
    ).all()
    assert [tuple(row) for row in rows] == [("p2@example.org", 2), ("p1@example.org", 3)]


def test_an_offer_is_confirmed_by_its_own_link_alone(visitor: Browser, app: Flask) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot, secret=SECRET)
    sign_up(slot.uid, wish(1, queue=True))
    leave(SECRET)
    sealed = {
        one.kind: link_secret(one.params["sealed"], one.params["sign_up"])
        for one in db.session.scalars(select(Message))
    }

    visitor.get(f"/sign-ups/confirm/{sealed['sign_up_queued']}", status=404)
    visitor.post(f"/sign-ups/confirm/{sealed['sign_up_offered']}", status=302, follow=False)

    assert states(slot)["p1"] is SeatState.CONFIRMED
    assert truth(slot) == slot.taken == 1


def test_more_places_go_to_those_who_wait(app: Flask) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot)
    for number in (1, 2):
        sign_up(slot.uid, wish(number, queue=True))

    change_places(slot.uid, 2, 0, by=actor_for(a_member_of_staff(Role.EDITOR)))

    assert states(slot) | {"p1": SeatState.OFFERED, "p2": SeatState.WAITING} == states(slot)


# --- who has been here before ---------------------------------------------------------------------


def a_volunteer_like(sex: Sex) -> Volunteer:
    return an_active_volunteer(sex=sex)


def test_one_click_is_a_seat(browse_as: BrowseAs) -> None:
    slot, volunteer = a_slot(), an_active_volunteer()
    browser = browse_as(volunteer.person_id)
    page = browser.get(f"/slots/{slot.uid}/join")

    page = browser.post(f"/slots/{slot.uid}/join", page.form("/join"))

    assert "已确认" in page.text
    assert page.links(f"/slots/{slot.uid}.ics")
    assert list(states(slot).values()) == [SeatState.CONFIRMED]
    assert truth(slot) == slot.taken == 1
    again = browser.get(f"/slots/{slot.uid}/join")
    assert "您已经报过这个名额了" in again.text


def test_leaving_takes_the_count_back(browse_as: BrowseAs) -> None:
    slot, volunteer = a_slot(), an_active_volunteer()
    me = actor_for(volunteer.person_id)
    uid = own.join(slot.uid, by=me)
    assert recount(mend=False) == []

    leave_own(uid, by=me)

    assert recount(mend=False) == []
    assert truth(slot) == slot.taken == 0
    with pytest.raises(RuleBroken):
        leave_own(uid, by=me)


def test_nobody_leaves_for_somebody_else(browse_as: BrowseAs) -> None:
    slot, one, other = a_slot(), an_active_volunteer(), an_active_volunteer()
    uid = own.join(slot.uid, by=actor_for(one.person_id))

    with pytest.raises(NotYours):
        leave_own(uid, by=actor_for(other.person_id))
    browse_as(other.person_id).post(f"/my/sign-ups/{uid}/leave", status=404)

    assert list(states(slot).values()) == [SeatState.CONFIRMED]


def test_the_last_seat_is_kept_for_a_woman(app: Flask) -> None:
    slot = a_slot(capacity=2, least_women=1)
    man, other, woman = (
        actor_for(a_volunteer_like(sex).person_id) for sex in (Sex.MALE, Sex.MALE, Sex.FEMALE)
    )
    own.join(slot.uid, by=man)

    with pytest.raises(RuleBroken, match="女志愿者"):
        own.join(slot.uid, by=other)
    own.join(slot.uid, queue=True, by=other)
    own.join(slot.uid, by=woman)

    db.session.expire_all()
    assert (slot.taken, slot.women) == (2, 1)
    assert sorted(states(slot).values()) == ["confirmed", "confirmed", "waiting"]


def test_what_becomes_known_later_is_counted(app: Flask) -> None:
    slot = a_slot(capacity=2, least_women=1)
    woman = a_volunteer_like(Sex.FEMALE)
    with transaction() as session:
        volunteer = session.get_one(Volunteer, woman.id)
        person = session.get_one(Person, volunteer.person_id)
        person.email = "p1@example.org"
    sign_up(slot.uid, wish(1))
    db.session.expire_all()
    assert slot.women == 0
    sealed = db.session.scalars(select(Message)).one().params

    confirming.confirm(link_secret(sealed["sealed"], sealed["sign_up"]))

    db.session.expire_all()
    assert slot.women == 1


def test_a_kept_seat_that_is_kept_no_more_goes_to_who_waits(app: Flask) -> None:
    slot = a_slot(capacity=2, least_women=1)
    woman, man = a_volunteer_like(Sex.FEMALE), a_volunteer_like(Sex.MALE)
    with transaction() as session:
        person = session.get_one(Person, woman.person_id)
        person.email = "p1@example.org"
    sign_up(slot.uid, wish(1))
    own.join(slot.uid, queue=True, by=actor_for(man.person_id))
    assert sorted(states(slot).values()) == ["held", "waiting"]
    sealed = (
        db.session.scalars(select(Message).where(Message.kind == "sign_up_confirm")).one().params
    )

    confirming.confirm(link_secret(sealed["sealed"], sealed["sign_up"]))

    assert sorted(states(slot).values()) == ["confirmed", "offered"]
    assert (slot.taken, slot.women) == (2, 1)


def test_a_sign_up_asks_the_database_eight_times(visitor: Browser, at_most: AtMost) -> None:
    slot = a_slot()
    url = f"/slots/{slot.uid}/join"
    form = visitor.get(url).form("/join")
    form |= {"name": "李样例", "contact": "li@example.org", "org": "个人", "agree": "y"}

    with at_most(8):
        visitor.post(url, form, status=302, follow=False)

    assert states(slot) == {"li": SeatState.HELD}


def test_more_come_than_one_sign_up_may_bring(visitor: Browser) -> None:
    slot = a_slot()
    form = visitor.get(f"/slots/{slot.uid}/join").form("/join")
    form |= {"name": "李样例", "contact": "li@example.org", "org": "个人", "agree": "y"}

    page = visitor.post(f"/slots/{slot.uid}/join", form | {"party": "2"}, status=422)

    assert "一起来的人太多了" in page.text
    assert states(slot) == {}


def test_a_clash_is_told_beside_the_button(browse_as: BrowseAs) -> None:
    campaign = a_campaign()
    day = campaign.visits_from
    hours = {"timing": Timing.FIXED, "starts_on": day, "ends_on": day, "changeover": 30}
    morning = a_slot(campaign, from_minute=540, until_minute=660, **hours)
    noon = a_slot(campaign, from_minute=680, until_minute=720, **hours)
    evening = a_slot(campaign, from_minute=1080, until_minute=1140, **hours)
    volunteer = an_active_volunteer()
    own.join(morning.uid, by=actor_for(volunteer.person_id))
    browser = browse_as(volunteer.person_id)

    assert "时间撞在一起" in browser.get(f"/slots/{noon.uid}/join").text
    assert "时间撞在一起" not in browser.get(f"/slots/{evening.uid}/join").text


def test_a_slot_goes_into_a_calendar_without_anybody_in_it(visitor: Browser) -> None:
    campaign = a_campaign()
    day = campaign.visits_from
    slot = a_slot(
        campaign, timing=Timing.FIXED, starts_on=day, ends_on=day, from_minute=540,
        until_minute=660, place="示例图书室",
    )  # fmt: skip
    a_sign_up(slot, name="李样例")

    body = visitor.client.get(f"/slots/{slot.uid}.ics").get_data(as_text=True)

    assert f"DTSTART;TZID=Asia/Shanghai:{day:%Y%m%d}T090000" in body
    assert "示例图书室" in body
    assert "李样例" not in body


def test_the_position_falls_as_others_go(app: Flask, visitor: Browser) -> None:
    slot = a_slot(capacity=1)
    a_sign_up(slot)
    for number in (1, 2):
        sign_up(slot.uid, wish(number, queue=True))
    links = [
        link_secret(one.params["sealed"], one.params["sign_up"])
        for one in db.session.scalars(select(Message).order_by(Message.id))
    ]
    assert "您排在第 2 位" in visitor.get(f"/sign-ups/confirm/{links[1]}").text

    page = visitor.get(f"/sign-ups/confirm/{links[0]}")
    visitor.post(f"/sign-ups/leave/{links[0]}", page.form("/leave"), status=410)

    assert "您排在第 1 位" in visitor.get(f"/sign-ups/confirm/{links[1]}").text
