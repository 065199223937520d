"""Visits that recur: each day judged by the same rules, planned once whoever asks."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from structlog.testing import capture_logs

from accounts.queries import actor_for
from accounts.rules import Actor, Role
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.turns import SomeFailed
from messages.models import Message
from pairings.models import Pairing
from pairings.rules import EndReason, Stage
from pairings.services import end_for_child
from places.days.rules import DayKind
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.series import FIRST, a_series, a_wish
from tests.builders.visits import SATURDAY, a_calendar_day, a_plan, an_escort, members_of
from tests.races import ENGINES, at_once, site_on
from visits import services as visit_services
from visits.models import Visit
from visits.rules import CancelReason, State
from visits.series import services
from visits.series.following import services as following
from visits.series.models import Occurrence, Series
from visits.series.queries import coming, number_refused
from visits.series.rules import HolidayPolicy, Outcome, Rhythm
from volunteers.models import Volunteer
from volunteers.rules import Status

WEEK = timedelta(days=7)
pytestmark = pytest.mark.usefixtures("app")


def ready(**given: Any) -> Pairing:
    return a_pairing(stage=Stage.ACTIVE, **given)


def leader_of(pairing: Pairing) -> Actor:
    return actor_for(members_of(pairing)[0][0])


def coordinator_of(pairing: Pairing) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))


def begin(pairing: Pairing, **given: Any) -> str:
    wish = a_wish(an_escort(pairing), **given)
    return services.begin(pairing.uid, wish, by=leader_of(pairing))


def starts(*states: State) -> list[datetime]:
    db.session.expire_all()
    found = select(Visit.starts_at).order_by(Visit.starts_at)
    return list(db.session.scalars(found.where(Visit.state.in_(states or list(State)))))


def outcomes() -> list[Outcome]:
    db.session.expire_all()
    return list(db.session.scalars(select(Occurrence.outcome).order_by(Occurrence.key)))


def test_a_series_is_planned_two_months_and_more_ahead_with_reminders() -> None:
    begin(ready())

    assert starts() == [SATURDAY + n * WEEK for n in range(11)]
    assert set(outcomes()) == {Outcome.PLANNED}
    told = db.session.scalar(select(func.count(Message.id)).where(Message.kind == "visit_t2d"))
    assert told == 11 * 3 * 2  # in the inbox and by mail


def test_expanding_again_adds_nothing_and_a_week_later_one(
    set_clock: Callable[[datetime], None],
) -> None:
    begin(ready())
    assert services.expand() == 0
    set_clock(SATURDAY + timedelta(days=4))
    assert services.expand() == 1
    assert services.expand() == 0
    assert len(starts()) == 12


def test_it_ends_with_the_pairing_and_with_the_day_somebody_says() -> None:
    begin(ready(ends_on=date(2026, 12, 20)))
    assert len(starts()) == 4
    begin(ready(), last=date(2026, 12, 6))
    assert len(starts()) == 6


def test_a_day_that_breaks_a_rule_is_listed_with_reasons_and_comes_when_it_may() -> None:
    day = a_calendar_day(date(2026, 12, 5), DayKind.MAKEUP_WORKDAY)
    pairing = ready()
    begin(pairing, policy=HolidayPolicy.KEEP)

    refused = db.session.scalars(select(Occurrence).where(Occurrence.outcome == Outcome.REFUSED))
    assert [(one.key, one.reasons) for one in refused] == [("2026-12-05T10:00", ["makeup_workday"])]
    assert number_refused(coordinator_of(pairing)) == 1
    assert number_refused(coordinator_of(ready())) == 0
    with transaction() as session:
        session.delete(session.merge(day))
    assert services.expand() == 1
    assert number_refused(coordinator_of(pairing)) == 0
    assert set(outcomes()) == {Outcome.PLANNED}


def test_who_may_not_come_any_more_is_not_planned_for() -> None:
    pairing = ready()
    uid = begin(pairing)
    with transaction() as session:
        left = Volunteer.id == members_of(pairing)[0][1]
        session.execute(update(Volunteer).where(left).values(status=Status.PAUSED))
        session.execute(update(Series).where(Series.uid == uid).values(expanded_until=None))
        session.execute(delete(Occurrence).where(Occurrence.key > "2027"))
    services.expand()

    refused = select(Occurrence.reasons).where(Occurrence.outcome == Outcome.REFUSED)
    assert any("no_woman" in one for one in db.session.scalars(refused))


def test_holidays_are_left_out_put_off_or_kept() -> None:
    a_calendar_day(date(2026, 12, 5))
    begin(ready(), last=date(2026, 12, 12))
    assert starts() == [SATURDAY, SATURDAY + 2 * WEEK]
    assert outcomes() == [Outcome.PLANNED, Outcome.SKIPPED, Outcome.PLANNED]
    before = set(starts())
    begin(ready(), first=date(2026, 12, 5), last=date(2026, 12, 5), policy=HolidayPolicy.SHIFT)
    begin(ready(), first=date(2026, 12, 5), last=date(2026, 12, 5), policy=HolidayPolicy.KEEP)
    assert set(starts()) - before == {SATURDAY + timedelta(days=8), SATURDAY + WEEK}


def test_one_day_moved_or_called_off_stays_so() -> None:
    pairing = ready()
    begin(pairing, rhythm=Rhythm.FORTNIGHTLY)
    first, second = db.session.scalars(select(Visit).order_by(Visit.starts_at).limit(2))
    by = leader_of(pairing)
    sunday = SATURDAY + timedelta(days=1)
    escort = an_escort(pairing)
    visit_services.move(first.uid, a_plan(pairing, sunday, escort_id=escort), version=1, by=by)
    visit_services.cancel(second.uid, CancelReason.CHILD, by=by)

    assert services.expand() == 0
    assert starts(State.PLANNED)[:2] == [sunday, SATURDAY + 4 * WEEK]


def test_this_and_following_begin_anew_with_another_time() -> None:
    pairing = ready()
    uid = begin(pairing)
    by = leader_of(pairing)
    third = db.session.scalars(select(Visit).order_by(Visit.starts_at).offset(2).limit(1)).one()
    sunday = FIRST + timedelta(days=15)

    new = following.move_following(third.uid, a_wish(an_escort(pairing), first=sunday), by=by)

    assert new != uid
    planned = starts(State.PLANNED)
    assert planned[:3] == [SATURDAY, SATURDAY + WEEK, SATURDAY + timedelta(days=15)]
    assert {one.weekday() for one in planned[2:]} == {6}
    off = select(Visit.cancel_reason).where(Visit.state == State.CANCELLED)
    assert set(db.session.scalars(off)) == {CancelReason.SERIES_MOVED}
    assert services.expand() == 0
    with pytest.raises(RuleBroken):
        following.move_following(third.uid, a_wish(an_escort(pairing), first=sunday), by=by)


def test_nothing_is_called_off_when_not_one_of_the_new_days_can_be_planned() -> None:
    pairing = ready()
    begin(pairing)
    by = leader_of(pairing)
    third = db.session.scalars(select(Visit).order_by(Visit.starts_at).offset(2).limit(1)).one()
    told = db.session.scalar(select(func.count(Message.id)))
    at_night = a_wish(an_escort(pairing), first=FIRST + timedelta(days=15), start=time(17, 30))

    with pytest.raises(RuleBroken, match="一天也排不上") as refusal:
        following.move_following(third.uid, at_night, by=by)

    assert any("16:30" in reason for reason in refusal.value.reasons)
    assert len(starts(State.PLANNED)) == 11
    assert db.session.scalar(select(func.count(Message.id))) == told
    assert db.session.scalars(select(Series.ended_at)).all() == [None]


def test_a_look_at_moving_leaves_no_trace_and_counts_none_of_what_is_moved() -> None:
    pairing = ready()
    begin(pairing)
    third = db.session.scalars(select(Visit).order_by(Visit.starts_at).offset(2).limit(1)).one()
    wish = a_wish(an_escort(pairing), first=FIRST + timedelta(days=15))
    before = db.session.scalar(select(func.count(Message.id)))

    found = following.look_at_move(third.uid, wish, by=leader_of(pairing))

    assert [one.starts_at for one in found] == [
        SATURDAY + timedelta(days=15) + n * WEEK for n in range(len(found))
    ]
    assert len(found) > 5
    assert not any(one.problems for one in found)
    assert len(starts(State.PLANNED)) == len(starts()) == 11
    assert db.session.scalar(select(func.count(Message.id))) == before
    assert db.session.scalars(select(Series.ended_at)).all() == [None]


@pytest.mark.parametrize("moved", [True, False])
def test_a_refused_day_before_the_change_goes_on_waiting_and_those_after_it_do_not(
    moved: bool,
) -> None:
    makeup = a_calendar_day(date(2026, 12, 5), DayKind.MAKEUP_WORKDAY)
    a_calendar_day(date(2026, 12, 19), DayKind.MAKEUP_WORKDAY)
    pairing = ready()
    uid = begin(pairing, policy=HolidayPolicy.KEEP)
    by = coordinator_of(pairing)
    # planned: 28 November, 12 and 26 December and so on
    second = db.session.scalars(select(Visit).order_by(Visit.starts_at).offset(1).limit(1)).one()

    if moved:
        wish = a_wish(an_escort(pairing), first=date(2026, 12, 13))
        following.move_following(second.uid, wish, by=by)
    else:
        following.cancel_following(second.uid, CancelReason.CHILD, by=by)

    assert number_refused(by) == 1
    waiting = select(Occurrence.key).where(Occurrence.outcome == Outcome.REFUSED)
    assert db.session.scalars(waiting).all() == ["2026-12-05T10:00"]
    with transaction() as session:
        session.delete(session.merge(makeup))
    planned = len(starts(State.PLANNED))
    assert services.expand() == 1
    assert SATURDAY + WEEK in starts(State.PLANNED)
    assert len(starts(State.PLANNED)) == planned + 1
    assert db.session.scalars(select(Series.last_on).where(Series.uid == uid)).one() == date(
        2026, 12, 11
    )


def test_a_refused_day_that_becomes_a_holiday_is_put_off_like_any_other() -> None:
    pairing = ready()
    left = Volunteer.id == members_of(pairing)[0][1]
    with transaction() as session:
        session.execute(update(Volunteer).where(left).values(status=Status.PAUSED))
    series = a_series(pairing, policy=HolidayPolicy.SHIFT, last_on=date(2026, 12, 5))
    assert services.expand() == 0
    assert outcomes() == [Outcome.REFUSED] * 2
    a_calendar_day(date(2026, 12, 5))
    with transaction() as session:
        session.execute(update(Volunteer).where(left).values(status=Status.ACTIVE))

    assert services.expand() == 2

    assert starts() == [SATURDAY, SATURDAY + timedelta(days=8)]
    assert [row.Occurrence.starts_at for row in coming(series)] == starts()


def test_this_and_following_called_off_end_the_series() -> None:
    pairing = ready()
    begin(pairing)
    third = db.session.scalars(select(Visit).order_by(Visit.starts_at).offset(2).limit(1)).one()

    assert following.cancel_following(
        third.uid, CancelReason.VOLUNTEER, by=leader_of(pairing)
    ) == len(starts()) - 2  # fmt: skip
    assert starts(State.PLANNED) == [SATURDAY, SATURDAY + WEEK]
    assert services.expand() == 0


def test_nothing_begins_before_the_first_visit_nor_in_the_past() -> None:
    with pytest.raises(RuleBroken, match="首访"):
        begin(a_pairing(stage=Stage.SCHEDULED_INTRO))
    pairing = ready()
    begin(pairing)
    visit = db.session.scalars(select(Visit).limit(1)).one()
    past = a_wish(an_escort(pairing), first=date(2026, 11, 1))
    with pytest.raises(RuleBroken, match="已经过去"):
        following.move_following(visit.uid, past, by=leader_of(pairing))


def test_a_refused_day_can_be_left_out_for_good_once() -> None:
    a_calendar_day(date(2026, 12, 5), DayKind.MAKEUP_WORKDAY)
    pairing = ready()
    uid = begin(pairing, policy=HolidayPolicy.KEEP)
    by = coordinator_of(pairing)

    services.drop(uid, "2026-12-05T10:00", by=by)

    assert number_refused(by) == 0
    assert services.expand() == 0
    for key in ("2026-12-05T10:00", "2026-12-06T10:00", ""):
        with pytest.raises(RuleBroken):
            services.drop(uid, key, by=by)


def test_neighbours_and_members_change_nothing() -> None:
    pairing = ready()
    uid = begin(pairing)
    visit = db.session.scalars(select(Visit).limit(1)).one()
    member = actor_for(members_of(pairing)[1][0])
    neighbour = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    for somebody in (member, neighbour, leader_of(ready())):
        with pytest.raises(NotYours):
            services.begin(pairing.uid, a_wish(1), by=somebody)
        with pytest.raises(NotYours):
            following.cancel_following(visit.uid, CancelReason.CHILD, by=somebody)
        with pytest.raises(NotYours):
            services.drop(uid, "2026-11-28T10:00", by=somebody)


def test_when_the_pairing_ends_so_does_its_series() -> None:
    pairing = ready()
    uid = begin(pairing)
    with transaction():
        end_for_child(pairing.child_id, EndReason.GUARDIAN_SAYS_NO, coordinator_of(pairing))
        db.session.execute(update(Series).values(expanded_until=None))
    assert services.expand() == 0
    assert db.session.scalars(select(Series.ended_at).where(Series.uid == uid)).one() is not None


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_of_four_processes_that_expand_each_day_is_planned_once(both: Flask) -> None:
    ids = [a_series(ready()).id for _turn in range(3)]
    found: list[int] = []

    at_once(both, *[lambda: found.append(services.expand())] * 4)

    assert services.expand() == 0
    assert sum(found) == len(starts()) == 33
    rows = db.session.execute(
        select(Occurrence.series_id, func.count()).group_by(Occurrence.series_id)
    )
    assert {row[0]: row[1] for row in rows} == dict.fromkeys(ids, 11)
    assert len(coming(db.session.get_one(Series, ids[0]))) == 11


def test_on_both_engines_a_look_at_moving_is_undone_and_moving_is_not(both: Flask) -> None:
    pairing = ready()
    begin(pairing)
    third = db.session.scalars(select(Visit).order_by(Visit.starts_at).offset(2).limit(1)).one()
    by, wish = leader_of(pairing), a_wish(an_escort(pairing), first=FIRST + timedelta(days=15))

    found = following.look_at_move(third.uid, wish, by=by)

    assert starts(State.CANCELLED) == []
    following.move_following(third.uid, wish, by=by)
    assert starts(State.PLANNED)[2:] == [one.starts_at for one in found]


def test_one_series_that_cannot_be_read_does_not_keep_the_others() -> None:
    broken, sound = a_series(ready(), zone="Nowhere/Nowhere"), a_series(ready())

    with capture_logs() as lines, pytest.raises(SomeFailed):
        services.expand()

    found = select(Occurrence.series_id).distinct()
    assert db.session.scalars(found).all() == [sound.id]
    (line,) = [one for one in lines if one["event"] == "one of many failed"]
    assert (line["job"], line["of"]) == ("series", broken.uid)
