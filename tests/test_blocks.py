"""Seats kept for a group: never more than there are, and nothing lost when the time is over."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from campaigns.blocks import services
from campaigns.blocks.models import Block
from campaigns.blocks.rules import SIGNS, Asked, a_code, shown_code, typed_code
from campaigns.groups import services as groups
from campaigns.models import Slot
from campaigns.rules import Stage
from campaigns.seats.rules import SEATED, SeatState
from campaigns.signups.leaving.services import expire_pending, leave
from campaigns.signups.models import SignUp
from campaigns.signups.services import Wish, sign_up
from core import ids
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from messages.models import Message
from messages.rules import State as MessageState
from messages.texts import render
from places.models import Area
from tests.browser import Browser
from tests.builders.campaigns import a_block, a_campaign, a_sign_up, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county, an_organisation
from tests.builders.volunteers import a_standing, an_active_volunteer
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.races import ENGINES, at_once, site_on
from volunteers.models import Volunteer
from volunteers.orgs.rules import State
from volunteers.rules import Sex


def wish(number: int, **given: object) -> Wish:
    return Wish(f"样例{number}", f"p{number}@example.org", "示例大学", **given)  # type: ignore[arg-type]


def fresh(slot: Slot) -> Slot:
    db.session.expire_all()
    return db.session.get_one(Slot, slot.id)


def coordinator_of(slot: Slot) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=slot.county_id))


def the_block() -> Block:
    db.session.expire_all()
    return db.session.scalars(select(Block)).one()


def truth(slot: Slot) -> int:
    """Return what the rows themselves say is taken: whole blocks, and seats beside them."""
    db.session.expire_all()
    kept = select(func.coalesce(func.sum(Block.capacity), 0)).where(Block.slot_id == slot.id)
    beside = select(func.coalesce(func.sum(SignUp.party), 0)).where(
        SignUp.slot_id == slot.id, SignUp.state.in_(SEATED), SignUp.block_id.is_(None)
    )
    return db.session.scalars(kept).one() + db.session.scalars(beside).one()


def on_seats_of(block: Block) -> int:
    db.session.expire_all()
    return db.session.scalars(
        select(func.coalesce(func.sum(SignUp.party), 0)).where(
            SignUp.block_id == block.id, SignUp.state.in_(SEATED)
        )
    ).one()


@pytest.fixture
def county(app: Flask) -> Area:
    return a_county()


@pytest.fixture
def org_id(county: Area) -> int:
    """An organisation with an agreement in force."""
    org = an_organisation(name="示例·晨光队")
    people = [a_member_of_staff(Role.COORDINATOR) for _turn in range(2)]
    a_standing(
        county,
        org_id=org.id,
        name=org.name,
        state=State.ACTIVE,
        agreement_until=(NOON + timedelta(days=300)).date(),
        verified_by_id=people[0],
        activated_by_id=people[1],
    )
    return org.id


@pytest.fixture
def coordinator(county: Area) -> int:
    return a_member_of_staff(Role.COORDINATOR, area_id=county.id)


def a_day(**given: int) -> str:
    return (NOON + timedelta(**given)).date().isoformat()


# --- the code -------------------------------------------------------------------------------------


def test_a_code_has_no_sign_that_is_taken_for_another() -> None:
    codes = {a_code() for _turn in range(300)}

    assert len(codes) == 300
    assert not set("il1o0s5z2") & set(SIGNS)
    assert all(typed_code(one) == one for one in codes)


@pytest.mark.parametrize("typed", ["ABCD 3467", "abcd-3467", " abcd3467 "])
def test_a_code_is_known_however_it_is_typed(typed: str) -> None:
    assert typed_code(typed) == "abcd3467"
    assert shown_code("abcd3467") == "ABCD 3467"


@pytest.mark.parametrize("typed", ["", "abc", "abcd34678", "abcd346o", "abcd346\x00", "国" * 8])
def test_what_can_be_no_code_is_none(typed: str) -> None:
    assert typed_code(typed) == ""


# --- keeping --------------------------------------------------------------------------------------


def test_a_coordinator_keeps_seats_and_the_public_ones_are_fewer_at_once(
    county: Area, org_id: int, coordinator: int, browse_as: BrowseAs
) -> None:
    slot = a_slot(a_campaign(area_id=county.id), capacity=10)
    browser = browse_as(coordinator)
    assert slot.uid in browser.get("/seat-blocks/new").html

    form = browser.get(f"/slots/{slot.uid}/blocks/new").form("/blocks/new")
    page = browser.post(
        f"/slots/{slot.uid}/blocks/new",
        form | {"org": str(org_id), "seats": "４", "until": a_day(days=10)},
    )

    block = the_block()
    assert (block.capacity, block.asked, block.taken, fresh(slot).taken) == (4, 4, 0, 4)
    assert page.heading == "示例·晨光队"
    assert page.texts(".code-big") == [shown_code(block.code)]
    assert f"/groups/{block.code}" in page.html
    assert db.session.scalars(select(AuditRow.action)).all()[-1] == "keep_seats"
    assert "示例·晨光队" in browser.get("/seat-blocks").text


def test_no_more_are_kept_than_are_free(county: Area, org_id: int, coordinator: int) -> None:
    slot = a_slot(a_campaign(area_id=county.id), capacity=5, taken=2)
    asked = Asked(org_id, 4, NOON + timedelta(days=3))

    with pytest.raises(RuleBroken, match="还空 3 个"):
        services.keep(slot.uid, asked, by=actor_for(coordinator))

    assert fresh(slot).taken == 2


def test_seats_that_wait_for_women_are_not_kept_for_a_group(
    county: Area, org_id: int, coordinator: int
) -> None:
    slot = a_slot(a_campaign(area_id=county.id), capacity=5, least_women=2)

    with pytest.raises(RuleBroken, match="留给别人"):
        services.keep(
            slot.uid, Asked(org_id, 4, NOON + timedelta(days=3)), by=actor_for(coordinator)
        )
    services.keep(slot.uid, Asked(org_id, 3, NOON + timedelta(days=3)), by=actor_for(coordinator))

    assert fresh(slot).taken == 3


@pytest.mark.parametrize("days", [-1, 41, 90])
def test_seats_are_kept_for_a_time_to_come_and_not_beyond_the_beginning(
    days: int, county: Area, org_id: int, coordinator: int
) -> None:
    slot = a_slot(a_campaign(area_id=county.id))
    asked = Asked(org_id, 2, NOON + timedelta(days=days))

    with pytest.raises(RuleBroken):
        services.keep(slot.uid, asked, by=actor_for(coordinator))


def test_an_organisation_whose_agreement_has_ended_gets_none(
    county: Area, org_id: int, coordinator: int, set_clock: SetClock
) -> None:
    stranger = an_organisation()
    slot = a_slot(a_campaign(area_id=county.id))

    with pytest.raises(RuleBroken, match="协议"):
        services.keep(
            slot.uid, Asked(stranger.id, 2, NOON + timedelta(days=3)), by=actor_for(coordinator)
        )


def test_a_neighbour_keeps_nothing_and_sees_nothing(
    county: Area, org_id: int, browse_as: BrowseAs
) -> None:
    slot = a_slot(a_campaign(area_id=county.id))
    block = a_block(slot, org_id=org_id)
    neighbour = a_member_of_staff(Role.COORDINATOR, area_id=a_county().id)
    browser = browse_as(neighbour)

    browser.get(f"/slots/{slot.uid}/blocks/new", status=404)
    browser.get(f"/seat-blocks/{block.uid}", status=404)
    assert "还没有给团队留名额" in browser.get("/seat-blocks").text
    with pytest.raises(NotYours):
        services.release(block.uid, by=actor_for(neighbour))


def test_the_lead_of_the_organisation_sees_names_and_no_contact(
    org_id: int, browse_as: BrowseAs
) -> None:
    block = a_block(org_id=org_id)
    one = a_sign_up(
        db.session.get_one(Slot, block.slot_id),
        name="样例丙",
        block_id=block.id,
        phone="15400000077",
    )
    lead = browse_as(a_member_of_staff(Role.ORG_LEAD, org_id=org_id))

    page = lead.get(f"/seat-blocks/{block.uid}")

    assert "样例丙" in page.text
    assert "15400000077" not in page.html
    assert one.uid not in page.html
    lead.post(f"/seat-blocks/{block.uid}/release", status=403)


# --- joining --------------------------------------------------------------------------------------


def test_a_member_joins_in_two_screens_with_the_code_from_paper(visitor: Browser) -> None:
    slot = a_slot(capacity=10)
    block = a_block(slot, seats=3)

    sheet = visitor.post("/groups", {"code": shown_code(block.code)})
    form = sheet.form(f"/groups/{block.code}")
    assert "org" not in form
    visitor.post(
        f"/groups/{block.code}",
        form | {"name": "样例丁", "contact": "ding@example.org", "agree": "y"},
    )

    one = db.session.scalars(select(SignUp)).one()
    assert (one.block_id, one.state, one.person_id) == (block.id, SeatState.HELD, None)
    assert (the_block().taken, fresh(slot).taken) == (1, 3)
    assert [message.kind for message in db.session.scalars(select(Message))] == ["sign_up_confirm"]


def test_a_code_that_nobody_gave_out_is_refused_in_words_and_not_for_ever(visitor: Browser) -> None:
    page = visitor.post("/groups", {"code": "abcd3467"}, status=422)
    assert "没有这个口令" in page.text
    visitor.get("/groups/abcd3467", status=404)

    for _turn in range(29):
        visitor.post("/groups", {"code": "abcd3467"}, status=422)
    visitor.post("/groups", {"code": "abcd3467"}, status=429)


def test_a_full_group_leads_to_the_slot(visitor: Browser) -> None:
    slot = a_slot(capacity=10)
    block = a_block(slot, seats=1)
    groups.join(block.code, wish(1))

    page = visitor.get(f"/groups/{block.code}")
    assert f"/slots/{slot.uid}/join" in page.html
    with pytest.raises(RuleBroken, match="已满"):
        groups.join(block.code, wish(2))


def test_after_the_time_the_code_opens_nothing(visitor: Browser, set_clock: SetClock) -> None:
    block = a_block()
    set_clock(NOON + timedelta(days=7))

    page = visitor.get(f"/groups/{block.code}", status=410)

    assert "已经到期" in page.text
    with pytest.raises(RuleBroken):
        groups.join(block.code, wish(1))
    assert the_block().taken == 0


def test_a_group_of_a_campaign_that_was_halted_is_not_there(visitor: Browser) -> None:
    block = a_block(a_slot(a_campaign(stage=Stage.SUSPENDED)))

    visitor.get(f"/groups/{block.code}", status=404)


def test_somebody_signed_in_takes_a_seat_by_one_click(app: Flask, browse_as: BrowseAs) -> None:
    slot = a_slot(capacity=10, least_women=1)
    block = a_block(slot)
    volunteer = an_active_volunteer()
    with transaction() as session:
        session.get_one(Volunteer, volunteer.id).sex = Sex.FEMALE
    browser = browse_as(volunteer.person_id)

    form = browser.get(f"/groups/{block.code}").form(f"/groups/{block.code}")
    browser.post(f"/groups/{block.code}", form)

    one = db.session.scalars(select(SignUp)).one()
    assert (one.state, one.block_id) == (SeatState.CONFIRMED, block.id)
    assert (the_block().taken, fresh(slot).taken, fresh(slot).women) == (1, 3, 1)
    assert browser.get(f"/groups/{block.code}").text.count("您已经报过这个名额了") == 1


# --- leaving, and the end -------------------------------------------------------------------------


def test_a_seat_goes_back_to_the_group_while_its_time_runs(app: Flask) -> None:
    slot = a_slot(capacity=4)
    block = a_block(slot, seats=3)
    a_sign_up(slot, secret="s" * 43, block_id=block.id)
    with transaction() as session:
        session.get_one(Block, block.id).taken = 1
        session.get_one(Slot, slot.id).taken = 3

    leave("s" * 43)

    assert (the_block().taken, the_block().capacity, fresh(slot).taken) == (0, 3, 3)


def test_at_the_end_free_seats_go_to_those_who_wait(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot(capacity=3)
    block = a_block(slot, seats=3)
    groups.join(block.code, wish(1))
    sign_up(slot.uid, wish(2, queue=True))
    sign_up(slot.uid, wish(3, queue=True))
    sign_up(slot.uid, wish(4, queue=True))
    assert services.release_due() == 0

    set_clock(NOON + timedelta(days=7))
    assert services.release_due() == 1

    states = [one.state for one in db.session.scalars(select(SignUp).order_by(SignUp.id))]
    assert states == [SeatState.HELD, SeatState.OFFERED, SeatState.OFFERED, SeatState.WAITING]
    block = the_block()
    assert (block.capacity, block.taken, block.released_at) == (1, 1, NOON + timedelta(days=7))
    assert fresh(slot).taken == 3
    assert services.release_due() == 0


def test_who_leaves_after_the_end_gives_the_seat_to_everybody(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot(capacity=3)
    block = a_block(slot, seats=2)
    groups.join(block.code, wish(1))
    set_clock(NOON + timedelta(days=1))
    services.release(
        block.uid, by=actor_for(a_member_of_staff(Role.COORDINATOR, area_id=slot.county_id))
    )
    assert fresh(slot).taken == 1

    set_clock(NOON + timedelta(days=3))
    assert expire_pending() == 1

    assert (the_block().capacity, the_block().taken, fresh(slot).taken) == (0, 0, 0)


def test_the_group_is_reminded_before_and_told_after(
    county: Area, org_id: int, coordinator: int, set_clock: SetClock
) -> None:
    lead = a_member_of_staff(Role.ORG_LEAD, org_id=org_id)
    slot = a_slot(a_campaign(area_id=county.id))
    until = NOON + timedelta(days=10)
    uid = services.keep(slot.uid, Asked(org_id, 4, until), by=actor_for(coordinator))

    ending = db.session.scalars(select(Message).where(Message.kind == "block_ending")).all()
    assert {one.person_id for one in ending} == {lead, coordinator}
    assert {one.due_at for one in ending} == {until - timedelta(days=2)}
    body = render("block_ending", "zh_Hans", ending[0].params).body
    assert f"/seat-blocks/{uid}" in body

    services.release(uid, by=actor_for(coordinator))
    db.session.expire_all()
    assert {one.state for one in ending} == {MessageState.CANCELLED}
    told = db.session.scalars(select(Message).where(Message.kind == "block_released")).all()
    assert {one.person_id for one in told} == {lead, coordinator}
    assert "4 个没人占" in render("block_released", "zh_Hans", told[0].params).body
    with pytest.raises(RuleBroken, match="已经放回去"):
        services.release(uid, by=actor_for(coordinator))


STEPS = st.lists(
    st.sampled_from(["join", "beside", "leave", "lapse", "release", "due"]), max_size=14
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_the_slot_counts_what_its_rows_say(steps: list[str], site: Flask) -> None:
    with site.app_context():
        slot = a_slot(capacity=6, most_party=2, with_children=False)
        block = a_block(slot, seats=3)
        by = coordinator_of(slot)
        for turn, step in enumerate(steps):
            _one_step(step, turn, slot, block, by)
            now = fresh(slot)
            assert now.taken == truth(slot) <= now.capacity
            kept = db.session.get_one(Block, block.id)
            assert kept.taken == on_seats_of(block) <= kept.capacity


def _one_step(step: str, turn: int, slot: Slot, block: Block, by: Actor) -> None:
    number = f"{slot.id}-{turn}"
    try:
        if step == "join":
            groups.join(
                block.code, Wish("样例", f"g{number}@example.org", "示例", party=1 + turn % 2)
            )
        elif step == "beside":
            sign_up(slot.uid, Wish("样例", f"b{number}@example.org", "示例", queue=True))
        elif step == "release":
            services.release(block.uid, by=by)
        elif step == "due":
            services.release_due()
        else:
            _first_leaves(slot, in_block=step == "leave")
    except RuleBroken:
        pass


def _first_leaves(slot: Slot, *, in_block: bool) -> None:
    which = SignUp.block_id.is_not(None) if in_block else SignUp.block_id.is_(None)
    one = db.session.scalars(
        select(SignUp).where(SignUp.slot_id == slot.id, SignUp.state.in_(SEATED), which)
    ).first()
    if one is not None:
        with transaction() as session:
            session.get_one(SignUp, one.id).token_hash = ids.digest(f"t{one.id}")
        leave(f"t{one.id}")


@pytest.mark.parametrize("engine", ENGINES)
def test_the_last_seats_and_the_end_at_the_same_moment_lose_nothing(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        slot = a_slot(capacity=6)
        block = a_block(slot, seats=4)
        by = coordinator_of(slot)

        at_once(
            app,
            *(lambda n=n: groups.join(block.code, wish(n)) for n in range(5)),
            lambda: services.release(block.uid, by=by),
            *(lambda n=n: sign_up(slot.uid, wish(n, queue=True)) for n in range(10, 15)),
        )

        now = fresh(slot)
        assert now.taken == truth(slot) <= 6
        assert the_block().taken == on_seats_of(block) == the_block().capacity
        assert the_block().released_at is not None


# --- lists ----------------------------------------------------------------------------------------


def test_a_list_of_blocks_asks_as_often_for_one_as_for_many(
    county: Area, coordinator: int, browse_as: BrowseAs, at_most: AtMost
) -> None:
    slot = a_slot(a_campaign(area_id=county.id), capacity=200)
    for _turn in range(25):
        a_block(slot, seats=2)
    browser = browse_as(coordinator)

    with at_most(8):
        first = browser.get("/seat-blocks")
    assert first.html.count("<article") == 20
    with at_most(8):
        browser.get(f"/seat-blocks/{the_first().uid}")


def the_first() -> Block:
    return db.session.scalars(select(Block).order_by(Block.id)).first()  # type: ignore[return-value]
