"""At the centre: one person writes and another approves, one takes in and another hands over."""

import json
import re
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from campaigns.models import Campaign
from campaigns.rules import Stage
from campaigns.seats.rules import SeatState
from campaigns.wishes.actions import next_actions
from campaigns.wishes.desk import services as desk
from campaigns.wishes.making import services as making
from campaigns.wishes.making.services import Asked
from campaigns.wishes.models import Wish, WishClaim
from campaigns.wishes.rules import (
    LETTERS,
    WISH_CEILING,
    WORDS,
    Ages,
    Check,
    Flaw,
    WishState,
    drop_off_code,
    flaws,
)
from campaigns.wishes.services import Donor, claim
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.parameters import ParameterValue
from messages.models import Message
from messages.texts import render
from tests.browser import Browser
from tests.builders.campaigns import a_campaign
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, a_township
from tests.builders.wishes import a_centre, a_claim, a_wish
from tests.conftest import NOON, AtMost, BrowseAs
from tests.factories import saved
from tests.races import at_once
from tests.test_wishes import both, fresh, kinds, the_claim

__all__ = ["both"]

SECRET = "w" * 43
TODAY = NOON.date()
CODE = drop_off_code(SECRET)
ALL = frozenset(Check)


class Centre:
    """A county with a campaign, its centre and three people who work there."""

    def __init__(self) -> None:
        self.county = a_county()
        self.campaign = a_campaign(area_id=self.county.id)
        self.org = a_centre(self.county)
        self.one, self.other, self.lead = (
            actor_for(a_member_of_staff(role, area_id=self.county.id))
            for role in (Role.COORDINATOR, Role.COORDINATOR, Role.SAFEGUARDING_LEAD)
        )
        self.neighbour = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))

    def asked(self, **given: Any) -> Asked:
        fields: dict[str, Any] = {
            "campaign_id": self.campaign.id,
            "centre_id": self.org.id,
            "item": "冬天的棉鞋",
            "item_en": "Warm winter shoes",
            "size": "33 码",
            "ages": Ages.FROM_9,
            "estimate": 80,
        }
        return Asked(**fields | given)

    def form(self, **given: Any) -> dict[str, Any]:
        asked = self.asked()
        fields = {
            "campaign": asked.campaign_id,
            "centre": asked.centre_id,
            "item": asked.item,
            "item_en": asked.item_en,
            "size": asked.size,
            "ages": asked.ages.value,
            "estimate": asked.estimate,
            "version": 1,
        }
        return fields | given

    def wish(self, **given: Any) -> Wish:
        return a_wish(self.campaign, self.county, **given)


@pytest.fixture
def centre(app: Flask) -> Centre:
    return Centre()


def id_of(person: Actor) -> int:
    assert person.id
    return person.id


def the_wish() -> Wish:
    db.session.expire_all()
    return db.session.scalars(select(Wish)).one()


# --- writing and approving ------------------------------------------------------------------------


def test_two_people_make_a_wish_public(
    centre: Centre, browse_as: BrowseAs, visitor: Browser
) -> None:
    one, other = browse_as(id_of(centre.one)), browse_as(id_of(centre.other))

    page = one.post("/manage/wishes/new", centre.form())
    wish = the_wish()
    assert page.url == f"/manage/wishes/{wish.uid}"
    assert re.fullmatch(f"[{LETTERS}]{{4}}", wish.code)
    assert visitor.get(f"/campaigns/{centre.campaign.slug}/wishes").texts(".card h2") == []
    assert "/approve" not in page.html
    one.post(f"/manage/wishes/{wish.uid}/approve", {"version": "1"}, status=409)
    form = other.get(f"/manage/wishes/{wish.uid}").form("/approve")
    other.post(f"/manage/wishes/{wish.uid}/approve", form)

    wish = the_wish()
    assert (wish.state, wish.written_by_id, wish.approved_by_id) == (
        WishState.OPEN, centre.one.id, centre.other.id,
    )  # fmt: skip
    assert visitor.get(f"/campaigns/{centre.campaign.slug}/wishes").texts(".card h2") == [wish.item]
    assert db.session.scalars(select(AuditRow.action).where(AuditRow.kind == "wish")).all() == [
        "propose_wish",
        "approve_wish",
    ]


def test_the_database_knows_the_second_person_too(centre: Centre) -> None:
    wish = centre.wish(state=WishState.PROPOSED, written_by_id=centre.one.id)
    for by in (None, centre.one.id):
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(update(Wish).values(state=WishState.OPEN, approved_by_id=by))
    claimed = a_claim(wish, state=SeatState.ARRIVED, arrived_by_id=centre.one.id)
    for by in (None, centre.one.id):
        with pytest.raises(IntegrityError), transaction() as session:
            session.execute(
                update(WishClaim)
                .where(WishClaim.id == claimed.id)
                .values(state=SeatState.COMPLETED, completed_at=NOON, completed_by_id=by)
            )
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(Wish).values(taken=2))


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("item", "留守儿童的书包", "不能写“留守”"),
        ("item", "留 守 儿童的书包", "不能写“留守”"),
        ("item", "200元红包", "不能写“红包”"),
        ("item", "乌金山村的书包", "不能写“村”"),
        ("item", "书包 13800138000", "连着五位以上的数字"),
        ("item", "书包１３８ ００１３", "连着五位以上的数字"),
        ("item_en", "A bag for an Orphan", "不能写“orphan”"),
        ("size", "加ＱＱ", "不能写“qq”"),
        ("item", "", "请填写这一项"),
        ("item", "大" * 61, "最多 60 个字"),
        ("item", "书包🎉", "请只用文字"),
        ("size", "大" * 21, "最多 20 个字"),
        ("estimate", "201", "最多 200 元"),
        ("estimate", "0", "请填 1 到 10000 的整数"),
    ],
)
def test_what_labels_a_child_or_costs_too_much_is_refused(
    centre: Centre, browse_as: BrowseAs, field: str, value: str, told: str
) -> None:
    page = browse_as(id_of(centre.one)).post(
        "/manage/wishes/new", centre.form(**{field: value}), status=422
    )

    assert any(told in one for one in page.errors)
    assert db.session.scalars(select(Wish)).all() == []


def test_names_of_our_own_places_are_refused(centre: Centre) -> None:
    a_township(centre.county, name="乌金山镇")
    with pytest.raises(RuleBroken, match="乌金山镇"):
        making.propose(centre.asked(item="乌金山镇的书包"), by=centre.one)


def test_the_list_of_words_is_changed_on_its_page(centre: Centre, browse_as: BrowseAs) -> None:
    admin = browse_as(a_member_of_staff(Role.CITY_COORDINATOR), stepped_up=True)
    form = admin.get("/parameters/campaigns.wish_words/new").form("/parameters")
    words = json.dumps([*WORDS, "棉鞋"], ensure_ascii=False)

    admin.post("/parameters/campaigns.wish_words/new", form | {"text": words, "source": "样例"})

    with pytest.raises(RuleBroken, match="不能写“棉鞋”"):
        making.propose(centre.asked(), by=centre.one)


def test_the_ceiling_of_the_day_holds_at_approval_too(centre: Centre) -> None:
    wish = centre.wish(state=WishState.PROPOSED, written_by_id=centre.one.id, estimate=150)
    lower = {"value": 100}
    saved(ParameterValue(name=WISH_CEILING, effective_from=TODAY, value=lower, source="样例"))

    with pytest.raises(RuleBroken, match="最多 100 元"):
        making.approve(wish.uid, version=1, by=centre.other)
    assert the_wish().state is WishState.PROPOSED


def test_a_county_without_a_campaign_is_told_so(centre: Centre, browse_as: BrowseAs) -> None:
    page = browse_as(id_of(centre.neighbour)).get("/manage/wishes/new")
    assert "没有进行中的活动" in page.text


@given(st.text(max_size=30), st.sampled_from(WORDS), st.text(max_size=30))
def test_a_listed_word_is_found_wherever_it_stands(before: str, word: str, after: str) -> None:
    assert (Flaw.WORD, word) in flaws(f"{before} {word} {after}", WORDS)


@pytest.mark.parametrize(
    "text", ["冬天的棉鞋 33 码", "150/72 A", "彩色铅笔 48 色", "Cashmere scarf, shampoo ready"]
)
def test_plain_things_are_fine(text: str) -> None:
    assert flaws(text, WORDS) == []


def test_wishes_are_for_campaigns_that_reach_the_county(centre: Centre) -> None:
    elsewhere, over = a_campaign(), a_campaign(area_id=centre.county.id, stage=Stage.WRAP_UP)
    for campaign in (elsewhere, over):
        with pytest.raises(RuleBroken, match="不在您的县里进行"):
            making.propose(centre.asked(campaign_id=campaign.id), by=centre.one)
    making.propose(centre.asked(campaign_id=a_campaign(area_id=a_city().id).id), by=centre.one)


def test_nobody_writes_for_the_neighbours_centre(centre: Centre) -> None:
    with pytest.raises(NotYours):
        making.propose(centre.asked(), by=centre.neighbour)
    with pytest.raises(NotYours):
        making.propose(centre.asked(), by=centre.lead)


def test_what_is_sent_back_is_mended_and_looked_at_again(
    centre: Centre, browse_as: BrowseAs
) -> None:
    wish = centre.wish(state=WishState.PROPOSED, written_by_id=centre.one.id)
    one, lead = browse_as(id_of(centre.one)), browse_as(id_of(centre.lead))

    form = lead.get(f"/manage/wishes/{wish.uid}/send-back").form("send-back")
    lead.post(f"/manage/wishes/{wish.uid}/send-back", form | {"note": "请写尺码"})
    assert "请写尺码" in one.get(f"/manage/wishes/{wish.uid}").text
    form = one.get(f"/manage/wishes/{wish.uid}/edit").form("edit")
    mended = centre.form(size="34 码", version=form["version"])
    one.post(f"/manage/wishes/{wish.uid}/edit", mended)

    wish = the_wish()
    assert (wish.state, wish.size, wish.note) == (WishState.PROPOSED, "34 码", "")


def test_a_public_wish_that_is_changed_waits_for_a_second_person_again(centre: Centre) -> None:
    wish = centre.wish()

    making.rewrite(wish.uid, centre.asked(size="35 码"), version=1, by=centre.one)

    assert (the_wish().state, the_wish().approved_by_id) == (WishState.PROPOSED, None)
    with pytest.raises(RuleBroken, match="另一个人核准"):
        making.approve(wish.uid, version=2, by=centre.one)


def test_nobody_approves_what_they_have_not_read(centre: Centre) -> None:
    wish = centre.wish(state=WishState.PROPOSED, written_by_id=centre.one.id)
    making.rewrite(wish.uid, centre.asked(size="35 码"), version=1, by=centre.one)

    with pytest.raises(RuleBroken, match="刚被别人改过"):
        making.approve(wish.uid, version=1, by=centre.other)
    assert the_wish().state is WishState.PROPOSED


def test_a_claimed_wish_is_not_changed_under_its_donor(centre: Centre) -> None:
    wish = centre.wish()
    a_claim(wish)
    with pytest.raises(RuleBroken, match="或认领了"):
        making.rewrite(wish.uid, centre.asked(), version=1, by=centre.one)


def test_whoever_claimed_a_wish_is_told_that_it_is_withdrawn(centre: Centre) -> None:
    wish = centre.wish()
    a_claim(wish, state=SeatState.CONFIRMED)

    making.withdraw(wish.uid, by=centre.lead)

    assert (the_wish().state, the_wish().taken) == (WishState.WITHDRAWN, 0)
    assert the_claim().state is SeatState.CANCELLED
    assert kinds() == ["wish_withdrawn"]
    with pytest.raises(RuleBroken, match="已经撤下"):
        making.withdraw(wish.uid, by=centre.lead)


def test_what_has_come_is_not_withdrawn(centre: Centre) -> None:
    wish = centre.wish()
    a_claim(wish, state=SeatState.ARRIVED)
    with pytest.raises(RuleBroken, match="已经送到"):
        making.withdraw(wish.uid, by=centre.one)
    assert (the_wish().state, the_wish().taken) == (WishState.OPEN, 1)


def test_the_neighbour_finds_nothing(centre: Centre, browse_as: BrowseAs) -> None:
    wish = centre.wish()
    parcel = a_claim(wish, state=SeatState.CONFIRMED, secret=SECRET)
    neighbour = browse_as(id_of(centre.neighbour))

    neighbour.get(f"/manage/wishes/{wish.uid}", status=404)
    neighbour.get(f"/wish-desk/{parcel.uid}", status=404)
    assert wish.item not in neighbour.get("/manage/wishes").text
    assert neighbour.post("/wish-desk", {"code": CODE}, status=422).errors
    for act in ("arrive", "hand-over", "confirm", "code", "drop"):
        neighbour.post(f"/wish-desk/{parcel.uid}/{act}", status=404)
    with pytest.raises(NotYours):
        desk.arrive(parcel.uid, CODE, ALL, by=centre.neighbour)


# --- the desk -------------------------------------------------------------------------------------


def test_who_left_a_number_is_called_and_told_the_digits(
    centre: Centre, browse_as: BrowseAs
) -> None:
    claim(centre.wish().uid, Donor("李样例", "15400000001"))
    found = the_claim()
    caller = browse_as(id_of(centre.one))
    assert caller.get("/wish-desk?show=call").links("tel:154") == ["tel:15400000001"]

    page = caller.post(f"/wish-desk/{found.uid}/confirm")

    (shown,) = page.texts(".code-big")
    assert (the_claim().state, kinds()) == (SeatState.CONFIRMED, [])
    assert desk.look_up(shown.replace(" ", ""), by=centre.one) == found.uid
    (again,) = caller.post(f"/wish-desk/{found.uid}/code").texts(".code-big")
    assert again != shown
    with pytest.raises(RuleBroken):
        desk.look_up(shown.replace(" ", ""), by=centre.one)


def test_nobody_makes_digits_for_whoever_has_a_link(centre: Centre) -> None:
    parcel = a_claim(centre.wish(), state=SeatState.CONFIRMED)
    with pytest.raises(NotYours):
        desk.new_code(parcel.uid, by=centre.one)
    held = a_claim(centre.wish())
    with pytest.raises(RuleBroken):
        desk.confirm_by_call(held.uid, by=centre.one)
    with pytest.raises(NotYours):
        desk.drop(held.uid, by=centre.one)


def test_who_does_not_want_to_bring_it_lets_go(centre: Centre, browse_as: BrowseAs) -> None:
    wish = centre.wish()
    found = a_claim(wish, phone="15400000001")
    browse_as(id_of(centre.lead)).post(f"/wish-desk/{found.uid}/drop")
    assert (the_claim().state, fresh(wish).taken) == (SeatState.CANCELLED, 0)


def test_two_people_receive_a_parcel_and_the_donor_hears_of_both(
    centre: Centre, browse_as: BrowseAs, visitor: Browser
) -> None:
    parcel = a_claim(centre.wish(), state=SeatState.CONFIRMED, secret=SECRET, name="李样例")
    one, other = browse_as(id_of(centre.one)), browse_as(id_of(centre.lead))

    page = one.post("/wish-desk", {"code": f"{CODE[:4]} {CODE[4:]}"})
    assert page.url == f"/wish-desk/{parcel.uid}"
    one.post(f"{page.url}/arrive", {"code": CODE, "checks": [check.value for check in Check]})
    assert (the_claim().state, the_claim().arrived_by_id) == (SeatState.ARRIVED, centre.one.id)
    assert "hand-over" not in one.get(page.url).html
    one.post(f"{page.url}/hand-over", status=409)
    assert "已经送到" in visitor.get(f"/wish-claims/{SECRET}").text
    other.post(f"{page.url}/hand-over")

    done = the_claim()
    assert (done.state, done.completed_by_id) == (SeatState.COMPLETED, centre.lead.id)
    assert kinds() == ["wish_arrived", "wish_given"]
    assert "已经转交" in visitor.get(f"/wish-claims/{SECRET}").text
    for message in db.session.scalars(select(Message)):
        for language in ("zh_Hans", "en"):
            assert "李样例" not in render(message.kind, language, message.params).body
    rows = db.session.execute(select(AuditRow.action, AuditRow.fields)).all()
    seen = sorted(check.value for check in Check)
    assert ("take_in_parcel", seen) in [tuple(row) for row in rows]
    assert CODE not in str(rows)


@pytest.mark.parametrize("missing", list(Check))
def test_a_parcel_that_is_not_in_order_is_not_taken_in(centre: Centre, missing: Check) -> None:
    parcel = a_claim(centre.wish(), state=SeatState.CONFIRMED, secret=SECRET)
    with pytest.raises(RuleBroken, match="当面退回"):
        desk.arrive(parcel.uid, CODE, ALL - {missing}, by=centre.one)
    assert the_claim().state is SeatState.CONFIRMED


@pytest.mark.parametrize("code", ["", "1234567", "123456789", "abcdefgh", "00000000"])
def test_a_wrong_code_finds_nothing(centre: Centre, browse_as: BrowseAs, code: str) -> None:
    parcel = a_claim(centre.wish(), state=SeatState.CONFIRMED, secret=SECRET)
    browser = browse_as(id_of(centre.one))
    checks = [check.value for check in Check]

    assert browser.post("/wish-desk", {"code": code}, status=422).errors
    browser.post(f"/wish-desk/{parcel.uid}/arrive", {"code": code, "checks": checks}, status=422)
    assert the_claim().state is SeatState.CONFIRMED


def test_of_two_who_hand_over_at_once_one_is_heard(both: Flask) -> None:
    centre = Centre()
    parcel = a_claim(centre.wish(), state=SeatState.CONFIRMED, secret=SECRET).uid
    takers = (centre.one, centre.other, centre.lead)
    refused = at_once(both, *(lambda by=by: desk.arrive(parcel, CODE, ALL, by=by) for by in takers))
    assert [one for one in refused if one is None] == [None]
    first = the_claim().arrived_by_id
    refused = at_once(both, *(lambda by=by: desk.hand_over(parcel, by=by) for by in takers * 2))

    assert [one for one in refused if one is None] == [None]
    assert the_claim().completed_by_id not in {None, first}
    assert sorted(kinds()) == ["wish_arrived", "wish_given"]


def test_withdrawing_and_taking_in_at_once_leave_one_truth(both: Flask) -> None:
    centre = Centre()
    for turn in range(4):
        wish = centre.wish()
        secret = f"{turn}" * 43
        parcel = a_claim(wish, state=SeatState.CONFIRMED, secret=secret).uid
        wish_uid = wish.uid
        refused = at_once(
            both,
            partial(desk.arrive, parcel, drop_off_code(secret), ALL, by=centre.one),
            partial(making.withdraw, wish_uid, by=centre.other),
        )
        assert len([one for one in refused if one is None]) == 1
        db.session.expire_all()
        wish = db.session.scalars(select(Wish).where(Wish.uid == wish_uid)).one()
        arrived = refused[0] is None
        assert (wish.state, wish.taken) == (
            (WishState.OPEN, 1) if arrived else (WishState.WITHDRAWN, 0)
        )


def _claim_if_there(uid: str, contact: str) -> None:
    with suppress(NotYours):
        claim(uid, Donor("样例", contact))


def test_claiming_and_withdrawing_at_once_leave_nobody_with_a_wish_that_is_gone(
    both: Flask,
) -> None:
    centre = Centre()
    for turn in range(4):
        uid = centre.wish().uid
        at_once(
            both,
            partial(_claim_if_there, uid, f"d{turn}@example.org"),
            partial(making.withdraw, uid, by=centre.one),
        )
        db.session.expire_all()
        wish = db.session.scalars(select(Wish).where(Wish.uid == uid)).one()
        assert (wish.state, wish.taken) == (WishState.WITHDRAWN, 0)
        states = db.session.scalars(select(WishClaim.state).where(WishClaim.wish_id == wish.id))
        assert set(states) <= {SeatState.CANCELLED}


# --- what waits -----------------------------------------------------------------------------------


def test_the_home_page_counts_what_waits_and_leads_to_exactly_that(
    app: Flask, centre: Centre, browse_as: BrowseAs
) -> None:
    centre.wish(state=WishState.PROPOSED, written_by_id=centre.other.id)
    centre.wish(state=WishState.PROPOSED, written_by_id=centre.one.id)
    centre.wish(state=WishState.RETURNED)
    a_claim(centre.wish(), phone="15400000001")
    a_claim(centre.wish(), state=SeatState.CONFIRMED, expires_at=NOON + timedelta(days=2))
    a_claim(centre.wish(), state=SeatState.CONFIRMED)
    a_claim(centre.wish(), state=SeatState.ARRIVED, arrived_by_id=centre.other.id)
    a_claim(centre.wish(), state=SeatState.ARRIVED, arrived_by_id=centre.one.id)
    browser = browse_as(id_of(centre.one))

    with app.test_request_context():
        found = {action.title: action for action in next_actions(centre.one)}
        assert next_actions(centre.neighbour) == []
        assert "被退回的微心愿" not in {action.title for action in next_actions(centre.lead)}

    assert {title: action.count for title, action in found.items()} == {
        "请打电话核实心愿认领": 1,
        "请确认心愿已转交": 1,
        "心愿快到期还没送来": 1,
        "等您核准的微心愿": 1,
        "被退回的微心愿": 1,
    }
    for action in found.values():
        page = browser.get(action.url or "")
        rows = page.texts(".card h2") if "desk" in action.url else page.texts("tbody tr")
        assert len(rows) == action.count


def test_the_lists_cost_the_same_for_many(
    centre: Centre, browse_as: BrowseAs, at_most: AtMost
) -> None:
    for _number in range(20):
        a_claim(centre.wish(), state=SeatState.CONFIRMED)
    browser = browse_as(id_of(centre.one))

    for page in ("/manage/wishes", "/wish-desk"):
        with at_most(8):
            browser.get(page)


def test_every_page_of_the_centre_opens_in_both_languages(
    centre: Centre, browse_as: BrowseAs
) -> None:
    wish = centre.wish(state=WishState.PROPOSED)
    parcels = [
        a_claim(centre.wish(), state=state)
        for state in (SeatState.CONFIRMED, SeatState.ARRIVED, SeatState.COMPLETED)
    ]
    browser = browse_as(id_of(centre.one))
    pages = ["/manage/wishes", "/manage/wishes/new"]
    pages += [f"/wish-desk?show={tab}" for tab in ("due", "done", "arrived")]
    pages += [f"/manage/wishes/{wish.uid}{part}" for part in ("", "/edit", "/send-back")]
    pages += [f"/wish-desk/{one.uid}" for one in parcels]
    for page in pages:
        browser.get(page)
        browser.get(f"/en{page}")


def test_nothing_of_a_wish_leads_to_a_child() -> None:
    """What is written nowhere cannot leak: no key from either table to a child, nor back."""
    tables = Wish.metadata.tables
    ours = {"wishes", "wish_claims"}
    reached = {key.column.table.name for name in ours for key in tables[name].foreign_keys}

    assert reached == {"campaigns", "organisations", "people", "wishes"}
    assert not [
        name
        for name, table in tables.items()
        if name not in ours and {key.column.table.name for key in table.foreign_keys} & ours
    ]
    assert Campaign.__tablename__ in reached
