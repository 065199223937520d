"""Clocks in working days: holidays stand still, makeup weekends count."""

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from places.days.queries import due_after
from places.days.rules import DayKind, due, is_worked
from places.days.services import OWN_DAYS, load

HOLIDAY, MAKEUP = DayKind.HOLIDAY, DayKind.MAKEUP_WORKDAY
SPRING_2026 = {
    **{date(2026, 2, 15) + timedelta(days=n): HOLIDAY for n in range(9)},
    date(2026, 2, 14): MAKEUP,
    date(2026, 2, 28): MAKEUP,
}


@pytest.mark.parametrize(
    ("start", "days", "kinds", "last"),
    [
        (date(2026, 11, 23), 3, {}, date(2026, 11, 26)),
        (date(2026, 11, 26), 3, {}, date(2026, 12, 1)),
        (date(2026, 11, 28), 1, {}, date(2026, 11, 30)),
        # the Friday before Spring Festival: the makeup Saturday counts, the nine days do not
        (date(2026, 2, 13), 3, SPRING_2026, date(2026, 2, 25)),
        (date(2026, 2, 13), 15, SPRING_2026, date(2026, 3, 12)),
        (date(2026, 2, 20), 1, SPRING_2026, date(2026, 2, 24)),
        (date(2026, 2, 27), 1, SPRING_2026, date(2026, 2, 28)),
        (date(2026, 11, 24), 0, {}, date(2026, 11, 24)),
    ],
)
def test_a_term_ends_on_its_last_working_day(
    start: date, days: int, kinds: dict[date, DayKind], last: date
) -> None:
    assert due(start, days, kinds) == last


@given(
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.integers(1, 60),
    st.dictionaries(
        st.dates(date(2025, 1, 1), date(2028, 6, 30)), st.sampled_from(DayKind), max_size=40
    ),
)
def test_every_term_holds_just_its_working_days(
    start: date, days: int, kinds: dict[date, DayKind]
) -> None:
    last = due(start, days, kinds)

    passed = [start + timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert sum(is_worked(day, kinds) for day in passed) == days
    assert is_worked(last, kinds)


def test_the_citys_own_calendar_is_asked(app: Flask) -> None:
    load(OWN_DAYS)

    assert due_after(date(2026, 2, 13), 3) == date(2026, 2, 25)
    assert due_after(date(2026, 9, 18), 1) == date(2026, 9, 20)
    assert due_after(date(2026, 9, 30), 3) == date(2026, 10, 10)
