"""Holidays and makeup workdays from a file, all of it or nothing."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from app import create_app
from core.db import db, transaction
from core.errors import RuleBroken
from places.days.models import CalendarDay
from places.days.queries import between
from places.days.rules import DayKind
from places.days.services import OWN_DAYS, expect, load
from serve import prepare
from tests.builders.visits import a_calendar_day
from tests.conftest import NOON, settings_for

pytestmark = pytest.mark.usefixtures("app")
HEAD = "day,kind,name,source,confirmed\n"
GOOD = HEAD + "2028-01-01,holiday,元旦,通知,1\n2028-01-02,makeup_workday,补班,通知,1\n"


def loaded() -> int:
    return db.session.scalar(select(func.count(CalendarDay.day))) or 0


def a_file(folder: Path, text: str | bytes) -> Path:
    file = folder / "days.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_our_own_list_has_the_official_days_and_the_expected_ones() -> None:
    assert load(OWN_DAYS) == loaded()
    days = between(date(2026, 1, 1), date(2027, 12, 31))
    official = [day for day in days.values() if day.day.year == 2026]
    expected = [day for day in days.values() if day.day.year == 2027]

    assert all(day.confirmed for day in official)
    assert not any(day.confirmed for day in expected)
    makeup = {day.day for day in official if day.kind is DayKind.MAKEUP_WORKDAY}
    assert makeup == {
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28),
        date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    }  # fmt: skip
    assert len(official) - len(makeup) == 33
    assert all(day.weekday() >= 5 for day in makeup)
    assert {date(2027, 2, 5), date(2027, 2, 6), date(2027, 10, 1)} <= {day.day for day in expected}


def test_loading_again_changes_nothing() -> None:
    first = load(OWN_DAYS)
    assert load(OWN_DAYS) == 39, "only what is announced is entered again"
    assert loaded() == first


def test_expected_days_leave_alone_what_people_did() -> None:
    a_calendar_day(date(2027, 2, 5), confirmed=False, name="除夕（改）")
    a_calendar_day(date(2027, 2, 6), confirmed=False, removed_at=NOON)
    a_calendar_day(date(2027, 2, 7), kind=DayKind.MAKEUP_WORKDAY, name="补班")
    load(OWN_DAYS)
    assert expect(OWN_DAYS) == 0
    db.session.expire_all()
    found = between(date(2027, 1, 1), date(2027, 2, 8))
    assert set(found) == {date(2027, 1, 1), date(2027, 2, 5), date(2027, 2, 7), date(2027, 2, 8)}
    assert found[date(2027, 2, 5)].name == "除夕（改）"
    assert found[date(2027, 2, 7)].kind is DayKind.MAKEUP_WORKDAY


@pytest.mark.parametrize("enter", [load, expect])
def test_a_year_that_was_announced_gets_no_expected_days(enter: Callable[[Path], int]) -> None:
    """2027-02-05 is expected, and the official list left it out."""
    a_calendar_day(date(2027, 1, 1), name="元旦")
    enter(OWN_DAYS)
    db.session.expire_all()
    (day,) = between(date(2027, 1, 1), date(2027, 12, 31)).values()
    assert day.confirmed


def test_a_later_start_fills_gaps_and_leaves_alone_what_people_did(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with create_app(settings).app_context():
        prepare(settings)
        with transaction() as session:
            session.execute(delete(CalendarDay).where(CalendarDay.day == date(2027, 1, 1)))
            gone = update(CalendarDay).where(CalendarDay.day == date(2027, 2, 6))
            session.execute(gone.values(removed_at=NOON))
        prepare(settings)
        found = between(date(2027, 1, 1), date(2027, 2, 7))
        db.session.remove()
        db.engine.dispose()
    assert set(found) == {date(2027, 1, 1), date(2027, 2, 5), date(2027, 2, 7)}


def test_only_what_is_expected_is_seeded(tmp_path: Path) -> None:
    file = a_file(tmp_path, GOOD + "2029-01-01,holiday,元旦,推算,0\n")
    assert (expect(file), expect(file)) == (1, 0)
    (day,) = between(date(2028, 1, 1), date(2029, 12, 31)).values()
    assert (day.day, day.confirmed) == (date(2029, 1, 1), False)


def test_an_official_list_takes_the_place_of_the_expected_days(tmp_path: Path) -> None:
    a_calendar_day(date(2028, 1, 3), confirmed=False)
    a_calendar_day(date(2028, 1, 1), confirmed=False, name="推算")
    a_calendar_day(date(2029, 1, 1), confirmed=False)
    assert load(a_file(tmp_path, GOOD)) == 2
    db.session.expire_all()
    found = between(date(2028, 1, 1), date(2029, 12, 31))
    assert set(found) == {date(2028, 1, 1), date(2028, 1, 2), date(2029, 1, 1)}
    assert found[date(2028, 1, 1)].name == "元旦"


def test_marks_and_line_ends_of_other_systems_are_fine(tmp_path: Path) -> None:
    text = "\ufeff" + GOOD.replace("\n", "\r\n")
    assert load(a_file(tmp_path, text)) == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("day,kind\n2028-01-01,holiday\n", 1),
        ("", 1),
        ("x" * 200_000, 0),
        (GOOD + "2028-02-30,holiday,x,y,1\n", 4),
        (GOOD + "2028-01-03,feast,x,y,1\n", 4),
        (GOOD + "2028-01-03,holiday,,y,1\n", 4),
        (GOOD + f"2028-01-03,holiday,{'长' * 41},y,1\n", 4),
        (GOOD + "2028-01-03,holiday,x,y,yes\n", 4),
        (GOOD + "2028-01-01,holiday,x,y,1\n", 4),
        (GOOD + "2028-01-03,holiday\n", 4),
        (GOOD + "2028-01-03,holiday,x\0,y,1\n", 4),
        (GOOD.encode() + "2028-01-03,holiday,节,y,1\n".encode("gb18030"), 4),
        (GOOD + '2028-01-03,"holiday"x,y,z,1\n', 4),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_loaded(
    tmp_path: Path, text: str | bytes, line: int
) -> None:
    with pytest.raises(RuleBroken, match=f"第 {line} 行"):
        load(a_file(tmp_path, text))
    assert loaded() == 0


def test_the_command_loads_or_says_why_not(app: Flask, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    done = runner.invoke(args=["visits", "days", "load"])
    assert (done.exit_code, done.output) == (0, "loaded 52 days\n")
    failed = runner.invoke(args=["visits", "days", "load", str(a_file(tmp_path, HEAD + "x\n"))])
    assert failed.exit_code == 1
    assert "第 2 行" in failed.output
    assert runner.invoke(args=["visits", "sweep"]).output == "looked after 0 visits\n"
