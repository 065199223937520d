"""What somebody should know before saying yes: on the card and on the sheet, never a refusal."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.exams.models import ExamPeriod
from campaigns.models import Campaign, Slot
from campaigns.rules import Timing
from campaigns.signups.hints.rules import Busy, Exam, Note, Stretch, hints
from campaigns.signups.models import SignUp
from campaigns.signups.own import services as own
from core.audit import AuditRow
from core.db import db
from places.models import Area
from places.rules import OrgKind
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_slot, an_exam
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, an_organisation
from tests.builders.volunteers import an_active_volunteer
from tests.conftest import NOON, AtMost, BrowseAs
from volunteers.models import Volunteer

DAY = NOON.date() + timedelta(days=40)


def here_and_there() -> tuple[Campaign, Area, Area]:
    """Return a campaign of the city and two counties three tiles apart: 165 minutes."""
    campaign = a_campaign(area_id=a_city().id, visits_from=DAY, visits_until=DAY)
    here, there = (a_county(tile_column=column, tile_row=0) for column in (0, 3))
    return campaign, here, there


def a_fixed_slot(campaign: Campaign, hours: tuple[int, int], **given: Any) -> Slot:
    first, last = (60 * hour for hour in hours)
    of = {"timing": Timing.FIXED, "starts_on": DAY, "ends_on": DAY, "place": f"{hours}"}
    return a_slot(campaign, **{**of, "from_minute": first, "until_minute": last, **given})


def seated(volunteer: Volunteer, slot: Slot) -> None:
    own.join(slot.uid, by=actor_for(volunteer.person_id))


def test_card_and_sheet_tell_the_same_of_whoever_is_signed_in(
    browse_as: BrowseAs, at_most: AtMost
) -> None:
    campaign, here, there = here_and_there()
    volunteer = an_active_volunteer(here)
    seated(volunteer, a_fixed_slot(campaign, (8, 10), county_id=here.id))
    clash = a_fixed_slot(campaign, (9, 11), county_id=there.id)
    tight = a_fixed_slot(campaign, (12, 13), county_id=there.id)
    fine = a_fixed_slot(campaign, (13, 14), county_id=there.id)
    browser, slug = browse_as(volunteer.person_id), campaign.slug

    with at_most(10):
        page = browser.get(f"/campaigns/{slug}/join")
    cards = {
        str(link["href"]).split("/")[2]: " ".join(card.get_text().split())
        for card in page.soup.select(".action")
        if (link := card.select_one("a"))
    }

    assert "时间撞在一起" in cards[clash.uid]
    assert "两处之间路上估计 165 分钟，怕赶不及" in cards[tight.uid]
    assert "请留意" not in cards[fine.uid]
    for uid, told in ((clash.uid, "时间撞在一起"), (tight.uid, "怕赶不及")):
        with at_most(10):
            sheet = browser.get(f"/slots/{uid}/join")
        assert told in " ".join(sheet.texts(".alert.warn"))
        assert sheet.form("/join"), "a hint keeps nobody from joining"
        assert "估计 165 分钟" in " ".join(sheet.texts(".facts"))


def test_examinations_are_those_of_everybody_and_of_ones_own_school(browse_as: BrowseAs) -> None:
    campaign, here, _there = here_and_there()
    mine, another = an_organisation(OrgKind.UNIVERSITY), an_organisation(OrgKind.UNIVERSITY)
    days = {"first_day": DAY, "last_day": DAY}
    an_exam(name="样例高考", confirmed=False, **days)
    an_exam(name="样例本校考试", org_id=mine.id, **days)
    an_exam(name="样例别校考试", org_id=another.id, **days)
    an_exam(name="样例后来的考试", first_day=DAY + timedelta(1), last_day=DAY + timedelta(2))
    a_fixed_slot(campaign, (8, 10), county_id=here.id)
    student = browse_as(an_active_volunteer(here, org_id=mine.id).person_id)

    (card,) = student.get(f"/campaigns/{campaign.slug}/join").texts(".action")

    assert "正赶上样例高考（预计 2027年1月3日 周日），请先安排好考试" in card
    assert "正赶上样例本校考试（2027年1月3日 周日）" in card
    assert "别校" not in card
    assert "后来" not in card


def test_a_stranger_is_told_on_the_sheet_what_concerns_everybody(
    visitor: Browser, at_most: AtMost
) -> None:
    campaign, here, there = here_and_there()
    an_exam(name="样例高考", first_day=DAY, last_day=DAY)
    an_exam(name="样例本校考试", org_id=an_organisation().id, first_day=DAY, last_day=DAY)
    slot = a_slot(campaign, county_id=there.id)

    with at_most(8):
        sheet = visitor.get(f"/slots/{slot.uid}/join?near={here.nbs_code}")

    assert "这段日子里有样例高考（2027年1月3日 周日），约时间的时候请避开" in sheet.text
    assert "本校" not in sheet.text
    assert "估计 165 分钟" in sheet.text
    plain = visitor.get(f"/slots/{slot.uid}/join?near=999999")
    assert "分钟" not in " ".join(plain.texts(".facts"))
    assert "请留意" not in visitor.get(f"/campaigns/{campaign.slug}/join").text


def test_what_holds_for_every_slot_is_said_once(browse_as: BrowseAs) -> None:
    campaign, here, there = here_and_there()
    an_exam(name="样例高考", first_day=DAY, last_day=DAY)
    for county in (here, there):
        a_slot(campaign, county_id=county.id)
    browser = browse_as(an_active_volunteer(here).person_id)

    page = browser.get(f"/campaigns/{campaign.slug}/join")

    assert page.text.count("样例高考") == 1
    assert "请留意" not in page.text


def test_ones_own_slot_is_no_clash_with_itself(browse_as: BrowseAs) -> None:
    campaign, here, _there = here_and_there()
    volunteer = an_active_volunteer(here)
    slot = a_fixed_slot(campaign, (8, 10), county_id=here.id)
    seated(volunteer, slot)

    page = browse_as(volunteer.person_id).get(f"/campaigns/{campaign.slug}/join")

    assert "请留意" not in page.text
    assert db.session.scalars(select(SignUp.slot_id)).one() == slot.id


def test_an_editor_keeps_the_examinations(browse_as: BrowseAs) -> None:
    editor = browse_as(a_member_of_staff(Role.EDITOR))
    school = an_organisation(OrgKind.UNIVERSITY, name="示例大学")
    assert "还没有考试时间" in editor.get("/manage/exams").text
    form = {
        "name": "期末考试周", "first_day": "2027-01-04", "last_day": "2027-01-15",
        "org": str(school.id), "source": "样例校历",
    }  # fmt: skip

    page = editor.post("/manage/exams", form)

    assert "示例大学" in page.text
    assert page.texts("td .tag") == ["预计"], "not ticked, so not announced"
    assert db.session.scalars(select(ExamPeriod.org_id)).one() == school.id
    uid = db.session.scalars(select(ExamPeriod.uid)).one()
    editor.post(f"/manage/exams/{uid}/remove", {})
    assert db.session.scalars(select(ExamPeriod)).all() == []
    rows = db.session.scalars(select(AuditRow.action).where(AuditRow.kind == "exam_period"))
    assert list(rows) == ["add_exam", "remove_exam"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"last_day": "2027-01-03"}, "最后一天不能早于第一天"),
        ({"name": ""}, "请填写这一项"),
        ({"source": "x" * 121}, "最多 120 个字"),
    ],
)
def test_what_is_wrong_is_told(change: dict[str, str], told: str, browse_as: BrowseAs) -> None:
    form = {"name": "考试", "first_day": "2027-01-04", "last_day": "2027-01-15", "source": "校历"}

    editor = browse_as(a_member_of_staff(Role.EDITOR))
    page = editor.post("/manage/exams", form | change, status=422)

    assert told in " ".join(page.errors)
    assert db.session.scalars(select(ExamPeriod)).all() == []


def test_a_centre_is_no_school(browse_as: BrowseAs) -> None:
    centre = an_organisation(OrgKind.CENTER)
    form = {"name": "考试", "first_day": "2027-01-04", "last_day": "2027-01-15", "source": "校历"}

    editor = browse_as(a_member_of_staff(Role.EDITOR))
    editor.post("/manage/exams", form | {"org": str(centre.id)}, status=422)

    assert db.session.scalars(select(ExamPeriod)).all() == []


def test_many_cards_cost_no_more(app: Flask, browse_as: BrowseAs, at_most: AtMost) -> None:
    campaign, here, there = here_and_there()
    volunteer = an_active_volunteer(here)
    for hour in range(6, 20):
        slot = a_fixed_slot(campaign, (hour, hour + 1), county_id=here.id)
        seated(volunteer, slot)
        a_fixed_slot(campaign, (hour, hour + 2), county_id=there.id)
        an_exam(first_day=DAY, last_day=DAY)
    browser, slug = browse_as(volunteer.person_id), campaign.slug

    with at_most(10):
        browser.get(f"/campaigns/{slug}/join")


MINUTES = st.tuples(st.integers(0, 1380), st.integers(1, 60)).map(lambda one: (one[0], sum(one)))
TILES = st.none() | st.tuples(st.integers(0, 4), st.integers(0, 4))
STRETCHES = st.builds(
    Stretch,
    first=st.just(date(2027, 1, 3)),
    last=st.just(date(2027, 1, 3)),
    minutes=MINUTES,
    fixed=st.booleans(),
    changeover=st.integers(0, 120),
    tile=TILES,
)


@given(STRETCHES, STRETCHES)
def test_two_slots_get_in_each_others_way_or_in_neithers(one: Stretch, other: Stretch) -> None:
    there = hints(one, [Busy("a", "样例", other)], (), a_tile=45)
    back = hints(other, [Busy("b", "样例", one)], (), a_tile=45)

    assert there == back
    if not (one.fixed and other.fixed):
        assert there == []


@given(STRETCHES, STRETCHES)
def test_at_the_same_minute_nobody_is_in_two_places(one: Stretch, other: Stretch) -> None:
    (first, last), (begin, end) = one.minutes, other.minutes
    found = hints(one, [Busy("a", "样例", other)], (), a_tile=45)

    if one.fixed and other.fixed and first < end and begin < last:
        assert [hint.note for hint in found] == [Note.CLASH]


@given(st.integers(-20, 20), st.integers(0, 10), st.booleans())
def test_examinations_count_on_the_days_they_share(away: int, more: int, fixed: bool) -> None:
    first = date(2027, 1, 10)
    at = Stretch(first, first + timedelta(2), (0, 1440), fixed=fixed, changeover=0, tile=None)
    begins = first + timedelta(away)
    exam = Exam("样例", begins, begins + timedelta(more), confirmed=True)

    found = hints(at, (), [exam], a_tile=45)

    shared = begins <= at.last and begins + timedelta(more) >= at.first
    note = Note.EXAM if fixed else Note.EXAM_WITHIN
    assert [hint.note for hint in found] == [note] * shared
