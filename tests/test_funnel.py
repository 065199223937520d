"""From where people come to a campaign and how far: for those who work on it, in numbers only."""

import csv
import io
from datetime import timedelta

import pytest
from bs4 import Tag
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.queries import actor_for
from accounts.rules import Role
from campaigns.funnel.models import FunnelCount
from campaigns.funnel.queries import asked, numbers, places_of
from campaigns.funnel.rules import Grouped, Period, Row, Step, folded, period_of, share
from campaigns.models import Campaign
from campaigns.seats.rules import SeatState
from campaigns.signups.leaving.services import expire_pending
from campaigns.signups.models import SignUp
from core import clock
from core.audit import AuditRow
from core.db import db
from core.sheets import read
from tests.browser import Browser, Page
from tests.builders.campaigns import (
    a_block,
    a_campaign,
    a_campaign_place,
    a_sign_up,
    a_slot,
    an_attendance,
)
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, an_organisation
from tests.builders.volunteers import a_volunteer
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.factories import saved
from volunteers.hours.models import HourEntry

DAY = timedelta(days=1)


@pytest.fixture
def editor(app: Flask, browse_as: BrowseAs) -> Browser:
    return browse_as(a_member_of_staff(Role.EDITOR), stepped_up=True)


def looks(campaign: Campaign, step: Step, count: int, **given: object) -> None:
    fields = {"day": clock.today(), "source": "", "area_id": campaign.area_id} | given
    saved(FunnelCount(campaign_id=campaign.id, step=step, count=count, **fields))


def steps(page: Page) -> list[int]:
    """Return the numbers of the first table: the steps, then the hours."""
    cells = page.soup.select("table")[0].select("td")
    return [int(float(cell.get_text())) for cell in cells]


def first_cells(table: Tag) -> dict[str, str]:
    """Return the first number of each row, by what the row is called."""
    rows = table.select("tbody tr")
    return {row.select("th")[0].get_text(): row.select("td")[0].get_text() for row in rows}


def path(campaign: Campaign, query: str = "") -> str:
    return f"/manage/campaigns/{campaign.uid}/numbers{query}"


def test_the_tag_of_a_poster_goes_with_its_reader_to_the_sign_up(
    app: Flask, visitor: Browser
) -> None:
    place = a_campaign_place(campaign := a_campaign())
    slot = a_slot(campaign)

    page = visitor.get(f"/campaigns/{campaign.slug}?from={place.tag}")
    join = f"/slots/{slot.uid}/join?from={place.tag}"
    assert join in [link["href"] for link in page.soup.select("main a[href]")]
    chosen = visitor.get(f"/campaigns/{campaign.slug}/join?from={place.tag}")
    assert join in [link["href"] for link in chosen.soup.select("main a[href]")]
    sheet = visitor.get(join)
    action = str(sheet.soup.select("main form")[0]["action"])
    assert action == join
    visitor.post(
        action, {"name": "样例一", "contact": "s1@example.org", "org": "示例大学", "agree": "y"}
    )

    assert db.session.scalars(select(SignUp.source)).all() == [place.tag]
    canonical = str(page.soup.select("link[rel=canonical]")[0]["href"])
    assert canonical.endswith(f"/campaigns/{campaign.slug}")


@pytest.mark.parametrize("tag", ["zzzzzzz", "x' OR 1=1", ""])
def test_a_tag_that_somebody_made_up_is_not_kept_with_a_sign_up(
    app: Flask, visitor: Browser, tag: str
) -> None:
    slot = a_slot()
    other = a_campaign_place(a_campaign())

    for number, sent in enumerate((tag, other.tag)):
        visitor.post(
            f"/slots/{slot.uid}/join?from={sent}",
            {"name": "样例", "contact": f"s{number}@example.org", "org": "个人", "agree": "y"},
        )

    assert db.session.scalars(select(SignUp.source)).all() == ["", ""]


def test_an_editor_sees_each_step_and_how_many_went_on(editor: Browser) -> None:
    slot = a_slot(campaign := a_campaign())
    looks(campaign, Step.VIEWED, 200)
    looks(campaign, Step.OPENED, 50)
    now = clock.now()
    volunteer = a_volunteer()
    a_sign_up(slot)
    a_sign_up(slot, state=SeatState.CONFIRMED, confirmed_at=now, party=3)
    here = a_sign_up(
        slot,
        state=SeatState.COMPLETED,
        confirmed_at=now,
        person_id=volunteer.person_id,
    )
    for minutes, hours_ago in ((90, 0), (30, 24)):
        came = an_attendance(here, now - timedelta(hours=hours_ago), now)
        saved(
            HourEntry(
                volunteer_id=volunteer.id,
                minutes=minutes,
                served_on=came.day,
                source="slot",
                source_ref=came.uid,
            )
        )

    page = editor.get(path(campaign))

    assert steps(page) == [200, 50, 5, 4, 1, 2]
    assert "每看 100 次页面，有 25 次打开名额" in page.text
    assert "每打开 100 次名额，有 10 人报名" in page.text
    assert "每 100 个报名的人里，有 80 人确认" in page.text
    assert "每 100 个确认的人里，有 25 人到场" in page.text
    assert "样例报名" not in page.text


def test_numbers_are_told_by_source_and_a_removed_place_keeps_its_own(editor: Browser) -> None:
    slot = a_slot(campaign := a_campaign())
    wall, gone = a_campaign_place(campaign, name="车站"), a_campaign_place(campaign, name="食堂")
    for source, count in ((wall.tag, 5), (gone.tag, 7), ("", 9)):
        looks(campaign, Step.VIEWED, count, source=source)
        a_sign_up(slot, source=source)
    editor.post(f"/manage/places/{gone.uid}/remove")

    page = editor.get(path(campaign))
    one = editor.get(path(campaign, f"?place={wall.tag}"))
    none = editor.get(path(campaign, "?place=direct"))
    made_up = editor.get(path(campaign, "?place=zzzzzzz&days=1000"))

    table = page.soup.select("table")[1]
    rows = first_cells(table)
    assert rows == {"车站": "5", "已拿掉的张贴点": "7", "没有扫码": "9"}
    assert [steps(shown)[0] for shown in (page, one, none, made_up)] == [21, 5, 9, 21]


def test_the_period_is_in_the_address(editor: Browser, set_clock: SetClock) -> None:
    slot = a_slot(campaign := a_campaign())
    for ago in (0, 6, 7, 29, 30):
        looks(campaign, Step.VIEWED, 1, day=clock.today() - ago * DAY)
        a_sign_up(slot, created_at=clock.now() - ago * DAY)

    def first(query: str) -> tuple[int, int]:
        told = steps(editor.get(path(campaign, query)))
        return told[0], told[2]

    assert first("?days=7") == (2, 2)
    assert first("") == first("?days=30") == (4, 4)
    assert first("?days=all") == (5, 5)


def test_schools_are_those_we_know_and_the_rest_is_one_line(editor: Browser) -> None:
    slot = a_slot(campaign := a_campaign())
    school = an_organisation(name="样例师范学院")
    member = a_volunteer(org_id=school.id)
    a_sign_up(slot, org_text="样例师范学院")
    a_sign_up(slot, org_text="别的写法", person_id=member.person_id)
    a_sign_up(slot, org_text="又一种写法", block_id=a_block(slot, org_id=school.id).id)
    a_sign_up(slot, org_text="没登记过的单位")

    page = editor.get(path(campaign))

    table = page.soup.select("table")[3]
    rows = first_cells(table)
    assert rows == {"样例师范学院": "3", "其他（个人，或没有登记的单位）": "1"}
    assert "没登记过的单位" not in page.text


def test_a_coordinator_sees_their_own_county_of_a_citys_campaign(
    app: Flask, browse_as: BrowseAs
) -> None:
    city = a_city()
    own, other = a_county(parent_id=city.id), a_county(parent_id=city.id)
    campaign = a_campaign(area_id=city.id)
    looks(campaign, Step.VIEWED, 100)
    for county, many in ((own, 2), (other, 5)):
        slot = a_slot(campaign, county_id=county.id)
        looks(campaign, Step.OPENED, 10 * many, area_id=county.id)
        for _turn in range(many):
            a_sign_up(slot)
    coordinator = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=own.id))
    nobody = browse_as(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))

    page = coordinator.get(path(campaign))

    assert steps(page) == [20, 2, 0, 0, 0]
    assert other.name not in page.text
    nobody.get(path(campaign), status=404)
    assert path(campaign) in str(coordinator.get("/sign-ups").soup)
    assert path(campaign) not in str(nobody.get("/sign-ups").soup)


def test_a_sign_up_that_is_forgotten_stays_in_the_sums(
    editor: Browser, set_clock: SetClock
) -> None:
    place = a_campaign_place(campaign := a_campaign())
    slot = a_slot(campaign)
    a_sign_up(slot, source=place.tag, party=2)
    before = steps(editor.get(path(campaign, "?days=all")))
    set_clock(NOON + 60 * DAY)
    expire_pending()
    expire_pending()

    assert db.session.scalars(select(SignUp)).all() == []
    member = actor_for(a_member_of_staff(Role.EDITOR))
    told = numbers(asked(campaign.uid, member), places_of(campaign.id))
    assert told.total.held == 0, "in the last thirty days nobody signed up"
    kept = db.session.scalars(select(FunnelCount)).one()
    assert (kept.step, kept.source, kept.count) == (Step.HELD, place.tag, 2)
    assert kept.day == NOON.date()
    assert before[2] == 2


def test_the_export_is_what_the_page_shows_and_is_kept(editor: Browser) -> None:
    place = a_campaign_place(campaign := a_campaign(title="一起读书"), name="车站")
    slot = a_slot(campaign)
    looks(campaign, Step.VIEWED, 12, source=place.tag)
    looks(campaign, Step.VIEWED, 30)
    made = a_sign_up(slot, source=place.tag)
    data = {"csrf_token": editor.token(), "form_key": "k" * 22}

    answer = editor.client.post(path(campaign, f"/csv?place={place.tag}&days=7"), data=data)
    book = editor.client.post(
        path(campaign, f"/xlsx?place={place.tag}&days=7"), data=data | {"form_key": "j" * 22}
    )

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["一起读书 · 最近七天 · 车站"]
    assert rows[2][:5] == ["合计", "", "12", "0", "1"]
    assert "30" not in {cell for row in rows for cell in row}
    assert read(book.data, "a.xlsx")[2][:5] == ["合计", "", "12", "0", "1"]
    for private in (made.name, made.contact, made.org_text):
        assert private not in answer.data.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    actions = db.session.scalars(select(AuditRow.action).where(AuditRow.ref == campaign.uid))
    assert list(actions) == ["export_numbers"] * 2


def test_an_empty_page_says_what_to_do_next(editor: Browser) -> None:
    campaign = a_campaign()

    page = editor.get(path(campaign))

    assert "这段时间还没有数字" in page.text
    assert f"/manage/campaigns/{campaign.uid}/places" in str(page.soup)


@pytest.mark.parametrize("many", [1, 60])
def test_many_sign_ups_cost_no_more_questions(editor: Browser, at_most: AtMost, many: int) -> None:
    slot = a_slot(campaign := a_campaign(), capacity=100)
    for number in range(many):
        place = a_campaign_place(campaign)
        looks(campaign, Step.VIEWED, 3, source=place.tag)
        a_sign_up(slot, source=place.tag, org_text=f"示例学校{number}")

    address = path(campaign)

    with at_most(8):
        editor.get(address)


def test_the_desk_of_posters_leads_to_the_numbers_of_each(editor: Browser) -> None:
    place = a_campaign_place(campaign := a_campaign())

    page = editor.get(f"/manage/campaigns/{campaign.uid}/places")

    links = [str(link["href"]) for link in page.soup.select("td a")]
    assert [one for one in links if "/numbers?" in one and f"place={place.tag}" in one]
    assert path(campaign) in str(editor.get(f"/manage/campaigns/{campaign.uid}").soup)


NUMBER = st.integers(0, 500)
ROWS = st.lists(
    st.builds(
        lambda source, county, school, many: Grouped(source, county, school, Row("", "", *many)),
        st.sampled_from(["", "abcdefg", "gone"]),
        st.sampled_from(["甲县", "乙县"]),
        st.sampled_from(["", "样例大学"]),
        st.tuples(*[NUMBER] * 6),
    )
)


@given(ROWS)
def test_the_parts_always_add_up_to_the_whole(rows: list[Grouped]) -> None:
    whole = Row("")
    for one in rows:
        whole.add(one.row)

    for by in ("source", "county", "school"):
        again = Row("")
        for row in folded(rows, by).values():
            again.add(row)
        assert again == whole


def test_a_share_needs_somebody_to_begin_with() -> None:
    assert share(1, 0) is None
    assert (share(1, 3), share(3, 2)) == (33, 150)
    assert period_of("nothing") is Period.MONTH
    assert Period.WHOLE.since(NOON.date()) is None
