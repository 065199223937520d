"""Busy times out of people's own calendars: when, never what for; whatever the file holds."""

import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from dateutil.rrule import rrule, weekday
from flask import Flask
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.db import db
from core.zone import CHINA
from tests.builders.calendars import a_busy_time
from tests.builders.people import a_person
from tests.conftest import NOON, AtMost, SetClock
from tests.test_visits_pages import Room, room
from visits.busy import services
from visits.busy.models import BusyImport, BusyTime
from visits.busy.queries import busy_of
from visits.busy.reading.rules import LARGEST, MOST_EVENTS, BadCalendar, Wrong
from visits.busy.reading.services import Found, read
from visits.busy.rules import (
    AHEAD,
    MOST_WORK,
    Frequency,
    NotUnderstood,
    Range,
    Repeat,
    _fits,
    days,
    joined,
)

__all__ = ["room"]  # the fixture of its neighbour
FIRST, LAST = NOON, NOON + AHEAD
HOUR = timedelta(hours=1)


def a_calendar(*events: str, head: str = "") -> bytes:
    inside = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{inside}END:VCALENDAR\n".encode()


def starts(content: bytes) -> list[datetime]:
    return [start for start, _end in read(content, FIRST, LAST).ranges]


def china(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA)


# --- rules of repeating --------------------------------------------------------------------

REPEATS = st.builds(
    Repeat,
    frequency=st.sampled_from(Frequency),
    interval=st.integers(1, 5),
    count=st.none() | st.integers(1, 40),
    until=st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1)),
    months=st.lists(st.integers(1, 12), max_size=3, unique=True).map(frozenset),
    month_days=st.lists(st.integers(1, 31) | st.integers(-31, -1), max_size=3, unique=True).map(
        frozenset
    ),
    weekdays=st.lists(st.tuples(st.just(0), st.integers(0, 6)), max_size=3, unique=True).map(
        frozenset
    ),
)
NTH = st.builds(
    Repeat,
    frequency=st.sampled_from([Frequency.MONTHLY, Frequency.YEARLY]),
    months=st.lists(st.integers(1, 12), max_size=2, unique=True).map(frozenset),
    weekdays=st.lists(
        st.tuples(st.sampled_from([-2, -1, 1, 2, 3, 5]), st.integers(0, 6)),
        min_size=1, max_size=3, unique=True,
    ).map(frozenset),
)  # fmt: skip
PLACED = st.builds(
    Repeat,
    frequency=st.sampled_from([Frequency.MONTHLY, Frequency.YEARLY]),
    weekdays=st.lists(
        st.tuples(st.just(0), st.integers(0, 6)), min_size=1, max_size=5, unique=True
    ).map(frozenset),
    positions=st.lists(st.sampled_from([-2, -1, 1, 2]), min_size=1, max_size=2, unique=True).map(
        frozenset
    ),
)


def by_the_library(repeat: Repeat, first: date, last: date) -> list[date]:
    """Return what dateutil finds of the same rule, up to a day."""
    until = min(repeat.until or last, last)
    rule = rrule(
        ["YEARLY", "MONTHLY", "WEEKLY", "DAILY"].index(repeat.frequency.value),
        dtstart=datetime.combine(first, datetime.min.time()),
        interval=repeat.interval,
        count=repeat.count,
        until=None if repeat.count else datetime.combine(until, datetime.min.time()),
        bymonth=repeat.months or None,
        bymonthday=repeat.month_days or None,
        byweekday=[weekday(day)(n) if n else weekday(day) for n, day in repeat.weekdays] or None,
        bysetpos=repeat.positions or None,
    )
    found = (moment.date() for moment in islice(rule, 4000))
    return [day for day in found if day <= until]


@given(REPEATS | NTH | PLACED, st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_days_are_those_that_the_library_finds(repeat: Repeat, first: date) -> None:
    impossible = repeat.month_days and all(abs(day) > 28 for day in repeat.month_days)
    assume(not impossible)
    last = first + timedelta(days=800)
    if repeat.count and repeat.until:
        repeat = Repeat(repeat.frequency, repeat.interval, repeat.count)
    assert list(days(repeat, first, last)) == by_the_library(repeat, first, last)


@given(REPEATS | NTH | PLACED, st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(0, 900))
def test_what_is_passed_by_unread_changes_no_day_after(
    repeat: Repeat, first: date, later: int
) -> None:
    since, last = first + timedelta(days=later), first + timedelta(days=1000)
    whole = [day for day in days(repeat, first, last) if day >= since]
    assert [day for day in days(repeat, first, last, since=since) if day >= since] == whole


@pytest.mark.parametrize(
    "repeat",
    [
        Repeat(Frequency.DAILY, months=frozenset({2}), month_days=frozenset({30})),
        Repeat(Frequency.YEARLY, months=frozenset({2}), month_days=frozenset({31})),
        Repeat(Frequency.MONTHLY, weekdays=frozenset({(7, 0)})),
        Repeat(Frequency.MONTHLY, positions=frozenset({400}), weekdays=frozenset({(0, 1)})),
        Repeat(Frequency.WEEKLY, interval=10**9),
        Repeat(Frequency.DAILY, count=10**12, month_days=frozenset({31}), months=frozenset({4})),
    ],
)
def test_a_day_that_never_comes_is_not_looked_for_for_ever(repeat: Repeat) -> None:
    found = list(days(repeat, date(2026, 1, 2), date(2027, 3, 1)))
    assert found in ([], [date(2026, 1, 2)])


def test_what_began_in_another_age_is_refused() -> None:
    with pytest.raises(NotUnderstood):
        list(days(Repeat(Frequency.DAILY), date(1800, 1, 1), date(2027, 1, 1)))


RANGES = st.lists(
    st.tuples(st.integers(-50, 3000), st.integers(0, 400)).map(
        lambda pair: (FIRST + pair[0] * HOUR, FIRST + (pair[0] + pair[1]) * HOUR)
    ),
    max_size=30,
)


@given(RANGES)
def test_joined_ranges_cover_the_same_hours_and_never_touch(ranges: list[Range]) -> None:
    found = joined(ranges, FIRST, LAST)
    for hour in range(0, 90 * 24, 7):
        moment = FIRST + hour * HOUR
        before = any(start <= moment < end for start, end in ranges)
        assert any(start <= moment < end for start, end in found) is before
    assert all(one[1] < other[0] for one, other in pairwise(found))
    assert all(FIRST <= start < end <= LAST for start, end in found)


# --- files ---------------------------------------------------------------------------------


def test_a_weekly_event_repeats_on_its_own_wall_clock() -> None:
    content = a_calendar(
        "UID:a\nDTSTART;TZID=Asia/Shanghai:20261102T100000\nDTEND;TZID=Asia/Shanghai:"
        "20261102T113000\nRRULE:FREQ=WEEKLY;BYDAY=MO,SA;COUNT=12\nSUMMARY:secret"
    )
    found = read(content, FIRST, LAST)
    assert [start for start, _end in found.ranges] == [
        china(11, 28), china(11, 30), china(12, 5), china(12, 7), china(12, 12),
    ]  # fmt: skip
    assert {end - start for start, end in found.ranges} == {timedelta(minutes=90)}


def test_an_exception_and_a_moved_day_are_honoured() -> None:
    weekly = (
        "UID:a\nDTSTART:20261128T020000Z\nDTEND:20261128T030000Z\nRRULE:FREQ=WEEKLY;"
        "UNTIL=20261219T020000Z\nEXDATE:20261205T020000Z"
    )
    moved = (
        "UID:a\nRECURRENCE-ID:20261212T020000Z\nDTSTART:20261213T060000Z\nDTEND:20261213T070000Z"
    )
    assert starts(a_calendar(weekly, moved)) == [china(11, 28), china(12, 13, 14), china(12, 19)]
    called_off = moved + "\nSTATUS:CANCELLED"
    assert starts(a_calendar(weekly, called_off)) == [china(11, 28), china(12, 19)]


def test_until_is_a_moment_not_a_day() -> None:
    daily = "UID:a\nDTSTART;TZID=Asia/Shanghai:20261126T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;"
    assert len(starts(a_calendar(daily + "UNTIL=20261128T000000Z"))) == 2
    assert len(starts(a_calendar(daily + "UNTIL=20261128T020000Z"))) == 3
    assert len(starts(a_calendar(daily + "UNTIL=20261128"))) == 3


def test_days_without_hours_zones_of_elsewhere_and_lists_of_dates() -> None:
    whole = "UID:a\nDTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261203"
    windows = "UID:b\nDTSTART;TZID=China Standard Time:20261210T100000\nDURATION:PT2H"
    tokyo = "UID:c\nDTSTART;TZID=Asia/Tokyo:20261211T100000\nDURATION:PT2H"
    floating = "UID:d\nDTSTART:20261212T100000\nDURATION:PT1H\nRDATE:20261213T100000"
    found = read(a_calendar(whole, windows, tokyo, floating), FIRST, LAST).ranges
    assert found[0] == (china(12, 1, 0), china(12, 3, 0))
    assert [start for start, _end in found[1:]] == [
        china(12, 10), china(12, 11, 9), china(12, 12), china(12, 13),
    ]  # fmt: skip


def test_what_takes_no_time_or_is_called_off_counts_for_nothing() -> None:
    free = "UID:a\nDTSTART:20261201T020000Z\nDTEND:20261201T030000Z\nTRANSP:TRANSPARENT"
    off = "UID:b\nDTSTART:20261202T020000Z\nDTEND:20261202T030000Z\nSTATUS:CANCELLED"
    point = "UID:c\nDTSTART:20261203T020000Z"
    past = "UID:d\nDTSTART:20251203T020000Z\nDTEND:20251203T030000Z"
    late = "UID:e\nDTSTART:20271203T020000Z\nDTEND:20271203T030000Z"
    assert starts(a_calendar(free, off, point, past, late)) == []


def test_alarms_and_zones_with_rules_of_their_own_are_not_read() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Mars\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0000\n"
        "TZOFFSETTO:+0500\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    event = (
        "UID:a\nDTSTART;TZID=Mars:20261201T100000\nDURATION:PT1H\nBEGIN:VALARM\n"
        "TRIGGER:-PT15M\nDTSTART:19000101T000000\nEND:VALARM\nX-FOLDED:one\n  two"
    )
    assert starts(a_calendar(event, head=zone)) == [china(12, 1)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY;COUNT=1000000000", "FREQ=MINUTELY", "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=YEARLY;BYWEEKNO=53", "FREQ=WEEKLY;BYDAY=2MO", "FREQ=DAILY;BYEASTER=1", "FREQ=NEVER",
        "FREQ=WEEKLY;WKST=XX", "FREQ=DAILY;BYDAY=XX",
    ],
)  # fmt: skip
def test_a_rule_that_is_not_understood_is_told_and_not_guessed(rule: str) -> None:
    odd = f"UID:a\nDTSTART:20261201T020000Z\nDURATION:PT1H\nRRULE:{rule}"
    fine = "UID:b\nDTSTART:20261202T020000Z\nDURATION:PT1H"
    found = read(a_calendar(odd, fine), FIRST, LAST)
    assert [start for start, _end in found.ranges] == [china(12, 2)]
    assert found.left_out == 1


def test_a_huge_count_costs_no_more_than_the_days_ahead() -> None:
    content = a_calendar(
        *(
            f"UID:{n}\nDTSTART:20190101T0{n % 10}0000Z\nDURATION:PT20M\nRRULE:FREQ=DAILY;COUNT="
            "999999999"
            for n in range(40)
        )
    )
    found = read(content, FIRST, LAST)
    assert 0 < len(found.ranges) <= 910
    assert found.left_out == 0


def test_what_has_counted_for_more_than_ten_years_is_told_and_what_has_ended_since_is_not() -> None:
    rule = "UID:{}\nDTSTART:20150101T020000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT={}"
    found = read(a_calendar(rule.format("a", 9999), rule.format("b", 12)), FIRST, LAST)
    assert (found.ranges, found.left_out) == ([], 1)


def test_every_birthday_of_a_large_address_book_is_read() -> None:
    birthday = "UID:{}\nDTSTART;VALUE=DATE:{}1202\nRRULE:FREQ=YEARLY"
    found = read(a_calendar(*(birthday.format(n, 1940 + n % 70) for n in range(1500))), FIRST, LAST)
    assert found == Found([(china(12, 2, 0), china(12, 3, 0))])


def _costly() -> Iterator[str]:
    nth = ",".join(f"{n}{day}" for n in range(1, 54) for day in ("MO", "TU", "WE", "TH", "FR"))
    yield f"FREQ=YEARLY;COUNT=999999;BYDAY={nth}"
    yield "FREQ=YEARLY;COUNT=9;BYMONTH=2;BYMONTHDAY=31"
    yield "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"
    places = ",".join(map(str, range(1, 366)))
    yield f"FREQ=DAILY;COUNT=999999;BYMONTHDAY=31;BYMONTH=2;BYSETPOS={places}"
    yield "FREQ=YEARLY;BYDAY=MO;BYSETPOS=400"


@pytest.mark.parametrize("rule", list(_costly()))
@pytest.mark.parametrize("year", [1, 1990, 2017, 2026])
def test_whatever_rules_ask_for_a_file_costs_a_bounded_number_of_looks(
    rule: str, year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    def fits(repeat: Repeat, first: date, day: date) -> bool:
        nonlocal looks
        looks += 1
        assert looks <= MOST_WORK, "the file goes on beyond what it may cost"
        return _fits(repeat, first, day)

    monkeypatch.setattr("visits.busy.rules._fits", fits)
    event = f"UID:{{}}\nDTSTART:{year:04}0101T020000Z\nDURATION:PT1H\nRRULE:{rule}"
    content = a_calendar(*(event.format(n) for n in range(450)))
    with suppress(BadCalendar):
        read(content, FIRST, LAST)


def test_together_rules_have_one_amount_of_work() -> None:
    event = "UID:{}\nDTSTART:20180101T020000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY;COUNT=99;BYDAY=9MO"
    assert read(a_calendar(*(event.format(n) for n in range(50))), FIRST, LAST).left_out == 0
    with pytest.raises(BadCalendar) as refusal:
        read(a_calendar(*(event.format(n) for n in range(150))), FIRST, LAST)
    assert refusal.value.wrong is Wrong.TOO_MANY


def _wrong() -> Iterator[tuple[str, bytes, Wrong]]:
    event = "UID:{}\nDTSTART:20261201T020000Z\nDURATION:PT1H"
    yield "empty", b"", Wrong.NO_CALENDAR
    yield "no calendar", b"hello", Wrong.NO_CALENDAR
    yield "a picture", b"\x89PNG\r\n\x1a\n", Wrong.NOT_UTF8
    yield (
        "GBK",
        a_calendar("UID:a").decode().replace("UID:a", "SUMMARY:开会").encode("gbk"),
        Wrong.NOT_UTF8,
    )
    yield "UTF-16", a_calendar("UID:a").decode().encode("utf-16"), Wrong.NOT_UTF8
    yield "NUL", a_calendar("UID:a\0"), Wrong.NOT_UTF8
    yield "too large", a_calendar("X:" + "x" * LARGEST), Wrong.TOO_LARGE
    yield "too deep", b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 9, Wrong.TOO_DEEP
    yield "too many", a_calendar(*(event.format(n) for n in range(MOST_EVENTS + 1))), Wrong.TOO_MANY
    yield "cut off", a_calendar("UID:a")[:-20], Wrong.BROKEN
    yield "crossed", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\nEND:VEVENT\n", Wrong.BROKEN
    yield "a line of megabytes", a_calendar("UID:" + "x" * 500_000), Wrong.BROKEN
    every_day = "UID:{}\nDTSTART:20261124T0{}0000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY"
    yield (
        "too many days",
        a_calendar(*(every_day.format(n, n % 10) for n in range(300))),
        Wrong.TOO_MANY,
    )


WRONG = {name: (content, wrong) for name, content, wrong in _wrong()}


@pytest.mark.parametrize("name", WRONG)
def test_a_hostile_file_gets_a_clear_answer(name: str) -> None:
    content, wrong = WRONG[name]
    with pytest.raises(BadCalendar) as refusal:
        read(content, FIRST, LAST)
    assert refusal.value.wrong is wrong


@given(
    st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore"))
)
def test_no_file_raises_anything_else(noise: bytes) -> None:
    for content in (noise, a_calendar(noise.decode("utf-8", "replace"))):
        try:
            found = read(content, FIRST, LAST)
        except BadCalendar:
            continue
        assert all(start < end for start, end in found.ranges)


LINES = st.lists(
    st.sampled_from([
        "UID:a", "DTSTART:20261201T020000Z", "DTSTART:x", "DTSTART;VALUE=DATE:20261201", "DTEND:",
        "DTEND:20261201T030000Z", "DURATION:PT1H", "DURATION:-P9W", "RRULE:FREQ=DAILY;COUNT=-1",
        "RRULE:FREQ=DAILY;INTERVAL=0", "RRULE:;", "RRULE:FREQ=DAILY;UNTIL=x", "EXDATE:y",
        "RDATE;VALUE=PERIOD:20261202T020000Z/PT1H", "RECURRENCE-ID:20261201T020000Z",
        "RECURRENCE-ID:z", "DTSTART:00010101T000000Z", "DTEND:99991231T235959Z",
        "DTSTART;TZID=No/Where:20261201T020000", "RRULE:FREQ=YEARLY;BYDAY=53MO;BYMONTH=13",
    ]),
    max_size=6,
)  # fmt: skip


@given(st.lists(LINES, max_size=4))
def test_no_event_raises_anything_else(events: list[list[str]]) -> None:
    found = read(a_calendar(*("\n".join(lines) for lines in events)), FIRST, LAST)
    assert found.left_out <= len(events)


# --- the page ------------------------------------------------------------------------------

OURS = a_calendar("UID:a\nDTSTART:20261128T020000Z\nDTEND:20261128T040000Z\nSUMMARY:看牙医")


def bring(room: Room, content: bytes, **sent: Any) -> Any:
    leader = room.leader
    form = leader.get("/account/busy").form("/account/busy")
    file = {"file": (io.BytesIO(content), "mine.ics")}
    return leader.post("/account/busy", form | file, **sent)


def test_a_file_is_brought_shown_replaced_and_deleted(room: Room) -> None:
    page = bring(room, OURS)
    assert "10:00" in page.text
    assert "看牙医" not in page.text
    later = a_calendar("UID:a\nDTSTART:20261205T060000Z\nDURATION:PT1H")
    page = bring(room, later)
    assert "14:00" in page.text
    assert "10:00" not in page.texts("ul.rows")[0]
    room.leader.post("/account/busy/delete")
    assert db.session.scalar(select(func.count(BusyTime.id))) == 0
    assert db.session.scalar(select(func.count(BusyImport.id))) == 0


def test_its_text_can_be_pasted_instead(room: Room) -> None:
    leader = room.leader
    form = leader.get("/account/busy").form("/account/busy")
    assert "10:00" in leader.post("/account/busy", form | {"pasted": OURS.decode()}).text
    leader.post("/account/busy", form | {"form_key": "k" * 22}, status=422)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (WRONG["GBK"][0], "UTF-8"),
        (WRONG["too many"][0], "2000"),
        (WRONG["no calendar"][0], "BEGIN:VCALENDAR"),
        (WRONG["too large"][0], "800 KB"),
    ],
)
def test_the_page_says_what_is_wrong(room: Room, content: bytes, told: str) -> None:
    bring(room, OURS)
    page = bring(room, content, status=422)
    assert told in " ".join(page.texts(".errors"))
    assert db.session.scalar(select(func.count(BusyTime.id))) == 1, "what was there stays"


def test_a_part_that_is_not_understood_is_said(room: Room) -> None:
    odd = "UID:a\nDTSTART:20261201T020000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY"
    assert "看不懂" in bring(room, a_calendar(odd)).text


def test_bringing_again_and_again_is_refused(room: Room) -> None:
    for _turn in range(services.BRINGING.most):
        bring(room, OURS)
    bring(room, OURS, status=429)


def test_a_long_list_is_walked_page_by_page(room: Room, at_most: AtMost) -> None:
    for n in range(60):
        a_busy_time(room.people[0], NOON + timedelta(hours=3 * n))
    bring(room, OURS)
    assert db.session.scalar(select(func.count(BusyTime.id))) == 1
    for n in range(60):
        a_busy_time(room.people[0], NOON + timedelta(hours=3 * n + 1))
    leader = room.leader
    with at_most(8):
        page = leader.get("/account/busy")
    (following,) = page.links("after=")
    assert len(leader.get(following).soup.select(".card ul.rows li")) == 11


# --- for whoever plans ---------------------------------------------------------------------


def test_the_planner_learns_when_and_of_whom_it_asks(app: Flask) -> None:
    one, other, third = (a_person().id for _turn in range(3))
    a_busy_time(one, NOON)
    a_busy_time(one, NOON + timedelta(hours=5))
    a_busy_time(other, NOON + timedelta(minutes=30))
    a_busy_time(third, NOON)
    found = busy_of([one, other], NOON, NOON + HOUR)
    assert [(busy.person_id, busy.starts_at, busy.ends_at) for busy in found] == [
        (one, NOON, NOON + HOUR),
        (other, NOON + HOUR / 2, NOON + HOUR * 1.5),
    ]
    assert busy_of([one], NOON + HOUR, NOON + 5 * HOUR) == (), "back to back is not busy"
    assert busy_of([], NOON, NOON + HOUR) == ()


def test_only_the_coming_weeks_are_kept(room: Room, set_clock: SetClock) -> None:
    far = a_calendar("UID:a\nDTSTART:20261101T020000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY")
    bring(room, far)
    kept = db.session.scalars(select(BusyTime.starts_at).order_by(BusyTime.starts_at)).all()
    assert len(kept) == AHEAD.days
    assert kept[-1] < NOON + AHEAD
    assert kept[0].astimezone(UTC) > NOON
