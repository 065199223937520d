"""On which days a series falls: whatever the rule, the month or the holiday."""

import itertools
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.zone import CHINA
from places.days.rules import DayKind
from visits.series.labels import rule_words
from visits.series.rules import (
    FARTHEST_SHIFT,
    HolidayPolicy,
    Pattern,
    Rhythm,
    key_of,
    moment,
    occurrences,
    rule_of,
    settled,
)

DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
TEN = time(10)


def pattern(rule: str, first: date) -> Pattern:
    return Pattern(rule, first, TEN, HolidayPolicy.SKIP)


def days(rule: str, first: date, until: date, since: date | None = None) -> list[date]:
    return [one.date() for one in occurrences(pattern(rule, first), since or first, until)]


@given(DAYS, st.sampled_from(Rhythm), st.integers(0, 400), st.integers(0, 400))
def test_a_window_holds_what_the_whole_holds_of_it(
    first: date, rhythm: Rhythm, skip: int, length: int
) -> None:
    rule, since = rule_of(rhythm, first), first + timedelta(days=skip)
    until = since + timedelta(days=length)

    whole = days(rule, first, until)
    window = days(rule, first, until, since)

    assert window == [day for day in whole if day >= since]
    assert whole == sorted(set(whole))


@given(DAYS, st.sampled_from(Rhythm))
def test_the_first_day_is_the_first_visit(first: date, rhythm: Rhythm) -> None:
    found = days(rule_of(rhythm, first), first, first + timedelta(days=70))
    last_of_month = rhythm is Rhythm.MONTHLY and first.day > 28
    assert last_of_month or found[0] == first
    assert all(day.weekday() == first.weekday() for day in found) or "date" in rhythm


@given(DAYS)
def test_each_week_and_every_other_week_keep_their_distance(first: date) -> None:
    for rhythm, apart in ((Rhythm.WEEKLY, 7), (Rhythm.FORTNIGHTLY, 14)):
        found = days(rule_of(rhythm, first), first, first + timedelta(days=90))
        assert {(later - one).days for one, later in itertools.pairwise(found)} == {apart}


def test_a_month_without_a_29th_has_no_visit_and_a_leap_year_has_one() -> None:
    found = days("FREQ=MONTHLY;BYMONTHDAY=29", date(2027, 12, 29), date(2029, 3, 31))
    assert date(2028, 2, 29) in found
    assert [day.month for day in found if day.year == 2029] == [1, 3]
    leap = days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", date(2028, 2, 29), date(2037, 1, 1))
    assert leap == [date(2028, 2, 29), date(2032, 2, 29), date(2036, 2, 29)]


def test_a_rule_without_end_ends_where_it_is_told_to() -> None:
    assert len(days("FREQ=WEEKLY;BYDAY=SA", date(2026, 11, 28), date(2027, 7, 10))) == 33
    assert days("FREQ=WEEKLY;BYDAY=SA", date(2026, 11, 28), date(2026, 11, 27)) == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY", "FREQ=SECONDLY", "", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=SA;COUNT=9",
        "FREQ=WEEKLY;INTERVAL=0;BYDAY=SA", "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY;BYDAY=SA\nRRULE:FREQ=DAILY",
        "FREQ=MONTHLY;BYDAY=5SA",
    ],
)  # fmt: skip
def test_a_rule_nobody_can_choose_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="no series"):
        pattern(rule, date(2026, 11, 28))


def test_a_time_on_the_wall_is_a_moment_in_its_zone() -> None:
    local = datetime.combine(date(2026, 11, 28), TEN)
    assert moment(local, "Asia/Shanghai") == local.replace(tzinfo=CHINA)
    assert moment(local, "Europe/Berlin") - moment(local, "Asia/Shanghai") == timedelta(hours=7)
    summer, winter = (
        moment(datetime.combine(date(2026, month, 1), TEN), "Europe/Berlin") for month in (7, 12)
    )
    assert [one.hour for one in (summer, winter)] == [10, 10]
    assert key_of(local) == "2026-11-28T10:00"


SATURDAY = datetime.combine(date(2027, 2, 6), TEN)
FEAST = {date(2027, 2, 5) + timedelta(days=n): DayKind.HOLIDAY for n in range(8)}


def test_a_holiday_is_left_out_kept_or_put_off() -> None:
    def weekend(one: datetime) -> bool:
        return one.weekday() >= 5

    assert settled(SATURDAY, HolidayPolicy.KEEP, FEAST, weekend) == SATURDAY
    assert settled(SATURDAY, HolidayPolicy.SKIP, FEAST, weekend) is None
    assert settled(SATURDAY, HolidayPolicy.SHIFT, FEAST, weekend) == SATURDAY + timedelta(days=7)
    assert settled(SATURDAY, HolidayPolicy.SHIFT, FEAST, lambda _one: False) is None
    ordinary = SATURDAY - timedelta(days=7)
    for policy in HolidayPolicy:
        assert settled(ordinary, policy, FEAST, weekend) == ordinary


@given(st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)))
def test_put_off_it_is_never_on_a_special_day_nor_far_away(
    special: set[int], fitting: set[int]
) -> None:
    kinds = {SATURDAY.date() + timedelta(days=n): DayKind.MAKEUP_WORKDAY for n in special}
    good = {SATURDAY.date() + timedelta(days=n) for n in fitting}
    found = settled(SATURDAY, HolidayPolicy.SHIFT, kinds, lambda one: one.date() in good)
    if found is not None and found != SATURDAY:
        assert found.date() in good
        assert (found - SATURDAY).days <= FARTHEST_SHIFT
    assert found is None or found.date() not in kinds


def test_every_rule_has_words() -> None:
    rules = [rule_of(rhythm, date(2027, 1, 30)) for rhythm in Rhythm]
    said = {rule_words(one) for one in [*rules, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"]}
    assert len(said) == 5
