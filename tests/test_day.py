"""On the day: who has come and who has left, noted once by whoever may, and nobody else."""

import re
from collections.abc import Iterator, MutableMapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from campaigns.models import Campaign, Slot
from campaigns.rules import SlotKind, SlotRole, Stage, Timing
from campaigns.seats.rules import SeatState
from campaigns.signups.day.closing.services import sweep
from campaigns.signups.day.codes import queries as codes
from campaigns.signups.day.models import Attendance
from campaigns.signups.day.rules import (
    MOST_MINUTES,
    Hours,
    Move,
    Place,
    code_of,
    opens,
    served,
)
from campaigns.signups.day.services import Times, enter_times, note, note_by_code
from campaigns.signups.models import SignUp
from core import clock, logs
from core.audit import AuditRow
from core.db import db
from core.errors import NotYours, RuleBroken
from core.zone import CHINA
from tests.browser import Browser
from tests.builders.campaigns import a_campaign, a_sign_up, a_slot, a_slot_of_today
from tests.builders.people import a_member_of_staff
from tests.builders.volunteers import an_active_volunteer
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.races import ENGINES, at_once, site_on
from volunteers.hours.models import HourEntry
from volunteers.models import Volunteer

KEY = b"k" * 32
MINUTE = timedelta(minutes=1)


def a_coordinator(slot: Slot) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=slot.county_id))


def a_seat(slot: Slot, **given: Any) -> SignUp:
    return a_sign_up(slot, state=SeatState.CONFIRMED, **given)


def a_seat_of(slot: Slot) -> tuple[SignUp, Volunteer]:
    volunteer = an_active_volunteer()
    return a_seat(slot, person_id=volunteer.person_id), volunteer


def a_leader(slot: Slot, **given: object) -> Actor:
    """Somebody with a confirmed seat in the leaders' slot of the same activity, day and place."""
    fields = {"role": SlotRole.LEADER, "starts_on": slot.starts_on, "ends_on": slot.ends_on}
    of = {"kind": SlotKind.GROUP_ACTIVITY, "timing": Timing.FIXED}
    campaign = db.session.get_one(Campaign, slot.campaign_id)
    _seat, volunteer = a_seat_of(a_slot(campaign, **{**of, **fields, **given}))
    return actor_for(volunteer.person_id)


def state(one: SignUp) -> SeatState:
    db.session.expire_all()
    return db.session.get_one(SignUp, one.id).state


def came(one: SignUp) -> tuple[datetime, datetime | None] | None:
    """When somebody came and left, on the one day of a slot."""
    db.session.expire_all()
    found = db.session.scalars(select(Attendance).where(Attendance.sign_up_id == one.id)).first()
    return (found.arrived_at, found.left_at) if found else None


@pytest.fixture
def warnings(app: Flask) -> Iterator[list[MutableMapping[str, Any]]]:
    """What a site writes into its log that is worth a look."""
    logs.configure("warning")
    with capture_logs() as lines:
        yield lines
    logs.configure("error")


# --- the rules ------------------------------------------------------------------------------------


def test_a_code_stands_for_its_minute_and_the_one_after() -> None:
    typed = code_of(KEY, "slot", int(NOON.timestamp()) // 60)

    assert re.fullmatch(r"\d{6}", typed)
    assert [opens(typed, KEY, "slot", NOON + n * MINUTE) for n in (-1, 0, 1, 2)] == [
        False, True, True, False,
    ]  # fmt: skip


@given(st.text(min_size=1), st.integers(0, 10**8))
def test_the_code_of_one_slot_opens_no_other(uid: str, step: int) -> None:
    moment = datetime.fromtimestamp(step * 60, CHINA)
    own = code_of(KEY, uid, step)
    others = {code_of(KEY, f"{uid}{n}", one) for n in range(3) for one in (step, step - 1)}

    assert opens(own, KEY, uid, moment)
    assert opens(own, KEY, f"{uid}0", moment) == (own in {
        code_of(KEY, f"{uid}0", one) for one in (step, step - 1)
    })  # fmt: skip
    assert others - {own}


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "一二三四五六", "\ud800"])
def test_what_is_no_code_opens_nothing(typed: str) -> None:
    assert not opens(typed, KEY, "slot", NOON)


def test_late_is_after_the_hour_and_nobody_is_late_without_one() -> None:
    day = date(2026, 11, 24)
    fixed = Hours(day, day, 600, 960, Timing.FIXED)
    window = Hours(day, day, 0, 1440, Timing.WINDOW)
    ten = datetime(2026, 11, 24, 10, tzinfo=CHINA)

    assert fixed.place(SeatState.CONFIRMED, day, ten) is Place.DUE
    assert fixed.place(SeatState.CONFIRMED, day, ten + MINUTE) is Place.LATE
    assert fixed.place(SeatState.CONFIRMED, day, ten + 480 * MINUTE) is Place.ABSENT
    assert window.place(SeatState.CONFIRMED, day, ten + 600 * MINUTE) is Place.DUE
    assert window.place(SeatState.CONFIRMED, day, ten + 840 * MINUTE) is Place.ABSENT
    assert fixed.place(SeatState.ARRIVED, day, ten + MINUTE) is Place.HERE


def test_no_day_has_more_than_twelve_hours() -> None:
    assert served(NOON, NOON + 90 * MINUTE) == 90
    assert served(NOON, NOON + timedelta(days=3)) == MOST_MINUTES


# --- the board ------------------------------------------------------------------------------------


def test_the_coordinator_notes_who_comes_and_who_leaves(browse_as: BrowseAs, app: Flask) -> None:
    slot = a_slot_of_today()
    here, late = a_seat(slot, phone="15400002222", party=1), a_seat(slot)
    me = a_coordinator(slot)
    browser = browse_as(me.id or 0)

    page = browser.get(f"/slots/{slot.uid}/day")
    assert page.texts(".figure") == ["0还没到", "2迟到", "0在场", "0已离开", "0没有到场"]
    assert "15400002222" in page.text
    page = browser.post(f"/slots/{slot.uid}/day/{here.uid}/arrived", {})
    assert page.texts(".figure")[1:3] == ["1迟到", "1在场"]
    assert "撤回“到了”" in page.text
    browser.post(f"/slots/{slot.uid}/day/{here.uid}/left", {})

    assert (state(here), state(late)) == (SeatState.COMPLETED, SeatState.CONFIRMED)
    told = db.session.execute(select(AuditRow.action, AuditRow.fields, AuditRow.ref)).all()
    assert [tuple(row) for row in told][-2:] == [
        ("arrived", ["state", "arrived_at"], here.uid),
        ("left", ["state", "left_at"], here.uid),
    ]


def test_the_leader_of_the_same_day_sees_the_board_without_phones(
    browse_as: BrowseAs, app: Flask
) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot, phone="15400002222")
    browser = browse_as(a_leader(slot).id or 0)

    page = browser.get(f"/slots/{slot.uid}/day")
    assert one.name in page.text
    assert "15400002222" not in page.html
    assert "补登" not in page.text
    browser.get(f"/slots/{slot.uid}/day/{one.uid}/times", status=403)
    assert "15400002222" not in browser.get(f"/slots/{slot.uid}/day/paper").html
    browser.post(f"/slots/{slot.uid}/day/{one.uid}/arrived", {})

    assert state(one) is SeatState.ARRIVED


@pytest.mark.parametrize(
    "given",
    [
        {"role": SlotRole.HELPER},
        {"place": "另一个地方"},
        {"starts_on": NOON.date() - timedelta(days=1)},
        {"title": "另一个活动"},
    ],
)
def test_whoever_leads_elsewhere_or_leads_nobody_finds_nothing(
    browse_as: BrowseAs, app: Flask, given: dict[str, object]
) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot)
    browser = browse_as(a_leader(slot, **given).id or 0)

    browser.get(f"/slots/{slot.uid}/day?who={one.uid}", status=404)
    browser.post(f"/slots/{slot.uid}/day/{one.uid}/arrived", {}, status=404, follow=False)

    assert state(one) is SeatState.CONFIRMED


def test_a_leader_sees_nobody_three_days_later(set_clock: SetClock, browse_as: BrowseAs) -> None:
    slot = a_slot_of_today()
    leader = a_leader(slot)

    set_clock(NOON + timedelta(days=2))
    browse_as(leader.id or 0).get(f"/slots/{slot.uid}/day")
    set_clock(NOON + timedelta(days=3))
    browse_as(leader.id or 0).get(f"/slots/{slot.uid}/day", status=404)


def test_a_personal_code_leads_to_the_row_and_another_slots_to_none(
    browse_as: BrowseAs, warnings: list[MutableMapping[str, Any]]
) -> None:
    slot = a_slot_of_today()
    one, (own, volunteer) = a_seat(slot), a_seat_of(slot)
    stranger = a_seat(a_slot_of_today())
    browser = browse_as(a_coordinator(slot).id or 0)

    page = browser.get(f"/slots/{slot.uid}/day?who={one.uid}")
    assert one.name in page.texts("section.tinted")[0]
    page = browser.get(f"/slots/{slot.uid}/day?who={stranger.uid}")
    assert [line["slot"] for line in warnings if line["event"] == "day row refused"] == [slot.uid]
    assert "这个二维码不是这个名额的" in page.text
    assert stranger.name not in page.text
    browser.post(f"/slots/{slot.uid}/day/{stranger.uid}/arrived", {}, status=404, follow=False)
    browse_as(volunteer.person_id).get(f"/slots/{slot.uid}/day?who={own.uid}", status=404)

    assert (state(one), state(stranger)) == (SeatState.CONFIRMED, SeatState.CONFIRMED)


def test_a_press_is_taken_back_within_ten_minutes(set_clock: SetClock, app: Flask) -> None:
    slot = a_slot_of_today()
    one, me = a_seat(slot), a_coordinator(slot)
    for move in (Move.ARRIVED, Move.LEFT, Move.NOT_LEFT, Move.NOT_ARRIVED, Move.NOT_ARRIVED):
        note(slot.uid, one.uid, move, by=me)
    assert state(one) is SeatState.CONFIRMED
    assert came(one) is None

    note(slot.uid, one.uid, Move.ARRIVED, by=me)
    set_clock(NOON + timedelta(minutes=10))
    with pytest.raises(RuleBroken, match="不能撤回"):
        note(slot.uid, one.uid, Move.NOT_ARRIVED, by=me)

    assert state(one) is SeatState.ARRIVED


def test_nobody_leaves_who_has_not_come(app: Flask) -> None:
    slot = a_slot_of_today()
    one, me = a_seat(slot), a_coordinator(slot)

    with pytest.raises(RuleBroken):
        note(slot.uid, one.uid, Move.LEFT, by=me)

    assert (state(one), came(one)) == (SeatState.CONFIRMED, None)


@pytest.mark.parametrize("held", [SeatState.HELD, SeatState.CANCELLED])
def test_whoever_has_no_seat_is_not_noted(app: Flask, held: SeatState) -> None:
    slot = a_slot_of_today()
    one = a_sign_up(slot, state=held)

    with pytest.raises(RuleBroken):
        note(slot.uid, one.uid, Move.ARRIVED, by=a_coordinator(slot))

    assert state(one) is held


def test_visits_whose_days_are_agreed_have_no_board(browse_as: BrowseAs, app: Flask) -> None:
    slot = a_slot_of_today(kind=SlotKind.PAIRING_VISITS, timing=Timing.WINDOW)
    one, volunteer = a_seat_of(slot)
    browser = browse_as(volunteer.person_id)

    assert not browser.get("/my/sign-ups").links("/day")
    check_in(browser, one, code_now(slot), status=422)
    with pytest.raises(RuleBroken, match="当天"):
        note(slot.uid, one.uid, Move.ARRIVED, by=a_coordinator(slot))

    assert state(one) is SeatState.CONFIRMED


@pytest.mark.parametrize(
    ("days", "stage"), [(-1, Stage.RUNNING), (1, Stage.RUNNING), (0, Stage.ARCHIVED)]
)
def test_only_the_day_of_a_running_campaign_is_noted(
    set_clock: SetClock, app: Flask, days: int, stage: Stage
) -> None:
    slot = a_slot_of_today(a_campaign(stage=stage))
    one, me = a_seat(slot), a_coordinator(slot)
    set_clock(NOON + timedelta(days=days))

    with pytest.raises(RuleBroken, match="当天"):
        note(slot.uid, one.uid, Move.ARRIVED, by=me)

    assert state(one) is SeatState.CONFIRMED


def test_a_board_is_read_in_a_few_questions(
    browse_as: BrowseAs, app: Flask, at_most: AtMost
) -> None:
    slot = a_slot_of_today(capacity=80)
    for _turn in range(60):
        a_seat(slot)
    browser = browse_as(a_coordinator(slot).id or 0)
    browser.get(f"/slots/{slot.uid}/day")

    with at_most(9):
        page = browser.get(f"/slots/{slot.uid}/day")

    assert len(page.texts("ul.roll.rows li")) == 50
    assert page.links("after=")


def test_todays_board_waits_for_whoever_coordinates_or_leads(
    browse_as: BrowseAs, app: Flask
) -> None:
    slot = a_slot_of_today()
    neighbour = a_slot_of_today()
    browser = browse_as(a_coordinator(slot).id or 0)

    assert "今天的签到板" in browser.get("/home").text
    links = browser.get("/slots/today").links("/day")
    assert any(slot.uid in link for link in links)
    assert not any(neighbour.uid in link for link in links)
    leaders = browse_as(a_leader(slot).id or 0).get("/slots/today").links("/day")
    assert any(slot.uid in link for link in leaders)
    plain = browse_as(an_active_volunteer().person_id).get("/slots/today")
    assert plain.links("/day") == []


# --- the code -------------------------------------------------------------------------------------


def code_now(slot: Slot) -> str:
    return code_of(codes.key(), slot.uid, int(clock.now().timestamp()) // 60)


def check_in(
    browser: Browser, one: SignUp, code: str, move: str = "arrived", status: int = 302
) -> str:
    sent = {"code": code, "move": move}
    return browser.post(f"/my/sign-ups/{one.uid}/day", sent, status=status, follow=False).text


def test_somebody_checks_in_and_out_with_the_code_on_the_board(
    browse_as: BrowseAs, app: Flask
) -> None:
    slot = a_slot_of_today()
    one, volunteer = a_seat_of(slot)
    board = browse_as(a_coordinator(slot).id or 0).get(f"/slots/{slot.uid}/day")
    shown = board.texts(".code-big")[0].replace(" ", "")
    browser = browse_as(volunteer.person_id)
    assert f"/my/sign-ups/{one.uid}/day" in browser.get("/my/sign-ups").links("/day")

    check_in(browser, one, shown)
    assert state(one) is SeatState.ARRIVED
    check_in(browser, one, shown, "arrived")
    assert state(one) is SeatState.ARRIVED
    check_in(browser, one, shown, "left")

    assert state(one) is SeatState.COMPLETED


def test_another_slots_code_and_another_persons_seat_open_nothing(
    browse_as: BrowseAs, warnings: list[MutableMapping[str, Any]]
) -> None:
    slot, other = a_slot_of_today(), a_slot_of_today()
    one, volunteer = a_seat_of(slot)
    theirs = a_seat(slot)
    browser = browse_as(volunteer.person_id)

    assert "签到码不对" in check_in(browser, one, code_now(other), status=422)
    (line,) = (line for line in warnings if line["event"] == "day code refused")
    assert (line["sign_up"], line["person"]) == (one.uid, volunteer.person_id)
    check_in(browser, theirs, code_now(slot), status=404)

    assert (state(one), state(theirs)) == (SeatState.CONFIRMED, SeatState.CONFIRMED)
    assert came(one) is None


def test_the_code_on_paper_of_yesterday_opens_nothing(set_clock: SetClock, app: Flask) -> None:
    slot = a_slot_of_today()
    one, volunteer = a_seat_of(slot)
    old = code_now(slot)
    set_clock(NOON + 2 * MINUTE)

    with pytest.raises(RuleBroken, match="签到码不对"):
        note_by_code(one.uid, old, Move.ARRIVED, by=actor_for(volunteer.person_id))

    assert state(one) is SeatState.CONFIRMED


def test_ten_wrong_codes_in_five_minutes_are_enough(
    browse_as: BrowseAs, app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_today()
    one, volunteer = a_seat_of(slot)
    wrong = str((int(code_now(slot)) + 1) % 10**6).zfill(6)
    browser = browse_as(volunteer.person_id)
    for _turn in range(10):
        check_in(browser, one, wrong, status=422)

    check_in(browser, one, code_now(slot), status=429)
    assert state(one) is SeatState.CONFIRMED
    set_clock(NOON + timedelta(seconds=301))
    check_in(browser, one, code_now(slot))

    assert state(one) is SeatState.ARRIVED


def test_no_code_takes_anything_back(browse_as: BrowseAs, app: Flask) -> None:
    slot = a_slot_of_today()
    one, volunteer = a_seat_of(slot)
    browser = browse_as(volunteer.person_id)
    check_in(browser, one, code_now(slot))

    check_in(browser, one, code_now(slot), "not_arrived", status=422)

    assert state(one) is SeatState.ARRIVED


# --- on paper -------------------------------------------------------------------------------------


def test_the_list_on_paper_has_a_square_code_and_boxes_for_everybody(
    browse_as: BrowseAs, app: Flask
) -> None:
    slot = a_slot_of_today()
    for _turn in range(3):
        a_seat(slot, phone=f"1540000333{_turn}")

    page = browse_as(a_coordinator(slot).id or 0).get(f"/slots/{slot.uid}/day/paper")

    assert len(page.soup.select("tbody img.qr[src^='data:image/svg+xml']")) == 3
    assert page.text.count("□") == 6
    assert "15400003331" in page.text


def test_times_from_paper_are_entered_afterwards(
    browse_as: BrowseAs, app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot)
    me = a_coordinator(slot)
    set_clock(NOON + timedelta(days=1))
    sweep()
    assert state(one) is SeatState.NO_SHOW
    browser = browse_as(me.id or 0)
    url = f"/slots/{slot.uid}/day/{one.uid}/times"
    sent = browser.get(url).form("/times")
    assert sent["day"] == "2026-11-24"

    page = browser.post(url, sent | {"arrived": "15:00", "left": "14:00"}, status=422)
    assert "离开要晚于到场" in page.text
    browser.post(url, sent | {"day": "2026-11-23", "arrived": "10:00", "left": "15:00"}, status=422)
    assert state(one) is SeatState.NO_SHOW
    browser.post(url, sent | {"arrived": "10:05", "left": "15:10"})

    assert state(one) is SeatState.COMPLETED
    assert came(one) == (
        datetime(2026, 11, 24, 10, 5, tzinfo=CHINA),
        datetime(2026, 11, 24, 15, 10, tzinfo=CHINA),
    )


def test_a_neighbour_enters_no_times(app: Flask) -> None:
    slot = a_slot_of_today()
    one = a_seat(slot)
    times = Times(NOON - timedelta(hours=1), NOON)

    with pytest.raises(NotYours):
        enter_times(slot.uid, one.uid, times, by=a_coordinator(a_slot_of_today()))
    with pytest.raises(NotYours):
        enter_times(slot.uid, one.uid, times, by=a_leader(slot))

    assert state(one) is SeatState.CONFIRMED


# --- what follows ---------------------------------------------------------------------------------


def test_whoever_has_not_come_is_absent_two_hours_after_the_end(
    app: Flask, set_clock: SetClock
) -> None:
    slot, window = a_slot_of_today(), a_slot_of_today(timing=Timing.WINDOW)
    one, here, other = a_seat(slot), a_seat(slot), a_seat(window)
    note(slot.uid, here.uid, Move.ARRIVED, by=a_coordinator(slot))
    ends_at = datetime(2026, 11, 24, 16, tzinfo=CHINA)

    set_clock(ends_at + timedelta(hours=2) - MINUTE)
    assert sweep()[0] == 0
    set_clock(ends_at + timedelta(hours=2))
    assert [sweep()[0], sweep()[0]] == [1, 0]

    assert [state(one), state(here), state(other)] == [
        SeatState.NO_SHOW, SeatState.ARRIVED, SeatState.CONFIRMED,
    ]  # fmt: skip


def test_minutes_of_a_group_activity_are_credited_once(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot_of_today()
    one, volunteer = a_seat_of(slot)
    me = a_coordinator(slot)
    note(slot.uid, one.uid, Move.ARRIVED, by=me)
    set_clock(NOON + 95 * MINUTE)
    note(slot.uid, one.uid, Move.LEFT, by=me)
    assert sweep()[1] == 0, "the press can still be taken back"

    set_clock(NOON + 105 * MINUTE)
    assert [sweep()[1], sweep()[1]] == [1, 0]

    entry = db.session.scalars(select(HourEntry)).one()
    assert (entry.volunteer_id, entry.minutes, entry.source) == (volunteer.id, 95, "slot")
    day = db.session.scalars(select(Attendance)).one()
    assert (day.sign_up_id, entry.source_ref) == (one.id, day.uid)
    assert entry.served_on == date(2026, 11, 24)


def test_pairing_visits_are_credited_by_their_records_alone(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_today(kind=SlotKind.PAIRING_VISITS)
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)
    for move in (Move.ARRIVED, Move.LEFT):
        note(slot.uid, one.uid, move, by=me)

    set_clock(NOON + timedelta(hours=1))

    assert sweep()[1] == 0
    assert db.session.scalars(select(HourEntry)).all() == []


@pytest.mark.parametrize("engine", ENGINES)
def test_two_who_press_at_once_note_it_once(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with site_on(engine, request, tmp_path) as app:
        slot = a_slot_of_today()
        one, me = a_seat(slot), a_coordinator(slot)
        uid, who = slot.uid, one.uid

        for move in (Move.ARRIVED, Move.LEFT):
            press = [lambda move=move: note(uid, who, move, by=me)] * 4
            assert at_once(app, *press) == [None] * 4

        actions = db.session.scalars(
            select(AuditRow.action).where(AuditRow.ref == who).order_by(AuditRow.id)
        ).all()
        assert actions == ["arrived", "left"]
