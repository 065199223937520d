"""How runs go on: one at a time, cancelled, after a killed worker, every week once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts.rules import Actor, Role
from children.models import Child
from core import claims
from core.db import db, transaction
from core.errors import NotYours, RuleBroken
from core.fences import everything
from core.parameters import ParameterValue
from pairings.runs import services
from pairings.runs.models import MatchProposal, MatchRun
from pairings.runs.rules import BUSY, Fate, State
from pairings.runs.steps import services as steps
from pairings.runs.storing import services as storing
from places.models import Area
from tests.builders.children import a_consented_child
from tests.builders.places import a_city, a_county, a_township, a_village
from tests.builders.proposals import TODAY, somebody
from tests.builders.volunteers import a_team
from tests.conftest import NOON, SetClock
from tests.factories import saved
from tests.races import ENGINES, at_once, site_on
from volunteers.teams.models import Team


@pytest.fixture(params=ENGINES)
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on each engine."""
    with site_on(request.param, request, tmp_path) as app:
        yield app


def states() -> list[State]:
    db.session.expire_all()
    return list(db.session.scalars(select(MatchRun.state).order_by(MatchRun.id)))


def starting(area_id: int, by: Actor) -> Callable[[], object]:
    return lambda: services.start(area_id, by=by)


def test_a_county_and_its_city_are_not_matched_at_the_same_time(both: Flask) -> None:
    county, city = a_county(), a_city()
    mine, citys = somebody(Role.COORDINATOR, county.id), somebody(Role.CITY_COORDINATOR, city.id)

    refused = at_once(both, *[starting(county.id, mine), starting(city.id, citys)] * 2)

    assert sum(one is None for one in refused) == 1
    assert states() == [State.WAITING]


def test_two_counties_may_be_matched_at_the_same_time(both: Flask) -> None:
    one, two = a_county(), a_county()

    refused = at_once(
        both, *[starting(area.id, somebody(Role.COORDINATOR, area.id)) for area in (one, two)]
    )

    assert refused == [None, None]


def test_one_who_accepts_and_one_whose_run_ends_do_not_wait_for_each_other(both: Flask) -> None:
    county = a_county()
    a_consented_child(a_village(a_township(county)))
    a_team(county)
    me = somebody(Role.COORDINATOR, county.id)
    services.start(county.id, by=me)
    steps.go_on()
    proposal = db.session.scalars(select(MatchProposal.uid)).one()
    services.start(county.id, by=me)

    refused = at_once(
        both,
        lambda: services.accept(proposal, "合适", TODAY + timedelta(days=100), by=me),
        steps.go_on,
    )

    fates = list(db.session.scalars(select(MatchProposal.fate).order_by(MatchProposal.id)))
    if refused[0] is None:
        assert fates in ([Fate.ACCEPTED, Fate.OUTDATED], [Fate.ACCEPTED])
    else:
        assert fates == [Fate.EXPIRED, Fate.OPEN]


def test_a_killed_worker_is_followed_by_another(
    child: Child, team: Team, county: Area, me: Actor, set_clock: SetClock
) -> None:
    services.start(county.id, by=me)
    claims.claim(MatchRun, BUSY, state=State.RUNNING, done=0)  # and dies
    with everything():
        assert steps.go_on() == 0
        set_clock(NOON + timedelta(seconds=61))
        assert steps.go_on() == 1

    assert states() == [State.READY]


def test_a_cancelled_run_stores_nothing(
    child: Child, team: Team, county: Area, me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = services.start(county.id, by=me)
    store = storing.store

    def too_late(*given: object) -> bool:
        services.cancel(uid, by=me)
        return store(*given)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(storing, "store", too_late)
    with everything():
        steps.go_on()

    assert states() == [State.CANCELLED]
    assert db.session.scalar(select(MatchProposal.id)) is None
    with pytest.raises(RuleBroken, match="已经算完"):
        services.cancel(uid, by=me)


def test_a_run_whose_proof_does_not_hold_is_not_shown(
    child: Child, team: Team, county: Area, me: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.start(county.id, by=me)
    monkeypatch.setattr(steps, "words", lambda *_asked, **_how: iter([{"fault": "not proved"}]))
    with everything():
        steps.go_on()

    assert states() == [State.FAILED]


def test_only_whoever_coordinates_the_area_starts_and_stops_its_run(
    county: Area, me: Actor
) -> None:
    neighbour = somebody(Role.COORDINATOR, a_county().id)
    for area in (county, a_city()):
        with pytest.raises(NotYours):
            services.start(area.id, by=neighbour)
    citys = services.start(a_city().id, by=somebody(Role.CITY_COORDINATOR, a_city().id))

    with pytest.raises(RuleBroken, match="市级"):
        services.cancel(citys, by=me)


def test_a_citys_run_matches_all_counties_and_each_decides_on_its_own(
    child: Child, team: Team, me: Actor
) -> None:
    other = a_county()
    a_consented_child(a_village(a_township(other)))
    a_team(other)
    services.start(a_city().id, by=somebody(Role.CITY_COORDINATOR, a_city().id))
    with everything():
        steps.go_on()

    mine = db.session.scalars(
        select(MatchProposal.uid).where(MatchProposal.child_id == child.id)
    ).one()
    rest = db.session.scalars(
        select(MatchProposal.uid).where(MatchProposal.child_id != child.id)
    ).one()
    assert services.accept(mine, "合适", TODAY + timedelta(days=100), by=me).pairing_uid
    with pytest.raises(NotYours):
        services.accept(rest, "合适", TODAY + timedelta(days=100), by=me)


def test_a_citys_run_is_compared_with_the_last_run_over_each_county(
    child: Child, county: Area, me: Actor
) -> None:
    other, citys = a_county(), somebody(Role.CITY_COORDINATOR, a_city().id)
    a_consented_child(a_village(a_township(other)))
    a_team(other)

    def made(area: Area, by: Actor) -> MatchRun:
        uid = services.start(area.id, by=by)
        with everything():
            steps.go_on()
        return db.session.scalars(select(MatchRun).where(MatchRun.uid == uid)).one()

    made(a_city(), citys)
    team = a_team(county)
    of_county = made(county, me)

    run = made(a_city(), citys)

    sums = [run.counts[name] for name in ("served", "served_before", "kept", "new", "gone")]
    assert sums == [2, 2, 2, 0, 0]
    assert run.before_id == of_county.id
    was = select(MatchProposal.was_team_id).where(
        MatchProposal.run_id == run.id, MatchProposal.child_id == child.id
    )
    assert db.session.scalars(was).one() == team.id


def test_the_weekly_run_is_made_once_a_week_when_it_is_due(
    child: Child, team: Team, set_clock: SetClock
) -> None:
    monday = NOON - timedelta(days=1)  # 2026-11-23, at noon in China
    set_clock(monday - timedelta(hours=7))
    assert services.begin_weekly() == 0 or states() == []
    set_clock(monday)
    assert services.begin_weekly() == 1
    assert services.begin_weekly() == 0
    with transaction() as session:
        session.execute(update(MatchRun).values(state=State.FAILED))

    assert services.begin_weekly() == 0
    set_clock(monday + timedelta(days=7))
    assert services.begin_weekly() == 1
    assert db.session.scalars(select(MatchRun.week).order_by(MatchRun.id)).all() == [
        "2026-W48", "2026-W49",
    ]  # fmt: skip


def test_of_many_schedulers_one_begins_the_week(both: Flask) -> None:
    a_county()

    at_once(both, *[services.begin_weekly] * 4)

    assert states() == [State.WAITING]


def test_a_weekly_run_that_failed_is_tried_again_an_hour_later(
    child: Child, team: Team, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monday = NOON - timedelta(days=1)
    set_clock(monday)
    assert services.begin_weekly() == 1
    monkeypatch.setattr(steps, "words", lambda *_asked, **_how: iter([{"fault": "MemoryError"}]))
    with everything():
        steps.go_on()
    assert states() == [State.FAILED]
    set_clock(monday + timedelta(minutes=59))
    assert services.begin_weekly() == 0

    set_clock(monday + timedelta(minutes=61))
    assert services.begin_weekly() == 1
    monkeypatch.undo()
    with everything():
        steps.go_on()

    assert states() == [State.READY]


def test_a_bureau_that_wants_no_weekly_run_gets_none(county: Area) -> None:
    held = {"effective_from": TODAY, "value": {"value": []}, "source": "样例"}
    saved(ParameterValue(name="pairings.weekly_run", **held))

    assert services.begin_weekly() == 0
