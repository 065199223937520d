"""Places of a campaign are opened, changed and taken back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.rules import Role
from campaigns.models import Activity, Slot
from campaigns.rules import SlotKind, Stage
from campaigns.seats.rules import SeatState
from core.db import db
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot
from tests.builders.places import a_city, a_county
from tests.test_manage import TODAY, As, by

__all__ = ["by"]  # the fixtures of its neighbour


def a_slot_form(**given: Any) -> dict[str, Any]:
    return {
        "kind": "group_activity",
        "timing": "window",
        "again": "once",
        "role": "companion",
        "with_children": "y",
        "least": "0",
        "least_women": "0",
        "least_experienced": "0",
        "most_party": "1",
        "changeover": "0",
        "capacity": "20",
        "starts_on": str(TODAY + timedelta(days=40)),
        "ends_on": str(TODAY + timedelta(days=50)),
    } | given


def test_slots_are_opened_in_many_counties_at_once(by: As) -> None:
    city = a_city()
    ids = [str(a_county(parent_id=city.id).id) for _number in range(3)]
    campaign = a_campaign(stage=Stage.DRAFT, area_id=city.id)

    by(Role.EDITOR).post(f"/manage/campaigns/{campaign.uid}/slots/new", a_slot_form(counties=ids))

    slots = db.session.scalars(select(Slot)).all()
    assert [str(slot.county_id) for slot in slots] == ids
    assert {slot.capacity for slot in slots} == {20}
    assert db.session.scalars(select(Activity.kind)).one() is SlotKind.GROUP_ACTIVITY


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"counties": []}, "至少选一个县"),
        ({"counties": ["99999"]}, ""),
        ({"capacity": "0"}, "请填 1 到 5000 的整数"),
        ({"capacity": "多"}, ""),
        ({"kind": "party"}, ""),
        ({"starts_on": "2026-02-30"}, "没有这一天"),
        ({"ends_on": "2026-11-01"}, "结束日期不能早于开始日期"),
        ({"ends_on": "2028-01-01"}, "走访日期之内"),
    ],
)
def test_wrong_slots_are_not_opened(given: dict[str, Any], told: str, by: As) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    form = a_slot_form(counties=[str(campaign.area_id)]) | given

    page = by(Role.EDITOR).post(f"/manage/campaigns/{campaign.uid}/slots/new", form, status=422)

    assert told in " ".join(page.errors)
    assert db.session.scalars(select(Slot)).all() == []


def test_a_slot_is_opened_once(by: As) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    form = a_slot_form(counties=[str(campaign.area_id)])
    address = f"/manage/campaigns/{campaign.uid}/slots/new"
    by(Role.EDITOR).post(address, form)

    page = by(Role.EDITOR).post(address, form, status=422)

    assert "改那一个" in " ".join(page.errors)


def test_places_never_fall_below_what_is_taken(by: As) -> None:
    slot = a_slot(taken=7)

    page = by(Role.EDITOR).post(f"/manage/slots/{slot.uid}", a_slot_form(capacity="6"), status=422)
    assert "已有 7 人" in " ".join(page.errors)
    by(Role.EDITOR).post(f"/manage/slots/{slot.uid}", a_slot_form(capacity="7"))

    assert (slot.capacity, slot.taken) == (7, 7)


def test_the_days_of_a_public_slot_stay(by: As) -> None:
    slot = a_slot()
    before = slot.starts_on

    by(Role.EDITOR).post(
        f"/manage/slots/{slot.uid}", a_slot_form(starts_on=str(TODAY + timedelta(days=45)))
    )

    assert (slot.starts_on, slot.capacity) == (before, 20)


def test_a_slot_nobody_joined_may_go(by: As) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    used, unused = a_slot(campaign), a_slot(campaign, kind=SlotKind.GROUP_ACTIVITY)
    a_sign_up(used, state=SeatState.ABANDONED)

    page = by(Role.EDITOR).post(f"/manage/slots/{used.uid}/remove", status=409)
    by(Role.EDITOR).post(f"/manage/slots/{unused.uid}/remove")

    assert "已有人报过" in page.text
    assert db.session.scalars(select(Slot.uid)).all() == [used.uid]


def test_places_are_opened_in_drafts_only(by: As) -> None:
    campaign = a_campaign(stage=Stage.APPROVED)
    form = a_slot_form(counties=[str(campaign.area_id)])

    page = by(Role.EDITOR).post(f"/manage/campaigns/{campaign.uid}/slots/new", form, status=422)

    assert "只有草稿能改" in " ".join(page.errors)
