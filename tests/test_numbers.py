"""What is counted, and what of it may be published."""

from datetime import timedelta
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from campaigns.numbers.models import DayCount
from campaigns.numbers.queries import by_county, figures
from campaigns.numbers.services import count, recount
from campaigns.rules import (
    SMALLEST_CELL,
    Measure,
    Table,
    publishable,
    publishable_total,
    rounded,
)
from campaigns.seats.rules import SeatState
from campaigns.signups.day.closing.services import credit_served
from core.db import db, transaction
from core.parameters import ParameterValue
from tests.builders.campaigns import (
    a_campaign,
    a_count,
    a_sign_up,
    a_slot,
    a_slot_of_today,
    an_attendance,
)
from tests.builders.people import a_person
from tests.builders.places import a_county
from tests.builders.volunteers import an_active_volunteer
from tests.conftest import NOON, SetClock
from tests.factories import saved

TODAY = NOON.date()
Read = tuple[tuple[int | None, ...], int | None]
counts = st.dictionaries(st.integers(1, 20), st.integers(0, 300), min_size=1, max_size=15)


def told(table: Table) -> Read:
    """Return all that somebody reads in a table."""
    return tuple(cell.shown for _area, cell in sorted(table.cells.items())), table.total.shown


@given(counts)
def test_no_shown_number_is_small_or_exact(given_counts: dict[int, int]) -> None:
    table = publishable(given_counts)

    for area, cell in table.cells.items():
        if cell.shown is not None:
            assert given_counts[area] >= SMALLEST_CELL
            assert cell.shown == rounded(given_counts[area])


@given(
    st.lists(st.integers(0, SMALLEST_CELL - 1), min_size=1, max_size=8),
    st.lists(st.integers(0, SMALLEST_CELL - 1), min_size=8, max_size=8),
    st.lists(st.integers(SMALLEST_CELL, 300), min_size=2, max_size=8),
)
def test_a_small_count_may_be_any_small_count(
    small: list[int], others: list[int], larger: list[int]
) -> None:
    """Whatever the small counts are, a table that shows anything reads the same."""
    table = publishable(dict(enumerate(small + larger)))
    changed = publishable(dict(enumerate(others[: len(small)] + larger)))

    assert any(cell.shown for cell in table.cells.values())
    assert told(changed) == told(table)


@given(counts)
def test_a_small_count_is_never_hidden_alone(given_counts: dict[int, int]) -> None:
    hidden = [area for area, cell in publishable(given_counts).cells.items() if cell.shown is None]

    assert len(hidden) != 1 or len(given_counts) == 1


@given(st.dictionaries(st.integers(1, 20), st.integers(SMALLEST_CELL, 300), min_size=1))
def test_a_table_without_small_counts_hides_nothing(given_counts: dict[int, int]) -> None:
    table = publishable(given_counts)

    assert all(cell.shown for cell in table.cells.values())
    assert table.total == publishable_total(sum(given_counts.values()))


@pytest.mark.parametrize(("areas", "most"), [(1, 30), (2, 40), (3, 32)])
def test_who_knows_the_rule_and_the_table_still_knows_no_small_count(areas: int, most: int) -> None:
    """Turn the rule round: whatever is read, a hidden count may be anything from 0 to 9 at least.

    Every table up to a size is tried; those near its edge have companions beyond it.
    """
    possible: dict[Read, list[set[int]]] = {}
    for values in product(range(most + 1), repeat=areas):
        read = told(publishable(dict(enumerate(values))))
        known = possible.setdefault(read, [set() for _area in range(areas)])
        for area, value in enumerate(values):
            known[area].add(value)

    for (cells, total), known in possible.items():
        if (total or 0) > most - 3:
            continue
        for cell, hidden in zip(cells, known, strict=True):
            assert cell is not None or max(hidden) - min(hidden) >= SMALLEST_CELL - 1


def test_minutes_of_group_activities_reach_the_public_hours_late_and_rounded(
    app: Flask, set_clock: SetClock
) -> None:
    slot = a_slot_of_today(campaign := a_campaign(), capacity=20)
    for _turn in range(12):
        one = a_sign_up(slot, state=SeatState.COMPLETED, person_id=an_active_volunteer().person_id)
        an_attendance(one, NOON - timedelta(minutes=65), NOON)
    set_clock(NOON + timedelta(hours=1))
    assert [credit_served(), credit_served()] == [12, 0]

    def hours() -> int | None:
        return figures(campaign.id, [slot.county_id]).hours.shown

    assert not hours(), "told live, they would tell that something has just taken place"
    set_clock(NOON + timedelta(days=14))
    assert hours() == 15, "13 hours"


def test_counting_adds_up_by_day_and_county(app: Flask) -> None:
    campaign, county = a_campaign(), a_county()

    count(campaign.id, county.id, Measure.VISITS, TODAY)
    count(campaign.id, county.id, Measure.VISITS, TODAY, by=2)
    count(campaign.id, county.id, Measure.MINUTES, TODAY, by=90)

    found = db.session.scalars(select(DayCount)).all()
    assert {row.measure: row.count for row in found} == {Measure.VISITS: 3, Measure.MINUTES: 90}


def test_a_count_is_lost_with_its_deed(app: Flask) -> None:
    campaign, county = a_campaign(), a_county()

    def count_and_fail() -> None:
        with transaction():
            count(campaign.id, county.id, Measure.VISITS, TODAY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        count_and_fail()

    assert db.session.scalars(select(DayCount)).all() == []


def test_a_longer_delay_holds_and_a_shorter_one_does_not(app: Flask) -> None:
    campaign = a_campaign()
    a_count(campaign, Measure.VISITS, 50, day=TODAY - timedelta(days=13))
    a_count(campaign, Measure.PAIRINGS, 50, day=TODAY - timedelta(days=20))

    for days, shown in ((1, {Measure.PAIRINGS}), (30, set())):
        saved(
            ParameterValue(
                name="campaigns.delay_days",
                effective_from=TODAY - timedelta(days=40 - days),
                value={"value": days},
                source="试",
            )
        )
        assert set(by_county(campaign.id)) == shown


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def test_recounting_finds_nothing_to_mend(runner: FlaskCliRunner) -> None:
    assert "Every counter is right." in runner.invoke(args=["campaigns", "recount"]).output


def test_recounting_mends_what_drifted(runner: FlaskCliRunner) -> None:
    campaign = a_campaign(slug="qingnuan")
    slot = a_slot(campaign)
    for _number in range(2):
        a_sign_up(slot, state=SeatState.CONFIRMED, person_id=a_person().id, confirmed_at=NOON)
    a_sign_up(slot)
    a_count(campaign, Measure.VOLUNTEERS, 5, day=TODAY)
    a_count(campaign, Measure.VOLUNTEERS, 1, day=TODAY - timedelta(days=9))
    a_count(campaign, Measure.VISITS, 40)

    look = runner.invoke(args=["campaigns", "recount", "--dry-run"]).output
    mended = runner.invoke(args=["campaigns", "recount"]).output

    assert "2026-11-24: 5, in truth 2" in look
    assert "2 counters would be mended." in look
    assert "2026-11-15: 1, in truth 0" in mended
    assert recount() == []
    db.session.rollback()
    assert sorted(db.session.scalars(select(DayCount.count))) == [2, 40]


def test_recounting_counts_a_person_once_a_campaign(app: Flask) -> None:
    campaign = a_campaign()
    person_id = a_person().id
    for ends_on in (campaign.visits_from, campaign.visits_until):
        slot = a_slot(campaign, starts_on=ends_on, ends_on=ends_on)
        a_sign_up(slot, state=SeatState.CONFIRMED, person_id=person_id, confirmed_at=NOON)

    (drift,) = recount(mend=False)

    assert (drift.counted, drift.found) == (0, 1)
