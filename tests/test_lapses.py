"""When nobody comes in time: steps, messages, a look after the child; and the agreed rhythm."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from accounts.queries import actor_for, names
from accounts.rules import Actor, Role
from children.models import Child
from children.rules import Risk
from core.audit import AuditRow
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.turns import SomeFailed
from messages.alerts.models import Alert
from messages.alerts.rules import AlertKind
from messages.models import Message
from messages.rules import Channel
from pairings.models import Pairing
from pairings.rules import Stage
from places.days.rules import TimeKind
from places.models import Area
from tests.builders.calendars import a_school_time
from tests.builders.pairings import a_pairing
from tests.builders.people import a_member_of_staff
from tests.builders.places import a_county
from tests.builders.visits import LASTS, SATURDAY, a_visit, an_escort, members_of
from tests.conftest import NOON, AtMost, BrowseAs, SetClock
from tests.factories import saved
from tests.races import ENGINES, at_once, site_on
from visits.contracts.labels import CHECKS, STEPS
from visits.contracts.models import Contract
from visits.contracts.queries import standing
from visits.contracts.rules import Terms
from visits.contracts.services import agree
from visits.lapses.digest.services import tell
from visits.lapses.ladder.models import LapseStep
from visits.lapses.ladder.queries import listing, number
from visits.lapses.ladder.rules import Check, Step
from visits.lapses.ladder.services import climb, looked_after
from visits.models import Visit
from visits.rules import PlaceKind, State

pytestmark = pytest.mark.usefixtures("app")
DAY = timedelta(days=1)


def ready(risk: Risk = Risk.HIGH, **given: Any) -> Pairing:
    """Return a pairing with a visit on the last Saturday before now, of a child of that grade."""
    fields: dict[str, Any] = {"introduced_on": date(2026, 10, 1), "starts_on": date(2026, 10, 1)}
    pairing = a_pairing(stage=Stage.ACTIVE, **fields | given)
    with transaction() as session:
        session.execute(update(Child).where(Child.id == pairing.child_id).values(risk=risk))
    a_visit(pairing, starts_at=SATURDAY - 7 * DAY, state=State.APPROVED)
    return pairing


def coordinator_of(pairing: Pairing) -> Actor:
    return actor_for(a_member_of_staff(Role.COORDINATOR, area_id=pairing.county_id))


def said(kind: str) -> list[int | None]:
    found = select(Message.person_id).where(Message.kind == kind, Message.channel == Channel.INAPP)
    return list(db.session.scalars(found.order_by(Message.id)))


def steps() -> list[tuple[Step, date]]:
    db.session.rollback()
    found = db.session.execute(select(LapseStep.step, LapseStep.taken_on).order_by(LapseStep.id))
    return [(row.step, row.taken_on) for row in found]


def run_until(last: date, set_clock: Callable[[datetime], None]) -> None:
    day = NOON
    while day.date() <= last:
        set_clock(day)
        climb()
        climb()
        day += DAY


def test_the_grade_presets_the_rhythm_and_the_window_follows() -> None:
    for risk, due in (
        (Risk.HIGH, date(2026, 11, 28)),
        (Risk.MID_HIGH, date(2026, 12, 6)),
        (Risk.MID_LOW, date(2026, 12, 26)),
        (Risk.LOW, date(2027, 2, 20)),
    ):
        now = standing(ready(risk))
        assert (now.last, now.next.due_on) == (date(2026, 11, 21), due), risk
        assert not now.own


def test_what_is_due_heeds_the_examinations_of_the_county() -> None:
    pairing = ready()
    days = {"first_day": date(2026, 11, 27), "last_day": date(2026, 11, 28)}
    for county_id, due in (
        (a_county().id, date(2026, 11, 28)),
        (pairing.county_id, date(2026, 11, 29)),
    ):
        a_school_time(county_id, kind=TimeKind.EXAMS, **days)
        assert standing(pairing).next.due_on == due


def test_a_pairing_has_terms_of_its_own_and_may_go_back() -> None:
    pairing = ready()
    by = coordinator_of(pairing)
    terms = Terms(14, 3, frozenset({PlaceKind.STATION}), 1, 20)

    agree(pairing.uid, terms, by=by)
    assert standing(pairing).terms == terms
    assert standing(pairing).next.opens_on == date(2026, 12, 2)
    agree(pairing.uid, None, by=by)
    assert standing(pairing).terms.every == 7
    neighbour = actor_for(a_member_of_staff(Role.COORDINATOR, area_id=a_county().id))
    for somebody in (neighbour, actor_for(members_of(pairing)[0][0])):
        with pytest.raises(NotYours):
            agree(pairing.uid, terms, by=somebody)


def test_the_ladder_from_the_reminder_to_the_end(set_clock: SetClock) -> None:
    pairing = ready()
    director = an_escort(pairing)
    closes = standing(pairing).next.closes_on
    leader, other = (person_id for person_id, _volunteer_id in members_of(pairing))

    run_until(closes + 60 * DAY, set_clock)

    assert steps() == [
        (step, closes + days * DAY) for step, days in zip(Step, (0, 7, 21, 35, 49), strict=True)
    ]
    assert said("visit_lapse_remind") == [leader]
    assert {leader, other} <= set(said("visit_lapse_notice"))
    assert {leader, other} <= set(said("visit_lapse_pause")) & set(said("visit_lapse_end"))
    assert said("visit_lapse_check").count(director) == 5
    db.session.expire_all()
    assert db.session.get_one(Pairing, pairing.id).stage is Stage.ENDING


def test_a_visit_that_takes_place_ends_the_lapse_and_one_that_is_planned_keeps_the_pairing(
    set_clock: SetClock,
) -> None:
    pairing = ready()
    closes = standing(pairing).next.closes_on
    run_until(closes + 10 * DAY, set_clock)
    assert [step for step, _on in steps()] == [Step.REMIND, Step.TASK]
    far = datetime.combine(closes + 60 * DAY, SATURDAY.timetz())
    a_visit(pairing, starts_at=far)
    run_until(closes + 50 * DAY, set_clock)
    assert [step for step, _on in steps()] == [Step.REMIND, Step.TASK, Step.NOTICE]

    came = datetime.combine(closes + 50 * DAY, SATURDAY.timetz())
    a_visit(pairing, starts_at=came, state=State.APPROVED)
    assert standing(pairing).next.days_over(closes + 51 * DAY) < 0
    set_clock(came + DAY)
    assert climb() == 0


def test_a_pairing_somebody_paused_is_left_alone(set_clock: SetClock) -> None:
    pairing = ready()
    with transaction() as session:
        session.execute(update(Pairing).values(stage=Stage.PAUSED))
    run_until(date(2027, 1, 20), set_clock)
    assert steps() == []
    assert pairing.id


def test_somebody_looks_after_the_child_and_a_concern_is_told_at_once(set_clock: SetClock) -> None:
    pairing = ready()
    director = actor_for(an_escort(pairing))
    coordinator = coordinator_of(pairing)
    lead = a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=pairing.county_id)
    run_until(standing(pairing).next.closes_on + 8 * DAY, set_clock)
    assert number(director, checks=True) == 1
    assert number(coordinator, checks=False) == 1

    looked_after(pairing.uid, Check.CONCERN, by=director)

    assert number(director, checks=True) == 0
    assert number(coordinator, checks=False) == 1  # nobody has planned a visit yet
    assert said("visit_lapse_concern") == [lead]
    with pytest.raises(RuleBroken):
        looked_after(pairing.uid, Check.WELL, by=director)
    for somebody in (coordinator, actor_for(an_escort(ready()))):
        with pytest.raises(NotYours):
            looked_after(pairing.uid, Check.WELL, by=somebody)


def test_the_supervisors_week_is_told_once_in_numbers(set_clock: SetClock) -> None:
    pairing = ready()
    supervisor = a_member_of_staff(Role.CHILD_SUPERVISOR, area_id=pairing.township_id)
    a_visit(pairing, starts_at=SATURDAY)
    a_visit(pairing, starts_at=SATURDAY - 14 * DAY, state=State.RECORDED)
    tell()
    tell()

    (message,) = db.session.scalars(
        select(Message).where(
            Message.kind == "visit_digest",
            Message.person_id == supervisor,
            Message.channel == Channel.INAPP,
        )
    )
    params = {name: message.params[name] for name in ("ahead", "approve", "lapsed")}
    assert params == {"ahead": 1, "approve": 1, "lapsed": 0}
    set_clock(datetime(2026, 11, 28, 4, tzinfo=UTC))
    assert tell() == 0


def test_pages_show_the_windows_and_take_an_answer(
    browse_as: BrowseAs, set_clock: SetClock, at_most: AtMost
) -> None:
    pairing = ready()
    director, staff = an_escort(pairing), coordinator_of(pairing)
    leader = browse_as(members_of(pairing)[0][0])
    here = f"/pairings/{pairing.uid}/rhythm"
    assert here in leader.get(f"/pairings/{pairing.uid}").links()
    assert "2026年11月28日" in leader.get(here).text
    assert "2026年11月28日" in leader.get(f"/pairings/{pairing.uid}/visits/new").text
    coordinator = browse_as(staff.id or 0)
    sent = {"every": "14", "window": "3", "places": ["station"], "first": "2"}
    assert "为这个结对单独约定" in coordinator.post(f"{here}/edit", sent).text
    assert coordinator.post(f"{here}/edit", sent | {"window": "9"}, status=422).errors
    coordinator.post(f"{here}/edit", sent | {"every": "0"})

    run_until(standing(pairing).next.closes_on + 8 * DAY, set_clock)
    checker = browse_as(director)
    assert "请去看看孩子" in checker.get("/home").text
    assert here in checker.get("/visits/lapsed").links()
    assert checker.post(f"{here}/checked", {}, status=422).errors
    assert "看过了，孩子都好" in checker.post(f"{here}/checked", {"answer": "well"}).text
    assert "请去看看孩子" not in checker.get("/home").text
    coordinator = browse_as(staff.id or 0)  # signed in anew: weeks have passed
    coordinator.get("/home")
    with at_most(24):
        coordinator.get(here)
    with at_most(12):
        coordinator.get("/visits/lapsed")


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    with site_on(request.param, request, tmp_path) as app:
        yield app


def test_of_four_processes_one_takes_the_step(both: Flask, set_clock: SetClock) -> None:
    pairing = ready()
    set_clock(NOON + 20 * DAY)
    found: list[int] = []

    at_once(both, *[lambda: found.append(climb())] * 4)

    assert sum(found) == 1
    told = select(func.count(Message.id)).where(Message.kind == "visit_lapse_remind")
    assert db.session.scalar(told.where(Message.channel == Channel.INAPP)) == 1
    assert LASTS
    assert pairing.id


def test_how_the_child_was_is_not_for_volunteers_and_every_reader_is_kept(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    pairing = ready()
    director = actor_for(an_escort(pairing))
    lead = a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=pairing.county_id)
    run_until(standing(pairing).next.closes_on + DAY, set_clock)
    looked_after(pairing.uid, Check.CONCERN, by=director)
    here, answer = f"/pairings/{pairing.uid}/rhythm", str(CHECKS[Check.CONCERN])
    name = names([director.id or 0])[director.id]

    volunteer = browse_as(members_of(pairing)[1][0]).get(here)

    assert str(STEPS[Step.REMIND]) in volunteer.text
    assert answer not in volunteer.text
    assert name not in volunteer.text
    assert readers() == []
    told = [lead, coordinator_of(pairing).id or 0, director.id or 0]
    for person_id in told:
        page = browse_as(person_id).get(here)
        assert answer in page.text
        assert name in page.text
    assert readers() == told


def readers() -> list[int | None]:
    """Return who was shown more of a child than its alias, in that order."""
    db.session.rollback()
    found = select(AuditRow.actor_id).where(AuditRow.action == "child_seen")
    return list(db.session.scalars(found.order_by(AuditRow.id)))


def test_a_concern_waits_as_an_alert_where_no_lead_would_hear_of_it(
    browse_as: BrowseAs, set_clock: SetClock
) -> None:
    pairing = ready()
    director = actor_for(an_escort(pairing))
    city = a_member_of_staff(
        Role.CITY_COORDINATOR, area_id=db.session.get_one(Area, pairing.county_id).parent_id
    )
    run_until(standing(pairing).next.closes_on + DAY, set_clock)

    looked_after(pairing.uid, Check.CONCERN, by=director)

    assert said("visit_lapse_concern") == []
    alert = db.session.scalars(select(Alert)).one()
    assert (alert.kind, alert.ref) == (AlertKind.CHILD_NOT_WELL, pairing.uid)
    assert alert.area_id == pairing.county_id
    assert said("alert_raised") == [city]
    lead = browse_as(a_member_of_staff(Role.SAFEGUARDING_LEAD, area_id=pairing.county_id))
    here = f"/pairings/{pairing.uid}/rhythm"
    assert here in lead.get(f"/alerts/{alert.uid}").links()
    assert str(CHECKS[Check.CONCERN]) in lead.get(here).text


@pytest.mark.usefixtures("both")
def test_a_window_that_moves_does_not_begin_the_ladder_anew(set_clock: SetClock) -> None:
    pairing = ready()
    closes = standing(pairing).next.closes_on
    by = coordinator_of(pairing)
    run_until(closes + 36 * DAY, set_clock)
    assert [step for step, _on in steps()] == list(Step)[:4]
    db.session.expire_all()
    assert db.session.get_one(Pairing, pairing.id).stage is Stage.PAUSED

    agree(pairing.uid, Terms(8, 2, frozenset(PlaceKind), 2, 20), by=by)
    assert standing(pairing).next.closes_on != closes
    day = NOON + 50 * DAY
    while day.date() <= closes + 80 * DAY:
        set_clock(day)
        climb()
        day += DAY

    assert [step for step, _on in steps()] == list(Step)
    assert db.session.scalars(select(LapseStep.window_on).distinct()).all() == [closes]
    db.session.expire_all()
    assert db.session.get_one(Pairing, pairing.id).stage is Stage.ENDING


@pytest.mark.usefixtures("both")
def test_the_coordinator_has_the_task_until_a_visit_is_planned(set_clock: SetClock) -> None:
    pairing = ready()
    director, coordinator = actor_for(an_escort(pairing)), coordinator_of(pairing)
    closes = standing(pairing).next.closes_on
    run_until(closes + 8 * DAY, set_clock)
    looked_after(pairing.uid, Check.WELL, by=director)
    assert [number(coordinator, checks=False), number(director, checks=True)] == [1, 0]
    assert [row.uid for row in listing(coordinator, after=None).rows] == [pairing.uid]

    came = datetime.combine(closes + 10 * DAY, SATURDAY.timetz())
    visit = a_visit(pairing, starts_at=came)
    assert number(coordinator, checks=False) == 0
    set_clock(came + DAY)
    assert number(coordinator, checks=False) == 1
    with transaction() as session:
        session.execute(update(Visit).where(Visit.id == visit.id).values(state=State.APPROVED))
    assert number(coordinator, checks=False) == 0
    assert listing(coordinator, after=None).rows == []


def test_a_lapse_that_somebody_has_paused_is_no_task(set_clock: SetClock) -> None:
    pairing = ready()
    coordinator = coordinator_of(pairing)
    run_until(standing(pairing).next.closes_on + 8 * DAY, set_clock)
    with transaction() as session:
        session.execute(update(Pairing).values(stage=Stage.PAUSED))
    assert number(coordinator, checks=False) == 0


def test_one_pairing_that_cannot_be_judged_does_not_keep_the_others(set_clock: SetClock) -> None:
    broken, sound = ready(), ready()
    fields = {"every_days": 7, "window_days": 2, "first_accompanied": 2, "places": ["nowhere"]}
    saved(Contract(pairing_id=broken.id, set_by_id=coordinator_of(broken).id, **fields))
    set_clock(NOON + 20 * DAY)

    with capture_logs() as lines, pytest.raises(SomeFailed):
        climb()

    assert db.session.scalars(select(LapseStep.pairing_id)).all() == [sound.id]
    (line,) = [one for one in lines if one["event"] == "one of many failed"]
    assert (line["job"], line["of"], line["error"]) == ("lapses", broken.uid, "ValueError")
