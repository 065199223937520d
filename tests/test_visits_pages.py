"""What each person finds on the pages of visits, and what they are told when something is wrong."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import delete, func, select

from accounts.queries import actor_for
from accounts.rules import Role
from children.models import Child
from core import clock
from core.audit import AuditRow
from core.db import db, transaction
from pairings.models import Pairing
from pairings.rules import EndReason, Stage
from places.days.rules import DayKind
from places.models import Area
from tests.browser import Browser
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.visits import (
    LASTS,
    SATURDAY,
    a_calendar_day,
    a_visit,
    an_escort,
    members_of,
    the_code,
)
from tests.conftest import BrowseAs, SetClock
from tests.factories import CANARY, a_number
from visits import services
from visits.labels import number
from visits.models import Party, Visit
from visits.rules import CancelReason, PlaceKind, State

pytestmark = pytest.mark.usefixtures("app")


class Room:
    """A pairing with a visit on Saturday and everybody around it, each with a browser."""

    def __init__(self, browse_as: BrowseAs, **given: Any) -> None:
        self.pairing: Pairing = a_pairing(stage=Stage.ACTIVE)
        self.phone = f"154{a_number():08}"
        self.escort_id = an_escort(self.pairing, name="陪同样例", phone=self.phone)
        self.visit = a_visit(self.pairing, escort_id=self.escort_id, **given)
        self.browse_as = browse_as
        self.people = [person_id for person_id, _volunteer_id in members_of(self.pairing)]
        self.alias = db.session.get_one(Child, self.pairing.child_id).alias
        self.url = f"/visits/{self.visit.uid}"

    @property
    def leader(self) -> Browser:
        return self.browse_as(self.people[0])

    @property
    def other(self) -> Browser:
        return self.browse_as(self.people[1])

    @property
    def escort(self) -> Browser:
        return self.browse_as(self.escort_id)

    def staff(self, role: Role, area_id: int | None = None) -> Browser:
        return self.browse_as(a_member_of_staff(role, area_id=area_id or self.pairing.county_id))

    @property
    def coordinator(self) -> Browser:
        return self.staff(Role.COORDINATOR)

    def name_of(self, area_id: int | None) -> str:
        return db.session.get_one(Area, area_id).name

    def now(self) -> Visit:
        db.session.expire_all()
        return db.session.get_one(Visit, self.visit.id)


@pytest.fixture
def room(browse_as: BrowseAs) -> Room:
    return Room(browse_as)


def filled(room: Room, **changed: Any) -> dict[str, Any]:
    """Return a plan form as the leader's browser sends it, for a Saturday that is free."""
    return {
        "day": "2026-12-12",
        "start": "10:00",
        "minutes": "90",
        "place_kind": "station",
        "place_text": "工作站二楼活动室",
        "escort": str(room.escort_id),
        "members": [str(person) for person in room.people],
    } | changed


def visits() -> int:
    return db.session.scalar(select(func.count(Visit.id))) or 0


# --- who sees what -------------------------------------------------------------------------

SHOWN = {
    SATURDAY - timedelta(hours=49): (False, False),
    SATURDAY - timedelta(hours=47): (True, False),
    SATURDAY - timedelta(hours=1): (True, True),
    SATURDAY + LASTS + timedelta(hours=12, minutes=31): (True, False),
    SATURDAY + LASTS + timedelta(hours=25): (False, False),
}


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (SATURDAY - timedelta(hours=48) - SECOND, False),
        (SATURDAY - timedelta(hours=48), True),
        (SATURDAY + LASTS + timedelta(hours=24), True),
        (SATURDAY + LASTS + timedelta(hours=24) + SECOND, False),
    ],
)
def test_each_look_inside_48_hours_before_and_24_after_is_kept_with_its_visit(
    room: Room, set_clock: SetClock, moment: datetime, *, shown: bool
) -> None:
    set_clock(moment)
    assert ("活动室" in room.other.get(room.url).text) is shown
    looks = db.session.scalars(select(AuditRow).where(AuditRow.action == "child_seen")).all()
    assert [(one.actor_id, one.reason, one.fields) for one in looks] == [
        (room.people[1], f"visit/{number(room.visit.id)}", ["place_text", "township_id"])
    ] * shown


def test_the_childs_log_names_the_visit(room: Room, set_clock: SetClock) -> None:
    set_clock(SATURDAY)
    room.other.get(room.url)
    child = db.session.get_one(Child, room.pairing.child_id)
    log = room.coordinator.get(f"/children/{child.uid}/access")
    assert f"走访 {number(room.visit.id)}" in log.text


def test_one_of_the_team_who_does_not_take_part_does_not_learn_where(
    room: Room, set_clock: SetClock
) -> None:
    set_clock(SATURDAY)
    with transaction() as session:
        theirs = (Party.visit_id == room.visit.id, Party.person_id == room.people[1])
        session.execute(delete(Party).where(*theirs))
    page = room.other.get(room.url)
    assert "活动室" not in page.text
    assert room.phone not in page.text


@pytest.mark.parametrize("moment", SHOWN)
def test_volunteers_see_where_to_meet_around_the_visit_only(
    room: Room, set_clock: SetClock, moment: datetime
) -> None:
    set_clock(moment)
    page = room.other.get(room.url)
    place, township = SHOWN[moment]
    assert room.alias in page.text
    assert ("活动室" in page.text) is place
    assert (room.phone in page.text) is place
    assert (room.name_of(room.pairing.township_id) in page.text) is township
    assert room.name_of(room.pairing.village_id) not in page.text
    assert the_code(room.visit) not in page.text.replace(" ", "")


def test_staff_of_the_place_see_all_but_the_code(room: Room, set_clock: SetClock) -> None:
    services.confirm(room.visit.uid, by=actor_for(room.escort_id))
    set_clock(SATURDAY)
    for browser in (
        room.staff(Role.CHILD_SUPERVISOR, room.pairing.township_id),
        room.staff(Role.CHILD_DIRECTOR, room.pairing.village_id),
        room.staff(Role.SAFEGUARDING_LEAD),
    ):
        page = browser.get(room.url)
        assert "活动室" in page.text
        assert room.name_of(room.pairing.township_id) in page.text
        assert not page.texts(".code-big")


def test_only_who_receives_people_opens_the_code_by_itself(room: Room, set_clock: SetClock) -> None:
    services.confirm(room.visit.uid, by=actor_for(room.escort_id))
    set_clock(SATURDAY)
    here = f"{room.url}/code"
    room.staff(Role.CHILD_DIRECTOR, room.pairing.village_id).get(here, status=404)
    room.leader.get(here, status=403)
    Room(room.browse_as).coordinator.get(here, status=404)


def test_paper_names_the_day_in_full(room: Room, set_clock: SetClock) -> None:
    set_clock(room.visit.starts_at - timedelta(hours=1))

    page = room.leader.get(room.url)

    assert page.texts("b.no-print") == ["今天 10:00–11:30"]
    assert page.texts("b.print-only") == ["2026年11月28日 周六 10:00–11:30"]


def test_escort_and_coordinator_read_out_the_code_from_half_an_hour_before(
    room: Room, set_clock: SetClock
) -> None:
    services.confirm(room.visit.uid, by=actor_for(room.escort_id))
    set_clock(SATURDAY - timedelta(minutes=31))
    assert not room.escort.get(room.url).texts(".code-big")
    set_clock(SATURDAY - timedelta(minutes=30) + timedelta(seconds=18))
    code = the_code(room.visit)
    for browser in (room.escort, room.coordinator):
        page = browser.get(room.url)
        assert page.texts(".code-big") == [f"{code[:3]} {code[3:]}"]
        assert "还有 42 秒" in page.text
        large = browser.get(f"{room.url}/code")
        assert large.texts(".code-huge") == [f"{code[:3]} {code[3:]}"]
        assert large.soup.select(".qr svg")
        assert large.soup.select_one("noscript meta[content='42']")
        assert code not in large.url
        assert room.alias not in large.text


def test_volunteers_of_an_ended_pairing_no_longer_see_the_child(
    room: Room, set_clock: SetClock
) -> None:
    set_clock(SATURDAY)
    with transaction() as session:
        ended = session.get_one(Pairing, room.pairing.id)
        ended.stage, ended.ended_at = Stage.ENDED, clock.now()
        ended.end_reason = EndReason.CHILD_SAYS_NO
    for url in (room.url, "/visits"):
        page = room.leader.get(url)
        assert room.alias not in page.text
        assert "活动室" not in page.text
        assert page.links(f"/pairings/{room.pairing.uid}") == []


@pytest.mark.parametrize("path", ["", ".ics", "/move", "/cancel"])
def test_neighbours_and_strangers_find_no_visit(room: Room, visitor: Browser, path: str) -> None:
    stranger = Room(room.browse_as)
    for browser in (stranger.leader, stranger.coordinator):
        browser.get(room.url + path, status=404)
    visitor.get(room.url + path, status=302)
    room.staff(Role.EDITOR).get(room.url + path, status=403)
    room.coordinator.get("/visits/" + "A" * 22 + path, status=404)


def test_a_member_moves_and_cancels_nothing(room: Room) -> None:
    room.other.get(f"{room.url}/move", status=403)
    room.other.get(f"{room.url}/cancel", status=403)
    director = room.staff(Role.CHILD_DIRECTOR, room.pairing.village_id)
    director.get(f"{room.url}/cancel", status=404)
    director.post(f"{room.url}/confirm", {"place_ready": "y", "guardian_agreed": "y"}, status=404)


# --- planning ------------------------------------------------------------------------------


def test_the_leader_plans_from_the_pairing(room: Room) -> None:
    here = f"/pairings/{room.pairing.uid}/visits/new"
    page = room.leader.get(here)
    assert "接下来哪些天可以" in page.text
    done = room.leader.post(here, filled(room))
    assert "走访已安排" in done.text
    assert visits() == 2


def test_the_same_form_twice_is_one_visit(room: Room) -> None:
    here = f"/pairings/{room.pairing.uid}/visits/new"
    leader, form = room.leader, filled(room) | {"form_key": "k" * 22}
    assert leader.post(here, form).url == leader.post(here, form).url
    assert visits() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": ""}, "day"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": "9999-12-31"}, "day"),
        ({"day": "0001-01-01"}, "day"),
        ({"day": "2026-11-24"}, "day"),
        ({"day": "2026-11-29"}, "day"),
        ({"day": "2026-12-07"}, "day"),
        ({"day": "2026-11-30"}, "start"),
        ({"start": "03:00"}, "start"),
        ({"start": "17:45", "day": "2026-12-12"}, "start"),
        ({"minutes": "5"}, "minutes"),
        ({"minutes": "ninety"}, "minutes"),
        ({"place_kind": "hotel"}, "place_kind"),
        ({"place_text": ""}, "place_text"),
        ({"place_text": "长" * 81}, "place_text"),
        ({"place_text": "a\x00b"}, "place_text"),
        ({"place_text": "联系 13800138000"}, "place_text"),
        ({"place_kind": "home"}, "home_agreed"),
        ({"escort": ""}, "escort"),
        ({"escort": "999999"}, "escort"),
        ({"escort": "9" * 40}, "escort"),
        ({"members": []}, "members"),
        ({"members": ["999999"]}, "members"),
        ({"members": ["one"]}, "members"),
    ],
)
def test_what_is_wrong_with_a_plan_stands_beside_its_field(
    room: Room, wrong: dict[str, Any], field: str
) -> None:
    here = f"/pairings/{room.pairing.uid}/visits/new"
    page = room.leader.post(here, filled(room) | wrong, status=422)
    assert page.soup.select_one(f"#{field}-wrong"), page.errors
    assert visits() == 1


def test_full_width_digits_and_emoji_are_fine(room: Room) -> None:
    here = f"/pairings/{room.pairing.uid}/visits/new"
    form = filled(room, day="２０２６-１２-１２", place_text="图书角🙂")
    room.leader.post(here, form)
    assert visits() == 2


def test_home_is_planned_with_the_guardians_yes(room: Room) -> None:
    here = f"/pairings/{room.pairing.uid}/visits/new"
    room.leader.post(here, filled(room, place_kind="home", home_agreed="y"))
    newest = db.session.scalars(select(Visit).order_by(Visit.id.desc())).first()
    assert newest is not None
    assert (newest.place_kind, newest.guardian_agreed) == (PlaceKind.HOME, True)


def test_a_reason_that_belongs_to_no_field_stands_on_top(room: Room) -> None:
    with transaction() as session:
        session.get_one(Pairing, room.pairing.id).stage = Stage.PAUSED
    here = f"/pairings/{room.pairing.uid}/visits/new"
    page = room.leader.post(here, filled(room), status=422)
    assert any("现在不能安排走访" in error for error in page.errors)


def test_days_that_are_not_open_say_why(room: Room) -> None:
    a_calendar_day(date(2026, 12, 12), DayKind.MAKEUP_WORKDAY)
    a_calendar_day(date(2026, 12, 9), DayKind.HOLIDAY, confirmed=False)
    text = room.leader.get(f"/pairings/{room.pairing.uid}/visits/new").text
    assert "补班" in text
    assert "（暂定）" in text
    assert "至少隔 7 天" in text
    assert "08:30–16:30" in text


def test_without_an_escort_the_page_says_whom_to_ask(room: Room) -> None:
    moved = a_pairing(stage=Stage.SCHEDULED_INTRO)
    coordinator = room.browse_as(a_member_of_staff(Role.COORDINATOR, area_id=moved.county_id))
    with transaction() as session:
        session.get_one(Pairing, moved.id).township_id = a_county().id
    assert "请先联系县级协调员" in coordinator.get(f"/pairings/{moved.uid}/visits/new").text


def test_moving_shows_the_plan_and_changes_it(room: Room) -> None:
    here = f"{room.url}/move"
    page = room.leader.get(here)
    form = page.form("/move")
    assert (form["day"], form["version"]) == ("2026-11-28", "1")
    room.leader.post(here, filled(room) | {"version": form["version"]})
    assert room.now().starts_at == datetime(2026, 12, 12, 2, 0, tzinfo=UTC)
    page = room.leader.post(here, filled(room, day="2026-12-19") | {"version": "1"}, status=422)
    assert any("刚刚有变动" in error for error in page.errors)


def test_the_coordinator_plans_and_the_neighbour_does_not(room: Room) -> None:
    here = f"/pairings/{room.pairing.uid}/visits/new"
    room.coordinator.get(here)
    Room(room.browse_as).coordinator.get(here, status=404)
    room.other.get(here, status=403)


# --- confirming, calling off ---------------------------------------------------------------


def test_the_escort_ticks_both_or_nothing_is_confirmed(room: Room) -> None:
    page = room.escort.post(f"{room.url}/confirm", {"place_ready": "y"}, status=422)
    assert page.errors
    assert room.now().state is State.PLANNED
    room.escort.post(f"{room.url}/confirm", {"place_ready": "y", "guardian_agreed": "y"})
    assert room.now().state is State.CONFIRMED


def test_a_second_confirmation_is_told_that_nothing_waits(room: Room) -> None:
    both = {"place_ready": "y", "guardian_agreed": "y"}
    room.escort.post(f"{room.url}/confirm", both)
    for sent, told in ((both, "已不是待确认状态"), ({}, "请")):
        assert told in room.escort.post(f"{room.url}/confirm", sent, status=409).text


def test_a_code_sent_when_nobody_asks_for_it_is_answered_with_the_reason(room: Room) -> None:
    page = room.leader.post(f"{room.url}/check-in", {"code": the_code(room.visit)}, status=409)
    assert "签到" in page.text


def test_a_text_that_names_nobody_checks_nobody_in_or_out(room: Room) -> None:
    for verb in ("check-in", "check-out"):
        for who in ("x", "", "９９９９９９", str(2**63)):
            room.escort.post(f"{room.url}/{verb}", {"who": who}, status=404)


def test_somebody_who_left_the_team_is_refused_in_the_readers_language(room: Room) -> None:
    stranger = str(a_member_of_staff(Role.EDITOR, area_id=None))
    page = room.leader.post(
        f"/pairings/{room.pairing.uid}/visits/new",
        filled(room, members=[stranger]),
        status=422,
    )
    assert any("请从列表里选" in error for error in page.errors)


def test_a_reason_is_needed_to_call_a_visit_off(room: Room) -> None:
    here = f"{room.url}/cancel"
    for wrong in ({}, {"reason": "bored"}, {"reason": CancelReason.CONSENT_WITHDRAWN.value}):
        assert room.leader.post(here, wrong, status=422).errors
    page = room.escort.post(here, {"reason": "weather"})
    assert "天气或路况不安全" in page.text
    assert room.now().state is State.CANCELLED
    assert room.leader.post(here, {"reason": "weather"}, status=422).errors


# --- on the day ----------------------------------------------------------------------------


def test_a_visit_day_from_check_in_to_check_out(browse_as: BrowseAs, set_clock: SetClock) -> None:
    room = Room(browse_as, state=State.CONFIRMED)
    set_clock(SATURDAY)
    leader, escort = room.leader, room.escort
    assert "签到" in leader.get(room.url).texts("button")
    code = the_code(room.visit)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in f"{code[:3]} {code[3:]}".replace(" ", ""))
    leader.post(f"{room.url}/check-in", {"code": f"{wide[:3]} {wide[3:]}"})
    leader.post(f"{room.url}/check-in", {"code": code}, status=409)
    for form in escort.get(room.url).soup.select("form[action$=check-in]"):
        who = form.select_one("[name=who]")
        assert who is not None
        escort.post(f"{room.url}/check-in", {"who": who["value"]})
    assert room.now().state is State.IN_PROGRESS
    set_clock(SATURDAY + LASTS)
    # signed in anew: an hour and a half has passed
    own = "form[action$=check-out]:has(.accent) [name=who]"
    (mine,) = room.escort.get(room.url).soup.select(own)
    room.escort.post(f"{room.url}/check-out", {"who": mine["value"]})
    for person_id in room.people:
        browse_as(person_id).post(f"{room.url}/check-out", {"code": the_code(room.visit)})
    assert room.now().state is State.COMPLETED
    assert "写记录" in leader.get(room.url).text


@pytest.mark.parametrize("code", ["", "000000", "a\x00", "9" * 300, "🙂", "24681O"])
def test_a_wrong_code_is_told_beside_its_field(
    browse_as: BrowseAs, set_clock: SetClock, code: str
) -> None:
    room = Room(browse_as, state=State.CONFIRMED)
    set_clock(SATURDAY)
    page = room.leader.post(f"{room.url}/check-in", {"code": code}, status=422)
    assert page.errors
    assert not db.session.scalars(select(Party).where(Party.checked_in_at.is_not(None))).all()


def test_checking_in_somebody_of_another_visit_is_not_found(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    room, other = Room(browse_as, state=State.CONFIRMED), Room(browse_as, state=State.CONFIRMED)
    set_clock(SATURDAY)
    theirs = db.session.scalars(select(Party.id).where(Party.visit_id == other.visit.id)).first()
    for who in (theirs, "9" * 40):
        room.escort.post(f"{room.url}/check-in", {"who": str(who)}, status=404)
    room.leader.post(f"{room.url}/check-out", status=409)


# --- the calendar file ---------------------------------------------------------------------


def test_the_calendar_file_says_when_and_nothing_of_the_child(room: Room) -> None:
    body = room.other.client.get(f"{room.url}.ics")
    assert body.mimetype == "text/calendar"
    text = body.get_data(as_text=True)
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert event.decoded("dtstart") == SATURDAY.astimezone(UTC)
    assert event["summary"] == "童行走访"
    assert event["uid"] == f"visit-{room.visit.uid}@localhost"
    assert event["sequence"] == 1
    assert event["status"] == "TENTATIVE"
    for private in (room.alias, room.name_of(room.pairing.township_id), "活动室", CANARY, "陪同"):
        assert private not in text


def test_a_change_raises_the_sequence_and_keeps_the_name(room: Room) -> None:
    services.cancel(room.visit.uid, CancelReason.WEATHER, by=actor_for(room.people[0]))
    text = room.other.client.get(f"{room.url}.ics").get_data(as_text=True)
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert (event["sequence"], event["status"]) == (2, "CANCELLED")
