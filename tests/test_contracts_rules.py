"""Windows of visits and the ladder of a lapse: the rules alone."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.conditions.rules import Conditions
from visits.contracts.rules import FARTHEST_ROLL, Every, Terms, next_window, windows
from visits.lapses.ladder.rules import Step, next_step
from visits.rules import PlaceKind

DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))
LADDER = [0, 7, 21, 35, 49]
TODAY = date(2026, 11, 24)


@st.composite
def some_terms(draw: st.DrawFn) -> Terms:
    every = draw(st.sampled_from(Every))
    window = draw(st.integers(0, 6))
    return Terms(every, window, frozenset(PlaceKind), 3, draw(st.integers(0, 50)))


def weekend(day: date) -> bool:
    return day.weekday() >= 5


@given(some_terms(), DAYS)
def test_a_window_opens_after_the_last_visit_and_closes_after_it_is_due(
    terms: Terms, last: date
) -> None:
    window = next_window(terms, last, weekend)
    agreed = last + timedelta(days=terms.every)

    assert last < window.opens_on <= agreed <= window.due_on <= window.closes_on
    assert weekend(window.due_on)
    assert (window.due_on - agreed).days <= 5
    assert window.days_over(window.closes_on) == 0
    assert window.days_over(window.closes_on + timedelta(days=3)) == 3


@given(some_terms(), DAYS, st.sets(st.integers(0, 30)))
def test_it_is_due_on_a_day_that_fits_or_as_agreed_when_none_does(
    terms: Terms, last: date, fitting: set[int]
) -> None:
    agreed = last + timedelta(days=terms.every)
    good = {agreed + timedelta(days=n) for n in fitting}

    due = next_window(terms, last, good.__contains__).due_on

    near = {day for day in good if (day - agreed).days <= FARTHEST_ROLL}
    assert due == (min(near) if near else agreed)


@given(some_terms(), DAYS)
def test_windows_to_come_follow_each_other(terms: Terms, last: date) -> None:
    found = list(islice(windows(terms, last, weekend), 5))
    for one, after in pairwise(found):
        assert one.due_on < after.opens_on
        assert (after.due_on - one.due_on).days >= terms.every


def climbed(over: range, *, skip: frozenset[int] = frozenset()) -> dict[Step, int]:
    """Return on which day each step is taken by a job that runs daily but on some days."""
    taken: dict[Step, date] = {}
    for days in over:
        for _turn in "ab":  # doubled runs
            step = next_step(days, taken, TODAY + timedelta(days=days), LADDER)
            if step and days not in skip:
                taken[step] = TODAY + timedelta(days=days)
    return {step: (on - TODAY).days for step, on in taken.items()}


def test_each_step_comes_on_its_day_once() -> None:
    assert climbed(range(-30, 200)) == dict(zip(Step, LADDER, strict=True))


def test_nothing_is_done_while_there_is_time() -> None:
    assert climbed(range(-90, 0)) == {}


@given(st.frozensets(st.integers(0, 120)), st.integers(0, 100))
def test_missed_runs_put_steps_off_and_never_press_them_together(
    skip: frozenset[int], begins: int
) -> None:
    days = list(climbed(range(begins, 400), skip=skip).values())
    assert days == sorted(days)
    assert len(days) == len(LADDER)
    for place, day in enumerate(days):
        assert day >= LADDER[place]
        assert not place or day - days[place - 1] >= LADDER[place] - LADDER[place - 1]


def test_a_shorter_ladder_has_fewer_steps() -> None:
    taken = {Step.REMIND: TODAY, Step.TASK: TODAY}
    assert next_step(400, taken, TODAY + timedelta(days=400), [0, 7]) is None


@given(st.sets(st.integers(1, 12)), st.sets(st.integers(1, 12)), st.integers(0, 12))
def test_no_child_meets_more_new_people_than_its_budget(
    met: set[int], going: set[int], most: int
) -> None:
    holds = Conditions(met=frozenset(met), most_faces=most)
    refused = set(holds.too_new(going))

    assert refused <= going - met
    allowed = going - met - refused
    assert not allowed or len(met | allowed) <= most
    assert not refused or len(met | allowed) >= most


@pytest.mark.parametrize(("done", "first", "holds"), [(0, 3, True), (2, 3, True), (3, 3, False)])
def test_the_first_visits_are_counted(done: int, first: int, *, holds: bool) -> None:
    assert Conditions(done=done, first=first).is_one_of_the_first() is holds
