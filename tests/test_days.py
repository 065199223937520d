"""A slot of several days: each has its own board, arrivals, code, sheet and hours."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from app import create_app
from campaigns.models import Slot
from campaigns.numbers.models import DayCount
from campaigns.rules import Measure, Timing
from campaigns.seats.rules import SeatState
from campaigns.signups.day.closing.services import credit_served, sweep
from campaigns.signups.day.codes import queries as codes
from campaigns.signups.day.models import Attendance
from campaigns.signups.day.rules import Move, code_of, opens, step_of, valid_until
from campaigns.signups.day.services import Times, enter_times, note
from campaigns.signups.models import SignUp
from core import clock
from core.audit import AuditRow
from core.db import db
from core.errors import NotYours, RuleBroken
from core.fences import everything
from core.zone import CHINA
from rights.copies.queries import everything as copy_of
from tests.builders.campaigns import a_sign_up, a_slot_of_today, an_attendance
from tests.builders.people import a_member_of_staff
from tests.builders.volunteers import an_active_volunteer
from tests.conftest import NOON, BrowseAs, SetClock, settings_for
from tests.races import ENGINES, at_once, site_on
from volunteers.hours.models import HourEntry
from volunteers.hours.queries import total
from volunteers.models import Volunteer

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TODAY = date(2026, 11, 24)
ROOT = Path(__file__).parent.parent


def a_slot_of_days(days: int = 5, **given: Any) -> Slot:
    """Return a slot that began yesterday and lasts so many days, at no fixed hours."""
    fields: dict[str, Any] = {
        "timing": Timing.WINDOW,
        "starts_on": TODAY - DAY,
        "ends_on": TODAY + (days - 2) * DAY,
        "from_minute": 0,
        "until_minute": 1440,
    }
    return a_slot_of_today(**fields | given)


def a_seat_of(slot: Slot, **given: Any) -> tuple[SignUp, Volunteer]:
    volunteer = an_active_volunteer()
    fields: dict[str, Any] = {"state": SeatState.CONFIRMED, "confirmed_at": NOON - 3 * DAY}
    return a_sign_up(slot, person_id=volunteer.person_id, **fields | given), volunteer


def a_coordinator(slot: Slot) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=slot.county_id))


def state(one: SignUp) -> SeatState:
    db.session.expire_all()
    return db.session.get_one(SignUp, one.id).state


def days_of(one: SignUp) -> list[tuple[date, datetime, datetime | None]]:
    db.session.expire_all()
    rows = db.session.scalars(
        select(Attendance).where(Attendance.sign_up_id == one.id).order_by(Attendance.day)
    )
    return [(row.day, row.arrived_at, row.left_at) for row in rows]


def come(slot: Slot, one: SignUp, me: Actor, at: datetime, hours: int, clock_: SetClock) -> None:
    """Press that somebody came, and some hours later that they left."""
    clock_(at)
    note(slot.uid, one.uid, Move.ARRIVED, by=me)
    clock_(at + hours * HOUR)
    note(slot.uid, one.uid, Move.LEFT, by=me)


# --- arrivals -------------------------------------------------------------------------------------


def test_each_day_has_its_own_arrival_and_leaving(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot_of_days()
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)

    come(slot, one, me, NOON - DAY, 2, set_clock)
    assert state(one) is SeatState.ARRIVED, "there are days to come"
    come(slot, one, me, NOON + DAY, 3, set_clock)

    assert days_of(one) == [
        (TODAY - DAY, NOON - DAY, NOON - DAY + 2 * HOUR),
        (TODAY + DAY, NOON + DAY, NOON + DAY + 3 * HOUR),
    ]
    assert state(one) is SeatState.ARRIVED


def test_nobody_comes_twice_on_a_day_and_nobody_leaves_yesterday(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_days()
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)
    set_clock(NOON - DAY)
    note(slot.uid, one.uid, Move.ARRIVED, by=me)

    set_clock(NOON)
    with pytest.raises(RuleBroken):
        note(slot.uid, one.uid, Move.LEFT, by=me)
    come(slot, one, me, NOON, 1, set_clock)
    with pytest.raises(RuleBroken):
        note(slot.uid, one.uid, Move.ARRIVED, by=me)

    assert days_of(one) == [
        (TODAY - DAY, NOON - DAY, None),
        (TODAY, NOON, NOON + HOUR),
    ]


def test_a_press_is_taken_back_day_by_day(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot_of_days()
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)
    come(slot, one, me, NOON - DAY, 2, set_clock)
    yesterday = days_of(one)

    set_clock(NOON)
    for move in (Move.ARRIVED, Move.LEFT, Move.NOT_LEFT, Move.NOT_ARRIVED, Move.NOT_ARRIVED):
        note(slot.uid, one.uid, move, by=me)

    assert days_of(one) == yesterday
    assert state(one) is SeatState.ARRIVED, "they did come yesterday"
    note(slot.uid, one.uid, Move.ARRIVED, by=me)
    set_clock(NOON + 10 * MINUTE)
    with pytest.raises(RuleBroken, match="不能撤回"):
        note(slot.uid, one.uid, Move.NOT_ARRIVED, by=me)


def test_who_takes_the_only_day_back_is_only_expected_again(app: Flask) -> None:
    slot = a_slot_of_days()
    one, _volunteer = a_seat_of(slot)
    for move in (Move.ARRIVED, Move.NOT_ARRIVED):
        note(slot.uid, one.uid, move, by=a_coordinator(slot))

    assert (state(one), days_of(one)) == (SeatState.CONFIRMED, [])


def test_a_press_on_yesterdays_page_notes_nothing(browse_as: BrowseAs, set_clock: SetClock) -> None:
    slot = a_slot_of_days()
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)
    page = browse_as(me.id or 0).get(f"/slots/{slot.uid}/day")
    action = next(
        str(form["action"]) for form in page.soup.select("form") if "arrived" in form["action"]
    )
    set_clock(NOON + DAY)

    browse_as(me.id or 0).post(action, {}, status=409, follow=False)
    assert days_of(one) == []
    with pytest.raises(NotYours):
        note(slot.uid, one.uid, Move.ARRIVED, by=me, day=TODAY + 9 * DAY)


# --- the end --------------------------------------------------------------------------------------


def test_leaving_on_the_last_day_completes_and_its_undo_does_not(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_days(2)
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)

    come(slot, one, me, NOON, 1, set_clock)
    assert state(one) is SeatState.COMPLETED
    note(slot.uid, one.uid, Move.NOT_LEFT, by=me)

    assert state(one) is SeatState.ARRIVED


def test_times_of_before_entered_on_the_last_day_do_not_end_it(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_days(2)
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)

    enter_times(slot.uid, one.uid, Times(NOON - DAY, NOON - DAY + HOUR), by=me)
    assert state(one) is SeatState.ARRIVED

    note(slot.uid, one.uid, Move.ARRIVED, by=me)
    set_clock(NOON + HOUR)
    note(slot.uid, one.uid, Move.LEFT, by=me)
    assert state(one) is SeatState.COMPLETED


def test_when_the_slot_is_over_whoever_came_is_through(app: Flask, set_clock: SetClock) -> None:
    """Not who is still noted as here: somebody has to say when they left."""
    slot = a_slot_of_days(3)
    fixed = a_slot_of_days(3, timing=Timing.FIXED, from_minute=600, until_minute=960)
    whole, unfinished, never = (a_seat_of(slot)[0] for _turn in range(3))
    absent, there = (a_seat_of(fixed)[0] for _turn in range(2))
    me, other = a_coordinator(slot), a_coordinator(fixed)
    come(slot, whole, me, NOON - DAY, 2, set_clock)
    come(fixed, there, other, NOON - DAY, 2, set_clock)
    set_clock(NOON)
    note(slot.uid, unfinished.uid, Move.ARRIVED, by=me)
    end = datetime(2026, 11, 26, tzinfo=CHINA)
    set_clock(end + 2 * HOUR - MINUTE)
    assert sweep()[2] == 1, "the fixed one was over at four"
    set_clock(end + 2 * HOUR)
    assert [sweep()[2], sweep()[2]] == [1, 0]

    assert [state(one) for one in (whole, unfinished, never)] == [
        SeatState.COMPLETED, SeatState.ARRIVED, SeatState.CONFIRMED,
    ]  # fmt: skip
    assert [state(absent), state(there)] == [SeatState.NO_SHOW, SeatState.COMPLETED]
    told = db.session.scalars(select(AuditRow.action).where(AuditRow.ref == whole.uid)).all()
    assert told[-1] == "complete_sign_up"
    left = NOON + 3 * HOUR
    enter_times(slot.uid, unfinished.uid, Times(NOON, left), by=me)
    assert days_of(unfinished) == [(TODAY, NOON, left)]
    assert state(unfinished) is SeatState.COMPLETED


# --- boards, codes and sheets ---------------------------------------------------------------------


def test_the_board_is_todays_and_every_other_day_has_its_own(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    slot = a_slot_of_days()
    (one, _v), (other, _w) = a_seat_of(slot), a_seat_of(slot, party=1)
    late, _x = a_seat_of(slot, confirmed_at=NOON - HOUR)
    me = a_coordinator(slot)
    come(slot, one, me, NOON - DAY, 2, set_clock)
    set_clock(NOON)
    note(slot.uid, other.uid, Move.ARRIVED, by=me)
    browser, url = browse_as(me.id or 0), f"/slots/{slot.uid}/day"

    page = browser.get(url)
    assert page.texts(".figure") == ["2还没到", "0迟到", "1在场", "0已离开", "0没有到场"]
    assert page.texts(".code-big")
    yesterday = browser.get(page.links("day=2026-11-23")[0])
    assert yesterday.texts(".figure") == ["0还没到", "0迟到", "0在场", "1已离开", "1没有到场"]
    assert "12:00 到" in yesterday.text
    assert late.name not in yesterday.text, "who joined today was not expected yesterday"
    assert not yesterday.texts(".code-big")
    assert "到了" not in yesterday.texts("ul.roll button")
    tomorrow = browser.get(f"{url}?day=2026-11-25")
    assert tomorrow.texts(".figure")[0] == "3还没到"
    for wrong in ("2026-11-22", "2026-11-28", "yesterday"):
        browser.get(f"{url}?day={wrong}", status=404)


def test_each_day_has_a_sheet_whose_squares_lead_to_its_own_board(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    slot = a_slot_of_days()
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)
    come(slot, one, me, NOON - DAY, 2, set_clock)
    set_clock(NOON)
    browser = browse_as(me.id or 0)

    sheets = [
        browser.get(f"/slots/{slot.uid}/day/paper?day={day}") for day in ("2026-11-23", TODAY)
    ]

    assert [page.text.count("□") for page in sheets] == [0, 2]
    squares = {str(page.soup.select("tbody img.qr")[0]["src"]) for page in sheets}
    assert len(squares) == 2
    page = browser.get(f"/slots/{slot.uid}/day?who={one.uid}&day=2026-11-23")
    assert "12:00 到" in page.texts("section.tinted")[0]


def test_no_code_of_yesterday_opens_today(app: Flask) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=CHINA)
    before, key = midnight - MINUTE, b"k" * 32
    typed = code_of(key, "slot", step_of(before))

    assert opens(typed, key, "slot", before)
    assert not opens(typed, key, "slot", midnight)
    assert valid_until(before) == midnight
    assert valid_until(midnight) == midnight + 2 * MINUTE


def test_somebody_checks_in_on_two_days_and_sees_both(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    slot = a_slot_of_days()
    one, volunteer = a_seat_of(slot)
    url = f"/my/sign-ups/{one.uid}/day"

    for at in (NOON, NOON + DAY):
        set_clock(at)
        browser = browse_as(volunteer.person_id)
        assert url in browser.get("/my/sign-ups").links("/day")
        for move in ("arrived", "left"):
            code = code_of(codes.key(), slot.uid, step_of(clock.now()))
            browser.post(url, {"code": code, "move": move}, status=302, follow=False)

    assert [day for day, _arrived, _left in days_of(one)] == [TODAY, TODAY + DAY]
    page = browser.get(url)
    assert len(page.soup.select("main tbody tr")) == 2
    assert "今天辛苦了" in page.text


def test_times_are_entered_for_the_day_they_are_of(browse_as: BrowseAs, app: Flask) -> None:
    slot = a_slot_of_days()
    one, _volunteer = a_seat_of(slot)
    browser = browse_as(a_coordinator(slot).id or 0)
    url = f"/slots/{slot.uid}/day/{one.uid}/times?day=2026-11-23"
    sent = browser.get(url).form("/times")
    assert sent["day"] == "2026-11-23"

    page = browser.post(url, sent | {"arrived": "10:05", "left": "15:10"})

    assert "15:10 走" in page.text
    assert [day for day, _arrived, _left in days_of(one)] == [TODAY - DAY]
    assert state(one) is SeatState.ARRIVED
    sent = browser.get(url).form("/times") | {"arrived": "9:00", "left": "11:00"}
    assert "已经登记过" in browser.post(url, sent, status=422).text
    page = browser.post(url, sent | {"day": "2026-11-25"}, status=422)
    assert "现在不能补登" in page.text
    page = browser.post(url, sent | {"day": "2026-11-22"}, status=422)
    assert "日期不在这个名额的日子里" in page.text
    assert len(days_of(one)) == 1


def test_times_of_thirty_days_ago_are_too_late(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot_of_days(60)
    one, _volunteer = a_seat_of(slot)
    me = a_coordinator(slot)

    set_clock(NOON + 30 * DAY)
    with pytest.raises(RuleBroken, match="30 天"):
        enter_times(slot.uid, one.uid, Times(NOON - DAY, NOON - DAY + HOUR), by=me)
    enter_times(slot.uid, one.uid, Times(NOON, NOON + HOUR), by=me)

    assert len(days_of(one)) == 1


# --- hours ----------------------------------------------------------------------------------------


def public_minutes() -> dict[date, int]:
    db.session.expire_all()
    rows = db.session.scalars(select(DayCount).where(DayCount.measure == Measure.MINUTES))
    return {row.day: row.count for row in rows}


def test_the_days_minutes_add_up_once_for_the_volunteer_and_the_campaign(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_days()
    one, volunteer = a_seat_of(slot)
    me = a_coordinator(slot)
    for at, hours in ((NOON - DAY, 2), (NOON, 3)):
        come(slot, one, me, at, hours, set_clock)
        assert credit_served() == 0, "the press can still be taken back"
        set_clock(clock.now() + 10 * MINUTE)
        assert [credit_served(), credit_served()] == [1, 0]

    assert public_minutes() == {TODAY - DAY: 120, TODAY: 180}
    entries = db.session.scalars(select(HourEntry).order_by(HourEntry.served_on)).all()
    assert [(row.served_on, row.minutes) for row in entries] == [
        (TODAY - DAY, 120), (TODAY, 180),
    ]  # fmt: skip
    assert {row.volunteer_id for row in entries} == {volunteer.id}
    set_clock(NOON + 10 * DAY)
    assert sweep() == (0, 0, 1)


@pytest.mark.parametrize("engine", ENGINES)
def test_however_many_look_at_once_a_day_is_noted_and_credited_once(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, set_clock: SetClock
) -> None:
    with site_on(engine, request, tmp_path) as app:
        slot = a_slot_of_days()
        one, _volunteer = a_seat_of(slot)
        me, uid, who = a_coordinator(slot), slot.uid, one.uid
        for turn, at in enumerate((NOON - DAY, NOON)):
            for move, later in ((Move.ARRIVED, 0), (Move.LEFT, 60)):
                set_clock(at + later * MINUTE)
                press = [lambda move=move: note(uid, who, move, by=me)] * 4
                assert at_once(app, *press) == [None] * 4
            set_clock(at + 80 * MINUTE)
            assert at_once(app, *[credit_served] * 4) == [None] * 4
            assert len(days_of(one)) == turn + 1

        assert public_minutes() == {TODAY - DAY: 60, TODAY: 60}
        assert len(db.session.scalars(select(HourEntry)).all()) == 2


def test_a_copy_of_ones_data_has_every_day(app: Flask, set_clock: SetClock) -> None:
    slot = a_slot_of_days()
    one, volunteer = a_seat_of(slot)
    me = a_coordinator(slot)
    for at in (NOON - DAY, NOON):
        come(slot, one, me, at, 1, set_clock)

    (days,) = (part for part in copy_of(volunteer.person_id) if part.key == "attendances")

    assert [row[1:] for row in days.rows] == [
        (TODAY, NOON, NOON + HOUR), (TODAY - DAY, NOON - DAY, NOON - DAY + HOUR),
    ]  # fmt: skip


# --- rows of before -------------------------------------------------------------------------------


def _before_days() -> str:
    """Return the step before the one that made days, wherever it stands in the chain."""
    step = ScriptDirectory(str(ROOT / "migrations")).get_revision("0026")
    return str(step.down_revision)


@pytest.mark.parametrize("engine", ENGINES)
def test_arrivals_of_before_become_days_and_are_not_credited_again(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, set_clock: SetClock
) -> None:
    given = {}
    if engine == "postgresql":
        given["database_url"] = request.getfixturevalue("postgres_url")
    app = create_app(settings_for(tmp_path, **given))
    migrations = str(ROOT / "migrations")
    evening = datetime(2026, 11, 23, 17, 30, tzinfo=CHINA) - 17 * HOUR  # half past midnight
    with app.app_context(), everything():
        upgrade(migrations)
        slot = a_slot_of_days()
        one, volunteer = a_seat_of(slot, state=SeatState.COMPLETED)
        here, _other = a_seat_of(slot, state=SeatState.ARRIVED)
        set_clock(NOON)
        an_attendance(one, evening, evening + HOUR)
        an_attendance(one, NOON - HOUR, NOON - HOUR / 2)
        an_attendance(here, NOON, None)
        assert credit_served() == 2
        one_id, uid, here_id, volunteer_id = one.id, one.uid, here.id, volunteer.id
        db.session.remove()

        downgrade(migrations, revision=_before_days())
        read = text("SELECT arrived_at IS NULL, left_at IS NULL FROM sign_ups ORDER BY id")
        with db.engine.connect() as connection:
            assert [[bool(cell) for cell in row] for row in connection.execute(read)] == [
                [False, False], [False, True],
            ]  # fmt: skip
        db.session.remove()
        upgrade(migrations)

        rows = {row.sign_up_id: row for row in db.session.scalars(select(Attendance))}
        assert (rows[one_id].uid, rows[one_id].day) == (uid, TODAY - DAY)
        assert (rows[one_id].arrived_at, rows[one_id].left_at) == (evening, NOON - HOUR / 2)
        assert (rows[here_id].arrived_at, rows[here_id].left_at) == (NOON, None)
        set_clock(NOON + HOUR)
        assert credit_served() == 0
        assert total(volunteer_id) == 90
        db.session.remove()
        db.engine.dispose()
