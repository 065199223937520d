"""Opening a season's places in one step, and what a slot asks of those who come."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from accounts.rules import Role
from campaigns.manage.slots.rules import Again
from campaigns.manage.slots.services import days
from campaigns.models import Activity, Slot
from campaigns.rules import SlotRole, Stage, Timing
from core.db import db
from tests.builders.campaigns import a_campaign, a_slot
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county
from tests.conftest import NOON, BrowseAs

FIRST = NOON.date() + timedelta(days=40)


def filled(**given: Any) -> dict[str, Any]:
    return {
        "kind": "group_activity",
        "timing": "fixed",
        "title": "一起包饺子",
        "starts_on": str(FIRST),
        "ends_on": str(FIRST),
        "from_time": "14:00",
        "until_time": "16:30",
        "again": "weekly",
        "capacity": "6",
        "least": "2",
        "role": "tutor",
        "place": "示例图书室",
        "with_children": "y",
        "trained": "y",
        "least_women": "1",
        "least_experienced": "1",
        "most_party": "1",
        "changeover": "45",
    } | given


@pytest.mark.parametrize(
    ("again", "found"),
    [
        (Again.ONCE, [date(2027, 1, 30)]),
        (Again.WEEKLY, [date(2027, 1, 30), date(2027, 2, 6), date(2027, 2, 13)]),
        (Again.FORTNIGHTLY, [date(2027, 1, 30), date(2027, 2, 13)]),
        (Again.MONTHLY, [date(2027, 1, 30)]),
    ],
)
def test_a_slot_comes_back_until_the_last_day(again: Again, found: list[date]) -> None:
    assert days(date(2027, 1, 30), again, date(2027, 2, 13)) == found


def test_a_seasons_slots_are_opened_in_one_step(browse_as: BrowseAs) -> None:
    city = a_city()
    counties = [str(a_county(parent_id=city.id).id) for _turn in range(3)]
    campaign = a_campaign(stage=Stage.DRAFT, area_id=city.id)
    editor = browse_as(a_member_of_staff(Role.EDITOR))

    page = editor.post(f"/manage/campaigns/{campaign.uid}/slots/new", filled(counties=counties))

    assert "开好了 15 个名额" in " ".join(page.notices)
    slots = db.session.scalars(select(Slot)).all()
    assert len(slots) == 15
    assert {slot.starts_on for slot in slots} == {FIRST + timedelta(weeks=n) for n in range(5)}
    assert {(slot.from_minute, slot.until_minute, slot.changeover) for slot in slots} == {
        (840, 990, 45)
    }
    assert {(slot.role, slot.place, slot.screened) for slot in slots} == {
        (SlotRole.TUTOR, "示例图书室", False)
    }
    activity = db.session.scalars(select(Activity)).one()
    assert (activity.title, activity.timing) == ("一起包饺子", Timing.FIXED)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"until_time": "13:00"}, "结束要晚于开始"),
        ({"until_time": ""}, "要么都填"),
        ({"from_time": "", "timing": "window"}, "要么都填"),
        ({"from_time": "", "until_time": ""}, "请填钟点"),
        ({"least": "7"}, "不能多于名额数"),
        ({"least_women": "7"}, "不能多于名额数"),
        ({"most_party": "2"}, "一次只能报一个人"),
        ({"most_party": "11"}, "1 到 10"),
        ({"again": "daily"}, ""),
        ({"role": "boss"}, ""),
        ({"place": "示" * 61}, "最多 60 个字"),
    ],
)
def test_what_does_not_fit_is_said(given: dict[str, str], told: str, browse_as: BrowseAs) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    editor = browse_as(a_member_of_staff(Role.EDITOR))
    form = filled(counties=[str(campaign.area_id)], **given)

    page = editor.post(f"/manage/campaigns/{campaign.uid}/slots/new", form, status=422)

    assert told in " ".join(page.errors)
    assert db.session.scalars(select(Slot)).all() == []


def test_a_step_opens_no_more_than_somebody_can_look_through(browse_as: BrowseAs) -> None:
    campaign = a_campaign(
        stage=Stage.DRAFT, visits_from=FIRST, visits_until=FIRST + timedelta(days=4000)
    )
    editor = browse_as(a_member_of_staff(Role.EDITOR))
    form = filled(counties=[str(campaign.area_id)])

    page = editor.post(f"/manage/campaigns/{campaign.uid}/slots/new", form, status=422)

    assert "一次最多开 400 个名额" in " ".join(page.errors)


def test_a_drafts_slot_shows_what_it_was_opened_with(browse_as: BrowseAs) -> None:
    campaign = a_campaign(stage=Stage.DRAFT)
    slot = a_slot(campaign, from_minute=840, until_minute=990, place="示例图书室", least=2)
    editor = browse_as(a_member_of_staff(Role.EDITOR))

    form = editor.get(f"/manage/slots/{slot.uid}").form("/manage/slots")
    assert (form["from_time"], form["until_time"]) == ("14:00", "16:30")
    assert (form["place"], form["least"], form["capacity"]) == ("示例图书室", "2", "10")
    editor.post(f"/manage/slots/{slot.uid}", form | {"role": "leader", "place": "示例工作站"})

    db.session.expire_all()
    assert (slot.place, slot.role) == ("示例工作站", SlotRole.LEADER)
