"""Holidays, terms and examinations: kept by those who answer for them, asked by whoever plans."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core.audit import AuditRow
from core.db import db
from core.errors import NotYours, RuleBroken
from places.days.models import CalendarDay, SchoolTime
from places.days.queries import between, doubtful, stretches_of
from places.days.rules import DayKind, TimeKind, doubt
from places.days.services import OWN_DAYS, check, load
from places.models import Area
from places.rules import OrgKind
from tests.builders.calendars import a_school_time
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_city, a_county, an_organisation
from tests.builders.visits import a_calendar_day
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from visits.calendar.days import queries, services
from visits.calendar.days.actions import next_actions
from visits.calendar.days.services import Special, Stretch
from visits.limits.queries import limits_on

TERM = (date(2026, 9, 1), date(2027, 1, 20))


def a_coordinator(county: Area) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=county.id))


def the_city() -> Actor:
    return actor_for(a_member_of_staff(Role.CITY_COORDINATOR, area_id=a_city().id))


def a_stretch(county: Area, **given: object) -> Stretch:
    fields = {
        "kind": TimeKind.TERM, "whose": str(county.id), "name": "第一学期", "first_day": TERM[0],
        "last_day": TERM[1], "source": "县教育局校历", "confirmed": True,
    }  # fmt: skip
    return Stretch(**fields | given)  # type: ignore[arg-type]  # the fields are right by test


def only() -> SchoolTime:
    db.session.expire_all()
    return db.session.scalars(select(SchoolTime)).one()


# --- what the planner asks -----------------------------------------------------------------


def test_a_county_with_rows_has_its_own_and_a_university_has_others(app: Flask) -> None:
    county, neighbour = a_county(), a_county()
    school = an_organisation(OrgKind.UNIVERSITY, area=county)
    own = a_school_time(county.id, first_day=date(2026, 8, 25), last_day=date(2027, 1, 9))
    theirs = a_school_time(
        county.id, org_id=school.id, first_day=date(2026, 9, 7), last_day=date(2027, 1, 15)
    )
    a_school_time(neighbour.id)
    gone = a_school_time(
        county.id, first_day=date(2027, 2, 20), last_day=date(2027, 7, 1), removed_at=NOON
    )
    assert stretches_of(county.id)[TimeKind.TERM] == ((own.first_day, own.last_day),)
    found = stretches_of(county.id, university_id=school.id)
    assert found[TimeKind.TERM] == ((theirs.first_day, theirs.last_day),)
    assert not limits_on(NOON.date(), county.id).in_term(gone.first_day)


@pytest.mark.parametrize(
    ("own", "school", "free"),
    [
        # the county's spring begins early: autumn is still the country's
        ((date(2027, 2, 22), date(2027, 7, 2)), date(2026, 11, 26), date(2027, 7, 6)),
        # the county's autumn ends early: spring is still the country's
        ((date(2026, 8, 31), date(2027, 1, 15)), date(2027, 3, 2), date(2027, 1, 19)),
        # a term of its own in the holidays takes nothing away
        ((date(2027, 2, 1), date(2027, 2, 10)), date(2026, 11, 26), date(2027, 2, 16)),
    ],
)
def test_a_term_of_a_county_takes_the_place_of_the_one_it_overlaps_and_of_no_other(
    app: Flask, own: tuple[date, date], school: date, free: date
) -> None:
    county = a_county()
    a_school_time(county.id, first_day=own[0], last_day=own[1])
    limits = limits_on(NOON.date(), county.id)
    assert limits.in_term(own[0])
    assert limits.in_term(own[1])
    assert limits.in_term(school)
    assert not limits.in_term(free)


def test_examinations_are_no_term_and_each_has_its_own(app: Flask) -> None:
    county = a_county()
    school = an_organisation(OrgKind.UNIVERSITY, area=county)
    for org_id, first in ((None, date(2027, 1, 10)), (school.id, date(2027, 1, 4))):
        given = {"first_day": first, "last_day": date(2027, 1, 12), "kind": TimeKind.EXAMS}
        a_school_time(county.id, org_id=org_id, **given)
    own = stretches_of(county.id)
    assert own == {TimeKind.TERM: (), TimeKind.EXAMS: ((date(2027, 1, 10), date(2027, 1, 12)),)}
    theirs = stretches_of(county.id, university_id=school.id)
    assert theirs[TimeKind.EXAMS] == ((date(2027, 1, 4), date(2027, 1, 12)),)


# --- looking ahead -------------------------------------------------------------------------


def test_doubt_is_about_single_days_and_whole_years() -> None:
    today = date(2026, 11, 24)
    assert not doubt(today, {date(2026, 12, 1): True}, [2026, 2027])
    found = doubt(today, {date(2027, 1, 1): False, date(2026, 12, 1): True}, [2026])
    assert (found.days, found.years) == ((date(2027, 1, 1),), (2027,))
    assert doubt(date(2026, 3, 1), {}, [2026]).years == ()


def test_2027_works_and_warns(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    load(OWN_DAYS)
    found = doubtful()
    assert found.years == (2027,)
    assert date(2027, 1, 1) in found.days
    assert check() == len(found.days) + 1
    with app.test_request_context("/"):
        (action,) = next_actions(the_city())
        assert action.count == len(found.days) == len(queries.days_in_doubt())
        assert next_actions(a_coordinator(a_county())) == []


@pytest.mark.parametrize("day", ["2027-01-01", "2027-12-31", "2028-01-01", "2031-02-28"])
def test_nothing_crashes_when_a_year_begins_without_a_list(
    app: Flask, set_clock: SetClock, browse_as: BrowseAs, day: str
) -> None:
    load(OWN_DAYS)
    set_clock(NOON + (date.fromisoformat(day) - date(2026, 11, 24)))
    assert check() > 0
    city = browse_as(the_city().id or 0)
    page = city.get("/calendar/days")
    assert day[:4] in page.text
    city.get("/home")
    city.get("/visits/calendar")


def test_when_all_is_announced_nobody_is_asked(app: Flask) -> None:
    a_calendar_day(date(2026, 10, 1))
    a_calendar_day(date(2027, 1, 1))
    assert check() == 0
    with app.test_request_context("/"):
        assert next_actions(the_city()) == []


# --- holidays ------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["020261", "20261", "02026", "202", "٢٠٢٦", "1999", "x"])
def test_a_year_that_is_none_is_this_one(browse_as: BrowseAs, year: str) -> None:
    page = browse_as(the_city().id or 0).get(f"/calendar/days?year={year}")
    assert "2026" in page.text


def test_the_city_enters_confirms_removes_and_brings_back(app: Flask, browse_as: BrowseAs) -> None:
    city = browse_as(the_city().id or 0)
    form = city.get("/calendar/days").form("/calendar/days")
    sent = {
        "day": "2027-01-01", "kind": "holiday", "name": "元旦", "source": "国办通知",
        "confirmed": "",
    }  # fmt: skip
    page = city.post("/calendar/days?year=2027", form | sent)
    assert "元旦" in page.text
    assert "暂定" in page.text
    new_year = date(2027, 1, 1)
    assert not between(new_year, new_year)[new_year].confirmed
    city.post("/calendar/days/2027-01-01/confirm")
    db.session.expire_all()
    assert between(new_year, new_year)[new_year].confirmed
    page = city.post("/calendar/days/2027-01-01/remove")
    assert between(new_year, new_year) == {}
    assert "恢复" in page.text
    city.post("/calendar/days/2027-01-01/restore")
    assert new_year in between(new_year, new_year)
    actions = db.session.scalars(
        select(AuditRow.action).where(AuditRow.kind == "calendar_day").order_by(AuditRow.id)
    ).all()
    assert actions == ["set_day", "confirm_day", "remove_day", "restore_day"]


def test_a_day_that_is_entered_again_is_changed_and_back(app: Flask) -> None:
    day = a_calendar_day(date(2027, 2, 6), name="春节", removed_at=NOON).day
    special = Special(day, DayKind.MAKEUP_WORKDAY, "补班", "通知", confirmed=True)
    services.set_day(special, by=the_city())
    db.session.expire_all()
    found = between(day, day)[day]
    assert (found.kind, found.name) == (DayKind.MAKEUP_WORKDAY, "补班")
    assert db.session.scalar(select(func.count(CalendarDay.day))) == 1


def test_an_official_file_brings_back_what_was_taken_away(app: Flask) -> None:
    a_calendar_day(date(2026, 1, 1), removed_at=NOON)
    load(OWN_DAYS)
    db.session.expire_all()
    assert date(2026, 1, 1) in between(date(2026, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    "wrong", [{"day": "2027-02-30"}, {"day": "1027-01-01"}, {"name": ""}, {"kind": "feast"}]
)
def test_a_day_that_is_none_is_not_kept(
    app: Flask, browse_as: BrowseAs, wrong: dict[str, str]
) -> None:
    city = browse_as(the_city().id or 0)
    form = city.get("/calendar/days").form("/calendar/days")
    sent = {"day": "2027-01-01", "kind": "holiday", "name": "元旦", "source": "通知"}
    city.post("/calendar/days", form | sent | wrong, status=422)
    assert db.session.scalar(select(func.count(CalendarDay.day))) == 0
    city.post("/calendar/days/nonsense/confirm", status=404)
    city.post("/calendar/days/2027-01-01/confirm", status=404)


# --- terms and examinations ----------------------------------------------------------------


def test_a_county_enters_confirms_removes_and_brings_back(app: Flask, browse_as: BrowseAs) -> None:
    county = a_county()
    browser = browse_as(a_coordinator(county).id or 0)
    form = browser.get("/calendar/terms").form("/calendar/terms")
    sent = {
        "kind": "exams", "whose": str(county.id), "name": "期末考试", "first_day": "2027-01-10",
        "last_day": "2027-01-12", "source": "校历", "confirmed": "",
    }  # fmt: skip
    page = browser.post("/calendar/terms", form | sent)
    assert "期末考试" in page.text
    assert "暂定" in page.text
    uid = only().uid
    browser.post(f"/calendar/terms/{uid}/confirm")
    assert only().confirmed
    assert "已拿掉" in browser.post(f"/calendar/terms/{uid}/remove").text
    assert only().removed_at == NOON
    browser.post(f"/calendar/terms/{uid}/restore")
    assert only().removed_at is None
    assert db.session.scalars(
        select(AuditRow.action).where(AuditRow.ref == uid).order_by(AuditRow.id)
    ).all() == [
        "add_school_time", "confirm_school_time", "remove_school_time", "restore_school_time",
    ]  # fmt: skip


def test_everybody_keeps_only_their_own(app: Flask) -> None:
    county, neighbour = a_county(), a_county()
    school = an_organisation(OrgKind.UNIVERSITY, area=county)
    mine, theirs, city = a_coordinator(county), a_coordinator(neighbour), the_city()
    assert set(queries.whose(mine)) == {str(county.id), f"org-{school.id}"}
    assert {str(county.id), str(neighbour.id), f"org-{school.id}"} <= set(queries.whose(city))
    with pytest.raises(RuleBroken):
        services.add(a_stretch(county), by=theirs)
    services.add(a_stretch(county), by=mine)
    for act in (services.confirm, services.remove, services.restore):
        with pytest.raises(NotYours):
            act(only().uid, by=theirs)
    services.confirm(only().uid, by=city)


def test_two_terms_of_one_place_never_overlap(app: Flask) -> None:
    county = a_county()
    school = an_organisation(OrgKind.UNIVERSITY, area=county)
    me = a_coordinator(county)
    services.add(a_stretch(county), by=me)
    with pytest.raises(RuleBroken, match="第一学期"):
        services.add(a_stretch(county, first_day=TERM[1], last_day=date(2027, 7, 1)), by=me)
    services.add(a_stretch(county, kind=TimeKind.EXAMS), by=me)
    services.add(a_stretch(county, whose=f"org-{school.id}"), by=me)
    services.add(
        a_stretch(county, first_day=TERM[1] + timedelta(days=1), last_day=date(2027, 7, 1)), by=me
    )
    assert db.session.scalar(select(func.count(SchoolTime.id))) == 4


def test_what_another_has_taken_does_not_come_back(app: Flask) -> None:
    county = a_county()
    me = a_coordinator(county)
    services.add(a_stretch(county), by=me)
    uid = only().uid
    services.remove(uid, by=me)
    services.add(a_stretch(county, name="新的"), by=me)
    with pytest.raises(RuleBroken, match="新的"):
        services.restore(uid, by=me)


@pytest.mark.parametrize(
    "wrong",
    [
        {"last_day": "2027-01-09"}, {"last_day": "2027-12-31"}, {"whose": "1"}, {"first_day": "x"},
        {"source": ""},
    ],
)  # fmt: skip
def test_a_stretch_that_is_none_is_not_kept(
    app: Flask, browse_as: BrowseAs, wrong: dict[str, str]
) -> None:
    county = a_county()
    browser = browse_as(a_coordinator(county).id or 0)
    form = browser.get("/calendar/terms").form("/calendar/terms")
    sent = {
        "kind": "exams", "whose": str(county.id), "name": "期末考试", "first_day": "2027-01-10",
        "last_day": "2027-01-12", "source": "校历",
    }  # fmt: skip
    browser.post("/calendar/terms", form | sent | wrong, status=422)
    assert db.session.scalar(select(func.count(SchoolTime.id))) == 0


def test_pages_keep_their_budget(app: Flask, browse_as: BrowseAs, at_most: AtMost) -> None:
    county = a_county()
    for n in range(60):
        a_school_time(county.id, first_day=TERM[0] + timedelta(days=n))
    load(OWN_DAYS)
    city, me = browse_as(the_city().id or 0), browse_as(a_coordinator(county).id or 0)
    with at_most(8):
        city.get("/calendar/days")
    with at_most(8):
        page = me.get("/calendar/terms")
    (following,) = page.links("after=")
    assert len(page.soup.select("tbody tr")) == 50
    assert len(me.get(following).soup.select("tbody tr")) == 10


def test_the_desk_is_there_in_english(app: Flask, browse_as: BrowseAs) -> None:
    city = browse_as(the_city().id or 0)
    for path in ("/calendar/days", "/calendar/terms"):
        assert city.get(f"/en{path}").soup.select_one("html[lang=en]")
